//! Every map of every folder of `integrations/`, over its own fixtures: standard records a second, on one core.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use connectors::{Catalogue, Fixture};

use crate::report::Figure;

const LENGTH: Duration = Duration::from_millis(100);

/// The repository's folder of platforms.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integrations")
}

/// One figure for each fixture of a data type, by platform and type. A fixture is small and full of odd cases, so
/// that its figure is a worst case.
pub(crate) fn measure(integrations: &Path) -> Result<Vec<Figure>> {
    let dirs = [integrations.to_owned()];
    let (catalogue, problems) = Catalogue::load(&[], &dirs, &BTreeMap::new());
    ensure!(
        problems.is_empty(),
        "an integration can't be loaded: {}",
        problems[0]
    );
    let mut figures = Vec::new();
    for integration in catalogue.iter() {
        let (fixtures, problems) = Fixture::all(integration.folder());
        ensure!(
            problems.is_empty(),
            "a fixture can't be read: {}",
            problems[0]
        );
        for fixture in &fixtures {
            let Some((data_type, page)) = fixture.data_page() else {
                continue;
            };
            let name = fixture
                .file
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy();
            let mut mapped = 0;
            let mut passes = 0_u32;
            let began = Instant::now();
            while began.elapsed() < LENGTH {
                match integration.map_page(data_type, &page) {
                    Ok(page) => mapped += page.records.len(),
                    // A page that must be refused has no records to count.
                    Err(_) => break,
                }
                passes += 1;
            }
            let seconds = began.elapsed().as_secs_f64();
            if mapped > 0 {
                ensure!(passes > 0, "{name} was not mapped once");
                let name = format!("{} {name}", integration.key());
                figures.push(Figure::plain(name, mapped as f64 / seconds, "/s"));
            }
        }
    }
    ensure!(
        !figures.is_empty(),
        "no fixture was found in {}",
        integrations.display()
    );
    Ok(figures)
}

/// Prints the figures, the slowest first.
pub(crate) fn print() -> Result<()> {
    let mut figures = measure(&folder()).context("the maps can't be measured")?;
    figures.sort_by_key(|figure| {
        figure
            .reached
            .replace(',', "")
            .trim_end_matches("/s")
            .parse::<f64>()
            .unwrap_or(0.0) as u64
    });
    for figure in figures {
        println!("{:>12}  {}", figure.reached, figure.name);
    }
    Ok(())
}
