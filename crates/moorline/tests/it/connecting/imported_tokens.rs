//! Tokens that another system obtained, imported so that customers need not consent again.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use crate::harness::{Answer, World, story};

const BUSINESS: &str = "lindqvist-snickeri";
const OTHER: &str = "studio-veldhuis";

/// The token response that another system of the client received for a business, with the same OAuth client.
pub async fn tokens_of_another_system(
    world: &World,
    key: &str,
    product: &str,
    business: &str,
) -> Value {
    let verifier = "a-verifier-of-the-former-system-that-is-long-enough";
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    let redirect_uri = platform::access::links::redirect_uri(&world.app, key);
    let client = format!("moorline-{product}");
    let scope = world.app.catalogue.get(key).unwrap().scopes().join(" ");
    let mut url = world.sandbox.join("/oauth/authorize").unwrap();
    url.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", &client),
        ("redirect_uri", &redirect_uri),
        ("scope", &scope),
        ("state", "elsewhere"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    let answer = json!({ "business": business });
    let callback = world.customer().consent(url.as_str(), answer).await;
    let callback = Url::parse(&callback).unwrap();
    let (_, code) = callback
        .query_pairs()
        .find(|(name, _)| name == "code")
        .expect("a code");
    let body: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", verifier),
        ])
        .finish();
    let basic = STANDARD.encode(format!("{client}:a+secret+of+the+sandbox"));
    let url = world.sandbox.join("/oauth/token").unwrap();
    let headers = [
        ("authorization", format!("Basic {basic}")),
        (
            "content-type",
            "application/x-www-form-urlencoded".to_owned(),
        ),
    ];
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    world
        .send(Method::POST, url.as_str(), &headers, body.into_bytes())
        .await
        .ok()
}

async fn import(world: &World, company: &str, connection: &str, body: Value) -> Answer {
    let path = format!("/companies/{company}/connections/{connection}/authorization");
    world.client(Method::PUT, &path, Some(body)).await
}

/// A company with a connection that is PendingAuth.
pub async fn pending_connection(world: &World, key: &str) -> (String, String) {
    let company = world.company("merchant-42").await;
    let connection = world.connection(&company, key).await;
    (company, connection["id"].as_str().unwrap().to_owned())
}

pub fn import_body(tokens: &Value) -> Value {
    json!({
        "accessToken": tokens["access_token"],
        "refreshToken": tokens["refresh_token"],
        "expiresIn": tokens["expires_in"].to_string(),
    })
}

async fn count_pulls(world: &World, company: &str) -> i64 {
    let path = format!("/companies/{company}/data/history");
    world.get(&path).await.ok()["totalResults"]
        .as_i64()
        .unwrap()
}

story!(
    imported_tokens_link_a_connection_without_its_customer,
    |world| async move {
        let (company, connection) = pending_connection(&world, "mqjo").await;
        let tokens = tokens_of_another_system(&world, "mqjo", "accounting", BUSINESS).await;
        let linked = import(&world, &company, &connection, import_body(&tokens))
            .await
            .ok();
        assert_eq!(linked["status"], "Linked");
        assert_eq!(
            linked["connectionInfo"]["companyName"],
            "Lindqvist Snickeri"
        );
        assert_eq!(
            count_pulls(&world, &company).await,
            0,
            "nothing is pulled unasked"
        );
        let path = format!("/companies/{company}/connections/{connection}/timeline");
        let timeline = world.get(&path).await.ok();
        let newest = &timeline["results"][0];
        assert_eq!(
            (
                &newest["type"],
                &newest["from"],
                &newest["to"],
                &newest["actor"]
            ),
            (
                &json!("connection.connected"),
                &json!("PendingAuth"),
                &json!("Linked"),
                &json!("client")
            )
        );
        // Sealed like any other.
        let everything = world.everything().await;
        for secret in [&tokens["access_token"], &tokens["refresh_token"]] {
            let secret = secret.as_str().unwrap();
            assert!(!everything.contains(secret));
            let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
            assert!(!everything.to_lowercase().contains(&hex));
        }
        // They work, and are renewed when their time is over.
        let all = format!("/companies/{company}/data/all");
        assert_eq!(world.client(Method::POST, &all, None).await.status, 204);
        let pulls = world.settled(&company).await;
        assert!(pulls.len() > 10 && pulls.iter().all(|pull| pull["status"] == "Complete"));
        world.provider(Method::POST, "grants/expire", None).await;
        let one = format!("/companies/{company}/data/queue/customers");
        world.client(Method::POST, &one, None).await.ok();
        let pulls = world.settled(&company).await;
        assert!(pulls.iter().all(|pull| pull["status"] == "Complete"));
    }
);

story!(
    an_expired_imported_access_token_is_renewed_by_its_refresh_token,
    |world| async move {
        let (company, connection) = pending_connection(&world, "qhnd").await;
        let tokens = tokens_of_another_system(&world, "qhnd", "banking", BUSINESS).await;
        world.provider(Method::POST, "grants/expire", None).await;
        let mut body = import_body(&tokens);
        body.as_object_mut().unwrap().remove("expiresIn");
        // Taken at its word it would be refused, and nothing is changed.
        import(&world, &company, &connection, body.clone())
            .await
            .refused(400);
        assert_eq!(world.status_of(&company, &connection).await, "PendingAuth");
        body["expiresAt"] = json!("2026-06-15T09:00:00Z");
        let linked = import(&world, &company, &connection, body).await.ok();
        assert_eq!(linked["status"], "Linked");
        let all = format!("/companies/{company}/data/all");
        assert_eq!(world.client(Method::POST, &all, None).await.status, 204);
        let pulls = world.settled(&company).await;
        assert!(
            pulls.iter().all(|pull| pull["status"] == "Complete"),
            "{pulls:?}"
        );
    }
);

story!(
    tokens_that_cannot_be_imported_are_refused_without_repeating_them,
    |world| async move {
        let (company, connection) = pending_connection(&world, "aiwb").await;
        let secret = "at-this-must-not-be-repeated";
        for (body, words) in [
            (json!([secret]), "must be an object"),
            (json!(secret), "must be an object"),
            (json!({}), "accessToken is required"),
            (json!({ "accessToken": "" }), "accessToken is empty"),
            (
                json!({ "accessToken": [secret] }),
                "accessToken must be a text",
            ),
            (json!({ "refreshToken": secret }), "accessToken is required"),
            (
                json!({ "accessToken": secret, "expiresIn": "soon" }),
                "whole number of seconds",
            ),
            (
                json!({ "accessToken": secret, "expiresAt": "soon" }),
                "must be a time",
            ),
            (
                json!({ "accessToken": secret, "expiresIn": "0" }),
                "a refreshToken is required",
            ),
            (
                json!({ "accessToken": secret, "businessId": "b-1" }),
                "no such value",
            ),
            (
                json!({ "accessToken": secret }),
                "does not accept the access token",
            ),
        ] {
            let refused = import(&world, &company, &connection, body)
                .await
                .refused(400);
            assert!(refused.contains(words), "{refused}");
            assert!(!refused.contains(secret), "{refused}");
        }
        // The platform is unavailable, also to the question that is repeated on a new connection: that is not a fault of the token.
        world
            .fault(json!({ "kind": "outage", "mode": "closed", "times": 2 }))
            .await;
        let away = import(
            &world,
            &company,
            &connection,
            json!({ "accessToken": secret }),
        )
        .await;
        assert!(away.refused(503).contains("Nothing was changed"));
        assert_eq!(world.status_of(&company, &connection).await, "PendingAuth");
        let unknown = uuid::Uuid::nil().to_string();
        import(&world, &company, &unknown, json!({ "accessToken": secret }))
            .await
            .refused(404);
        let stranger = world.other_client().await;
        let path = format!("/companies/{company}/connections/{connection}/authorization");
        world
            .with_key(
                &stranger,
                Method::PUT,
                &path,
                Some(json!({ "accessToken": secret })),
            )
            .await
            .refused(404);
    }
);

story!(
    imports_are_refused_for_a_second_accounting_source_and_for_another_business,
    |world| async move {
        world.grants_may_differ("tokens that were refused stay with the system that holds them");
        let (company, first) = world.synced("mqjo", BUSINESS).await;
        let path = format!("/companies/{company}/connections/{first}");
        world.disconnect(&path).await;
        let second = world.connection(&company, "mqjo").await;
        let second = second["id"].as_str().unwrap();
        let own = tokens_of_another_system(&world, "mqjo", "accounting", BUSINESS).await;
        import(&world, &company, second, import_body(&own))
            .await
            .ok();
        let again = tokens_of_another_system(&world, "mqjo", "accounting", BUSINESS).await;
        let refused = import(&world, &company, &first, import_body(&again))
            .await
            .refused(409);
        assert!(refused.contains("one accounting connection"), "{refused}");
        assert_eq!(world.status_of(&company, &first).await, "Unlinked");
        // Another business's tokens are not this connection's.
        let theirs = tokens_of_another_system(&world, "mqjo", "accounting", OTHER).await;
        let refused = import(&world, &company, second, import_body(&theirs))
            .await
            .refused(409);
        assert!(
            refused.contains("belongs to Lindqvist Snickeri"),
            "{refused}"
        );
        assert_eq!(world.status_of(&company, second).await, "Linked");
        // Its own, renewed elsewhere, take the place of what was there.
        import(&world, &company, second, import_body(&again))
            .await
            .ok();
    }
);
