//! Revocation endpoints that are down or ask for a pause: of a client's grants at one, one asks, and the others wait for its answer.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connectors::RevocationError;

use super::super::endpoints::{self, Turn};
use super::pause;
use crate::app::App;
use store::StoreError;
use store::credentials::Pause;
use store::held::{self, Held};
use store::token_endpoints::{self, TokenEndpoint};

/// The longest pause between two attempts at one, unless it asks for a longer one.
const LONGEST: TimeDelta = TimeDelta::minutes(15);

/// A client's revocation endpoint at a platform. Its pauses are kept beside those of the token endpoint, under a name of its own.
pub(super) struct Endpoint<'a> {
    app: &'a App,
    held: &'a Held,
    name: String,
    /// True if this attempt asks for all the others that wait.
    is_probe: bool,
}

/// A failure that is the endpoint's, not the grant's.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    asked_for: Option<Duration>,
    reason: String,
}

pub(super) fn failure(error: &RevocationError) -> Option<Failure> {
    let asked_for = match error {
        RevocationError::Refused { said, retry_after } => {
            matches!(said.status, 429 | 502 | 503 | 504).then_some(*retry_after)?
        }
        RevocationError::Unreachable(_) => None,
    };
    Some(Failure {
        asked_for,
        reason: error.to_string(),
    })
}

impl<'a> Endpoint<'a> {
    pub(super) fn of(app: &'a App, held: &'a Held) -> Self {
        Self {
            app,
            held,
            name: format!("{}/revoke", held.integration_key),
            is_probe: false,
        }
    }

    /// The time until which another attempt's answer is waited for, and the reason. None if this one may ask.
    pub(super) async fn waits(&mut self) -> Result<Option<(DateTime<Utc>, String)>, StoreError> {
        match endpoints::turn(self.app, self.held.client_id, &self.name).await? {
            Turn::Go => Ok(None),
            Turn::Probe { .. } => {
                self.is_probe = true;
                Ok(None)
            }
            Turn::Wait { pause, why, .. } => Ok(Some((pause.until, why))),
        }
    }

    /// Writes a failure down, and gives the time before which nothing is asked. Of several that had asked before the first
    /// failure came back, one counts.
    pub(super) async fn failed(&self, failure: &Failure) -> Result<DateTime<Utc>, StoreError> {
        let (client, name) = (self.held.client_id, &self.name);
        let mut tx = self.app.db.write().await?;
        let now = self.app.clock.now();
        let before = token_endpoints::get_in(&mut tx, client, name).await?;
        let counted = before
            .as_ref()
            .filter(|before| !self.is_probe && before.pause().holds(now));
        if let Some(counted) = counted {
            return Ok(counted.paused_until);
        }
        let failures = before.as_ref().map_or(0, |before| before.failures) + 1;
        let length = pause(failures, None).min(LONGEST);
        let asked_for = failure
            .asked_for
            .and_then(|wait| TimeDelta::from_std(wait).ok());
        let pause = Pause {
            from: now,
            until: now + length.max(asked_for.unwrap_or_default()),
        };
        let row = TokenEndpoint {
            client_id: client,
            integration_key: name.clone(),
            failures,
            since: before.map_or(now, |before| before.since),
            paused_at: pause.from,
            paused_until: pause.until,
            reason: failure.reason.clone(),
            fault: None,
        };
        token_endpoints::put(&mut tx, &row).await?;
        tx.commit().await?;
        Ok(pause.until)
    }

    /// The endpoint answered: the grants that waited go on.
    pub(super) async fn answered(&self) -> Result<(), StoreError> {
        let (client, key) = (self.held.client_id, &self.held.integration_key);
        if token_endpoints::get(&self.app.db, client, &self.name)
            .await?
            .is_none()
        {
            return Ok(());
        }
        let mut tx = self.app.db.write().await?;
        token_endpoints::clear(&mut tx, client, &self.name).await?;
        held::hasten(&mut tx, client, key, self.app.clock.now()).await?;
        tx.commit().await
    }
}
