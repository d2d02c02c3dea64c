//! A step that was done once is a step, not a dead end: second clicks, Back, reloads and late returns of the same browser.

use chrono::TimeDelta;
use futures_util::future::join_all;
use http::Method;
use serde_json::json;
use url::Url;

use super::hosted_pages::{new_link, overview_url, password, set_profile};
use crate::harness::{Customer, World, story};

const BUSINESS: &str = "lindqvist-snickeri";

async fn accept(customer: &mut Customer<'_>, authorization: &str) -> String {
    let business = json!({ "business": BUSINESS });
    customer.consent(authorization, business).await
}

async fn token_calls(world: &World) -> i64 {
    let calls = world.provider(Method::GET, "calls", None).await;
    calls["token"]["authorization_code"]["received"]
        .as_i64()
        .unwrap_or(0)
}

/// The number of grants that live at the platform.
async fn living_grants(world: &World) -> usize {
    let grants = world.provider(Method::GET, "grants", None).await;
    let grants = grants.as_array().unwrap().iter();
    grants.filter(|grant| grant["revoked_at"].is_null()).count()
}

async fn reasons(world: &World, company: &str, connection: &str) -> Vec<String> {
    let path = format!("/companies/{company}/connections/{connection}/timeline");
    let timeline = world.get(&path).await.ok();
    let entries = timeline["results"].as_array().unwrap().iter();
    entries
        .filter_map(|entry| entry["reason"].as_str().map(str::to_owned))
        .collect()
}

story!(
    a_spent_link_stays_spent_when_a_wrong_clock_is_right_again,
    |world| async move {
        let (_, _, link) = new_link(&world, "aiwb").await;
        let mut customer = world.customer();
        customer.set_out(link.as_str()).await;
        let chores = async || {
            platform::work::chores_once(&world.app).await.unwrap();
        };
        chores().await;
        for wrong in [
            TimeDelta::hours(25),
            TimeDelta::days(40),
            TimeDelta::days(4_000),
        ] {
            world.pass(wrong);
            // As long as it takes until the operator sees it.
            for _ in 0..20 {
                chores().await;
            }
            world.pass(-wrong);
            let page = world.customer().open(link.as_str()).await;
            assert_eq!(page.status, 410, "after {wrong}");
            let form = [("otp", &*password(&link))];
            let again = world.customer().submit(link.path(), &form).await;
            assert_eq!(again.status, 410, "after {wrong}: {}", again.text());
        }
    }
);

story!(
    a_browser_that_sets_out_twice_is_sent_to_the_platform_twice_and_then_shown_the_outcome,
    |world| async move {
        let (company, connection, link) = new_link(&world, "aiwb").await;
        let mut customer = world.customer();
        let first = customer.set_out(link.as_str()).await;
        // Back: the page is there again, with its button.
        let page = customer.open(link.as_str()).await;
        assert_eq!(page.status, 200, "{}", page.text());
        assert!(
            page.text()
                .contains("You set out for Commerce Sandbox before"),
            "{}",
            page.text()
        );
        assert_eq!(customer.set_out(link.as_str()).await, first);
        assert_eq!(world.customer().open(link.as_str()).await.status, 410);

        let callback = accept(&mut customer, &first).await;
        let linked = customer.open(&callback).await;
        let result = linked.header("location").unwrap();
        assert!(result.contains("status=200"), "{result}");
        // Back to the very beginning, in another tab, and a click there.
        let back = customer.open(link.as_str()).await;
        assert_eq!(back.status, 303, "{}", back.text());
        let shown = customer.open(back.header("location").unwrap()).await;
        let result = shown.header("location").unwrap().to_owned();
        assert!(result.contains("/result?status=200"), "{result}");
        let page = customer.open(&result).await.text();
        assert!(page.contains("Commerce Sandbox is connected"), "{page}");
        let form = [("otp", &*password(&link))];
        let again = customer.submit(link.path(), &form).await;
        assert_eq!(again.header("location"), back.header("location"));
        let path = link.path().replace("/start", "/leave");
        let left = customer.submit(&path, &form).await;
        assert_eq!(left.header("location"), back.header("location"));
        assert_eq!(world.status_of(&company, &connection).await, "Linked");
        assert_eq!(world.customer().open(link.as_str()).await.status, 410);

        world.settled(&company).await;
        assert_eq!(
            (token_calls(&world).await, living_grants(&world).await),
            (1, 1)
        );
        // An hour later there is nothing to show, but a way on.
        world.pass(TimeDelta::minutes(61));
        let late = customer.open(link.as_str()).await;
        assert_eq!(late.status, 410);
        assert!(
            late.text().contains("See your connections"),
            "{}",
            late.text()
        );
    }
);

story!(clicks_at_the_same_time_set_out_once, |world| async move {
    let (_, _, link) = new_link(&world, "aiwb").await;
    let mut customer = world.customer();
    assert_eq!(customer.open(link.as_str()).await.status, 200);
    let clicks = (0..8).map(|_| {
        let mut tab = world.customer();
        tab.cookies = customer.cookies.clone();
        let otp = password(&link);
        let path = link.path().to_owned();
        async move { tab.submit(&path, &[("otp", &*otp)]).await }
    });
    let answers = join_all(clicks).await;
    let first = answers[0].header("location").unwrap().to_owned();
    for answer in &answers {
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert_eq!(answer.header("location"), Some(first.as_str()));
    }
});

story!(
    a_customer_who_comes_back_from_the_sign_in_can_leave_and_no_grant_is_taken,
    |world| async move {
        let template = "https://app.harbour.example/linked?status={statusCode}&env={environment}";
        set_profile(&world, json!({ "redirectUrl": template })).await;
        let (company, connection, link) = new_link(&world, "qhnd").await;
        let mut customer = world.customer();
        let authorization = customer.set_out(link.as_str()).await;
        let path = link.path().replace("/start", "/leave");
        let form = [("otp", &*password(&link)), ("environment", "uat")];
        for _ in 0..2 {
            let mut left = customer.submit(&path, &form).await;
            // The second click is shown the end of the first.
            if left
                .header("location")
                .unwrap()
                .contains("/callback?state=")
            {
                left = customer.open(left.header("location").unwrap()).await;
            }
            assert_eq!(
                left.header("location"),
                Some("https://app.harbour.example/linked?status=403&env=uat")
            );
        }
        // The tab with the platform's page was still open.
        let callback = accept(&mut customer, &authorization).await;
        let late = customer.open(&callback).await;
        let location = late.header("location").unwrap();
        assert!(location.contains("status=403"), "{location}");
        assert_eq!(world.status_of(&company, &connection).await, "PendingAuth");
        assert_eq!(token_calls(&world).await, 0);
    }
);

story!(
    an_hour_too_long_at_the_platform_ends_with_a_status_a_line_and_a_button,
    |world| async move {
        let (company, connection, link) = new_link(&world, "aiwb").await;
        let mut customer = world.customer();
        let authorization = customer.set_out(link.as_str()).await;
        let callback = accept(&mut customer, &authorization).await;
        world.pass(TimeDelta::minutes(61));
        platform::work::chores_once(&world.app).await.unwrap();
        for _ in 0..2 {
            let late = customer.open(&callback).await;
            assert_eq!(late.status, 303, "{}", late.text());
            let result = late.header("location").unwrap().to_owned();
            assert!(result.contains("/result?status=500"), "{result}");
            let page = customer.open(&result).await.text();
            assert!(
                page.contains("took longer than an hour") && page.contains("Try again"),
                "{page}"
            );
            assert!(page.contains("Reference <code>"), "{page}");
        }
        let told = reasons(&world, &company, &connection).await;
        let late = |line: &&String| line.contains("took longer than an hour");
        assert_eq!(told.iter().filter(late).count(), 1, "{told:?}");
        assert_eq!(token_calls(&world).await, 0);

        // One that set out, and comes back to the link instead, sets out anew with the whole hour.
        let (company, _, link) = new_link(&world, "aiwb").await;
        let mut customer = world.customer();
        customer.set_out(link.as_str()).await;
        world.pass(TimeDelta::minutes(61));
        platform::work::chores_once(&world.app).await.unwrap();
        let linked = customer.link(link.as_str(), BUSINESS).await;
        let result = linked.header("location").unwrap();
        assert!(result.contains("status=200"), "{result}");
        world.settled(&company).await;
        assert_eq!(living_grants(&world).await, 1);
    }
);

story!(
    a_second_click_on_a_platform_makes_no_second_connection,
    |world| async move {
        let company = world.company("merchant-42").await;
        let url = overview_url(&world, &company).await;
        let mut customer = world.customer();
        assert_eq!(customer.open(url.as_str()).await.status, 200);
        let otp = password(&url);
        let form = [("link.otp", &*otp), ("platformKey", "aiwb"), ("env", "x")];
        let connect = format!("{}/connect", url.path());
        let mut led_to = Vec::new();
        for _ in 0..2 {
            let answer = customer.submit(&connect, &form).await;
            assert_eq!(answer.status, 303, "{}", answer.text());
            let start = answer.header("location").unwrap().to_owned();
            assert!(start.ends_with("&env=x"), "{start}");
            led_to.push(start.split('?').next().unwrap().to_owned());
        }
        assert_eq!(led_to[0], led_to[1]);
        assert_eq!(world.customer().submit(&connect, &form).await.status, 410);
        let connections = world
            .get(&format!("/companies/{company}/connections"))
            .await;
        assert_eq!(connections.ok()["totalResults"], 1);
        // Back, and the list is there again.
        let back = customer.open(url.as_str()).await;
        assert_eq!(back.status, 303, "{}", back.text());
        let list = customer.open(back.header("location").unwrap()).await;
        assert_eq!(list.status, 200);
        assert_eq!(world.customer().open(url.as_str()).await.status, 410);
    }
);

story!(
    leaving_the_list_twice_is_leaving_it_once,
    |world| async move {
        let company = world.company("merchant-42").await;
        let url = overview_url(&world, &company).await;
        let mut customer = world.customer();
        customer.open(url.as_str()).await;
        let name = format!("  Abacus\n Books 4 <b>{}", "x".repeat(200));
        let form = [("link.otp", &*password(&url)), ("link.wanted", &*name)];
        for path in ["not-listed", "leave", "not-listed"] {
            let answer = customer
                .submit(&format!("{}/{path}", url.path()), &form)
                .await;
            let result = answer.header("location").unwrap();
            assert!(result.contains("/result?status=501"), "{result}");
            let page = customer.open(result).await.text();
            assert!(
                page.contains("told that you use Abacus Books 4 &#60;b&#62;xxx"),
                "{page}"
            );
        }
        // The answer reaches the client once, bounded.
        let path = format!("/companies/{company}/requestedPlatforms");
        let told = world.get(&path).await.ok();
        let told = told["results"].as_array().unwrap();
        assert_eq!(told.len(), 1);
        let name = told[0]["platformName"].as_str().unwrap();
        assert!(
            name.starts_with("Abacus Books 4 <b>xxx") && name.len() == 100,
            "{name}"
        );
        assert_eq!(told[0]["requestedDate"], "2026-06-15T09:30:00Z");
    }
);

story!(
    a_business_that_is_connected_already_is_asked_about,
    |world| async move {
        let (company, first) = world.synced("qhnd", BUSINESS).await;
        let second = world.connection(&company, "qhnd").await;
        let (id, link) = (&second["id"], second["linkUrl"].as_str().unwrap());
        let id = id.as_str().unwrap();
        let mut customer = world.customer();
        let answer = customer.link(link, BUSINESS).await;
        let question = answer.header("location").unwrap().to_owned();
        let page = customer.open(&question).await.text();
        assert!(page.contains("is connected already"), "{page}");
        let (path, ticket) = question.split_once("?ticket=").unwrap();
        let leave = [("ticket", ticket), ("answer", "leave")];
        let left = customer.submit(path, &leave).await;
        assert!(left.header("location").unwrap().contains("status=201"));
        assert_eq!(world.status_of(&company, id).await, "PendingAuth");
        assert_eq!(world.status_of(&company, &first).await, "Linked");
        world
            .until("the second grant is given back", || async {
                (living_grants(&world).await == 1).then_some(())
            })
            .await;

        let connection = world
            .get(&format!("/companies/{company}/connections/{id}"))
            .await;
        let link = connection.ok()["linkUrl"].as_str().unwrap().to_owned();
        let answer = customer.link(&link, BUSINESS).await;
        let question = answer.header("location").unwrap().to_owned();
        let (path, ticket) = question.split_once("?ticket=").unwrap();
        let twice = [("ticket", ticket), ("answer", "twice")];
        let linked = customer.submit(path, &twice).await;
        let result = linked.header("location").unwrap();
        assert!(result.contains("status=200"), "{result}");
        assert_eq!(world.status_of(&company, id).await, "Linked");
        world.settled(&company).await;
        assert_eq!(living_grants(&world).await, 2);
    }
);

story!(
    not_now_on_a_link_that_was_never_authorised_is_cancelled_for_all_to_see,
    |world| async move {
        let (company, connection, link) = new_link(&world, "qhnd").await;
        let mut customer = world.customer();
        let leave = link.path().replace("/start", "/leave");
        let left = customer.submit(&leave, &[("otp", &*password(&link))]).await;
        let result = left.header("location").unwrap().to_owned();
        assert!(result.contains("/result?status=403&"), "{result}");
        let page = customer.open(&result).await.text();
        assert!(page.contains("You cancelled"), "{page}");

        let path = format!("/companies/{company}/connections/{connection}");
        let shown = world.get(&path).await.ok();
        assert_eq!(shown["status"], "PendingAuth");
        let error = &shown["dataConnectionErrors"][0];
        assert_eq!(error["statusCode"], "403");
        assert_eq!(error["statusText"], "User cancelled linking");
        assert_eq!(error["errorMessage"], "User cancelled");
        assert_eq!(error["status"], "Active");
        let timeline = world.get(&format!("{path}/timeline")).await.ok();
        let newest = &timeline["results"][0];
        assert_eq!(newest["type"], "connection.failed");
        assert_eq!(newest["actor"], "customer");
        assert_eq!(
            newest["reason"],
            "You chose not to connect Banking Sandbox."
        );

        // Connected after all, the error is over; and leaving then changes nothing.
        let link = shown["linkUrl"].as_str().unwrap();
        customer.link(link, BUSINESS).await;
        let linked = world.get(&path).await.ok();
        assert_eq!(linked["dataConnectionErrors"][0]["status"], "Resolved");
        let again: Url = linked["linkUrl"].as_str().unwrap().parse().unwrap();
        let left = customer
            .submit(&leave, &[("otp", &*password(&again))])
            .await;
        let result = left.header("location").unwrap();
        assert!(result.contains("status=201"), "{result}");
        let errors = world.get(&path).await.ok()["dataConnectionErrors"].clone();
        assert_eq!(errors.as_array().unwrap().len(), 1);
    }
);
