//! The window of time that a pull keeps records of.

use chrono::{DateTime, Utc};

use store::datasets::Dataset;
use store::model::sync_setting::first_month;

/// The bounds that a record must not lie before.
pub(in crate::data::pulling) struct Window {
    pub(super) from: Option<DateTime<Utc>>,
    /// `YYYY-MM`, for a statement, whose records are named by their months.
    pub(super) first_month: Option<String>,
}

impl Window {
    pub(in crate::data::pulling) fn of(dataset: &Dataset) -> Self {
        let months = dataset.months.and_then(|months| u32::try_from(months).ok());
        Self {
            from: dataset.window_from,
            first_month: months.and_then(|months| first_month(dataset.requested, months)),
        }
    }

    /// A record whose platform doesn't say when it was changed is kept.
    pub(in crate::data::pulling) fn keeps(
        &self,
        id: &str,
        source_modified: Option<DateTime<Utc>>,
    ) -> bool {
        let changed_too_early =
            matches!((self.from, source_modified), (Some(from), Some(at)) if at < from);
        let month_too_early = self.first_month.as_deref().is_some_and(|first| id < first);
        !changed_too_early && !month_too_early
    }
}
