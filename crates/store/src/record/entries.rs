//! Entries of the record, each chained to the one before; the end of each client's chain.
//!
//! An entry is appended as the last statements of its transaction: [`head`] locks the end of the chain until the commit, and
//! nothing is locked after it. So two transactions never wait for each other, and a chain's order is the order of commits.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::{ApiKeyId, ClientId, CompanyId, ConnectionId, ConsentId, GrantId, RecordKind};
use crate::sql::columns::row;
use crate::sql::db::{Bind, Db, Dynamic, StoreError, Tx, query};
use crate::sql::list::{self, Listing};

row! {
    #[derive(Clone, Debug)]
    pub struct Entry {
        pub client_id: ClientId,
        pub seq: i64,
        pub at: DateTime<Utc>,
        /// A word of [`crate::model::RecordKind`], or one that a later version writes.
        pub kind: String,
        pub company_id: Option<CompanyId>,
        pub connection_id: Option<ConnectionId>,
        pub consent_id: Option<ConsentId>,
        pub actor: String,
        pub api_key_id: Option<ApiKeyId>,
        /// JSON; none once it was erased.
        pub body: Option<String>,
        pub body_hash: Vec<u8>,
        pub hash: Vec<u8>,
    }
}

row! {
    /// The end of a client's chain.
    #[derive(Clone, Debug)]
    pub struct Head {
        pub seq: i64,
        pub hash: Vec<u8>,
        pub seal: Vec<u8>,
    }
}

/// The end of a chain, locked until the commit; a chain without entries begins with number 0.
pub async fn head(tx: &mut Tx, client: ClientId) -> Result<Head, StoreError> {
    loop {
        let locked = query!(
            tx,
            opt Head,
            "update record_head set seq = seq where client_id = $1 returning seq, hash, seal",
            client
        )?;
        if let Some(head) = locked {
            return Ok(head);
        }
        query!(
            tx,
            "insert into record_head (client_id, seq, hash, seal) values ($1, 0, $2, $3) on conflict (client_id) do nothing",
            client,
            Vec::<u8>::new(),
            Vec::<u8>::new()
        )?;
    }
}

row! {
    /// The newest entry there is.
    pub struct Last {
        pub seq: i64,
        pub hash: Vec<u8>,
    }
}

pub async fn last(tx: &mut Tx, client: ClientId) -> Result<Option<Last>, StoreError> {
    query!(
        tx,
        opt Last,
        "select seq, hash from record_entry where client_id = $1 order by seq desc limit 1",
        client
    )
}

/// The end of a chain as it is written down, not locked.
pub async fn head_in(tx: &mut Tx, client: ClientId) -> Result<Option<Head>, StoreError> {
    query!(
        tx,
        opt Head,
        "select seq, hash, seal from record_head where client_id = $1",
        client
    )
}

pub async fn set_head(tx: &mut Tx, client: ClientId, head: &Head) -> Result<(), StoreError> {
    query!(
        tx,
        "update record_head set seq = $2, hash = $3, seal = $4 where client_id = $1",
        client,
        head.seq,
        &head.hash,
        &head.seal
    )?;
    Ok(())
}

pub async fn insert(tx: &mut Tx, entry: &Entry) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into record_entry (client_id, seq, at, kind, company_id, connection_id, consent_id, actor, api_key_id, body,
                                   body_hash, hash)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        entry.client_id,
        entry.seq,
        entry.at,
        &entry.kind,
        entry.company_id,
        entry.connection_id,
        entry.consent_id,
        &entry.actor,
        entry.api_key_id,
        &entry.body,
        &entry.body_hash,
        &entry.hash
    )?;
    Ok(())
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select client_id, seq, at, kind, company_id, connection_id, consent_id, actor, api_key_id, body, body_hash, hash
             from record_entry ",
            $rest
        )
    };
}

/// A client's entries after a number, oldest first.
pub async fn after(
    tx: &mut Tx,
    client: ClientId,
    seq: i64,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    let mut text = Dynamic::new(columns!("where client_id = "));
    text.bind(Bind::Id(client.0));
    text.push(" and seq > ").bind(Bind::Int(seq));
    text.push(" order by seq limit ").bind(Bind::Int(limit));
    query!(tx, all Entry, text)
}

/// A client's entries of a kind whose bodies name a grant, oldest first. Those whose bodies were erased name none.
pub async fn of_grant(
    tx: &mut Tx,
    client: ClientId,
    kind: RecordKind,
    grant: GrantId,
) -> Result<Vec<Entry>, StoreError> {
    let mut text = Dynamic::new(columns!("where client_id = "));
    text.bind(Bind::Id(client.0));
    text.push(" and kind = ")
        .bind(Bind::Text(kind.as_str().to_owned()));
    text.push(" and body like ")
        .bind(Bind::Text(format!("%{grant}%")));
    text.push(" order by seq");
    query!(tx, all Entry, text)
}

/// The entries of some consents of a client, oldest first.
pub async fn of_consents(
    db: &Db,
    client: ClientId,
    consents: &[ConsentId],
) -> Result<Vec<Entry>, StoreError> {
    let mut rows = Vec::new();
    for some in consents.chunks(500) {
        let mut text = Dynamic::new(columns!("where client_id = "));
        text.bind(Bind::Id(client.0)).push(" and consent_id in (");
        for (at, id) in some.iter().enumerate() {
            if at > 0 {
                text.push(", ");
            }
            text.bind(Bind::Id(id.0));
        }
        text.push(") order by seq");
        rows.extend(query!(db, all Entry, text)?);
    }
    Ok(rows)
}

/// The entries of one consent, oldest first, through a transaction that decides by them.
pub async fn of_consent_in(
    tx: &mut Tx,
    client: ClientId,
    consent: ConsentId,
) -> Result<Vec<Entry>, StoreError> {
    let mut text = Dynamic::new(columns!("where client_id = "));
    text.bind(Bind::Id(client.0));
    text.push(" and consent_id = ").bind(Bind::Id(consent.0));
    text.push(" order by seq");
    query!(tx, all Entry, text)
}

/// The entries that a reader wants; absent values want any.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Kinds that begin with one of these; none at all means every kind.
    pub kinds: Vec<String>,
    pub company: Option<CompanyId>,
    pub key: Option<ApiKeyId>,
    pub actor: Option<String>,
    pub from: Option<DateTime<Utc>>,
    /// Not included.
    pub to: Option<DateTime<Utc>>,
}

impl Wanted {
    fn push(&self, client: ClientId, text: &mut Dynamic) {
        text.bind(Bind::Id(client.0));
        if !self.kinds.is_empty() {
            text.push(" and (");
            for (at, kind) in self.kinds.iter().enumerate() {
                if at > 0 {
                    text.push(" or ");
                }
                text.push("kind = ").bind(Bind::Text(kind.clone()));
                // Kinds are two words with a dot between: the first alone means all of its kinds.
                text.push(" or kind like ");
                text.bind(Bind::Text(format!("{kind}.%")));
            }
            text.push(")");
        }
        let ids: [(&'static str, Option<Uuid>); 2] = [
            (" and company_id = ", self.company.map(|id| id.0)),
            (" and api_key_id = ", self.key.map(|id| id.0)),
        ];
        for (words, id) in ids {
            if let Some(id) = id {
                text.push(words).bind(Bind::Id(id));
            }
        }
        if let Some(actor) = &self.actor {
            text.push(" and actor = ").bind(Bind::Text(actor.clone()));
        }
        if let Some(from) = self.from {
            text.push(" and at >= ").bind(Bind::Time(from));
        }
        if let Some(to) = self.to {
            text.push(" and at < ").bind(Bind::Time(to));
        }
    }
}

const LISTING: Listing = Listing {
    count: "select count(*) as number from record_entry where client_id = ",
    select: columns!("where client_id = "),
    order: "seq desc",
    kept: None,
};

/// A page of the entries that are wanted, newest first, and the number of all of them.
pub async fn page(
    db: &Db,
    client: ClientId,
    wanted: &Wanted,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Entry>, i64), StoreError> {
    let narrow = |text: &mut Dynamic| wanted.push(client, text);
    list::narrowed(db, &LISTING, narrow, (limit, offset)).await
}
