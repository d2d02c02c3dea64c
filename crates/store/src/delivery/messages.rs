//! Messages to webhook consumers, and each attempt to deliver one.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::{ClientId, CompanyId, MessageState, WebhookId};
use crate::sql::columns::row;
use crate::sql::db::{Bind, Db, Dynamic, News, StoreError, Tx, query};
use crate::sql::list::Slice;

row! {
    #[derive(Clone, Debug)]
    pub struct Message {
        pub webhook_id: WebhookId,
        /// The event's `uid`, and the `webhook-id` that the consumer sees.
        pub id: Uuid,
        /// The event's number; a test message has 0.
        pub event_id: i64,
        /// The test message's own body.
        pub body: Option<String>,
        pub event_type: String,
        pub company_id: Option<CompanyId>,
        /// First attempts with the same lane follow each other.
        pub lane: Uuid,
        pub state: MessageState,
        /// All attempts so far.
        pub attempts: i64,
        /// Attempts since it was last sent or resent.
        pub tries: i64,
        pub next_at: Option<DateTime<Utc>>,
        pub created: DateTime<Utc>,
        /// The time at which it was delivered or given up.
        pub settled: Option<DateTime<Utc>>,
    }
}

row! {
    #[derive(Clone, Debug)]
    pub struct Attempt {
        pub number: i64,
        pub at: DateTime<Utc>,
        /// The answer's; none if no answer came.
        pub status: Option<i64>,
        pub duration_ms: i64,
        /// The reason why there was no answer.
        pub error: Option<String>,
        /// The beginning of the answer's body.
        pub answer: Option<String>,
    }
}

row! {
    /// The parts of an event that its message's body is made from.
    #[derive(Clone, Debug)]
    pub struct Content {
        pub occurred: DateTime<Utc>,
        pub payload: String,
    }
}

row! { struct Number { number: i64 } }

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select webhook_id, id, event_id, body, event_type, company_id, lane, state, attempts, tries, next_at, created, settled
             from webhook_message ",
            $rest
        )
    };
}

pub async fn insert(tx: &mut Tx, message: &Message) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into webhook_message (webhook_id, id, event_id, body, event_type, company_id, lane, state, attempts, tries,
                                      next_at, created)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, $9, $10)
         on conflict (webhook_id, id) do nothing",
        message.webhook_id,
        message.id,
        message.event_id,
        &message.body,
        &message.event_type,
        message.company_id,
        message.lane,
        message.state,
        message.next_at,
        message.created
    )?;
    tx.announce(News::Webhook(message.webhook_id));
    Ok(())
}

/// Finds a message. Scoped by its consumer, which the caller has loaded for a client.
pub async fn get(db: &Db, webhook: WebhookId, id: Uuid) -> Result<Option<Message>, StoreError> {
    let mut text = Dynamic::new(columns!("where webhook_id = "));
    text.bind(Bind::Id(webhook.0))
        .push(" and id = ")
        .bind(Bind::Id(id));
    Ok(query!(db, all Message, text)?.into_iter().next())
}

/// Messages never attempted, in the order of their events.
pub async fn first_attempts(
    db: &Db,
    webhook: WebhookId,
    limit: i64,
) -> Result<Vec<Message>, StoreError> {
    let mut text = Dynamic::new(columns!(
        "where state = 'waiting' and attempts = 0 and webhook_id = "
    ));
    text.bind(Bind::Id(webhook.0))
        .push(" order by event_id, id limit ")
        .bind(Bind::Int(limit));
    query!(db, all Message, text)
}

/// Messages to be tried again, the longest due first.
pub async fn further_attempts(
    db: &Db,
    webhook: WebhookId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Message>, StoreError> {
    let mut text = Dynamic::new(columns!(
        "where state = 'waiting' and attempts > 0 and webhook_id = "
    ));
    text.bind(Bind::Id(webhook.0))
        .push(" and next_at <= ")
        .bind(Bind::Time(now))
        .push(" order by next_at, id limit ")
        .bind(Bind::Int(limit));
    query!(db, all Message, text)
}

/// The content of an event's message.
pub async fn content(db: &Db, event: i64) -> Result<Option<Content>, StoreError> {
    query!(db, opt Content, "select occurred, payload from event where id = $1", event)
}

/// Writes down an attempt and what became of the message by it. False if the message is gone, or was resent meanwhile.
pub async fn settle(tx: &mut Tx, message: &Message, attempt: &Attempt) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update webhook_message set state = $3, attempts = $4, tries = $5, next_at = $6, settled = $7
         where webhook_id = $1 and id = $2 and attempts = $4 - 1",
        message.webhook_id,
        message.id,
        message.state,
        attempt.number,
        message.tries,
        message.next_at,
        message.settled
    )?;
    if rows == 0 {
        return Ok(false);
    }
    query!(
        tx,
        "insert into webhook_attempt (webhook_id, message_id, number, at, status, duration_ms, error, answer)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        message.webhook_id,
        message.id,
        attempt.number,
        attempt.at,
        attempt.status,
        attempt.duration_ms,
        &attempt.error,
        &attempt.answer
    )?;
    Ok(true)
}

/// An attempt's number is the message's next; all attempts, the first first.
pub async fn attempts(
    db: &Db,
    webhook: WebhookId,
    message: Uuid,
) -> Result<Vec<Attempt>, StoreError> {
    query!(
        db,
        all Attempt,
        "select number, at, status, duration_ms, error, answer from webhook_attempt
         where webhook_id = $1 and message_id = $2 order by number",
        webhook,
        message
    )
}

/// A range of messages; a field that is none doesn't narrow it.
#[derive(Clone, Debug, Default)]
pub struct Range {
    pub state: Option<MessageState>,
    /// As the wire spells it.
    pub event_type: Option<String>,
    pub from: Option<DateTime<Utc>>,
    /// Not itself included.
    pub to: Option<DateTime<Utc>>,
}

impl Range {
    fn push(&self, text: &mut Dynamic) {
        if let Some(state) = self.state {
            text.push(" and state = ")
                .bind(Bind::Text(state.as_str().to_owned()));
        }
        if let Some(event_type) = &self.event_type {
            text.push(" and event_type = ")
                .bind(Bind::Text(event_type.clone()));
        }
        if let Some(from) = self.from {
            text.push(" and created >= ").bind(Bind::Time(from));
        }
        if let Some(to) = self.to {
            text.push(" and created < ").bind(Bind::Time(to));
        }
    }
}

/// A consumer's messages, newest first.
pub async fn list(
    db: &Db,
    webhook: WebhookId,
    range: &Range,
    limit: i64,
    offset: i64,
) -> Result<Slice<Message>, StoreError> {
    let mut text =
        Dynamic::new("select count(*) as number from webhook_message where webhook_id = ");
    text.bind(Bind::Id(webhook.0));
    range.push(&mut text);
    let total = query!(db, all Number, text)?;
    let mut text = Dynamic::new(columns!("where webhook_id = "));
    text.bind(Bind::Id(webhook.0));
    range.push(&mut text);
    text.push(" order by created desc, id desc limit ")
        .bind(Bind::Int(limit))
        .push(" offset ")
        .bind(Bind::Int(offset));
    Ok(Slice {
        rows: query!(db, all Message, text)?,
        total: total.first().map_or(0, |row| row.number),
    })
}

/// Sends a message again, whatever became of it: its schedule begins anew.
pub async fn resend(
    tx: &mut Tx,
    webhook: WebhookId,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update webhook_message set state = 'waiting', tries = 0, next_at = $3, settled = null where webhook_id = $1 and id = $2",
        webhook,
        id,
        now
    )?;
    tx.announce(News::Webhook(webhook));
    Ok(rows == 1)
}

/// Sends all of a range again. Those that wait for their first attempt are left as they are. Returns how many.
pub async fn resend_range(
    tx: &mut Tx,
    webhook: WebhookId,
    range: &Range,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let mut text = Dynamic::new(
        "update webhook_message set state = 'waiting', tries = 0, settled = null, next_at = ",
    );
    text.bind(Bind::Time(now))
        .push(" where attempts > 0 and webhook_id = ")
        .bind(Bind::Id(webhook.0));
    range.push(&mut text);
    text.push(" returning attempts as number");
    let rows = query!(tx, all Number, text)?;
    tx.announce(News::Webhook(webhook));
    Ok(i64::try_from(rows.len()).unwrap_or(i64::MAX))
}

row! {
    /// An event that a consumer has no message of.
    #[derive(Clone, Debug)]
    pub struct Missed {
        pub id: i64,
        pub uid: Uuid,
        pub company_id: Option<CompanyId>,
        pub connection_id: Option<crate::model::ConnectionId>,
        pub kind: crate::model::EventType,
        pub data_type: Option<String>,
        pub occurred: DateTime<Utc>,
        pub payload: String,
    }
}

/// A client's events of a time that a consumer has no message of, oldest first, after the one with the number `after`.
pub async fn missed(
    tx: &mut Tx,
    client: ClientId,
    webhook: WebhookId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    after: i64,
) -> Result<Vec<Missed>, StoreError> {
    query!(
        tx,
        all Missed,
        "select id, uid, company_id, connection_id, type as kind, data_type, occurred, payload from event
         where client_id = $1 and occurred >= $3 and occurred < $4 and id > $5
           and not exists (select 1 from webhook_message m where m.webhook_id = $2 and m.id = event.uid)
         order by id limit 500",
        client,
        webhook,
        from,
        to,
        after
    )
}

/// Lets the messages that wait be sent now.
pub async fn end_pauses(tx: &mut Tx, now: DateTime<Utc>) -> Result<(), StoreError> {
    query!(
        tx,
        "update webhook_message set next_at = $1 where next_at > $1 and state = 'waiting'",
        now
    )?;
    Ok(())
}

/// Removes the messages that were made before `before`, a thousand at most, oldest first. Returns how many.
pub async fn sweep(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, StoreError> {
    query!(
        tx,
        "delete from webhook_message where (webhook_id, id) in (
             select webhook_id, id from webhook_message where created < $1 order by created limit 1000)",
        before
    )
}

/// The number of messages that wait in all, and of those that have failed at least once.
pub struct Depth {
    pub waiting: i64,
    pub retrying: i64,
}

pub async fn depth(db: &Db) -> Result<Depth, StoreError> {
    let waiting = query!(db, one Number, "select count(*) as number from webhook_message where state = 'waiting'")?;
    let retrying = query!(
        db,
        one Number,
        "select count(*) as number from webhook_message where state = 'waiting' and attempts > 0"
    )?;
    Ok(Depth {
        waiting: waiting.number,
        retrying: retrying.number,
    })
}

/// The number of a consumer's messages that wait.
pub async fn waiting(db: &Db, webhook: WebhookId) -> Result<i64, StoreError> {
    let row = query!(
        db,
        one Number,
        "select count(*) as number from webhook_message where webhook_id = $1 and state = 'waiting'",
        webhook
    )?;
    Ok(row.number)
}
