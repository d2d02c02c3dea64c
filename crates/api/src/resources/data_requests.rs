//! Requests of businesses about the data that they shared (ours, beyond the contract).

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};

use crate::around::auth::Client;
use crate::around::body::Body;
use crate::around::errors::ApiError;
use crate::around::paging::{Envelope, Paging};
use crate::around::tenancy::OwnCompany;
use crate::wire::time;
use crate::{AppState, around::path_id};
use platform::access::links;
use platform::access::links::passwords;
use platform::companies::requests;
use store::data_requests as rows;
use store::model::{CompanyId, DataRequestId, DataRequestKind, DataRequestStatus};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DataRequest {
    id: DataRequestId,
    company_id: CompanyId,
    company_name: String,
    kind: DataRequestKind,
    status: DataRequestStatus,
    requested_date: String,
    due_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl From<rows::DataRequest> for DataRequest {
    fn from(row: rows::DataRequest) -> Self {
        Self {
            id: row.id,
            company_id: row.company_id,
            company_name: row.company_name,
            kind: row.kind,
            status: row.status,
            requested_date: time(row.requested),
            due_date: time(row.due),
            answered_date: row.answered.map(time),
            note: row.note,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DataRequestAnswer {
    status: String,
    note: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SharingLink {
    company_id: CompanyId,
    sharing_url: String,
    expires: String,
}

/// In characters.
const MAX_NOTE: usize = 2_000;

/// A link for the company's own people, to hand to them.
pub(crate) async fn sharing(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
) -> Json<SharingLink> {
    Json(SharingLink {
        company_id: company.id,
        sharing_url: links::sharing_url(&app, company.id),
        expires: time(app.clock.now() + passwords::LIFETIME),
    })
}

pub(crate) async fn list(
    State(app): State<AppState>,
    client: Client,
    paging: Paging,
) -> Result<Json<Envelope<DataRequest>>, ApiError> {
    let filter = paging.filter(&rows::SCHEMA)?;
    let order = paging.order(&rows::SCHEMA)?;
    let slice = rows::list(&app.db, client.id, paging.wanted(&filter, &order)).await?;
    let shown = slice.rows.into_iter().map(DataRequest::from).collect();
    Ok(Json(paging.envelope(shown, slice.total)))
}

pub(crate) async fn answer(
    State(app): State<AppState>,
    client: Client,
    Path(id): Path<String>,
    Body(body): Body<DataRequestAnswer>,
) -> Result<Json<DataRequest>, ApiError> {
    let id = path_id("dataRequestId", &id)?;
    let request = rows::get(&app.db, client.id, id)
        .await?
        .ok_or_else(|| ApiError::not_found(format!("No data request was found with ID {id}")))?;
    let status = match DataRequestStatus::from_word(&body.status) {
        Some(status @ (DataRequestStatus::Completed | DataRequestStatus::Refused)) => status,
        _ => {
            return Err(ApiError::invalid(
                "status",
                format!(
                    "status is Completed or Refused; '{}' is neither.",
                    body.status.chars().take(40).collect::<String>()
                ),
            ));
        }
    };
    let note = body.note.map(|note| note.trim().to_owned());
    let note = note.filter(|note| !note.is_empty());
    if status == DataRequestStatus::Refused && note.is_none() {
        return Err(ApiError::invalid(
            "note",
            "A refusal needs a note: the reason, which the business is shown.",
        ));
    }
    let chars = note.as_ref().map_or(0, |note| note.chars().count());
    if chars > MAX_NOTE {
        return Err(ApiError::invalid(
            "note",
            format!("note has at most {MAX_NOTE} characters; this one has {chars}."),
        ));
    }
    match requests::answer(&app, request, status, note).await? {
        Some(answered) => Ok(Json(answered.into())),
        None => Err(ApiError::conflict("This request was answered before.")),
    }
}
