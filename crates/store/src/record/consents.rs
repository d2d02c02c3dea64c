//! Consents as their entries leave them, for lists; and requests that were shown and not yet answered.

use chrono::{DateTime, Utc};

use crate::model::{ClientId, CompanyId, ConnectionId, ConsentId, ConsentState};
use crate::sql::columns::row;
use crate::sql::db::{Bind, Db, Dynamic, StoreError, Tx, query};
use crate::sql::list::{self, Listing};

row! {
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Consent {
        pub id: ConsentId,
        pub client_id: ClientId,
        pub company_id: CompanyId,
        pub connection_id: ConnectionId,
        pub integration_key: String,
        pub platform_name: String,
        /// The business, as the platform names it.
        pub business: Option<String>,
        pub state: ConsentState,
        pub given: DateTime<Utc>,
        /// The newest time at which it was given again while it was in force.
        pub renewed: Option<DateTime<Utc>>,
        /// The end that the platform sets, if it is known.
        pub valid_until: Option<DateTime<Utc>>,
        pub ended: Option<DateTime<Utc>>,
        /// customer, client, platform, moorline or operator.
        pub ended_by: Option<String>,
    }
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select id, client_id, company_id, connection_id, integration_key, platform_name, business, state, given, renewed,
                    valid_until, ended, ended_by
             from consent ",
            $rest
        )
    };
}

/// The connection's consent that is in force, inside a transaction.
pub async fn in_force(
    tx: &mut Tx,
    connection: ConnectionId,
) -> Result<Option<Consent>, StoreError> {
    let mut text = Dynamic::new(columns!("where state = 'given' and connection_id = "));
    text.bind(Bind::Id(connection.0));
    Ok(query!(tx, all Consent, text)?.into_iter().next())
}

row! {
    /// The grant behind a connection, as far as its consent's entry tells of it.
    pub struct Grant {
        pub scope: Option<String>,
        pub consent_expires: Option<DateTime<Utc>>,
    }
}

pub async fn grant_of(tx: &mut Tx, connection: ConnectionId) -> Result<Option<Grant>, StoreError> {
    query!(
        tx,
        opt Grant,
        "select scope, consent_expires from credential
         where connection_id = $1 or grant_id = (select shared_grant from connection where id = $1)
         order by case when connection_id = $1 then 0 else 1 end limit 1",
        connection
    )
}

row! {
    /// A connection that is Linked, and the time of its authorisation.
    pub struct Linked {
        pub id: ConnectionId,
        pub company_id: CompanyId,
        pub last_authorized: Option<DateTime<Utc>>,
    }
}

/// Every Linked connection of a client, for a comparison with its entries.
pub async fn linked(tx: &mut Tx, client: ClientId) -> Result<Vec<Linked>, StoreError> {
    query!(
        tx,
        all Linked,
        "select id, company_id, last_authorized from connection where client_id = $1 and status = 'Linked' order by id",
        client
    )
}

/// Writes a consent as it is now.
pub async fn put(tx: &mut Tx, consent: &Consent) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into consent (id, client_id, company_id, connection_id, integration_key, platform_name, business, state, given,
                              renewed, valid_until, ended, ended_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         on conflict (id) do update set business = excluded.business, state = excluded.state, renewed = excluded.renewed,
             valid_until = excluded.valid_until, ended = excluded.ended, ended_by = excluded.ended_by",
        consent.id,
        consent.client_id,
        consent.company_id,
        consent.connection_id,
        &consent.integration_key,
        &consent.platform_name,
        &consent.business,
        consent.state,
        consent.given,
        consent.renewed,
        consent.valid_until,
        consent.ended,
        &consent.ended_by
    )?;
    Ok(())
}

pub async fn get(
    db: &Db,
    client: ClientId,
    company: CompanyId,
    id: ConsentId,
) -> Result<Option<Consent>, StoreError> {
    let mut text = Dynamic::new(columns!("where id = "));
    text.bind(Bind::Id(id.0)).push(" and client_id = ");
    text.bind(Bind::Id(client.0)).push(" and company_id = ");
    text.bind(Bind::Id(company.0));
    Ok(query!(db, all Consent, text)?.into_iter().next())
}

/// A consent by its id alone. Unscoped: a receipt's ticket, which is signed for it, leads here.
pub async fn find(db: &Db, id: ConsentId) -> Result<Option<Consent>, StoreError> {
    let mut text = Dynamic::new(columns!("where id = "));
    text.bind(Bind::Id(id.0));
    Ok(query!(db, all Consent, text)?.into_iter().next())
}

/// The connection's consent that is in force.
pub async fn of_connection(
    db: &Db,
    connection: ConnectionId,
) -> Result<Option<Consent>, StoreError> {
    let mut text = Dynamic::new(columns!("where state = 'given' and connection_id = "));
    text.bind(Bind::Id(connection.0));
    Ok(query!(db, all Consent, text)?.into_iter().next())
}

/// The consents of some connections, oldest first; those that have ended, too. Unscoped: callers pass connections that they have loaded.
pub async fn of_connections(
    db: &Db,
    connections: &[ConnectionId],
) -> Result<Vec<Consent>, StoreError> {
    let mut rows = Vec::new();
    for some in connections.chunks(500) {
        let mut text = Dynamic::new(columns!("where connection_id in ("));
        for (at, id) in some.iter().enumerate() {
            if at > 0 {
                text.push(", ");
            }
            text.bind(Bind::Id(id.0));
        }
        text.push(") order by given, id");
        rows.extend(query!(db, all Consent, text)?);
    }
    Ok(rows)
}

/// Every consent of a client, for a comparison with its entries.
pub async fn of_client(tx: &mut Tx, client: ClientId) -> Result<Vec<Consent>, StoreError> {
    let mut text = Dynamic::new(columns!("where client_id = "));
    text.bind(Bind::Id(client.0)).push(" order by given, id");
    query!(tx, all Consent, text)
}

/// The consents that a reader wants; absent values want any.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub company: Option<CompanyId>,
    /// The integration's key.
    pub platform: Option<String>,
    pub state: Option<ConsentState>,
    /// Given at this time or later.
    pub from: Option<DateTime<Utc>>,
    /// Given before this time.
    pub to: Option<DateTime<Utc>>,
}

impl Wanted {
    fn push(&self, client: ClientId, text: &mut Dynamic) {
        text.bind(Bind::Id(client.0));
        if let Some(company) = self.company {
            text.push(" and company_id = ").bind(Bind::Id(company.0));
        }
        if let Some(platform) = &self.platform {
            text.push(" and integration_key = ")
                .bind(Bind::Text(platform.clone()));
        }
        if let Some(state) = self.state {
            text.push(" and state = ")
                .bind(Bind::Text(state.as_str().to_owned()));
        }
        if let Some(from) = self.from {
            text.push(" and given >= ").bind(Bind::Time(from));
        }
        if let Some(to) = self.to {
            text.push(" and given < ").bind(Bind::Time(to));
        }
    }
}

const LISTING: Listing = Listing {
    count: "select count(*) as number from consent where client_id = ",
    select: columns!("where client_id = "),
    order: "given desc, id desc",
    kept: None,
};

/// A page of the consents that are wanted, newest first, and the number of all of them.
pub async fn page(
    db: &Db,
    client: ClientId,
    wanted: &Wanted,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Consent>, i64), StoreError> {
    let narrow = |text: &mut Dynamic| wanted.push(client, text);
    list::narrowed(db, &LISTING, narrow, (limit, offset)).await
}

/// Keeps a request as it was shown.
pub async fn put_request(
    tx: &mut Tx,
    state_hash: &[u8],
    shown: &str,
    expires: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into consent_request (state_hash, shown, expires) values ($1, $2, $3)
         on conflict (state_hash) do update set shown = excluded.shown, expires = excluded.expires",
        state_hash,
        shown,
        expires
    )?;
    Ok(())
}

row! { struct Shown { shown: String } }

/// Takes the request that a customer set out with.
pub async fn take_request(tx: &mut Tx, state_hash: &[u8]) -> Result<Option<String>, StoreError> {
    let taken = query!(
        tx,
        opt Shown,
        "delete from consent_request where state_hash = $1 returning shown",
        state_hash
    )?;
    Ok(taken.map(|row| row.shown))
}

/// Takes the request that led to a choice of businesses.
pub async fn take_request_of_choice(
    tx: &mut Tx,
    ticket_hash: &[u8],
) -> Result<Option<String>, StoreError> {
    let taken = query!(
        tx,
        opt Shown,
        "delete from consent_request where state_hash in (select state_hash from link_end where ticket_hash = $1)
         returning shown",
        ticket_hash
    )?;
    Ok(taken.map(|row| row.shown))
}

/// Forgets the requests that were never answered.
pub async fn sweep_requests(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, StoreError> {
    query!(tx, "delete from consent_request where expires < $1", now)
}
