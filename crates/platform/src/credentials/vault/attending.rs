//! A node's part in a change of keys: it learns of them, notes which it seals with, and goes on with what was interrupted.

use std::time::Duration;

use chrono::{DateTime, TimeDelta};

use super::rotation::{RotationError, go_on};
use crate::app::{App, Shared};
use store::meta;
use store::sealing_keys::{self as rows, FORMER, Node};

/// Nodes look for new keys this often.
const LOOK: Duration = Duration::from_secs(2);

/// Learns of new keys, notes the key that this node seals with, and goes on with a rotation that was interrupted, until the program
/// stops.
pub async fn attend(app: Shared) {
    let mut stop = app.stop.subscribe();
    let mut attendant = Attendant::default();
    while !*stop.borrow() {
        // A walk through everything ends at a stop: what was sealed anew stays so.
        let looked = tokio::select! {
            looked = attendant.look(&app) => looked,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        if let Err(error) = looked {
            attendant.report(&error);
        }
        tokio::select! {
            _ = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Takes this node off the list of those that seal, once nothing of it is under way any more.
pub async fn leave(app: &App) {
    // What it keeps beside the database would be lost with an old key: then the note stays.
    if app.spool.len() > 0 {
        return;
    }
    let forgotten = async {
        let mut tx = app.db.write().await?;
        rows::forget_node(&mut tx, &name_of(app)).await?;
        tx.commit().await
    };
    if let Err(error) = forgotten.await {
        tracing::warn!(%error, "this node could not be taken off the list of those that seal");
    }
}

#[derive(Default)]
struct Attendant {
    seen: Vec<(String, String, String)>,
    noted: Option<Node>,
    reported: Option<String>,
}

/// In `meta`: the node that goes on with a rotation, and until when.
const WALKER: &str = "sealing.walker";
const WALK_LEASE: TimeDelta = TimeDelta::seconds(60);

impl Attendant {
    /// Reports a failure once, until another one.
    fn report(&mut self, error: &RotationError) {
        let text = error.to_string();
        if self.reported.as_ref() != Some(&text) {
            tracing::error!(%error, "the sealing keys could not be looked after; it is tried again every {} seconds", LOOK.as_secs());
            self.reported = Some(text);
        }
    }

    async fn look(&mut self, app: &App) -> Result<(), RotationError> {
        let keys = rows::list(&app.db).await?;
        let seen: Vec<_> = keys
            .iter()
            .map(|key| (key.id.clone(), key.state.clone(), key.root.clone()))
            .collect();
        if seen != self.seen {
            app.vault.learn().await?;
            self.seen = seen;
        }
        self.note(app).await?;
        self.reported = None;
        let is_under_way = keys
            .iter()
            .any(|key| key.state == FORMER && key.emptied.is_none());
        if is_under_way && self.is_walker(app).await? {
            go_on(app, |_| {}).await?;
        }
        Ok(())
    }

    async fn note(&mut self, app: &App) -> Result<(), RotationError> {
        let (ring, now) = (app.vault.ring(), app.clock.now());
        let node = Node {
            name: name_of(app),
            key_id: ring.active().name(),
            known: ring.names().join(","),
            kept: i64::try_from(app.spool.len()).unwrap_or(i64::MAX),
            since: now,
        };
        let is_same = self.noted.as_ref().is_some_and(|noted| {
            let same_key = noted.key_id == node.key_id && noted.known == node.known;
            noted.name == node.name && same_key && noted.kept == node.kept
        });
        // It may have been taken off the list, as one that is gone.
        let listed = rows::nodes(&app.db).await?;
        let is_listed = listed
            .iter()
            .any(|listed| listed.name == node.name && listed.key_id == node.key_id);
        if is_same && is_listed {
            return Ok(());
        }
        let since = match &self.noted {
            Some(noted) if noted.key_id == node.key_id => noted.since,
            _ => now,
        };
        let node = Node { since, ..node };
        let mut tx = app.db.write().await?;
        rows::put_node(&mut tx, &node).await?;
        for path in app.spool.left_empty() {
            rows::forget_node(&mut tx, &name_at(&path.display().to_string())).await?;
        }
        tx.commit().await?;
        self.noted = Some(node);
        Ok(())
    }

    /// True if this node is the one that goes on with a rotation now.
    async fn is_walker(&self, app: &App) -> Result<bool, RotationError> {
        let now = store::clock::wall_now();
        let before = meta::get(&app.db, WALKER).await?;
        let own = name_of(app);
        if let Some((until, name)) = before.as_deref().and_then(|text| text.split_once(' '))
            && let Ok(until) = until.parse::<DateTime<chrono::Utc>>()
            && until > now
            && name != own
        {
            return Ok(false);
        }
        let claim = format!("{} {own}", (now + WALK_LEASE).to_rfc3339());
        let mut tx = app.db.write().await?;
        let claimed = meta::replace(&mut tx, WALKER, before.as_deref(), &claim).await?;
        tx.commit().await?;
        Ok(claimed)
    }
}

/// Names this process among those that share the database: by its machine, and by the file that it keeps answers in.
fn name_of(app: &App) -> String {
    match app.spool.path() {
        Some(path) => name_at(&path.display().to_string()),
        None => name_at(&app.config.listen.to_string()),
    }
}

fn name_at(place: &str) -> String {
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match machine.trim() {
        "" => place.to_owned(),
        machine => format!("{machine}:{place}"),
    }
}
