//! The checker, on sources that break a wall and on sources that don't.

use super::*;

fn found(path: &str, text: &str) -> Vec<String> {
    violations(&Source::new(path, text), &["abcd".to_owned()])
}

#[track_caller]
fn is_caught(path: &str, text: &str) {
    assert_eq!(found(path, text).len(), 1, "{path}: {text}");
}

#[track_caller]
fn passes(path: &str, text: &str) {
    assert_eq!(found(path, text), Vec::<String>::new(), "{path}: {text}");
}

#[test]
fn catches_http_clients_outside_egress() {
    is_caught(
        "crates/connectors/src/oauth.rs",
        "let client = reqwest::Client::new();",
    );
    passes("crates/egress/src/door.rs", "use reqwest::Client;");
}

#[test]
fn catches_a_refusal_made_outside_the_errors() {
    is_caught(
        "crates/api/src/resources/company.rs",
        "return Err(ApiError::new(StatusCode::NOT_FOUND, text));",
    );
    passes(
        "crates/api/src/resources/company.rs",
        "Ok(StatusCode::CREATED)",
    );
    passes(
        "crates/api/src/around/errors/mod.rs",
        "Self::new(StatusCode::GONE, text)",
    );
}

#[test]
fn catches_the_sandbox_named_elsewhere_than_in_the_demo() {
    is_caught("crates/moorline/src/cli/serve.rs", "use sandbox::Config;");
    is_caught(
        "crates/platform/src/app/mod.rs",
        "sandbox::serve(config).await?;",
    );
    passes(
        "crates/moorline/src/cli/demo/mod.rs",
        "use sandbox::Config;",
    );
    passes(
        "crates/moorline/src/cli/doctor.rs",
        "if manifest.sandbox { hide() }",
    );
    passes(
        "crates/moorline/src/cli/doctor.rs",
        "let sandbox = manifest.is_sandbox();",
    );
}

#[test]
fn catches_a_model_that_does_more_than_think() {
    is_caught(
        "crates/store/src/model/company.rs",
        "pub async fn load() {}",
    );
    is_caught("crates/store/src/model/mod.rs", "use std::fs::File;");
    passes(
        "crates/store/src/people/companies.rs",
        "pub async fn load() {}",
    );
}

#[test]
fn catches_a_platform_named_in_rust() {
    is_caught(
        "crates/platform/src/data/pulling/mod.rs",
        r#"if key == "abcd" { special() }"#,
    );
    is_caught(
        "crates/connectors/src/oauth.rs",
        r#"if name.starts_with("Xero") {}"#,
    );
    passes(
        "crates/connectors/src/oauth.rs",
        "#[cfg(test)]\nmod tests { const KEY: &str = \"abcd\"; }",
    );
    passes(
        "crates/connectors/src/oauth.rs",
        "// As Xero does: 30 minutes of grace.\nlet grace = 30;",
    );
    passes(
        "crates/connectors/tests/it/main.rs",
        r#"const KEY: &str = "abcd";"#,
    );
}

#[test]
fn catches_work_left_for_later_even_in_a_comment_and_in_a_test() {
    let later = concat!("// TO", "DO: handle this\n");
    is_caught("crates/platform/src/data/pulling/mod.rs", later);
    is_caught("crates/moorline/tests/it/main.rs", later);
    passes(
        "crates/platform/src/data/pulling/mod.rs",
        "// nothing to do here\n",
    );
}

#[test]
fn is_not_misled_by_comments_and_strings() {
    passes(
        "crates/platform/src/data/pulling/mod.rs",
        "/* reqwest and curl */ // reqwest::get\nlet a = 1;",
    );
    is_caught(
        "crates/platform/src/data/pulling/mod.rs",
        "let a = \"// not a comment\"; use reqwest::Client;",
    );
    is_caught(
        "crates/platform/src/data/pulling/mod.rs",
        "let a = r#\"a \" // b\"#; use reqwest::Client;",
    );
    is_caught(
        "crates/platform/src/data/pulling/mod.rs",
        "let a = '\"'; use reqwest::Client; let b = '\"';",
    );
}

#[test]
fn catches_a_lower_crate_that_reaches_up_or_out() {
    let caught = |name: &str, manifest: &str| {
        assert_eq!(crate_violations(name, manifest).len(), 1, "{manifest}");
    };
    caught("records", "[dependencies]\nmoorline.workspace = true");
    caught("sandbox", "[dev-dependencies]\nrecords.workspace = true");
    caught("platform", "[dependencies]\napi.workspace = true");
    caught("connectors", "[dependencies]\nsqlx = \"0.9\"");
    caught("connectors", "[dependencies]\nreqwest = \"0.13\"");
    caught("egress", "[dependencies]\naxum.workspace = true");
    caught("api", "[dependencies]\nsqlx.workspace = true");
    caught("platform", "[dependencies]\naxum.workspace = true");
    let fine = "[dependencies]\nrecords.workspace = true\n[dev-dependencies]\nreqwest = \"0.13\"";
    assert!(crate_violations("connectors", fine).is_empty());
    let stories = "[dependencies]\napi.workspace = true\n[dev-dependencies]\nsqlx = \"0.9\"";
    assert!(crate_violations("moorline", stories).is_empty());
}
