//! Events on their way to webhook consumers and live views.

pub(crate) mod live_updates;
mod mutual_tls;
mod webhook_consumers;
mod webhook_retries;
