//! Reads the project's manifests and sources, and holds those walls of docs/ARCHITECTURE.md that Cargo can't see.

mod sources;
mod the_checker;

use std::collections::BTreeSet;
use std::fs;

use sources::*;

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

/// Longer files than this are read by nobody from end to end.
const LINES: usize = 600;

/// Of a hundred lines of documentation, those that may begin with a question word.
const QUESTIONS_PER_HUNDRED: usize = 3;

/// The one room that may start the sandbox, or play with it.
const DEMO: &str = "crates/moorline/src/cli/demo/";

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
const PLATFORM_NAMES: [&str; 9] = [
    "Xero",
    "QuickBooks",
    "Intuit",
    "FreshBooks",
    "Shopify",
    "TrueLayer",
    "NetSuite",
    "Business Central",
    "Intacct",
];

const QUESTION_WORDS: [&str; 8] = [
    "What", "Who", "Whose", "Which", "Whether", "How", "Where", "When",
];

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
fn no_file_is_too_long_to_be_read() {
    let long = sources().into_iter().filter_map(|source| {
        let lines = source.text.lines().count();
        (lines > LINES).then(|| format!("{} has {lines} lines, of {LINES} at most", source.path))
    });
    let found: Vec<String> = long.collect();
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
    if source.is_below(&NAMELESS) && !source.is_below(&[DEMO]) && has_path_root(code, "sandbox") {
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
