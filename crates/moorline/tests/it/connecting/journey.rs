//! The main job: connect, sync, read, disconnect, reconnect, delete.

use http::Method;
use serde_json::json;

use crate::harness::story;

story!(
    a_customer_connects_and_the_data_can_be_read,
    |world| async move {
        let (company, connection) = world.linked("mqjo", "lindqvist-snickeri").await;
        assert_eq!(world.status_of(&company, &connection).await, "Linked");
        let history = world.settled(&company).await;
        for operation in &history {
            assert_eq!(operation["status"], "Complete", "{operation}");
        }
        assert_eq!(history.len(), 28, "every accounting data type there is");
        let invoices = world
            .get(&format!("/companies/{company}/data/invoices?pageSize=10"))
            .await
            .ok();
        assert!(
            invoices["totalResults"].as_i64().unwrap() > 10,
            "{invoices}"
        );
        let status = world
            .get(&format!("/companies/{company}/dataStatus"))
            .await
            .ok();
        assert_eq!(status["invoices"]["currentStatus"], "Complete");
    }
);

story!(
    disconnecting_keeps_the_data_and_reconnecting_keeps_the_id,
    |world| async move {
        let (company, connection) = world.synced("aiwb", "lindqvist-snickeri").await;
        let path = format!("/companies/{company}/connections/{connection}");
        let unlinked = world.disconnect(&path).await;
        assert_eq!(unlinked["status"], "Unlinked");
        let orders = format!("/companies/{company}/connections/{connection}/data/commerce-orders");
        assert!(
            world.get(&orders).await.ok()["totalResults"]
                .as_i64()
                .unwrap()
                > 0
        );
        // Withdrawn at the platform too.
        world
            .until("the grant is revoked at the platform", || async {
                let grants = world.provider(Method::GET, "grants", None).await;
                let revoked =
                    grants.as_array().or(grants["grants"].as_array()).unwrap()[0]["revoked_at"]
                        .is_string();
                revoked.then_some(())
            })
            .await;
        let again = world.get(&path).await.ok();
        world
            .customer()
            .link(again["linkUrl"].as_str().unwrap(), "lindqvist-snickeri")
            .await;
        let relinked = world.get(&path).await.ok();
        assert_eq!(
            (&relinked["status"], &relinked["id"]),
            (&json!("Linked"), &json!(connection))
        );
        world.settled(&company).await;
        assert_eq!(world.client(Method::DELETE, &path, None).await.status, 200);
        world.get(&path).await.refused(404);
        assert_eq!(
            world
                .client(Method::DELETE, &format!("/companies/{company}"), None)
                .await
                .status,
            204
        );
        world
            .get(&format!("/companies/{company}"))
            .await
            .refused(404);
    }
);

story!(
    a_second_accounting_source_is_refused_until_the_first_is_disconnected,
    |world| async move {
        let company = world.company("merchant-7").await;
        let leftover = world.connection(&company, "mqjo").await;
        let first = world.connection(&company, "mqjo").await;
        world
            .customer()
            .link(first["linkUrl"].as_str().unwrap(), "lindqvist-snickeri")
            .await;
        let path = format!("/companies/{company}/connections");
        let text = world
            .post(&path, json!({ "platformKey": "mqjo" }))
            .await
            .refused(409);
        assert!(text.contains("one accounting connection"), "{text}");
        // A leftover can't be finished either, while other kinds of sources can.
        let leftover_url = leftover["linkUrl"].as_str().unwrap();
        let page = world.customer().open(leftover_url).await;
        assert!(page.text().contains("already connected"), "{}", page.text());
        world.connection(&company, "qhnd").await;
        let one = format!("{path}/{}", first["id"].as_str().unwrap());
        world.disconnect(&one).await;
        world.connection(&company, "mqjo").await;
        world.settled(&company).await;
    }
);

story!(
    one_of_two_racing_accounting_sources_is_linked,
    |world| async move {
        for turn in 0..5 {
            let company = world.company(&format!("merchant-{turn}")).await;
            let mut callbacks = Vec::new();
            for _ in 0..2 {
                let connection = world.connection(&company, "mqjo").await;
                let mut customer = world.customer();
                let link = connection["linkUrl"].as_str().unwrap();
                let authorization = customer.set_out(link).await;
                let answer = json!({ "business": "lindqvist-snickeri" });
                let callback = customer.consent(&authorization, answer).await;
                callbacks.push((callback, customer.cookies));
            }
            let arrivals: Vec<_> = callbacks
                .into_iter()
                .map(|(callback, cookies)| {
                    let world = std::sync::Arc::clone(&world);
                    tokio::spawn(async move {
                        let mut customer = world.customer();
                        customer.cookies = cookies;
                        customer
                            .open(&callback)
                            .await
                            .header("location")
                            .unwrap()
                            .to_owned()
                    })
                })
                .collect();
            let mut ends = Vec::new();
            for arrival in arrivals {
                let location = arrival.await.unwrap();
                ends.push(location.contains("status=200"));
            }
            ends.sort();
            assert_eq!(ends, [false, true], "exactly one is linked");
            let connections = world
                .get(&format!("/companies/{company}/connections"))
                .await
                .ok();
            let of = |status: &str| {
                let all = connections["results"].as_array().unwrap();
                all.iter()
                    .filter(|connection| connection["status"] == status)
                    .count()
            };
            assert_eq!((of("Linked"), of("PendingAuth")), (1, 1), "{connections}");
            let leftover = connections.to_string();
            assert!(leftover.contains("one accounting connection"), "{leftover}");
        }
    }
);

story!(
    an_older_accounting_source_cannot_be_reconnected_beside_a_newer_one,
    |world| async move {
        let (company, older) = world.synced("mqjo", "lindqvist-snickeri").await;
        let path = format!("/companies/{company}/connections/{older}");
        let unlink = Some(json!({ "status": "Unlinked" }));
        world
            .client(Method::PATCH, &path, unlink.clone())
            .await
            .ok();
        // On its way back before the newer one is linked, and arriving after.
        let mut customer = world.customer();
        let link = world.get(&path).await.ok()["linkUrl"]
            .as_str()
            .unwrap()
            .to_owned();
        let authorization = customer.set_out(&link).await;
        let newer = world.connection(&company, "mqjo").await;
        world
            .customer()
            .link(newer["linkUrl"].as_str().unwrap(), "studio-veldhuis")
            .await;
        let answer = json!({ "business": "lindqvist-snickeri" });
        let callback = customer.consent(&authorization, answer).await;
        let location = customer
            .open(&callback)
            .await
            .header("location")
            .unwrap()
            .to_owned();
        assert!(location.contains("status=500"), "{location}");
        assert_eq!(world.status_of(&company, &older).await, "Unlinked");
        // Once the newer one is gone it may.
        let newer = format!(
            "/companies/{company}/connections/{}",
            newer["id"].as_str().unwrap()
        );
        world.client(Method::PATCH, &newer, unlink).await.ok();
        let link = world.get(&path).await.ok()["linkUrl"]
            .as_str()
            .unwrap()
            .to_owned();
        world.customer().link(&link, "lindqvist-snickeri").await;
        assert_eq!(world.status_of(&company, &older).await, "Linked");
        world.settled(&company).await;
    }
);
