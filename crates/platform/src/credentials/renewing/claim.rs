//! The right to renew one version of a connection's tokens, kept for as long as the renewal goes on.
//!
//! A lease outlasts a node that is frozen for some seconds, and is over within half a minute of one that died. It is kept alive
//! meanwhile, and with it the turn to ask an endpoint that failed.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use uuid::Uuid;

use super::super::{TokenError, endpoints};
use super::deciding::{
    CUT_OFF, Claiming, KEEP_EVERY, LEASE, Lives, STARTED, Since, Times, claiming, holder_of, is_of,
    may_send,
};
use crate::app::App;
use store::clock::{machine_now, random_id};
use store::connections::Connection;
use store::credentials;
use store::jobs::Lease;
use store::news;
use store::token_endpoints;
use store::{StoreError, Tx};

/// A connection whose holder is frozen is looked at again after this.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(15);
const HOLDER_IS_FROZEN: &str = "another process of Moorline has begun to renew the access and doesn't go on; the platform's answer may be on its way to it";

pub(super) struct Claim<'a> {
    app: &'a App,
    connection: &'a Connection,
    version: i64,
    pub(super) holder: Uuid,
    /// The time at which an earlier renewal of this version began whose answer is lost, as far as is known.
    pub(super) interrupted: Option<DateTime<Utc>>,
    /// The last time at which the lease was certainly the holder's. The one clock goes on while the process is frozen, the other
    /// while its machine sleeps.
    kept: Mutex<(Instant, DateTime<Utc>)>,
    /// The end of the turn to ask the endpoint for all others, if the holder has it.
    turn: Mutex<Option<DateTime<Utc>>>,
}

impl<'a> Claim<'a> {
    /// None if another caller holds the version, or it is not the version any more.
    ///
    /// # Errors
    /// The database can't be asked, or the process that has begun is there and doesn't go on.
    pub(super) async fn take(
        app: &'a App,
        connection: &'a Connection,
        version: i64,
    ) -> Result<Option<Self>, TokenError> {
        let node = app.live.node();
        let mut claim = Self {
            app,
            connection,
            version,
            holder: holder_of(node, random_id()),
            interrupted: None,
            kept: Mutex::new((Instant::now(), machine_now())),
            turn: Mutex::default(),
        };
        let id = connection.id;
        let mut tx = app.db.write().await?;
        let Some(standing) = credentials::standing(&mut tx, id).await? else {
            return Ok(None);
        };
        let lease = Lease::lasting(LEASE);
        // What this process is about is known without a lease.
        let holder = standing
            .lease_owner
            .filter(|holder| !is_of(*holder, node))
            .filter(|_| standing.lease_until.is_some_and(|until| until < lease.from));
        let holder = match holder {
            Some(holder) if may_live(app, &mut tx, holder).await? => Some(Lives {
                seen_for: app.frozen.seen(holder),
            }),
            _ => None,
        };
        let times = Times {
            wall: lease.from,
            clock: app.clock.now(),
        };
        match claiming(&standing, version, times, holder) {
            Claiming::Granted => {}
            Claiming::Refused => return Ok(None),
            Claiming::HolderIsFrozen => {
                return Err(TokenError::Waiting {
                    until: times.clock + LOOK_AGAIN,
                    reason: HOLDER_IS_FROZEN.to_owned(),
                });
            }
        }
        credentials::claim(&mut tx, id, version, claim.holder, lease).await?;
        tx.commit().await?;
        claim.interrupted = standing.refresh_began;
        Ok(Some(claim))
    }

    /// True if the holder may ask the platform now: it was not frozen for longer than its lease.
    pub(super) async fn holds(&self) -> Result<bool, StoreError> {
        let (at, by_machine) = *self.kept.lock();
        let since = Since {
            kept: at.elapsed(),
            by_machine: machine_now() - by_machine,
        };
        // An answer that was thought lost may have been stored a moment ago.
        match self.interrupted.is_none() && may_send(since) {
            true => Ok(true),
            false => self.is_still_held().await,
        }
    }

    /// Looks at the lease, and keeps it for longer. False if it is another caller's by now, or the version has moved on.
    pub(super) async fn is_still_held(&self) -> Result<bool, StoreError> {
        // The time that nodes share stands still while a machine sleeps.
        self.app.db.keep_time().await?;
        self.keep().await
    }

    /// Keeps the turn to ask the endpoint, which ends at `until` by now.
    pub(super) fn has_turn(&self, until: DateTime<Utc>) {
        *self.turn.lock() = Some(until);
    }

    /// Does the renewal's work, and keeps the claim meanwhile.
    pub(super) async fn kept_during<T>(&self, work: impl Future<Output = T>) -> T {
        let keep = async {
            loop {
                tokio::time::sleep(KEEP_EVERY).await;
                match self.keep().await {
                    Ok(true) => {}
                    Ok(false) => {
                        let id = self.connection.id;
                        tracing::warn!(connection = %id, "a renewal's lease is lost; its answer is kept all the same");
                        return std::future::pending::<T>().await;
                    }
                    Err(error) => tracing::warn!(%error, "a renewal's lease could not be kept"),
                }
            }
        };
        tokio::select! {
            biased;
            done = work => done,
            never = keep => never,
        }
    }

    async fn keep(&self) -> Result<bool, StoreError> {
        let asked = (Instant::now(), machine_now());
        let mut tx = self.app.db.write().await?;
        let lease = Lease::lasting(LEASE);
        let id = self.connection.id;
        let turn = *self.turn.lock();
        let mut longer = None;
        // The endpoint's row before the connection's, as by those who were answered.
        if let Some(until) = turn {
            let (client, key) = (self.connection.client_id, &self.connection.integration_key);
            let end = self.app.clock.now() + endpoints::TURN;
            let kept = token_endpoints::keep_turn(&mut tx, client, key, until, end).await?;
            longer = kept.then_some(end);
        }
        let kept = credentials::keep(&mut tx, id, self.version, self.holder, lease).await?;
        tx.commit().await?;
        if kept {
            *self.kept.lock() = asked;
        }
        if turn.is_some() {
            *self.turn.lock() = longer;
        }
        Ok(kept)
    }
}

/// True unless the process of a lease's holder is certainly gone.
async fn may_live(app: &App, tx: &mut Tx, holder: Uuid) -> Result<bool, StoreError> {
    if let Tx::Sqlite(_) = tx {
        // One process has it for itself.
        return Ok(false);
    }
    if news::lives(tx, holder).await? {
        return Ok(true);
    }
    let is_seen = news::lives(tx, app.live.node()).await?;
    Ok(app.live.is_unsure(is_seen, (STARTED, CUT_OFF)))
}
