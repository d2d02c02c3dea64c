//! The cost of the sums that are checked in every record, as a share of mapping it.
//!
//! A record that is marked as deleted isn't summed: read with the mark and without it, the same record tells by the
//! difference what its sums cost. Statements can't be marked, and are left out.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use connectors::{Catalogue, DataType, Fixture};

/// The most that the sums may cost of mapping, in per cent.
pub(crate) const MOST: f64 = 5.0;

/// For each fixture, and for each of the two ways of reading.
const LENGTH: Duration = Duration::from_millis(60);

/// The mean time of `work`.
fn mean(mut work: impl FnMut() -> bool) -> Option<f64> {
    let mut passes = 0_u32;
    let began = Instant::now();
    while began.elapsed() < LENGTH {
        if !work() {
            return None;
        }
        passes += 1;
    }
    (passes > 0).then(|| began.elapsed().as_secs_f64() / f64::from(passes))
}

fn read_all(data_type: DataType, records: &[String]) -> bool {
    records.iter().all(|record| {
        let mut json = serde_json::Deserializer::from_str(record);
        black_box(records::read(data_type, &mut json)).is_ok()
    })
}

/// Per cent of the time in which every fixture of every platform is mapped once.
pub(crate) fn share(integrations: &Path) -> Result<f64> {
    let dirs = [integrations.to_owned()];
    let (catalogue, _) = Catalogue::load(&[], &dirs, &BTreeMap::new());
    let (mut of_sums, mut of_mapping) = (0.0, 0.0);
    for integration in catalogue.iter() {
        let (fixtures, _) = Fixture::all(integration.folder());
        for (data_type, page) in fixtures.iter().filter_map(Fixture::data_page) {
            let Ok(mapped) = integration.map_page(data_type, &page) else {
                continue;
            };
            let marked = |deleted: bool| -> Vec<String> {
                let documents = mapped.records.iter().map(|record| record.document.as_str());
                let open = documents.filter_map(|document| document.strip_suffix('}'));
                open.map(|open| format!("{open},\"metadata\":{{\"isDeleted\":{deleted}}}}}"))
                    .collect()
            };
            let (kept, deleted) = (marked(false), marked(true));
            let summed = mean(|| read_all(data_type, &kept));
            let unsummed = mean(|| read_all(data_type, &deleted));
            let (Some(summed), Some(unsummed)) = (summed, unsummed) else {
                continue;
            };
            let Some(mapping) = mean(|| black_box(integration.map_page(data_type, &page)).is_ok())
            else {
                continue;
            };
            of_sums += summed - unsummed;
            of_mapping += mapping;
        }
    }
    ensure!(of_mapping > 0.0, "no fixture was mapped");
    Ok(100.0 * of_sums / of_mapping)
}
