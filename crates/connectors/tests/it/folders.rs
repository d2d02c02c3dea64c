//! Folders given at start-up: a mistake in one is reported with its position, and hinders no other.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use connectors::{BUILTIN, Catalogue, DataType, Fixture, Integration, LoadProblem};

const MANIFEST: &str = r#"key = "abcd"
name = "A platform"
source_type = "Accounting"
integration_id = "0f20c943-12d0-4800-9f6c-d218f62d494c"
source_id = "8a156a5a-39cb-4f9d-856e-76ef9b9a9607"

[variables]
host = "https://api.example.com"

[auth]
kind = "oauth2"
authorize_url = "${host}/authorize"
token_url = "${host}/token"
client_authentication = "basic"

[identity]
path = "/me"
map = "identity.jq"

[api]
base_url = "${host}/v1"

[[data]]
type = "customers"
path = "/customers"
paging = { style = "none" }
map = "customers.jq"
"#;

fn write(folder: &Path, files: &[(&str, &str)]) {
    fs::create_dir_all(folder.join("fixtures")).unwrap();
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
}

fn good(folder: &Path, manifest: &str) {
    write(
        folder,
        &[
            ("manifest.toml", manifest),
            ("identity.jq", "{id: .id, companyName: .name}"),
            (
                "customers.jq",
                "{id: .id,\n customerName: .name, status: \"Active\"}",
            ),
        ],
    );
}

fn open(folder: &Path) -> Result<Integration, Vec<LoadProblem>> {
    Integration::open(BUILTIN, folder, &BTreeMap::new())
}

/// The first problem, without the folder's path.
fn reported(folder: &Path) -> String {
    let problem = open(folder).expect_err("it is broken").remove(0);
    let folder = format!("{}/", fs::canonicalize(folder).unwrap().display());
    problem.to_string().replace(&folder, "")
}

#[test]
fn what_is_wrong_in_a_manifest_is_reported_with_its_line_and_column() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("abcd");
    for (right, wrong, expected) in [
        (
            "path = \"/customers\"",
            "pth = \"/customers\"",
            "manifest.toml:25:1: there is no `pth` here: did you mean `path`?",
        ),
        (
            "key = \"abcd\"",
            "key = \"ABC\"",
            "manifest.toml:1:1: key `ABC` is not four lower-case letters",
        ),
        (
            "map = \"customers.jq\"",
            "map = \"custmers.jq\"",
            "manifest.toml:27:1: there is no file `custmers.jq`: did you mean `customers.jq`?",
        ),
        (
            "path = \"/customers\"",
            "base = \"report\"\npath = \"/customers\"\nlookup = { a = { base = \"reports\", path = \"/a\" } }",
            "manifest.toml:25:1: there is no base `report` in [api.bases]",
        ),
        (
            "type = \"customers\"",
            "type = \"commerce-customers\"",
            "manifest.toml:24:1: data type commerce-customers does not belong to source type Accounting but to Commerce",
        ),
        (
            "token_url = \"${host}/token\"",
            "token_url = \"${hst}/token\"",
            "manifest.toml:13:1: auth.token_url: no value for ${hst}: did you mean ${host}?",
        ),
        (
            "name = \"A platform\"",
            "name = \"A platform",
            "manifest.toml:2:19: ",
        ),
        (
            "type = \"customers\"",
            "type = \"custmers\"",
            "manifest.toml:24:8: ",
        ),
    ] {
        good(&folder, &MANIFEST.replacen(right, wrong, 1));
        let reported = reported(&folder);
        assert!(reported.starts_with(expected), "{reported}");
    }
    good(&folder, MANIFEST);
    assert_eq!(open(&folder).unwrap().key(), "abcd");
}

#[test]
fn scopes_follow_what_is_read_and_none_is_left_to_guessing() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("abcd");
    let scope = |lines: &str| {
        let further = "\n[[data]]\ntype = \"invoices\"\npath = \"/invoices\"\npaging = { style = \"none\" }\nmap = \"customers.jq\"\n";
        format!("{MANIFEST}{further}{lines}")
    };
    for (lines, expected) in [
        (
            "[[auth.scope]]\nscope = \"i\"\nfor = [\"invoices\"]\n",
            "no [[auth.scope]] is for customers: add it to one, or to auth.scopes_suffice_for",
        ),
        (
            "[[auth.scope]]\nscope = \"i\"\n",
            "i is for nothing: give it for, write or identity",
        ),
        (
            "[[auth.scope]]\nscope = \"i\"\nfor = [\"bills\"]\n",
            "i is for bills, of which there is no [[data]]",
        ),
        (
            "[[auth.scope]]\nscope = \"i\"\nwrite = [\"invoices\"]\n",
            "i is to write invoices, of which there is no [[write]]",
        ),
        (
            "[[auth.scope]]\nscope = \"a b\"\nfor = [\"invoices\"]\n",
            "`a b` is not one scope",
        ),
    ] {
        good(&folder, &scope(lines));
        let reported = reported(&folder);
        assert!(reported.contains(expected), "{reported}");
    }
    let lines = "[[auth.scope]]\nscope = \"i\"\nfor = [\"invoices\"]\n[[auth.scope]]\nscope = \"email\"\nidentity = [\"email\"]\n";
    let manifest = scope(lines).replace(
        "client_authentication",
        "scopes = [\"offline_access\", \"all\"]\nscopes_suffice_for = [\"customers\"]\nclient_authentication",
    );
    good(&folder, &manifest);
    let integration = open(&folder).unwrap();
    let (customers, invoices) = (DataType::Customers, DataType::Invoices);
    let scopes = |reads: &[DataType], person| integration.scopes_for(reads, &[], person).join(" ");
    assert_eq!(scopes(&[customers], false), "offline_access all");
    assert_eq!(
        scopes(&[customers, invoices], false),
        "offline_access all i"
    );
    assert_eq!(scopes(&[customers], true), "offline_access all email");
    let granted = ["all".to_owned()];
    assert!(integration.lacks_to_read(customers, &granted).is_empty());
    assert_eq!(integration.lacks_to_read(invoices, &granted), ["i"]);
    assert_eq!(integration.lacks_to_read(customers, &[]), ["all"]);
}

#[test]
fn what_is_wrong_in_several_maps_is_reported_at_once() {
    let root = tempfile::tempdir().unwrap();
    good(root.path(), MANIFEST);
    write(
        root.path(),
        &[
            ("identity.jq", "{id: .id,\n  companyName: uppercase}"),
            ("customers.jq", "{id: .id"),
        ],
    );
    let problems = open(root.path()).unwrap_err();
    assert_eq!(problems.len(), 2, "{problems:#?}");
    assert!(
        problems[0].to_string().contains("identity.jq:2:16: "),
        "{}",
        problems[0]
    );
    assert!(
        problems[1].to_string().contains("customers.jq:1:"),
        "{}",
        problems[1]
    );
}

#[test]
fn a_broken_folder_is_refused_and_hinders_no_other() {
    let root = tempfile::tempdir().unwrap();
    good(&root.path().join("abcd"), MANIFEST);
    good(&root.path().join("broken"), "key = 7");
    fs::create_dir(root.path().join("no-platform")).unwrap();
    // A manifest that is a folder can't be read: such a folder isn't a platform's.
    fs::create_dir_all(root.path().join("odd/manifest.toml")).unwrap();
    let dirs = [root.path().to_owned(), root.path().join("nowhere")];
    let (catalogue, problems) = Catalogue::load(BUILTIN, &dirs, &BTreeMap::new());
    assert!(catalogue.get("abcd").is_some());
    assert!(catalogue.get("mqjo").is_some());
    let mut reported: Vec<_> = problems.iter().map(ToString::to_string).collect();
    reported.sort();
    assert_eq!(reported.len(), 2, "{reported:?}");
    assert!(
        reported[0].contains("broken/manifest.toml:1:7: "),
        "{}",
        reported[0]
    );
    assert!(reported[1].contains("nowhere: "), "{}", reported[1]);
}

#[test]
fn the_key_stands_in_the_manifest_and_the_folders_name_is_free() {
    let root = tempfile::tempdir().unwrap();
    let load = || Catalogue::load(BUILTIN, &[root.path().to_owned()], &BTreeMap::new());
    good(&root.path().join("the-platform"), MANIFEST);
    let own = MANIFEST.replace("\"abcd\"", "\"mqjo\"");
    good(&root.path().join("our-ledger"), &own);
    let (catalogue, problems) = load();
    assert!(problems.is_empty(), "{problems:?}");
    let folder = |key: &str| catalogue.get(key).unwrap().folder().to_owned();
    assert_eq!(folder("abcd"), root.path().join("the-platform"));
    // A folder of one's own replaces the one of the same key that comes with the program, whatever either is called.
    assert_eq!(folder("mqjo"), root.path().join("our-ledger"));
    assert_eq!(folder("gbol"), Path::new("integrations/xero"));

    good(&root.path().join("the-platform-again"), MANIFEST);
    let (catalogue, problems) = load();
    let reported: Vec<_> = problems.iter().map(ToString::to_string).collect();
    let [one] = reported.as_slice() else {
        panic!("{reported:?}")
    };
    assert!(
        one.ends_with(&format!(
            "the-platform-again/manifest.toml:1:1: key `abcd` is already that of {}: give one of the two folders another key",
            root.path().join("the-platform").display()
        )),
        "{one}"
    );
    let kept = catalogue.get("abcd").unwrap();
    assert_eq!(kept.folder(), root.path().join("the-platform"));
}

#[test]
fn another_environment_of_a_platform_shares_its_maps() {
    let root = tempfile::tempdir().unwrap();
    good(&root.path().join("live"), MANIFEST);
    let practice = root.path().join("practice");
    let own = r#"key = "abce"
extends = "abcd"
name = "A platform to practise on"
integration_id = "1f20c943-12d0-4800-9f6c-d218f62d494c"
source_id = "9a156a5a-39cb-4f9d-856e-76ef9b9a9607"
sandbox = true

[variables]
host = "https://sandbox.example.com"
"#;
    write(&practice, &[("manifest.toml", own)]);
    let (catalogue, problems) = Catalogue::load(&[], &[root.path().to_owned()], &BTreeMap::new());
    assert!(problems.is_empty(), "{problems:?}");
    let integration = catalogue.get("abce").unwrap();
    assert!(integration.sandbox() && integration.supports(connectors::DataType::Customers));
    assert_eq!(integration.extends(), Some("abcd"));
    assert!(!catalogue.get("abcd").unwrap().sandbox());

    write(
        &practice,
        &[("manifest.toml", &own.replace("\"abcd\"", "\"zzzz\""))],
    );
    assert_eq!(
        reported(&practice),
        "manifest.toml:2:1: extends = \"zzzz\": there is no such platform"
    );
    write(
        &practice,
        &[(
            "manifest.toml",
            &own.replace("[variables]", "[api]\nhst = \"\"\n[variables]"),
        )],
    );
    assert!(
        reported(&practice).starts_with("manifest.toml: there is no `hst` here"),
        "{}",
        reported(&practice)
    );
    write(
        &practice,
        &[(
            "manifest.toml",
            &own.replace("host =", "[auth]\ntoken_url =")
                .replace("https://", "ftp://"),
        )],
    );
    assert!(
        reported(&practice).starts_with("manifest.toml:10:1: auth.token_url: "),
        "{}",
        reported(&practice)
    );
}

#[test]
fn a_fixture_says_what_came_and_what_was_expected() {
    let root = tempfile::tempdir().unwrap();
    good(root.path(), MANIFEST);
    write(
        root.path(),
        &[
            (
                "fixtures/customers.json",
                r#"{"page": [{"id": "1", "name": "A"}, {"id": "2"}], "records": [{"id": "1", "customerName": "B", "status": "Active"}, {"status": "Active", "id": "2"}]}"#,
            ),
            (
                "fixtures/customers.broken.json",
                r#"{"page": [{"id": 7}], "refusal": "id"}"#,
            ),
            (
                "fixtures/identity.json",
                r#"{"page": {"id": "m", "name": "M"}, "identity": {"id": "m", "companyName": "M"}}"#,
            ),
            ("fixtures/custmers.json", "{}"),
            ("fixtures/invoices.json", "{\"page\": [], \"recrds\": []}"),
        ],
    );
    let integration = open(root.path()).unwrap();
    let (fixtures, problems) = Fixture::all(root.path());
    let reported: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert!(
        reported[0]
            .contains("custmers.json: unknown data type `custmers`: did you mean `customers`?"),
        "{reported:?}"
    );
    assert!(
        reported[1]
            .contains("invoices.json:1:21: there is no `recrds` here: did you mean `records`?"),
        "{reported:?}"
    );
    let trials: Vec<_> = fixtures
        .iter()
        .map(|fixture| fixture.run(&integration))
        .collect();
    assert_eq!(trials.len(), 3);
    assert!(trials[0].holds() && trials[0].refusal.is_some());
    assert_eq!(trials[1].differences.len(), 1);
    assert_eq!(trials[1].differences[0].path, "1: customerName");
    assert!(trials[2].holds(), "{:?}", trials[2]);

    let accepted = fixtures[1].accepting(&trials[1]);
    fs::write(&fixtures[1].file, accepted).unwrap();
    let again = Fixture::read(&fixtures[1].file).unwrap();
    assert!(again.run(&integration).holds());
}
