//! Reads the project's manifests and sources, and holds those walls of docs/ARCHITECTURE.md that Cargo can't see.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The crates of this workspace that each crate may depend on. Cargo refuses an import that isn't listed here.
const CRATES: [(&str, &[&str]); 9] = [
    ("records", &[]),
    ("egress", &[]),
    ("sandbox", &[]),
    ("words", &[]),
    ("store", &["records"]),
    ("connectors", &["records", "egress"]),
    (
        "platform",
        &["connectors", "records", "egress", "store", "words"],
    ),
    (
        "api",
        &[
            "platform",
            "connectors",
            "records",
            "egress",
            "store",
            "words",
        ],
    ),
    (
        "moorline",
        &[
            "api",
            "platform",
            "connectors",
            "egress",
            "sandbox",
            "store",
            "words",
        ],
    ),
];

/// The crates that may depend on these: a web server, a database, a way out.
const HELD: [(&str, &[&str]); 3] = [
    // The bench's floors are servers that do as little as a server can.
    ("axum", &["api", "sandbox", "bench"]),
    // The bench fills databases, and reads them without the platform to compare.
    ("sqlx", &["store", "bench"]),
    ("reqwest", &["egress"]),
];

/// More entries than this in one folder are a corridor.
const ENTRIES: usize = 12;

/// Of a hundred lines of documentation, those that may begin with a question word.
const QUESTIONS_PER_HUNDRED: usize = 3;

/// The one file that may start the sandbox.
const DEMO: &str = "crates/moorline/src/cli/demo/mod.rs";

/// Rooms in which platforms have no names.
const NAMELESS: [&str; 5] = [
    "crates/store/src/",
    "crates/platform/src/",
    "crates/api/src/",
    "crates/moorline/src/",
    "crates/connectors/src/",
];

/// The statuses that a handler may answer with by itself.
const SUCCESSES: [&str; 6] = [
    "OK",
    "CREATED",
    "ACCEPTED",
    "NO_CONTENT",
    "SEE_OTHER",
    "NOT_MODIFIED",
];

/// Other ways out than the egress crate's.
const HTTP_CLIENTS: [&str; 6] = ["reqwest", "ureq", "isahc", "curl", "surf", "attohttpc"];

/// Makers of platforms whose names a reader might be tempted to branch on.
const PLATFORM_NAMES: [&str; 7] = [
    "Xero",
    "QuickBooks",
    "Intuit",
    "FreshBooks",
    "Shopify",
    "TrueLayer",
    "NetSuite",
];

const QUESTION_WORDS: [&str; 8] = [
    "What", "Who", "Whose", "Which", "Whether", "How", "Where", "When",
];

/// One Rust file: where it lies below the project's root, its text, and its text without comments and tests.
struct Source {
    path: String,
    text: String,
    code: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code: code_of(text),
        }
    }

    fn is_below(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.starts_with(folder))
    }

    fn is_test(&self) -> bool {
        self.path.contains("/tests/")
            || self.path.contains("/benches/")
            || self.path.contains("/examples/")
    }
}

#[test]
fn every_source_stays_within_the_walls() {
    let keys = platform_keys();
    let sources = sources();
    assert!(
        sources.len() > 20,
        "the walk found next to nothing: {} files",
        sources.len()
    );
    let found: Vec<String> = sources
        .iter()
        .flat_map(|source| violations(source, &keys))
        .collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn every_crate_depends_on_nothing_above_it() {
    let found: Vec<String> = manifests()
        .iter()
        .flat_map(|(name, manifest)| crate_violations(name, manifest))
        .collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn every_room_is_on_the_map_and_holds_at_most_a_dozen_entries() {
    let map = read(&root().join("docs/ARCHITECTURE.md"));
    let mut found = Vec::new();
    for room in rooms() {
        let shown = format!("`{}/`", room.path);
        if !map.contains(&shown) {
            found.push(format!("docs/ARCHITECTURE.md has no {shown}"));
        }
        if room.entries > ENTRIES {
            found.push(format!(
                "{} has {} entries, of {ENTRIES} at most: group them",
                room.path, room.entries
            ));
        }
    }
    let drawn = map
        .split('`')
        .filter(|word| word.starts_with("crates/") && word.ends_with('/'));
    for room in drawn {
        if !root().join(room).is_dir() {
            found.push(format!(
                "docs/ARCHITECTURE.md shows {room}, which is not there"
            ));
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn documentation_begins_with_what_it_describes() {
    let (mut lines, mut questions) = (0, Vec::new());
    for source in sources() {
        for (number, line) in source.text.lines().enumerate() {
            let line = line.trim_start();
            let text = line
                .strip_prefix("///")
                .or_else(|| line.strip_prefix("//!"));
            let Some(text) = text.filter(|text| !text.starts_with('/')) else {
                continue;
            };
            lines += 1;
            if QUESTION_WORDS.contains(&name_at(text.trim_start()).as_str()) {
                questions.push(format!("{}:{}:{text}", source.path, number + 1));
            }
        }
    }
    assert!(
        questions.len() * 100 < lines * QUESTIONS_PER_HUNDRED,
        "{} of {lines} lines of documentation begin with a question word; begin with a noun or a verb:\n{}",
        questions.len(),
        questions.join("\n")
    );
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |engine: &str| -> BTreeSet<String> {
        let folder = root().join("crates/store/migrations").join(engine);
        fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect()
    };
    let sqlite = names("sqlite");
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, names("postgres"));
}

/// Every way in which one file breaks a wall, each as a line that names file and rule.
fn violations(source: &Source, platform_keys: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let mut report = |rule: String| found.push(format!("{}: {rule}", source.path));

    for word in [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
    ] {
        if has_word(&source.text, word) {
            report(format!("says {word}: finish it, or say what is so and why"));
        }
    }
    if source.is_test() {
        return found;
    }
    let code = &source.code;

    for client in HTTP_CLIENTS {
        if has_path_root(code, client) && !source.is_below(&["crates/egress/"]) {
            report(format!(
                "names {client}; the one door out is the egress crate"
            ));
        }
    }
    if source.is_below(&NAMELESS) && source.path != DEMO && has_path_root(code, "sandbox") {
        report("names the sandbox crate, which only cli/demo may".to_owned());
    }
    if source.is_below(&NAMELESS) {
        for key in platform_keys
            .iter()
            .map(String::as_str)
            .chain(PLATFORM_NAMES)
        {
            if has_word(code, key) {
                report(format!(
                    "names the platform {key}; platforms are data, not Rust"
                ));
            }
        }
    }
    if source.is_below(&["crates/store/src/model/", "crates/store/src/query/"]) {
        for sign in [
            "async fn", "std::fs", "std::net", "std::env", "tokio", "sqlx",
        ] {
            if code.contains(sign) {
                report(format!("has `{sign}`, but plain types do no I/O"));
            }
        }
    }
    if source.is_below(&["crates/api/src/"]) && !source.is_below(&["crates/api/src/around/errors/"])
    {
        for (at, _) in code.match_indices("StatusCode::") {
            let status = name_at(&code[at + "StatusCode::".len()..]);
            if !SUCCESSES.contains(&status.as_str()) {
                report(format!(
                    "names the status {status}; around/errors alone knows how a request is refused"
                ));
            }
        }
    }
    found
}

fn crate_violations(name: &str, manifest: &str) -> Vec<String> {
    let manifest: toml::Table = toml::from_str(manifest).unwrap();
    let ours: Vec<&str> = CRATES
        .iter()
        .map(|(name, _)| *name)
        .chain(["bench", "fuzz", "xtask"])
        .collect();
    // Crates that are not in the list (bench, fuzz, xtask) are leaves: nothing may depend on them, they on anything.
    let allowed = CRATES.iter().find(|(known, _)| *known == name);
    let mut found = Vec::new();
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let Some(dependencies) = manifest.get(section).and_then(toml::Value::as_table) else {
            continue;
        };
        for dependency in dependencies.keys().map(String::as_str) {
            let is_above = ours.contains(&dependency)
                && allowed.is_some_and(|(_, allowed)| !allowed.contains(&dependency));
            // Stories look into databases, and play servers; any crate's tests may call a server.
            let is_for_tests =
                section == "dev-dependencies" && (name == "moorline" || dependency == "reqwest");
            let is_held = HELD
                .iter()
                .any(|(held, by)| *held == dependency && !by.contains(&name))
                && !is_for_tests;
            if is_above || is_held {
                found.push(format!("{name} depends on {dependency} ({section})"));
            }
        }
    }
    found
}

fn name_at(text: &str) -> String {
    text.chars()
        .take_while(|letter| is_name_letter(*letter))
        .collect()
}

fn is_name_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(is_name_letter)
            && !text[at + word.len()..].starts_with(is_name_letter)
    })
}

/// True if a crate is used: `name::` at the start of a path, or `use name`.
fn has_path_root(code: &str, name: &str) -> bool {
    let path = format!("{name}::");
    let starts_path = code.match_indices(&path).any(|(at, _)| {
        !code[..at].ends_with(is_name_letter) && !code[..at].ends_with([':', '.', '$'])
    });
    starts_path
        || code
            .match_indices("use ")
            .any(|(at, _)| name_at(&code[at + 4..]) == name)
        || code
            .match_indices("extern crate ")
            .any(|(at, _)| name_at(&code[at + 13..]) == name)
}

/// The text without comments and without the tests at its end; string literals stay.
fn code_of(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            let end = rest.find('\n').unwrap_or(rest.len());
            rest = &rest[end..];
            continue;
        } else if rest.starts_with("/*") {
            let end = rest.find("*/").map_or(rest.len(), |end| end + 2);
            rest = &rest[end..];
            continue;
        } else if letter == '"' {
            string_length(rest)
        } else if let Some(fence) = raw_fence(rest).filter(|_| !code.ends_with(is_name_letter)) {
            rest[fence.len() + 1..]
                .find(&format!("\"{}", &fence[1..fence.len() - 1]))
                .map_or(rest.len(), |end| end + 2 * fence.len())
        } else if rest.starts_with("'\"'") {
            3
        } else {
            letter.len_utf8()
        };
        code.push_str(&rest[..length.min(rest.len())]);
        rest = &rest[length.min(rest.len())..];
    }
    code
}

/// The length of the literal at the start of the text, with both its quotes.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// `r##"` for a raw string at the start of the text.
fn raw_fence(text: &str) -> Option<&str> {
    let hashes = text.strip_prefix('r')?;
    let count = hashes.len() - hashes.trim_start_matches('#').len();
    hashes[count..].starts_with('"').then(|| &text[..count + 2])
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn sources() -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    let mut left = vec![root.join("crates"), root.join("xtask")];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if path
                    .file_name()
                    .is_some_and(|name| name != "target" && name != "node_modules")
                {
                    left.push(path);
                }
            } else if path.extension().is_some_and(|end| end == "rs") {
                let name = path
                    .strip_prefix(&root)
                    .unwrap()
                    .to_string_lossy()
                    .replace('\\', "/");
                found.push(Source::new(&name, &read(&path)));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Every crate of the workspace and xtask, each with its manifest's text.
fn manifests() -> Vec<(String, String)> {
    let root = root();
    let crates = fs::read_dir(root.join("crates")).unwrap();
    let mut found: Vec<(String, String)> = crates
        .map(|entry| entry.unwrap().path())
        .chain([root.join("xtask")])
        .map(|folder| {
            let name = folder.file_name().unwrap().to_string_lossy().into_owned();
            (name, read(&folder.join("Cargo.toml")))
        })
        .collect();
    found.sort();
    found
}

/// A folder of sources, and the number of files and folders in it.
struct Room {
    path: String,
    entries: usize,
}

/// Every folder that holds Rust sources of a crate, but for tests and examples.
fn rooms() -> Vec<Room> {
    let root = root();
    let mut found = Vec::new();
    let mut left: Vec<PathBuf> = fs::read_dir(root.join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().path().join("src"))
        .collect();
    while let Some(folder) = left.pop() {
        let entries: Vec<PathBuf> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        if entries
            .iter()
            .any(|path| path.extension().is_some_and(|end| end == "rs"))
        {
            let path = folder.strip_prefix(&root).unwrap().to_string_lossy();
            found.push(Room {
                path: path.replace('\\', "/"),
                entries: entries.len(),
            });
        }
        left.extend(entries.into_iter().filter(|path| path.is_dir()));
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Every platform's key, as its manifest says.
fn platform_keys() -> Vec<String> {
    let keys: Vec<String> = fs::read_dir(root().join("integrations"))
        .unwrap()
        .map(|entry| entry.unwrap().path().join("manifest.toml"))
        .filter(|manifest| manifest.is_file())
        .map(|manifest| {
            let manifest: toml::Table = toml::from_str(&read(&manifest)).unwrap();
            manifest["key"].as_str().unwrap().to_owned()
        })
        .collect();
    assert!(!keys.is_empty(), "no integration was found");
    keys
}

mod the_checker {
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
        let fine =
            "[dependencies]\nrecords.workspace = true\n[dev-dependencies]\nreqwest = \"0.13\"";
        assert!(crate_violations("connectors", fine).is_empty());
        let stories = "[dependencies]\napi.workspace = true\n[dev-dependencies]\nsqlx = \"0.9\"";
        assert!(crate_violations("moorline", stories).is_empty());
    }
}
