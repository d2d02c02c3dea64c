//! Grants that wait: for a link to come to something, or for their turn to be given back.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Held, Number};
use crate::model::{ClientId, ConnectionId, GrantId, JobId, JobKind};
use crate::sql::db::{Bind, Db, Dynamic, StoreError, Tx, query};

/// Grants that were received before a time and have come to nothing: the process died in between.
pub async fn abandoned(db: &Db, before: DateTime<Utc>) -> Result<Vec<Held>, StoreError> {
    let mut text = Dynamic::new(columns!(
        "where state = 'pending' and not exists (select 1 from link_choice where link_choice.grant_id = held_grant.id)
           and begun <= "
    ));
    text.bind(Bind::Time(before)).push(" limit 100");
    query!(db, all Held, text)
}

/// Grants on their way back whose attempt is due since a time, and that no job is at work on.
pub async fn left_lying(db: &Db, due_before: DateTime<Utc>) -> Result<Vec<Held>, StoreError> {
    let mut text = Dynamic::new(columns!(
        "where state = 'beingGivenBack' and not exists
             (select 1 from job where job.subject = held_grant.id and job.kind = 'revoke' and job.dead = "
    ));
    text.bind(Bind::Bool(false))
        .push(") and next_attempt <= ")
        .bind(Bind::Time(due_before))
        .push(" limit 100");
    query!(db, all Held, text)
}

/// True if a grant is on its way back and no job is at work on it. Its row is locked, so that of several callers one finds it so.
pub async fn lies_idle(tx: &mut Tx, id: GrantId) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update held_grant set next_attempt = next_attempt where id = $1 and state = 'beingGivenBack'",
        id
    )?;
    let jobs = query!(
        tx,
        one Number,
        "select count(*) as number from job where subject = $1 and kind = $2 and dead = $3",
        id,
        JobKind::Revoke,
        false
    )?;
    Ok(rows == 1 && jobs.number == 0)
}

/// Lets the client's grants at a platform be given back at once: what they waited for may have come.
pub async fn hasten(
    tx: &mut Tx,
    client: ClientId,
    integration_key: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update held_grant set next_attempt = $3
         where client_id = $1 and integration_key = $2 and state = 'beingGivenBack' and next_attempt > $3",
        client,
        integration_key,
        now
    )?;
    let hastened = query!(
        tx,
        "update job set run_at = $3 where kind = $4 and run_at > $3 and subject in
             (select id from held_grant where client_id = $1 and integration_key = $2 and state = 'beingGivenBack')",
        client,
        integration_key,
        now,
        JobKind::Revoke
    )?;
    if hastened > 0 {
        tx.announce(crate::News::Work);
    }
    Ok(())
}

/// Lets a job that was just put back be done when its grant is due, if that was hastened while an attempt was on its way: what
/// hastens looks for jobs that wait, and this one didn't yet. The grant's row is locked, so that one of the two sees the other.
pub async fn follow(tx: &mut Tx, job: JobId, grant: Uuid) -> Result<(), StoreError> {
    query!(
        tx,
        "update held_grant set next_attempt = next_attempt where id = $1",
        grant
    )?;
    query!(
        tx,
        "update job set run_at = (select next_attempt from held_grant where id = $2)
         where id = $1 and run_at > (select next_attempt from held_grant where id = $2 and state = 'beingGivenBack')",
        job,
        grant
    )?;
    Ok(())
}

/// Lets the grants of a connection that wait for the one in use be given back with it.
pub async fn hasten_with(
    tx: &mut Tx,
    connection: ConnectionId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let waiting = query!(
        tx,
        "update held_grant set next_attempt = $2
         where connection_id = $1 and state = 'beingGivenBack' and reason = 'replaced' and next_attempt > $2",
        connection,
        now
    )?;
    if waiting > 0 {
        query!(
            tx,
            "update job set run_at = $2 where kind = $3 and run_at > $2 and subject in
                 (select id from held_grant where connection_id = $1 and state = 'beingGivenBack' and reason = 'replaced')",
            connection,
            now,
            JobKind::Revoke
        )?;
        tx.announce(crate::News::Work);
    }
    Ok(())
}
