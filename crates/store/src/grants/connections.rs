//! Connections and the errors that platforms gave.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::{ClientId, CompanyId, ConnectionId, ConnectionStatus, GrantId, SourceType};
use crate::query::{Kind, Schema};
use crate::sql::columns::row;
use crate::sql::db::{Bind, Db, Dynamic, StoreError, Tx, query};
use crate::sql::filter::Resolved;
use crate::sql::list::{self, Listing, Slice, Wanted};
use crate::{data::pull_states, people::counts, sql::dialect};

row! {
    #[derive(Clone, Debug)]
    pub struct Connection {
        pub id: ConnectionId,
        pub client_id: ClientId,
        pub company_id: CompanyId,
        pub integration_key: String,
        pub integration_id: Uuid,
        pub source_id: Uuid,
        pub source_type: SourceType,
        pub platform_name: String,
        pub status: ConnectionStatus,
        /// Why a Deauthorized connection needs its customer: `revoked`, `expired`, or `lost` by Moorline.
        pub attention_code: Option<String>,
        pub attention_message: Option<String>,
        /// The account at the platform that it leads to, as the platform names it.
        pub account_id: Option<String>,
        pub account_name: Option<String>,
        /// JSON object: what the platform's calls need to know of the account (a tenant id, a realm).
        pub variables: Option<String>,
        /// JSON object: the contract's free-form `connectionInfo`.
        pub info: Option<String>,
        pub first_authorized: Option<DateTime<Utc>>,
        pub last_authorized: Option<DateTime<Utc>>,
        pub last_sync: Option<DateTime<Utc>>,
        pub created: DateTime<Utc>,
        /// True if there were errors to read with it when it was read: mostly there are none.
        pub has_errors: bool,
        /// True if more is wanted than its customer agreed to when it was read.
        pub needs_consent: bool,
        /// The grant by which it reads, if others share it.
        pub shared_grant: Option<GrantId>,
    }
}

row! {
    #[derive(Clone, Debug)]
    pub struct ConnectionError {
        pub id: Uuid,
        pub connection_id: ConnectionId,
        pub status_code: String,
        pub status_text: String,
        pub error_message: String,
        pub errored_on: DateTime<Utc>,
        pub resolved_on: Option<DateTime<Utc>>,
    }
}

pub async fn insert(tx: &mut Tx, connection: &Connection) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into connection (id, client_id, company_id, integration_key, integration_id, source_id, source_type,
                                 platform_name, status, created)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        connection.id,
        connection.client_id,
        connection.company_id,
        &connection.integration_key,
        connection.integration_id,
        connection.source_id,
        connection.source_type,
        &connection.platform_name,
        connection.status,
        connection.created
    )?;
    counts::connection_came(tx, connection.id).await
}

/// Makes the transactions that change one company's connections take turns. Taken before any other row of the company's is
/// written: the order that keeps PostgreSQL from deadlocks.
pub async fn lock_company(tx: &mut Tx, company: CompanyId) -> Result<(), StoreError> {
    dialect::lock_company(tx, company).await
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select id, client_id, company_id, integration_key, integration_id, source_id, source_type, platform_name, status,
                    attention_code, attention_message, account_id, account_name, variables, info, first_authorized, last_authorized,
                    last_sync, created, shared_grant,
                    exists (select 1 from connection_error e where e.connection_id = connection.id) as has_errors,
                    exists (select 1 from agreement a where a.connection_id = connection.id and a.missing is not null) as needs_consent
             from connection ",
            $rest
        )
    };
}

pub async fn get(
    db: &Db,
    client: ClientId,
    company: CompanyId,
    id: ConnectionId,
) -> Result<Option<Connection>, StoreError> {
    Ok(
        query!(db, all Connection, columns_of(Some((client, company)), id))?
            .into_iter()
            .next(),
    )
}

/// A connection by its id alone. Unscoped: a callback's state, a job or a line of an import names it, and its owner is read
/// from the row. Handlers use [`get`].
pub async fn find(db: &Db, id: ConnectionId) -> Result<Option<Connection>, StoreError> {
    Ok(query!(db, all Connection, columns_of(None, id))?
        .into_iter()
        .next())
}

/// The same inside a transaction. Unscoped: for callers that hold the connection already and read it again under a lock.
pub async fn find_in(tx: &mut Tx, id: ConnectionId) -> Result<Option<Connection>, StoreError> {
    Ok(query!(tx, all Connection, columns_of(None, id))?
        .into_iter()
        .next())
}

fn columns_of(owner: Option<(ClientId, CompanyId)>, id: ConnectionId) -> Dynamic {
    let mut text = Dynamic::new(columns!("where id = "));
    text.bind(Bind::Id(id.0));
    if let Some((client, company)) = owner {
        text.push(" and client_id = ").bind(Bind::Id(client.0));
        text.push(" and company_id = ").bind(Bind::Id(company.0));
    }
    text
}

/// Every connection of a company, as they are inside a transaction.
pub async fn of_company_in(tx: &mut Tx, company: CompanyId) -> Result<Vec<Connection>, StoreError> {
    let mut text = Dynamic::new(columns!("where company_id = "));
    text.bind(Bind::Id(company.0));
    query!(tx, all Connection, text)
}

/// Every connection of some companies, newest first. Unscoped: callers pass companies that they have loaded.
pub async fn of_companies(db: &Db, companies: &[CompanyId]) -> Result<Vec<Connection>, StoreError> {
    let ids: Vec<Uuid> = companies.iter().map(|id| id.0).collect();
    among(db, columns!("where company_id in ("), &ids).await
}

/// Some connections, newest first. Unscoped: callers pass the ids of rows that they have loaded.
pub async fn with_ids(db: &Db, ids: &[ConnectionId]) -> Result<Vec<Connection>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    among(db, columns!("where id in ("), &ids).await
}

/// Those of a statement that ends before a list of ids, which may be longer than a statement's.
async fn among(
    db: &Db,
    beginning: &'static str,
    ids: &[Uuid],
) -> Result<Vec<Connection>, StoreError> {
    let mut rows = Vec::new();
    for some in ids.chunks(500) {
        let mut text = Dynamic::new(beginning);
        for (at, id) in some.iter().enumerate() {
            if at > 0 {
                text.push(", ");
            }
            text.bind(Bind::Id(*id));
        }
        text.push(") order by created desc, id desc");
        rows.extend(query!(db, all Connection, text)?);
    }
    Ok(rows)
}

/// The properties that queries for connections can name.
pub const SCHEMA: Schema = Schema {
    name: "DataConnection",
    fields: &[
        ("id", Kind::Id),
        ("integrationId", Kind::Id),
        ("integrationKey", Kind::Text),
        ("sourceId", Kind::Id),
        ("sourceType", Kind::Word(SourceType::WORDS)),
        ("platformName", Kind::Text),
        ("status", Kind::Word(ConnectionStatus::WORDS)),
        ("lastSync", Kind::Time),
        ("created", Kind::Time),
    ],
    open: false,
};

fn resolve(field: &str) -> Option<Resolved> {
    Some(match field {
        "id" => Resolved::column("id"),
        "integrationId" => Resolved::column("integration_id"),
        "integrationKey" => Resolved::column("integration_key"),
        "sourceId" => Resolved::column("source_id"),
        "sourceType" => Resolved::column("source_type"),
        "platformName" => Resolved::column("platform_name"),
        "status" => Resolved::column("status"),
        "lastSync" => Resolved::nullable("last_sync"),
        "created" => Resolved::column("created"),
        _ => return None,
    })
}

const LISTING: Listing = Listing {
    count: "select count(*) as number from connection where company_id = ",
    select: columns!("where company_id = "),
    order: "created desc, id desc",
    kept: None,
};

/// A company's connections, newest first, as a company's own `dataConnections` are.
pub async fn list(
    db: &Db,
    company: CompanyId,
    wanted: Wanted<'_>,
) -> Result<Slice<Connection>, StoreError> {
    list::page(db, &LISTING, company.0, wanted, &resolve, &[]).await
}

/// The connections of a client that are looked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Narrowed<'a> {
    pub company: Option<CompanyId>,
    pub status: Option<ConnectionStatus>,
    /// The platform's key.
    pub platform: Option<&'a str>,
}

/// A client's connections, newest first.
pub async fn of_client(
    db: &Db,
    client: ClientId,
    narrowed: &Narrowed<'_>,
    limit: i64,
) -> Result<Vec<Connection>, StoreError> {
    let mut text = Dynamic::new(columns!("where client_id = "));
    text.bind(Bind::Id(client.0));
    if let Some(company) = narrowed.company {
        text.push(" and company_id = ").bind(Bind::Id(company.0));
    }
    if let Some(status) = narrowed.status {
        let status = Bind::Text(status.as_str().to_owned());
        text.push(" and status = ").bind(status);
    }
    if let Some(platform) = narrowed.platform {
        let platform = Bind::Text(platform.to_owned());
        text.push(" and integration_key = ").bind(platform);
    }
    text.push(" order by created desc, id desc limit ")
        .bind(Bind::Int(limit));
    query!(db, all Connection, text)
}

/// Linked connections, for what happens on a schedule; `after` pages through them by id.
pub async fn linked_after(db: &Db, after: Uuid, limit: i64) -> Result<Vec<Connection>, StoreError> {
    let mut text = Dynamic::new(columns!("where status = 'Linked' and id > "));
    text.bind(Bind::Id(after))
        .push(" order by id limit ")
        .bind(Bind::Int(limit));
    query!(db, all Connection, text)
}

row! {
    /// A connection, and the company that it belongs to.
    #[derive(Clone, Copy, Debug)]
    pub struct Owned { pub id: ConnectionId, pub company_id: CompanyId }
}

/// Connections of a client, or of all, in pages by id.
pub async fn owned_after(
    db: &Db,
    client: Option<ClientId>,
    after: Uuid,
    limit: i64,
) -> Result<Vec<Owned>, StoreError> {
    let mut text = Dynamic::new("select id, company_id from connection where id > ");
    text.bind(Bind::Id(after));
    if let Some(client) = client {
        text.push(" and client_id = ").bind(Bind::Id(client.0));
    }
    text.push(" order by id limit ").bind(Bind::Int(limit));
    query!(db, all Owned, text)
}

/// Writes a status that [`crate::model::connection::transition`] allowed, if the row still has the one it was computed
/// from. `Conflict` if another accounting connection of the company is Linked.
pub async fn set_status(
    tx: &mut Tx,
    id: ConnectionId,
    from: ConnectionStatus,
    to: ConnectionStatus,
    attention: Option<(&str, &str)>,
) -> Result<bool, StoreError> {
    counts::connection_goes(tx, id).await?;
    let rows = query!(
        tx,
        "update connection set status = $3, attention_code = $4, attention_message = $5 where id = $1 and status = $2",
        id,
        from,
        to,
        attention.map(|(code, _)| code),
        attention.map(|(_, message)| message)
    )?;
    counts::connection_came(tx, id).await?;
    if rows == 1 && to != ConnectionStatus::Linked {
        pull_states::suspend(tx, id).await?;
    }
    Ok(rows == 1)
}

pub async fn set_authorized(
    tx: &mut Tx,
    id: ConnectionId,
    account_id: Option<&str>,
    account_name: Option<&str>,
    variables: &str,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update connection set account_id = $2, account_name = $3, variables = $4, last_authorized = $5,
                first_authorized = coalesce(first_authorized, $5)
         where id = $1",
        id,
        account_id,
        account_name,
        variables,
        at
    )?;
    Ok(())
}

/// Another Linked connection of the same company to the same account of the same platform.
pub async fn linked_to_account(
    tx: &mut Tx,
    connection: &Connection,
    account_id: &str,
) -> Result<Option<Connection>, StoreError> {
    let others = of_company_in(tx, connection.company_id).await?;
    Ok(others.into_iter().find(|other| {
        other.id != connection.id
            && other.status == ConnectionStatus::Linked
            && other.integration_key == connection.integration_key
            && other.account_id.as_deref() == Some(account_id)
    }))
}

/// Notes the grant by which a connection reads that shares it; none if it has one of its own, or none.
pub async fn set_shared_grant(
    tx: &mut Tx,
    id: ConnectionId,
    grant: Option<GrantId>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update connection set shared_grant = $2 where id = $1",
        id,
        grant
    )?;
    Ok(())
}

/// The Linked connections that read by a grant, oldest first.
pub async fn sharing(tx: &mut Tx, grant: GrantId) -> Result<Vec<Connection>, StoreError> {
    let mut text = Dynamic::new(columns!("where status = 'Linked' and shared_grant = "));
    text.bind(Bind::Id(grant.0)).push(" order by created, id");
    query!(tx, all Connection, text)
}

row! { struct Sharers { number: i64 } }

/// True if a Linked connection reads by this shared grant. Unscoped: the grant was loaded.
pub async fn is_shared(db: &Db, grant: GrantId) -> Result<bool, StoreError> {
    let found = query!(
        db,
        one Sharers,
        "select count(*) as number from connection where shared_grant = $1 and status = 'Linked'",
        grant
    )?;
    Ok(found.number > 0)
}

/// Linked connections that read by a shared grant which has ended.
pub async fn stranded(db: &Db) -> Result<Vec<Connection>, StoreError> {
    let text = Dynamic::new(columns!(
        "where shared_grant is not null and status = 'Linked'
           and not exists (select 1 from credential where credential.grant_id = connection.shared_grant)
           and not exists (select 1 from credential own where own.connection_id = connection.id)
         order by id limit 100"
    ));
    query!(db, all Connection, text)
}

pub async fn set_info(tx: &mut Tx, id: ConnectionId, info: &str) -> Result<(), StoreError> {
    query!(
        tx,
        "update connection set info = $2 where id = $1",
        id,
        info
    )?;
    Ok(())
}

pub async fn set_last_sync(
    tx: &mut Tx,
    id: ConnectionId,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update connection set last_sync = $2 where id = $1",
        id,
        at
    )?;
    Ok(())
}

pub async fn delete(tx: &mut Tx, id: ConnectionId) -> Result<bool, StoreError> {
    counts::connection_goes(tx, id).await?;
    Ok(query!(tx, "delete from connection where id = $1", id)? == 1)
}

pub async fn insert_error(tx: &mut Tx, error: &ConnectionError) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into connection_error (id, connection_id, status_code, status_text, error_message, errored_on)
         values ($1, $2, $3, $4, $5, $6)",
        error.id,
        error.connection_id,
        &error.status_code,
        &error.status_text,
        &error.error_message,
        error.errored_on
    )?;
    Ok(())
}

pub async fn resolve_errors(
    tx: &mut Tx,
    connection: ConnectionId,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update connection_error set resolved_on = $2 where connection_id = $1 and resolved_on is null",
        connection,
        at
    )?;
    Ok(())
}

/// The errors of some connections, newest first. Unscoped: callers pass connections that they have loaded.
pub async fn errors(
    db: &Db,
    connections: &[ConnectionId],
) -> Result<Vec<ConnectionError>, StoreError> {
    let mut rows = Vec::new();
    for some in connections.chunks(500) {
        let mut text = Dynamic::new(
            "select id, connection_id, status_code, status_text, error_message, errored_on, resolved_on
             from connection_error where connection_id in (",
        );
        for (at, id) in some.iter().enumerate() {
            if at > 0 {
                text.push(", ");
            }
            text.bind(Bind::Id(id.0));
        }
        text.push(") order by errored_on desc, id desc");
        rows.extend(query!(db, all ConnectionError, text)?);
    }
    Ok(rows)
}

/// One connection's errors as they are inside a transaction, newest first.
pub async fn errors_in(
    tx: &mut Tx,
    connection: ConnectionId,
) -> Result<Vec<ConnectionError>, StoreError> {
    query!(
        tx,
        all ConnectionError,
        "select id, connection_id, status_code, status_text, error_message, errored_on, resolved_on
         from connection_error where connection_id = $1 order by errored_on desc, id desc",
        connection
    )
}
