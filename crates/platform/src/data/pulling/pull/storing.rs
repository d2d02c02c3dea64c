//! Storing a page, and with it how far that brings the dataset.

use connectors::{Cursor, MapError};
use records::Record;

use super::super::remap;
use super::super::validation::{self, Finding};
use super::window::Window;
use super::{Fetched, Pull, quarantine};
use crate::change::Change;
use crate::events::batches;
use crate::work::JobOutcome;
use store::datasets::Dataset;
use store::model::{Actor, DatasetId, DatasetStatus};
use store::{News, StoreError, Tx};

impl Pull<'_> {
    /// Stores a page and the dataset's progress, together. With the last page the job ends too, in the same transaction; the outcome of the
    /// run if it was the last one, or the dataset was ended from outside.
    pub(super) async fn store(&mut self, page: Fetched) -> Result<Option<JobOutcome>, StoreError> {
        let Fetched {
            mapped,
            mut unaltered,
            mut findings,
            next,
            total,
            list,
            retried,
            raw,
        } = page;
        let app = self.app;
        let window = Window::of(&self.dataset);
        let mut records = mapped.records;
        self.read_any |= !records.is_empty() || !unaltered.is_empty() || !mapped.gone.is_empty();
        let refusals = mapped.set_aside.iter().flat_map(|one| &one.refusals);
        self.refusal = self
            .refusal
            .take()
            .or(refusals.map(ToString::to_string).next());
        records.retain(|record| window.keeps(&record.id, record.source_modified));
        unaltered.retain(|record| window.keeps(&record.id, record.source_modified));
        let data_type = self.dataset.data_type.clone();
        let last = next.is_none();
        let mut change = if last {
            // Ends of one company's datasets take turns, so that exactly one of them sees its batch whole.
            Change::of_company(app, self.connection.company_id, Actor::Moorline).await?
        } else {
            Change::begin(app, Actor::Moorline).await?
        };
        let now = change.now;
        // What this page has of a record is newer than what was set aside.
        findings.extend(self.store_retried(&mut change, retried).await?);
        let unaltered: Vec<&str> = unaltered.iter().map(|record| record.id.as_str()).collect();
        let ids = records.iter().map(|record| record.id.as_str());
        let ids = ids.chain(unaltered.iter().copied());
        self.let_go(
            &mut change,
            ids.chain(mapped.gone.iter().map(String::as_str)),
        )
        .await?;
        findings.extend(self.set_aside(&mut change, list, mapped.set_aside).await?);
        if let Some(raw) = raw {
            let (connection, dataset) = (&self.connection, &self.dataset);
            let page = remap::sealed(app, connection, dataset, list, &raw, now);
            store::raw_pages::put(&mut change, connection.id, &page).await?;
        }
        let nothing_read = (!self.read_any).then(|| self.refusal.clone()).flatten();
        self.put(&mut change, &records).await?;
        let (connection, dataset) = (&self.connection, &mut self.dataset);
        if !unaltered.is_empty() {
            let seen = dataset.id;
            store::records::see(&mut change, connection.id, &data_type, seen, &unaltered).await?;
            dataset.records += number(unaltered.len() as u64);
        }
        let gone =
            store::records::mark_deleted(&mut change, connection.id, &data_type, &mapped.gone, now)
                .await?;
        dataset.pages += 1;
        dataset.modified += number(gone);
        dataset.status_description = None;
        dataset.error_message = None;
        match next {
            Some(next) => go_on(dataset, &next, total)?,
            None => complete(&mut change, dataset, &window, nothing_read).await?,
        }
        if !store::datasets::update(&mut change, dataset).await? {
            // Ended from outside (disconnected, deleted) while the page was on its way: nothing of it is kept.
            return Ok(Some(JobOutcome::Done));
        }
        note(&mut change, dataset.id, findings).await?;
        self.used(&mut change).await?;
        let (connection, dataset) = (&self.connection, &mut self.dataset);
        if last {
            if dataset.status == DatasetStatus::Complete {
                store::connections::set_last_sync(&mut change, connection.id, now).await?;
                store::companies::set_last_sync(&mut change, connection.company_id, now).await?;
            }
            batches::announce(&mut change, dataset.batch_id).await?;
            if !self.run.finish(&mut change).await? {
                tracing::warn!(dataset = %dataset.id, "lease lost with the last page; left to its new holder");
                return Ok(Some(JobOutcome::Finished));
            }
        } else if self.selection.has_supplements() {
            store::supplements::forget(&mut change, dataset.id).await?;
        }
        change.commit().await?;
        self.advanced = true;
        app.metrics
            .records
            .inc_by((records.len() + unaltered.len()) as u64);
        app.metrics.records_unaltered.inc_by(unaltered.len() as u64);
        if last {
            let (key, status) = (&connection.integration_key, dataset.status.as_str());
            app.metrics
                .count_outcome(&app.metrics.datasets, key, status);
            tracing::info!(
                dataset = %dataset.id, connection = %connection.id, %data_type,
                records = dataset.records, modified = dataset.modified, set_aside = dataset.set_aside, status,
                "dataset ended"
            );
        }
        Ok(last.then_some(JobOutcome::Finished))
    }

    /// Stores records, and counts them on the dataset.
    pub(super) async fn put(
        &mut self,
        change: &mut Change<'_>,
        records: &[Record],
    ) -> Result<(), StoreError> {
        let (connection, dataset, now) = (&self.connection, &mut self.dataset, change.now);
        let counts = store::records::upsert_page(
            change,
            connection.id,
            connection.company_id,
            &dataset.data_type,
            dataset.id,
            records,
            now,
        )
        .await?;
        dataset.records += number(records.len() as u64);
        dataset.modified += number(counts.inserted + counts.changed);
        Ok(())
    }

    /// Keeps which page made the pull end.
    pub(super) async fn keep_refusal(&self, error: &MapError) -> Result<(), StoreError> {
        let mut change = Change::begin(self.app, Actor::Moorline).await?;
        let refusal = vec![validation::of_refusal(error)];
        note(&mut change, self.dataset.id, refusal).await?;
        change.commit().await
    }

    /// Reads everything after all: more changed than the platform lists as changes, and unlisted deletions would stay
    /// unseen. Records that this pull has stored count as seen.
    pub(super) async fn start_over(&mut self) -> Result<(), StoreError> {
        tracing::info!(dataset = %self.dataset.id, "the changes are too many for the platform's list: reading everything");
        self.dataset.since = None;
        self.dataset.next_page = None;
        self.dataset.records = 0;
        self.dataset.set_aside = 0;
        self.dataset.progress = 0;
        self.save().await
    }

    pub(super) async fn set_status(&mut self, status: DatasetStatus) -> Result<(), StoreError> {
        if self.dataset.status == status {
            return Ok(());
        }
        self.dataset.status = status;
        // Worth a write of its own only at the beginning: pages carry it from then on.
        if self.dataset.pages == 0 {
            self.save().await?;
        }
        Ok(())
    }

    /// Writes the dataset alone, without the company's lock: nothing else depends on it.
    pub(super) async fn save(&self) -> Result<(), StoreError> {
        let mut change = Change::begin(self.app, Actor::Moorline).await?;
        store::datasets::update(&mut change, &self.dataset).await?;
        change.announce(News::Company(self.connection.company_id));
        change.commit().await
    }
}

/// Notes the start of the next page.
fn go_on(dataset: &mut Dataset, next: &Cursor, total: Option<u64>) -> Result<(), StoreError> {
    let next = serde_json::to_string(next).map_err(|error| StoreError::Corrupt(error.to_string()));
    dataset.next_page = Some(next?);
    dataset.progress = progress(dataset, total);
    dataset.status = DatasetStatus::Fetching;
    Ok(())
}

/// Completes the dataset, and removes what it no longer saw. `nothing_read` is the reason if no record could be read: a pull of
/// everything has failed then, and what is stored stays.
async fn complete(
    change: &mut Change<'_>,
    dataset: &mut Dataset,
    window: &Window,
    nothing_read: Option<String>,
) -> Result<(), StoreError> {
    let (connection, now) = (dataset.connection_id, change.now);
    let data_type = dataset.data_type.clone();
    dataset.next_page = None;
    dataset.completed = Some(now);
    if let Some(reason) = nothing_read
        && dataset.since.is_none()
        && dataset.records == 0
        && dataset.set_aside > 0
    {
        dataset.status = DatasetStatus::MapError;
        dataset.error_message = Some(match dataset.set_aside {
            1 => reason,
            all => format!("None of {all} records could be read. The first: {reason}"),
        });
        return Ok(());
    }
    let outside = store::records::delete_outside(
        change,
        connection,
        &data_type,
        window.from,
        window.first_month.as_deref(),
    )
    .await?;
    dataset.modified += number(outside);
    let mut all_are_told_apart = true;
    if dataset.since.is_none() {
        store::quarantine::forget_others(change, connection, &data_type, dataset.id).await?;
        store::raw_pages::forget_others(change, connection, &data_type, dataset.id).await?;
        // A record that couldn't be read isn't gone; without its id, any that wasn't seen may be it.
        all_are_told_apart =
            quarantine::is_everything_known(change, connection, &data_type).await?;
        if all_are_told_apart {
            let gone = store::records::mark_unseen_deleted(
                change, connection, &data_type, dataset.id, now,
            )
            .await?;
            dataset.modified += number(gone);
        }
    }
    dataset.progress = 100;
    dataset.status = DatasetStatus::Complete;
    let mut description = match dataset.set_aside {
        0 => None,
        1 => Some("1 record could not be read and is set aside.".to_owned()),
        some => Some(format!(
            "{some} records could not be read and are set aside."
        )),
    };
    if let Some(description) = description.as_mut().filter(|_| !all_are_told_apart) {
        description.push_str(
            " Records that are gone at the platform stay here until it is known which those are.",
        );
    }
    dataset.status_description = description;
    Ok(())
}

/// Stores findings after those that are there: up to [`validation::MOST`] errors, and as many warnings.
async fn note(tx: &mut Tx, dataset: DatasetId, findings: Vec<Finding>) -> Result<(), StoreError> {
    if findings.is_empty() {
        return Ok(());
    }
    let (errors, warnings) = store::issues::tally_in(tx, dataset).await?;
    let room = |before: i64| {
        validation::MOST.saturating_sub(usize::try_from(before).unwrap_or(usize::MAX))
    };
    let (errors_first, warnings_then): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|finding| finding.is_error);
    let issues: Vec<store::issues::Issue> = (errors_first.into_iter().take(room(errors)))
        .chain(warnings_then.into_iter().take(room(warnings)))
        .map(|finding| store::issues::Issue {
            is_error: finding.is_error,
            rule_id: finding.rule,
            item_id: finding.item,
            message: finding.message,
            validator: finding.validator.to_owned(),
        })
        .collect();
    store::issues::insert(tx, dataset, errors + warnings, &issues).await
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Per cent: by the platform's total, or a guess that never reaches the end.
fn progress(dataset: &Dataset, total: Option<u64>) -> i64 {
    match total
        .and_then(|total| i64::try_from(total).ok())
        .filter(|total| *total > 0)
    {
        Some(total) => (dataset.records * 100 / total).clamp(1, 99),
        None => 95 - 95 / (1 + dataset.pages),
    }
}
