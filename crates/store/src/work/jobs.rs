//! The queue's rows.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::clock::wall_now;
use crate::model::{JobId, JobKind};
use crate::sql::columns::row;
use crate::sql::db::{Bind, Db, Dynamic, News, StoreError, Tx, query};

row! {
    #[derive(Clone, Debug)]
    pub struct Job {
        pub id: JobId,
        pub kind: JobKind,
        pub subject: Uuid,
        pub payload: String,
        pub run_at: DateTime<Utc>,
        pub attempt: i64,
    }
}

pub async fn insert(
    tx: &mut Tx,
    id: JobId,
    kind: JobKind,
    subject: Uuid,
    payload: &str,
    run_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into job (id, kind, subject, payload, run_at, attempt, dead, created) values ($1, $2, $3, $4, $5, 0, $6, $7)",
        id,
        kind,
        subject,
        payload,
        run_at,
        false,
        now
    )?;
    tx.announce(News::Work);
    Ok(())
}

/// The time for which a lease is held, in real time ([`crate::clock::wall_now`]).
#[derive(Clone, Copy, Debug)]
pub struct Lease {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl Lease {
    /// Of this length, from now on.
    pub fn lasting(length: TimeDelta) -> Self {
        let from = wall_now();
        Self {
            from,
            until: from + length,
        }
    }
}

row! { struct Named { id: JobId } }

/// Jobs that are named in one statement.
const TOGETHER: usize = 500;

/// Keeps the owner's leases of these jobs. Returns those that are its own still.
pub async fn keep(
    tx: &mut Tx,
    owner: Uuid,
    ids: &[JobId],
    until: DateTime<Utc>,
) -> Result<Vec<JobId>, StoreError> {
    let mut kept = Vec::with_capacity(ids.len());
    for some in ids.chunks(TOGETHER) {
        let mut text = Dynamic::new("update job set lease_until = ");
        text.bind(Bind::Time(until))
            .push(" where lease_owner = ")
            .bind(Bind::Id(owner))
            .push(" and id in (");
        for (at, id) in some.iter().enumerate() {
            if at > 0 {
                text.push(", ");
            }
            text.bind(Bind::Id(id.0));
        }
        text.push(") returning id");
        let rows = query!(tx, all Named, text)?;
        kept.extend(rows.into_iter().map(|row| row.id));
    }
    Ok(kept)
}

/// True if there is the job, and it is not the owner's.
pub async fn is_of_another(db: &Db, id: JobId, owner: Uuid) -> Result<bool, StoreError> {
    let found = query!(
        db,
        opt Number,
        "select cast(1 as bigint) as number from job where id = $1 and (lease_owner is null or lease_owner <> $2)",
        id,
        owner
    )?;
    Ok(found.is_some_and(|row| row.number == 1))
}

pub async fn finish(tx: &mut Tx, id: JobId, owner: Uuid) -> Result<bool, StoreError> {
    Ok(query!(
        tx,
        "delete from job where id = $1 and lease_owner = $2",
        id,
        owner
    )? == 1)
}

/// Puts a job back for later, with `attempt` tries on its account.
pub async fn again(
    tx: &mut Tx,
    id: JobId,
    owner: Uuid,
    run_at: DateTime<Utc>,
    attempt: i64,
    error: Option<&str>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update job set lease_owner = null, lease_until = null, run_at = $3, attempt = $4, last_error = $5
         where id = $1 and lease_owner = $2",
        id,
        owner,
        run_at,
        attempt,
        error
    )?;
    Ok(())
}

/// Lets the jobs that were put back for later be done now, and those that could begin before the clock was set back.
pub async fn end_pauses(tx: &mut Tx, now: DateTime<Utc>) -> Result<(), StoreError> {
    query!(
        tx,
        "update job set run_at = $1 where run_at > $1 and dead = $2 and (last_error is not null or turn is not null)",
        now,
        false
    )?;
    Ok(())
}

/// Gives up on a job; it stays to be looked at.
pub async fn bury(tx: &mut Tx, id: JobId, owner: Uuid, error: &str) -> Result<(), StoreError> {
    query!(
        tx,
        "update job set lease_owner = null, lease_until = null, dead = $3, last_error = $4 where id = $1 and lease_owner = $2",
        id,
        owner,
        true,
        error
    )?;
    Ok(())
}

/// Gives back every lease of a worker that stops, so that another need not wait for them to run out.
pub async fn release_all(tx: &mut Tx, owner: Uuid) -> Result<u64, StoreError> {
    query!(
        tx,
        "update job set lease_owner = null, lease_until = null, attempt = attempt - 1 where lease_owner = $1",
        owner
    )
}

/// Ends every lease: for SQLite at start, when no other process can hold one.
pub async fn break_leases(tx: &mut Tx) -> Result<u64, StoreError> {
    query!(
        tx,
        "update job set lease_owner = null, lease_until = null where lease_owner is not null"
    )
}

row! {
    /// The length of the queue.
    #[derive(Clone, Debug)]
    pub struct Depth { pub waiting: i64, pub dead: i64 }
}

pub async fn depth(db: &Db) -> Result<Depth, StoreError> {
    query!(
        db,
        one Depth,
        "select coalesce(sum(case when dead = $1 then 1 else 0 end), 0) as waiting,
                coalesce(sum(case when dead = $1 then 0 else 1 end), 0) as dead from job",
        false
    )
}

row! {
    /// A job as an operator sees it.
    #[derive(Clone, Debug)]
    pub struct Queued {
        pub id: JobId,
        /// The word of a [`JobKind`], or of a kind that only a newer version knows.
        pub kind: String,
        pub subject: Uuid,
        pub run_at: DateTime<Utc>,
        pub attempt: i64,
        /// True if it was given up.
        pub dead: bool,
        pub last_error: Option<String>,
        pub lease_until: Option<DateTime<Utc>>,
    }
}

/// The jobs, or those that were given up, the longest due first.
pub async fn list(db: &Db, given_up: bool, limit: i64) -> Result<Vec<Queued>, StoreError> {
    let mut text = Dynamic::new(
        "select id, kind, subject, run_at, attempt, dead, last_error, lease_until from job ",
    );
    if given_up {
        text.push("where dead = ").bind(Bind::Bool(true));
    }
    text.push(" order by run_at, id limit ")
        .bind(Bind::Int(limit));
    query!(db, all Queued, text)
}

/// A job by its id. Unscoped: operators alone look for one.
pub async fn find(db: &Db, id: JobId) -> Result<Option<Queued>, StoreError> {
    query!(
        db,
        opt Queued,
        "select id, kind, subject, run_at, attempt, dead, last_error, lease_until from job where id = $1",
        id
    )
}

/// Lets a job be done now, also one that was given up.
pub async fn hasten(tx: &mut Tx, id: JobId, now: DateTime<Utc>) -> Result<(), StoreError> {
    query!(
        tx,
        "update job set run_at = $2, attempt = case when dead then 0 else attempt end, dead = $3 where id = $1",
        id,
        now,
        false
    )?;
    tx.announce(News::Work);
    Ok(())
}

/// Removes a job that was given up.
pub async fn forget_dead(tx: &mut Tx, id: JobId) -> Result<(), StoreError> {
    query!(tx, "delete from job where id = $1 and dead = $2", id, true)?;
    Ok(())
}

row! { struct Number { number: i64 } }

row! { struct Oldest { run_at: Option<DateTime<Utc>> } }

/// The time since when the longest waiting pull could have been done.
pub async fn oldest_due_pull(
    db: &Db,
    now: DateTime<Utc>,
    lease_now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let row = query!(
        db,
        one Oldest,
        "select min(run_at) as run_at from job
         where kind = 'sync' and dead = $1 and run_at <= $2 and (lease_until is null or lease_until < $3)",
        false,
        now,
        lease_now
    )?;
    Ok(row.run_at)
}
