//! Counts clients' requests, so that a test can assert "exactly once".

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};
use parking_lot::{Mutex, MutexGuard};
use serde::Serialize;

/// Calls kept for the control page.
const RECENT: usize = 100;
/// Keys come from requests, so their number is bounded; the rest count as `other`.
const KEYS: usize = 500;

#[derive(Default)]
pub(crate) struct Calls(Mutex<Counted>);

#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Counted {
    /// Authorization requests.
    pub(crate) authorize: Tally,
    /// By `grant_type`.
    pub(crate) token: BTreeMap<String, Tally>,
    pub(crate) revoke: Tally,
    pub(crate) userinfo: Tally,
    /// By route, such as `/accounting/v2/invoices`.
    pub(crate) api: BTreeMap<String, Tally>,
    /// Requests turned away by an outage.
    pub(crate) outage: u64,
    /// Newest first.
    pub(crate) recent: VecDeque<Recent>,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Tally {
    /// Counted on arrival.
    pub(crate) received: u64,
    /// Counted with the answer: by OAuth error, else by status; `lost` for an answer dropped on purpose.
    pub(crate) answers: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Recent {
    pub(crate) at: DateTime<Utc>,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) answer: String,
    /// Client or business, if it is known.
    pub(crate) who: Option<String>,
}

/// The kinds of requests that are counted.
#[derive(Debug, Clone)]
pub(crate) enum Counter {
    Authorize,
    Token(String),
    Revoke,
    UserInfo,
    Api(String),
}

impl Calls {
    pub(crate) fn received(&self, counter: &Counter) {
        self.counted().tally(counter).received += 1;
    }

    pub(crate) fn answered(&self, counter: &Counter, call: Recent) {
        let mut counted = self.counted();
        let tally = counted.tally(counter);
        *tally.answers.entry(call.answer.clone()).or_default() += 1;
        counted.recent.push_front(call);
        counted.recent.truncate(RECENT);
    }

    pub(crate) fn turned_away(&self) {
        self.counted().outage += 1;
    }

    pub(crate) fn so_far(&self) -> Counted {
        self.counted().clone()
    }

    pub(crate) fn reset(&self) {
        *self.counted() = Counted::default();
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.0.lock()
    }
}

impl Counted {
    fn tally(&mut self, counter: &Counter) -> &mut Tally {
        fn keyed<'a>(map: &'a mut BTreeMap<String, Tally>, key: &str) -> &'a mut Tally {
            let full = map.len() >= KEYS && !map.contains_key(key);
            map.entry(if full { "other" } else { key }.to_owned())
                .or_default()
        }
        match counter {
            Counter::Authorize => &mut self.authorize,
            Counter::Token(grant_type) => keyed(&mut self.token, grant_type),
            Counter::Revoke => &mut self.revoke,
            Counter::UserInfo => &mut self.userinfo,
            Counter::Api(path) => keyed(&mut self.api, path),
        }
    }

    /// Calls to the APIs, all routes together.
    pub(crate) fn api_received(&self) -> u64 {
        self.api.values().map(|tally| tally.received).sum()
    }

    pub(crate) fn token_received(&self, grant_type: &str) -> u64 {
        self.token.get(grant_type).map_or(0, |tally| tally.received)
    }
}
