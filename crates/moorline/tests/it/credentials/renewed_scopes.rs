//! Renewals whose answers name other scopes than were granted before.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::hostile::{Asked, Hostile, Play, Reply, hostile_story};

const REQUIRED: &str = "connection.consent.required";

const BY_TYPE: Play = Play {
    auth: r#"revoke_url = "${host}/revoke"
scopes = ["read"]
scopes_suffice_for = ["customers"]

[[auth.scope]]
scope = "suppliers"
for = ["suppliers"]

[[auth.scope]]
scope = "write"
write = ["customers"]
"#,
    ..Play::of("odda")
};

/// A token answer with these scopes; none leaves them out.
fn scoped(reply: Reply, scopes: Option<&str>) -> Reply {
    if reply.status != 200 {
        return reply;
    }
    reply.changed(|answer| match scopes {
        Some(scopes) => answer["scope"] = json!(scopes),
        None => drop(answer.as_object_mut().unwrap().remove("scope")),
    })
}

/// Lets renewals come with these scopes, after everything was granted.
fn renews_with(stage: &Hostile, scopes: Option<&'static str>) {
    stage.tenant().unsteer();
    stage.tenant().dress("token", move |asked: &Asked, reply| {
        let scopes = match asked.is_renewal() {
            true => scopes,
            false => Some("read suppliers write"),
        };
        scoped(reply, scopes)
    });
}

async fn renew(stage: &Hostile, ids: &(String, String)) {
    let before = stage.tenant().renewals();
    stage.world.pass(TimeDelta::minutes(31));
    stage.access(ids).await.unwrap();
    assert_eq!(stage.tenant().renewals(), before + 1);
}

/// The company's only consent.
async fn consent(stage: &Hostile, (company, _): &(String, String)) -> Value {
    let path = format!("/companies/{company}/consents");
    let page = stage.world.get(&path).await.ok();
    assert_eq!(page["totalResults"], 1, "{page}");
    page["results"][0].clone()
}

fn kinds(consent: &Value) -> Vec<&str> {
    let entries = consent["entries"].as_array().unwrap().iter();
    entries
        .map(|entry| entry["kind"].as_str().unwrap())
        .collect()
}

hostile_story!(
    a_scope_that_a_renewal_leaves_out_is_told_by_name_and_put_on_record,
    [BY_TYPE],
    |stage| async move {
        let world = &stage.world;
        renews_with(&stage, Some("write,read,suppliers"));
        let ids = stage.synced("a-1").await;
        // The same in another order, and none at all: nothing has changed.
        renew(&stage, &ids).await;
        renews_with(&stage, None);
        renew(&stage, &ids).await;
        assert_eq!(stage.shown(&ids).await["requiresReconsent"], Value::Null);
        assert_eq!(kinds(&consent(&stage, &ids).await), ["consent.given"]);

        renews_with(&stage, Some("read openid"));
        for _ in 0..2 {
            renew(&stage, &ids).await;
        }
        let shown = stage.shown(&ids).await;
        assert_eq!(
            (&shown["status"], &shown["requiresReconsent"]),
            (&json!("Linked"), &json!(true)),
            "{shown}"
        );
        let missing = &shown["reconsent"];
        assert_eq!(missing["dataTypes"], json!(["suppliers"]), "{missing}");
        assert_eq!(missing["writes"], json!(["customers"]), "{missing}");
        assert_eq!(missing["scopes"], json!(["suppliers", "write"]));
        let error = &shown["dataConnectionErrors"][0];
        assert_eq!(error["statusText"], "Fewer permissions than before");
        let message = error["errorMessage"].as_str().unwrap();
        assert_eq!(
            message,
            "Quayside odda no longer allows everything that it allowed before: reading suppliers; adding or changing customers. \
             Scopes that are no longer granted: suppliers and write."
        );
        assert_eq!(shown["dataConnectionErrors"].as_array().unwrap().len(), 1);
        assert_eq!(world.event_payloads(&ids.0, REQUIRED).await.len(), 1);
        for (data_type, status) in [("suppliers", "PermissionsError"), ("customers", "Complete")] {
            let pulled = stage.pulled(&ids, data_type).await;
            assert_eq!(pulled["status"], status, "{pulled}");
        }
        let told = consent(&stage, &ids).await;
        assert_eq!(kinds(&told), ["consent.given", "consent.changed"]);
        assert_eq!(told["state"], "given");
        assert_eq!(
            told["scopes"]["requested"],
            json!(["read", "suppliers", "write"])
        );
        assert_eq!(told["scopes"]["granted"], json!(["read", "openid"]));
        let changed = &told["entries"][1];
        assert_eq!(changed["actor"], "platform");
        assert_eq!(
            changed["details"]["scopes"]["lost"],
            json!(["suppliers", "write"])
        );
        let path = format!(
            "/companies/{}/consents/{}/receipt",
            ids.0,
            told["id"].as_str().unwrap()
        );
        let receipt = world.get(&path).await.ok();
        assert_eq!(
            receipt["receipt"]["scopes"]["granted"],
            json!(["read", "openid"]),
            "{receipt}"
        );

        // They come back as they went.
        renews_with(&stage, Some("read suppliers write"));
        renew(&stage, &ids).await;
        let shown = stage.shown(&ids).await;
        assert_eq!(shown["requiresReconsent"], Value::Null, "{shown}");
        assert_eq!(shown["dataConnectionErrors"][0]["status"], "Resolved");
        let told = consent(&stage, &ids).await;
        assert_eq!(
            kinds(&told),
            ["consent.given", "consent.changed", "consent.changed"]
        );
        let pulled = stage.pulled(&ids, "suppliers").await;
        assert_eq!(pulled["status"], "Complete", "{pulled}");
        assert_eq!(world.event_payloads(&ids.0, REQUIRED).await.len(), 1);
    }
);
