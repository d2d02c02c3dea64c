//! Disclosures to customers, their agreement, and that nothing goes beyond it.

use http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use super::every_start_page::{Said, come_back, every_platform, read_only, scopes_of};
use crate::harness::command_line;
use crate::harness::{World, story};

const BUSINESS: &str = "lindqvist-snickeri";
const SETTINGS: &str = "/profile/disclosure";
const REQUIRED: &str = "connection.consent.required";

async fn set(world: &World, settings: Value) {
    world
        .client(Method::PUT, SETTINGS, Some(settings))
        .await
        .ok();
}

fn path_of(company: &str, connection: &str) -> String {
    format!("/companies/{company}/connections/{connection}")
}

/// The company's customer opens the connection's link and agrees to what is asked for now.
async fn agree(world: &World, company: &str, connection: &str) {
    let link = world.get(&path_of(company, connection)).await.ok();
    let link = link["linkUrl"].as_str().unwrap().to_owned();
    world.customer().link(&link, BUSINESS).await;
    world.settled(company).await;
}

/// Requests a pull, and returns it once it has ended.
async fn pull(world: &World, company: &str, data_type: &str) -> Value {
    let queued = world.queue_pull(company, data_type).await;
    world.settled(company).await;
    let path = format!(
        "/companies/{company}/data/history/{}",
        queued["id"].as_str().unwrap()
    );
    world.get(&path).await.ok()
}

async fn until_consent_is_required(world: &World, company: &str, connection: &str) -> Value {
    world
        .until("consent is required", || async {
            let found = world.get(&path_of(company, connection)).await.ok();
            (found["requiresReconsent"] == true).then_some(found)
        })
        .await
}

/// A disclosure without the members that are only words.
fn facts_of(told: &Value) -> Value {
    let mut facts = told.clone();
    for member in ["version", "language", "business", "scopesNote"] {
        facts.as_object_mut().unwrap().remove(member);
    }
    let mut forget = |path: &str, members: &[&str]| {
        let Some(part) = facts.pointer_mut(path) else {
            return;
        };
        let parts = match part {
            Value::Array(items) => items.iter_mut().collect(),
            one => vec![one],
        };
        for part in parts {
            for member in members {
                part.as_object_mut().unwrap().remove(*member);
            }
        }
    };
    forget("/client", &["links"]);
    forget("/client/support", &["url"]);
    forget("/purpose", &["text", "language"]);
    forget("/reads", &["group", "name"]);
    forget("/writes", &["name"]);
    forget("/person", &["name"]);
    forget("/access", &["lasts", "ends"]);
    forget("/stays/words", &["text", "language"]);
    for read in facts["reads"].as_array_mut().unwrap() {
        let history = read["history"].as_object_mut().unwrap();
        history.remove("words");
    }
    facts
}

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

story!(
    details_of_the_person_are_asked_for_by_the_link_and_reach_the_redirect_and_the_client_alone,
    |world| async move {
        let template = "https://app.harbour.example/linked?given={openId_given_name}&email={openId_email}&verified={openId_email_verified}&shoe={openId_shoe_size}&s={statusCode}";
        let profile = json!({ "name": "Harbour Lending", "redirectUrl": template });
        world
            .client(Method::PUT, "/profile", Some(profile))
            .await
            .ok();
        let company = world.company("merchant-42").await;
        read_only(&world, &company, "mqjo", &["invoices"]).await;
        let connection = world.connection(&company, "mqjo").await;
        let id = connection["id"].as_str().unwrap();
        let person = format!("{}/person", path_of(&company, id));

        // Not asked for: no scope of it, and nothing in the redirect.
        let mut customer = world.customer();
        let authorization = customer
            .set_out(connection["linkUrl"].as_str().unwrap())
            .await;
        let scopes = scopes_of(&authorization);
        assert!(
            !scopes.contains("openid") && !scopes.contains("email"),
            "{scopes:?}"
        );
        let callback = customer
            .consent(&authorization, json!({ "business": BUSINESS }))
            .await;
        let back = customer.open(&callback).await;
        assert_eq!(
            back.header("location"),
            Some("https://app.harbour.example/linked?given=&email=&verified=&shoe=&s=200")
        );
        world.get(&person).await.refused(404);

        // Asked for: said on the page first.
        let link = world.get(&path_of(&company, id)).await.ok();
        let mut link: Url = link["linkUrl"].as_str().unwrap().parse().unwrap();
        link.query_pairs_mut().append_pair("openId", "true");
        let mut customer = world.customer();
        let page = customer.open(link.as_str()).await.text();
        assert!(
            page.contains("What Harbour Lending will be told about you")
                && page.contains("your email address"),
            "{page}"
        );
        let authorization = customer.set_out(link.as_str()).await;
        assert!(
            scopes_of(&authorization).contains("email"),
            "{authorization}"
        );
        let callback = customer
            .consent(&authorization, json!({ "business": BUSINESS }))
            .await;
        let back = customer.open(&callback).await;
        let location = back.header("location").unwrap().to_owned();
        let location: Url = location.parse().unwrap();
        let value = |name: &str| {
            let found = location.query_pairs().find(|(own, _)| own == name);
            found.map(|(_, value)| value.into_owned()).unwrap()
        };
        assert_eq!(value("email"), "maya.okafor@practice.example");
        assert_eq!(
            (value("verified"), value("shoe")),
            ("true".to_owned(), String::new())
        );
        assert!(!value("given").is_empty());
        // A second load of the callback leads to the same place.
        let again = customer.open(&callback).await;
        assert_eq!(again.header("location"), Some(location.as_str()));

        let claims = world.get(&person).await.ok();
        assert_eq!(claims["email"], "maya.okafor@practice.example");
        let token = world
            .get(&format!("/companies/{company}/accessToken"))
            .await
            .ok();
        let bearer = format!("Bearer {}", token["accessToken"].as_str().unwrap());
        assert_eq!(
            world
                .authorized(&bearer, Method::GET, &person, None)
                .await
                .status,
            403
        );
        let stranger = world.other_client().await;
        world
            .with_key(&stranger, Method::GET, &person, None)
            .await
            .refused(404);
        // Sealed at rest, in the record of consents too; and in no other answer.
        let everything = world.everything().await;
        assert!(!everything.contains("maya.okafor@practice.example"));
        let consents = world
            .get(&format!("/companies/{company}/consents"))
            .await
            .ok();
        let consent = &consents["results"][0];
        assert_eq!(consent["person"]["email"], "maya.okafor@practice.example");
        let entries = consent["entries"].as_array().unwrap();
        assert_eq!(
            entries.last().unwrap()["details"]["person"],
            consent["person"]
        );
        let receipt = format!(
            "/companies/{company}/consents/{}/receipt",
            consent["id"].as_str().unwrap()
        );
        let receipt = world.get(&receipt).await.ok();
        assert_eq!(
            receipt["receipt"]["piiPrincipal"]["person"]["email"],
            "maya.okafor@practice.example"
        );
        let view = world
            .get(&format!("/companies/{company}/connectionManagement/view"))
            .await;
        assert!(!view.text().contains("maya.okafor"));
        world.settled(&company).await;
        world.disconnect(&path_of(&company, id)).await;
        world.get(&person).await.refused(404);
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
    a_clients_own_words_come_in_the_readers_language_and_silence_is_said,
    |world| async move {
        let company = world.company("merchant-42").await;
        let connection = world.connection(&company, "qhnd").await;
        let path = format!(
            "{}/disclosure",
            path_of(&company, connection["id"].as_str().unwrap())
        );
        let silent = world.get(&path).await.ok();
        assert_eq!(silent["purpose"]["stated"], false);
        let text = silent["purpose"]["text"].as_str().unwrap();
        assert!(
            text.contains("Harbour Lending hasn’t said here what it uses the data for"),
            "{text}"
        );
        assert_eq!(silent["stays"]["words"]["stated"], false);

        let settings = json!({
            "purpose": { "en": "To decide on your loan.", "de": "Um über Ihren Kredit zu entscheiden." },
            "retention": { "days": 90 },
            "privacyNoticeUrl": { "en": "https://harbour.example/privacy", "de": "https://harbour.example/datenschutz" },
            "termsUrl": "https://harbour.example/terms",
            "support": { "email": "help@harbour.example", "phone": "+44 20 7946 0018" },
            "colour": "#7a1f5c",
        });
        let kept = world
            .client(Method::PUT, SETTINGS, Some(settings.clone()))
            .await
            .ok();
        assert_eq!(
            kept["termsUrl"],
            json!({ "en": "https://harbour.example/terms" })
        );
        assert_eq!(world.get(SETTINGS).await.ok(), kept);
        let told = async |language: &str| {
            let authorization = format!("Basic {}", crate::harness::encoded(&world.key));
            let headers = [
                ("authorization", authorization.as_str()),
                ("accept-language", language),
            ];
            world
                .send(Method::GET, &path, &headers, Vec::new())
                .await
                .ok()
        };
        let german = told("de-AT, en;q=0.5").await;
        assert_eq!(
            german["purpose"]["text"],
            "Um über Ihren Kredit zu entscheiden."
        );
        assert_eq!(german["purpose"]["language"], "de");
        assert_eq!(
            german["client"]["links"]["privacyNotice"],
            "https://harbour.example/datenschutz"
        );
        assert_eq!(
            german["client"]["links"]["terms"],
            "https://harbour.example/terms"
        );
        let french = told("fr").await;
        assert_eq!(
            (&french["purpose"]["language"], &french["purpose"]["stated"]),
            (&json!("en"), &json!(true))
        );
        assert_eq!(
            french["stays"]["words"]["text"],
            "Harbour Lending conserve les données pendant 90 jours après la fin de l’accès."
        );
        // The same facts have one version, whatever the language; a reader can compute it: without the members that are only
        // words, the others in the order of their names, no white space.
        assert_eq!(german["version"], french["version"]);
        for told in [&german, &french] {
            let digest: String = Sha256::digest(facts_of(told).to_string())
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!(told["version"], json!(digest));
        }
        // Other words of the client's, in a language that this reader doesn't read, are another version all the same.
        let mut reworded = settings.clone();
        reworded["purpose"]["de"] = json!("Um über Ihren Leasingvertrag zu entscheiden.");
        world
            .client(Method::PUT, SETTINGS, Some(reworded))
            .await
            .ok();
        assert_ne!(told("fr").await["version"], french["version"]);
        world
            .client(Method::PUT, SETTINGS, Some(settings.clone()))
            .await
            .ok();

        // On the page, in its language, with the client's colour.
        let link = world
            .get(&path_of(&company, connection["id"].as_str().unwrap()))
            .await
            .ok();
        let link = link["linkUrl"].as_str().unwrap().to_owned();
        let page = world
            .send(Method::GET, &link, &[("accept-language", "de")], Vec::new())
            .await
            .text();
        assert!(
            page.contains("lang=\"de\">Um über Ihren Kredit zu entscheiden."),
            "{page}"
        );
        assert!(
            page.contains("href=\"https://harbour.example/datenschutz\"")
                && page.contains("mailto:help@harbour.example"),
            "{page}"
        );
        assert!(page.contains("/link/assets/theme.7a1f5c.css"), "{page}");
        let theme = world
            .send(
                Method::GET,
                "/link/assets/theme.7a1f5c.css",
                &[],
                Vec::new(),
            )
            .await;
        assert!(
            theme.text().contains("--accent: #7a1f5c"),
            "{}",
            theme.text()
        );
        assert_eq!(
            world
                .send(
                    Method::GET,
                    "/link/assets/theme.ffcc00.css",
                    &[],
                    Vec::new()
                )
                .await
                .status,
            404
        );

        for (wrong, words) in [
            (
                json!({ "purpose": { "english": "x" } }),
                "'english' is not a language tag",
            ),
            (
                json!({ "purpose": { "en": " " } }),
                "the text in en is empty",
            ),
            (
                json!({ "purpose": "x".repeat(601) }),
                "601 characters; at most 600",
            ),
            (json!({ "purpose": 7 }), "texts by language"),
            (
                json!({ "privacyNoticeUrl": "harbour.example" }),
                "not an address that a browser can open",
            ),
            (
                json!({ "termsUrl": "javascript:alert(1)" }),
                "not an address that a browser can open",
            ),
            (
                json!({ "support": { "email": "help" } }),
                "not an email address",
            ),
            (
                json!({ "support": { "phone": "call us" } }),
                "not a telephone number",
            ),
            (
                json!({ "retention": { "days": 36_501 } }),
                "from 0 to 36500",
            ),
            (
                json!({ "colour": "#ffcc00" }),
                "WCAG AA needs 4.5. The nearest shade that has it is #",
            ),
            (json!({ "colour": "teal" }), "such as #0f5f7d"),
            (json!({ "writes": { "none": [] } }), "Valid keys: "),
            (
                json!({ "writes": { "gbol": ["invoices"] } }),
                "can't be written to Xero",
            ),
            (json!({ "onRequest": ["receipts"] }), "receipts"),
            (json!({ "purposes": {} }), "unknown field `purposes`"),
        ] {
            let refused = world
                .client(Method::PUT, SETTINGS, Some(wrong))
                .await
                .refused(400);
            assert!(refused.contains(words), "{refused}");
        }
        assert_eq!(world.get(SETTINGS).await.ok(), kept);
        // Another client has its own.
        let stranger = world.other_client().await;
        assert_eq!(
            world
                .with_key(&stranger, Method::GET, SETTINGS, None)
                .await
                .ok(),
            json!({})
        );
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

story!(
    names_keep_their_letters_and_an_import_reports_those_that_it_changes,
    |world| async move {
        for name in ["Müller & Söhne", "Harbour Lane Café", "株式会社さくら"] {
            let company = world.company(name).await;
            let found = world.get(&format!("/companies/{company}")).await.ok();
            assert_eq!(found["name"], name);
        }
        let id = |n: u8| uuid::Uuid::from_bytes([n; 16]);
        let lines = [
            json!({ "id": id(1), "name": "Müller & Söhne" }),
            json!({ "id": id(2), "name": "Rope (Holdings) Ltd" }),
            json!({ "id": id(3), "name": "Quay <3" }),
        ];
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("companies.jsonl");
        let text: Vec<String> = lines.iter().map(Value::to_string).collect();
        std::fs::write(&file, text.join("\n")).unwrap();
        let import = |further: &[&str]| {
            let mut arguments = vec![
                "import",
                file.to_str().unwrap(),
                "--client",
                "Harbour Lending",
            ];
            arguments.extend(further);
            command_line::moorline(folder.path(), &arguments)
                .env("MOORLINE_DATABASE_URL", &world.app.config.database_url)
                .env("MOORLINE_KEY_FILE", &world.app.config.key_file)
                .output()
                .unwrap()
        };
        let dry = command_line::assert_prints(
            &import(&["--dry-run"]),
            "the name 'Rope (Holdings) Ltd' becomes 'Rope Holdings Ltd'",
        );
        assert!(
            dry.contains(
                "names that would be stored without characters that may not stand in one: 2"
            ),
            "{dry}"
        );
        command_line::assert_prints(&import(&[]), "may not stand in one: 2");
        let found = world.get(&format!("/companies/{}", id(1))).await.ok();
        assert_eq!(found["name"], "Müller & Söhne");
    }
);
