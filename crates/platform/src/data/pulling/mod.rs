//! A dataset's life: queued → fetching → mapping → processing → complete.
//!
//! [`queue`] begins it, on a client's request ([`refresh`]) or by the clock ([`schedule`]); [`pull`] takes it page by page
//! to its [`ending`]. [`history`] keeps what there was for a time. [`settings`] say which types are pulled, how far back and how often.

mod ending;
mod history;
mod pull;
mod queue;
mod refresh;
pub mod remap;
pub(crate) use remap::key as page_key;
mod schedule;
pub mod settings;
mod validation;

use std::sync::Arc;

use connectors::DataType;

pub(crate) use ending::give_up;
pub(crate) use history::LookedAt;
pub use history::look_over;
pub use queue::QueueError;
pub(crate) use queue::{Batch, Cause, place, queue, queue_first, queue_types};
pub use refresh::{RefreshError, refresh_all, refresh_custom, refresh_one};
pub use schedule::queue_due;
pub(crate) use schedule::{begin_walk_of_all, follow};

use super::configuration;
use crate::app::App;
use crate::disclosure::agreed::Bounds;
use crate::work::{JobOutcome, Run};
use pull::{Pull, Selection};
use store::StoreError;
use store::connections::Connection;
use store::model::{DatasetId, DatasetStatus};

#[derive(Debug, thiserror::Error)]
pub(crate) enum PullError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("mapping stopped: {0}")]
    Stopped(#[from] tokio::task::JoinError),
}

/// Pulls a dataset from the page that it has come to, until its end or a pause.
pub(crate) async fn run(app: &App, id: DatasetId, run: &Run) -> Result<JobOutcome, PullError> {
    let Some(dataset) = store::datasets::find(&app.db, id).await? else {
        return Ok(JobOutcome::Done);
    };
    if dataset.completed.is_some() {
        return Ok(JobOutcome::Done);
    }
    let Some(connection) = store::connections::find(&app.db, dataset.connection_id).await? else {
        return Ok(JobOutcome::Done);
    };
    let integration = app.catalogue.get(&connection.integration_key);
    let selection = selection(app, &connection, &dataset.data_type).await?;
    let (Some(selection), Some(integration)) = (selection, integration) else {
        let message = "The integration, or the data type's configuration, is no longer there.";
        let status = DatasetStatus::InternalError;
        ending::end(app, dataset, status, Some(message.into()), Some(run)).await?;
        return Ok(JobOutcome::Finished);
    };
    let integration = Arc::clone(integration);
    let mut pull = Pull::new(app, integration, connection, selection, dataset, run);
    let outcome = pull.run().await;
    // Deleted with its connection while a page was on its way: whatever failed, there is nothing to go on with.
    if outcome.is_err() && store::datasets::find(&app.db, id).await?.is_none() {
        return Ok(JobOutcome::Done);
    }
    outcome
}

/// The data that a dataset is of, by its data type's key. None if that key means nothing any more.
async fn selection(
    app: &App,
    connection: &Connection,
    key: &str,
) -> Result<Option<Selection>, StoreError> {
    let (client, platform) = (connection.client_id, connection.integration_key.as_str());
    if let Some(name) = configuration::custom_name(key) {
        let custom = configuration::custom(app, client, platform, name).await?;
        return Ok(custom.map(Selection::Custom));
    }
    let Ok(data_type) = key.parse::<DataType>() else {
        return Ok(None);
    };
    let bounds = Bounds::read(app, connection.id).await?;
    let mut supplemental = configuration::supplemental(app, client, platform, data_type).await?;
    bounds.keep_told(data_type, &mut supplemental);
    Ok(Some(Selection::Standard {
        data_type,
        supplemental,
    }))
}
