//! Entries that follow from a connection's events: no path that gives or ends a consent can forget them.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::disclosure::additional::Asked;
use super::entry::sealed;
use super::{Entry, Shown};
use crate::change::Change;
use crate::credentials::Part;
use crate::data::files::sources::source;
use crate::events::ProductChange;
use store::StoreError;
use store::clock::new_id;
use store::companies::Company;
use store::connections::Connection;
use store::consents::{self, Consent};
use store::data_requests::DataRequest;
use store::entries;
use store::held::Held;
use store::model::{
    Actor, CompanyId, ConnectionId, ConsentId, ConsentState, EventType, GrantId, RecordKind,
};

/// Facts about the consent that a change takes or ends, which its event doesn't carry.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// The request as the person was shown it. None if this installation showed no page.
    pub(crate) shown: Option<Shown>,
    /// OpenID claims of the person, if the platform named one.
    pub(crate) person: Option<Map<String, Value>>,
    /// True if what ends the consent is the end of its time.
    pub(crate) expired: bool,
    /// Uploaded files that were deleted with it.
    pub(crate) files: u64,
}

/// Puts on record that a consent was given or ended, if that is what the event tells of.
pub(crate) async fn follow(
    change: &mut Change<'_>,
    connection: &Connection,
    kind: EventType,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    match kind {
        EventType::ConnectionConnected | EventType::ConnectionReconnected => {
            given(change, connection).await
        }
        EventType::ConnectionDisconnected | EventType::ConnectionDeleted => {
            ended(change, connection, reason).await
        }
        _ => Ok(()),
    }
}

/// Puts on record that a company was deleted.
pub(crate) fn follow_company(change: &mut Change<'_>, company: &Company, kind: EventType) {
    if kind == EventType::CompanyDeleted {
        let entry = Entry::new(company.client_id, RecordKind::CompanyDeleted);
        change.record(entry.of_company(company.id).with("name", &company.name));
    }
}

/// Puts on record that a company's products changed, which say what its data is used for.
pub(crate) fn follow_product(
    change: &mut Change<'_>,
    company: &Company,
    changed: &ProductChange<'_>,
) {
    let entry = Entry::new(company.client_id, RecordKind::ProductsChanged).of_company(company.id);
    let target = json!({ "productId": changed.id, "name": changed.name });
    change.record(entry.with("target", target).with("after", changed.products));
}

/// Puts on record that a business asked for a copy or the deletion of its data, or was answered.
pub(crate) fn follow_request(change: &mut Change<'_>, request: &DataRequest, kind: EventType) {
    let kind = match kind {
        EventType::DataRequestAnswered => RecordKind::RequestAnswered,
        _ => RecordKind::RequestMade,
    };
    let target = json!({ "dataRequestId": request.id, "kind": request.kind });
    let entry = Entry::new(request.client_id, kind)
        .of_company(request.company_id)
        .with("target", target)
        .with("status", request.status)
        .with("due", request.due);
    change.record(entry);
}

/// Puts on record what became of a grant: for the connection that held it last, and for each that held it before.
pub(crate) async fn follow_grant(change: &mut Change<'_>, grant: &Held) -> Result<(), StoreError> {
    let mut holders: BTreeSet<(CompanyId, ConnectionId)> = BTreeSet::new();
    let businesses = businesses_of(grant);
    if businesses.is_some() {
        let kind = RecordKind::GrantPassed;
        let passed = entries::of_grant(change, grant.client_id, kind, grant.id).await?;
        holders.extend(
            passed
                .iter()
                .filter_map(|entry| entry.company_id.zip(entry.connection_id)),
        );
    }
    holders.insert((grant.company_id, grant.connection_id));
    for holder in holders {
        change.record(end_of(grant, holder, businesses.as_deref()));
    }
    Ok(())
}

fn end_of(
    grant: &Held,
    (company, connection): (CompanyId, ConnectionId),
    businesses: Option<&[Value]>,
) -> Entry {
    let platform = json!({ "key": grant.integration_key, "name": grant.platform_name });
    let business = json!({ "id": grant.account_id, "name": grant.account_name });
    let answer = json!({ "status": grant.answer_status, "words": grant.answer });
    Entry::new(grant.client_id, RecordKind::GrantEnded)
        .of_company(company)
        .of_connection(connection)
        .with("target", json!({ "grantId": grant.id }))
        .with("platform", platform)
        .with("business", business)
        .with("begun", grant.begun)
        .with("state", grant.state)
        .with("reason", grant.reason)
        .with("answer", answer)
        .with("businesses", businesses)
}

/// The businesses that a grant led to, if there were several: connections of others may have read by it.
fn businesses_of(grant: &Held) -> Option<Vec<Value>> {
    let accounts: Vec<Value> = serde_json::from_str(&grant.accounts).ok()?;
    let named = |account: &Value| json!({ "id": account["id"], "name": account["name"] });
    (accounts.len() > 1).then(|| accounts.iter().map(named).collect())
}

/// Puts on record that another connection holds a grant which several share: for the business that held it, and for the one that
/// does now.
pub(crate) fn follow_passing(
    change: &mut Change<'_>,
    grant: GrantId,
    from: &Connection,
    to: &Connection,
) {
    let named = |one: &Connection| {
        json!({
            "companyId": one.company_id,
            "connectionId": one.id,
            "business": { "id": one.account_id, "name": one.account_name },
        })
    };
    for of in [from, to] {
        let platform = json!({ "key": of.integration_key, "name": of.platform_name });
        let entry = Entry::new(of.client_id, RecordKind::GrantPassed)
            .of_company(of.company_id)
            .of_connection(of.id)
            .with("target", json!({ "grantId": grant }))
            .with("platform", platform)
            .with("before", named(from))
            .with("after", named(to));
        change.record(entry);
    }
}

/// Puts on record that the platform has ended the access to one business, while others go on sharing the grant.
pub(crate) fn taken_out(change: &mut Change<'_>, grant: &Held, part: &Part, status: i64) {
    let platform = json!({ "key": grant.integration_key, "name": part.platform_name });
    let entry = Entry::new(grant.client_id, RecordKind::GrantBusinessEnded)
        .of_company(part.company)
        .of_connection(part.connection)
        .with("target", json!({ "grantId": grant.id }))
        .with("platform", platform)
        .with("business", json!({ "id": part.account, "name": part.name }))
        .with("answer", json!({ "status": status }));
    change.record(entry);
}

async fn given(change: &mut Change<'_>, connection: &Connection) -> Result<(), StoreError> {
    let told = std::mem::take(&mut change.told);
    let now = change.now;
    // As the change has left it: with the business's name.
    let connection = match store::connections::find_in(change, connection.id).await? {
        Some(connection) => connection,
        None => connection.clone(),
    };
    let grant = consents::grant_of(change, connection.id).await?;
    let before = consents::in_force(change, connection.id).await?;
    let valid_until = grant.as_ref().and_then(|grant| grant.consent_expires);
    let granted = grant.and_then(|grant| grant.scope);
    let kind = match (&before, &told.shown, change.actor) {
        (Some(_), _, _) => RecordKind::ConsentRenewed,
        (None, None, Actor::Client) => RecordKind::ConsentImported,
        (None, _, _) => RecordKind::ConsentGiven,
    };
    let consent = match before {
        Some(before) => Consent {
            business: connection.account_name.clone(),
            renewed: Some(now),
            valid_until,
            ..before
        },
        None => Consent {
            id: ConsentId(new_id(now)),
            client_id: connection.client_id,
            company_id: connection.company_id,
            connection_id: connection.id,
            integration_key: connection.integration_key.clone(),
            platform_name: connection.platform_name.clone(),
            business: connection.account_name.clone(),
            state: ConsentState::Given,
            given: now,
            renewed: None,
            valid_until,
            ended: None,
            ended_by: None,
        },
    };
    let entry = described(change, &connection, consent, kind).await?;
    let entry = match &told.shown {
        Some(shown) => entry
            .with("collectionMethod", "hosted page")
            .with("disclosure", &shown.disclosure)
            .with("disclosureVersion", &shown.disclosure_version)
            .with("language", &shown.language)
            .with("shownAt", shown.at)
            .with("shownTo", &shown.from),
        None if source(&connection.integration_key).is_some() => {
            entry.with("collectionMethod", "files were uploaded")
        }
        // Said, rather than left to be guessed.
        None if change.actor == Actor::Client => entry.with(
            "collectionMethod",
            "tokens obtained elsewhere; this installation showed no page",
        ),
        None => entry.with(
            "collectionMethod",
            "not on record: the page was shown by an earlier version",
        ),
    };
    let requested = told.shown.map(|shown| shown.scopes);
    let entry = entry
        .with(
            "person",
            told.person
                .map(|claims| sealed(change.app, &connection, &claims)),
        )
        .with(
            "scopes",
            json!({ "requested": requested, "granted": granted.map(words) }),
        )
        .with("validUntil", valid_until);
    change.record(entry);
    Ok(())
}

/// Puts on record that a consent's business became known only after it was given.
pub(crate) async fn business_learnt(
    change: &mut Change<'_>,
    connection: &Connection,
) -> Result<(), StoreError> {
    let Some(before) = consents::in_force(change, connection.id).await? else {
        return Ok(());
    };
    let current = store::connections::find_in(change, connection.id).await?;
    let (id, name) = current.map_or((None, None), |now| (now.account_id, now.account_name));
    let consent = Consent {
        business: name.clone(),
        ..before
    };
    let entry = Entry::new(consent.client_id, RecordKind::ConsentIdentified)
        .of_consent(consent)
        .with("business", json!({ "id": id, "name": name }));
    change.record(entry);
    Ok(())
}

/// Puts on record that a person agreed to a further purpose, or refused it, with the words that were shown.
pub(crate) async fn additional_answered(
    change: &mut Change<'_>,
    connection: &Connection,
    consent: Consent,
    kind: RecordKind,
    asked: &Asked,
) -> Result<(), StoreError> {
    let method = match (change.actor, asked.by_settings) {
        (Actor::Customer, true) => "Link, in the words of the client's settings",
        (Actor::Customer, false) => "Link, in the words of the page that mounts it",
        // Said, rather than left to be guessed.
        _ => "told by the client; this installation showed no page",
    };
    // Not `collectionMethod`, which stands for how the consent itself was given.
    let entry = described(change, connection, consent, kind)
        .await?
        .with("askedBy", method)
        .with("wording", &asked.wording)
        .with("wordingVersion", &asked.version)
        .with("language", &asked.language);
    change.record(entry);
    Ok(())
}

/// Puts on record that the platform changed what it grants, while the consent goes on.
pub(crate) async fn scopes_changed(
    change: &mut Change<'_>,
    connection: &Connection,
    reason: &str,
    scopes: Value,
) -> Result<(), StoreError> {
    let Some(consent) = consents::in_force(change, connection.id).await? else {
        return Ok(());
    };
    let entry = Entry::new(consent.client_id, RecordKind::ConsentChanged)
        .of_consent(consent)
        .with("scopes", scopes)
        .with("reason", reason);
    change.record(entry);
    Ok(())
}

async fn ended(
    change: &mut Change<'_>,
    connection: &Connection,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    let told = std::mem::take(&mut change.told);
    let Some(before) = consents::in_force(change, connection.id).await? else {
        return Ok(());
    };
    let (state, kind) = match change.actor {
        _ if told.expired => (ConsentState::Expired, RecordKind::ConsentExpired),
        Actor::Customer => (ConsentState::Withdrawn, RecordKind::ConsentWithdrawn),
        _ => (ConsentState::Revoked, RecordKind::ConsentRevoked),
    };
    let mut consent = Consent {
        state,
        ended: Some(change.now),
        ..before
    };
    // The entry knows the actor by its full name only once it is recorded.
    let entry = Entry::new(consent.client_id, kind).by(change.app, change.actor, change.now);
    consent.ended_by = Some(entry.actor.to_owned());
    let files = (told.files > 0).then_some(told.files);
    let entry = entry.of_consent(consent).with("reason", reason);
    change.record(entry.with("filesDeleted", files));
    Ok(())
}

/// The parties of a consent, by the names that they have at the time.
async fn described(
    change: &mut Change<'_>,
    connection: &Connection,
    consent: Consent,
    kind: RecordKind,
) -> Result<Entry, StoreError> {
    let company = store::companies::find_in(change, connection.company_id).await?;
    let client = store::clients::find_in(change, connection.client_id).await?;
    let (client_id, company_id) = (connection.client_id, connection.company_id);
    Ok(Entry::new(client_id, kind)
        .of_consent(consent)
        .with(
            "client",
            json!({ "id": client_id, "name": client.map(|client| client.name) }),
        )
        .with(
            "company",
            json!({ "id": company_id, "name": company.map(|company| company.name) }),
        )
        .with(
            "platform",
            json!({ "key": connection.integration_key, "name": connection.platform_name }),
        )
        .with(
            "business",
            json!({ "id": connection.account_id, "name": connection.account_name }),
        ))
}

/// Scopes as a platform lists them: parted by blanks or commas.
fn words(scope: String) -> Vec<String> {
    scope
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}
