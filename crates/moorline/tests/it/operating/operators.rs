//! The operator's work at the command line.

use std::io::Write;
use std::path::Path;
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

/// A command's JSON, and nothing else on standard output.
#[track_caller]
fn json(folder: &Path, arguments: &[&str]) -> Value {
    let done = run(folder, &[arguments, &["--json"]].concat());
    assert!(done.status.success(), "{arguments:?}: {done:?}");
    serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{arguments:?}: {done:?}"))
}

/// The JSON of a command that ends with 1, and says why on standard error.
#[track_caller]
fn refused(folder: &Path, arguments: &[&str], why: &str) -> Value {
    let done = run(folder, &[arguments, &["--json"]].concat());
    assert_eq!(done.status.code(), Some(1), "{arguments:?}: {done:?}");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(said.contains(why), "{said}");
    serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{arguments:?}: {done:?}"))
}

/// Print JSON in any case, or run until they are stopped.
const WITHOUT_JSON: [&str; 3] = ["serve", "clients disclosure", "consents export"];

#[test]
fn every_command_that_ends_prints_json_if_asked() {
    let folder = tempfile::tempdir().unwrap();
    let mut without = Vec::new();
    let mut commands = vec![Vec::<String>::new()];
    let mut looked = 0;
    while let Some(command) = commands.pop() {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let help = run(folder.path(), &[&words[..], &["--help"]].concat());
        let help = String::from_utf8(help.stdout).unwrap();
        looked += 1;
        let Some((_, listed)) = help.split_once("Commands:\n") else {
            if !help.contains("--json") {
                without.push(command.join(" "));
            }
            continue;
        };
        let listed = listed.lines().take_while(|line| !line.is_empty());
        let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        for name in names.filter_map(|line| line.split_whitespace().next()) {
            if name != "help" {
                commands.push([&command[..], &[name.to_owned()]].concat());
            }
        }
    }
    assert!(looked > 50, "{looked} commands");
    without.sort_unstable();
    let mut expected = WITHOUT_JSON;
    expected.sort_unstable();
    assert_eq!(without, expected);
}

#[test]
fn an_installation_is_begun_rekeyed_backed_up_and_moved_with_json() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let begun = json(folder, &["init", "--client", "Acme"]);
    assert_eq!(begun["settings"], "moorline.toml");
    assert_eq!(begun["client"], "Acme");
    let key = begun["apiKey"].as_str().unwrap();
    assert!(key.len() > 20 && begun["clientId"].is_string(), "{begun}");
    assert!(begun["key"].as_str().unwrap().ends_with("moorline.key"));
    let migrated = json(folder, &["migrate"]);
    assert_eq!(migrated["applied"], serde_json::json!([]));

    // A backup with the key, then another root key: the key file has more lines from now on.
    let made = json(folder, &["backup", "--to", "backups", "--with-key"]);
    let backup = made["backup"].as_str().unwrap();
    assert_eq!(made["keyIncluded"], true);
    let root = json(folder, &["keys", "seal", "root"]);
    assert!(root["file"].as_str().unwrap().ends_with("moorline.key"));
    let added = json(folder, &["keys", "seal", "add"]);
    let added = added["added"].as_str().unwrap();
    let active = json(folder, &["keys", "seal", "activate", added]);
    assert_eq!(active["activated"], added);
    let rotated = json(folder, &["keys", "seal", "rotate"]);
    assert_eq!(rotated["complete"], true, "{rotated}");
    let former = rotated["former"][0].as_str().unwrap().to_owned();
    let retired = json(folder, &["keys", "seal", "retire", &former, "--end-links"]);
    assert_eq!(retired["retired"], former);

    let verified = json(folder, &["restore", backup, "--verify"]);
    assert_eq!(verified["putBack"], false);
    assert_eq!(verified["faults"], serde_json::json!([]));
    assert!(verified["entries"].as_u64().unwrap() > 0, "{verified}");
    // It is put back beside the key file that has its key still, and others.
    std::fs::rename(folder.join("moorline.db"), folder.join("lost.db")).unwrap();
    for end in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.join(format!("moorline.db{end}")));
    }
    let back = json(folder, &["restore", backup]);
    assert_eq!(back["putBack"], true);
    assert_eq!(back["keyFile"], Value::Null, "the key file stays as it is");
    let keys = std::fs::read_to_string(folder.join("moorline.key")).unwrap();
    assert_eq!(keys.lines().count(), 2);
    assert_eq!(json(folder, &["clients", "list"])[0]["name"], "Acme");
    // Where there is none, it comes along; another one's is not touched, whether in a file or in the environment.
    let elsewhere = tempfile::tempdir().unwrap();
    let from = folder.join(backup).display().to_string();
    let back = json(elsewhere.path(), &["restore", &from]);
    assert_eq!(back["keyFile"], "moorline.key");
    assert_eq!(
        json(elsewhere.path(), &["clients", "list"])[0]["name"],
        "Acme"
    );
    let other = tempfile::tempdir().unwrap();
    run(other.path(), &["clients", "create", "Other"]);
    let others = std::fs::read_to_string(other.path().join("moorline.key")).unwrap();
    std::fs::remove_file(other.path().join("moorline.db")).unwrap();
    let kept = run(other.path(), &["restore", &from]);
    assert_prints(
        &kept,
        "moorline.key lacks a key that this backup is sealed with",
    );
    let by_variable = moorline(elsewhere.path(), &["restore", &from])
        .env("MOORLINE_KEY", others.trim())
        .env("MOORLINE_DATABASE_URL", "sqlite:by-variable.db")
        .output()
        .unwrap();
    assert_prints(
        &by_variable,
        "MOORLINE_KEY lacks a key that this backup is sealed with",
    );
    for (done, database) in [
        (kept, other.path().join("moorline.db")),
        (by_variable, elsewhere.path().join("by-variable.db")),
    ] {
        assert!(!done.status.success() && !database.exists());
    }
    assert_eq!(
        std::fs::read_to_string(other.path().join("moorline.key")).unwrap(),
        others
    );

    let exported = json(folder, &["export", "--out", "moorline.archive"]);
    let passphrase = exported["passphrase"].as_str().unwrap();
    assert!(exported["rows"].as_u64().unwrap() > 0 && exported["keyIncluded"] == true);
    let there = tempfile::tempdir().unwrap();
    let there = there.path();
    std::fs::write(there.join("passphrase"), passphrase).unwrap();
    let archive = folder.join("moorline.archive").display().to_string();
    let bring = [
        "import",
        archive.as_str(),
        "--passphrase-file",
        "passphrase",
    ];
    let dry = json(there, &[&bring[..], &["--dry-run"]].concat());
    assert_eq!(
        (&dry["form"], &dry["dryRun"]),
        (&"archive".into(), &true.into())
    );
    let brought = json(there, &bring);
    assert_eq!(brought["rows"], exported["rows"]);
    assert_eq!(brought["tables"]["client"], 1);

    std::fs::write(
        there.join("lines"),
        "{\"id\":\"8a210b68-6988-11ed-a1eb-0242ac120002\",\"name\":\"Toft stores\",\"created\":\"2022-01-01T12:00:00Z\"}\n",
    )
    .unwrap();
    let lines = json(there, &["import", "lines"]);
    assert_eq!(
        (&lines["form"], &lines["companies"]["new"]),
        (&"lines".into(), &1.into())
    );
    std::fs::write(there.join("wrong"), "{\"id\": 7}\n").unwrap();
    let wrong = refused(there, &["import", "wrong"], "nothing was changed");
    assert_eq!(wrong["problems"][0]["line"], 1, "{wrong}");
    let portable = json(there, &["export", "--portable", "--out", "all"]);
    assert_eq!(portable["form"], "lines");
    assert!(portable["lines"].as_u64().unwrap() > 0);
    let file = Path::new(backup).join("moorline.db");
    std::fs::write(folder.join(&file), "not a database").unwrap();
    let damaged = refused(
        folder,
        &["restore", backup, "--verify"],
        "one thing is wrong",
    );
    let fault = damaged["faults"][0].as_str().unwrap();
    assert!(fault.contains("damaged or altered"), "{fault}");
    // What isn't there is said on standard error alone.
    let nowhere = run(folder, &["restore", "nowhere", "--json"]);
    assert!(nowhere.stdout.is_empty() && !nowhere.status.success());
    assert_prints(&nowhere, "nowhere is not a backup");
}

#[test]
fn settings_of_link_are_set_from_a_file_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_prints(
        &run(folder, &["clients", "create", "Acme Lending"]),
        "API key ",
    );
    let none = run(folder, &["link-settings", "show"]);
    assert_prints(&none, "Nothing is set");
    let settings = r#"{ "text": { "main.title": { "en": "Connect", "de": "Verbinden" } },
        "sourceTypes": { "businessDocuments": { "optional": true } } }"#;
    std::fs::write(folder.join("link.json"), settings).unwrap();
    let set = run(folder, &["link-settings", "set", "link.json"]);
    let text = assert_prints(&set, "text.main.title.de = Verbinden");
    assert!(text.contains("sourceTypes.businessDocuments.optional = true"));
    let shown = run(folder, &["link-settings", "show", "--json"]);
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(shown["text"]["main.title"]["en"], "Connect");
    for (wrong, why) in [
        (
            r#"{ "text": { "main.titel": "x" } }"#,
            "there is no text 'main.titel'",
        ),
        (r#"{ "funel": true }"#, "doesn't hold settings of Link"),
        ("[", "doesn't hold settings of Link"),
    ] {
        std::fs::write(folder.join("wrong.json"), wrong).unwrap();
        let refused = run(folder, &["link-settings", "set", "wrong.json", "--json"]);
        assert_prints(&refused, why);
        assert!(!refused.status.success());
    }
    let still = run(folder, &["link-settings", "show", "--json"]);
    let still: Value = serde_json::from_slice(&still.stdout).unwrap();
    assert_eq!(still, shown, "what is refused changes nothing");

    let enabled = run(folder, &["integrations", "enable", "upac"]);
    assert_prints(&enabled, "upac is enabled for Acme Lending.");
    let listed = assert_prints(&run(folder, &["integrations", "list"]), "upac  Other");
    assert!(listed.contains("Accounting file upload"));
    let configured = run(
        folder,
        &[
            "integrations",
            "configure",
            "upac",
            "--client-id",
            "x",
            "--no-secret",
        ],
    );
    assert_prints(&configured, "has no OAuth client");
    assert!(!configured.status.success());
    // A program calls from the customer's machine: no OAuth client either.
    let enabled = assert_prints(
        &run(folder, &["integrations", "enable", "pqsw"]),
        "pqsw is enabled for Acme Lending.",
    );
    assert!(!enabled.contains("OAuth client"), "{enabled}");
    assert_prints(
        &run(folder, &["integrations", "list"]),
        "pqsw  Accounting  enabled   no sign-in",
    );
    let configure = [
        "integrations",
        "configure",
        "pqsw",
        "--client-id",
        "x",
        "--no-secret",
    ];
    let configured = run(folder, &configure);
    assert_prints(
        &configured,
        "customers don't sign in at 'pqsw', which has no OAuth client; run: moorline integrations enable pqsw",
    );
    assert!(!configured.status.success());
    let report = assert_prints(
        &run(folder, &["doctor"]),
        "files that businesses upload are not scanned",
    );
    assert!(!report.contains("pqsw"), "nothing lacks: {report}");
    assert!(
        !report.contains("upac is enabled"),
        "nothing lacks: {report}"
    );
}

#[test]
fn the_funnel_is_printed_as_the_api_answers_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_prints(
        &run(folder, &["clients", "create", "Acme Lending"]),
        "API key ",
    );
    let days = ["funnel", "--from", "2026-06-01", "--to", "2026-06-30"];
    let report = json(folder, &days);
    assert_eq!(report["from"], "2026-06-01");
    assert_eq!(report["isCounted"], true);
    assert_eq!(report["total"]["linked"], 0);
    assert_eq!(report["results"], serde_json::json!([]));
    let text = assert_prints(&run(folder, &days), "opened");
    assert!(!text.contains("nothing is counted now"), "{text}");
    let backwards = run(
        folder,
        &["funnel", "--from", "2026-06-30", "--to", "2026-06-01"],
    );
    assert_prints(&backwards, "must not be after");
    assert!(!backwards.status.success());
    let long = run(
        folder,
        &["funnel", "--from", "2025-01-01", "--to", "2026-06-01"],
    );
    assert_prints(&long, "must be within 400 days");
    std::fs::write(folder.join("link.json"), r#"{ "funnel": false }"#).unwrap();
    run(folder, &["link-settings", "set", "link.json"]);
    assert_prints(&run(folder, &days), "nothing is counted now");
}
