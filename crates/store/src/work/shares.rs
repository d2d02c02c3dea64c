//! Shares of limits that nodes divide among themselves: places for a client's requests that are under way, and an address's
//! requests of the minute.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::ClientId;
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! { struct Number { number: i64 } }

/// The time for which a share is held, in real time ([`crate::clock::wall_now`]).
#[derive(Clone, Copy, Debug)]
pub struct Lease {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// Gives a node that holds `held` of a client's places `need` more, or half of what is free below `limit` if that is more.
/// If fewer are free, it is given those. Places of a node that has died are free.
///
/// Returns what the node holds then.
pub async fn take_places(
    tx: &mut Tx,
    client: ClientId,
    node: Uuid,
    held: i64,
    need: i64,
    limit: i64,
    lease: Lease,
) -> Result<i64, StoreError> {
    crate::sql::dialect::lock_shares(tx, client).await?;
    query!(
        tx,
        "delete from request_share where client_id = $1 and lease_until <= $2",
        client,
        lease.from
    )?;
    let others = query!(
        tx,
        one Number,
        "select cast(coalesce(sum(held), 0) as bigint) as number from request_share where client_id = $1 and node <> $2",
        client,
        node
    )?;
    let free = (limit - others.number - held).max(0);
    let held = held + need.max((free + 1) / 2).min(free);
    query!(
        tx,
        "insert into request_share (client_id, node, held, lease_until) values ($1, $2, $3, $4)
         on conflict (client_id, node) do update set held = excluded.held, lease_until = excluded.lease_until",
        client,
        node,
        held,
        lease.until
    )?;
    Ok(held)
}

/// Leaves a node `held` of a client's places, fewer than it had.
pub async fn leave_places(
    tx: &mut Tx,
    client: ClientId,
    node: Uuid,
    held: i64,
) -> Result<(), StoreError> {
    query!(
        tx,
        "delete from request_share where client_id = $1 and node = $2 and $3 <= 0",
        client,
        node,
        held
    )?;
    query!(
        tx,
        "update request_share set held = $3 where client_id = $1 and node = $2 and held > $3",
        client,
        node,
        held
    )?;
    Ok(())
}

row! {
    /// A client's places.
    #[derive(Clone, Copy, Debug)]
    pub struct Held {
        pub client_id: ClientId,
        /// The node's.
        pub own: i64,
        /// The places of all nodes together.
        pub all_nodes: i64,
    }
}

/// Keeps what a node holds, and says how much that is. A client that is not among them has no place on it any more.
pub async fn keep_places(
    tx: &mut Tx,
    node: Uuid,
    until: DateTime<Utc>,
) -> Result<Vec<Held>, StoreError> {
    query!(
        tx,
        "update request_share set lease_until = $2 where node = $1",
        node,
        until
    )?;
    query!(
        tx,
        all Held,
        "select client_id, cast(sum(case when node = $1 then held else 0 end) as bigint) as own,
                cast(sum(held) as bigint) as all_nodes
         from request_share where client_id in (select client_id from request_share where node = $1) group by client_id",
        node
    )
}

/// A node gives back every place.
pub async fn leave(tx: &mut Tx, node: Uuid) -> Result<(), StoreError> {
    query!(tx, "delete from request_share where node = $1", node)?;
    Ok(())
}

row! { struct Taken { taken: i64 } }

/// Gives a node `wanted` of an address's requests of a minute, or as many as there are below `limit`. Returns how many that were.
pub async fn take_calls(
    db: &Db,
    address: &str,
    minute: i64,
    wanted: i64,
    limit: i64,
) -> Result<i64, StoreError> {
    let taken = query!(
        db,
        opt Taken,
        "insert into address_minute (address, minute, granted, taken) values ($1, $2, $3, $3)
         on conflict (address, minute) do update set
            taken = case when address_minute.granted + $3 > $4 then $4 - address_minute.granted else $3 end,
            granted = case when address_minute.granted + $3 > $4 then $4 else address_minute.granted + $3 end
         where address_minute.granted < $4
         returning taken",
        address,
        minute,
        wanted,
        limit
    )?;
    Ok(taken.map_or(0, |row| row.taken))
}

/// Forgets minutes that are over.
pub async fn sweep(tx: &mut Tx, minute: i64) -> Result<(), StoreError> {
    query!(tx, "delete from address_minute where minute < $1", minute)?;
    Ok(())
}
