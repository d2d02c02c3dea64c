//! Writing to platforms: the members that a record may have, the write, and its outcome.

use axum::Json;
use axum::extract::{Path, Query, State};
use connectors::PushOption;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::around::body::Body;
use crate::around::errors::ApiError;
use crate::around::paging::{Envelope, Paging};
use crate::around::tenancy::{OwnCompany, OwnConnection};
use crate::wire::push::{PushOperation, Requested};
use crate::{AppState, around::path_id};
use platform::data::pushing::{self, NewPush};
use store::connections::Connection;
use store::model::PushId;
use store::pushes as rows;

/// The data type of the lines of a bank account, whose paths name it by itself.
const BANK_TRANSACTIONS: &str = "bankTransactions";

pub(crate) async fn options(
    State(app): State<AppState>,
    OwnConnection(connection): OwnConnection,
    Path((_, _, data_type)): Path<(String, String, String)>,
) -> Result<Json<PushOption>, ApiError> {
    Ok(Json(pushing::options(&app, &connection, &data_type).await?))
}

/// Query parameters of a write.
#[derive(Deserialize)]
pub(crate) struct Terms {
    #[serde(rename = "timeoutInMinutes")]
    timeout_in_minutes: Option<String>,
    #[serde(rename = "allowSyncOnPushComplete")]
    allow_sync_on_push_complete: Option<String>,
}

impl Terms {
    /// Ten years; a longer limit is a mistake.
    const LONGEST: i64 = 10 * 365 * 24 * 60;

    fn timeout(&self) -> Result<Option<i64>, ApiError> {
        let Some(text) = &self.timeout_in_minutes else {
            return Ok(None);
        };
        match text.parse() {
            Ok(minutes) if (1..=Self::LONGEST).contains(&minutes) => Ok(Some(minutes)),
            _ => Err(ApiError::invalid(
                "timeoutInMinutes",
                format!(
                    "timeoutInMinutes must be a whole number from 1 to {}.",
                    Self::LONGEST
                ),
            )),
        }
    }

    fn sync_after(&self) -> Result<bool, ApiError> {
        match self.allow_sync_on_push_complete.as_deref() {
            None => Ok(true),
            Some(word) if word.eq_ignore_ascii_case("true") => Ok(true),
            Some(word) if word.eq_ignore_ascii_case("false") => Ok(false),
            Some(_) => Err(ApiError::invalid(
                "allowSyncOnPushComplete",
                "allowSyncOnPushComplete must be true or false.",
            )),
        }
    }
}

pub(crate) async fn create(
    State(app): State<AppState>,
    OwnConnection(connection): OwnConnection,
    Path((_, _, data_type)): Path<(String, String, String)>,
    Query(terms): Query<Terms>,
    Body(record): Body<Box<RawValue>>,
) -> Result<Json<Requested>, ApiError> {
    write(&app, &connection, data_type, None, &terms, record).await
}

pub(crate) async fn update(
    State(app): State<AppState>,
    OwnConnection(connection): OwnConnection,
    Path((_, _, data_type, record_id)): Path<(String, String, String, String)>,
    Query(terms): Query<Terms>,
    Body(record): Body<Box<RawValue>>,
) -> Result<Json<Requested>, ApiError> {
    let target = Some(record_id);
    write(&app, &connection, data_type, target, &terms, record).await
}

/// No integration describes how a record is deleted, so every platform is answered as one that can't.
pub(crate) async fn delete(
    OwnConnection(connection): OwnConnection,
    Path((_, _, data_type, _)): Path<(String, String, String, String)>,
) -> Result<Json<Requested>, ApiError> {
    Err(pushing::not_supported(&connection, &data_type).into())
}

/// The same for the lines of a bank account, which have paths of their own in the contract.
pub(crate) async fn bank_options(
    OwnConnection(connection): OwnConnection,
) -> Result<Json<PushOption>, ApiError> {
    Err(pushing::not_supported(&connection, BANK_TRANSACTIONS).into())
}

pub(crate) async fn create_bank(
    OwnConnection(connection): OwnConnection,
    Body(_): Body<Box<RawValue>>,
) -> Result<Json<Requested>, ApiError> {
    Err(pushing::not_supported(&connection, BANK_TRANSACTIONS).into())
}

async fn write(
    app: &AppState,
    connection: &Connection,
    data_type: String,
    target: Option<String>,
    terms: &Terms,
    record: Box<RawValue>,
) -> Result<Json<Requested>, ApiError> {
    if !record.get().starts_with('{') {
        return Err(ApiError::invalid(
            "body",
            "The record must be a JSON object.",
        ));
    }
    if record.get().contains("\\u0000") {
        return Err(ApiError::invalid(
            "body",
            "The record must not contain NUL characters (\\u0000).",
        ));
    }
    let new = NewPush {
        data_type,
        target,
        record: record.get().to_owned(),
        timeout_minutes: terms.timeout()?,
        sync_after: terms.sync_after()?,
    };
    let push = pushing::request(app, connection, new).await?;
    Ok(Json(Requested::new(push, record)))
}

pub(crate) async fn list(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
    paging: Paging,
) -> Result<Json<Envelope<PushOperation>>, ApiError> {
    let filter = paging.filter(&rows::SCHEMA)?;
    let order = paging.order(&rows::SCHEMA)?;
    let slice = rows::list(&app.db, company.id, paging.wanted(&filter, &order)).await?;
    Ok(Json(paging.envelope(
        slice.rows.into_iter().map(PushOperation::from).collect(),
        slice.total,
    )))
}

pub(crate) async fn get(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
    Path((_, key)): Path<(String, String)>,
) -> Result<Json<PushOperation>, ApiError> {
    let key: PushId = path_id("pushOperationKey", &key)?;
    let found = rows::get(&app.db, company.id, key).await?;
    let found = found.ok_or_else(|| {
        ApiError::not_found(format!("No push operation was found with ID {key}")).of("PushApi")
    })?;
    Ok(Json(found.into()))
}
