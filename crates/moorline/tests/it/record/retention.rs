//! Records that are kept for their days, to the day, and then erased.

use chrono::TimeDelta;
use http::Method;
use platform::consents::verify::verify;
use platform::work;
use serde_json::{Value, json};

use crate::harness::{World, story};

const BUSINESS: &str = "lindqvist-snickeri";

async fn keep(world: &World, days: Value) {
    world
        .client(Method::PUT, "/profile/retention", Some(days))
        .await
        .ok();
}

/// The entries of the record whose details are there.
async fn entries(world: &World, kind: &str) -> usize {
    let listed = world
        .get(&format!("/audit?pageSize=1000&kind={kind}"))
        .await
        .ok();
    let results = listed["results"].as_array().unwrap();
    results
        .iter()
        .filter(|entry| entry["details"].is_object())
        .count()
}

story!(
    records_are_erased_on_their_day_and_those_in_force_never,
    |world| async move {
        let shown = world.get("/profile/retention").await.ok();
        assert_eq!(
            shown,
            json!({ "recordDays": 2190, "eventDays": null, "dataDays": null, "pageDays": null })
        );
        let (ended, connection) = world.linked("mqjo", BUSINESS).await;
        let (lasting, _) = world.linked("mqjo", BUSINESS).await;
        keep(&world, json!({ "recordDays": 30 })).await;
        // Ends ten days after it was given.
        world.pass(TimeDelta::days(10));
        world
            .disconnect(&format!("/companies/{ended}/connections/{connection}"))
            .await;

        // 2026-07-25: thirty whole days after the 25th of June.
        world.pass(TimeDelta::days(30));
        work::chores_once(&world.app).await.unwrap();
        assert_eq!(entries(&world, "consent.revoked").await, 1, "its last day");
        assert_eq!(entries(&world, "consent.given").await, 2);
        assert_eq!(
            entries(&world, "key.created").await,
            0,
            "an act of the first day"
        );
        // 2026-07-26, at the first minute.
        world.pass(TimeDelta::minutes(14 * 60 + 30));
        work::chores_once(&world.app).await.unwrap();
        assert_eq!(entries(&world, "consent.revoked").await, 0);
        assert_eq!(
            entries(&world, "consent.given").await,
            1,
            "the one in force"
        );

        let listed = async |company: &str| {
            let path = format!("/companies/{company}/consents");
            world.get(&path).await.ok()["results"][0].clone()
        };
        let gone = listed(&ended).await;
        assert_eq!(gone["state"], "revoked", "that there was one stays");
        assert!(
            gone["disclosure"].is_null() && gone["business"].is_null(),
            "{gone}"
        );
        let id = gone["id"].as_str().unwrap();
        let told = world
            .get(&format!("/companies/{ended}/consents/{id}/receipt"))
            .await
            .refused(404);
        assert!(told.contains("was erased"), "{told}");
        world.pass(TimeDelta::days(1000));
        work::chores_once(&world.app).await.unwrap();
        let stays = listed(&lasting).await;
        assert!(stays["disclosure"].is_object(), "{stays}");
        // The chain is whole: an entry tells what was erased.
        let report = verify(&world.app, world.first_client().await, None).await;
        assert!(report.unwrap().faults.is_empty());
        assert!(entries(&world, "record.erased").await > 0);
        world.grants_may_differ("the sandbox's grants outlive the days that the clock was set on");
    }
);

story!(events_are_deleted_on_their_day, |world| async move {
    let company = world.company("merchant-42").await;
    keep(&world, json!({ "recordDays": null, "eventDays": 5 })).await;
    world.pass(TimeDelta::days(5));
    work::chores_once(&world.app).await.unwrap();
    assert_eq!(
        world
            .event_payloads(&company, "company.created")
            .await
            .len(),
        1
    );
    world.pass(TimeDelta::days(1));
    work::chores_once(&world.app).await.unwrap();
    assert_eq!(
        world
            .event_payloads(&company, "company.created")
            .await
            .len(),
        0
    );
    assert!(entries(&world, "client.created").await > 0, "kept for good");

    for body in [
        json!({ "recordDays": 0 }),
        json!({ "eventDays": 36501 }),
        json!({ "eventDays": "soon" }),
    ] {
        world
            .client(Method::PUT, "/profile/retention", Some(body))
            .await
            .refused(400);
    }
    let still = world.get("/profile/retention").await.ok();
    assert_eq!(
        still,
        json!({ "recordDays": null, "eventDays": 5, "dataDays": null, "pageDays": null })
    );
});

story!(
    pulled_data_is_deleted_on_its_day_and_told_of_before,
    |world| async move {
        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        let path = format!("/companies/{company}/connections/{connection}");
        let invoices = format!("/companies/{company}/data/invoices");
        keep(&world, json!({ "recordDays": null, "dataDays": 30 })).await;
        world.disconnect(&path).await;
        let told = async || {
            world
                .event_payloads(&company, "connection.data.expiring")
                .await
        };
        let pass = async |days: i64| {
            world.pass(TimeDelta::days(days));
            work::chores_once(&world.app).await.unwrap();
        };
        // 2026-07-08: a day too early to tell.
        pass(23).await;
        assert!(told().await.is_empty());
        pass(1).await;
        pass(1).await;
        let expiring = told().await;
        assert_eq!(expiring.len(), 1, "told once");
        assert_eq!(expiring[0]["expiryDate"], "2026-07-16T00:00:00Z");
        // 2026-07-15: its last day.
        pass(5).await;
        world.get(&invoices).await.ok();
        assert!(!world.record_rows(&connection).await.is_empty());
        pass(1).await;
        world.get(&invoices).await.refused(409);
        assert!(world.record_rows(&connection).await.is_empty());
        let deleted = world
            .event_payloads(&company, "connection.data.deleted")
            .await;
        assert_eq!(deleted.len(), 1);
        assert_eq!(entries(&world, "data.deleted").await, 1);

        // Given again, everything is read again.
        let found = world.get(&path).await.ok();
        world
            .customer()
            .link(found["linkUrl"].as_str().unwrap(), BUSINESS)
            .await;
        world.settled(&company).await;
        assert!(!world.record_rows(&connection).await.is_empty());
        pass(60).await;
        assert!(!world.record_rows(&connection).await.is_empty(), "in use");
        world.grants_may_differ("the sandbox's grants outlive the days that the clock was set on");
    }
);

story!(
    a_shorter_setting_deletes_nothing_that_was_not_told_of,
    |world| async move {
        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        let path = format!("/companies/{company}/connections/{connection}");
        world.disconnect(&path).await;
        world.pass(TimeDelta::days(100));
        keep(&world, json!({ "recordDays": null, "dataDays": 10 })).await;
        work::chores_once(&world.app).await.unwrap();
        let told = world
            .event_payloads(&company, "connection.data.expiring")
            .await;
        assert_eq!(told[0]["expiryDate"], "2026-09-30T00:00:00Z");
        world.pass(TimeDelta::days(6));
        work::chores_once(&world.app).await.unwrap();
        assert!(!world.record_rows(&connection).await.is_empty());
        world.pass(TimeDelta::days(1));
        work::chores_once(&world.app).await.unwrap();
        assert!(world.record_rows(&connection).await.is_empty());
    }
);
