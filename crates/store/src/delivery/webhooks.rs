//! Webhook consumers, their signing secrets, and which process delivers to which.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::{ClientId, WebhookId};
use crate::sql::columns::row;
use crate::sql::db::{Bind, Db, Dynamic, StoreError, Tx, query};

row! {
    #[derive(Clone, Debug)]
    pub struct Webhook {
        pub id: WebhookId,
        pub client_id: ClientId,
        pub url: String,
        pub description: Option<String>,
        /// JSON array of event types as [`crate::model::webhook::EventFilter`] reads them.
        pub event_types: String,
        /// JSON array of `key:value`.
        pub company_tags: String,
        pub disabled: bool,
        /// The reason why Moorline disabled it; none if its client did.
        pub disabled_reason: Option<String>,
        /// Sealed JSON object of custom headers.
        pub headers: Option<Vec<u8>>,
        /// JSON array.
        pub header_names: String,
        /// Messages a second.
        pub rate_limit: Option<i64>,
        /// Sealed PEM of a client certificate and its key.
        pub identity: Option<Vec<u8>>,
        /// SHA-256 of the certificate, in hexadecimal.
        pub identity_digest: Option<String>,
        /// The service whose integration key made it.
        pub made_by: Option<String>,
        /// The beginning of the time in which nothing was accepted; none if the last answer was good.
        pub failing_since: Option<DateTime<Utc>>,
        pub last_failure: Option<DateTime<Utc>>,
        /// It sent `Retry-After`, and gets nothing before this time.
        pub paused_until: Option<DateTime<Utc>>,
        pub created: DateTime<Utc>,
        pub updated: DateTime<Utc>,
    }
}

row! {
    #[derive(Clone, Debug)]
    pub struct Secret {
        pub id: Uuid,
        pub webhook_id: WebhookId,
        pub sealed: Vec<u8>,
        pub created: DateTime<Utc>,
        /// None: it is the one that signs now.
        pub expires: Option<DateTime<Utc>>,
    }
}

row! {
    /// The parts of a consumer that decide if an event becomes a message to it.
    #[derive(Clone, Debug)]
    pub struct Subscription {
        pub id: WebhookId,
        pub event_types: String,
        pub company_tags: String,
    }
}

row! { struct Id { id: WebhookId } }
row! { struct Number { number: i64 } }

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select id, client_id, url, description, event_types, company_tags, disabled, disabled_reason, headers, header_names,
                    rate_limit, identity, identity_digest, made_by, failing_since, last_failure, paused_until, created, updated
             from webhook ",
            $rest
        )
    };
}

pub async fn insert(tx: &mut Tx, webhook: &Webhook) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into webhook (id, client_id, url, description, event_types, company_tags, disabled, disabled_reason, headers,
                              header_names, rate_limit, identity, identity_digest, made_by, created, updated)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        webhook.id,
        webhook.client_id,
        &webhook.url,
        &webhook.description,
        &webhook.event_types,
        &webhook.company_tags,
        webhook.disabled,
        &webhook.disabled_reason,
        &webhook.headers,
        &webhook.header_names,
        webhook.rate_limit,
        &webhook.identity,
        &webhook.identity_digest,
        &webhook.made_by,
        webhook.created,
        webhook.updated
    )?;
    Ok(())
}

/// Writes down what a client can change of its consumer, and how it stands.
pub async fn update(tx: &mut Tx, webhook: &Webhook) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update webhook set url = $3, description = $4, event_types = $5, company_tags = $6, disabled = $7,
                disabled_reason = $8, headers = $9, header_names = $10, rate_limit = $11, identity = $12,
                identity_digest = $13, failing_since = $14, last_failure = $15, paused_until = $16, updated = $17
         where client_id = $1 and id = $2",
        webhook.client_id,
        webhook.id,
        &webhook.url,
        &webhook.description,
        &webhook.event_types,
        &webhook.company_tags,
        webhook.disabled,
        &webhook.disabled_reason,
        &webhook.headers,
        &webhook.header_names,
        webhook.rate_limit,
        &webhook.identity,
        &webhook.identity_digest,
        webhook.failing_since,
        webhook.last_failure,
        webhook.paused_until,
        webhook.updated
    )?;
    Ok(rows == 1)
}

pub async fn get(db: &Db, client: ClientId, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
    let found = find(db, id).await?;
    Ok(found.filter(|webhook| webhook.client_id == client))
}

/// As it is inside a transaction, held against other changes until the end of it.
pub async fn find_in(tx: &mut Tx, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
    crate::sql::dialect::lock_webhook(tx, id).await?;
    Ok(query!(tx, all Webhook, by_id(id))?.into_iter().next())
}

/// Finds a consumer. Unscoped: the deliverer works for all clients.
pub async fn find(db: &Db, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
    Ok(query!(db, all Webhook, by_id(id))?.into_iter().next())
}

fn by_id(id: WebhookId) -> Dynamic {
    let mut text = Dynamic::new(columns!("where id = "));
    text.bind(Bind::Id(id.0));
    text
}

/// A client's consumers, oldest first; with `made_by`, those that this service's key made.
pub async fn list(
    db: &Db,
    client: ClientId,
    made_by: Option<&str>,
) -> Result<Vec<Webhook>, StoreError> {
    let mut text = Dynamic::new(columns!("where client_id = "));
    text.bind(Bind::Id(client.0));
    if let Some(service) = made_by {
        text.push(" and made_by = ")
            .bind(Bind::Text(service.to_owned()));
    }
    text.push(" order by created, id");
    query!(db, all Webhook, text)
}

/// The number of a client's consumers, counted so that two that are made at once take turns.
pub async fn count(tx: &mut Tx, client: ClientId) -> Result<i64, StoreError> {
    crate::sql::dialect::lock_client(tx, client).await?;
    let row = query!(tx, one Number, "select count(*) as number from webhook where client_id = $1", client)?;
    Ok(row.number)
}

pub async fn delete(tx: &mut Tx, client: ClientId, id: WebhookId) -> Result<bool, StoreError> {
    Ok(query!(
        tx,
        "delete from webhook where client_id = $1 and id = $2",
        client,
        id
    )? == 1)
}

/// The enabled consumers of a client.
pub async fn subscriptions(tx: &mut Tx, client: ClientId) -> Result<Vec<Subscription>, StoreError> {
    query!(
        tx,
        all Subscription,
        "select id, event_types, company_tags from webhook where client_id = $1 and disabled = false",
        client
    )
}

pub async fn insert_secret(tx: &mut Tx, secret: &Secret) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into webhook_secret (id, webhook_id, sealed, created, expires) values ($1, $2, $3, $4, $5)",
        secret.id,
        secret.webhook_id,
        &secret.sealed,
        secret.created,
        secret.expires
    )?;
    Ok(())
}

/// Gives the secrets that have no end one, and brings earlier those that would end later.
pub async fn expire_secrets(
    tx: &mut Tx,
    webhook: WebhookId,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update webhook_secret set expires = $2 where webhook_id = $1 and (expires is null or expires > $2)",
        webhook,
        at
    )?;
    query!(
        tx,
        "delete from webhook_secret where webhook_id = $1 and expires <= $2",
        webhook,
        now
    )?;
    Ok(())
}

/// The secrets that sign at `now`, the newest first.
pub async fn secrets(
    db: &Db,
    webhook: WebhookId,
    now: DateTime<Utc>,
) -> Result<Vec<Secret>, StoreError> {
    query!(
        db,
        all Secret,
        "select id, webhook_id, sealed, created, expires from webhook_secret
         where webhook_id = $1 and (expires is null or expires > $2)
         order by case when expires is null then 0 else 1 end, created desc, id desc",
        webhook,
        now
    )
}

/// The enabled consumers that have a message due and that no living process delivers to.
pub async fn with_work(
    db: &Db,
    now: DateTime<Utc>,
    wall: DateTime<Utc>,
) -> Result<Vec<WebhookId>, StoreError> {
    let rows = query!(
        db,
        all Id,
        "select w.id from webhook w
         where w.disabled = false and (w.lease_until is null or w.lease_until < $2)
           and (w.paused_until is null or w.paused_until <= $1)
           and exists (select 1 from webhook_message m
                       where m.webhook_id = w.id and m.state = 'waiting' and m.next_at <= $1)",
        now,
        wall
    )?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Takes the right to deliver to a consumer. False if another living process has it.
pub async fn lease(
    tx: &mut Tx,
    id: WebhookId,
    owner: Uuid,
    until: DateTime<Utc>,
    wall: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update webhook set lease_owner = $2, lease_until = $3
         where id = $1 and (lease_until is null or lease_until < $4 or lease_owner = $2)",
        id,
        owner,
        until,
        wall
    )?;
    Ok(rows == 1)
}

/// Keeps a process's leases. A lease that it has lost isn't taken back.
pub async fn keep_leases(
    tx: &mut Tx,
    owner: Uuid,
    until: DateTime<Utc>,
) -> Result<u64, StoreError> {
    query!(
        tx,
        "update webhook set lease_until = $2 where lease_owner = $1",
        owner,
        until
    )
}

/// True if the process still has the right.
pub async fn holds(db: &Db, id: WebhookId, owner: Uuid) -> Result<bool, StoreError> {
    let row = query!(
        db,
        one Number,
        "select count(*) as number from webhook where id = $1 and lease_owner = $2",
        id,
        owner
    )?;
    Ok(row.number == 1)
}

pub async fn release(tx: &mut Tx, id: WebhookId, owner: Uuid) -> Result<(), StoreError> {
    query!(
        tx,
        "update webhook set lease_owner = null, lease_until = null where id = $1 and lease_owner = $2",
        id,
        owner
    )?;
    Ok(())
}

/// Gives up every lease: for the one process that an SQLite database has, at its start.
pub async fn break_leases(tx: &mut Tx) -> Result<(), StoreError> {
    query!(
        tx,
        "update webhook set lease_owner = null, lease_until = null where lease_until is not null"
    )?;
    Ok(())
}

row! {
    #[derive(Clone, Debug)]
    pub struct IntegrationKey {
        pub client_id: ClientId,
        pub service: String,
        /// Its first characters, by which it is found.
        pub lookup: String,
        pub hash: Vec<u8>,
        pub created: DateTime<Utc>,
    }
}

/// Replaces a service's key.
pub async fn set_integration_key(tx: &mut Tx, key: &IntegrationKey) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into integration_key (client_id, service, lookup, hash, created) values ($1, $2, $3, $4, $5)
         on conflict (client_id, service) do update set lookup = $3, hash = $4, created = $5",
        key.client_id,
        &key.service,
        &key.lookup,
        &key.hash,
        key.created
    )?;
    Ok(())
}

/// Finds a key by its first characters. Unscoped: it says which client a request is of.
pub async fn integration_key(db: &Db, lookup: &str) -> Result<Option<IntegrationKey>, StoreError> {
    query!(
        db,
        opt IntegrationKey,
        "select client_id, service, lookup, hash, created from integration_key where lookup = $1",
        lookup
    )
}

row! {
    /// A consumer that its client or the operator has to look at.
    #[derive(Clone, Debug)]
    pub struct Trouble {
        pub id: WebhookId,
        pub client_id: ClientId,
        pub url: String,
        pub disabled: bool,
        pub disabled_reason: Option<String>,
        pub failing_since: Option<DateTime<Utc>>,
    }
}

/// The consumers of any client that Moorline disabled, or that have accepted nothing for a while.
pub async fn troubled(db: &Db) -> Result<Vec<Trouble>, StoreError> {
    query!(
        db,
        all Trouble,
        "select id, client_id, url, disabled, disabled_reason, failing_since from webhook
         where disabled_reason is not null or failing_since is not null order by created, id"
    )
}
