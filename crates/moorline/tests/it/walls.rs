//! Reads the project's sources and holds the walls that docs/ARCHITECTURE.md draws.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The layers of this crate from the lowest up: a module may name those of its own layer and below.
const LAYERS: [&[&str]; 6] = [
    &["model"],
    &["store", "vault"],
    &["events", "live"],
    &["limits", "pace", "tokens"],
    &[
        "linking", "moving", "products", "pushing", "sync", "webhooks",
    ],
    &["http", "link", "cli", "jobs"],
];

/// What each lower crate may use of this workspace.
const CRATES: [(&str, &[&str]); 4] = [
    ("records", &[]),
    ("egress", &[]),
    ("connectors", &["records", "egress"]),
    ("sandbox", &[]),
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

    /// This crate's module that the file belongs to: `http` for both `src/http.rs` and `src/http/wire/error.rs`.
    fn module(&self) -> Option<&str> {
        let inner = self.path.strip_prefix("crates/moorline/src/")?;
        Some(
            inner
                .split('/')
                .next()
                .unwrap_or(inner)
                .trim_end_matches(".rs"),
        )
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
fn the_lower_crates_depend_on_nothing_above_them() {
    for (name, allowed) in CRATES {
        let manifest = read(&root().join("crates").join(name).join("Cargo.toml"));
        let found = crate_violations(name, allowed, &manifest);
        assert!(found.is_empty(), "\n{}", found.join("\n"));
    }
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |engine: &str| -> BTreeSet<String> {
        let folder = root().join("crates/moorline/migrations").join(engine);
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

    let serves = [
        "crates/moorline/src/http/",
        "crates/moorline/src/http.rs",
        "crates/moorline/src/link/",
        "crates/moorline/src/link.rs",
        "crates/sandbox/",
        // Its floors are servers that do as little as a server can.
        "crates/bench/",
    ];
    if has_word(code, "axum") && !source.is_below(&serves) {
        report("names axum, which only http and link may".to_owned());
    }
    let stores = [
        "crates/moorline/src/store/",
        "crates/moorline/src/store.rs",
        // It fills databases, and reads them without the platform to compare.
        "crates/bench/",
    ];
    if has_word(code, "sqlx") && !source.is_below(&stores) {
        report("names sqlx, which only the store may".to_owned());
    }
    for client in HTTP_CLIENTS {
        if has_path_root(code, client) && !source.is_below(&["crates/egress/"]) {
            report(format!(
                "names {client}; the one door out is the egress crate"
            ));
        }
    }
    if source.is_below(&["crates/moorline/"])
        && source.path != "crates/moorline/src/cli/demo.rs"
        && has_path_root(code, "sandbox")
    {
        report("names the sandbox crate, which only cli/demo.rs may".to_owned());
    }
    if source.is_below(&["crates/moorline/src/", "crates/connectors/src/"]) {
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
    if let Some(module) = source.module() {
        if module == "model" {
            for sign in [
                "async fn", "std::fs", "std::net", "std::env", "tokio", "egress", "tracing",
            ] {
                if code.contains(sign) {
                    report(format!("has `{sign}`, but the model does no I/O"));
                }
            }
        }
        if let Some(own) = layer(module) {
            for named in crate_modules(code) {
                if layer(&named).is_some_and(|other| other > own) {
                    report(format!(
                        "{module} names crate::{named}, which stands above it"
                    ));
                }
            }
        }
    }
    found
}

fn crate_violations(name: &str, allowed: &[&str], manifest: &str) -> Vec<String> {
    let manifest: toml::Table = toml::from_str(manifest).unwrap();
    let ours: Vec<&str> = CRATES
        .iter()
        .map(|(name, _)| *name)
        .chain(["moorline", "xtask"])
        .collect();
    let mut found = Vec::new();
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let Some(dependencies) = manifest.get(section).and_then(toml::Value::as_table) else {
            continue;
        };
        for dependency in dependencies.keys().map(String::as_str) {
            let is_own = ours.contains(&dependency) && !allowed.contains(&dependency);
            let is_database = dependency == "sqlx";
            let is_server = dependency == "axum" && name != "sandbox";
            let is_door =
                section == "dependencies" && HTTP_CLIENTS.contains(&dependency) && name != "egress";
            if is_own || is_database || is_server || is_door {
                found.push(format!("crates/{name} depends on {dependency} ({section})"));
            }
        }
    }
    found
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The first segments of all paths that begin with `crate::`, also out of groups: `use crate::{store::Db, vault};`.
fn crate_modules(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(is_name_letter) || code[..at].ends_with('$') {
            continue;
        }
        let rest = code[at + "crate::".len()..].trim_start();
        let Some(group) = rest.strip_prefix('{') else {
            found.insert(name_at(rest));
            continue;
        };
        let mut depth = 1;
        let mut expects_name = true;
        for (at, letter) in group.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => expects_name = true,
                letter if expects_name && is_name_letter(letter) => {
                    found.insert(name_at(&group[at..]));
                    expects_name = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
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

/// Whether a crate is used: `name::` at the start of a path, or `use name`.
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

/// Every platform's key, from the manifests of the folders below `integrations/`.
fn platform_keys() -> Vec<String> {
    let keys: Vec<String> = fs::read_dir(root().join("integrations"))
        .unwrap()
        .map(|entry| entry.unwrap().path().join("manifest.toml"))
        .filter(|manifest| manifest.is_file())
        .map(|manifest| {
            let text = read(&manifest);
            let key = text.lines().find_map(|line| line.strip_prefix("key = "));
            let key = key.unwrap_or_else(|| panic!("{}: no key", manifest.display()));
            key.trim_matches('"').to_owned()
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
    fn catches_a_web_server_outside_http_and_link() {
        is_caught("crates/moorline/src/sync.rs", "use axum::Json;");
        is_caught(
            "crates/connectors/src/lib.rs",
            "fn f() -> axum::Json<u8> { g() }",
        );
        passes("crates/moorline/src/http/company.rs", "use axum::Json;");
        passes("crates/moorline/src/link.rs", "use axum::Json;");
        passes("crates/sandbox/src/server.rs", "use axum::Json;");
    }

    #[test]
    fn catches_sql_outside_the_store_and_http_clients_outside_egress() {
        is_caught("crates/moorline/src/http/company.rs", "use sqlx::query;");
        is_caught(
            "crates/moorline/src/http/company.rs",
            "#[derive(sqlx::FromRow)] struct A;",
        );
        passes("crates/moorline/src/store/company.rs", "use sqlx::query;");
        is_caught(
            "crates/connectors/src/oauth.rs",
            "let client = reqwest::Client::new();",
        );
        passes("crates/egress/src/door.rs", "use reqwest::Client;");
    }

    #[test]
    fn catches_the_sandbox_named_elsewhere_than_in_the_demo() {
        is_caught("crates/moorline/src/cli/serve.rs", "use sandbox::Config;");
        is_caught(
            "crates/moorline/src/app.rs",
            "sandbox::serve(config).await?;",
        );
        passes("crates/moorline/src/cli/demo.rs", "use sandbox::Config;");
        passes(
            "crates/moorline/src/http/company.rs",
            "if manifest.sandbox { hide() }",
        );
        passes(
            "crates/moorline/src/http/company.rs",
            "let sandbox = manifest.is_sandbox();",
        );
    }

    #[test]
    fn catches_a_lower_layer_that_names_a_higher_one() {
        is_caught(
            "crates/moorline/src/model/company.rs",
            "use crate::store::Db;",
        );
        is_caught(
            "crates/moorline/src/tokens.rs",
            "use crate::{clock::Clock, linking::start};",
        );
        is_caught(
            "crates/moorline/src/store/job.rs",
            "fn f() { crate::jobs::run() }",
        );
        is_caught(
            "crates/moorline/src/events.rs",
            "use crate::{\n    model::{Event, http},\n    sync::{a, b},\n};",
        );
        passes(
            "crates/moorline/src/http/company.rs",
            "use crate::{linking, store::{Db, tokens}};",
        );
        passes(
            "crates/moorline/src/tokens.rs",
            "use crate::{clock::Clock, model::{linking, sync}};",
        );
    }

    #[test]
    fn catches_a_model_that_does_more_than_think() {
        is_caught(
            "crates/moorline/src/model/company.rs",
            "pub async fn load() {}",
        );
        is_caught("crates/moorline/src/model.rs", "use std::fs::File;");
        passes(
            "crates/moorline/src/store/company.rs",
            "pub async fn load() {}",
        );
    }

    #[test]
    fn catches_a_platform_named_in_rust() {
        is_caught(
            "crates/moorline/src/sync.rs",
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
        is_caught("crates/moorline/src/sync.rs", later);
        is_caught("crates/moorline/tests/it/main.rs", later);
        passes("crates/moorline/src/sync.rs", "// nothing to do here\n");
    }

    #[test]
    fn is_not_misled_by_comments_and_strings() {
        passes(
            "crates/moorline/src/sync.rs",
            "/* axum and sqlx */ // reqwest::get\nlet a = 1;",
        );
        is_caught(
            "crates/moorline/src/sync.rs",
            "let a = \"// not a comment\"; use axum::Json;",
        );
        is_caught(
            "crates/moorline/src/sync.rs",
            "let a = r#\"a \" // b\"#; use axum::Json;",
        );
        is_caught(
            "crates/moorline/src/sync.rs",
            "let a = '\"'; use axum::Json; let b = '\"';",
        );
    }

    #[test]
    fn catches_a_lower_crate_that_reaches_up_or_out() {
        let caught = |name: &str, allowed: &[&str], manifest: &str| {
            assert_eq!(
                crate_violations(name, allowed, manifest).len(),
                1,
                "{manifest}"
            );
        };
        caught("records", &[], "[dependencies]\nmoorline.workspace = true");
        caught(
            "sandbox",
            &[],
            "[dev-dependencies]\nrecords.workspace = true",
        );
        caught(
            "connectors",
            &["records", "egress"],
            "[dependencies]\nsqlx = \"0.9\"",
        );
        caught(
            "connectors",
            &["records", "egress"],
            "[dependencies]\nreqwest = \"0.13\"",
        );
        caught("egress", &[], "[dependencies]\naxum.workspace = true");
        let fine =
            "[dependencies]\nrecords.workspace = true\n[dev-dependencies]\nreqwest = \"0.13\"";
        assert!(crate_violations("connectors", &["records", "egress"], fine).is_empty());
    }
}
