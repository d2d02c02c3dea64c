//! Settings have changed: connections of which more is wanted than was agreed to are found, and say so.

use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::agreed;
use super::derive::{Basis, Wish};
use super::language::Languages;
use crate::app::App;
use crate::change::Change;
use crate::companies::products;
use crate::credentials::vault::hex;
use store::StoreError;
use store::connections::Connection;
use store::model::{Actor, ClientId, CompanyId, ConnectionStatus, JobKind};

/// Companies that are looked at together.
const PAGE: i64 = 200;

/// The companies to look at.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whose {
    Company(CompanyId),
    /// All of a client's.
    Client(ClientId),
}

/// Queues the look, through the change that causes it.
pub(crate) async fn queue(change: &mut Change<'_>, whose: Whose) -> Result<(), StoreError> {
    let (subject, of) = match whose {
        Whose::Company(company) => (company.0, "company"),
        Whose::Client(client) => (client.0, "client"),
    };
    let payload = json!({ "of": of }).to_string();
    change.enqueue(JobKind::Reconsider, subject, &payload).await
}

/// The fact about the installation that says what its folders and settings let be read and written.
const FINGERPRINT: &str = "disclosure.fingerprint";

/// Queues a look at all connections if the installation reads, writes or asks for something else than when it last ran: its
/// folders, its products or its schedule have changed.
pub(crate) async fn after_changes_of_the_installation(app: &App) -> Result<(), StoreError> {
    let mut digest = Sha256::new();
    for integration in app.catalogue.iter() {
        let reads: Vec<_> = integration.data().iter().map(|own| own.data_type).collect();
        let writes: Vec<_> = integration.written_types().collect();
        let scopes: Vec<_> = reads
            .iter()
            .map(|own| integration.scopes_for(&[*own], &writes, false))
            .collect();
        digest.update(format!(
            "{} {reads:?} {writes:?} {scopes:?}\n",
            integration.key()
        ));
    }
    let products = products::all(&app.config);
    let products: Vec<_> = products
        .iter()
        .map(|own| (&own.id, &own.data_types))
        .collect();
    digest.update(format!("{products:?} {}", app.config.sync.every_hours));
    let fingerprint = hex(&digest.finalize());
    let known = store::meta::get(&app.db, FINGERPRINT).await?;
    if known.as_ref() == Some(&fingerprint) {
        return Ok(());
    }
    let clients = store::clients::list(&app.db).await?;
    let mut change = Change::begin(app, Actor::Moorline).await?;
    store::meta::set(&mut change, FINGERPRINT, &fingerprint).await?;
    // An installation that begins has nothing to look at.
    if known.is_some() {
        for client in &clients {
            queue(&mut change, Whose::Client(client.id)).await?;
        }
    }
    change.commit().await
}

/// Looks at the connections of a company, or of all companies of a client.
pub(crate) async fn run(app: &App, subject: Uuid, payload: &str) -> Result<(), StoreError> {
    let payload: serde_json::Value = serde_json::from_str(payload).unwrap_or_default();
    if payload["of"] != "client" {
        let company = CompanyId(subject);
        return match store::companies::owner(&app.db, company).await? {
            Some(client) => of_company(app, client, company).await,
            None => Ok(()),
        };
    }
    let client = ClientId(subject);
    let mut after = Uuid::nil();
    loop {
        let companies = store::companies::after(&app.db, client, after, PAGE).await?;
        let Some(last) = companies.last() else {
            return Ok(());
        };
        after = last.id.0;
        for company in &companies {
            of_company(app, client, company.id).await?;
        }
    }
}

/// Looks at a company's connections.
pub(crate) async fn of_company(
    app: &App,
    client: ClientId,
    company: CompanyId,
) -> Result<(), StoreError> {
    while !look(app, client, company).await? {}
    Ok(())
}

/// Looks once. False if another look, or a new grant, came in between for one of the connections: it may rest on older settings than
/// this one, or on newer ones, so that neither may stand unseen.
async fn look(app: &App, client: ClientId, company: CompanyId) -> Result<bool, StoreError> {
    let mut connections = store::connections::of_companies(&app.db, &[company]).await?;
    connections.retain(|connection| connection.status == ConnectionStatus::Linked);
    let ids: Vec<_> = connections.iter().map(|connection| connection.id).collect();
    // Before the settings: a note that is made after them is noticed by the note.
    let agreements = store::agreements::of_connections(&app.db, &ids).await?;
    if agreements.is_empty() {
        return Ok(true);
    }
    let basis = Basis::of(app, client, company).await?;
    let languages = Languages::default();
    let wish = Wish {
        languages: &languages,
        person: false,
        way: None,
    };
    let mut settled = true;
    for agreement in agreements {
        let of = |connection: &&Connection| connection.id == agreement.connection_id;
        let Some(connection) = connections.iter().find(of) else {
            continue;
        };
        let wanted = basis.disclose(app, connection, &wish);
        settled &= agreed::reconsider(app, connection, agreement, &wanted).await?;
    }
    Ok(settled)
}
