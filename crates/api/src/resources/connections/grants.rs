//! Every grant that was ever held (ours, beyond the contract). Like a history, the lists outlive connection and company.

use axum::Json;
use axum::extract::{Path, State};

use crate::around::errors::ApiError;
use crate::around::paging::{Envelope, Paging};
use crate::around::tenancy::{ForHistory, load_company, load_connection};
use crate::wire::grant::{Grant, shape};
use crate::{AppState, around::path_id};
use store::held;

pub(crate) async fn of_company(
    State(app): State<AppState>,
    caller: ForHistory,
    paging: Paging,
) -> Result<Json<Envelope<Grant>>, ApiError> {
    let (client, company) = (caller.client, caller.company);
    let total = held::count(&app.db, client, company, None).await?;
    if total == 0 {
        load_company(&app, client, company).await?;
    }
    let page = (paging.page_size, paging.offset());
    let rows = held::list(&app.db, client, company, None, page).await?;
    let grants = rows.into_iter().map(|held| shape(&app, held)).collect();
    Ok(Json(paging.envelope(grants, total)))
}

pub(crate) async fn of_connection(
    State(app): State<AppState>,
    caller: ForHistory,
    Path((_, id)): Path<(String, String)>,
    paging: Paging,
) -> Result<Json<Envelope<Grant>>, ApiError> {
    let (client, company) = (caller.client, caller.company);
    let connection = path_id("connectionId", &id)?;
    let total = held::count(&app.db, client, company, Some(connection)).await?;
    if total == 0 {
        load_connection(&app, client, company, connection).await?;
    }
    let page = (paging.page_size, paging.offset());
    let rows = held::list(&app.db, client, company, Some(connection), page).await?;
    let grants = rows.into_iter().map(|held| shape(&app, held)).collect();
    Ok(Json(paging.envelope(grants, total)))
}
