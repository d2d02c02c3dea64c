//! The handles that every request receives.

use std::io;
use std::sync::Arc;

use crate::books::wrong::Wrong;
use crate::books::{Business, Library};
use crate::config::Config;
use crate::control::calls::Calls;
use crate::control::faults::{Faults, Kind};
use crate::pages::session::Sessions;
use crate::state::State;

pub(crate) type Shared = Arc<Platform>;

pub(crate) struct Platform {
    pub(crate) config: Config,
    pub(crate) state: State,
    pub(crate) sessions: Sessions,
    pub(crate) faults: Faults,
    pub(crate) calls: Calls,
    pub(crate) library: Arc<Library>,
}

impl Platform {
    /// Opens the state and restores the books of the last run.
    pub(crate) async fn open(config: Config) -> io::Result<Shared> {
        let state = State::open(&config).await?;
        let library = Arc::new(Library::with_clock(config.seed, config.clock.clone()));
        for (business, days) in state.advanced() {
            if !library.advance(&business, days) {
                tracing::warn!(%business, "the state file names a business that the sandbox doesn't have; it is ignored");
            }
        }
        for (business, written) in state.written() {
            if !library.restore(&business, written) {
                tracing::warn!(%business, "the state file names a business that the sandbox doesn't have; it is ignored");
            }
        }
        Ok(Arc::new(Self {
            sessions: Sessions::new(&config),
            faults: Faults::default(),
            calls: Calls::default(),
            library,
            state,
            config,
        }))
    }

    /// Carries the faults that concern books into the books. Call it after faults were armed or cleared.
    pub(crate) fn settle_books(&self) {
        let faults = self.faults.list();
        for business in self.library.businesses() {
            let of_business = faults.iter().filter(|fault| {
                let named = fault.business.as_deref();
                named.is_none_or(|named| named == business.id)
            });
            let wrongs: Vec<Wrong> = of_business
                .filter_map(|fault| match fault.kind {
                    Kind::WrongBooks { record } => Some(record),
                    _ => None,
                })
                .collect();
            self.library.set_wrongs(business.id, &wrongs);
        }
    }

    pub(crate) fn business(&self, id: &str) -> Option<&Business> {
        self.library
            .businesses()
            .iter()
            .find(|business| business.id == id)
    }
}
