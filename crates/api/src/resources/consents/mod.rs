//! Consents on record and the acts of administration beside them. Ours: the contract has neither.

pub(crate) mod audit;
mod csv;
pub(crate) mod filters;
pub(crate) mod receipts;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;

use self::csv::Form;
use self::filters::Filters;
use crate::AppState;
use crate::around::auth::Client;
use crate::around::errors::ApiError;
use crate::around::paging::Paging;
use crate::around::path_id;
use crate::wire::consent::{COLUMNS, KeyNames, shape};
use store::consents::{self, Wanted};
use store::model::{ClientId, ConsentId, ConsentState};

/// A client's consents, newest first.
pub(crate) async fn list(
    State(app): State<AppState>,
    client: Client,
    headers: HeaderMap,
    paging: Paging,
    filters: Filters,
) -> Result<Response, ApiError> {
    let mut wanted = wanted(&filters)?;
    wanted.company = filters.id("companyId")?;
    answer(&app, client, &headers, paging, &filters, &wanted).await
}

/// A company's consents; also of one that was deleted.
pub(crate) async fn of_company(
    State(app): State<AppState>,
    client: Client,
    Path(company): Path<String>,
    headers: HeaderMap,
    paging: Paging,
    filters: Filters,
) -> Result<Response, ApiError> {
    let company = path_id("companyId", &company)?;
    let mut wanted = wanted(&filters)?;
    wanted.company = Some(company);
    let known = store::companies::get(&app.db, client.id, company).await?;
    if known.is_none() {
        // Its record outlives a company.
        let any = Wanted {
            company: Some(company),
            ..Wanted::default()
        };
        let (_, number) = consents::page(&app.db, client.id, &any, 1, 0).await?;
        if number == 0 {
            return Err(ApiError::no_company(company));
        }
    }
    answer(&app, client, &headers, paging, &filters, &wanted).await
}

fn wanted(filters: &Filters) -> Result<Wanted, ApiError> {
    let state = filters.get("state");
    let state = state.map(|word| {
        ConsentState::from_word(word).ok_or_else(|| {
            let valid = ConsentState::WORDS.iter().copied();
            ApiError::unknown("state", "state of a consent", word, valid)
        })
    });
    Ok(Wanted {
        company: None,
        platform: filters.get("platform").map(str::to_owned),
        state: state.transpose()?,
        from: filters.time("from")?,
        to: filters.time("to")?,
    })
}

async fn answer(
    app: &AppState,
    client: Client,
    headers: &HeaderMap,
    mut paging: Paging,
    filters: &Filters,
    wanted: &Wanted,
) -> Result<Response, ApiError> {
    let form = Form::wanted(filters.get("format"), headers)?;
    let (limit, offset) = (paging.page_size, paging.offset());
    let (rows, total) = consents::page(&app.db, client.id, wanted, limit, offset).await?;
    let ids: Vec<ConsentId> = rows.iter().map(|row| row.id).collect();
    let entries = store::entries::of_consents(&app.db, client.id, &ids).await?;
    let names = key_names(app, client.id).await?;
    let shaped = shape(app, rows, entries, &names);
    Ok(match form {
        Form::Csv => csv::table(
            "attachment; filename=\"consents.csv\"",
            &COLUMNS,
            shaped.iter().map(|consent| consent.cells()),
        ),
        Form::Json => {
            paging.keep(filters.given(&["companyId", "platform", "state", "from", "to"]));
            Json(paging.envelope(shaped, total)).into_response()
        }
    })
}

/// The names of the client's API keys that there are.
async fn key_names(app: &AppState, client: ClientId) -> Result<KeyNames, ApiError> {
    let keys = store::clients::keys(&app.db, client).await?;
    Ok(keys.into_iter().map(|key| (key.id, key.name)).collect())
}
