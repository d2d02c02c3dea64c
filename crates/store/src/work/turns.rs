//! Turns of the queue: which of the jobs that may begin comes next.
//!
//! A job that may begin stands in a lane, that of its class and its platform. In a lane clients come in turn, and of a client's jobs
//! the one with the lowest turn. A job gets its turn when it may begin: one more than the last of its connection's, but no less than the
//! client's first, so that connections come in turn too, and one that has waited for nothing doesn't stand behind all that has piled up
//! for the others.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::jobs::{Job, Lease};
use crate::model::{ClientId, JobId, JobKind};
use crate::sql::columns::row;
use crate::sql::db::{Bind, Db, Dynamic, StoreError, Tx, query};
use crate::sql::dialect;

/// The order in which work is taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The first pulls after a customer's authorisation.
    FirstLink,
    /// Pulls that a client requested.
    Request,
    /// Writes to platforms, and what else a client or customer has set in motion.
    Write,
    /// Pulls that come round by the clock.
    Schedule,
}

impl Class {
    pub const ALL: [Self; 4] = [Self::FirstLink, Self::Request, Self::Write, Self::Schedule];

    const fn digit(self) -> char {
        match self {
            Self::FirstLink => '0',
            Self::Request => '1',
            Self::Write => '2',
            Self::Schedule => '3',
        }
    }
}

/// A class of work at one platform.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lane {
    pub class: Class,
    /// The platform's key; empty if no platform is waited for.
    pub platform: String,
}

impl Lane {
    fn to_text(&self) -> String {
        format!("{}/{}", self.class.digit(), self.platform)
    }

    /// None for the lane of a class that only a newer version knows.
    pub fn read(text: &str) -> Option<Self> {
        let (digit, platform) = text.split_once('/')?;
        let class = Class::ALL
            .into_iter()
            .find(|class| digit.chars().eq([class.digit()]))?;
        Some(Self {
            class,
            platform: platform.to_owned(),
        })
    }
}

/// The place of a job in the queue.
#[derive(Clone, Debug)]
pub struct Place {
    pub lane: Lane,
    pub client: ClientId,
    /// The connection, or what else the job is about.
    pub connection: Uuid,
}

/// Gives a job its turn.
pub async fn place(tx: &mut Tx, job: JobId, place: &Place) -> Result<(), StoreError> {
    query!(
        tx,
        "update job set lane = $2, client_id = $3, connection_id = $4, turn = (
             select max(turn) from (
                 select coalesce((select first.turn from job first
                                  where first.turn is not null and first.lane = $2 and first.client_id = $3
                                  order by first.turn limit 1), 0) as turn
                 union all
                 select coalesce((select last.turn + 1 from job last
                                  where last.turn is not null and last.lane = $2 and last.connection_id = $4
                                  order by last.turn desc limit 1), 0) as turn) as turns)
         where id = $1 and turn is null",
        job,
        place.lane.to_text(),
        place.client,
        place.connection
    )?;
    Ok(())
}

row! {
    /// A job that may begin and has no turn yet.
    #[derive(Clone, Debug)]
    pub struct Unplaced {
        pub id: JobId,
        pub kind: JobKind,
        pub subject: Uuid,
        /// The place that it had before.
        pub lane: Option<String>,
        pub client_id: Option<ClientId>,
        pub connection_id: Option<Uuid>,
    }
}

/// Appends the kinds of jobs that this program knows: others are a newer version's to do.
fn push_known_kinds(sql: &mut Dynamic) {
    sql.push(" and kind in (");
    for (at, word) in JobKind::WORDS.iter().enumerate() {
        if at > 0 {
            sql.push(", ");
        }
        sql.bind(Bind::Text((*word).to_owned()));
    }
    sql.push(")");
}

/// Appends what a job must be like to be taken: due, not given up, and in no worker's hands.
fn push_free(sql: &mut Dynamic, now: DateTime<Utc>, lease: Lease) {
    sql.push(" and run_at <= ").bind(Bind::Time(now));
    sql.push(" and not dead and (lease_until is null or lease_until < ")
        .bind(Bind::Time(lease.from))
        .push(")");
    push_known_kinds(sql);
}

/// Frees the jobs whose worker has died. Returns the number.
pub async fn free_lost(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, StoreError> {
    query!(
        tx,
        "update job set lease_owner = null, lease_until = null where lease_owner is not null and lease_until < $1",
        now
    )
}

/// True if a worker has died with jobs in its hands.
pub async fn any_lost(db: &Db, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let found = query!(
        db,
        opt Number,
        "select cast(1 as bigint) as number from job where lease_owner is not null and lease_until < $1 limit 1",
        now
    )?;
    Ok(found.is_some_and(|row| row.number == 1))
}

/// Jobs that are due and have no turn: their time has come, their worker has died, or they were queued without one.
pub async fn unplaced(
    tx: &mut Tx,
    (now, lease): (DateTime<Utc>, Lease),
    limit: i64,
) -> Result<Vec<Unplaced>, StoreError> {
    let mut text = Dynamic::new(
        "select id, kind, subject, lane, client_id, connection_id from job where turn is null and lease_owner is null",
    );
    push_free(&mut text, now, lease);
    text.push(" order by run_at, id limit ")
        .bind(Bind::Int(limit))
        .push(dialect::skip_locked(tx));
    query!(tx, all Unplaced, text)
}

row! { struct Named { lane: Option<String> } }

/// The lanes in which jobs wait.
pub async fn lanes(tx: &mut Tx) -> Result<Vec<Lane>, StoreError> {
    // From each lane to the next by the index, however many wait in them.
    let rows = query!(
        tx,
        all Named,
        "with recursive waiting (lane) as (
             select (select job.lane from job where job.turn is not null order by job.lane limit 1)
             union all
             select (select job.lane from job where job.turn is not null and job.lane > waiting.lane order by job.lane limit 1)
             from waiting where waiting.lane is not null)
         select lane from waiting where lane is not null"
    )?;
    Ok(rows
        .iter()
        .filter_map(|row| Lane::read(row.lane.as_deref()?))
        .collect())
}

row! { struct Waiting { client_id: Option<ClientId> } }

/// Clients with jobs in a lane, by id, beginning behind one of them.
pub async fn clients_after(
    tx: &mut Tx,
    lane: &Lane,
    after: Option<ClientId>,
    limit: i64,
) -> Result<Vec<ClientId>, StoreError> {
    let rows = query!(
        tx,
        all Waiting,
        "with recursive waiting (client_id, number) as (
             select (select job.client_id from job where job.turn is not null and job.lane = $1 and job.client_id > $2
                     order by job.client_id limit 1), cast(1 as bigint)
             union all
             select (select job.client_id from job
                     where job.turn is not null and job.lane = $1 and job.client_id > waiting.client_id
                     order by job.client_id limit 1), waiting.number + 1
             from waiting where waiting.client_id is not null and waiting.number < $3)
         select client_id from waiting where client_id is not null",
        lane.to_text(),
        after.unwrap_or(ClientId(Uuid::nil())),
        limit
    )?;
    Ok(rows.into_iter().filter_map(|row| row.client_id).collect())
}

row! {
    /// A job whose turn may have come.
    #[derive(Clone, Debug)]
    pub struct Candidate { pub id: JobId, pub connection_id: Uuid }
}

/// The jobs of a client in a lane, those whose turn comes first in front; `from` leaves out so many of them.
pub async fn of_client(
    tx: &mut Tx,
    lane: &Lane,
    client: ClientId,
    (now, lease): (DateTime<Utc>, Lease),
    from: i64,
    limit: i64,
) -> Result<Vec<Candidate>, StoreError> {
    let mut text =
        Dynamic::new("select id, connection_id from job where turn is not null and lane = ");
    text.bind(Bind::Text(lane.to_text()))
        .push(" and client_id = ")
        .bind(Bind::Id(client.0));
    push_free(&mut text, now, lease);
    text.push(" order by turn, run_at, id limit ")
        .bind(Bind::Int(limit))
        .push(" offset ")
        .bind(Bind::Int(from))
        .push(dialect::skip_locked(tx));
    query!(tx, all Candidate, text)
}

/// Leases a job. None if another worker has taken it meanwhile.
pub async fn lease(
    tx: &mut Tx,
    id: JobId,
    owner: Uuid,
    lease: Lease,
) -> Result<Option<Job>, StoreError> {
    query!(
        tx,
        opt Job,
        "update job set lease_owner = $2, lease_until = $3, attempt = attempt + 1, turn = null
         where id = $1 and turn is not null
         returning id, kind, subject, payload, run_at, attempt",
        id,
        owner,
        lease.until
    )
}

row! {
    /// The client, connection and platform that a job is about.
    #[derive(Clone, Debug)]
    pub struct About {
        pub client_id: ClientId,
        pub connection_id: Uuid,
        pub platform: String,
        /// True for a first pull after an authorisation.
        pub initial: bool,
    }
}

/// Looks up what a job is about. None if it is about no connection, or one that is gone.
pub async fn about(tx: &mut Tx, job: &Unplaced) -> Result<Option<About>, StoreError> {
    match job.kind {
        JobKind::Sync => query!(
            tx,
            opt About,
            "select dataset.client_id as client_id, dataset.connection_id as connection_id,
                    connection.integration_key as platform, dataset.initial as initial
             from dataset join connection on connection.id = dataset.connection_id where dataset.id = $1",
            job.subject
        ),
        JobKind::Push => query!(
            tx,
            opt About,
            "select push_operation.client_id as client_id, push_operation.connection_id as connection_id,
                    connection.integration_key as platform, false as initial
             from push_operation join connection on connection.id = push_operation.connection_id
             where push_operation.id = $1",
            job.subject
        ),
        JobKind::Revoke | JobKind::TakeOut => query!(
            tx,
            opt About,
            "select client_id, connection_id, integration_key as platform, false as initial from held_grant where id = $1",
            job.subject
        ),
        JobKind::Reconsider => Ok(None),
    }
}

row! { struct Number { number: i64 } }

/// The number of jobs that workers have in hand.
pub async fn leased(db: &Db) -> Result<i64, StoreError> {
    let row =
        query!(db, one Number, "select count(*) as number from job where lease_owner is not null")?;
    Ok(row.number)
}

/// True if there is certainly nothing to begin.
pub async fn nothing_waits(
    db: &Db,
    (now, lease): (DateTime<Utc>, Lease),
) -> Result<bool, StoreError> {
    let mut waiting =
        Dynamic::new("select cast(1 as bigint) as number from job where turn is not null");
    push_free(&mut waiting, now, lease);
    // Ordered, so that the index of just these rows is read.
    waiting.push(" order by lane, client_id, turn limit 1");
    if !query!(db, all Number, waiting)?.is_empty() {
        return Ok(false);
    }
    let mut due = Dynamic::new(
        "select cast(1 as bigint) as number from job where turn is null and lease_owner is null",
    );
    push_free(&mut due, now, lease);
    due.push(" order by run_at limit 1");
    Ok(query!(db, all Number, due)?
        .iter()
        .all(|row| row.number != 1))
}
