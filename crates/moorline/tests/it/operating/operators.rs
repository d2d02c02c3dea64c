//! The operator's work at the command line.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::harness::command_line::{assert_prints, moorline, run};
use crate::harness::ports;

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
    run(folder, &["integrations", "enable", "mqjo"]);
    assert_prints(
        &run(folder, &["doctor"]),
        "mend: moorline integrations configure mqjo",
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

const README: &str = include_str!("../../../../../README.md");
const ADDING: &str = include_str!("../../../../../docs/ADDING-A-PLATFORM.md");
const OPERATIONS: &str = include_str!("../../../../../docs/OPERATIONS.md");
const WEBHOOKS: &str = include_str!("../../../../../docs/WEBHOOKS.md");

/// The commands that a document prints, block by block.
fn blocks(document: &str) -> Vec<&str> {
    let blocks = document.split("```sh\n").skip(1);
    blocks
        .map(|rest| rest.split_once("```").expect("an end").0)
        .collect()
}

/// The program as a shell's command, which goes on once a server answers, and the way to the server that it started.
const AS_PRINTED: &str = r#"
cargo() { :; } # the program is built
moorline() {
  if [ "$1" != serve ]; then command moorline "$@"; return; fi
  env moorline "$@" > served 2>&1 &
  trap "kill $!" EXIT
  until curl -s -o health "$ADDRESS/health"; do sleep 0.1; done
  grep -q '"ok"' health
}
"#;

#[test]
fn every_command_of_the_operators_documents_works_as_printed_from_a_clean_folder() {
    let own = blocks(README);
    let own = own.iter().filter(|block| !block.contains("export KEY="));
    let readme = own.copied().collect::<String>();
    let operations = blocks(OPERATIONS).concat();
    assert!(readme.contains("moorline init") && operations.contains("moorline jobs list"));
    let platform = blocks(ADDING)[0].to_owned();
    for script in [readme, operations, platform] {
        let folder = tempfile::tempdir().unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_moorline"));
        let path = std::env::var("PATH").unwrap();
        let path = format!("{}:{path}", program.parent().unwrap().display());
        let port = ports::free();
        let ran = Command::new("sh")
            .args(["-e", "-c", &format!("{AS_PRINTED}{script}")])
            .current_dir(folder.path())
            .env("PATH", path)
            .env("ADDRESS", format!("http://127.0.0.1:{port}"))
            .env("MOORLINE_LISTEN", format!("127.0.0.1:{port}"))
            .env_remove("MOORLINE_CONFIG")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(ran.status.success(), "{script}\n{ran:?}");
        let begins = script.contains("moorline init");
        assert_prints(
            &ran,
            if begins {
                "API key"
            } else {
                "Nothing is wrong."
            },
        );
        assert!(!folder.path().join("secret").exists());
    }
}

const MIGRATING: &str = include_str!("../../../../../docs/MIGRATING.md");
const CONTROL: &str = include_str!("../../../../sandbox/CONTROL.md");

/// The services that a team leaves, as their documents have their answers, and the other machine, to which archive and
/// passphrase are carried.
const LEAVING: &str = r#"
curl() {
  case "$*" in
    *"$CODAT"*https://api.codat.io/companies\?page=1\&*) echo '{"results":[{"id":"8a210b68-6988-11ed-a1eb-0242ac120002",
      "name":"Toft stores","created":"2022-01-01T12:00:00Z","dataConnections":[{"id":"ee2eb431-c0fa-4dc9-93fa-d29781c12bcd",
      "integrationKey":"abcd","status":"Linked","created":"2022-01-02T12:00:00Z"}]}]}' ;;
    *"$CODAT"*https://api.codat.io/companies\?*) echo '{"results":[]}' ;;
    *"$NANGO"*https://api.nango.dev/connections) echo '{"connections":[{"connection_id":"c-1","provider_config_key":"quickbooks"}]}' ;;
    *"$NANGO"*https://api.nango.dev/connections/c-1\?provider_config_key=quickbooks\&*) echo '{"connection_id":"c-1",
      "provider_config_key":"quickbooks","created_at":"2023-03-08T09:43:03.725Z","connection_config":{"realmId":"1"},
      "end_user":{"id":"u1","organization":{"id":"o1","display_name":"Finch Ltd"}},
      "credentials":{"type":"OAUTH2","access_token":"at","refresh_token":"rt","expires_at":"2027-01-01T00:00:00.000Z"}}' ;;
    *) echo "no such address: $*" >&2; return 22 ;;
  esac
}
moorline() {
  command moorline "$@" > printed 2>&1 || { cat printed; return 1; }
  cat printed
  if [ "$*" = "export --out moorline.archive" ]; then
    mkdir other
    cp moorline.archive other
    grep -Eo '[A-Za-z0-9]+(-[A-Za-z0-9]+){3,}' printed | tail -1 > other/passphrase.txt
    cd other
  fi
}
moorline clients create "Your name"
"#;

#[test]
fn moving_in_and_moving_on_work_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_moorline"));
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", program.parent().unwrap().display());
    let printed = MIGRATING
        .lines()
        .map(|line| format!("{}\n", line.strip_prefix("   ").unwrap_or(line)));
    let printed: String = printed.collect();
    let blocks = blocks(&printed);
    assert_eq!(blocks.len(), 6, "{blocks:?}");
    // Its own dialect: the documents' loops read tabs.
    let ran = Command::new("bash")
        .args([
            "-e",
            "-o",
            "pipefail",
            "-c",
            &format!("{LEAVING}{}", blocks.concat()),
        ])
        .current_dir(folder.path())
        .env("PATH", path)
        .env("CODAT", "codats-key")
        .env("NANGO", "nangos-key")
        .env_remove("MOORLINE_CONFIG")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}\n{ran:?}", blocks.concat());
    let there = folder.path().join("other");
    let lines = std::fs::read_to_string(there.join("everything.jsonl")).unwrap();
    for moved in [
        "Toft stores",
        "Finch Ltd",
        "\"at\"",
        "ee2eb431-c0fa-4dc9-93fa-d29781c12bcd",
    ] {
        assert!(lines.contains(moved), "{moved} is not in {lines}");
    }
    let without = std::fs::read_to_string(there.join("companies.jsonl")).unwrap();
    assert!(
        without.contains("Finch Ltd") && !without.contains("\"at\""),
        "{without}"
    );
}

/// A running demo, killed when it is dropped.
struct Demo(Child);

impl Demo {
    fn start(folder: &Path, port: &str, sandbox_port: &str) -> (Self, Value) {
        let arguments = [
            "demo",
            "--json",
            "--data",
            "data",
            "--port",
            port,
            "--sandbox-port",
            sandbox_port,
        ];
        let mut child = moorline(folder, &arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        (Self(child), serde_json::from_str(&line).unwrap())
    }

    /// Sends SIGTERM, as a service manager does; the program must end by itself, with success.
    fn stop(mut self) {
        let id = self.0.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        let began = std::time::Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return;
            }
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "it does not stop"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_second_demo_finds_the_first_ones_key_and_a_busy_port_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (port, sandbox_port) = (ports::free().to_string(), ports::free().to_string());
    let (first, printed) = Demo::start(folder.path(), &port, &sandbox_port);
    let busy = run(
        folder.path(),
        &[
            "demo",
            "--data",
            "other",
            "--port",
            &port,
            "--sandbox-port",
            &sandbox_port,
        ],
    );
    assert_prints(
        &busy,
        &format!("port {port} is in use; stop what uses it, or choose another with --port"),
    );
    assert!(!busy.status.success() && !folder.path().join("other").exists());
    first.stop();
    let (second, again) = Demo::start(folder.path(), &port, &sandbox_port);
    assert_eq!(printed, again);
    second.stop();
}

#[test]
fn the_demo_prints_the_walk_of_the_readme_and_each_of_its_commands_works() {
    let folder = tempfile::tempdir().unwrap();
    let (port, sandbox_port) = (ports::free().to_string(), ports::free().to_string());
    let arguments = [
        "demo",
        "--data",
        "demo-data",
        "--port",
        &port,
        "--sandbox-port",
        &sandbox_port,
    ];
    let mut child = Demo(
        moorline(folder.path(), &arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let mut text = String::new();
    for line in BufReader::new(child.0.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        text.push_str(&format!("{line}\n"));
        if line.starts_with("Ctrl-C") {
            break;
        }
    }
    let (_, walk) = text.split_once("another terminal:\n\n").unwrap();
    let (walk, _) = walk.split_once("\nCtrl-C").unwrap();
    let (_, readme) = README.split_once("## The journey, with curl").unwrap();
    let (_, readme) = readme.split_once("```sh\n").unwrap();
    let (readme, _) = readme.split_once("```").unwrap();
    let address = format!("http://localhost:{port}");
    let readme = readme.replace("http://localhost:7400", &address);
    let without_key = |text: &str| -> Vec<String> {
        let is_key = |line: &&str| line.starts_with("export KEY=");
        let lines = text.lines().filter(|line| !is_key(line));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(without_key(walk), without_key(&readme));
    let webhooks = &blocks(WEBHOOKS)[0].replace("http://localhost:7400", &address);
    // As printed, and as the documents have it: every command works, one after the other.
    for script in [walk, &readme, webhooks] {
        assert_eq!(script.matches("export KEY=").count(), 1, "{script}");
        let reporting = "curl() { command curl -w '%{stderr}%{http_code}\\n' \"$@\"; }";
        let ran = Command::new("sh")
            .args(["-c", &format!("{reporting}\n{script}")])
            .current_dir(folder.path())
            .env("no_proxy", "localhost")
            .output()
            .unwrap();
        let statuses = String::from_utf8_lossy(&ran.stderr).into_owned();
        let statuses: Vec<&str> = statuses.lines().collect();
        let expected: Vec<&str> = script
            .lines()
            .filter(|line| line.contains("curl -s "))
            .map(|command| match command {
                // Nothing is linked yet: there are no invoices to read, and no consent to end.
                command if command.contains("/data/invoices") => "404",
                command if command.contains("-X PATCH") => "400",
                _ => "200",
            })
            .collect();
        let shown = String::from_utf8_lossy(&ran.stdout).into_owned();
        if script == webhooks {
            assert_eq!(statuses, ["201", "200", "202"], "{ran:?}");
            assert!(shown.contains("whsec_"), "no secret in {shown}");
            continue;
        }
        assert!(expected.len() >= 10, "{script}");
        assert_eq!(statuses, expected, "{ran:?}");
        let link = format!("{address}/");
        assert!(shown.contains(&link), "no link URL in {shown}");
    }
    // The sandbox's control, whose last block wants a URL that a customer was sent to.
    let control =
        blocks(CONTROL)[0].replace("127.0.0.1:7410", &format!("127.0.0.1:{sandbox_port}"));
    let ran = Command::new("sh")
        .args([
            "-e",
            "-c",
            &format!("curl() {{ command curl -sf \"$@\"; }}\n{control}"),
        ])
        .env("no_proxy", "127.0.0.1")
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    let armed = String::from_utf8_lossy(&ran.stdout);
    assert!(
        armed.contains("api_rate_limit") && armed.contains("outage"),
        "{armed}"
    );
    child.stop();
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
