//! Who waits for news of which company, and how news travels from process to process. Processes also ask each other here for
//! what they share (`crate::limits::clients`).
//!
//! The record of events is the news; what travels here only says "look". Three ways lead to a look, each making up for the
//! one before it: the process that wrote an event wakes its own listeners and tells the other processes; they wake theirs;
//! and each process looks at the record's end once a second.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use uuid::Uuid;

use crate::app::Shared;
use store::model::{ClientId, CompanyId};
use store::{Db, StoreError, events, news};

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
    untold: Mutex<Untold>,
    telling: Notify,
    /// Clients for whose requests another process needs places, and how many it has.
    wanted: Mutex<Places>,
    asked: Notify,
}

/// Places for requests, by whose requests they are for.
type Places = BTreeMap<ClientId, u32>;

#[derive(Default)]
struct Untold {
    companies: BTreeSet<CompanyId>,
    places: Places,
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
        lock(&self.untold).companies.insert(company);
        self.telling.notify_one();
    }

    /// Asks the other processes for places for requests of the client, of which this one has `held`.
    pub fn ask_for_places(&self, client: ClientId, held: u32) {
        lock(&self.untold).places.insert(client, held);
        self.telling.notify_one();
    }

    /// Resolves when other processes ask for places: for which clients' requests, and how many the asking one has. For one
    /// listener.
    pub async fn places_wanted(&self) -> BTreeMap<ClientId, u32> {
        loop {
            let wanted = std::mem::take(&mut *lock(&self.wanted));
            if !wanted.is_empty() {
                return wanted;
            }
            self.asked.notified().await;
        }
    }

    fn want(&self, places: Places) {
        let mut wanted = lock(&self.wanted);
        for (client, held) in places {
            let least = wanted.entry(client).or_insert(held);
            *least = held.min(*least);
        }
        self.asked.notify_one();
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

/// Tells the other processes which companies have news and what is asked for, many at once where they come fast.
async fn tell(app: &Shared, node: Uuid) {
    loop {
        let untold = std::mem::take(&mut *lock(&app.live.untold));
        if let Db::Postgres(_) = app.db {
            let mut told = Ok(());
            for text in messages(node, untold) {
                told = news::tell(&app.db, &text).await;
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

/// What one process tells the others.
#[derive(Debug, PartialEq, Eq)]
enum News {
    /// None is news too: the beat.
    Companies(Vec<CompanyId>),
    PlacesWanted(Places),
}

/// The word before clients, each with a number. Companies follow without one.
const PLACES: &str = "places";

fn messages(node: Uuid, untold: Untold) -> Vec<String> {
    /// So many go into one message, with room for the process's own id and a word.
    const COMPANIES: usize = news::LONGEST / 33 - 3;
    const CLIENTS: usize = news::LONGEST / 44 - 3;
    let companies: Vec<CompanyId> = untold.companies.into_iter().collect();
    let places: Vec<(ClientId, u32)> = untold.places.into_iter().collect();
    let beat = companies.is_empty() && places.is_empty();
    let companies = companies
        .chunks(COMPANIES)
        .chain(beat.then_some(&[][..]))
        .map(|part| News::Companies(part.to_vec()));
    let places = places
        .chunks(CLIENTS)
        .map(|part| News::PlacesWanted(part.iter().copied().collect()));
    companies
        .chain(places)
        .map(|news| write(node, &news))
        .collect()
}

fn write(node: Uuid, news: &News) -> String {
    let mut words = vec![node.simple().to_string()];
    match news {
        News::Companies(ids) => words.extend(ids.iter().map(|id| id.0.simple().to_string())),
        News::PlacesWanted(places) => {
            words.push(PLACES.into());
            let pairs = places
                .iter()
                .map(|(id, held)| format!("{}:{held}", id.0.simple()));
            words.extend(pairs);
        }
    }
    words.join(" ")
}

/// The process that speaks, and what it says. Nothing where the message is of another make.
fn read(text: &str) -> Option<(Uuid, News)> {
    let mut words = text.split(' ').peekable();
    let node = Uuid::parse_str(words.next()?).ok()?;
    if words.next_if_eq(&PLACES).is_none() {
        let companies = words.map(|word| Uuid::parse_str(word).ok().map(CompanyId));
        return Some((node, News::Companies(companies.collect::<Option<_>>()?)));
    }
    let places = words.map(|word| {
        let (id, held) = word.split_once(':')?;
        Some((ClientId(Uuid::parse_str(id).ok()?), held.parse().ok()?))
    });
    Some((node, News::PlacesWanted(places.collect::<Option<_>>()?)))
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
            Some(Some((speaker, News::Companies(companies)))) if speaker != node => {
                for company in companies {
                    app.live.wake_here(company);
                }
            }
            Some(Some((speaker, News::PlacesWanted(places)))) if speaker != node => {
                app.live.want(places);
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
        let companies: BTreeSet<CompanyId> = (0..300).map(|_| CompanyId(Uuid::new_v4())).collect();
        let places: Places = (0..300)
            .map(|number| (ClientId(Uuid::new_v4()), u32::MAX - number))
            .collect();
        let told = messages(
            node,
            Untold {
                companies: companies.clone(),
                places: places.clone(),
            },
        );
        let (mut told_of, mut wanted) = (BTreeSet::new(), Places::new());
        for text in told {
            assert!(text.len() < news::LONGEST, "{}", text.len());
            match read(&text).unwrap() {
                (speaker, News::Companies(ids)) if speaker == node => told_of.extend(ids),
                (speaker, News::PlacesWanted(ids)) if speaker == node => wanted.extend(ids),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((told_of, wanted), (companies, places));
        let beat = messages(node, Untold::default());
        assert_eq!(beat.len(), 1);
        assert_eq!(read(&beat[0]), Some((node, News::Companies(Vec::new()))));
        for other in [
            "",
            "hello",
            "hello you",
            &format!("{node} you"),
            &format!("{node} places you:1"),
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
