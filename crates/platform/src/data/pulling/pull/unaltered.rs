//! Records that are stored as they would become: found by what they were made from, seen, and not mapped again.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use connectors::{Apart, DataType, MappedPage, Page};
use records::Source;

use super::super::validation::{self, Finding};
use super::{Pull, Trouble};
use store::records::Unaltered;

/// The digest of the sources of everything between a platform's record and what is stored of it: `build.rs` makes it.
const READING: &str = env!("MOORLINE_READING");

impl Pull<'_> {
    /// The records of a page apart from each other, with a digest each; None if its form is wrong, which mapping it tells.
    pub(super) async fn apart(
        &self,
        data_type: DataType,
        page: &Arc<Page>,
    ) -> Result<Option<Apart>, Trouble> {
        let (integration, page) = (Arc::clone(&self.integration), Arc::clone(page));
        let work = move || integration.apart(data_type, &page, READING);
        tokio::task::spawn_blocking(work)
            .await
            .map_err(Trouble::Stopped)
    }

    /// Maps what isn't stored as it would become. A record that the platform warns of, or in which something is suspicious, has
    /// no source, so that each pull finds it again.
    pub(super) async fn map_altered(
        &self,
        data_type: DataType,
        page: Arc<Page>,
        apart: Apart,
    ) -> Result<(MappedPage, Vec<Unaltered>, Vec<Finding>), Trouble> {
        // What a platform lists as changed has changed.
        let all_are_changes =
            self.dataset.since.is_some() && self.integration.lists_changes(data_type, page.list);
        let candidates = if all_are_changes {
            Vec::new()
        } else {
            apart.candidates()
        };
        let sent: Vec<(&str, &Source)> = (candidates.iter())
            .map(|candidate| (candidate.id, candidate.source))
            .collect();
        let name = &self.dataset.data_type;
        let unaltered = if sent.is_empty() {
            Vec::new()
        } else {
            store::records::unaltered(&self.app.db, self.connection.id, name, &sent).await?
        };
        let index: HashMap<&str, usize> = (candidates.iter())
            .map(|candidate| (candidate.id, candidate.index))
            .collect();
        let but: HashSet<usize> = (unaltered.iter())
            .filter_map(|one| index.get(one.id.as_str()).copied())
            .collect();
        let integration = Arc::clone(&self.integration);
        let work = move || {
            let mut mapped = integration.map_apart(data_type, &page, &apart, &but)?;
            let ids: HashSet<&str> = unaltered.iter().map(|one| one.id.as_str()).collect();
            let made = mapped.records.iter().map(|record| record.id.as_str());
            let mut named = made.chain(mapped.gone.iter().map(String::as_str));
            // Two of the platform's records became one: which of them counts is decided by their order.
            let unaltered = if named.any(|id| ids.contains(id)) {
                mapped = integration.map_apart(data_type, &page, &apart, &HashSet::new())?;
                Vec::new()
            } else {
                unaltered
            };
            let findings = validation::of_page(data_type, &mapped);
            forget_suspicious(&mut mapped, &findings);
            Ok((mapped, unaltered, findings))
        };
        let mapped = tokio::task::spawn_blocking(work).await;
        mapped.map_err(Trouble::Stopped)?.map_err(Trouble::Map)
    }
}

fn forget_suspicious(mapped: &mut MappedPage, findings: &[Finding]) {
    // After so many the rest was not looked at.
    let all = findings.len() >= validation::MOST;
    let suspicious: HashSet<&str> = findings
        .iter()
        .map(|finding| finding.item.as_str())
        .collect();
    for record in &mut mapped.records {
        if all || suspicious.contains(record.id.as_str()) {
            record.source = None;
        }
    }
}
