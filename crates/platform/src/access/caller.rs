//! The caller whose request or command causes the work at hand: carried beside the work, so that no function on the way can
//! forget to pass it on.
//!
//! A request's outermost layer and the command line begin a scope; the check of credentials names the caller in it. Work that
//! is detached takes its scope along. Jobs and chores have none: they are Moorline's own.

use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;

use super::company_tokens::Audience;
use super::idempotency::Claim;
use store::model::{ApiKeyId, ClientId};

/// The proof by which a caller is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// The client's software.
    Key(ApiKeyId, ClientId),
    /// An automation service, with its integration key.
    Service(String),
    /// A company's own people, in a front end of the client's.
    Token(Audience),
    /// An operator at the command line: the command, without its arguments.
    Command(&'static str),
}

/// A caller, and the address and the program that it called with.
#[derive(Debug, Default)]
pub struct Caller {
    who: Mutex<Option<Who>>,
    claim: Mutex<Option<Claim>>,
    pub address: Option<IpAddr>,
    /// The `User-Agent` header, shortened.
    pub browser: Option<String>,
}

/// The characters of a `User-Agent` header that are kept.
const BROWSER_CHARS: usize = 300;

impl Caller {
    /// A request, whose caller isn't known yet.
    pub fn from(address: Option<IpAddr>, browser: Option<&str>) -> Self {
        Self {
            who: Mutex::default(),
            claim: Mutex::default(),
            address,
            browser: browser.map(|text| text.chars().take(BROWSER_CHARS).collect()),
        }
    }

    /// An operator who runs a command.
    pub fn of_command(name: &'static str) -> Self {
        Self {
            who: Mutex::new(Some(Who::Command(name))),
            ..Self::default()
        }
    }

    /// Notes the `Idempotency-Key` that the request has taken.
    pub fn hold(&self, claim: Claim) {
        *self.claim.lock() = Some(claim);
    }

    /// The `Idempotency-Key` that the request has taken, which its changes are made under.
    pub(crate) fn claim(&self) -> Option<Claim> {
        self.claim.lock().clone()
    }

    /// The proof that the caller gave. None on hosted pages, where a link's password stands for the person.
    pub fn who(&self) -> Option<Who> {
        self.who.lock().clone()
    }
}

tokio::task_local! {
    static CALLER: Arc<Caller>;
}

/// Does work that a caller causes.
pub async fn called_by<F: Future>(caller: Option<Arc<Caller>>, work: F) -> F::Output {
    match caller {
        Some(caller) => CALLER.scope(caller, work).await,
        None => work.await,
    }
}

/// The caller that causes the work at hand.
pub fn current() -> Option<Arc<Caller>> {
    CALLER.try_with(Arc::clone).ok()
}

/// Names the caller of the work at hand, once its credentials were found good.
pub fn identify(who: Who) {
    let _ = CALLER.try_with(|caller| *caller.who.lock() = Some(who));
}
