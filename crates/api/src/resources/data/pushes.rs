//! Writing to platforms: what a record may say, writing it, and how that went.

use axum::extract::{Path, Query, State};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use connectors::PushOption;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::around::auth::Client;
use crate::around::body::Body;
use crate::around::errors::ApiError;
use crate::around::paging::{Envelope, Paging};
use crate::wire::push::{PushOperation, Requested};
use crate::{
    AppState,
    around::path_id,
    resources::{companies, connections},
};
use platform::data::pushing::{self, NewPush};
use store::model::{CompanyId, PushId};
use store::pushes as rows;

const CONNECTION: &str = "/companies/{companyId}/connections/{connectionId}";

pub(crate) fn routes() -> Router<AppState> {
    let below = |path: &str| format!("{CONNECTION}{path}");
    Router::new()
        .route(&below("/options/{dataType}"), get(options))
        .route(&below("/push/{dataType}"), post(create))
        .route(
            &below("/push/{dataType}/{recordId}"),
            put(update).delete(remove),
        )
        .route(
            &below("/options/bankAccounts/{accountId}/bankTransactions"),
            get(bank_options),
        )
        .route(
            &below("/push/bankAccounts/{accountId}/bankTransactions"),
            post(push_bank),
        )
        .route("/companies/{companyId}/push", get(list))
        .route("/companies/{companyId}/push/{pushOperationKey}", get(one))
}

async fn options(
    State(app): State<AppState>,
    client: Client,
    Path((company, connection, data_type)): Path<(String, String, String)>,
) -> Result<Json<PushOption>, ApiError> {
    let company = path_id("companyId", &company)?;
    let id = path_id("connectionId", &connection)?;
    let connection = connections::find(&app, client.id, company, id).await?;
    Ok(Json(pushing::options(&app, &connection, &data_type).await?))
}

/// Query parameters of a write.
#[derive(Deserialize)]
struct Terms {
    #[serde(rename = "timeoutInMinutes")]
    timeout_in_minutes: Option<String>,
    #[serde(rename = "allowSyncOnPushComplete")]
    allow_sync_on_push_complete: Option<String>,
}

impl Terms {
    /// Ten years; more is no limit that anybody means.
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

async fn create(
    State(app): State<AppState>,
    client: Client,
    Path((company, connection, data_type)): Path<(String, String, String)>,
    Query(terms): Query<Terms>,
    Body(record): Body<Box<RawValue>>,
) -> Result<Json<Requested>, ApiError> {
    let place = (company, connection);
    write(&app, &client, place, data_type, None, &terms, record).await
}

async fn update(
    State(app): State<AppState>,
    client: Client,
    Path((company, connection, data_type, record_id)): Path<(String, String, String, String)>,
    Query(terms): Query<Terms>,
    Body(record): Body<Box<RawValue>>,
) -> Result<Json<Requested>, ApiError> {
    let place = (company, connection);
    let target = Some(record_id);
    write(&app, &client, place, data_type, target, &terms, record).await
}

/// No platform's folder says how a record is deleted, so this is the contract's word for what a platform can't do.
async fn remove(
    State(app): State<AppState>,
    client: Client,
    Path((company, connection, data_type, _)): Path<(String, String, String, String)>,
) -> Result<Json<Requested>, ApiError> {
    Err(not_supported(&app, &client, (company, connection), &data_type).await)
}

/// The same for the lines of a bank account, which have paths of their own in the contract.
async fn bank_options(
    State(app): State<AppState>,
    client: Client,
    Path((company, connection, _)): Path<(String, String, String)>,
) -> Result<Json<PushOption>, ApiError> {
    Err(not_supported(&app, &client, (company, connection), "bankTransactions").await)
}

async fn push_bank(
    State(app): State<AppState>,
    client: Client,
    Path((company, connection, _)): Path<(String, String, String)>,
    Body(_): Body<Box<RawValue>>,
) -> Result<Json<Requested>, ApiError> {
    Err(not_supported(&app, &client, (company, connection), "bankTransactions").await)
}

async fn not_supported(
    app: &AppState,
    client: &Client,
    (company, connection): (String, String),
    data_type: &str,
) -> ApiError {
    let find = async {
        let company = path_id("companyId", &company)?;
        let id = path_id("connectionId", &connection)?;
        connections::find(app, client.id, company, id).await
    };
    match find.await {
        Ok(connection) => pushing::not_supported(&connection, data_type).into(),
        Err(error) => error,
    }
}

async fn write(
    app: &AppState,
    client: &Client,
    (company, connection): (String, String),
    data_type: String,
    target: Option<String>,
    terms: &Terms,
    record: Box<RawValue>,
) -> Result<Json<Requested>, ApiError> {
    let company = path_id("companyId", &company)?;
    let id = path_id("connectionId", &connection)?;
    let connection = connections::find(app, client.id, company, id).await?;
    if !record.get().starts_with('{') {
        return Err(ApiError::invalid(
            "body",
            "The record must be a JSON object.",
        ));
    }
    if record.get().contains("\\u0000") {
        return Err(ApiError::invalid(
            "body",
            "The record must not hold NUL characters.",
        ));
    }
    let new = NewPush {
        data_type,
        target,
        record: record.get().to_owned(),
        timeout_minutes: terms.timeout()?,
        sync_after: terms.sync_after()?,
    };
    let push = pushing::request(app, &connection, new).await?;
    Ok(Json(Requested::new(push, record)))
}

async fn list(
    State(app): State<AppState>,
    client: Client,
    Path(company): Path<String>,
    paging: Paging,
) -> Result<Json<Envelope<PushOperation>>, ApiError> {
    let company: CompanyId = path_id("companyId", &company)?;
    companies::find(&app, client.id, company).await?;
    let filter = paging.filter(&rows::SCHEMA)?;
    let order = paging.order(&rows::SCHEMA)?;
    let slice = rows::list(&app.db, company, paging.wanted(&filter, &order)).await?;
    Ok(Json(paging.envelope(
        slice.rows.into_iter().map(PushOperation::from).collect(),
        slice.total,
    )))
}

async fn one(
    State(app): State<AppState>,
    client: Client,
    Path((company, key)): Path<(String, String)>,
) -> Result<Json<PushOperation>, ApiError> {
    let company: CompanyId = path_id("companyId", &company)?;
    let key: PushId = path_id("pushOperationKey", &key)?;
    companies::find(&app, client.id, company).await?;
    let found = rows::get(&app.db, company, key).await?;
    let found = found.ok_or_else(|| {
        ApiError::not_found(format!("No push operation was found with ID {key}")).of("PushApi")
    })?;
    Ok(Json(found.into()))
}
