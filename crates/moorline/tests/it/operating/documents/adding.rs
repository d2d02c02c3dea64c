//! The commands that take a new platform from its folder into use.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use axum::extract::State;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use url::Url;

use super::{ADDING, AS_PRINTED, blocks};
use crate::harness::command_line::assert_prints;
use crate::harness::ports;

/// What the page tells its reader to have before each block: a repository, a folder of platforms that the settings name,
/// the OAuth client's secret, and the API key as an `Authorization` header.
const BEFORE_CHECKING: &str =
    "git init -q . && git config user.email a@b.example && git config user.name a";
const BEFORE_USING: &str = r#"
cp -R integrations platforms
printf '[integrations]\ndirs = ["%s/platforms"]\n' "$PWD" > moorline.toml
printf 'a secret' > secret
"#;
const BEFORE_ASKING: &str = r#"
KEY=$(grep -Eo 'API key [^ ]+' printed | cut -d ' ' -f 3)
AUTH="Authorization: Basic $(printf %s "$KEY" | base64 | tr -d '\n')"
curl() { command curl -f "$@"; }
"#;
/// Nothing was pulled, and so no answer is kept: that is what the last block has to say.
const BEFORE_MENDING: &str = r#"
moorline() {
  if [ "$1 $2" != "pack remap" ]; then command moorline "$@"; return; fi
  if command moorline "$@" 2> said; then return 1; fi
  grep -q "no answer of FreeAgent is kept" said
}
"#;

#[test]
fn a_new_platform_is_checked_used_and_mended_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    let known = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integrations");
    let copied = Command::new("cp")
        .arg("-R")
        .arg(known)
        .arg(folder.path())
        .status()
        .unwrap();
    assert!(copied.success());
    let port = ports::free();
    let blocks = blocks(ADDING);
    // The third has a story of its own, below.
    let [_, checking, _, using, asking, mending] = blocks[..] else {
        panic!("another number of blocks: {blocks:?}");
    };
    let asking = asking.replace("http://localhost:7400", "$ADDRESS");
    let script = format!(
        "{AS_PRINTED}{BEFORE_CHECKING}\n{checking}\n{BEFORE_USING}\n{{\n{using}\n}} > printed\n{BEFORE_ASKING}\n{asking}\n{BEFORE_MENDING}\n{mending}"
    );
    let program = Path::new(env!("CARGO_BIN_EXE_moorline"));
    let path = std::env::var("PATH").unwrap();
    let ran = Command::new("sh")
        .args(["-e", "-c", &script])
        .current_dir(folder.path())
        .env(
            "PATH",
            format!("{}:{path}", program.parent().unwrap().display()),
        )
        .env("ADDRESS", format!("http://127.0.0.1:{port}"))
        .env("no_proxy", "127.0.0.1")
        .env("MOORLINE_LISTEN", format!("127.0.0.1:{port}"))
        .env_remove("MOORLINE_CONFIG")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{script}\n{ran:?}");
    assert_prints(&ran, "\"key\":\"fbrh\"");
    let printed = std::fs::read_to_string(folder.path().join("printed")).unwrap();
    let redirect = "/oauth/fbrh/callback";
    assert!(
        printed.contains("API key ") && printed.contains(redirect),
        "{printed}"
    );
}

/// The emulator that the page describes: it issues tokens, and serves the fixtures' pages by their paths.
fn emulator(folder: &Path) -> BTreeMap<String, Value> {
    let text = std::fs::read_to_string(folder.join("manifest.toml")).unwrap();
    let manifest: toml::Value = toml::from_str(&text).unwrap();
    let mut lists: BTreeMap<&str, usize> = BTreeMap::new();
    let mut answers = BTreeMap::new();
    for data in manifest["data"].as_array().unwrap() {
        let (name, path) = (
            data["type"].as_str().unwrap(),
            data["path"].as_str().unwrap(),
        );
        let number = lists.entry(name).or_default();
        *number += 1;
        let file = match number {
            1 => format!("fixtures/{name}.json"),
            number => format!("fixtures/{name}.{number}.json"),
        };
        let fixture = std::fs::read(folder.join(file)).unwrap();
        let fixture: Value = serde_json::from_slice(&fixture).unwrap();
        if let Some(sub_accounts) = fixture["lookup"].get("sub_accounts") {
            let key = format!("{path}?sub_accounts");
            answers.entry(key).or_insert(sub_accounts.clone());
        }
        let page = fixture["page"].clone();
        answers.entry(path.to_owned()).or_insert(page);
    }
    let tokens = json!({ "access_token": "at", "refresh_token": "rt", "expires_in": 3600, "token_type": "bearer" });
    answers.insert("/token_endpoint".to_owned(), tokens);
    // Each fixture is of a company of its own: what one list says of another's accounts would not be found.
    answers.insert("/bank_accounts".to_owned(), json!({ "bank_accounts": [] }));
    answers
}

async fn answer(
    State(answers): State<Arc<BTreeMap<String, Value>>>,
    method: Method,
    uri: Uri,
) -> Response {
    let query = uri.query().unwrap_or_default();
    let path = match query.contains("sub_accounts=true") {
        true => format!("{}?sub_accounts", uri.path()),
        false => uri.path().to_owned(),
    };
    match answers.get(&path) {
        Some(answer) if method == Method::GET || path == "/token_endpoint" => {
            ([("content-type", "application/json")], answer.to_string()).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The platform's sandbox, as the page names it.
const SANDBOX: &str = "https://api.sandbox.freeagent.com/v2";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_platform_is_tried_at_an_emulator_as_printed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let answers = Arc::new(emulator(&root.join("integrations/freeagent")));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(answer).with_state(answers);
    let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let trying = blocks(ADDING)[2];
    assert!(trying.contains(SANDBOX), "{trying}");
    // On a port of its own, and with JSON, so that its outcome can be read.
    let as_printed = "moorline() { command moorline \"$@\" --port $PORT --json; }";
    let script = format!("{as_printed}\n{}", trying.replace(SANDBOX, &host));
    let tried = tokio::task::spawn_blocking(move || try_as_printed(&script, &root));
    let (said, shown, is_good) = tried.await.unwrap();
    serving.abort();
    assert!(is_good, "{said}\n{shown}");
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(
        (&shown["key"], &shown["outcome"]),
        (&json!("fbrh"), &json!("read"))
    );
    assert_eq!(shown["access"], "stays", "it has no way to give it back");
    let data = shown["data"].as_array().unwrap();
    let of = |name: &str| data.iter().find(|one| one["dataType"] == name).unwrap();
    for name in [
        "company",
        "customers",
        "invoices",
        "bills",
        "chartOfAccounts",
        "items",
        "journalEntries",
    ] {
        assert!(of(name)["records"].as_u64().unwrap() > 0, "{name}: {shown}");
    }
    assert!(data.iter().all(|one| one["refusal"].is_null()), "{shown}");
    assert!(
        said.contains("invoices") && said.contains("Everything could be read"),
        "{said}"
    );
    assert!(
        !said.contains("not shown") && !said.contains("my own secret"),
        "{said}"
    );
}

/// Runs the script, and plays the browser: standard error, standard output, and the outcome.
fn try_as_printed(script: &str, folder: &Path) -> (String, String, bool) {
    let program = Path::new(env!("CARGO_BIN_EXE_moorline"));
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", program.parent().unwrap().display());
    let mut child = Command::new("sh")
        .args(["-e", "-c", script])
        .current_dir(folder)
        .env("PATH", path)
        .env("PORT", ports::free().to_string())
        .env("MOORLINE_PACK_CLIENT_SECRET", "my own secret")
        .env_remove("MOORLINE_CONFIG")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some(url) = line
            .trim()
            .strip_prefix("http")
            .map(|rest| format!("http{rest}"))
        {
            redirect(&Url::parse(&url).unwrap());
        }
        said.push_str(&format!("{line}\n"));
    }
    let mut shown = String::new();
    let mut out = child.stdout.take().unwrap();
    out.read_to_string(&mut shown).unwrap();
    (said, shown, child.wait().unwrap().success())
}

/// The consent, given: the browser comes back with a code.
fn redirect(url: &Url) {
    let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    let mut back = Url::parse(&query["redirect_uri"]).unwrap();
    back.query_pairs_mut()
        .append_pair("code", "c-1")
        .append_pair("state", &query["state"]);
    let mut stream = TcpStream::connect(("127.0.0.1", back.port().unwrap())).unwrap();
    let path = &back[url::Position::BeforePath..];
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("Thank you"), "{answer}");
}
