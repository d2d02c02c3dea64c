//! The operator's work at the command line.

use std::io::Write;
use std::process::Stdio;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::harness::command_line::{assert_prints, moorline, run};

#[test]
fn an_operator_sets_up_a_client_keys_and_platforms() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let none = run(folder, &["keys", "create"]);
    assert_prints(&none, "moorline clients create NAME");
    assert!(!none.status.success());
    assert_prints(
        &run(folder, &["clients", "create", "Acme Lending"]),
        "API key ",
    );
    assert_prints(
        &run(folder, &["keys", "create", "--name", "ci"]),
        "API key ",
    );
    let listed = assert_prints(&run(folder, &["keys", "list"]), "  ci");
    assert_eq!(
        listed.lines().filter(|line| line.contains('…')).count(),
        2,
        "{listed}"
    );
    let id = listed
        .lines()
        .find(|line| line.ends_with("ci"))
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap()
        .to_owned();
    assert_prints(&run(folder, &["keys", "revoke", &id]), "revoked");
    assert_prints(&run(folder, &["keys", "revoke", &id]), "has no key");
    assert_prints(
        &run(folder, &["integrations", "enable", "zzzz"]),
        "Valid keys: aiwb",
    );
    assert_prints(
        &run(folder, &["integrations", "enable", "qhnd"]),
        "has no OAuth client yet",
    );
    let mut configure = moorline(
        folder,
        &["integrations", "configure", "mqjo", "--client-id", "abc"],
    )
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .spawn()
    .unwrap();
    configure
        .stdin
        .take()
        .unwrap()
        .write_all(b"very secret words\n")
        .unwrap();
    assert_prints(
        &configure.wait_with_output().unwrap(),
        "http://localhost:7400/oauth/mqjo/callback",
    );
    let listed = assert_prints(
        &run(folder, &["integrations", "list"]),
        "mqjo  Accounting  enabled   configured",
    );
    assert!(listed.contains("aiwb  Commerce    disabled"), "{listed}");
    let stored = std::fs::read(folder.join("moorline.db")).unwrap();
    assert!(
        !stored
            .windows(17)
            .any(|window| window == b"very secret words"),
        "the secret is sealed"
    );
    // A second client makes the first ambiguous, and stays apart.
    assert_prints(&run(folder, &["clients", "create", "Other"]), "API key ");
    assert_prints(&run(folder, &["keys", "list"]), "say which with --client");
    let other = run(folder, &["keys", "list", "--client", "Other"]);
    assert_eq!(String::from_utf8_lossy(&other.stdout).lines().count(), 1);
}

#[test]
fn doctor_reports_problems_and_how_to_mend_them() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(
        run(folder, &["doctor"]).status.success(),
        "a fresh folder has nothing wrong"
    );
    run(folder, &["clients", "create", "Acme"]);
    assert_prints(&run(folder, &["doctor"]), "Nothing is wrong.");
    run(folder, &["integrations", "enable", "aiwb"]);
    assert_prints(
        &run(folder, &["doctor"]),
        "mend: moorline integrations configure aiwb",
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |mode| {
            std::fs::set_permissions(
                folder.join("moorline.key"),
                std::fs::Permissions::from_mode(mode),
            )
            .unwrap()
        };
        mode(0o644);
        assert_prints(&run(folder, &["doctor"]), "mend: chmod 600");
        assert!(!run(folder, &["keys", "list"]).status.success());
        mode(0o600);
        let database = std::fs::metadata(folder.join("moorline.db"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(database & 0o077, 0, "the database is its owner's alone");
    }
    std::fs::rename(folder.join("moorline.key"), folder.join("right.key")).unwrap();
    std::fs::write(folder.join("moorline.key"), "not a key").unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(
        folder.join("moorline.key"),
        std::os::unix::fs::PermissionsExt::from_mode(0o600),
    )
    .unwrap();
    assert_prints(&run(folder, &["doctor"]), "is not a Moorline key file");
    std::fs::remove_file(folder.join("moorline.key")).unwrap();
    let missing = run(folder, &["keys", "list"]);
    assert_prints(&missing, "moorline.key is missing");
    assert_prints(
        &run(folder, &["doctor"]),
        "this database is in use, and the key file",
    );
    assert!(!missing.status.success());
    assert!(
        !folder.join("moorline.key").exists(),
        "a new key would open nothing"
    );
    let other = format!("moorline-key-1:{}", STANDARD.encode([7; 32]));
    std::fs::write(folder.join("moorline.key"), other).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(
        folder.join("moorline.key"),
        std::os::unix::fs::PermissionsExt::from_mode(0o600),
    )
    .unwrap();
    let wrong = run(folder, &["keys", "list"]);
    assert_prints(&wrong, "is not the one this database was made with");
    assert!(!wrong.status.success(), "a wrong key refuses to start");
    let misspelt = moorline(folder, &["doctor"])
        .env("MOORLINE_DATABASE_ULR", "x")
        .output()
        .unwrap();
    assert_prints(&misspelt, "MOORLINE_DATABASE_ULR: unknown field");
    let http = moorline(folder, &["doctor"])
        .env("MOORLINE_PUBLIC_URL", "http://moorline.example")
        .output()
        .unwrap();
    assert_prints(&http, "put a TLS proxy in front");
    let as_json = moorline(folder, &["doctor", "--json"])
        .env("MOORLINE_PUBLIC_URL", "http://lender.example")
        .output()
        .unwrap();
    let found: Value = serde_json::from_slice(&as_json.stdout).unwrap();
    assert!(!as_json.status.success());
    let findings = found["findings"].as_array().unwrap();
    let wrong = findings
        .iter()
        .filter(|finding| finding["state"] == "wrong");
    let wrong: Vec<&Value> = wrong.collect();
    assert_eq!(found["wrong"], wrong.len());
    let mend = wrong[0]["mend"].as_str().unwrap();
    assert!(mend.contains("put a TLS proxy in front"), "{found}");
    assert!(findings.len() > wrong.len());
    std::fs::write(folder.join("bad.toml"), "[sync]\nevery_hour = 1\n").unwrap();
    assert_prints(&run(folder, &["doctor", "--config", "bad.toml"]), "line 2");
}

#[test]
fn an_operator_manages_webhook_consumers() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    run(folder, &["clients", "create", "Acme Lending"]);
    let webhooks = |arguments: &[&str]| run(folder, &[&["webhooks"], arguments].concat());
    assert_prints(&webhooks(&["events"]), "{dataType}.write.successful");
    let refused = webhooks(&["create", "http://example.com/hooks", "--event", "*"]);
    assert_prints(&refused, "must be https");
    assert!(!refused.status.success());
    let url = "https://example.com/hooks";
    let headers = folder.join("headers");
    std::fs::write(
        &headers,
        "X-Client: acme\nX-Key: kept from the list of processes\n",
    )
    .unwrap();
    let headers = format!("@{}", headers.display());
    let made = [
        "create",
        url,
        "--event",
        "connection.*",
        "--company-tag",
        "region:us",
        "--header",
        &headers,
        "--header",
        "X-Team: risk",
        "--rate",
        "20",
    ];
    let made = assert_prints(&webhooks(&made), "secret whsec_");
    let id = made.split_whitespace().nth(1).unwrap().to_owned();
    let secret = made
        .lines()
        .last()
        .unwrap()
        .trim_start_matches("secret ")
        .to_owned();
    assert_prints(&webhooks(&["list"]), "good");
    let nonsense = webhooks(&["update", &id, "--header", "@nowhere"]);
    assert!(
        assert_prints(&nonsense, "can't be read").contains("nowhere") && !nonsense.status.success()
    );
    assert_prints(&webhooks(&["secret", &id]), &secret);
    assert!(!assert_prints(&webhooks(&["rotate", &id]), "whsec_").contains(&secret));
    let sent = assert_prints(&webhooks(&["test", &id]), "connection.created");
    let message = sent.split_whitespace().next().unwrap().to_owned();
    assert_prints(
        &webhooks(&["messages", &id, "--status", "waiting"]),
        &message,
    );
    assert_prints(
        &webhooks(&["inspect", &id, &message]),
        "\"eventType\": \"connection.created\"",
    );
    let json = |arguments: &[&str]| -> Value {
        let printed = webhooks(&[arguments, &["--json"]].concat());
        serde_json::from_slice(&printed.stdout).unwrap()
    };
    let inspected = json(&["inspect", &id, &message]);
    assert_eq!(inspected["id"], message);
    assert_eq!(inspected["status"], "waiting");
    assert_eq!(inspected["attempted"], serde_json::json!([]));
    assert_eq!(inspected["body"]["eventType"], "connection.created");
    assert!(json(&["events"]).as_array().unwrap().len() > 20);
    assert_prints(&webhooks(&["resend", &id, &message]), "1 to be sent again");
    assert_prints(
        &webhooks(&["resend", &id, "--from", "2020-01-01T00:00:00Z"]),
        "0 to be sent again",
    );
    assert_prints(&webhooks(&["resend", &id]), "--from");
    assert_prints(
        &webhooks(&["update", &id, "--disable", "--event", "*", "--no-rate"]),
        "disabled by request",
    );
    assert_prints(&webhooks(&["test", &id]), "enable it first");
    assert_prints(&webhooks(&["delete", &id]), "deleted");
    assert_prints(&webhooks(&["delete", &id]), "no webhook consumer");
}
