//! Events on their way to webhook consumers and live views.

mod bad_receivers;
mod live_updates;
mod mutual_tls;
mod webhook_consumers;
mod webhook_retries;
mod webhook_signatures;
