//! Scopes that are requested, and fewer that are granted.

use super::*;

story!(
    write_access_is_asked_for_only_if_it_is_used,
    |world| async move {
        set(&world, json!({ "writes": { "mqjo": [] } })).await;
        let company = world.company("merchant-42").await;
        let connection = world.connection(&company, "mqjo").await;
        let (id, link) = (
            connection["id"].as_str().unwrap(),
            connection["linkUrl"].as_str().unwrap(),
        );
        let mut customer = world.customer();
        let page = customer.open(link).await.text();
        assert!(page.contains("Data is read, never changed."), "{page}");
        let authorization = customer.set_out(link).await;
        assert!(
            !scopes_of(&authorization).contains("accounting.write"),
            "{authorization}"
        );
        come_back(&world, &mut customer, "mqjo", &authorization).await;
        world.settled(&company).await;
        let push = format!("{}/push/customers", path_of(&company, id));
        let record = json!({ "customerName": "Harbour Café" });
        let refused = world.post(&push, record.clone()).await.refused(400);
        assert!(
            refused.contains("switched off in your disclosure settings"),
            "{refused}"
        );

        // Switched on, it is asked for; until then the write is refused with a sentence that names it.
        set(&world, json!({ "writes": { "mqjo": ["customers"] } })).await;
        let found = until_consent_is_required(&world, &company, id).await;
        assert_eq!(found["reconsent"]["writes"], json!(["customers"]));
        let refused = world.post(&push, record.clone()).await.refused(400);
        assert!(
            refused.contains("not told that customers is written"),
            "{refused}"
        );
        let link = world.get(&path_of(&company, id)).await.ok()["linkUrl"]
            .as_str()
            .unwrap()
            .to_owned();
        let page = world.customer().open(&link).await.text();
        assert!(
            !page.contains("never changed")
                && page.contains("What Harbour Lending will be able to change"),
            "{page}"
        );
        assert_eq!(
            Said::on(&page).writes.iter().collect::<Vec<_>>(),
            ["customers"]
        );
        agree(&world, &company, id).await;
        let queued = world.post(&push, record).await.ok();
        let operation = format!(
            "/companies/{company}/push/{}",
            queued["pushOperationKey"].as_str().unwrap()
        );
        let ended = world
            .until("the push has ended", || async {
                let now = world.get(&operation).await.ok();
                (now["status"] != "Pending").then_some(now)
            })
            .await;
        assert_eq!(ended["status"], "Success", "{ended}");
        let other = format!("{}/push/suppliers", path_of(&company, id));
        world
            .post(&other, json!({ "supplierName": "Rope Ltd" }))
            .await
            .refused(400);
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fewer_scopes_than_were_requested_are_recognised_at_once_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("moorline.db").display());
    let (world, stand) = every_platform(database, folder).await;
    let company = world.company("merchant-42").await;
    read_only(
        &world,
        &company,
        "gbol",
        &["company", "invoices", "bills", "customers"],
    )
    .await;
    let connection = world.connection(&company, "gbol").await;
    let id = connection["id"].as_str().unwrap();
    let mut customer = world.customer();
    let authorization = customer
        .set_out(connection["linkUrl"].as_str().unwrap())
        .await;
    assert_eq!(
        scopes_of(&authorization).into_iter().collect::<Vec<_>>(),
        [
            "accounting.contacts.read",
            "accounting.invoices.read",
            "accounting.settings.read",
            "offline_access"
        ]
    );
    let granted = "accounting.settings.read accounting.contacts.read";
    *stand.grants.lock().unwrap() = Some(granted.to_owned());
    come_back(&world, &mut customer, "gbol", &authorization).await;
    let found = world.get(&path_of(&company, id)).await.ok();
    assert_eq!(
        (&found["status"], &found["requiresReconsent"]),
        (&json!("Linked"), &json!(true))
    );
    assert_eq!(
        found["reconsent"]["dataTypes"],
        json!(["invoices", "bills"])
    );
    assert_eq!(
        found["reconsent"]["scopes"],
        json!(["accounting.invoices.read"])
    );
    let error = found["dataConnectionErrors"][0]["errorMessage"]
        .as_str()
        .unwrap();
    assert!(
        error.contains(
            "Xero did not allow everything that was asked for: reading invoices and bills."
        ) && error.contains("accounting.invoices.read"),
        "{error}"
    );
    let events = world.event_payloads(&company, REQUIRED).await;
    assert_eq!(events.len(), 1);
    assert_eq!(
        events[0]["missing"]["dataTypes"],
        json!(["invoices", "bills"])
    );
    // They are not tried: the refusal names the scope.
    let pulls = world.settled(&company).await;
    for pull in &pulls {
        let lacking = ["invoices", "bills"]
            .iter()
            .any(|own| pull["dataType"] == *own);
        assert_eq!(pull["status"] == "PermissionsError", lacking, "{pull}");
        if lacking {
            let message = pull["errorMessage"].as_str().unwrap();
            assert!(
                message.contains("lacks the scope accounting.invoices.read"),
                "{message}"
            );
        }
    }
    // RFC 6749 § 5.1: no scope in the answer means that all were granted.
    *stand.grants.lock().unwrap() = None;
    let link = found["linkUrl"].as_str().unwrap().to_owned();
    let mut customer = world.customer();
    let authorization = customer.set_out(&link).await;
    come_back(&world, &mut customer, "gbol", &authorization).await;
    let found = world.get(&path_of(&company, id)).await.ok();
    assert_eq!(found.get("requiresReconsent"), None, "{found}");
    assert_eq!(found["dataConnectionErrors"][0]["status"], "Resolved");
    world.settled(&company).await;
    world.end().await;
}
