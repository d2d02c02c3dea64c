//! Exchange rates: each map that gives one shows in a fixture, of a document in a foreign currency, that its direction is the standard's
//! (units of the books' currency for one of the document's).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use connectors::{BUILTIN, DataType, Fixture, Integration, Subject};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    data: Vec<List>,
}

#[derive(Deserialize)]
struct List {
    r#type: DataType,
    map: String,
}

/// The maps of a folder by data type and the number of the list, from 0.
fn maps(manifest: Manifest) -> BTreeMap<(DataType, usize), String> {
    let mut counts: BTreeMap<DataType, usize> = BTreeMap::new();
    let numbered = manifest.data.into_iter().map(|list| {
        let count = counts.entry(list.r#type).or_default();
        *count += 1;
        ((list.r#type, *count - 1), list.map)
    });
    numbered.collect()
}

/// The rates in a record, wherever they are.
fn rates(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::Number(rate) if name == "currencyRate" => found.push(rate.to_string()),
                    member => rates(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| rates(item, found)),
        _ => {}
    }
}

#[test]
fn every_map_with_a_rate_has_a_fixture_in_a_foreign_currency() {
    let integrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integrations");
    let mut lacking = Vec::new();
    let mut shown = 0;
    for folder in fs::read_dir(integrations).unwrap() {
        let dir = folder.unwrap().path();
        if !dir.join("fixtures").is_dir() {
            continue;
        }
        let manifest = fs::read_to_string(dir.join("manifest.toml")).unwrap();
        let maps = maps(toml::from_str(&manifest).unwrap());
        let integration = Integration::open(BUILTIN, &dir, &BTreeMap::new()).unwrap();
        let mut with_rate: BTreeSet<&str> = BTreeSet::new();
        for map in maps.values() {
            let text = fs::read_to_string(dir.join(map)).unwrap_or_default();
            if text.contains("currencyRate") {
                with_rate.insert(map);
            }
        }
        let mut foreign: BTreeSet<&str> = BTreeSet::new();
        for fixture in Fixture::all(&dir).0 {
            let Subject::Data(data_type, list) = fixture.subject else {
                continue;
            };
            let map = maps[&(data_type, list)].as_str();
            let mut found = Vec::new();
            for record in fixture.run(&integration).records {
                rates(&serde_json::from_str(&record).unwrap(), &mut found);
            }
            if !found.is_empty() {
                with_rate.insert(map);
            }
            if found.iter().any(|rate| rate.parse::<f64>() != Ok(1.0)) {
                foreign.insert(map);
            }
        }
        shown += foreign.len();
        let name = dir.file_name().unwrap().to_string_lossy().into_owned();
        for map in with_rate.difference(&foreign) {
            lacking.push(format!("{name}/{map}"));
        }
    }
    assert!(shown > 50, "{shown}");
    assert!(
        lacking.is_empty(),
        "no foreign rate in a fixture: {lacking:#?}"
    );
}
