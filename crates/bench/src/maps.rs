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

/// Records a second of one fixture.
struct Mapped {
    platform: String,
    fixture: String,
    rate: f64,
}

/// One figure for each platform, the mean of its fixtures. These are small and full of odd cases, so that real pages are faster.
pub(crate) fn by_platform(integrations: &Path) -> Result<Vec<Figure>> {
    let mut rates: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for one in measure(integrations)? {
        rates.entry(one.platform).or_default().push(one.rate);
    }
    let figures = rates.into_iter().map(|(platform, rates)| {
        let mean = rates.iter().sum::<f64>() / rates.len() as f64;
        Figure::plain(format!("{platform}, {} fixtures", rates.len()), mean, "/s")
    });
    Ok(figures.collect())
}

fn measure(integrations: &Path) -> Result<Vec<Mapped>> {
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
                figures.push(Mapped {
                    platform: integration.key().to_owned(),
                    fixture: name.into_owned(),
                    rate: mapped as f64 / seconds,
                });
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
    let mut mapped = measure(&folder()).context("the maps can't be measured")?;
    mapped.sort_by(|one, other| one.rate.total_cmp(&other.rate));
    for Mapped {
        platform,
        fixture,
        rate,
    } in mapped
    {
        println!("{rate:>12.0}/s  {platform} {fixture}");
    }
    Ok(())
}
