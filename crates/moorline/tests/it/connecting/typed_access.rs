//! Access that a customer types: tried before anything is Linked, sealed like tokens, and shown nowhere again.

use chrono::TimeDelta;
use http::Method;
use serde_json::{Value, json};
use url::Url;

use crate::harness::{Answer, Customer, World, story};

const WRONG: &str = "key-canary-0123456789-canary";
const LEFT: &str = "an API key is no grant of the client's: its owner deletes it";

/// A key that the owner of a business has made at the sandbox, and the grant by which it is deleted.
async fn key_of(world: &World, business: &str) -> (String, String) {
    let wanted = json!({ "product": "accounting", "business": business });
    let made = world.provider(Method::POST, "keys", Some(wanted)).await;
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("key"), text("grant"))
}

async fn delete_key(world: &World, grant: &str) {
    let path = format!("grants/{grant}/revoke");
    world.provider(Method::POST, &path, None).await;
}

/// A connection's link, by the way of typing a key.
async fn link_of(world: &World, company: &str, connection: &str) -> String {
    let path = format!("/companies/{company}/connections/{connection}");
    let link = world.get(&path).await.ok()["linkUrl"].clone();
    let mut url = Url::parse(link.as_str().unwrap()).unwrap();
    url.query_pairs_mut().append_pair("link.way", "key");
    url.into()
}

async fn fresh(world: &World) -> (String, String) {
    let company = world.company("merchant-42").await;
    let connection = world.connection(&company, "mqjo").await;
    (company, connection["id"].as_str().unwrap().to_owned())
}

/// Opens the page and sends it with this key.
async fn enter(customer: &mut Customer<'_>, link: &str, key: &str) -> Answer {
    let page = customer.open(link).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let url = Url::parse(link).unwrap();
    let mut form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let told = page.text();
    let told = told.split("name=\"link.disclosure\" value=\"").nth(1);
    let told = told.and_then(|rest| rest.split('"').next()).unwrap();
    form.push(("link.disclosure".into(), told.to_owned()));
    form.push(("step.typed.api_key".into(), key.to_owned()));
    let pairs: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let mut action = url.clone();
    action.set_query(None);
    customer.submit(action.as_str(), &pairs).await
}

/// The same, and the page at the end of the way.
async fn arrive(customer: &mut Customer<'_>, link: &str, key: &str) -> Answer {
    let answer = enter(customer, link, key).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let mut location = answer.header("location").unwrap().to_owned();
    loop {
        let page = customer.open(&location).await;
        match page.header("location") {
            Some(next) if page.status == 303 => location = next.to_owned(),
            _ => return page,
        }
    }
}

async fn linked_with(world: &World, key: &str) -> (String, String) {
    let ids = fresh(world).await;
    let link = link_of(world, &ids.0, &ids.1).await;
    let page = arrive(&mut world.customer(), &link, key).await;
    assert!(page.text().contains("now shares"), "{}", page.text());
    assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
    ids
}

async fn errors_of(world: &World, ids: &(String, String)) -> Vec<Value> {
    let path = format!("/companies/{}/connections/{}", ids.0, ids.1);
    let shown = world.get(&path).await.ok();
    let errors = shown["dataConnectionErrors"].as_array();
    errors.cloned().unwrap_or_default()
}

/// Lets time pass until no pull of the company is tried again any more.
async fn tried_to_the_end(world: &World, company: &str) {
    let path = format!("/companies/{company}/data/history?pageSize=1000");
    world
        .until("every pull was given up", || async {
            world.pass(TimeDelta::minutes(5));
            let history = world.get(&path).await.ok();
            let mut pulls = history["results"].as_array().unwrap().iter();
            pulls
                .all(|pull| pull["completed"].is_string())
                .then_some(())
        })
        .await;
}

story!(
    a_typed_key_is_tried_and_then_links_and_pulls,
    |world| async move {
        world.grants_may_differ(LEFT);
        let (key, _) = key_of(&world, "lindqvist-snickeri").await;
        let (company, connection) = linked_with(&world, &key).await;
        let statuses = world.settled(&company).await;
        assert!(!statuses.is_empty());
        let path = format!("/companies/{company}/data/invoices");
        let invoices = world.get(&path).await.ok();
        assert!(invoices["totalResults"].as_i64().unwrap() > 0);
        // The same record of consent as of a sign-in, with what was shown.
        let path = format!("/companies/{company}/consents");
        let consents = world.get(&path).await.ok();
        let consent = &consents["results"][0];
        assert_eq!(consent["state"], "given", "{consent}");
        let path = format!("/companies/{company}/connections/{connection}/disclosure");
        let told = world.get(&path).await.ok();
        assert_eq!(told["scopes"], json!([]));
        assert!(
            told["access"]["ends"][0]
                .as_str()
                .unwrap()
                .contains("erased here")
        );
    }
);

story!(
    a_key_that_the_platform_refuses_changes_nothing_and_is_on_record,
    |world| async move {
        world.grants_may_differ(LEFT);
        let ids = fresh(&world).await;
        let link = link_of(&world, &ids.0, &ids.1).await;
        let mut customer = world.customer();
        let answer = enter(&mut customer, &link, WRONG).await;
        assert_eq!(answer.status, 422);
        let page = answer.text();
        let said = page.matches("did not accept what you entered").count();
        assert_eq!(said, 1, "{page}");
        assert!(
            page.contains("Check that the whole key was copied"),
            "{page}"
        );
        assert!(page.contains("aria-describedby=\"hint.step.typed.api_key example.step.typed.api_key problem.way\""), "{page}");
        assert!(!page.contains(WRONG), "a secret is not put back");
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "PendingAuth");
        let errors = errors_of(&world, &ids).await;
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0]["statusCode"], "401");
        let message = errors[0]["errorMessage"].as_str().unwrap();
        assert!(
            message.contains("did not accept what was entered"),
            "{message}"
        );
        let failed = world.event_payloads(&ids.0, "connection.failed").await;
        assert_eq!(failed.len(), 1);
        // Another browser gets nothing by this link any more; this one goes on.
        assert_eq!(world.customer().open(&link).await.status, 410);
        let (key, _) = key_of(&world, "lindqvist-snickeri").await;
        let page = arrive(&mut customer, &link, &key).await;
        assert!(page.text().contains("now shares"), "{}", page.text());
        assert!(!errors_of(&world, &ids).await[0]["erroredOnUtc"].is_null());
    }
);

story!(
    after_a_refused_key_a_customer_may_still_sign_in,
    |world| async move {
        let ids = fresh(&world).await;
        let link = link_of(&world, &ids.0, &ids.1).await;
        let mut customer = world.customer();
        assert_eq!(enter(&mut customer, &link, WRONG).await.status, 422);
        let sign_in = link.replace("link.way=key", "link.way=sign-in");
        let arrived = customer.link(&sign_in, "lindqvist-snickeri").await;
        assert!(arrived.header("location").unwrap().contains("status=200"));
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
    }
);

story!(
    a_key_of_another_form_is_refused_before_it_is_sent,
    |world| async move {
        let ids = fresh(&world).await;
        let link = link_of(&world, &ids.0, &ids.1).await;
        let mut customer = world.customer();
        let before = world.provider(Method::GET, "calls", None).await;
        for (typed, said) in [
            ("", "Enter “API key”."),
            ("canary", "“API key” doesn’t look right."),
            ("key-0123456789 0123456789", "A key begins with key-"),
        ] {
            let answer = enter(&mut customer, &link, typed).await;
            assert_eq!(answer.status, 422);
            let page = answer.text();
            assert!(page.contains(said), "{said}: {page}");
        }
        let after = world.provider(Method::GET, "calls", None).await;
        assert_eq!(before["api"], after["api"], "nothing was sent");
        assert!(errors_of(&world, &ids).await.is_empty());
        // Nothing was spent either.
        let (key, _) = key_of(&world, "lindqvist-snickeri").await;
        world.grants_may_differ(LEFT);
        arrive(&mut world.customer(), &link, &key).await;
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
    }
);

story!(a_typed_secret_stands_nowhere_in_clear, |world| async move {
    world.grants_may_differ(LEFT);
    let (key, grant) = key_of(&world, "lindqvist-snickeri").await;
    let ids = linked_with(&world, &key).await;
    world.settled(&ids.0).await;
    let everything = world.everything().await;
    assert!(everything.contains("credential: "), "there is a credential");
    assert!(!everything.contains(&key));
    if let Some(bytes) = world.database_files() {
        let has = |needle: &str| {
            let mut windows = bytes.windows(needle.len());
            windows.any(|window| window == needle.as_bytes())
        };
        assert!(!has(&key));
        assert!(has("merchant-42"), "the search finds what is there");
    }
    for path in [
        format!("/companies/{}/connections/{}", ids.0, ids.1),
        format!("/companies/{}/connections/{}/timeline", ids.0, ids.1),
        format!("/companies/{}/grants", ids.0),
        format!("/companies/{}/consents", ids.0),
        format!("/companies/{}/data/history", ids.0),
    ] {
        assert!(!world.get(&path).await.text().contains(&key), "{path}");
    }
    // Nor once the platform refuses it.
    delete_key(&world, &grant).await;
    world.queue_pull(&ids.0, "invoices").await;
    tried_to_the_end(&world, &ids.0).await;
    assert!(!world.everything().await.contains(&key));
});

story!(
    a_key_of_another_business_is_not_taken_for_the_connections_own,
    |world| async move {
        world.grants_may_differ(LEFT);
        let (key, _) = key_of(&world, "lindqvist-snickeri").await;
        let ids = linked_with(&world, &key).await;
        let path = format!("/companies/{}/connections/{}", ids.0, ids.1);
        world.disconnect(&path).await;
        let link = link_of(&world, &ids.0, &ids.1).await;
        let mut customer = world.customer();
        let page = customer.open(&link).await.text();
        assert!(page.contains("Use the access of"), "{page}");
        let (other, _) = key_of(&world, "studio-veldhuis").await;
        let question = arrive(&mut customer, &link, &other).await;
        assert!(
            question.text().contains("a different business"),
            "{}",
            question.text()
        );
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Unlinked");
        // Its own key, in another browser by another link.
        let link = link_of(&world, &ids.0, &ids.1).await;
        let page = arrive(&mut world.customer(), &link, &key).await;
        assert!(page.text().contains("now shares"), "{}", page.text());
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
    }
);

story!(
    a_key_that_is_deleted_at_the_platform_ends_the_connection_with_its_reason,
    |world| async move {
        let (key, grant) = key_of(&world, "lindqvist-snickeri").await;
        let ids = linked_with(&world, &key).await;
        world.settled(&ids.0).await;
        delete_key(&world, &grant).await;
        world.queue_pull(&ids.0, "invoices").await;
        tried_to_the_end(&world, &ids.0).await;
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Deauthorized");
        let errors = errors_of(&world, &ids).await;
        let message = errors[0]["errorMessage"].as_str().unwrap();
        assert!(
            message.contains("no longer accepts what was entered"),
            "{message}"
        );
        assert!(!world.everything().await.contains("credential: "));
    }
);

story!(
    a_refusal_of_one_address_leaves_the_connection_as_it_is,
    |world| async move {
        world.grants_may_differ(LEFT);
        let (key, _) = key_of(&world, "lindqvist-snickeri").await;
        let ids = linked_with(&world, &key).await;
        world.settled(&ids.0).await;
        let fault = json!({
            "kind": "api_error", "status": 401, "path": "/accounting/v2/sales_documents", "until_cleared": true,
        });
        world.fault(fault).await;
        let queued = world.queue_pull(&ids.0, "invoices").await;
        tried_to_the_end(&world, &ids.0).await;
        let path = format!("/companies/{}/data/history?pageSize=1000", ids.0);
        let history = world.get(&path).await.ok();
        let mut pulls = history["results"].as_array().unwrap().iter();
        let pull = pulls.find(|pull| pull["id"] == queued["id"]).unwrap();
        assert_eq!(pull["status"], "AuthError", "{pull}");
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
    }
);

story!(
    disconnecting_erases_the_key_and_says_what_stays_at_the_platform,
    |world| async move {
        world.grants_may_differ(LEFT);
        let (key, _) = key_of(&world, "lindqvist-snickeri").await;
        let ids = linked_with(&world, &key).await;
        let path = format!("/companies/{}/connections/{}", ids.0, ids.1);
        world.disconnect(&path).await;
        let ended = world
            .until("the grant has ended", || async {
                let grants = world.get(&format!("{path}/grants")).await.ok();
                let grant = grants["results"][0].clone();
                (grant["state"] == "cannotBeGivenBack").then_some(grant)
            })
            .await;
        let words = ended.to_string();
        assert!(
            words.contains("revoke the API key of the business"),
            "{words}"
        );
        let everything = world.everything().await;
        assert!(!everything.contains("credential: ") && !everything.contains(&key));
    }
);

story!(
    a_key_that_was_typed_elsewhere_is_imported,
    |world| async move {
        world.grants_may_differ(LEFT);
        let ids = fresh(&world).await;
        let path = format!("/companies/{}/connections/{}/authorization", ids.0, ids.1);
        let put = |body: Value| world.client(Method::PUT, &path, Some(body));
        let wrong = put(json!({ "way": "kye", "api_key": WRONG })).await;
        assert!(wrong.refused(400).contains("way must be one of: key"));
        let wrong = put(json!({ "way": "key" })).await;
        assert!(wrong.refused(400).contains("api_key is required"));
        let wrong = put(json!({ "way": "key", "api_key": "canary" })).await;
        let said = wrong.refused(400);
        assert!(
            said.contains("A key begins with key-") && !said.contains("canary"),
            "{said}"
        );
        let refused = put(json!({ "way": "key", "api_key": WRONG })).await;
        assert!(!refused.status.is_success() && !refused.text().contains(WRONG));
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "PendingAuth");
        let (key, _) = key_of(&world, "lindqvist-snickeri").await;
        let linked = put(json!({ "way": "key", "api_key": key })).await.ok();
        assert_eq!(linked["status"], "Linked");
        let path = format!("/companies/{}/data/queue/invoices", ids.0);
        world.post(&path, json!({})).await;
        world.settled(&ids.0).await;
        let path = format!("/companies/{}/data/invoices", ids.0);
        let invoices = world.get(&path).await.ok();
        assert!(invoices["totalResults"].as_i64().unwrap() > 0);
    }
);
