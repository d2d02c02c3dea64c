//! Records that are written to a platform.

use std::collections::BTreeMap;
use std::sync::Arc;

use connectors::{
    Access, Catalogue, DataType, FetchError, Integration, Lookups, Target, WriteError,
};
use egress::Secret;
use tempfile::TempDir;

use super::{IDENTITY, MANIFEST, PAYMENTS, variables, write};
use crate::emulator::Platform;

const WRITES: &str = r#"
[[write]]
type = "payments"
options = "options.json"
map = "write.jq"
lookup = { old = { path = "/payments/${id}", items = "data" } }
update = { method = "PATCH", path = "/payments/${id}" }
idempotency_header = "X-Once"
result = "done"

[[write]]
type = "bills"
options = "options.json"
map = "write.jq"
create = { method = "POST", path = "/bills" }
"#;

const OPTIONS: &str = r#"{"type":"Object","displayName":"P","description":"D","required":true,"properties":{
    "accountRef":{"type":"String","displayName":"A","description":"B","optionsFrom":{"dataType":"suppliers","displayName":"name"}}}}"#;

fn with_writes(manifest: &str) -> String {
    let errors = r#"error_message = "errors.0.detail"
validation_errors = { items = "errors", field = "at", message = "detail" }"#;
    MANIFEST.replace("error_message = \"errors.0.detail\"", errors) + manifest
}

fn writing(platform: &Platform, manifest: &str) -> Result<Arc<Integration>, String> {
    let dir = TempDir::new().unwrap();
    write(
        &dir.path().join("test"),
        &[
            ("manifest.toml", &with_writes(manifest)),
            ("identity.jq", IDENTITY),
            ("payments.jq", PAYMENTS),
            (
                "write.jq",
                "{sum: .record.totalAmount, rev: .lookup.old.rev}",
            ),
            ("options.json", OPTIONS),
        ],
    );
    let variables = BTreeMap::from([("test.host".to_owned(), platform.base.clone())]);
    let (catalogue, problems) = Catalogue::load(&[], &[dir.path().to_owned()], &variables);
    match problems.first() {
        Some(problem) => Err(problem.to_string()),
        None => Ok(catalogue.get("test").unwrap().clone()),
    }
}

#[tokio::test]
async fn a_record_is_written_as_the_folder_says_and_read_back_by_its_map() {
    let platform = Platform::start().await;
    let integration = writing(&platform, WRITES).unwrap();
    let (token, variables) = (Secret::new("at-1"), variables());
    let access = Access {
        token: &token,
        variables: &variables,
    };
    let door = platform.door();
    let data_type = DataType::Payments;
    let target = Target {
        data_type,
        id: Some("a/1"),
    };
    platform.answers("/v1/payments/a%2F1", 200, "", r#"{"data":{"rev":9}}"#);
    assert_eq!(integration.lookups(data_type).collect::<Vec<_>>(), ["old"]);
    let old = integration.look_up(&door, &access, target, "old").await;
    let lookups = Lookups::from([("old".to_owned(), old.unwrap().0)]);
    let record = r#"{"totalAmount":0.10}"#;
    let body = integration.compose(target, record, &lookups).unwrap();
    let answer = r#"{"done":{"id":"a/1","sum":"0.10"}}"#;
    platform.answers("/v1/payments/a%2F1", 200, "", answer);
    let body_sent = body.clone();
    let answer = integration.write(&door, &access, target, "key-1", body);
    let answer = answer.await.outcome.unwrap();
    let seen = platform.last();
    assert!(
        seen.head.starts_with("PATCH /v1/payments/a%2F1 "),
        "{}",
        seen.head
    );
    assert_eq!(seen.body.as_bytes(), &body_sent[..]);
    assert_eq!(seen.body, r#"{"sum":0.10,"rev":9}"#);
    assert_eq!(seen.header("x-once"), Some("key-1"));
    assert_eq!(seen.header("x-tenant"), Some("t 2"));
    assert_eq!(seen.header("authorization"), Some("Bearer at-1"));
    let written = integration.written(data_type, answer).unwrap();
    assert_eq!(written.id, "a/1");
    for broken in ["", "{\"done\":", "{\"done\":[]}", "{}"] {
        assert!(
            integration.written(data_type, broken.into()).is_err(),
            "{broken}"
        );
    }

    let support = integration.writes(data_type).unwrap();
    assert!(support.update && support.repeatable && !support.create);
    let bills = integration.writes(DataType::Bills).unwrap();
    assert!(bills.create && !bills.update && !bills.repeatable);
    assert_eq!(integration.writes(DataType::Invoices), None);
    let none = Target {
        data_type,
        id: None,
    };
    let refused = integration
        .write(&door, &access, none, "k", "{}".into())
        .await;
    assert_eq!(
        refused.outcome,
        Err(WriteError::Failed(FetchError::NotSupported))
    );
}

#[tokio::test]
async fn what_is_not_accepted_is_reported_field_by_field() {
    let platform = Platform::start().await;
    let integration = writing(&platform, WRITES).unwrap();
    let (token, variables) = (Secret::new("at-1"), variables());
    let access = Access {
        token: &token,
        variables: &variables,
    };
    let target = Target {
        data_type: DataType::Bills,
        id: None,
    };
    let body = r#"{"errors":[{"detail":"at-1 is odd","at":"sum"},{"detail":"no"}]}"#;
    platform.answers("/v1/bills", 422, "", body);
    let door = platform.door();
    let write = async || {
        integration
            .write(&door, &access, target, "k", "{}".into())
            .await
            .outcome
    };
    let error = write().await.unwrap_err();
    assert!(!error.may_have_been_done());
    let WriteError::NotAccepted { status, errors, .. } = error else {
        panic!("{error}");
    };
    let reported: Vec<_> = errors
        .iter()
        .map(|error| (error.field.as_deref(), error.message.as_str()))
        .collect();
    assert_eq!(reported, [(Some("sum"), "*** is odd"), (None, "no")]);
    assert_eq!(status, 422);
    for (status, unsure) in [
        (429, false),
        (401, false),
        (403, false),
        (500, true),
        (408, true),
    ] {
        platform.answers("/v1/bills", status, "", "{}");
        let error = write().await.unwrap_err();
        assert_eq!(error.may_have_been_done(), unsure, "{status}");
    }
}

#[tokio::test]
async fn a_write_section_that_cannot_work_is_refused() {
    let platform = Platform::start().await;
    for (from, to, part) in [
        (
            "path = \"/payments/${id}\" }\nidem",
            "path = \"/payments\" }\nidem",
            "no ${id}",
        ),
        (
            "type = \"payments\"",
            "type = \"customers\"",
            "needs a [[data]] of the same type",
        ),
        ("type = \"bills\"", "type = \"payments\"", "listed twice"),
        (
            "create = { method = \"POST\", path = \"/bills\" }",
            "",
            "neither create nor update",
        ),
        ("method = \"POST\"", "method = \"GET\"", "there may be POST"),
        ("\"options.json\"", "\"missing.json\"", "missing.json"),
        ("\"X-Once\"", "\"X Once\"", "not a header name"),
    ] {
        let manifest = WRITES.replacen(from, to, 1);
        assert_ne!(manifest, WRITES, "{from}");
        let problem = writing(&platform, &manifest).unwrap_err();
        assert!(problem.contains(part), "{part}: {problem}");
    }
}
