//! Every map against its fixtures: a page as the platform sends it, and the records as the contract wants them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use connectors::{
    BUILTIN, Catalogue, DataType, Fixture, Integration, Lookups, Page, Subject, Target,
};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
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

fn fixture(integration: &Integration, data_type: DataType) -> String {
    let path = repository()
        .join(integration.folder())
        .join(format!("fixtures/{data_type}.json"));
    let fixture = Fixture::read(&path).unwrap_or_else(|problem| panic!("{problem}"));
    fixture.page().expect("a page").to_owned()
}

#[test]
fn every_map_gives_what_its_fixtures_say_to_the_last_digit() {
    let mut compared = 0;
    for integration in catalogue().iter() {
        let (fixtures, problems) = Fixture::all(&repository().join(integration.folder()));
        assert!(problems.is_empty(), "{problems:#?}");
        for fixture in &fixtures {
            let trial = fixture.run(integration);
            assert!(
                trial.holds(),
                "{}: {:#?}",
                fixture.file.display(),
                trial.differences
            );
            compared += trial.records.len();
        }
        // Another environment of a platform shares its maps, and with them their fixtures.
        if integration.extends().is_some() {
            continue;
        }
        let subjects: BTreeSet<_> = fixtures.iter().map(|fixture| fixture.subject).collect();
        let read = integration.data().iter().flat_map(|support| {
            let data_type = support.data_type;
            (0..integration.lists(data_type)).map(move |list| Subject::Data(data_type, list))
        });
        let written = integration.written_types().map(Subject::Write);
        for subject in read.chain(written) {
            assert!(
                subjects.contains(&subject),
                "{}: {subject:?}",
                integration.key()
            );
        }
    }
    assert!(compared > 60, "{compared}");
}

/// The ids of the records that a fixture's map makes, with the record that each one refers to in its first line.
fn records(integration: &Integration, fixture: &str) -> Vec<(String, Option<(String, String)>)> {
    let path = repository()
        .join(integration.folder())
        .join(format!("fixtures/{fixture}.json"));
    let fixture = Fixture::read(&path).unwrap_or_else(|problem| panic!("{problem}"));
    let records = fixture.run(integration).records;
    let read = |record: &String| {
        let record: serde_json::Value = serde_json::from_str(record).unwrap();
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let reference = &record["lines"][0]["recordRef"];
        let reference = text(&reference["dataType"]).zip(text(&reference["id"]));
        (text(&record["id"]).unwrap(), reference)
    };
    records.iter().map(read).collect()
}

#[test]
fn what_explains_a_bank_transaction_is_one_record_and_one_movement_of_its_account() {
    let catalogue = catalogue();
    let freeagent = catalogue.get("fbrh").unwrap();
    for (page, explanations) in [("", 21), (".euros", 8)] {
        let movements = records(freeagent, &format!("accountTransactions{page}"));
        assert_eq!(movements.len(), explanations);
        let mut made = BTreeSet::new();
        for data_type in [
            "payments",
            "billPayments",
            "transfers",
            "directCosts",
            "directIncomes",
        ] {
            for (id, _) in records(freeagent, &format!("{data_type}{page}")) {
                assert!(made.insert((data_type.to_owned(), id)));
            }
        }
        // The other side of a transfer refers to the record that the page of the other account makes.
        let referred: BTreeSet<_> = movements
            .iter()
            .filter(|(id, reference)| {
                let own = id.trim_start_matches("explanation-");
                reference.as_ref().is_some_and(|(_, id)| id == own)
            })
            .filter_map(|(_, reference)| reference.clone())
            .collect();
        assert_eq!(referred, made);
        let ids: BTreeSet<_> = made.iter().map(|(_, id)| id).collect();
        assert_eq!(ids.len(), made.len(), "{made:?}");
    }
}

#[test]
fn a_record_that_a_map_refuses_is_reported_by_its_place_and_its_id() {
    let catalogue = catalogue();
    let ledger = catalogue.get("mqjo").unwrap();
    let fixture = fixture(ledger, DataType::Payments);
    let broken = fixture.replace("\"amount\": 2000", "\"amount\": 2000.5");
    let error = ledger
        .map_page(DataType::Payments, &page(&broken))
        .unwrap_err();
    assert_eq!(error.index, 0);
    assert!(error.message.contains("2000.5"), "{error}");

    let broken = fixture.replace("2026-03-22\"", "yesterday\"");
    assert!(ledger.map_page(DataType::Payments, &page(&broken)).is_err());
    for body in [
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
    let body = fixture.replace("\"PART\"", "\"ON_HOLD\"");
    let mapped = ledger.map_page(DataType::Invoices, &page(&body)).unwrap();
    assert!(
        mapped.records[0]
            .to_json()
            .contains("\"status\":\"Unknown\"")
    );
    assert_eq!(mapped.warnings.len(), 1);
    assert_eq!(mapped.warnings[0].id, "SD-0001042");
    assert_eq!(
        mapped.warnings[0].message,
        "status: `ON_HOLD` is not a known word"
    );
}

#[test]
fn a_record_that_a_writing_map_refuses_is_reported_and_nothing_is_composed() {
    let catalogue = catalogue();
    let ledger = catalogue.get("mqjo").unwrap();
    let compose = |data_type, record: &str| {
        let id = None;
        let lookup: Lookups = serde_json::from_str("{\"organisation\":{\"exponent\":2}}").unwrap();
        ledger.compose(Target { data_type, id }, record, &lookup)
    };
    let lines = "{\"lineItems\":[{\"quantity\":\"two\"}]}";
    let error = compose(DataType::Invoices, lines).unwrap_err();
    assert!(error.contains("`two` is not a decimal"), "{error}");
    assert!(compose(DataType::Customers, "{\"addresses\":7}").is_err());
    assert!(compose(DataType::Payments, "{}").is_err());
}
