//! What commits make known to this process.

use std::sync::OnceLock;

use crate::model::{CompanyId, WebhookId};

/// Something that a commit makes known to this process: work to do, or a company or consumer to look at. Functions of the store
/// note it in their transaction ([`Tx::announce`]), so that no caller can forget it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// A job was queued.
    Work,
    /// Something of a company changed that its people may be watching.
    Company(CompanyId),
    /// A webhook consumer has something to be sent.
    Webhook(WebhookId),
}

pub(in crate::sql) type Listener = Box<dyn Fn(&News) + Send + Sync>;

/// The one listener of this process's commits: what it hears is durable already.
#[derive(Default)]
pub struct Announcer(OnceLock<Listener>);

impl Announcer {
    /// Sets the listener. The first call counts.
    pub(in crate::sql) fn listen(&self, listener: Listener) {
        let _ = self.0.set(listener);
    }

    pub(super) fn announce(&self, news: &[News]) {
        if let Some(listener) = self.0.get() {
            news.iter().for_each(listener);
        }
    }
}

impl std::fmt::Debug for Announcer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Announcer")
    }
}
