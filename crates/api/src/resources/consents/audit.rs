//! `/audit`: every entry of the record, consents and acts of administration alike.

use axum::Json;
use axum::extract::State;

use super::filters::Filters;
use super::key_names;
use crate::AppState;
use crate::around::auth::Client;
use crate::around::errors::ApiError;
use crate::around::paging::{Envelope, Paging};
use crate::wire::consent::Entry;
use store::entries::{self, Wanted};
use store::model::RecordKind;

const ACTORS: [&str; 5] = ["customer", "client", "platform", "moorline", "operator"];

/// Newest first.
pub(crate) async fn list(
    State(app): State<AppState>,
    client: Client,
    mut paging: Paging,
    filters: Filters,
) -> Result<Json<Envelope<Entry>>, ApiError> {
    let kinds: Vec<String> = filters
        .get("kind")
        .into_iter()
        .flat_map(|kinds| kinds.split(','))
        .map(|kind| kind.trim().to_owned())
        .collect();
    for kind in &kinds {
        known_kind(kind)?;
    }
    let actor = filters.get("actor");
    if let Some(actor) = actor.filter(|actor| !ACTORS.contains(actor)) {
        return Err(ApiError::unknown("actor", "actor", actor, ACTORS));
    }
    let wanted = Wanted {
        kinds,
        company: filters.id("companyId")?,
        key: filters.id("apiKeyId")?,
        actor: actor.map(str::to_owned),
        from: filters.time("from")?,
        to: filters.time("to")?,
    };
    let (limit, offset) = (paging.page_size, paging.offset());
    let (rows, total) = entries::page(&app.db, client.id, &wanted, limit, offset).await?;
    let names = key_names(&app, client.id).await?;
    let results = rows
        .into_iter()
        .map(|row| Entry::new(&app, row, &names))
        .collect();
    paging.keep(filters.given(&["kind", "actor", "companyId", "apiKeyId", "from", "to"]));
    Ok(Json(paging.envelope(results, total)))
}

/// Refuses a word that is neither a kind nor the first word of some.
fn known_kind(kind: &str) -> Result<(), ApiError> {
    let group = |word: &'static str| word.split('.').next().unwrap_or_default();
    let known = RecordKind::WORDS
        .iter()
        .any(|word| *word == kind || group(word) == kind);
    if known {
        return Ok(());
    }
    let valid = RecordKind::WORDS.iter().copied();
    Err(ApiError::unknown("kind", "kind of entry", kind, valid))
}
