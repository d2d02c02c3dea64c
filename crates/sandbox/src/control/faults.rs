//! Faults on demand: those armed, their targets and counts.

use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::books::wrong::Wrong;
use crate::config::Product;

/// The stage of a connection's life at which a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Authorization,
    Token,
    Api,
    /// In the books, whatever the request.
    Books,
    /// Before anything else, on every path but the control's.
    Everywhere,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The authorization request comes back with `access_denied`.
    Deny,
    /// The authorization request comes back with this error (RFC 6749, section 4.1.2.1).
    AuthorizationError {
        error: AuthorizationError,
    },
    TokenDelay {
        delay_ms: u64,
    },
    TokenError {
        error: TokenError,
    },
    /// The tokens are issued, the answer with them is lost.
    TokenAnswerLost,
    /// 429 with `Retry-After`.
    ApiRateLimit {
        retry_after_seconds: u32,
    },
    /// A 5xx status.
    ApiError {
        status: u16,
    },
    /// 200, with a body that ends in the middle.
    ApiMalformed,
    /// The request is done, the answer is lost.
    ApiAnswerLost,
    ApiDelay {
        delay_ms: u64,
    },
    /// A record says something else than the ledger: the books don't add up.
    WrongBooks {
        record: Wrong,
    },
    Outage {
        mode: OutageMode,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AuthorizationError {
    ServerError,
    TemporarilyUnavailable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TokenError {
    /// 500.
    ServerError,
    /// 503.
    TemporarilyUnavailable,
    /// 400, although nothing is wrong with the grant.
    InvalidGrant,
    /// 401.
    InvalidClient,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OutageMode {
    /// Every request gets 503.
    Unavailable,
    /// Every connection closes without an answer.
    Closed,
}

/// An armed fault. An absent filter matches everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Fault {
    pub(crate) id: u64,
    #[serde(flatten)]
    pub(crate) kind: Kind,
    /// Strikes that are left; absent: until cleared.
    pub(crate) times: Option<u32>,
    pub(crate) product: Option<Product>,
    pub(crate) business: Option<String>,
    /// Start of the request path; only at the APIs and for outages.
    pub(crate) path: Option<String>,
    /// Strikes so far.
    pub(crate) struck: u64,
}

/// The target of a request, as far as it is known at its stage.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Target<'a> {
    pub(crate) product: Option<Product>,
    pub(crate) business: Option<&'a str>,
    pub(crate) path: &'a str,
}

impl Kind {
    pub(crate) fn stage(&self) -> Stage {
        match self {
            Self::Deny | Self::AuthorizationError { .. } => Stage::Authorization,
            Self::TokenDelay { .. } | Self::TokenError { .. } | Self::TokenAnswerLost => {
                Stage::Token
            }
            Self::ApiRateLimit { .. }
            | Self::ApiError { .. }
            | Self::ApiMalformed
            | Self::ApiAnswerLost
            | Self::ApiDelay { .. } => Stage::Api,
            Self::WrongBooks { .. } => Stage::Books,
            Self::Outage { .. } => Stage::Everywhere,
        }
    }

    /// A delay lets the request go on; anything else decides its answer.
    fn is_delay(&self) -> bool {
        matches!(self, Self::TokenDelay { .. } | Self::ApiDelay { .. })
    }

    /// Strikes by default: outages, delays and wrong books until cleared, the others once.
    pub(crate) fn usual_times(&self) -> Option<u32> {
        match self {
            Self::Outage { .. } | Self::WrongBooks { .. } => None,
            _ if self.is_delay() => None,
            _ => Some(1),
        }
    }
}

impl Fault {
    fn matches(&self, target: Target<'_>) -> bool {
        self.product
            .is_none_or(|product| target.product == Some(product))
            && (self.business.as_deref()).is_none_or(|business| target.business == Some(business))
            && (self.path.as_deref()).is_none_or(|path| target.path.starts_with(path))
    }
}

#[derive(Default)]
pub(crate) struct Faults {
    armed: Mutex<Armed>,
    cleared: Notify,
}

#[derive(Default)]
struct Armed {
    last_id: u64,
    faults: Vec<Fault>,
}

impl Faults {
    /// Arms a fault; its id and count are set here.
    pub(crate) fn arm(&self, fault: Fault) -> Fault {
        let mut armed = self.armed();
        armed.last_id += 1;
        let fault = Fault {
            id: armed.last_id,
            struck: 0,
            ..fault
        };
        armed.faults.push(fault.clone());
        fault
    }

    /// In the order in which they were armed.
    pub(crate) fn list(&self) -> Vec<Fault> {
        self.armed().faults.clone()
    }

    /// Requests that a delay holds go on at once.
    pub(crate) fn clear(&self) {
        self.armed().faults.clear();
        self.cleared.notify_waiters();
    }

    /// Delays a request by `delay_ms`, or until all faults are cleared.
    pub(crate) async fn hold(&self, delay_ms: u64) {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(delay_ms)) => {}
            () = self.cleared.notified() => {}
        }
    }

    /// `false` if there is no such fault.
    pub(crate) fn clear_one(&self, id: u64) -> bool {
        let mut armed = self.armed();
        let before = armed.faults.len();
        armed.faults.retain(|fault| fault.id != id);
        armed.faults.len() < before
    }

    /// Strikes a request: with every delay that matches and the first decisive fault.
    pub(crate) fn strike(&self, stage: Stage, target: Target<'_>) -> Vec<Kind> {
        let mut armed = self.armed();
        let mut struck: Vec<Kind> = Vec::new();
        let mut decided = false;
        for fault in &mut armed.faults {
            let applies = fault.kind.stage() == stage
                && fault.matches(target)
                && (fault.kind.is_delay() || !decided);
            if !applies {
                continue;
            }
            decided |= !fault.kind.is_delay();
            fault.struck += 1;
            fault.times = fault.times.map(|times| times.saturating_sub(1));
            struck.push(fault.kind.clone());
        }
        armed.faults.retain(|fault| fault.times != Some(0));
        struck
    }

    fn armed(&self) -> MutexGuard<'_, Armed> {
        self.armed.lock()
    }
}
