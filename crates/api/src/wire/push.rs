//! `PushOperation`, and the answer to a write.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::time;
use store::model::{CompanyId, ConnectionId, PushId, PushStatus};
use store::pushes::Push;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PushOperation {
    changes: Vec<Value>,
    data_type: String,
    company_id: CompanyId,
    push_operation_key: PushId,
    data_connection_key: ConnectionId,
    requested_on_utc: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_on_utc: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_in_minutes: Option<i64>,
    /// Deprecated in the contract, and still read by older clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_in_seconds: Option<i64>,
    status: PushStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    validation: Validation,
    status_code: i64,
}

#[derive(Debug, Serialize)]
struct Validation {
    errors: Value,
    warnings: [Value; 0],
}

impl From<Push> for PushOperation {
    fn from(row: Push) -> Self {
        let kind = match row.target {
            None => "Created",
            Some(_) => "Modified",
        };
        let change = row.record_id.map(
            |id| json!({ "type": kind, "recordRef": { "id": id, "dataType": row.data_type } }),
        );
        let errors = row.validation.as_deref().map(serde_json::from_str);
        Self {
            changes: change.into_iter().collect(),
            data_type: row.data_type,
            company_id: row.company_id,
            push_operation_key: row.id,
            data_connection_key: row.connection_id,
            requested_on_utc: time(row.requested),
            completed_on_utc: row.completed.map(time),
            timeout_in_minutes: row.timeout_minutes,
            timeout_in_seconds: row
                .timeout_minutes
                .and_then(|minutes| minutes.checked_mul(60))
                .filter(|seconds| i32::try_from(*seconds).is_ok()),
            status: row.status,
            error_message: row.error_message,
            validation: Validation {
                errors: errors.and_then(Result::ok).unwrap_or_else(|| json!([])),
                warnings: [],
            },
            status_code: row.status_code,
        }
    }
}

/// The operation, with the record as it was sent.
#[derive(Debug, Serialize)]
pub(crate) struct Requested {
    data: Box<RawValue>,
    #[serde(flatten)]
    operation: PushOperation,
}

impl Requested {
    pub(crate) fn new(push: Push, record: Box<RawValue>) -> Self {
        Self {
            data: record,
            operation: push.into(),
        }
    }
}
