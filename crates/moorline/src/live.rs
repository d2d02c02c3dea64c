//! Who waits for news of which company, and how news travels from process to process.
//!
//! The record of events is the news; what travels here only says "look". Three ways lead to a look, each making up for the
//! one before it: the process that wrote an event wakes its own listeners and tells the other processes; they wake theirs;
//! and each process looks at the record's end once a second.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use uuid::Uuid;

use crate::app::Shared;
use crate::model::CompanyId;
use crate::store::{Db, StoreError, events, news};

/// How often the record's end is looked at unasked.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How many events its end is.
const END: i64 = 256;
/// How often a process tells everybody, itself too, that it is there.
const BEAT: Duration = Duration::from_secs(15);
/// A process that doesn't hear itself for so long hears nobody, and tries a new connection.
const SILENCE: Duration = Duration::from_secs(40);
const AGAIN: Duration = Duration::from_secs(2);

/// The listeners of this process: a channel for each company, so that one company's news wakes nobody else.
#[derive(Default)]
pub struct Live {
    companies: Mutex<HashMap<CompanyId, Weak<Notify>>>,
    /// What other processes are yet to be told.
    untold: Mutex<BTreeSet<CompanyId>>,
    telling: Notify,
}

impl Live {
    /// Wakes up when something was recorded about the company.
    pub fn subscribe(&self, company: CompanyId) -> Arc<Notify> {
        let mut companies = lock(&self.companies);
        if let Some(notify) = companies.get(&company).and_then(Weak::upgrade) {
            return notify;
        }
        companies.retain(|_, weak| weak.strong_count() > 0);
        let notify = Arc::new(Notify::new());
        companies.insert(company, Arc::downgrade(&notify));
        notify
    }

    /// Call after the commit.
    pub fn wake(&self, company: CompanyId) {
        self.wake_here(company);
        lock(&self.untold).insert(company);
        self.telling.notify_one();
    }

    fn wake_here(&self, company: CompanyId) {
        let listeners = lock(&self.companies).get(&company).and_then(Weak::upgrade);
        if let Some(notify) = listeners {
            notify.notify_waiters();
        }
    }

    fn wake_all_here(&self) {
        let all: Vec<_> = lock(&self.companies)
            .values()
            .filter_map(Weak::upgrade)
            .collect();
        for notify in all {
            notify.notify_waiters();
        }
    }

    fn somebody_listens(&self) -> bool {
        lock(&self.companies)
            .values()
            .any(|weak| weak.strong_count() > 0)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Carries news between processes until the program is to stop.
pub async fn relay(app: Shared) {
    let mut stop = app.stop.subscribe();
    let node = Uuid::new_v4();
    tokio::select! {
        () = look(&app) => {}
        () = tell(&app, node) => {}
        () = hear(&app, node) => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

/// Wakes the listeners of what appeared at the record's end.
async fn look(app: &Shared) {
    let mut known: HashSet<i64> = HashSet::new();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if !app.live.somebody_listens() {
            continue;
        }
        match events::latest(&app.db, END).await {
            Ok(signs) => {
                for sign in signs.iter().filter(|sign| !known.contains(&sign.id)) {
                    app.live.wake_here(sign.company_id);
                }
                known = signs.into_iter().map(|sign| sign.id).collect();
            }
            Err(error) => tracing::error!(%error, "events can't be read"),
        }
    }
}

/// Tells the other processes which companies have news, many at once where they come fast.
async fn tell(app: &Shared, node: Uuid) {
    /// So many ids go into one message, with room for this process's own.
    const MANY: usize = news::LONGEST / 33 - 2;
    loop {
        let untold: Vec<CompanyId> = std::mem::take(&mut *lock(&app.live.untold))
            .into_iter()
            .collect();
        if let Db::Postgres(_) = app.db {
            let mut told = Ok(());
            // None is a message too: the beat.
            let parts = untold
                .chunks(MANY)
                .chain(untold.is_empty().then_some(&[][..]));
            for part in parts {
                told = news::tell(&app.db, &message(node, part)).await;
                if told.is_err() {
                    break;
                }
            }
            if let Err(error) = told {
                tracing::warn!(%error, "other processes could not be told of news; they will look for it themselves");
                tokio::time::sleep(AGAIN).await;
            }
        }
        let _ = tokio::time::timeout(BEAT, app.live.telling.notified()).await;
    }
}

fn message(node: Uuid, companies: &[CompanyId]) -> String {
    let mut text = node.simple().to_string();
    for company in companies {
        text.push(' ');
        text.push_str(&company.0.simple().to_string());
    }
    text
}

/// The process that speaks, and what it speaks of. Nothing where the message is of another make.
fn read(text: &str) -> Option<(Uuid, Vec<CompanyId>)> {
    let mut ids = text.split(' ').map(|id| Uuid::parse_str(id).ok());
    let node = ids.next()??;
    let companies = ids.map(|id| id.map(CompanyId)).collect::<Option<_>>()?;
    Some((node, companies))
}

/// Wakes the listeners of what other processes tell.
async fn hear(app: &Shared, node: Uuid) {
    loop {
        match listen(app, node).await {
            // One process has an SQLite database for itself.
            Ok(None) => std::future::pending().await,
            Ok(Some(())) => {
                tracing::warn!("nothing is heard from the database any more; listening anew")
            }
            Err(error) => tracing::warn!(%error, "can't listen to the database; trying again"),
        }
        app.live.wake_all_here();
        tokio::time::sleep(AGAIN).await;
    }
}

async fn listen(app: &Shared, node: Uuid) -> Result<Option<()>, StoreError> {
    let Some(mut ear) = news::Ear::open(&app.db).await? else {
        return Ok(None);
    };
    // Whatever was told before is missed.
    app.live.wake_all_here();
    while let Ok(heard) = tokio::time::timeout(SILENCE, ear.next()).await {
        match heard?.as_deref().map(read) {
            Some(Some((speaker, companies))) if speaker != node => {
                for company in companies {
                    app.live.wake_here(company);
                }
            }
            Some(_) => {}
            None => app.live.wake_all_here(),
        }
    }
    Ok(Some(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_who_speaks_and_of_whom_and_fits() {
        let node = Uuid::new_v4();
        let companies: Vec<CompanyId> = (0..240).map(|_| CompanyId(Uuid::new_v4())).collect();
        let text = message(node, &companies);
        assert!(text.len() < news::LONGEST, "{}", text.len());
        assert_eq!(read(&text), Some((node, companies)));
        assert_eq!(read(&message(node, &[])), Some((node, Vec::new())));
        for other in ["", "hello", "hello you", &format!("{node} you")] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
