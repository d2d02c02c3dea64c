//! Scopes that a platform names with a renewal: from then on they are what its grant allows.

use std::collections::BTreeSet;

use connectors::scopes_in;
use serde_json::json;

use super::agreed::{self, Bounds, Lack, Missing};
use super::words::listed;
use crate::app::App;
use crate::change::Change;
use crate::consents;
use crate::data::pulling;
use store::StoreError;
use store::agreements::{self, Agreement};
use store::connections::Connection;
use store::model::{Actor, GrantId};

/// Compares the scopes of a renewal's answer with those that were granted before. A difference is put on record; if something that
/// is wanted can't be done any more, that is reported by name, as fewer scopes are at the callback. None are named by an answer that
/// changes nothing (RFC 6749 § 5.1).
///
/// A process that dies before this finds the difference with the next renewal.
///
/// # Errors
/// The database can't be read or written to.
pub(crate) async fn note(
    app: &App,
    connection: &Connection,
    grant: Option<GrantId>,
    scope: Option<&str>,
) -> Result<(), StoreError> {
    let named = scopes_in(scope.unwrap_or_default());
    let Some(grant) = grant.filter(|_| !named.is_empty()) else {
        return Ok(());
    };
    let id = connection.id;
    let known = agreements::get(&app.db, id).await?;
    let Some(before) = granted_before(app, connection, known.as_ref()).await? else {
        return Ok(());
    };
    let difference = Difference::between(&before, &named, known.as_ref());
    if difference.is_nothing() {
        return Ok(());
    }
    let after = known.clone().map(|agreement| Agreement {
        scopes_granted: Some(named.join(" ")),
        ..agreement
    });
    let missing = match &after {
        Some(after) => missing(app, connection, after).await?,
        None => Missing::default(),
    };
    let mut change = Change::of_company(app, connection.company_id, Actor::Platform).await?;
    let is_newer = |now: &Agreement, then: &Agreement| {
        (now.agreed, &now.scopes_granted) != (then.agreed, &then.scopes_granted)
    };
    let now = agreements::get_in(&mut change, id).await?;
    if now
        .as_ref()
        .zip(known.as_ref())
        .is_some_and(|(now, then)| is_newer(now, then))
        || !store::credentials::set_scope(&mut change, id, grant, &named.join(" ")).await?
    {
        // Another grant came in between, or the connection was disconnected.
        return Ok(());
    }
    let Some(connection) = store::connections::find_in(&mut change, id).await? else {
        return Ok(());
    };
    let platform = &connection.platform_name;
    let mut words = difference.words(platform);
    if after.is_some() {
        let text = (!missing.is_empty()).then(|| missing.to_text());
        let noted = now.and_then(|now| now.missing);
        agreements::set_granted(&mut change, id, &named.join(" "), text.as_deref()).await?;
        pulling::follow(&mut change, id).await?;
        if missing.is_empty() && noted.is_some() {
            let now = change.now;
            store::connections::resolve_errors(&mut change, id, now).await?;
        }
        if !missing.is_empty() && !difference.lost.is_empty() && noted != text {
            words = format!(
                "{platform} no longer allows everything that it allowed before: {}.",
                missing.words()
            );
            let lost: Vec<&str> = difference.lost.iter().map(String::as_str).collect();
            let scopes = format!("Scopes that are no longer granted: {}.", listed(&lost));
            let lack = Lack {
                title: "Fewer permissions than before",
                reason: &words,
                scopes: &scopes,
            };
            agreed::report(&mut change, &connection, &missing, &lack).await?;
        }
    }
    consents::scopes_changed(
        &mut change,
        &connection,
        &words,
        json!({ "granted": named, "lost": difference.lost, "regained": difference.gained }),
    )
    .await?;
    change.commit().await?;
    tracing::warn!(connection = %id, lost = ?difference.lost, gained = ?difference.gained, "a renewal changed what is granted");
    Ok(())
}

/// The scopes that are in force so far; none if they aren't known.
async fn granted_before(
    app: &App,
    connection: &Connection,
    known: Option<&Agreement>,
) -> Result<Option<Vec<String>>, StoreError> {
    let agreed = known.and_then(|known| known.scopes_granted.clone());
    let scope = match agreed {
        Some(agreed) => Some(agreed),
        None => store::credentials::get(&app.db, connection.id)
            .await?
            .and_then(|credential| credential.scope),
    };
    Ok(scope.map(|scope| scopes_in(&scope)))
}

/// The part of what is wanted now that the agreement and its scopes don't cover.
async fn missing(
    app: &App,
    connection: &Connection,
    after: &Agreement,
) -> Result<Missing, StoreError> {
    let Some(integration) = app.catalogue.get(&connection.integration_key) else {
        return Ok(Missing::default());
    };
    let wanted = super::of(app, connection, "").await?;
    let bounds = Bounds::of(Some(after.clone()))?;
    Ok(bounds.missing(integration, (&wanted.reads, &wanted.custom, &wanted.writes)))
}

/// The scopes by which two answers differ. Of those that were requested, if that is known: others don't matter to what is done.
struct Difference {
    lost: BTreeSet<String>,
    gained: BTreeSet<String>,
}

impl Difference {
    fn between(before: &[String], after: &[String], known: Option<&Agreement>) -> Self {
        let requested = known.and_then(|known| known.scopes_requested.as_deref());
        let requested = requested.map(scopes_in);
        let matters = |scope: &&String| {
            let mut requested = requested.iter();
            requested.all(|requested| requested.contains(scope))
        };
        let without = |these: &[String], those: &[String]| {
            let only = these.iter().filter(|scope| !those.contains(scope));
            only.filter(matters).cloned().collect()
        };
        Self {
            lost: without(before, after),
            gained: without(after, before),
        }
    }

    fn is_nothing(&self) -> bool {
        self.lost.is_empty() && self.gained.is_empty()
    }

    fn words(&self, platform: &str) -> String {
        let listed = |scopes: &BTreeSet<String>| {
            let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
            listed(&scopes)
        };
        if self.lost.is_empty() {
            let gained = listed(&self.gained);
            return format!("{platform} renewed the access and granted the scope {gained} again.");
        }
        let lost = listed(&self.lost);
        format!("{platform} renewed the access without the scope {lost}.")
    }
}
