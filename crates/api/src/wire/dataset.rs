//! `PullOperation` and `DataStatus`.

use serde::Serialize;

use super::time;
use store::datasets as rows;
use store::model::{CompanyId, ConnectionId, DatasetId, DatasetStatus};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PullOperation {
    id: DatasetId,
    company_id: CompanyId,
    connection_id: ConnectionId,
    data_type: String,
    status: DatasetStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    requested: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed: Option<String>,
    progress: i64,
    /// The contract's word for "completed successfully".
    is_completed: bool,
    is_errored: bool,
}

impl From<rows::Dataset> for PullOperation {
    fn from(row: rows::Dataset) -> Self {
        Self {
            id: row.id,
            company_id: row.company_id,
            connection_id: row.connection_id,
            data_type: row.data_type,
            status: row.status,
            status_description: row.status_description,
            error_message: row.error_message,
            requested: time(row.requested),
            completed: row.completed.map(time),
            progress: row.progress,
            is_completed: row.status == DatasetStatus::Complete,
            is_errored: row.status.is_error(),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DataStatus {
    data_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_successful_sync: Option<String>,
    current_status: DatasetStatus,
    latest_sync_id: DatasetId,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_successful_sync_id: Option<DatasetId>,
}

impl DataStatus {
    pub(crate) fn new(latest: &rows::Dataset, success: Option<&rows::Dataset>) -> Self {
        Self {
            data_type: latest.data_type.clone(),
            last_successful_sync: success.and_then(|dataset| dataset.completed).map(time),
            current_status: latest.status,
            latest_sync_id: latest.id,
            latest_successful_sync_id: success.map(|dataset| dataset.id),
        }
    }
}
