//! Requests that can be repeated safely: of all that carry the same `Idempotency-Key`, one takes effect, and the others are given
//! its answer.
//!
//! The first [`Change`](crate::change::Change) that an attempt commits marks its key in the same transaction. So a process that dies between
//! effect and answer leaves a key that no later attempt can take, and an attempt that was believed dead can't commit after another has
//! taken its key.

use std::time::Duration;

use chrono::TimeDelta;
use egress::Secret;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::credentials::vault::openings::Purpose;
use crate::credentials::vault::{Place, Row, Sealed};
use store::clock::{random_bytes, wall_now};
use store::keyed_requests::{self as rows, Times};
use store::model::ClientId;
use store::{StoreError, Tx};

pub use store::keyed_requests::Claim;

/// The time for which an answer is given again (the contract: 90 minutes).
pub const LIFETIME: TimeDelta = TimeDelta::minutes(90);
/// An attempt is believed dead if nothing was heard of it for so long.
const LEASE: TimeDelta = TimeDelta::seconds(60);
const RENEWAL: Duration = Duration::from_secs(15);

/// An answer as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// The state in which a request finds its key.
#[derive(Debug)]
pub enum Standing {
    /// The key is this attempt's.
    Taken(Claim),
    Answered(Answer),
    /// Another request with the key is under way.
    UnderWay,
    /// An attempt changed something, and its answer was lost with its process.
    AnswerLost,
    /// The key belongs to a request with another method, path or body.
    OtherRequest,
}

/// The sender of a request: the client's software, an automation service's, or the people of one of its companies.
#[derive(Clone, Copy, Debug)]
pub struct Sender {
    pub client: ClientId,
    /// The client's id, or the company's, or one made of the service's name.
    pub id: Uuid,
}

/// Takes a key for a request, or says why it can't be taken.
///
/// # Errors
/// The database can't be reached or written to.
pub async fn begin(
    app: &App,
    sender: Sender,
    key: Uuid,
    fingerprint: &[u8],
) -> Result<Standing, StoreError> {
    let claim = Claim {
        client: sender.client,
        caller: sender.id,
        key,
        holder: random_bytes::<16>().to_vec(),
    };
    loop {
        let (now, wall) = (app.clock.now(), wall_now());
        let times = Times {
            wall,
            held_until: wall + LEASE,
            now,
            expires: now + LIFETIME,
        };
        let mut tx = app.db.write().await?;
        let taken = rows::claim(&mut tx, &claim, fingerprint, times).await?;
        tx.commit().await?;
        if taken {
            return Ok(Standing::Taken(claim));
        }
        // Given back in between: the key is free.
        let Some(found) = rows::get(&app.db, &claim).await? else {
            continue;
        };
        if found.fingerprint != fingerprint {
            return Ok(Standing::OtherRequest);
        }
        return Ok(match found.answer {
            Some(sealed) => Standing::Answered(open(app, &claim, sealed).await?),
            None if found.held_until > wall => Standing::UnderWay,
            None if found.took_effect => Standing::AnswerLost,
            // Its attempt died in this moment.
            None => continue,
        });
    }
}

/// Does an attempt's work, and holds its key meanwhile, however long it takes.
pub async fn held<F: Future>(app: &App, claim: &Claim, work: F) -> F::Output {
    let renewing = async {
        loop {
            tokio::time::sleep(RENEWAL).await;
            if let Err(error) = hold(app, claim).await {
                tracing::warn!(%error, "the lease of an Idempotency-Key can't be renewed");
            }
        }
    };
    tokio::select! {
        done = work => done,
        never = renewing => never,
    }
}

async fn hold(app: &App, claim: &Claim) -> Result<(), StoreError> {
    let mut tx = app.db.write().await?;
    rows::hold(&mut tx, claim, wall_now() + LEASE).await?;
    tx.commit().await
}

/// Marks the key of the request that causes a change, in the change's own transaction.
pub(crate) async fn take_effect(tx: &mut Tx) -> Result<(), StoreError> {
    let Some(claim) = super::caller::current().and_then(|caller| caller.claim()) else {
        return Ok(());
    };
    if rows::take_effect(tx, &claim).await? {
        return Ok(());
    }
    Err(StoreError::Unavailable(
        "another request with this Idempotency-Key was begun meanwhile".into(),
    ))
}

/// Keeps the answer of an attempt, for all that repeat the request.
///
/// # Errors
/// The database can't be reached or written to.
pub async fn keep(app: &App, claim: &Claim, answer: &Answer) -> Result<(), StoreError> {
    let text = serde_json::to_string(answer)
        .map_err(|error| StoreError::Corrupt(format!("an answer: {error}")))?;
    let sealed = app.vault.seal(&Secret::new(text), place(claim)).0;
    let mut tx = app.db.write().await?;
    rows::answer(&mut tx, claim, i64::from(answer.status), &sealed).await?;
    tx.commit().await
}

/// Gives back the key of an attempt that failed, unless it changed something before.
///
/// # Errors
/// The database can't be reached or written to.
pub async fn release(app: &App, claim: &Claim) -> Result<(), StoreError> {
    let mut tx = app.db.write().await?;
    rows::release(&mut tx, claim).await?;
    tx.commit().await
}

/// Answers hold secrets, such as a new API key, and are bound to their client.
const fn place(claim: &Claim) -> Place<'static> {
    Place {
        client: claim.client,
        row: Row::Installation,
        field: "keyed_answer",
    }
}

async fn open(app: &App, claim: &Claim, sealed: Vec<u8>) -> Result<Answer, StoreError> {
    let corrupt = |error: String| StoreError::Corrupt(format!("an answer that is kept: {error}"));
    let text = app
        .vault
        .open_sealed(&Sealed(sealed), place(claim), Purpose::Repeat)
        .await
        .map_err(|error| corrupt(error.to_string()))?;
    serde_json::from_str(text.expose()).map_err(|error| corrupt(error.to_string()))
}
