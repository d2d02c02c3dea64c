//! `PullOperation` and `DataStatus`.

use connectors::DataType;
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
    data_type: DataType,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_successful_sync: Option<String>,
    /// `Initial` for a type that was never requested: the documentation leaves it out there, and typed clients refuse that.
    current_status: DatasetStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_sync_id: Option<DatasetId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_successful_sync_id: Option<DatasetId>,
    /// Ours, while something is wrong: the platform, and the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    platform_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl DataStatus {
    pub(crate) fn never_requested(data_type: DataType) -> Self {
        Self {
            data_type,
            last_successful_sync: None,
            current_status: DatasetStatus::Initial,
            latest_sync_id: None,
            latest_successful_sync_id: None,
            platform_name: None,
            reason: None,
        }
    }

    /// `platform` is the name of the one that the latest pull asks.
    pub(crate) fn new(
        data_type: DataType,
        latest: &rows::Dataset,
        success: Option<&rows::Dataset>,
        platform: Option<&str>,
    ) -> Self {
        let reason = latest.error_message.clone();
        Self {
            data_type,
            last_successful_sync: success.and_then(|dataset| dataset.completed).map(time),
            current_status: latest.status,
            latest_sync_id: Some(latest.id),
            latest_successful_sync_id: success.map(|dataset| dataset.id),
            platform_name: reason
                .is_some()
                .then_some(platform)
                .flatten()
                .map(str::to_owned),
            reason,
        }
    }
}
