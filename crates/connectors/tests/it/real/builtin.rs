//! The platforms that come with the program.

use std::collections::BTreeMap;
use std::path::Path;

use connectors::{BUILTIN, Catalogue};

#[test]
fn every_platform_that_comes_with_the_program_loads() {
    let (catalogue, problems) = Catalogue::load(BUILTIN, &[], &BTreeMap::new());
    assert!(problems.is_empty(), "{problems:#?}");
    let keys: Vec<_> = catalogue
        .iter()
        .map(|integration| integration.key())
        .collect();
    for key in ["aiwb", "gbol", "mqjo", "ndsk", "qhnd", "qhyg"] {
        assert!(keys.contains(&key), "{keys:?}");
    }
    // Built-in maps are compiled when they are first run; read from their folders, all of them are compiled at once.
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integrations");
    let (from_disk, problems) = Catalogue::load(&[], &[folders], &BTreeMap::new());
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(
        from_disk
            .iter()
            .map(|integration| integration.key())
            .eq(keys)
    );
}

#[test]
fn the_read_me_lists_every_folder_with_its_key_and_its_name() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integrations/README.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (catalogue, _) = Catalogue::load(BUILTIN, &[], &BTreeMap::new());
    for integration in catalogue.iter() {
        let folder = integration.folder().file_name().unwrap().to_string_lossy();
        let (key, name) = (integration.key(), integration.name());
        let row = format!("| [`{folder}`]({folder}) | `{key}` | {name} |");
        assert!(text.contains(&row), "{row}");
    }
}

/// A folder of its own making on disk, removed with its test.
fn folder(name: &str, files: &[(&str, &str)]) -> std::path::PathBuf {
    let path = std::env::temp_dir().join(format!("moorline-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    for (file, content) in files {
        std::fs::write(path.join(file), content).unwrap();
    }
    path
}

#[test]
fn a_folder_that_extends_another_has_all_of_its_data_and_its_own_name_and_addresses() {
    let manifest = "extends = \"mqjo\"\nkey = \"mqjz\"\nname = \"Another sandbox\"\n\
        integration_id = \"5d0a9a43-34bb-4bd4-9f7f-95c1c4c4bd0e\"\n[variables]\nsandbox = \"http://elsewhere.example\"\n";
    let dir = folder("extends", &[("manifest.toml", manifest)]);
    let (catalogue, problems) =
        Catalogue::load(BUILTIN, std::slice::from_ref(&dir), &BTreeMap::new());
    std::fs::remove_dir_all(&dir).unwrap();
    assert!(problems.is_empty(), "{problems:#?}");
    let (base, own) = (
        catalogue.get("mqjo").unwrap(),
        catalogue.get("mqjz").unwrap(),
    );
    assert_eq!(own.name(), "Another sandbox");
    assert_eq!(own.data().len(), base.data().len());
    assert_ne!(own.integration_id(), base.integration_id());
    assert_eq!(own.source_id(), base.source_id());
}

#[test]
fn a_folder_that_extends_nothing_known_is_refused_and_hinders_no_other() {
    let lost = folder(
        "lost",
        &[("manifest.toml", "extends = \"zzzz\"\nkey = \"zzzy\"\n")],
    );
    let (catalogue, problems) =
        Catalogue::load(BUILTIN, std::slice::from_ref(&lost), &BTreeMap::new());
    std::fs::remove_dir_all(&lost).unwrap();
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].to_string().contains("\"zzzz\""),
        "{}",
        problems[0]
    );
    assert!(catalogue.get("mqjo").is_some());
}
