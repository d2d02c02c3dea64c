//! The webhook consumers to which this process's commits have added messages, or whose settings they changed.

use std::collections::HashSet;

use parking_lot::Mutex;
use tokio::sync::Notify;

use store::model::WebhookId;

#[derive(Debug, Default)]
pub struct Outbox {
    consumers: Mutex<HashSet<WebhookId>>,
    filled: Notify,
}

impl Outbox {
    pub(crate) fn add(&self, consumer: WebhookId) {
        self.consumers.lock().insert(consumer);
        self.filled.notify_one();
    }

    /// Resolves once there is something to [`take`](Self::take). For one listener.
    pub(super) async fn filled(&self) {
        self.filled.notified().await;
    }

    pub(super) fn take(&self) -> HashSet<WebhookId> {
        std::mem::take(&mut *self.consumers.lock())
    }
}
