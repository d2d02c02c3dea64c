//! Every map against its fixture: a page as the platform sends it, and the records as the contract wants them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use connectors::{BUILTIN, Catalogue, DataType, Integration, Lookups, MappedPage, Page, Target};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Fixture {
    page: Box<RawValue>,
    records: Vec<Box<RawValue>>,
    /// What the map warns of.
    #[serde(default)]
    warnings: Vec<String>,
}

fn integrations() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integrations")
}

fn catalogue() -> Catalogue {
    Catalogue::load(BUILTIN, &[], &BTreeMap::new()).0
}

fn page(body: &str) -> Page {
    Page {
        body: Bytes::copy_from_slice(body.as_bytes()),
        ..Page::default()
    }
}

fn fixture(integration: &Integration, data_type: DataType) -> Fixture {
    fixture_of(integration, data_type, 0)
}

/// Its own, or those of the platform that it extends.
fn fixtures(key: &str) -> PathBuf {
    let own = integrations().join(key);
    let manifest = fs::read_to_string(own.join("manifest.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    match manifest.get("extends").and_then(|base| base.as_str()) {
        Some(base) if !own.join("fixtures").exists() => integrations().join(base).join("fixtures"),
        _ => own.join("fixtures"),
    }
}

/// Of one of the lists that a data type is read from.
fn fixture_of(integration: &Integration, data_type: DataType, list: usize) -> Fixture {
    let which = match list {
        0 => String::new(),
        list => format!(".{}", list + 1),
    };
    let folder = fixtures(integration.key());
    let path = folder.join(format!("{data_type}{which}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

/// The same JSON with its members in order, no spaces, and every number as it was written.
fn canonical(json: &RawValue) -> String {
    let text = json.get();
    match text.as_bytes()[0] {
        b'{' => {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).unwrap();
            let members = members
                .into_iter()
                .map(|(name, value)| format!("{name:?}:{}", canonical(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(",\n"))
        }
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(text).unwrap();
            let items = items.into_iter().map(canonical);
            format!("[{}]", items.collect::<Vec<_>>().join(",\n"))
        }
        b'"' => format!("{:?}", serde_json::from_str::<String>(text).unwrap()),
        _ => text.to_owned(),
    }
}

fn written(mapped: &MappedPage) -> Vec<String> {
    let json = mapped.records.iter().map(|record| record.json.clone());
    let gone = mapped.gone.iter().map(|id| format!("{{\"gone\":{id:?}}}"));
    json.chain(gone)
        .map(|json| canonical(&serde_json::from_str::<Box<RawValue>>(&json).unwrap()))
        .collect()
}

#[test]
fn every_map_gives_the_records_of_its_fixture_to_the_last_digit() {
    let mut compared = 0;
    for integration in catalogue().iter() {
        let lists = integration.data().iter().flat_map(|support| {
            let data_type = support.data_type;
            (0..integration.lists(data_type)).map(move |list| (data_type, list))
        });
        for (data_type, list) in lists {
            let place = format!("{} {data_type} {list}", integration.key());
            let fixture = fixture_of(integration, data_type, list);
            let page = Page {
                list,
                ..page(fixture.page.get())
            };
            let mapped = integration
                .map_page(data_type, &page)
                .unwrap_or_else(|error| panic!("{place}: {error}"));
            let expected: Vec<_> = fixture.records.iter().map(|json| canonical(json)).collect();
            for (written, expected) in written(&mapped).iter().zip(&expected) {
                assert_eq!(written, expected, "{place}");
            }
            let outputs = mapped.records.len() + mapped.gone.len();
            assert_eq!(outputs, expected.len(), "{place}");
            let warnings: Vec<_> = mapped.warnings.iter().map(|w| w.message.clone()).collect();
            assert_eq!(warnings, fixture.warnings, "{place}");
            compared += mapped.records.len();
        }
    }
    assert!(compared > 45, "{compared}");
}

#[test]
fn a_record_that_a_map_refuses_is_told_by_its_place_and_its_id() {
    let catalogue = catalogue();
    let ledger = catalogue.get("mqjo").unwrap();
    let fixture = fixture(ledger, DataType::Payments);
    let broken = fixture
        .page
        .get()
        .replace("\"amount\": 2000", "\"amount\": 2000.5");
    let error = ledger
        .map_page(DataType::Payments, &page(&broken))
        .unwrap_err();
    assert_eq!(error.index, 0);
    assert!(error.message.contains("2000.5"), "{error}");

    let broken = fixture.page.get().replace("2026-03-22\"", "yesterday\"");
    assert!(ledger.map_page(DataType::Payments, &page(&broken)).is_err());
    for body in [
        "",
        "{}",
        "{\"data\":",
        "{\"data\":[null]}",
        "[]",
        "{\"data\":[{}]}",
    ] {
        let mapped = ledger.map_page(DataType::Payments, &page(body));
        assert!(mapped.is_err(), "{body}: {mapped:?}");
    }
    assert!(
        ledger
            .map_page(DataType::CommerceOrders, &page("{}"))
            .is_err()
    );
}

#[test]
fn a_word_that_the_map_does_not_know_becomes_a_warning_and_the_record_stays() {
    let catalogue = catalogue();
    let ledger = catalogue.get("mqjo").unwrap();
    let fixture = fixture(ledger, DataType::Invoices);
    let body = fixture.page.get().replace("\"PART\"", "\"ON_HOLD\"");
    let mapped = ledger.map_page(DataType::Invoices, &page(&body)).unwrap();
    assert!(mapped.records[0].json.contains("\"status\":\"Unknown\""));
    assert_eq!(mapped.warnings.len(), 1);
    assert_eq!(mapped.warnings[0].id, "SD-0001042");
    assert_eq!(
        mapped.warnings[0].message,
        "status: `ON_HOLD` is not a known word"
    );
}

#[derive(Deserialize)]
struct WriteFixture {
    input: WriteInput,
    output: Box<RawValue>,
}

#[derive(Deserialize)]
struct WriteInput {
    record: Box<RawValue>,
    id: Option<String>,
    lookup: Lookups,
}

#[test]
fn every_map_that_writes_gives_what_its_fixture_says_to_the_last_digit() {
    let mut compared = 0;
    for integration in catalogue().iter() {
        for data_type in integration.written_types() {
            let place = format!("{}/fixtures/{data_type}.write.json", integration.key());
            let text = fs::read_to_string(integrations().join(&place)).expect(&place);
            let WriteFixture { input, output } = serde_json::from_str(&text).expect(&place);
            let id = input.id.as_deref();
            let composed = integration
                .compose(Target { data_type, id }, input.record.get(), &input.lookup)
                .unwrap_or_else(|error| panic!("{place}: {error}"));
            let composed: Box<RawValue> = serde_json::from_slice(&composed).expect(&place);
            assert_eq!(canonical(&composed), canonical(&output), "{place}");
            compared += 1;
        }
    }
    assert!(compared >= 4, "{compared}");
}

#[test]
fn a_record_that_a_writing_map_refuses_is_told_and_nothing_is_composed() {
    let catalogue = catalogue();
    let ledger = catalogue.get("mqjo").unwrap();
    let compose = |data_type, record: &str| {
        let id = None;
        let lookup: Lookups = serde_json::from_str("{\"organisation\":{\"exponent\":2}}").unwrap();
        ledger.compose(Target { data_type, id }, record, &lookup)
    };
    let lines = "{\"lineItems\":[{\"quantity\":\"two\"}]}";
    let error = compose(DataType::Invoices, lines).unwrap_err();
    assert!(error.contains("`two` is no decimal"), "{error}");
    assert!(compose(DataType::Customers, "{\"addresses\":7}").is_err());
    assert!(compose(DataType::Payments, "{}").is_err());
}
