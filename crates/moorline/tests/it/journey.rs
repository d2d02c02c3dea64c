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
        assert_eq!(history.len(), 17);
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
        let unlinked = world
            .client(Method::PATCH, &path, Some(json!({ "status": "Unlinked" })))
            .await
            .ok();
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
        world
            .client(Method::PATCH, &one, Some(json!({ "status": "Unlinked" })))
            .await
            .ok();
        world.connection(&company, "mqjo").await;
        world.settled(&company).await;
    }
);
