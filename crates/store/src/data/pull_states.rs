//! The state of each data type's pulls: the newest ones, and the time at which the schedule asks for the next. Its rows change in
//! the transactions that begin and end pulls, so that no reader and no clock has to look through the history.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::datasets::Dataset;
use crate::model::{ClientId, CompanyId, ConnectionId, DatasetId, DatasetStatus};
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! {
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct PullState {
        pub data_type: String,
        /// The newest pull; none if the type was never pulled.
        pub newest_id: Option<DatasetId>,
        /// The newest pull that succeeded.
        pub success_id: Option<DatasetId>,
        /// True if the newest pull is under way.
        pub running: bool,
        /// The time that the schedule counts from.
        pub counted_from: DateTime<Utc>,
        /// The time at which the schedule asks for a pull; none if it doesn't. It waits for a pull that is under way.
        pub due: Option<DateTime<Utc>>,
    }
}

/// Notes a pull that was queued, and the time at which the schedule asks for the one after it.
pub(super) async fn began(
    tx: &mut Tx,
    dataset: &Dataset,
    due: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into pull_state (connection_id, data_type, newest_id, running, counted_from, due)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (connection_id, data_type) do update set newest_id = excluded.newest_id,
             running = excluded.running, counted_from = excluded.counted_from, due = excluded.due",
        dataset.connection_id,
        &dataset.data_type,
        dataset.id,
        dataset.completed.is_none(),
        dataset.requested,
        due
    )?;
    Ok(())
}

/// Notes the end of a pull.
pub(super) async fn ended(tx: &mut Tx, dataset: &Dataset) -> Result<(), StoreError> {
    query!(
        tx,
        "update pull_state set running = false, success_id = case when $4 then $3 else success_id end
         where connection_id = $1 and data_type = $2",
        dataset.connection_id,
        &dataset.data_type,
        dataset.id,
        dataset.status == DatasetStatus::Complete
    )?;
    Ok(())
}

/// Notes the end of all of a connection's pulls.
pub(super) async fn all_ended(tx: &mut Tx, connection: ConnectionId) -> Result<(), StoreError> {
    query!(
        tx,
        "update pull_state set running = false where connection_id = $1 and running",
        connection
    )?;
    Ok(())
}

/// Takes a connection out of the schedule: it can't be pulled.
pub(crate) async fn suspend(tx: &mut Tx, connection: ConnectionId) -> Result<(), StoreError> {
    query!(
        tx,
        "update pull_state set due = null where connection_id = $1 and due is not null",
        connection
    )?;
    Ok(())
}

/// Forgets a connection's pulls.
pub(crate) async fn forget(tx: &mut Tx, connection: ConnectionId) -> Result<(), StoreError> {
    query!(
        tx,
        "delete from pull_state where connection_id = $1",
        connection
    )?;
    Ok(())
}

/// The states of a connection's data types.
pub async fn of_connection(
    db: &Db,
    connection: ConnectionId,
) -> Result<Vec<PullState>, StoreError> {
    query!(
        db,
        all PullState,
        "select data_type, newest_id, success_id, running, counted_from, due from pull_state
         where connection_id = $1 order by data_type",
        connection
    )
}

/// The same inside a transaction.
pub async fn of_connection_in(
    tx: &mut Tx,
    connection: ConnectionId,
) -> Result<Vec<PullState>, StoreError> {
    query!(
        tx,
        all PullState,
        "select data_type, newest_id, success_id, running, counted_from, due from pull_state
         where connection_id = $1 order by data_type",
        connection
    )
}

/// Sets the time at which a pull of a type is due, and the time from which that was counted.
pub async fn set_due(
    tx: &mut Tx,
    connection: ConnectionId,
    data_type: &str,
    counted_from: DateTime<Utc>,
    due: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into pull_state (connection_id, data_type, running, counted_from, due) values ($1, $2, false, $3, $4)
         on conflict (connection_id, data_type) do update set counted_from = excluded.counted_from, due = excluded.due",
        connection,
        data_type,
        counted_from,
        due
    )?;
    Ok(())
}

row! {
    /// A connection with something due.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct Due { pub company_id: CompanyId, pub connection_id: ConnectionId }
}

/// Connections of the data types that are due, the longest due first: one entry for each type.
pub async fn due(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<Vec<Due>, StoreError> {
    query!(
        db,
        all Due,
        "select connection.company_id as company_id, due.connection_id as connection_id
         from (select connection_id, due from pull_state where due <= $1 and not running order by due limit $2) as due
         join connection on connection.id = due.connection_id order by due.due",
        now,
        limit
    )
}

row! {
    /// The newest pulls of a data type, as the history has them.
    #[derive(Clone, Debug)]
    pub struct InHistory {
        pub data_type: String,
        pub newest_id: DatasetId,
        pub success_id: Option<DatasetId>,
        pub running: bool,
        pub requested: DateTime<Utc>,
    }
}

impl InHistory {
    /// True if a state says so too.
    pub fn is_told_by(&self, state: &PullState) -> bool {
        self.data_type == state.data_type
            && Some(self.newest_id) == state.newest_id
            && self.success_id == state.success_id
            && self.running == state.running
    }
}

macro_rules! in_history {
    ($on:expr, $connection:expr) => {
        query!(
            $on,
            all InHistory,
            "with recursive kind (data_type) as (
                 select min(dataset.data_type) from dataset where dataset.connection_id = $1
                 union all
                 select (select min(dataset.data_type) from dataset where dataset.connection_id = $1 and dataset.data_type > kind.data_type)
                 from kind where kind.data_type is not null)
             select newest.data_type as data_type, newest.id as newest_id,
                    (select success.id from dataset success
                     where success.connection_id = $1 and success.data_type = kind.data_type and success.status = 'Complete'
                     order by success.requested desc, success.id desc limit 1) as success_id,
                    newest.completed is null as running, newest.requested as requested
             from kind join dataset newest on newest.id =
                 (select dataset.id from dataset where dataset.connection_id = $1 and dataset.data_type = kind.data_type
                  order by dataset.requested desc, dataset.id desc limit 1)
             where kind.data_type is not null order by newest.data_type",
            $connection
        )
    };
}

/// The newest pulls of each type that a connection's history has.
pub async fn in_history(db: &Db, connection: ConnectionId) -> Result<Vec<InHistory>, StoreError> {
    in_history!(db, connection)
}

/// The same inside a transaction.
pub async fn in_history_in(
    tx: &mut Tx,
    connection: ConnectionId,
) -> Result<Vec<InHistory>, StoreError> {
    in_history!(tx, connection)
}

/// Corrects a state after the history.
pub async fn correct(
    tx: &mut Tx,
    connection: ConnectionId,
    newest: &InHistory,
) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into pull_state (connection_id, data_type, newest_id, success_id, running, counted_from)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (connection_id, data_type) do update set newest_id = excluded.newest_id,
             success_id = excluded.success_id, running = excluded.running, counted_from = excluded.counted_from",
        connection,
        &newest.data_type,
        newest.newest_id,
        newest.success_id,
        newest.running,
        newest.requested
    )?;
    Ok(())
}

/// Deletes some of a connection's pulls that were requested before a time. The newest of each type stays, and so do the newest
/// that succeeded, those under way and those whose answers are kept. Returns the number.
pub async fn prune(
    tx: &mut Tx,
    connection: ConnectionId,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64, StoreError> {
    // From the states to the history, in this order: what is younger is never read.
    query!(
        tx,
        "delete from dataset where id in (
             select old.id from pull_state s cross join dataset old
             where s.connection_id = $1 and old.connection_id = s.connection_id and old.data_type = s.data_type
               and old.requested < $2 and old.completed is not null
               and (s.newest_id is null or old.id <> s.newest_id) and (s.success_id is null or old.id <> s.success_id)
               and not exists (select 1 from raw_page where raw_page.connection_id = old.connection_id
                               and raw_page.data_type = old.data_type and raw_page.dataset_id = old.id)
             limit $3)",
        connection,
        before,
        limit
    )
}

row! { struct Number { number: i64 } }

/// True if [`prune`] would delete something.
pub async fn has_old(
    db: &Db,
    connection: ConnectionId,
    before: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let found = query!(
        db,
        opt Number,
        "select cast(1 as bigint) as number from pull_state s cross join dataset old
         where s.connection_id = $1 and old.connection_id = s.connection_id and old.data_type = s.data_type
           and old.requested < $2 and old.completed is not null
           and (s.newest_id is null or old.id <> s.newest_id) and (s.success_id is null or old.id <> s.success_id)
           and not exists (select 1 from raw_page where raw_page.connection_id = old.connection_id
                           and raw_page.data_type = old.data_type and raw_page.dataset_id = old.id)
         limit 1",
        connection,
        before
    )?;
    Ok(found.is_some_and(|row| row.number == 1))
}

row! {
    /// A client whose connections' due times are to follow its schedule; [`ALL`] stands for every client.
    #[derive(Clone, Copy, Debug)]
    pub struct Walk {
        pub client_id: ClientId,
        /// The connection that the walk has come to.
        pub after: Uuid,
    }
}

/// The client of a walk through all clients' connections.
pub const ALL: ClientId = ClientId(Uuid::nil());

/// Begins a walk through a client's connections, or begins it anew.
pub async fn begin_walk(tx: &mut Tx, client: ClientId) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into pull_walk (client_id, after) values ($1, $2)
         on conflict (client_id) do update set after = excluded.after",
        client,
        Uuid::nil()
    )?;
    Ok(())
}

pub async fn walks(db: &Db) -> Result<Vec<Walk>, StoreError> {
    query!(db, all Walk, "select client_id, after from pull_walk order by client_id")
}

/// Notes how far a walk has come, or with none that it has ended; unless it was begun anew meanwhile.
pub async fn go_on(tx: &mut Tx, walk: Walk, after: Option<Uuid>) -> Result<(), StoreError> {
    match after {
        Some(after) => query!(
            tx,
            "update pull_walk set after = $3 where client_id = $1 and after = $2",
            walk.client_id,
            walk.after,
            after
        )?,
        None => query!(
            tx,
            "delete from pull_walk where client_id = $1 and after = $2",
            walk.client_id,
            walk.after
        )?,
    };
    Ok(())
}
