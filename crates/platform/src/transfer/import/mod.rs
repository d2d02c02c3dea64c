//! Companies, connections and tokens of other services into an installation that is in use.
//!
//! The file is read to its end and everything that is wrong is reported before anything is changed. Each thing is skipped if it is there
//! already, so that a run that was killed is simply begun again; tokens are never put over those that a connection has,
//! since ours may have been renewed meanwhile. No platform is asked anything.

mod check;
mod writing;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use connectors::Integration;

use super::{Problem, Progress};
use crate::app::App;
use check::{Check, Checked};
use store::StoreError;
use store::model::ClientId;
use writing::Writing;

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the file can't be read: {0}")]
    File(#[from] std::io::Error),
    /// The faults, line by line; nothing was written.
    #[error("the file can't be imported; nothing was changed")]
    Problems(Vec<Problem>),
    /// Something changed between the check and the writing.
    #[error(
        "line {line}: {message}; what stands before it was imported, and running the import again goes on from there"
    )]
    Raced { line: u64, message: String },
}

/// The number of things of a kind that are new, and of those that are there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub new: u64,
    pub there: u64,
}

/// The outcome of an import, or of its dry run.
#[derive(Debug, Default)]
pub struct Report {
    pub companies: Tally,
    pub connections: Tally,
    pub tokens: Tally,
    /// Companies whose names were changed, since characters of them may not stand in one.
    pub renamed: u64,
    /// Things that work and yet deserve a look.
    pub warnings: Vec<Problem>,
}

/// Our integrations' keys by the other service's names for their platforms.
pub type Names = BTreeMap<String, String>;

/// Checks the file and, unless it is a dry run, imports it for the client.
pub async fn run(
    app: &App,
    client: ClientId,
    file: &Path,
    names: &Names,
    dry_run: bool,
    progress: &impl Progress,
) -> Result<Report, ImportError> {
    let bytes = std::fs::metadata(file)?.len();
    progress.begin("bytes checked", bytes);
    let check = Check::new(app, client, names);
    let Checked {
        report,
        with_tokens,
    } = check.run(file, progress).await?;
    if !dry_run {
        let total = [report.companies, report.connections, report.tokens];
        progress.begin("imported", total.iter().map(|of| of.new + of.there).sum());
        let writing = Writing {
            app,
            client,
            names,
            with_tokens: &with_tokens,
        };
        writing.run(file, progress).await?;
        progress.end();
    }
    Ok(report)
}

/// The lines that aren't empty, with their numbers.
struct Lines {
    reader: BufReader<File>,
    number: u64,
}

impl Lines {
    fn open(file: &Path) -> std::io::Result<Self> {
        Ok(Self {
            reader: BufReader::with_capacity(1 << 20, File::open(file)?),
            number: 0,
        })
    }

    fn next(&mut self) -> std::io::Result<Option<(u64, String)>> {
        loop {
            let mut bytes = Vec::new();
            if self.reader.read_until(b'\n', &mut bytes)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            // Text that isn't UTF-8 isn't JSON either, and is reported with its line.
            let text = String::from_utf8_lossy(&bytes);
            let text = text.trim_start_matches('\u{feff}').trim();
            if !text.is_empty() {
                return Ok(Some((self.number, text.to_owned())));
            }
        }
    }
}

/// The integration that the other service calls `platform`.
fn integration<'a>(app: &'a App, names: &Names, platform: &str) -> Option<&'a Arc<Integration>> {
    let key = names.get(platform).map_or(platform, String::as_str);
    app.catalogue.get(key)
}
