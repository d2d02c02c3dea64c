//! Places in the queue, for jobs that may begin and have none: those whose pause is over or whose worker has died, and those that
//! were queued without one.

use chrono::{DateTime, Utc};

use store::jobs::Lease;
use store::model::{ClientId, JobKind};
use store::turns::{self, Class, Lane, Place, Unplaced};
use store::{StoreError, Tx};

/// Jobs that are placed in one transaction.
const AT_ONCE: i64 = 256;

/// Gives the jobs that have become due their turns.
pub(super) async fn place_due(
    tx: &mut Tx,
    times: (DateTime<Utc>, Lease),
) -> Result<(), StoreError> {
    for job in turns::unplaced(tx, times, AT_ONCE).await? {
        let place = match known(&job) {
            Some(place) => place,
            None => find(tx, &job).await?,
        };
        turns::place(tx, job.id, &place).await?;
    }
    Ok(())
}

/// The place that a job had before.
fn known(job: &Unplaced) -> Option<Place> {
    Some(Place {
        lane: Lane::read(job.lane.as_deref()?)?,
        client: job.client_id?,
        connection: job.connection_id?,
    })
}

async fn find(tx: &mut Tx, job: &Unplaced) -> Result<Place, StoreError> {
    let about = turns::about(tx, job).await?;
    let class = match (job.kind, &about) {
        (JobKind::Sync, Some(about)) if about.initial => Class::FirstLink,
        (JobKind::Sync, _) => Class::Schedule,
        (JobKind::Push | JobKind::Revoke | JobKind::TakeOut | JobKind::Reconsider, _) => {
            Class::Write
        }
    };
    Ok(match about {
        Some(about) => Place {
            lane: Lane {
                class,
                platform: about.platform,
            },
            client: about.client_id,
            connection: about.connection_id,
        },
        None => Place {
            lane: Lane {
                class,
                platform: String::new(),
            },
            client: ClientId(job.subject),
            connection: job.subject,
        },
    })
}
