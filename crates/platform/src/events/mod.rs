//! Events, recorded in the transaction that makes them happen.
//!
//! A payload is the contract's webhook payload without its addresses: those carry one-time passwords, which are made when a
//! message is sent and are stored nowhere.

pub(crate) mod batches;
pub mod change;
mod fanout;
pub mod live;
pub(crate) mod nodes;
pub mod outbox;
mod payload;
mod recording;
pub mod webhooks;

pub use recording::{DisabledWebhook, ProductChange, Quota, Write};

use chrono::{DateTime, Utc};

use crate::connecting::machines::Times;
use crate::disclosure::Missing;
use crate::disclosure::additional::Asked;
use recording::{
    additional_consent, consent_required, credential_expiring, grant_ended, of_batch, of_company,
    of_connection, of_data, of_data_request, of_product, of_rate_limit, of_token_refresh, of_write,
    platform_requested, sync_paused, times_changed, webhook_disabled,
};
use store::companies::Company;
use store::connections::Connection;
use store::data_requests::DataRequest;
use store::datasets::Dataset;
use store::held::Held;
use store::model::event::Expiring;
use store::model::{Actor, ClientId, ConnectionStatus, EventType};
use store::{StoreError, Tx};

/// Something that happened, to be recorded through a [`Change`](crate::change::Change).
pub enum Event<'a> {
    /// To a company itself. A deleted company's event is written before its rows go.
    Company(&'a Company, EventType),
    /// `CompanyProductAdded` or `CompanyProductRemoved`.
    Product(&'a Company, EventType, ProductChange<'a>),
    /// `DataRequestCreated` or `DataRequestAnswered`.
    DataRequest(&'a DataRequest, EventType),
    /// A company's people have said which platform they use, that isn't on offer.
    PlatformRequested(&'a Company, &'a str),
    /// To a connection, whose status was `from` before.
    Connection {
        connection: &'a Connection,
        kind: EventType,
        from: Option<ConnectionStatus>,
        reason: Option<&'a str>,
    },
    /// An access token can't be renewed (`TokenRefreshFailing`, once per degradation, not per try), or can again
    /// (`TokenRefreshRecovered`).
    TokenRefresh {
        connection: &'a Connection,
        kind: EventType,
        /// The time of the first failure.
        since: DateTime<Utc>,
        reason: Option<&'a str>,
    },
    /// A grant will end; once per grant and warning.
    CredentialExpiring {
        connection: &'a Connection,
        what: Expiring,
        expires: DateTime<Utc>,
        reason: &'a str,
    },
    /// A grant has come to its end; `remedy` is what the company's own people can do about one that isn't proven.
    GrantEnded {
        grant: &'a Held,
        remedy: Option<&'a str>,
        reason: &'a str,
    },
    /// Pulling a data type waits until `next_attempt`.
    SyncPaused {
        connection: &'a Connection,
        data_type: &'a str,
        reason: &'a str,
        next_attempt: DateTime<Utc>,
    },
    /// Data pulled through a connection will be deleted at `expires`, or was (`DataDeleted`).
    Data {
        connection: &'a Connection,
        kind: EventType,
        expires: DateTime<Utc>,
        reason: &'a str,
    },
    /// More is wanted of a connection than its customer agreed to, or its platform allowed; once for each difference.
    ConsentRequired {
        connection: &'a Connection,
        missing: &'a Missing,
        reason: &'a str,
    },
    /// A customer agreed to a further purpose (`AdditionalConsentGiven`), or refused it (`AdditionalConsentRefused`).
    AdditionalConsent {
        connection: &'a Connection,
        kind: EventType,
        asked: &'a Asked,
    },
    /// The times at which a machine may be asked were changed.
    TimesChanged {
        connection: &'a Connection,
        times: &'a Times,
        reason: &'a str,
    },
    /// A write to a platform ended: `{dataType}.write.successful` if its status is `Success`, else `.unsuccessful`.
    Write(&'a Connection, Write<'a>, Option<&'a str>),
    /// A client's quota for the day is used up (`RateLimitReached`) or renewed (`RateLimitReset`).
    RateLimit(ClientId, EventType, Quota),
    /// A consumer was disabled for its answers, with the reason.
    WebhookDisabled(DisabledWebhook<'a>, &'a str),
    /// All pulls that were queued together have ended: one event for each connection, since each has a history of its own.
    Batch(&'a [Dataset]),
}

impl Event<'_> {
    /// Records the event in a transaction of the caller's, with the messages to webhook consumers. For parts that the App stands on;
    /// everything else has a [`Change`](crate::change::Change).
    pub(crate) async fn record(
        self,
        tx: &mut Tx,
        actor: Actor,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        match self {
            Self::Company(company, kind) => of_company(tx, company, kind, actor, now).await,
            Self::Product(company, kind, change) => {
                of_product(tx, company, kind, &change, actor, now).await
            }
            Self::DataRequest(request, kind) => {
                of_data_request(tx, request, kind, actor, now).await
            }
            Self::PlatformRequested(company, platform) => {
                platform_requested(tx, company, platform, actor, now).await
            }
            Self::Connection {
                connection,
                kind,
                from,
                reason,
            } => of_connection(tx, connection, kind, from, actor, reason, now).await,
            Self::TokenRefresh {
                connection,
                kind,
                since,
                reason,
            } => of_token_refresh(tx, connection, kind, since, reason, now).await,
            Self::CredentialExpiring {
                connection,
                what,
                expires,
                reason,
            } => credential_expiring(tx, connection, what, expires, reason, now).await,
            Self::GrantEnded {
                grant,
                remedy,
                reason,
            } => grant_ended(tx, grant, remedy, actor, reason, now).await,
            Self::SyncPaused {
                connection,
                data_type,
                reason,
                next_attempt,
            } => sync_paused(tx, connection, data_type, reason, next_attempt, now).await,
            Self::Data {
                connection,
                kind,
                expires,
                reason,
            } => of_data(tx, connection, kind, expires, reason, now).await,
            Self::ConsentRequired {
                connection,
                missing,
                reason,
            } => consent_required(tx, connection, missing, actor, reason, now).await,
            Self::AdditionalConsent {
                connection,
                kind,
                asked,
            } => additional_consent(tx, connection, kind, asked, actor, now).await,
            Self::TimesChanged {
                connection,
                times,
                reason,
            } => times_changed(tx, connection, times, actor, reason, now).await,
            Self::Write(connection, write, reason) => {
                of_write(tx, connection, &write, actor, reason, now).await
            }
            Self::RateLimit(client, kind, quota) => {
                of_rate_limit(tx, client, kind, &quota, now).await
            }
            Self::WebhookDisabled(webhook, reason) => {
                webhook_disabled(tx, &webhook, reason, now).await
            }
            Self::Batch(datasets) => of_batch(tx, datasets, now).await,
        }
    }
}
