//! The right to renew one version of a connection's tokens, kept for as long as the renewal goes on.
//!
//! A lease outlasts a node that is frozen for some seconds, and is over within half a minute of one that died. It is kept alive
//! meanwhile, and with it the turn to ask an endpoint that failed.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use uuid::Uuid;

use super::super::endpoints;
use crate::app::App;
use store::StoreError;
use store::clock::{machine_now, random_id};
use store::connections::Connection;
use store::credentials;
use store::jobs::Lease;
use store::token_endpoints;

/// A renewal whose node died can be taken up after this.
const LEASE: TimeDelta = TimeDelta::seconds(25);
const KEEP_EVERY: Duration = Duration::from_secs(2);

pub(super) struct Claim<'a> {
    app: &'a App,
    connection: &'a Connection,
    version: i64,
    pub(super) holder: Uuid,
    /// The last time at which the lease was certainly the holder's. The one clock goes on while the process is frozen, the other
    /// while its machine sleeps.
    kept: Mutex<(Instant, DateTime<Utc>)>,
    /// The end of the turn to ask the endpoint for all others, if the holder has it.
    turn: Mutex<Option<DateTime<Utc>>>,
}

impl<'a> Claim<'a> {
    /// None if another caller holds the version, or it is not the version any more.
    pub(super) async fn take(
        app: &'a App,
        connection: &'a Connection,
        version: i64,
    ) -> Result<Option<Self>, StoreError> {
        let claim = Self {
            app,
            connection,
            version,
            holder: random_id(),
            kept: Mutex::new((Instant::now(), machine_now())),
            turn: Mutex::default(),
        };
        let mut tx = app.db.write().await?;
        let (id, holder, now) = (connection.id, claim.holder, app.clock.now());
        let lease = Lease::lasting(LEASE);
        let mine = credentials::claim(&mut tx, id, version, holder, lease, now).await?;
        tx.commit().await?;
        Ok(mine.then_some(claim))
    }

    /// True if the holder may ask the platform now: it was not frozen for longer than its lease.
    pub(super) async fn holds(&self) -> Result<bool, StoreError> {
        let (at, by_machine) = *self.kept.lock();
        let slept = (machine_now() - by_machine).abs().to_std();
        let most = KEEP_EVERY * 2;
        let is_fresh = at.elapsed() < most && slept.is_ok_and(|slept| slept < most);
        if is_fresh {
            return Ok(true);
        }
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
