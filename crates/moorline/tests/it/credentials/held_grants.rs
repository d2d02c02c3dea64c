//! Every grant that was ever held comes to a proven end, and is on record until then and afterwards.

use chrono::TimeDelta;
use egress::Secret;
use http::Method;
use platform::credentials::oauth_clients;
use platform::work::chores_once;
use serde_json::{Value, json};
use store::links::Attempt;
use store::model::ClientId;

use crate::connecting::imported_tokens::{
    import_body, pending_connection, tokens_of_another_system,
};
use crate::harness::{Node, World, story};

const BUSINESS: &str = "lindqvist-snickeri";
const OTHER: &str = "studio-veldhuis";
const ENDED: &str = "connection.grant.ended";

/// The businesses of the grants that live at the sandbox.
async fn living(world: &World) -> Vec<String> {
    let grants = world.provider(Method::GET, "grants", None).await;
    let grants = grants.as_array().unwrap().iter();
    grants
        .filter(|grant| grant["revoked_at"].is_null())
        .map(|grant| grant["business"].as_str().unwrap().to_owned())
        .collect()
}

/// Waits until these businesses' grants live at the sandbox, and no others.
async fn living_are(world: &World, expected: &[&str]) {
    let mut expected: Vec<&str> = expected.to_vec();
    expected.sort_unstable();
    world
        .until(format!("the living grants are {expected:?}"), || async {
            let mut living = living(world).await;
            living.sort();
            (living == expected).then_some(())
        })
        .await;
}

/// The grants of a connection as its client sees them, newest first.
pub async fn grants(world: &World, company: &str, connection: &str) -> Vec<Value> {
    let path = format!("/companies/{company}/connections/{connection}/grants");
    let page = world.get(&path).await.ok();
    page["results"].as_array().unwrap().clone()
}

/// Waits until the connection's grants have these states, newest first, and gives them.
pub async fn states_are(world: &World, ids: (&str, &str), expected: &[&str]) -> Vec<Value> {
    world
        .until(format!("the grants are {expected:?}"), || async {
            let grants = grants(world, ids.0, ids.1).await;
            let states: Vec<&str> = grants
                .iter()
                .map(|grant| grant["state"].as_str().unwrap())
                .collect();
            (states == expected).then_some(grants)
        })
        .await
}

/// The entries of the connection's history about grants that ended, oldest first.
pub async fn endings(world: &World, company: &str, connection: &str) -> Vec<Value> {
    let path = format!("/companies/{company}/connections/{connection}/timeline?pageSize=500");
    let page = world.get(&path).await.ok();
    let mut entries = page["results"].as_array().unwrap().clone();
    entries.retain(|entry| entry["type"] == ENDED);
    entries.reverse();
    entries
}

async fn link_again(world: &World, company: &str, connection: &str, business: &str) {
    let path = format!("/companies/{company}/connections/{connection}");
    let link = world.get(&path).await.ok()["linkUrl"].clone();
    world
        .customer()
        .link(link.as_str().unwrap(), business)
        .await;
}

async fn client_of(world: &World) -> ClientId {
    store::clients::list(&world.app.db).await.unwrap()[0].id
}

async fn set_secret(world: &World, product: &str, key: &str, secret: &str) {
    let (client, id) = (client_of(world).await, format!("moorline-{product}"));
    let secret = Secret::new(secret);
    oauth_clients::configure(&world.app, client, key, &id, Some(&secret))
        .await
        .unwrap();
}

/// True if a grant's tokens are kept.
pub async fn tokens_are_kept(world: &World, grant: &Value) -> bool {
    let id = grant["id"].as_str().unwrap().parse().unwrap();
    let held = store::held::find(&world.app.db, id).await.unwrap().unwrap();
    held.access_token.is_some() || held.refresh_token.is_some()
}

story!(
    signing_in_twice_and_disconnecting_leaves_no_grant_behind,
    |world| async move {
        let (company, connection) = world.synced("aiwb", BUSINESS).await;
        let ids = (company.as_str(), connection.as_str());
        world.pass(TimeDelta::seconds(5));
        link_again(&world, ids.0, ids.1, BUSINESS).await;
        living_are(&world, &[BUSINESS]).await;
        let held = states_are(&world, ids, &["inUse", "givenBack"]).await;
        assert_eq!(held[1]["reason"], "superseded");
        assert_eq!(held[1]["answer"], json!({ "status": 200 }));
        assert_eq!(held[1]["origin"], "authorised");
        assert!(
            held[1]["scopes"]
                .as_array()
                .unwrap()
                .contains(&json!("commerce.read"))
        );
        // The one in use is the new one, and works, once what the second link began is read.
        world.settled(ids.0).await;
        let pull = world.queue_pull(ids.0, "commerce-customers").await;
        assert!(pull["id"].is_string(), "{pull}");
        let pulls = world.settled(ids.0).await;
        assert!(pulls.iter().all(|pull| pull["status"] == "Complete"));

        let path = format!("/companies/{company}/connections/{connection}");
        world.disconnect(&path).await;
        living_are(&world, &[]).await;
        let held = states_are(&world, ids, &["givenBack", "givenBack"]).await;
        assert_eq!(held[0]["reason"], "disconnected");
        assert!(
            !tokens_are_kept(&world, &held[0]).await && !tokens_are_kept(&world, &held[1]).await
        );
        let told = endings(&world, ids.0, ids.1).await;
        let reasons: Vec<&Value> = told.iter().map(|entry| &entry["reason"]).collect();
        assert_eq!(
            reasons,
            [
                "The earlier access was given back at Commerce Sandbox.",
                "Access was given back at Commerce Sandbox."
            ]
        );
        assert_eq!(told[1]["title"], "Access given back");
        assert_eq!(told[1]["actor"], "platform");
        assert_eq!(told[1]["grantId"], held[0]["id"]);
        let payloads = world.event_payloads(ids.0, ENDED).await;
        assert_eq!(payloads[1]["grant"]["state"], "givenBack");
        assert_eq!(payloads[1]["connectionId"], connection);
    }
);

story!(
    grants_outlive_their_connection_and_company_for_their_own_client_alone,
    |world| async move {
        let (company, first) = world.synced("aiwb", BUSINESS).await;
        let second = world.connection(&company, "qhnd").await;
        let second = second["id"].as_str().unwrap().to_owned();
        link_again(&world, &company, &second, OTHER).await;
        world.settled(&company).await;
        let path = format!("/companies/{company}/connections/{first}");
        world.client(Method::DELETE, &path, None).await.ok();
        living_are(&world, &[OTHER]).await;
        let held = states_are(&world, (&company, &first), &["givenBack"]).await;
        assert_eq!(held[0]["reason"], "deleted");
        assert_eq!(endings(&world, &company, &first).await.len(), 1);

        let deleted = world
            .client(Method::DELETE, &format!("/companies/{company}"), None)
            .await;
        assert!(deleted.status.is_success());
        living_are(&world, &[]).await;
        states_are(&world, (&company, &second), &["givenBack"]).await;
        let all = format!("/companies/{company}/grants");
        let mut listed = Vec::new();
        for page in 1..=2 {
            let page = world
                .get(&format!("{all}?pageSize=1&page={page}"))
                .await
                .ok();
            assert_eq!(page["totalResults"], 2);
            listed.push(page["results"][0]["connectionId"].clone());
        }
        // Both began at the same held time.
        assert!(listed.contains(&json!(first)) && listed.contains(&json!(second)));

        let stranger = world.other_client().await;
        world
            .with_key(&stranger, Method::GET, &all, None)
            .await
            .refused(404);
        let never = store::clock::random_id();
        let path = format!("/companies/{company}/connections/{never}/grants");
        world.get(&path).await.refused(404);
        let path = format!("/companies/{company}/connections/x/grants");
        let bad = world.get(&path).await;
        assert!(bad.refused(400).contains("connectionId"));
    }
);

story!(
    a_link_that_fails_after_the_exchange_gives_its_grant_back,
    |world| async move {
        // Two ways to the company's one accounting source: the second comes too late.
        let company = world.company("merchant-42").await;
        let mut callbacks = Vec::new();
        for _ in 0..2 {
            let connection = world.connection(&company, "mqjo").await;
            let mut customer = world.customer();
            let link = connection["linkUrl"].as_str().unwrap();
            let authorization = customer.set_out(link).await;
            let business = json!({ "business": BUSINESS });
            let callback = customer.consent(&authorization, business).await;
            let id = connection["id"].as_str().unwrap().to_owned();
            callbacks.push((id, customer, callback));
        }
        for ((_, customer, callback), status) in callbacks.iter_mut().zip(["200", "500"]) {
            let answer = customer.open(callback).await;
            let result = answer.header("location").unwrap();
            assert!(result.contains(&format!("status={status}")), "{result}");
        }
        let refused = callbacks[1].0.as_str();
        let held = states_are(&world, (&company, refused), &["givenBack"]).await;
        assert_eq!(held[0]["reason"], "linkFailed");
        let told = endings(&world, &company, refused).await;
        assert_eq!(
            told[0]["reason"],
            "Access that was given and not used was given back at Sandbox."
        );
        living_are(&world, &[BUSINESS]).await;
        assert_eq!(world.status_of(&company, &callbacks[0].0).await, "Linked");
    }
);

story!(
    an_oauth_client_that_is_not_accepted_is_no_end_and_its_correction_is_taken_up_at_once,
    |world| async move {
        let (company, connection) = world.synced("aiwb", BUSINESS).await;
        let ids = (company.as_str(), connection.as_str());
        set_secret(&world, "commerce", "aiwb", "a wrong secret").await;
        let path = format!("/companies/{company}/connections/{connection}");
        world.disconnect(&path).await;
        let held = world
            .until("the refusal is on record", || async {
                let held = grants(&world, ids.0, ids.1).await;
                held[0]["answer"].is_object().then_some(held)
            })
            .await;
        assert_eq!(held[0]["state"], "beingGivenBack");
        assert_eq!(
            held[0]["answer"],
            json!({ "status": 401, "error": "invalid_client" })
        );
        assert_eq!(living(&world).await, [BUSINESS]);
        assert!(tokens_are_kept(&world, &held[0]).await);
        // Paused, and not asked again and again.
        let calls = async || {
            let calls = world.provider(Method::GET, "calls", None).await;
            calls["revoke"]["received"].as_i64().unwrap()
        };
        world.pass(TimeDelta::hours(3));
        world
            .until("it is tried again", || async {
                (calls().await == 2).then_some(())
            })
            .await;
        assert_eq!(endings(&world, ids.0, ids.1).await, Vec::<Value>::new());

        set_secret(&world, "commerce", "aiwb", "a secret of the sandbox").await;
        living_are(&world, &[]).await;
        states_are(&world, ids, &["givenBack"]).await;
        assert_eq!(calls().await, 3);
    }
);

story!(
    a_grant_waits_for_an_oauth_client_that_was_removed,
    |world| async move {
        let (company, connection) = world.synced("qhnd", BUSINESS).await;
        let ids = (company.as_str(), connection.as_str());
        let client = client_of(&world).await;
        let setting = store::integrations::get(&world.app.db, client, "qhnd").await;
        let mut setting = setting.unwrap().unwrap();
        (setting.oauth_client_id, setting.oauth_client_secret) = (None, None);
        let mut tx = world.app.db.write().await.unwrap();
        store::integrations::put(&mut tx, &setting).await.unwrap();
        tx.commit().await.unwrap();

        let path = format!("/companies/{company}/connections/{connection}");
        world.client(Method::DELETE, &path, None).await.ok();
        let held = world
            .until("the lack is on record", || async {
                let held = grants(&world, ids.0, ids.1).await;
                held[0]["answer"].is_object().then_some(held)
            })
            .await;
        assert_eq!(held[0]["state"], "beingGivenBack");
        assert_eq!(held[0]["attempts"], 0);
        let lack = held[0]["answer"]["error"].as_str().unwrap();
        assert!(lack.contains("no OAuth client"), "{lack}");
        assert!(tokens_are_kept(&world, &held[0]).await);
        set_secret(&world, "banking", "qhnd", "a secret of the sandbox").await;
        living_are(&world, &[]).await;
        states_are(&world, ids, &["givenBack"]).await;
    }
);

story!(
    a_grant_that_is_certainly_over_is_no_longer_given_back,
    |world| async move {
        let (company, connection) = world.synced("aiwb", BUSINESS).await;
        let ids = (company.as_str(), connection.as_str());
        let away = json!({ "kind": "outage", "mode": "unavailable", "path": "/oauth/revoke" });
        world.fault(away).await;
        let path = format!("/companies/{company}/connections/{connection}");
        world.disconnect(&path).await;
        world
            .until("the outage is on record", || async {
                let held = grants(&world, ids.0, ids.1).await;
                (held[0]["answer"]["status"] == 503).then_some(())
            })
            .await;
        // The manifest's sixty days of a refresh token.
        world.pass(TimeDelta::days(61));
        let held = states_are(&world, ids, &["expired"]).await;
        assert!(!tokens_are_kept(&world, &held[0]).await);
        let told = endings(&world, ids.0, ids.1).await;
        assert_eq!(told[0]["title"], "Access ended");
        assert_eq!(told[0]["actor"], "moorline");
        world.grants_may_differ(
            "the sandbox's own grants don't end with their refresh token's days",
        );
    }
);

story!(
    an_interrupted_link_is_recorded_once_by_any_number_of_nodes,
    |world| async move {
        let (company, connection) = pending_connection(&world, "aiwb").await;
        let row = store::connections::find(&world.app.db, connection.parse().unwrap());
        let row = row.await.unwrap().unwrap();
        let now = world.clock.now();
        let mut tx = world.app.db.write().await.unwrap();
        let attempt = Attempt {
            state_hash: vec![7; 32],
            client_id: row.client_id,
            company_id: row.company_id,
            connection_id: row.id,
            browser_hash: vec![8; 32],
            verifier: None,
            parameters: "{}".into(),
            disclosure: None,
            created: now,
            expires: now + TimeDelta::hours(1),
            spent: None,
            held: None,
            held_until: None,
        };
        store::links::insert_attempt(&mut tx, &attempt)
            .await
            .unwrap();
        assert!(
            store::links::spend_attempt(&mut tx, &attempt.state_hash, now)
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
        world.pass(TimeDelta::minutes(3));
        let mut nodes = Vec::new();
        if world.app.config.database_url.starts_with("postgres") {
            for _ in 0..3 {
                nodes.push(Node::on_database_of(&world).await);
            }
        }
        let apps = nodes.iter().map(|node| &node.app).chain([&world.app]);
        let all = apps.map(|app| chores_once(app));
        for chores in futures_util::future::join_all(all).await {
            chores.unwrap();
        }
        for node in nodes {
            node.stop().await;
        }
        let failed = world.event_payloads(&company, "connection.failed").await;
        assert_eq!(failed.len(), 1, "{failed:?}");
        let errors = &failed[0]["connection"]["dataConnectionErrors"];
        assert_eq!(errors.as_array().unwrap().len(), 1, "{errors}");
    }
);

async fn import(world: &World, ids: (&str, &str), body: &Value) -> Value {
    let path = format!("/companies/{}/connections/{}/authorization", ids.0, ids.1);
    world
        .client(Method::PUT, &path, Some(body.clone()))
        .await
        .ok()
}

story!(
    the_same_import_sent_again_is_the_same_import,
    |world| async move {
        let (company, connection) = pending_connection(&world, "qhnd").await;
        let ids = (company.as_str(), connection.as_str());
        let tokens = tokens_of_another_system(&world, "qhnd", "banking", BUSINESS).await;
        world.provider(Method::POST, "grants/expire", None).await;
        let mut body = import_body(&tokens);
        body["expiresIn"] = json!("0");
        assert_eq!(import(&world, ids, &body).await["status"], "Linked");
        // The first answer didn't reach the client; by now the refresh token is spent, and its successor is ours.
        for _ in 0..2 {
            assert_eq!(import(&world, ids, &body).await["status"], "Linked");
        }
        let held = states_are(&world, ids, &["inUse"]).await;
        assert_eq!(held[0]["origin"], "imported");
        world.pass(TimeDelta::minutes(31));
        let all = format!("/companies/{company}/data/all");
        world.client(Method::POST, &all, None).await.ok();
        let pulls = world.settled(&company).await;
        let complete = |pull: &Value| pull["status"] == "Complete";
        assert!(pulls.iter().all(complete), "{pulls:?}");
        assert_eq!(world.status_of(ids.0, ids.1).await, "Linked");

        // Another authorization's tokens take its place, and it is given back: those here had been renewed since.
        let other = tokens_of_another_system(&world, "qhnd", "banking", BUSINESS).await;
        import(&world, ids, &import_body(&other)).await;
        states_are(&world, ids, &["inUse", "givenBack"]).await;
        living_are(&world, &[BUSINESS]).await;
        let path = format!("/companies/{company}/connections/{connection}");
        world.disconnect(&path).await;
        living_are(&world, &[]).await;
    }
);

story!(
    tokens_renewed_elsewhere_and_imported_again_are_not_given_back_with_the_old_ones,
    |world| async move {
        let (company, connection) = pending_connection(&world, "aiwb").await;
        let ids = (company.as_str(), connection.as_str());
        let tokens = tokens_of_another_system(&world, "aiwb", "commerce", BUSINESS).await;
        import(&world, ids, &import_body(&tokens)).await;
        let renewed = renewed_elsewhere(&world, &tokens).await;
        world.pass(TimeDelta::seconds(5));
        import(&world, ids, &import_body(&renewed)).await;
        let held = world
            .until("the old tokens wait", || async {
                let held = grants(&world, ids.0, ids.1).await;
                held[1]["answer"].is_object().then_some(held)
            })
            .await;
        assert_eq!(held[1]["state"], "beingGivenBack");
        assert_eq!(held[1]["reason"], "replaced");
        living_are(&world, &[BUSINESS]).await;
        let all = format!("/companies/{company}/data/all");
        world.client(Method::POST, &all, None).await.ok();
        let pulls = world.settled(&company).await;
        assert!(
            pulls.iter().all(|pull| pull["status"] == "Complete"),
            "{pulls:?}"
        );
        // They go with the connection's end.
        let path = format!("/companies/{company}/connections/{connection}");
        world.disconnect(&path).await;
        living_are(&world, &[]).await;
        states_are(&world, ids, &["givenBack", "givenBack"]).await;
    }
);

/// The answer to a renewal by the client's former system.
async fn renewed_elsewhere(world: &World, tokens: &Value) -> Value {
    use base64::Engine;
    let body: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("grant_type", "refresh_token"),
            ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ])
        .finish();
    let client = "moorline-commerce:a+secret+of+the+sandbox";
    let basic = base64::engine::general_purpose::STANDARD.encode(client);
    let authorization = format!("Basic {basic}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let url = world.sandbox.join("/oauth/token").unwrap();
    let answer = world.send(Method::POST, url.as_str(), &headers, body.into_bytes());
    answer.await.ok()
}

story!(
    access_without_a_refresh_token_is_warned_of_and_ends_by_itself,
    |world| async move {
        let (company, connection) = pending_connection(&world, "mqjo").await;
        let ids = (company.as_str(), connection.as_str());
        let tokens = tokens_of_another_system(&world, "mqjo", "accounting", BUSINESS).await;
        let mut body = import_body(&tokens);
        body.as_object_mut().unwrap().remove("refreshToken");
        import(&world, ids, &body).await;
        let told = async |kind: &str| world.event_payloads(ids.0, kind).await;
        chores_once(&world.app).await.unwrap();
        assert!(told("connection.credential.expiring").await.is_empty());
        world.pass(TimeDelta::minutes(16));
        for _ in 0..2 {
            chores_once(&world.app).await.unwrap();
        }
        let warned = told("connection.credential.expiring").await;
        assert_eq!(warned.len(), 1, "{warned:?}");
        assert_eq!(warned[0]["expiring"], "accessToken");
        assert_eq!(warned[0]["expiryDate"], "2026-06-15T10:00:00Z");
        let path = format!("/companies/{company}/connections/{connection}/timeline");
        let newest = world.get(&path).await.ok()["results"][0].clone();
        assert_eq!(
            newest["reason"],
            "Access to Sandbox ends on 15 June 2026, 10:00 UTC: it was given without the means to renew it. Connecting again renews it."
        );
        assert_eq!(world.status_of(ids.0, ids.1).await, "Linked");
        world.pass(TimeDelta::minutes(14));
        for _ in 0..2 {
            chores_once(&world.app).await.unwrap();
        }
        assert_eq!(world.status_of(ids.0, ids.1).await, "Deauthorized");
        assert_eq!(told("connection.disconnected").await.len(), 1);
        states_are(&world, ids, &["expired"]).await;
        // A new consent isn't ended with the old one.
        link_again(&world, ids.0, ids.1, BUSINESS).await;
        chores_once(&world.app).await.unwrap();
        assert_eq!(world.status_of(ids.0, ids.1).await, "Linked");
        world
            .grants_may_differ("the refresh token of the first grant stayed with the other system");
    }
);
