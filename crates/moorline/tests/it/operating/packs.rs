//! A platform's folder is made, checked and tried at the command line.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use egress::Method;
use serde_json::{Value, json};
use url::Url;

use crate::harness::World;
use crate::harness::command_line::{assert_prints, moorline, run};

fn change(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from}: {text}");
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn a_new_folder_of_any_source_type_passes_its_check() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (key, source_type, members) in [
        ("abcd", "accounting", "customers "),
        ("abce", "banking", "banking-accounts "),
        ("abcf", "commerce", "commerce-customers "),
    ] {
        let name = "Bread & \"Butter\" <Books>";
        let made = run(
            folder,
            &[
                "pack",
                "new",
                key,
                "--source-type",
                source_type,
                "--name",
                name,
            ],
        );
        assert!(made.status.success(), "{made:?}");
        let checked = run(folder, &["pack", "check", key]);
        assert!(checked.status.success(), "{checked:?}");
        let text = assert_prints(&checked, "Nothing is wrong.");
        assert!(text.contains(name) && text.contains(members), "{text}");
        assert!(
            text.contains("never: ") && !text.contains('\u{1b}'),
            "{text}"
        );
    }
    let again = run(folder, &["pack", "new", "abcd"]);
    assert_prints(&again, "abcd is there already; nothing was changed");
    assert!(!again.status.success());
    let wrong = run(folder, &["pack", "new", "Abc1"]);
    assert_prints(&wrong, "four lower-case letters");
    assert!(!wrong.status.success() && !folder.join("Abc1").exists());
}

#[test]
fn a_new_folder_with_a_key_in_place_of_a_sign_in_passes_its_check_and_is_corrected_to_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    run(folder, &["pack", "new", "abcd", "--access", "key"]);
    let checked = run(folder, &["pack", "check", "abcd"]);
    assert_prints(&checked, "Nothing is wrong.");
    let manifest = folder.join("abcd/manifest.toml");
    change(&manifest, "Bearer ${api_key}", "Bearer ${apikey}");
    let line = fs::read_to_string(&manifest).unwrap();
    let line = line.lines().position(|line| line.contains("apikey"));
    let checked = run(folder, &["pack", "check", "abcd"]);
    assert!(!checked.status.success());
    assert_prints(&checked, "did you mean ${api_key}?");
    assert_prints(&checked, &format!("manifest.toml:{}:", line.unwrap() + 1));
}

#[test]
fn a_member_that_no_record_has_is_no_place_to_go_on_from() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    run(folder, &["pack", "new", "abcd"]);
    let manifest = folder.join("abcd/manifest.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let old = text
        .lines()
        .find(|line| line.starts_with("paging = "))
        .unwrap();
    let paging = |last: &str| {
        format!(
            "paging = {{ style = \"offset\", parameter = \"after\", size = 100, last = \"{last}\" }}"
        )
    };
    change(&manifest, old, &paging("id"));
    let checked = run(folder, &["pack", "check", "abcd"]);
    assert_prints(&checked, "Nothing is wrong.");
    change(&manifest, &paging("id"), &paging("idd"));
    let line = text.lines().position(|line| line == old).unwrap() + 1;
    let checked = run(folder, &["pack", "check", "abcd"]);
    assert!(!checked.status.success());
    assert_prints(&checked, "One thing is wrong.");
    assert_prints(&checked, "did you mean `id`?");
    assert_prints(&checked, &format!("manifest.toml:{line}:"));
}

#[test]
fn problems_in_a_folder_are_shown_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    run(folder, &["pack", "new", "abcd"]);
    let pack = folder.join("abcd");
    let fixture = pack.join("fixtures/customers.json");

    change(
        &fixture,
        "\"customerName\": \"Ferry & Sons\"",
        "\"customerName\": \"Ferry\"",
    );
    let checked = run(folder, &["pack", "check", "abcd"]);
    assert!(!checked.status.success());
    let text = assert_prints(&checked, "One thing is wrong.");
    for words in ["1: customerName", "- \"Ferry\"", "+ \"Ferry & Sons\""] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_prints(
        &run(folder, &["pack", "check", "abcd", "--accept"]),
        "rewritten",
    );
    assert_prints(
        &run(folder, &["pack", "check", "abcd"]),
        "Nothing is wrong.",
    );

    change(
        &pack.join("customers.jq"),
        "customerName: .name",
        "customrName: .name",
    );
    let checked = run(folder, &["pack", "check", "abcd"]);
    assert_prints(&checked, "refused: customers record 0 (1): ");
    assert_prints(&checked, "unknown field `customrName`");
    let before = fs::read_to_string(&fixture).unwrap();
    let checked = run(folder, &["pack", "check", "abcd", "--accept"]);
    assert_prints(&checked, "A refusal is not accepted: mend the map");
    assert!(!checked.status.success());
    assert_eq!(fs::read_to_string(&fixture).unwrap(), before);
    change(
        &pack.join("customers.jq"),
        "customrName: .name",
        "customerName: .name | upercase",
    );
    let checked = run(folder, &["pack", "check", "abcd"]);
    assert_prints(&checked, "customers.jq:4:");
    assert_prints(&checked, "there is no filter `upercase` here");
    assert_prints(&checked, "     4 │   customerName: .name | upercase");

    change(
        &pack.join("customers.jq"),
        ".name | upercase",
        "(.name | ltrimstr(\"x\")",
    );
    let checked = run(folder, &["pack", "check", "abcd"]);
    assert_prints(&checked, "customers.jq:2:1");
    assert_prints(&checked, "this is never closed");

    // The platform's answer is enough: what comes of it is accepted once it has been read.
    let identity = pack.join("fixtures/identity.json");
    change(
        &pack.join("customers.jq"),
        "(.name | ltrimstr(\"x\")",
        ".name",
    );
    fs::write(&identity, r#"{"page": {"id": 7, "name": "Quay"}}"#).unwrap();
    let checked = run(folder, &["pack", "check", "abcd"]);
    assert_prints(&checked, r#"+ {"companyName":"Quay","id":"7"}"#);
    assert!(!checked.status.success());
    run(folder, &["pack", "check", "abcd", "--accept"]);
    let checked = run(folder, &["pack", "check", "abcd"]);
    assert_prints(&checked, "identity.json  1 company");
    assert_prints(&checked, "Nothing is wrong.");
    change(
        &pack.join("manifest.toml"),
        "type = \"customers\"",
        "type = \"customer\"",
    );
    let checked = run(folder, &["pack", "check", "abcd"]);
    assert_prints(
        &checked,
        "unknown data type `customer`: did you mean `customers`?",
    );
    change(
        &pack.join("manifest.toml"),
        "type = \"customer\"",
        "type = \"customers\"",
    );
    change(
        &pack.join("customers.jq"),
        "customerName: .name",
        "customerName: (.name | upercase)",
    );

    change(&pack.join("manifest.toml"), "scopes = []", "scoops = []");
    let checked = run(folder, &["pack", "check", "abcd"]);
    assert!(!checked.status.success());
    assert_prints(
        &checked,
        "there is no `scoops` here: did you mean `scopes`?",
    );
    assert_prints(&checked, "2 things are wrong.");
    assert_prints(&run(folder, &["pack", "check", "nowhere"]), "nowhere");
}

#[test]
fn a_folder_is_made_and_checked_with_json() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let json = |arguments: &[&str]| {
        let done = run(folder, &[arguments, &["--json"]].concat());
        let shown: Value = serde_json::from_slice(&done.stdout).unwrap();
        (shown, done.status.success())
    };
    let (made, _) = json(&["pack", "new", "fbrh"]);
    assert_eq!(
        (&made["folder"], &made["replaces"]),
        (&json!("./fbrh"), &json!("FreeAgent"))
    );
    let files = made["files"].as_array().unwrap();
    assert!(files.contains(&json!("manifest.toml")), "{made}");
    let (good, is_good) = json(&["pack", "check", "fbrh"]);
    assert!(is_good && good["wrong"] == 0, "{good}");
    let looked = &good["folders"][0];
    assert_eq!(
        (&looked["key"], &looked["fixtures"][0]["holds"]),
        (&json!("fbrh"), &json!(true))
    );
    assert_eq!(looked["coverage"][0]["dataType"], "customers");
    assert!(
        looked["coverage"][0]["never"].as_array().unwrap().len() > 6,
        "all of them"
    );

    let fixture = folder.join("fbrh/fixtures/customers.json");
    change(
        &fixture,
        "\"customerName\": \"Ferry & Sons\"",
        "\"customerName\": \"Ferry\"",
    );
    fs::remove_file(folder.join("fbrh/README.md")).unwrap();
    let (wrong, is_good) = json(&["pack", "check", "fbrh"]);
    assert!(!is_good && wrong["wrong"] == 1, "{wrong}");
    let looked = &wrong["folders"][0];
    let fixtures = looked["fixtures"].as_array().unwrap();
    let fixture = fixtures
        .iter()
        .find(|fixture| fixture["holds"] == false)
        .unwrap();
    assert_eq!(fixture["differences"][0]["expected"], "\"Ferry\"");
    assert!(
        looked["notes"].to_string().contains("README.md"),
        "{looked}"
    );
    let (accepted, is_good) = json(&["pack", "check", "fbrh", "--accept"]);
    assert!(
        is_good && accepted.to_string().contains("\"rewritten\":true"),
        "{accepted}"
    );

    change(
        &folder.join("fbrh/manifest.toml"),
        "scopes = []",
        "scoops = []",
    );
    let (broken, is_good) = json(&["pack", "check", "fbrh"]);
    let problem = &broken["folders"][0]["problems"][0];
    assert!(
        !is_good && problem["line"].as_u64().unwrap() > 1,
        "{broken}"
    );
    assert_eq!(problem["file"], "fbrh/manifest.toml");
    assert!(
        problem["message"]
            .as_str()
            .unwrap()
            .contains("did you mean `scopes`?")
    );
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_ends_the_program_quietly() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    run(folder, &["pack", "new", "abcd"]);
    let mut child = moorline(folder, &["pack", "check", "abcd"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(141), "{ended:?}");
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_pack_try() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    run(folder, &["pack", "new", "abcd"]);
    let arguments = ["pack", "try", "abcd", "--client-id", "me", "--port", "0"];
    let mut child = moorline(folder, &arguments)
        .env("MOORLINE_PACK_CLIENT_SECRET", "mine")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let waits = |line: &String| line.contains("Waiting for the browser");
    assert!(
        lines
            .by_ref()
            .map_while(Result::ok)
            .any(|line| waits(&line))
    );
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let rest: Vec<_> = lines.map_while(Result::ok).collect();
    assert!(
        rest.concat()
            .contains("Stopped before there was any access."),
        "{rest:?}"
    );
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn a_broken_folder_is_reported_in_the_log_and_by_doctor_and_affects_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for key in ["abcd", "abce"] {
        run(folder, &["pack", "new", key, "--in", "."]);
    }
    change(
        &folder.join("abce/manifest.toml"),
        "path = \"/me\"",
        "pth = \"/me\"",
    );
    let settings = "[integrations]\ndirs = [\".\"]\n";
    fs::write(folder.join("moorline.toml"), settings).unwrap();
    let with_settings = |arguments: &[&str]| {
        let arguments = [arguments, &["--config", "moorline.toml"]].concat();
        run(folder, &arguments)
    };
    with_settings(&["clients", "create", "Acme"]);
    let listed = with_settings(&["integrations", "list"]);
    assert!(listed.status.success(), "{listed:?}");
    let text = assert_prints(&listed, "abcd  Accounting");
    assert!(text.contains("mqjo") && !text.contains("abce  "), "{text}");
    let refused = "abce/manifest.toml:";
    assert!(
        String::from_utf8_lossy(&listed.stderr).contains(refused),
        "{text}"
    );
    assert!(text.contains("integration refused"), "{text}");
    let doctor = with_settings(&["doctor"]);
    assert!(!doctor.status.success());
    let text = assert_prints(&doctor, "an integration is refused: ");
    assert!(
        text.contains(refused) && text.contains("did you mean `path`?"),
        "{text}"
    );
    assert!(text.contains("moorline pack check"), "{text}");
}

#[test]
fn pack_try_without_credentials_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    run(folder, &["pack", "new", "abcd"]);
    let without = run(folder, &["pack", "try", "abcd"]);
    assert_prints(
        &without,
        "no OAuth client: give --client-id or MOORLINE_PACK_CLIENT_ID",
    );
    assert!(!without.status.success());
    let without = run(folder, &["pack", "try", "abcd", "--client-id", "mine"]);
    assert_prints(
        &without,
        "no client secret: set MOORLINE_PACK_CLIENT_SECRET",
    );
    assert!(!without.status.success());
    let unknown = run(folder, &["pack", "try", "abcd", "--types", "bills"]);
    assert_prints(
        &unknown,
        "'bills' is not offered here. Valid types: customers",
    );
    fs::remove_file(folder.join("abcd/identity.jq")).unwrap();
    let broken = run(folder, &["pack", "try", "abcd", "--client-id", "mine"]);
    assert_prints(&broken, "the folder is broken: moorline pack check abcd");
    assert_prints(&broken, "there is no file `identity.jq`");
}

/// A browser's request that follows no redirect.
fn open(url: &str) -> String {
    let url = Url::parse(url).unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", url.port().unwrap())).unwrap();
    let path = &url[url::Position::BeforePath..];
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

async fn try_sandbox(world: Arc<World>) {
    let port = crate::harness::ports::free().to_string();
    let client = json!({
        "id": "terminal", "secret": "only for the terminal", "product": "accounting",
        "redirect_uris": [format!("http://localhost:{port}/callback")],
    });
    world.provider(Method::POST, "clients", Some(client)).await;
    let folder = tempfile::tempdir().unwrap();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integrations/sandbox-accounting");
    let sandbox = format!("sandbox={}", world.sandbox.as_str().trim_end_matches('/'));
    let mut child = moorline(
        folder.path(),
        &[
            "pack",
            "try",
            dir.to_str().unwrap(),
            "--client-id",
            "terminal",
            "--set",
            &sandbox,
            "--port",
            &port,
            "--types",
            "company,customers,invoices",
            "--pages",
            "1",
        ],
    )
    .env("MOORLINE_PACK_CLIENT_SECRET", "only for the terminal")
    .stdin(Stdio::null())
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let url = loop {
        let line = lines.next().expect("an address to open").unwrap();
        if line.trim().starts_with("http") {
            break line.trim().to_owned();
        }
    };
    let elsewhere = open(&format!(
        "http://localhost:{port}/callback?code=x&state=another"
    ));
    assert!(elsewhere.starts_with("HTTP/1.1 400"), "{elsewhere}");
    let business = json!({ "business": "lindqvist-snickeri" });
    let redirect = world.customer().consent(&url, business).await;
    let page = open(&redirect);
    assert!(page.contains("Thank you"), "{page}");
    let output = tokio::task::spawn_blocking(move || {
        let output: Vec<String> = lines.map_while(Result::ok).collect();
        let status = child.wait().unwrap();
        let mut errors = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut errors)
            .unwrap();
        (output.join("\n"), status.success(), errors)
    });
    let (output, success, errors) = output.await.unwrap();
    assert!(success, "{output}\n{errors}");
    for words in [
        "✓ linked: the access token lives ",
        "✓ refreshed: with a new refresh token",
        "✓ company: ",
        "✓ customers",
        "✓ access: given back at the platform",
        "Everything could be read. Nothing was stored.",
    ] {
        assert!(output.contains(words), "{words}: {output}");
    }
    assert!(
        !output.contains("only for the terminal") && !errors.contains("only for"),
        "{output}"
    );
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing was stored"
    );
    let grants = world.provider(Method::GET, "grants", None).await;
    let open: Vec<&Value> = grants
        .as_array()
        .unwrap()
        .iter()
        .filter(|grant| grant["revoked_at"].is_null())
        .collect();
    assert!(open.is_empty(), "{open:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_platform_is_tried_from_the_terminal_and_nothing_is_stored() {
    let world = World::on_sqlite().await;
    try_sandbox(Arc::clone(&world)).await;
    world.end().await;
}
