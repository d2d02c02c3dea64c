//! The times at which a computer is asked: a pause, and hours of the customer's own day.

use chrono::TimeDelta;
use http::Method;
use serde_json::{Value, json};

use super::{Begun, agree, linked};
use crate::harness::computer::{Books, End};
use crate::harness::{World, story};

/// Sets the times with the token that the component carries.
async fn set(world: &World, path: &str, times: Value) -> crate::harness::Answer {
    let company = path.split('/').nth(2).unwrap();
    let token = world
        .get(&format!(
            "/companies/{company}/connectionManagement/accessToken"
        ))
        .await
        .ok();
    let bearer = format!("Bearer {}", token["accessToken"].as_str().unwrap());
    let path = format!("{path}/machine");
    world
        .authorized(&bearer, Method::PUT, &path, Some(times))
        .await
}

story!(
    a_customer_pauses_the_reading_for_a_day_and_lets_it_go_on,
    |world| async move {
        let (begun, mut computer) = linked(&world, Books::of("Dune Coffee", 450)).await;
        let heard = world.get(&format!("{}/machine", begun.path())).await.ok();
        assert_eq!(heard["program"], "QuickBooks Web Connector");
        assert_eq!(heard["lastHeardFrom"], "2026-06-15T09:30:00Z");
        assert_eq!(
            (&heard["pausedUntil"], &heard["hours"]),
            (&Value::Null, &Value::Null)
        );

        world.queue_pull(&begun.company, "invoices").await;
        computer.authenticate().await;
        assert_eq!(computer.go_on(4).await, None);
        let a_day = json!({ "pausedUntil": "2026-06-16T09:30:00Z", "hours": null });
        let paused = set(&world, &begun.path(), a_day).await.ok();
        assert_eq!(paused["pausedUntil"], "2026-06-16T09:30:00Z");
        // The call that was under way ends, and its user reads why.
        assert_eq!(computer.next().await, "");
        let words = computer.last_error().await;
        assert_eq!(words, "Nothing is read before 16 June 2026, 09:30 UTC.");
        let (instruction, wait) = computer.authenticate().await;
        assert_eq!((instruction.as_str(), wait), ("none", Some(86_400)));
        // What was heard of it stays true meanwhile.
        world.pass(TimeDelta::hours(23));
        assert_eq!(computer.update().await, End::Nothing);
        let heard = world.get(&format!("{}/machine", begun.path())).await.ok();
        assert_eq!(heard["lastHeardFrom"], "2026-06-16T08:30:00Z");
        let timeline = world.get(&format!("{}/timeline", begun.path())).await.ok();
        let entry = &timeline["results"][0];
        assert_eq!(
            (&entry["type"], &entry["actor"]),
            (&json!("connection.times.changed"), &json!("customer"))
        );
        assert_eq!(
            entry["reason"],
            "Nothing is read before 16 June 2026, 09:30 UTC."
        );

        set(&world, &begun.path(), json!({})).await.ok();
        assert_eq!(computer.update().await, End::Finished);
        world.settled(&begun.company).await;
        let path = format!("/companies/{}/data/invoices", begun.company);
        assert_eq!(world.get(&path).await.ok()["totalResults"], 450);
        // One that has run out is over by itself.
        let until = json!({ "pausedUntil": "2026-06-16T10:30:00Z" });
        set(&world, &begun.path(), until).await.ok();
        world.queue_pull(&begun.company, "invoices").await;
        assert_eq!(computer.update().await, End::Nothing);
        world.pass(TimeDelta::hours(2));
        assert_eq!(computer.update().await, End::Finished);
    }
);

story!(
    a_computer_is_asked_in_the_hours_of_its_customers_day,
    |world| async move {
        // 09:30 UTC on a Monday in June: 02:30 in Los Angeles.
        let (begun, mut computer) = linked(&world, Books::of("Dune Coffee", 3)).await;
        let hours = json!({ "hours": { "timeZone": "America/Los_Angeles", "from": "19:00", "to": "07:00", "wholeWeekends": true } });
        set(&world, &begun.path(), hours).await.ok();
        let mut is_queued = false;
        let mut reads = async |after: i64| {
            world.pass(TimeDelta::hours(after));
            if !is_queued {
                world.queue_pull(&begun.company, "invoices").await;
            }
            let (instruction, wait) = computer.authenticate().await;
            is_queued = instruction == "none";
            if is_queued {
                return wait;
            }
            assert_eq!(computer.go_on(usize::MAX).await, Some(End::Finished));
            world.settled(&begun.company).await;
            None
        };
        assert_eq!(reads(0).await, None);
        // 07:30 there: until 19:00.
        assert_eq!(reads(5).await, Some(11 * 3600 + 1800));
        assert_eq!(reads(12).await, None);
        // Saturday, 10:30 there.
        assert_eq!(reads(4 * 24 + 15).await, None);
        // A customer who connects it again has come to do so, whatever the hour: Monday, 10:30.
        assert_eq!(reads(48).await, Some(8 * 3600 + 1800));
        let connection = world.get(&begun.path()).await.ok();
        let link = connection["linkUrl"].as_str().unwrap().to_owned();
        let page = agree(&mut world.customer(), &link).await;
        let again = Begun {
            page,
            company: begun.company.clone(),
            connection: begun.connection.clone(),
        };
        let mut next = again.computer(&world, Books::of("Dune Coffee", 3));
        assert_eq!(next.update().await, End::Finished);
    }
);

story!(
    a_call_that_lasts_beyond_the_hours_goes_on_in_the_next_ones,
    |world| async move {
        let (begun, mut computer) = linked(&world, Books::of("Dune Coffee", 450)).await;
        // 04:30 in Chicago.
        let hours = json!({ "hours": { "timeZone": "America/Chicago", "from": "19:00", "to": "04:40", "wholeWeekends": false } });
        set(&world, &begun.path(), hours).await.ok();
        world.queue_pull(&begun.company, "invoices").await;
        computer.authenticate().await;
        assert_eq!(computer.go_on(4).await, None);
        world.pass(TimeDelta::minutes(11));
        let Some(End::Broken(words)) = computer.go_on(1).await else {
            panic!("it goes on")
        };
        assert_eq!(words, "It is read from 19:00 to 04:40 (America/Chicago).");
        world.pass(TimeDelta::hours(15));
        assert_eq!(computer.update().await, End::Finished);
        world.settled(&begun.company).await;
        let path = format!("/companies/{}/data/invoices", begun.company);
        assert_eq!(world.get(&path).await.ok()["totalResults"], 450);
    }
);

story!(
    times_that_cannot_be_kept_to_are_refused_by_name,
    |world| async move {
        let (begun, _) = linked(&world, Books::of("Dune Coffee", 3)).await;
        let hours = |zone: &str, from: &str, to: &str| json!({ "hours": { "timeZone": zone, "from": from, "to": to, "wholeWeekends": false } });
        for (times, named) in [
            (
                json!({ "pausedUntil": "2026-06-15T09:00:00Z" }),
                "pausedUntil",
            ),
            (json!({ "pausedUntil": "2027-06-15T09:00:00Z" }), "31 days"),
            (hours("Mars/Olympus", "19:00", "07:00"), "Mars/Olympus"),
            (hours("Europe/Berlin", "7 pm", "07:00"), "7 pm"),
            (hours("Europe/Berlin", "07:00", "07:00"), "as long as"),
            (json!({ "pauseUntil": null }), "body"),
            (
                json!({ "pausedUntil": "tomorrow" }),
                "pausedUntil is `tomorrow`",
            ),
        ] {
            let refused = set(&world, &begun.path(), times).await.refused(400);
            assert!(refused.contains(named), "{refused}");
        }
        // Nothing calls for another platform's connection, and nothing is to be paused of one that has ended.
        let other = world.company("merchant-43").await;
        let connection = world.connection(&other, "mqjo").await;
        let path = format!(
            "/companies/{other}/connections/{}",
            connection["id"].as_str().unwrap()
        );
        set(&world, &path, json!({})).await.refused(404);
        world.get(&format!("{path}/machine")).await.refused(404);
        world.disconnect(&begun.path()).await;
        set(&world, &begun.path(), json!({})).await.refused(409);
    }
);
