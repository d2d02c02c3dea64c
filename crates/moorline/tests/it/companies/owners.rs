//! The owner's own door: a business sees what it shares, stops it, and asks about its data, without its lender's pages.

use chrono::TimeDelta;
use http::Method;
use serde_json::json;
use url::Url;

use crate::harness::{Customer, World, story};

const BUSINESS: &str = "lindqvist-snickeri";

/// The path and the one-time password of a fresh link.
async fn sharing_link(world: &World, company: &str) -> (String, String) {
    let link = world
        .get(&format!("/companies/{company}/sharing"))
        .await
        .ok();
    let url: Url = link["sharingUrl"].as_str().unwrap().parse().unwrap();
    let otp = url.query_pairs().next().unwrap().1.into_owned();
    (url.path().to_owned(), otp)
}

/// A browser that has opened the door.
async fn opened<'a>(world: &'a World, path: &str, otp: &str) -> Customer<'a> {
    let mut owner = world.customer();
    let door = owner.open(&format!("{path}?otp={otp}")).await;
    assert_eq!(door.status, 200, "{}", door.text());
    assert!(!door.text().contains("Sandbox"), "{}", door.text());
    let inside = owner.submit(path, &[("otp", otp)]).await;
    assert_eq!(inside.status, 303, "{}", inside.text());
    owner
}

async fn page(owner: &mut Customer<'_>, path: &str, otp: &str) -> String {
    let page = owner.open(&format!("{path}?otp={otp}")).await;
    assert_eq!(page.status, 200, "{}", page.text());
    page.text()
}

story!(
    an_owner_sees_what_is_shared_and_disconnects_it,
    |world| async move {
        let (company, connection) = world.synced("aiwb", BUSINESS).await;
        let (path, otp) = sharing_link(&world, &company).await;
        let mut owner = opened(&world, &path, &otp).await;
        let shown = page(&mut owner, &path, &otp).await;
        for words in [
            "Commerce Sandbox",
            "First connected on 15 June 2026",
            "Last read on 15 June 2026",
            "Harbour Lending",
            // As on the start page: the data types that were agreed to, and the purpose.
            "<data value=\"commerce-orders\">",
            "What is read",
        ] {
            assert!(shown.contains(words), "{words} isn't in {shown}");
        }
        // The link is this browser's now, and no other's.
        let stranger = world.customer().open(&format!("{path}?otp={otp}")).await;
        assert_eq!(stranger.status, 410);
        let disconnect = format!("{path}/disconnect");
        let form = [("otp", &*otp), ("connectionId", &*connection)];
        assert_eq!(
            world.customer().submit(&disconnect, &form).await.status,
            410
        );

        let question = owner.submit(&disconnect, &form).await.text();
        assert!(
            question.contains("Disconnect Commerce Sandbox?"),
            "{question}"
        );
        assert_eq!(world.status_of(&company, &connection).await, "Linked");
        let confirmed = [form[0], form[1], ("confirmed", "yes")];
        for _ in 0..2 {
            let done = owner.submit(&disconnect, &confirmed).await;
            assert_eq!(done.status, 303, "{}", done.text());
        }
        assert_eq!(world.status_of(&company, &connection).await, "Unlinked");
        let shown = page(&mut owner, &path, &otp).await;
        assert!(shown.contains("no new data is read"), "{shown}");
        assert!(!shown.contains("What is read"), "{shown}");
        let events = world
            .event_payloads(&company, "connection.disconnected")
            .await;
        assert_eq!(events.len(), 1, "{events:?}");
        world
            .until("the grant is given back", || async {
                let grants = world.provider(Method::GET, "grants", None).await;
                (!grants[0]["revoked_at"].is_null()).then_some(())
            })
            .await;
        world.pass(TimeDelta::days(1));
        let late = owner.open(&format!("{path}?otp={otp}")).await;
        assert_eq!(late.status, 410);
    }
);

story!(
    an_owner_asks_for_a_copy_and_for_deletion_and_is_shown_the_answers,
    |world| async move {
        let company = world.company("merchant-42").await;
        let (path, otp) = sharing_link(&world, &company).await;
        let mut owner = opened(&world, &path, &otp).await;
        let shown = page(&mut owner, &path, &otp).await;
        assert!(
            shown.contains("Nothing is shared with Harbour Lending"),
            "{shown}"
        );
        let requests = format!("{path}/requests");
        let copy = [("otp", &*otp), ("kind", "Copy")];
        for _ in 0..2 {
            assert_eq!(owner.submit(&requests, &copy).await.status, 303);
        }
        let deletion = [("otp", &*otp), ("kind", "Deletion")];
        let question = owner.submit(&requests, &deletion).await.text();
        assert!(
            question.contains("Ask for your data’s deletion?"),
            "{question}"
        );
        let confirmed = [deletion[0], deletion[1], ("confirmed", "yes")];
        assert_eq!(owner.submit(&requests, &confirmed).await.status, 303);
        let odd = [("otp", &*otp), ("kind", "Everything")];
        assert_eq!(owner.submit(&requests, &odd).await.status, 422);

        let list = world.get("/dataRequests?query=status%3DOpen").await.ok();
        assert_eq!(list["totalResults"], 2, "{list}");
        let of_kind = |kind: &str| {
            let mut all = list["results"].as_array().unwrap().iter();
            all.find(|request| request["kind"] == kind).unwrap()
        };
        let (first, second) = (of_kind("Copy"), of_kind("Deletion"));
        assert_eq!(first["companyName"], "merchant-42");
        assert_eq!(first["dueDate"], "2026-07-15T09:30:00Z", "{first}");
        let events = world
            .event_payloads(&company, "company.dataRequest.created")
            .await;
        assert_eq!(events.len(), 2, "{events:?}");

        let of = |request: &serde_json::Value| {
            format!("/dataRequests/{}", request["id"].as_str().unwrap())
        };
        let answer =
            async |request, body| world.client(Method::PATCH, &of(request), Some(body)).await;
        answer(first, json!({ "status": "Open" }))
            .await
            .refused(400);
        answer(first, json!({ "status": "Refused" }))
            .await
            .refused(400);
        let sent = json!({ "status": "Completed", "note": "It is in your mail." });
        let done = answer(first, sent.clone()).await.ok();
        assert_eq!(done["status"], "Completed");
        answer(first, sent).await.refused(409);
        let kept = json!({ "status": "Refused", "note": "The law has us keep it." });
        answer(second, kept).await.ok();
        let shown = page(&mut owner, &path, &otp).await;
        for words in [
            "It is in your mail.",
            "The law has us keep it.",
            "Refused on",
            "Done on",
        ] {
            assert!(shown.contains(words), "{words} isn't in {shown}");
        }
        // The requests outlive the company.
        let path = format!("/companies/{company}");
        world.client(Method::DELETE, &path, None).await;
        let list = world.get("/dataRequests").await.ok();
        assert_eq!(list["totalResults"], 2, "{list}");
        let key = world.other_client().await;
        let others = world
            .with_key(&key, Method::GET, "/dataRequests", None)
            .await;
        assert_eq!(others.ok()["totalResults"], 0);
    }
);
