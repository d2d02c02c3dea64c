//! Programs on customers' machines that call: their passwords' digests, their calls, and the questions that they are asked.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::model::{ConnectionId, DatasetId};
use crate::sql::columns::row;
use crate::sql::db::{Db, News, StoreError, Tx, query};

row! {
    #[derive(Clone, Debug)]
    pub struct Machine {
        pub connection_id: ConnectionId,
        pub owner_id: Uuid,
        pub file_id: Uuid,
        /// None once the access has ended.
        pub verifier: Option<Vec<u8>>,
        /// Of a password that takes its place with the first good call by it.
        pub next_verifier: Option<Vec<u8>>,
        /// The way of the customer that its first call completes.
        pub state_hash: Option<Vec<u8>>,
        /// The books' own place there, as the program last said it.
        pub place: Option<String>,
        pub heard: Option<DateTime<Utc>>,
        /// A sentence: what is in the way.
        pub trouble: Option<String>,
        pub paused_until: Option<DateTime<Utc>>,
        /// The hours of the customer's day in which it may be asked, as JSON; none for all of them.
        pub hours: Option<String>,
        /// Wrong passwords in a row.
        pub failures: i64,
        pub shut_until: Option<DateTime<Utc>>,
    }
}

row! {
    #[derive(Clone, Debug)]
    pub struct Call {
        pub id: Uuid,
        pub connection_id: ConnectionId,
        pub heard: DateTime<Utc>,
        pub ended: Option<DateTime<Utc>>,
        /// The books were seen to be the connection's.
        pub known: bool,
        /// It came by the newest password.
        pub newest: bool,
        /// The question that the machine has in hand.
        pub question_id: Option<Uuid>,
        pub said: Option<String>,
    }
}

row! {
    #[derive(Clone, Debug)]
    pub struct Question {
        pub id: Uuid,
        /// The pull that asks, or the call.
        pub subject: Uuid,
        pub question: String,
        /// `waiting`, `answered`, `refused` or `over`.
        pub state: String,
        pub answer: Option<String>,
    }
}

row! { struct Named { id: Option<Uuid> } }
row! { struct Number { number: i64 } }

/// Makes or renews what is kept of a connection's machine. Its names stay what they were, and so does a password that works, until
/// the first good call by the next one.
pub async fn put(tx: &mut Tx, machine: &Machine, works: bool) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into machine (connection_id, owner_id, file_id, verifier, state_hash, failures) values ($1, $2, $3, $4, $5, 0)
         on conflict (connection_id) do update set next_verifier = case when $6 then excluded.verifier else null end,
             verifier = case when $6 then machine.verifier else excluded.verifier end, state_hash = excluded.state_hash, trouble = null,
             failures = 0, shut_until = null",
        machine.connection_id,
        machine.owner_id,
        machine.file_id,
        &machine.verifier,
        &machine.state_hash,
        works
    )?;
    Ok(())
}

macro_rules! machine {
    ($on:expr, $id:expr) => {
        query!(
            $on,
            opt Machine,
            "select connection_id, owner_id, file_id, verifier, next_verifier, state_hash, place, heard, trouble, paused_until, hours, failures, shut_until
             from machine where connection_id = $1",
            $id
        )
    };
}

/// Unscoped: the caller has the connection, or proves itself by the password that belongs to it.
pub async fn find(db: &Db, connection: ConnectionId) -> Result<Option<Machine>, StoreError> {
    machine!(db, connection)
}

/// The same in a transaction.
pub async fn find_in(tx: &mut Tx, connection: ConnectionId) -> Result<Option<Machine>, StoreError> {
    machine!(tx, connection)
}

/// Counts a wrong password; none is looked at before `shut_until`.
pub async fn note_failure(
    tx: &mut Tx,
    connection: ConnectionId,
    shut_until: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update machine set failures = failures + 1, shut_until = $2 where connection_id = $1",
        connection,
        shut_until
    )?;
    Ok(())
}

/// Notes a sign of life.
pub async fn heard_from(
    tx: &mut Tx,
    connection: ConnectionId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update machine set heard = $2, failures = 0, shut_until = null where connection_id = $1",
        connection,
        now
    )?;
    Ok(())
}

/// Ends the access by the password, and everything that is asked.
pub async fn end_access(
    tx: &mut Tx,
    connection: ConnectionId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update machine set verifier = null, next_verifier = null, state_hash = null, trouble = null where connection_id = $1",
        connection
    )?;
    query!(
        tx,
        "update machine_call set ended = $2, question_id = null where connection_id = $1 and ended is null",
        connection,
        now
    )?;
    query!(
        tx,
        "delete from machine_question where connection_id = $1",
        connection
    )?;
    Ok(())
}

/// Notes that the customer's way is at its end, and a pause with it.
pub async fn arrived(tx: &mut Tx, connection: ConnectionId) -> Result<(), StoreError> {
    query!(
        tx,
        "update machine set state_hash = null, verifier = coalesce(next_verifier, verifier), next_verifier = null, paused_until = null
         where connection_id = $1",
        connection
    )?;
    Ok(())
}

/// Forgets a way that its customer did not go to its end; the password before it works on.
pub async fn forget_way(tx: &mut Tx, connection: ConnectionId) -> Result<(), StoreError> {
    query!(
        tx,
        "update machine set state_hash = null, next_verifier = null where connection_id = $1",
        connection
    )?;
    Ok(())
}

/// Keeps the mark by which the books are known from now on.
pub async fn set_mark(
    tx: &mut Tx,
    connection: ConnectionId,
    account: &str,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update connection set account_id = $2 where id = $1 and account_id <> $2",
        connection,
        account
    )?;
    Ok(())
}

/// Keeps what is in the way at the machine; none once nothing is. True if it wasn't so before.
pub async fn set_trouble(
    tx: &mut Tx,
    connection: ConnectionId,
    trouble: Option<&str>,
) -> Result<bool, StoreError> {
    let changed = query!(
        tx,
        "update machine set trouble = $2 where connection_id = $1 and (trouble is null or $2 is null or trouble <> $2)
             and not (trouble is null and $2 is null)",
        connection,
        trouble
    )?;
    Ok(changed == 1)
}

/// Keeps the books' place at the machine.
pub async fn set_place(
    tx: &mut Tx,
    connection: ConnectionId,
    place: Option<&str>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update machine set place = $2 where connection_id = $1",
        connection,
        place
    )?;
    Ok(())
}

/// Keeps when it may be asked: not before a time, and in these hours.
pub async fn set_times(
    tx: &mut Tx,
    connection: ConnectionId,
    paused_until: Option<DateTime<Utc>>,
    hours: Option<&str>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update machine set paused_until = $2, hours = $3 where connection_id = $1",
        connection,
        paused_until,
        hours
    )?;
    Ok(())
}

/// Begins a call.
pub async fn begin_call(
    tx: &mut Tx,
    connection: ConnectionId,
    id: Uuid,
    ticket_hash: &[u8],
    newest: bool,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into machine_call (id, connection_id, ticket_hash, heard, known, newest) values ($1, $2, $3, $4, $5, $6)",
        id,
        connection,
        ticket_hash,
        now,
        false,
        newest
    )?;
    query!(
        tx,
        "update machine set heard = $2, failures = 0, shut_until = null where connection_id = $1",
        connection,
        now
    )?;
    Ok(())
}

/// The call of a ticket. Unscoped: the ticket is a secret, and says whose call it is.
pub async fn call(db: &Db, ticket_hash: &[u8]) -> Result<Option<Call>, StoreError> {
    query!(
        db,
        opt Call,
        "select id, connection_id, heard, ended, known, newest, question_id, said from machine_call where ticket_hash = $1",
        ticket_hash
    )
}

/// The calls of a connection that have not ended.
pub async fn open_calls(tx: &mut Tx, connection: ConnectionId) -> Result<Vec<Call>, StoreError> {
    query!(
        tx,
        all Call,
        "select id, connection_id, heard, ended, known, newest, question_id, said from machine_call
         where connection_id = $1 and ended is null",
        connection
    )
}

/// Notes a sign of life, with the question in hand. False if the call has ended.
pub async fn heard(
    tx: &mut Tx,
    call: &Call,
    question: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update machine_call set heard = $2, question_id = $3 where id = $1 and ended is null",
        call.id,
        now,
        question
    )?;
    query!(
        tx,
        "update machine set heard = $2 where connection_id = $1",
        call.connection_id,
        now
    )?;
    Ok(rows == 1)
}

/// Notes that the books are the connection's.
pub async fn recognised(tx: &mut Tx, call: Uuid) -> Result<(), StoreError> {
    query!(
        tx,
        "update machine_call set known = $2 where id = $1",
        call,
        true
    )?;
    Ok(())
}

/// Keeps what is to be said to the program's user.
pub async fn say(tx: &mut Tx, call: Uuid, words: &str) -> Result<(), StoreError> {
    query!(
        tx,
        "update machine_call set said = $2 where id = $1",
        call,
        words
    )?;
    Ok(())
}

/// Ends a call. What could be asked in it alone is over: the pulls that asked go on otherwise.
pub async fn end_call(
    tx: &mut Tx,
    call: Uuid,
    connection: ConnectionId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update machine_call set ended = $2, question_id = null where id = $1 and ended is null",
        call,
        now
    )?;
    query!(
        tx,
        "update machine_question set state = 'over' where call_id = $1 and state = 'waiting'",
        call
    )?;
    query!(tx, "delete from machine_question where subject = $1", call)?;
    wake(tx, connection, now).await
}

/// Removes calls that ended before, and questions of pulls that have ended.
pub async fn tidy(
    tx: &mut Tx,
    connection: ConnectionId,
    before: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "delete from machine_call where connection_id = $1 and ended < $2",
        connection,
        before
    )?;
    query!(
        tx,
        "delete from machine_question where connection_id = $1
             and not exists (select 1 from dataset where dataset.id = subject and completed is null)
             and not exists (select 1 from machine_call where machine_call.id = subject and ended is null)",
        connection
    )?;
    Ok(())
}

/// The questions of a pull or a call, but for those whose answers were used. Unscoped: the pull or the call is loaded.
pub async fn of_subject(db: &Db, subject: Uuid) -> Result<Vec<Question>, StoreError> {
    query!(
        db,
        all Question,
        "select id, subject, question, state, answer from machine_question where subject = $1 and used = $2",
        subject,
        false
    )
}

/// Asks a question. One that `goes_on` is for the call that answered all of the subject's others, those of the page before too: over at
/// once if that has ended, or if there were several, since what a page is looked up with may have come in a later call than the walk's.
pub async fn ask(
    tx: &mut Tx,
    connection: ConnectionId,
    subject: Uuid,
    id: Uuid,
    question: &str,
    goes_on: bool,
) -> Result<(), StoreError> {
    let hash = Sha256::digest(question).to_vec();
    let (mut call, mut state) = (None, "waiting");
    if goes_on {
        let calls = query!(
            tx,
            all Named,
            "select distinct answered_in as id from machine_question where subject = $1 and answered_in is not null",
            subject
        )?;
        call = match calls.as_slice() {
            [one] => one.id,
            _ => None,
        };
        let alive = query!(
            tx,
            opt Number,
            "select cast(1 as bigint) as number from machine_call where id = $1 and ended is null",
            call
        )?;
        if alive.is_none_or(|row| row.number != 1) {
            state = "over";
        }
    }
    query!(
        tx,
        "insert into machine_question (id, connection_id, subject, hash, question, call_id, state, used)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (subject, hash) do update set id = excluded.id, call_id = excluded.call_id, state = excluded.state,
             answer = null, answered_in = null, used = excluded.used",
        id,
        connection,
        subject,
        &hash,
        question,
        call,
        state,
        false
    )?;
    Ok(())
}

/// Forgets the answers of a pull whose records are stored; the call that brought them is remembered for what goes on with them.
pub async fn used(tx: &mut Tx, dataset: DatasetId) -> Result<(), StoreError> {
    query!(
        tx,
        "delete from machine_question where subject = $1 and used = $2",
        dataset,
        true
    )?;
    query!(
        tx,
        "update machine_question set used = $2, answer = null where subject = $1",
        dataset,
        true
    )?;
    Ok(())
}

/// Forgets everything that a pull asked.
pub async fn forget(tx: &mut Tx, dataset: DatasetId) -> Result<(), StoreError> {
    query!(
        tx,
        "delete from machine_question where subject = $1",
        dataset
    )?;
    Ok(())
}

/// The next question that can be asked in a call: the call's own first, then the pulls' in the order in which they asked.
pub async fn next_question(
    tx: &mut Tx,
    connection: ConnectionId,
    call: &Call,
) -> Result<Option<Question>, StoreError> {
    query!(
        tx,
        opt Question,
        "select id, subject, question, state, answer from machine_question
         where connection_id = $1 and state = 'waiting' and (call_id is null or call_id = $2) and (subject = $2 or $3)
         order by case when subject = $2 then 0 else 1 end, case when call_id is null then 1 else 0 end, id limit 1",
        connection,
        call.id,
        call.known
    )
}

/// True for a question that can be asked in one call alone, since it goes on with another. Unscoped: the call that has it is loaded.
pub async fn goes_on(db: &Db, id: Uuid) -> Result<bool, StoreError> {
    let row = query!(
        db,
        opt Number,
        "select cast(1 as bigint) as number from machine_question where id = $1 and call_id is not null",
        id
    )?;
    Ok(row.is_some())
}

/// Counts a code of no known meaning that came in place of an answer. Returns the number of them.
pub async fn note_oddity(tx: &mut Tx, id: Uuid) -> Result<i64, StoreError> {
    let row = query!(
        tx,
        opt Number,
        "update machine_question set oddities = oddities + 1 where id = $1 returning oddities as number",
        id
    )?;
    Ok(row.map_or(0, |row| row.number))
}

/// Stores the answer to a question that still waits. False if it doesn't.
pub async fn answer(
    tx: &mut Tx,
    id: Uuid,
    call: Uuid,
    state: &str,
    answer: &str,
) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update machine_question set state = $3, answer = $4, answered_in = $2 where id = $1 and state = 'waiting'",
        id,
        call,
        state,
        answer
    )?;
    Ok(rows == 1)
}

/// Lets the pulls of a connection go on whose questions have an outcome.
pub async fn wake(
    tx: &mut Tx,
    connection: ConnectionId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let rows = query!(
        tx,
        "update job set run_at = $2 where kind = 'sync' and run_at > $2 and lease_owner is null and dead = $3
             and subject in (select subject from machine_question where connection_id = $1 and state <> 'waiting' and used = $3)",
        connection,
        now,
        false
    )?;
    if rows > 0 {
        tx.announce(News::Work);
    }
    Ok(())
}

/// The pulls of a connection that are under way.
pub async fn under_way(db: &Db, connection: ConnectionId) -> Result<i64, StoreError> {
    let row = query!(
        db,
        one Number,
        "select count(*) as number from dataset where connection_id = $1 and completed is null",
        connection
    )?;
    Ok(row.number)
}

/// The same in a transaction.
pub async fn under_way_in(tx: &mut Tx, connection: ConnectionId) -> Result<i64, StoreError> {
    let row = query!(
        tx,
        one Number,
        "select count(*) as number from dataset where connection_id = $1 and completed is null",
        connection
    )?;
    Ok(row.number)
}

/// The pulls of a connection that may ask something soon: those that run, are due by then, or have an outcome that they haven't
/// read.
pub async fn at_work(
    db: &Db,
    connection: ConnectionId,
    soon: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let row = query!(
        db,
        one Number,
        "select count(*) as number from dataset join job on job.subject = dataset.id
         where dataset.connection_id = $1 and completed is null and job.dead = $3
             and (job.run_at <= $2 or job.lease_owner is not null or exists (
                 select 1 from machine_question where subject = dataset.id and state <> 'waiting' and used = $3))",
        connection,
        soon,
        false
    )?;
    Ok(row.number)
}
