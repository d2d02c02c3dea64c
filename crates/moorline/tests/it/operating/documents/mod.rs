//! The commands that the documents print, run as printed.

mod adding;
mod demo;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::harness::command_line::assert_prints;
use crate::harness::ports;

const README: &str = include_str!("../../../../../../README.md");
const ADDING: &str = include_str!("../../../../../../docs/ADDING-A-PLATFORM.md");
const OPERATIONS: &str = include_str!("../../../../../../docs/OPERATIONS.md");
const WEBHOOKS: &str = include_str!("../../../../../../docs/WEBHOOKS.md");

/// The commands that a document prints, block by block.
fn blocks(document: &str) -> Vec<&str> {
    let blocks = document.split("```sh\n").skip(1);
    blocks
        .map(|rest| rest.split_once("```").expect("an end").0)
        .collect()
}

/// The documents that print commands, with the number of their blocks and how each is run.
const PRINTED: [(&str, usize, &str); 9] = [
    (
        "README.md",
        3,
        "test is this very run's own command, and demo a stage of it; the walk: `demo`; to run it for real: here",
    ),
    (
        "docs/ADDING-A-PLATFORM.md",
        6,
        "the first here, the others in `adding`",
    ),
    ("docs/LINK.md", 1, "here"),
    ("docs/MIGRATING.md", 6, "here"),
    ("docs/OPERATIONS.md", 5, "here"),
    ("docs/WEBHOOKS.md", 1, "`demo`"),
    ("crates/sandbox/CONTROL.md", 2, "`demo`"),
    (
        "web/connections/README.md",
        1,
        "web/connections/test/readme.test.ts",
    ),
    ("web/link/README.md", 1, "web/link/test/readme.test.ts"),
];
/// Blocks that nothing runs, each with its reason. There are none.
const NOT_RUN: [(&str, usize, &str); 0] = [];

/// The ways in which a block of commands may be marked.
const SHELLS: [&str; 7] = [
    "sh",
    "bash",
    "console",
    "shell",
    "zsh",
    "shell-session",
    "terminal",
];

/// The number of blocks of commands in a document; lists indent theirs.
fn marked(text: &str) -> usize {
    let marks = text
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("```"));
    marks
        .filter(|mark| SHELLS.contains(&mark.split_whitespace().next().unwrap_or("")))
        .count()
}

#[test]
fn no_document_prints_commands_that_nothing_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !path.is_symlink() {
                if !name.starts_with('.')
                    && !["node_modules", "target", "dist"].contains(&name.as_str())
                {
                    folders.push(path);
                }
                continue;
            }
            if !name.ends_with(".md") {
                continue;
            }
            let number = marked(&std::fs::read_to_string(&path).unwrap());
            let path = path.strip_prefix(&root).unwrap().display().to_string();
            if number > 0 {
                found.push((path, number));
            }
        }
    }
    found.sort();
    let mut expected: BTreeMap<&str, usize> = BTreeMap::new();
    for (path, number, how) in PRINTED.iter().chain(&NOT_RUN) {
        assert!(!how.is_empty(), "{path}");
        *expected.entry(path).or_default() += number;
    }
    let expected: Vec<(String, usize)> = expected
        .into_iter()
        .map(|(path, number)| (path.to_owned(), number))
        .collect();
    assert_eq!(
        found, expected,
        "run each new block of commands as printed, and say so in PRINTED; or give the reason in NOT_RUN"
    );
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

const MIGRATING: &str = include_str!("../../../../../../docs/MIGRATING.md");

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
fn uploads_are_enabled_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_moorline");
    let script = blocks(include_str!("../../../../../../docs/LINK.md")).concat();
    let ran = Command::new("sh")
        .args([
            "-e",
            "-c",
            &format!("moorline() {{ {program} \"$@\"; }}; moorline clients create Acme; {script}"),
        ])
        .current_dir(folder.path())
        .env_remove("MOORLINE_CONFIG")
        .output()
        .unwrap();
    assert!(ran.status.success(), "{script}\n{ran:?}");
}

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
