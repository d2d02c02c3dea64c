//! Folders that are broken, and folders that take the place of others.

use std::collections::BTreeMap;

use connectors::Catalogue;
use tempfile::TempDir;

use super::{IDENTITY, MANIFEST, PAYMENTS, write};

#[test]
fn a_broken_folder_is_refused_with_its_place_and_hinders_nothing_else() {
    let dir = TempDir::new().unwrap();
    let good = MANIFEST.replace("\"test\"", "\"good\"");
    let maps = [("identity.jq", IDENTITY), ("payments.jq", PAYMENTS)];
    let folder = |name: &str, manifest: &str, maps: &[(&str, &str)]| {
        write(&dir.path().join(name), &[("manifest.toml", manifest)]);
        write(&dir.path().join(name), maps);
    };
    folder("good", &good, &maps);
    folder(
        "syntax",
        &MANIFEST
            .replace("beta", "")
            .replace("pkce", "")
            .replace("[api]", "[api"),
        &maps,
    );
    folder(
        "unknown",
        &MANIFEST.replace("[limits]", "[limits]\nrequests_per_week = 3"),
        &maps,
    );
    folder(
        "variable",
        &MANIFEST.replace("${host}/token", "${hots}/token"),
        &maps,
    );
    folder(
        "scheme",
        &MANIFEST.replace("${host}/token", "ftp://x/token"),
        &maps,
    );
    folder("key", &MANIFEST.replace("\"test\"", "\"Test\""), &maps);
    folder(
        "source",
        &MANIFEST.replace("type = \"bills\"", "type = \"commerce-orders\""),
        &maps,
    );
    folder("missing", MANIFEST, &maps[..1]);
    folder(
        "map",
        MANIFEST,
        &[
            maps[0],
            ("payments.jq", "{\n  id: .id,\n  sum: $ENV.PATH\n}"),
        ],
    );
    write(
        &dir.path().join("notes"),
        &[("README.md", "no manifest, no platform")],
    );

    let (catalogue, problems) = Catalogue::load(&[], &[dir.path().to_owned()], &BTreeMap::new());
    let keys: Vec<_> = catalogue
        .iter()
        .map(|integration| integration.key())
        .collect();
    assert_eq!(keys, ["good"]);
    let reported: BTreeMap<String, String> = problems
        .iter()
        .map(|problem| {
            let file = problem.file.strip_prefix(dir.path()).unwrap();
            let folder = file.parent().unwrap().display().to_string();
            let text = problem.to_string();
            (folder, text.replace(&dir.path().display().to_string(), ""))
        })
        .collect();
    let folders: Vec<_> = reported.keys().map(String::as_str).collect();
    assert_eq!(
        folders,
        [
            "key", "map", "missing", "scheme", "source", "syntax", "unknown", "variable"
        ]
    );
    assert_eq!(
        reported["map"],
        "/map/payments.jq:3:8: there is no variable `$ENV` here"
    );
    assert_eq!(
        reported["missing"],
        "/missing/manifest.toml:58:1: there is no file `payments.jq`"
    );
    assert!(
        reported["syntax"].starts_with("/syntax/manifest.toml:"),
        "{}",
        reported["syntax"]
    );
    assert!(
        reported["unknown"].contains("requests_per_week"),
        "{}",
        reported["unknown"]
    );
    assert!(
        reported["variable"].contains("auth.token_url: no value for ${hots}"),
        "{}",
        reported["variable"]
    );

    let (_, problems) = Catalogue::load(&[], &[dir.path().join("nowhere")], &BTreeMap::new());
    assert_eq!(problems.len(), 1);
}

#[test]
fn a_later_folder_replaces_an_earlier_one_of_the_same_key() {
    let first = TempDir::new().unwrap();
    let second = TempDir::new().unwrap();
    for (dir, name) in [(&first, "First"), (&second, "Second")] {
        let manifest = MANIFEST.replace("A platform", name);
        let files = [
            ("manifest.toml", manifest.as_str()),
            ("identity.jq", IDENTITY),
            ("payments.jq", PAYMENTS),
        ];
        write(dir.path(), &files);
    }
    let dirs = [first.path().to_owned(), second.path().to_owned()];
    let (catalogue, problems) = Catalogue::load(&[], &dirs, &BTreeMap::new());
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(catalogue.get("test").unwrap().name(), "Second");
}
