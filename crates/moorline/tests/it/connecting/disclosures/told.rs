//! What a customer is told before giving access, and who else may read it.

use super::*;

story!(
    an_invoices_only_company_is_told_of_invoices_and_nothing_else_is_read,
    |world| async move {
        let company = world.company("merchant-42").await;
        read_only(&world, &company, "mqjo", &["invoices"]).await;
        let connection = world.connection(&company, "mqjo").await;
        let id = connection["id"].as_str().unwrap();
        let page = world
            .customer()
            .open(connection["linkUrl"].as_str().unwrap())
            .await
            .text();
        let said = Said::on(&page);
        assert_eq!(said.reads.iter().collect::<Vec<_>>(), ["invoices"]);
        assert!(
            !page.contains("bank transactions") && !page.contains("journals"),
            "{page}"
        );
        world
            .customer()
            .link(connection["linkUrl"].as_str().unwrap(), BUSINESS)
            .await;
        let pulls = world.settled(&company).await;
        assert_eq!(pulls.len(), 1);
        let connection_path = path_of(&company, id);
        let view = format!("/companies/{company}/connectionManagement/view");
        let shown = world.get(&view).await.ok();
        assert_eq!(shown["connections"][0]["dataTypes"], json!(["invoices"]));

        // Requested all the same: the platform isn't asked.
        let bills = pull(&world, &company, "bills").await;
        assert_eq!(bills["status"], "PermissionsError", "{bills}");
        let message = bills["errorMessage"].as_str().unwrap();
        assert!(message.contains("not told that bills is read"), "{message}");
        let calls = world.provider(Method::GET, "calls", None).await;
        let calls = calls["recent"].as_array().unwrap();
        let is_bills = |call: &&Value| call["path"] == "/accounting/v2/purchase_documents";
        assert_eq!(calls.iter().find(is_bills), None);
        assert_eq!(world.event_payloads(&company, REQUIRED).await.len(), 0);

        // Settings that call for more ask for the customer, and say so once.
        read_only(&world, &company, "mqjo", &["invoices", "bills"]).await;
        let found = until_consent_is_required(&world, &company, id).await;
        assert_eq!(found["status"], "Linked");
        assert_eq!(found["reconsent"]["dataTypes"], json!(["bills"]));
        assert_eq!(
            world.get(&view).await.ok()["connections"][0]["requiresReconsent"],
            true
        );
        read_only(&world, &company, "mqjo", &["invoices", "bills"]).await;
        let all = format!("/companies/{company}/data/all");
        world.client(Method::POST, &all, None).await;
        let pulls = world.settled(&company).await;
        let of_bills = pulls.iter().filter(|pull| pull["dataType"] == "bills");
        assert!(
            of_bills
                .clone()
                .all(|pull| pull["status"] == "PermissionsError")
        );
        world
            .until("the queue is empty", || async {
                store::jobs::depth(&world.app.db)
                    .await
                    .unwrap()
                    .waiting
                    .eq(&0)
                    .then_some(())
            })
            .await;
        let events = world.event_payloads(&company, REQUIRED).await;
        assert_eq!(events.len(), 1, "{events:?}");
        assert_eq!(events[0]["missing"]["dataTypes"], json!(["bills"]));
        let timeline = world.get(&format!("{connection_path}/timeline")).await.ok();
        let entries = timeline["results"].as_array().unwrap().iter();
        let asked = entries.filter(|entry| entry["title"] == "More is asked for");
        let reasons: Vec<_> = asked
            .map(|entry| entry["reason"].as_str().unwrap())
            .collect();
        assert_eq!(
            reasons,
            ["Harbour Lending asks for more than was agreed to: reading bills."]
        );

        agree(&world, &company, id).await;
        let found = world.get(&connection_path).await.ok();
        assert_eq!(found.get("requiresReconsent"), None, "{found}");
        assert_eq!(pull(&world, &company, "bills").await["status"], "Complete");
    }
);

story!(
    products_and_requests_that_the_client_names_are_told_too,
    |world| async move {
        let company = world.company("merchant-42").await;
        read_only(&world, &company, "qhnd", &["banking-accounts"]).await;
        set(&world, json!({ "onRequest": ["banking-accountBalances"] })).await;
        let product = format!("/companies/{company}/products/banking");
        let connection = world.connection(&company, "qhnd").await;
        let id = connection["id"].as_str().unwrap();
        let disclosure = format!("{}/disclosure", path_of(&company, id));
        let told = world.get(&disclosure).await.ok();
        let said = Said::by(&told);
        assert_eq!(
            said.reads.iter().collect::<Vec<_>>(),
            ["banking-accountBalances", "banking-accounts"]
        );
        let balances = told["reads"].as_array().unwrap().iter();
        let mut balances = balances.filter(|read| read["dataType"] == "banking-accountBalances");
        let balances = balances.next().unwrap();
        assert_eq!(
            (&balances["atOnce"], &balances["onRequest"]),
            (&json!(false), &json!(true))
        );
        world
            .customer()
            .link(connection["linkUrl"].as_str().unwrap(), BUSINESS)
            .await;
        world.settled(&company).await;
        assert_eq!(
            pull(&world, &company, "banking-accountBalances").await["status"],
            "Complete"
        );
        world.client(Method::PUT, &product, None).await.ok();
        let found = until_consent_is_required(&world, &company, id).await;
        assert_eq!(
            found["reconsent"]["dataTypes"],
            json!(["banking-transactionCategories", "banking-transactions"])
        );
        // Taken back, nothing is missing any more.
        world.client(Method::DELETE, &product, None).await.ok();
        world
            .until("nothing is missing", || async {
                let found = world.get(&path_of(&company, id)).await.ok();
                found.get("requiresReconsent").is_none().then_some(())
            })
            .await;
    }
);

story!(
    a_wider_window_and_further_fields_wait_for_the_next_consent,
    |world| async move {
        let company = world.company("merchant-42").await;
        let settings = async |window: Option<u32>| {
            let mut setting = json!({
                "dataType": "invoices", "fetchOnFirstLink": true, "syncSchedule": 0, "syncOrder": 0,
            });
            if let Some(months) = window {
                setting["syncFromWindow"] = json!(months);
            }
            let body =
                json!({ "companyId": company, "settings": [setting], "overridesDefaults": true });
            world
                .post(&format!("/companies/{company}/syncSettings"), body)
                .await
                .ok();
        };
        settings(Some(1)).await;
        let connection = world.connection(&company, "mqjo").await;
        let id = connection["id"].as_str().unwrap();
        let page = world
            .customer()
            .open(connection["linkUrl"].as_str().unwrap())
            .await
            .text();
        assert!(
            page.contains("<dt>the last month</dt><dd>invoices</dd>"),
            "{page}"
        );
        world
            .customer()
            .link(connection["linkUrl"].as_str().unwrap(), BUSINESS)
            .await;
        world.settled(&company).await;
        let count = async || {
            let path = format!("/companies/{company}/data/invoices?pageSize=5000");
            world.get(&path).await.ok()["totalResults"]
                .as_i64()
                .unwrap()
        };
        let narrow = count().await;
        settings(None).await;
        let config = json!({ "supplementalDataConfig": { "extra": { "dataSource": "/contacts", "pullData": { "terms": "terms_days" } } } });
        let path = "/integrations/mqjo/dataTypes/customers/supplementalDataConfig";
        world.client(Method::PUT, path, Some(config)).await.ok();
        let found = world
            .until("both are missing", || async {
                let found = world.get(&path_of(&company, id)).await.ok();
                (found["reconsent"]["further"] == json!(["customers/extra"])
                    && found["reconsent"]["history"] == json!(["invoices"]))
                .then_some(found)
            })
            .await;
        assert_eq!(found["reconsent"]["history"], json!(["invoices"]));
        assert_eq!(found["reconsent"]["further"], json!(["customers/extra"]));
        pull(&world, &company, "invoices").await;
        pull(&world, &company, "customers").await;
        assert_eq!(count().await, narrow, "as far back as was told");
        let customers = world
            .get(&format!("/companies/{company}/data/customers"))
            .await
            .ok();
        assert!(
            customers["results"][0].get("supplementalData").is_none(),
            "{customers}"
        );
        agree(&world, &company, id).await;
        assert!(count().await > narrow);
        let customers = world
            .get(&format!("/companies/{company}/data/customers"))
            .await
            .ok();
        assert!(
            customers["results"][0]["supplementalData"]["content"]["extra"]["terms"].is_number()
        );
    }
);

story!(
    what_changed_while_the_page_was_open_is_shown_before_it_is_agreed_to,
    |world| async move {
        let company = world.company("merchant-42").await;
        let connection = world.connection(&company, "aiwb").await;
        let link: Url = connection["linkUrl"].as_str().unwrap().parse().unwrap();
        let otp = link
            .query_pairs()
            .find(|(name, _)| name == "otp")
            .unwrap()
            .1
            .into_owned();
        let mut customer = world.customer();
        let before = Said::on(&customer.open(link.as_str()).await.text()).version;
        set(&world, json!({ "purpose": "To sell it on." })).await;
        let form = [("otp", otp.as_str()), ("link.disclosure", before.as_str())];
        let stopped = customer.submit(link.path(), &form).await;
        assert_eq!(stopped.status, 422, "{}", stopped.text());
        let page = stopped.text();
        assert!(
            page.contains("has changed since you opened this page")
                && page.contains("To sell it on."),
            "{page}"
        );
        let now = Said::on(&page).version;
        assert_ne!(now, before);
        // Nothing was spent, and what is read now can be agreed to.
        let form = [("otp", otp.as_str()), ("link.disclosure", now.as_str())];
        assert_eq!(customer.submit(link.path(), &form).await.status, 303);
    }
);

story!(
    a_companys_own_people_read_the_disclosure_and_nobody_else,
    |world| async move {
        let company = world.company("merchant-42").await;
        let connection = world.connection(&company, "mqjo").await;
        let path = format!(
            "{}/disclosure",
            path_of(&company, connection["id"].as_str().unwrap())
        );
        let token = world
            .get(&format!("/companies/{company}/accessToken"))
            .await
            .ok();
        let bearer = format!("Bearer {}", token["accessToken"].as_str().unwrap());
        let own = world
            .authorized(&bearer, Method::GET, &path, None)
            .await
            .ok();
        assert_eq!(own, world.get(&path).await.ok());
        let other = world.company("merchant-43").await;
        let foreign = path.replace(&company, &other);
        world.get(&foreign).await.refused(404);
        world
            .get(&format!("{path}?openId=maybe"))
            .await
            .refused(400);
        let stranger = world.other_client().await;
        world
            .with_key(&stranger, Method::GET, &path, None)
            .await
            .refused(404);
    }
);
