//! Errors of the platform and the store, as refusals in the contract's words.

use super::{ApiError, ErrorKind, correlation_id};
use crate::resources::companies::relations;
use crate::resources::files::Refused;
use crate::resources::files::multipart::Broken;
use platform::access::keys::{self, KeyError};
use platform::companies::CompanyError;
use platform::companies::clients::NotChanged;
use platform::companies::products::ProductError;
use platform::connecting::machines::TimesError;
use platform::connecting::{CallbackError, ConfirmError, ImportError, LinkError};
use platform::data::files;
use platform::data::pulling::settings::SettingsError;
use platform::data::pulling::{QueueError, RefreshError};
use platform::data::pushing;
use platform::disclosure::additional::AdditionalError;
use platform::disclosure::settings::SettingsError as DisclosureError;
use platform::events::webhooks::WebhookError;
use platform::limits::clients::Refusal;
use store::StoreError;
use store::query::QueryError;

const CHANGED_MEANWHILE: &str = "Another change came in between; please retry.";

impl From<NotChanged> for ApiError {
    fn from(error: NotChanged) -> Self {
        match error {
            NotChanged::Store(error) => error.into(),
            NotChanged::Gone => Self::unauthorized(),
            NotChanged::NeedsPage => Self::invalid(
                "redirectUrl",
                "Strict linking needs a redirectUrl: customers come back to it, and their links end there. Give another address, or end strict linking first (PUT /profile/linking).",
            ),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, correlation_id = correlation_id(), "the store failed");
        match ErrorKind::from(&error) {
            ErrorKind::Full => Self::full(
                "The disk of the database is full, and nothing was changed; please retry later.",
            ),
            ErrorKind::Unavailable => Self::unavailable(
                "The database can't be reached at the moment; please retry later.",
            ),
            ErrorKind::Conflict => Self::conflict(CHANGED_MEANWHILE),
            _ => Self::internal(),
        }
    }
}

impl From<ImportError> for ApiError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Link(error) => error.into(),
            ImportError::TokenRefused => {
                Self::invalid("accessToken", format!("Nothing was changed: {error}."))
            }
            ImportError::NotUnderstood(_) => {
                Self::bad_request(format!("Nothing was changed: {error}."))
            }
            ImportError::Unavailable(_) => {
                Self::unavailable(format!("Nothing was changed: {error}."))
            }
            ImportError::OtherBusiness { .. } => {
                Self::conflict(format!("{error}; make a new connection for it.")).of("ClientsApi")
            }
        }
    }
}

impl From<ConfirmError> for ApiError {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::Store(error) | ConfirmError::Callback(CallbackError::Store(error)) => {
                error.into()
            }
            ConfirmError::NothingHeld | ConfirmError::Callback(_) => Self::conflict(format!(
                "Nothing was changed: {}.",
                ConfirmError::NothingHeld
            )),
        }
    }
}

impl From<ProductError> for ApiError {
    fn from(error: ProductError) -> Self {
        match error {
            ProductError::Store(error) => error.into(),
            ProductError::NoCompany => Self::not_found("No company was found"),
            ProductError::NotEnabled(_) => Self::not_found(format!(
                "Error processing request - {error}; enable it with PUT first."
            )),
            ProductError::NotRefreshable(_) => Self::bad_request(format!("{error}.")),
            ProductError::NoDataType { .. } => Self::invalid("dataTypes", format!("{error}.")),
            // The contract's words.
            ProductError::InProgress => Self::bad_request(
                "Data cannot be refreshed while a read operation is in progress. Allow the read to complete before attempting to refresh.",
            ),
            ProductError::NothingLinked(_) => {
                Self::bad_request(format!("Error processing request - {error}.")).of("PullApi")
            }
        }
    }
}

impl From<KeyError> for ApiError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Store(error) => error.into(),
            // Both texts are the contract's.
            KeyError::LongName => Self::bad_request(format!(
                "Max string length ({}) for `name` reached.",
                keys::MAX_NAME_CHARS
            )),
            KeyError::TooMany => Self::conflict(
                "Maximum number of API keys reached. To create a new API key, delete an unused key and try again.",
            ),
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Store(error) => error.into(),
            Refusal::TooMany => Self::too_many(1),
            Refusal::UsedUp { standing, wait } => {
                Self::too_many_for(wait.num_seconds(), Some(standing))
            }
        }
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        let service = match &error {
            QueryError::UnknownProperty { .. } => "PullApi",
            QueryError::Malformed(_) | QueryError::TooLong => "ClientsApi",
        };
        let refusal = match &error {
            // The contract's words, and beside them the place.
            QueryError::Malformed(fault) => Self {
                message: error.to_string(),
                ..Self::invalid(fault.parameter, format!("{fault}."))
            },
            _ => Self::bad_request(error.to_string()),
        };
        refusal.of(service)
    }
}

impl From<LinkError> for ApiError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Store(error) => error.into(),
            LinkError::NoCompany => Self::not_found("No company was found"),
            LinkError::NoConnection => {
                Self::not_found("The connection was deleted in the meantime.")
            }
            // The contract documents no 400 here, and typed clients know the statuses that it documents.
            LinkError::NoIntegration(_) | LinkError::NotEnabled(_) => {
                Self::not_found(format!("Error processing request - {error}."))
            }
            LinkError::NotConfigured(_) => {
                Self::bad_request(format!("Error processing request - {error}.")).of("ClientsApi")
            }
            LinkError::SecondAccounting { platform } => Self::conflict(format!(
                "A company can have one accounting connection, and this one is already connected to {platform}; \
                 disconnect that connection first."
            ))
            .of("ClientsApi"),
            LinkError::NotAllowed(refusal) => Self::bad_request(format!(
                "Only a connection that is Linked or Deauthorized can be unlinked; this one is {}.",
                refusal.from
            ))
            .of("ClientsApi"),
            LinkError::Spent => Self::bad_request("The link was used before or has expired."),
            LinkError::Raced => Self::conflict(CHANGED_MEANWHILE),
        }
    }
}

impl From<TimesError> for ApiError {
    fn from(error: TimesError) -> Self {
        let field = match &error {
            TimesError::Store(_) => None,
            TimesError::NoMachine => {
                return Self::not_found(
                    "No program on a customer's machine calls for this connection.",
                );
            }
            TimesError::NotLinked => {
                return Self::conflict(
                    "Times can be set for a connection that is Linked; this one isn't.",
                );
            }
            TimesError::Pause => Some("pausedUntil"),
            TimesError::TimeZone(_) => Some("hours.timeZone"),
            TimesError::Time(_) | TimesError::NoHours => Some("hours"),
        };
        match (error, field) {
            (TimesError::Store(error), _) => error.into(),
            (error, field) => Self::invalid(
                field.unwrap_or("body"),
                format!("The times can't be kept to: {error}."),
            ),
        }
    }
}

impl From<pushing::Refusal> for ApiError {
    fn from(error: pushing::Refusal) -> Self {
        match error {
            pushing::Refusal::Store(error) => error.into(),
            pushing::Refusal::NotSupported { .. } => {
                Self::not_found(error.to_string()).of("PushApi")
            }
            pushing::Refusal::NotLinked(_)
            | pushing::Refusal::SwitchedOff { .. }
            | pushing::Refusal::NotAgreed(_) => Self::bad_request(error.to_string()).of("PushApi"),
        }
    }
}

impl From<Broken> for ApiError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Kind => Self::new(
                ErrorKind::UnsupportedMediaType,
                "The body must be multipart/form-data, with a boundary, and the files in parts with a filename.",
            ),
            Broken::Cut => Self::bad_request(
                "The body could not be read to its end as multipart/form-data; no file was kept.",
            ),
            Broken::Stalled => Self::too_slow(),
            Broken::TooLong => Self::too_large(),
        }
    }
}

impl From<files::Refusal> for ApiError {
    fn from(refusal: files::Refusal) -> Self {
        use files::Refusal;

        let message = format!("{refusal}.");
        let first = message.chars().next().map_or(0, char::len_utf8);
        // A file's name keeps its own first letter.
        let said = match &refusal {
            Refusal::Type { .. }
            | Refusal::Empty { .. }
            | Refusal::TooLarge { .. }
            | Refusal::Content { .. }
            | Refusal::Infected { .. } => message,
            _ => message[..first].to_uppercase() + &message[first..],
        };
        let rule = match refusal {
            Refusal::Store(error) => return error.into(),
            Refusal::Link(error) => return error.into(),
            Refusal::Unscanned => return Self::unscanned(said),
            Refusal::Busy => return Self::too_many_uploads(said),
            Refusal::NotForFiles(_) => "Connection",
            Refusal::Disconnected => "Status",
            Refusal::NoFile => "File",
            Refusal::TooMany => "Count",
            Refusal::Name => "Name",
            Refusal::Type { .. } => "Type",
            Refusal::Empty { .. } => "Empty",
            Refusal::TooLarge { .. } => "Size",
            Refusal::Content { .. } => "Content",
            Refusal::Infected { .. } => "Infected",
            Refusal::NoRoom => "Room",
        };
        Self::of_file(rule, said)
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Body(broken) => broken.into(),
            Refused::Files(refusal) => refusal.into(),
        }
    }
}

impl From<RefreshError> for ApiError {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Store(error) | RefreshError::Queue(QueueError::Store(error)) => {
                error.into()
            }
            // The contract's words.
            RefreshError::Queue(QueueError::InProgress { data_type, dataset }) => {
                Self::bad_request(format!(
                    "DatasetAlreadyInProgressException: Cannot queue {data_type} sync as previous sync {dataset} is still in progress"
                ))
                .of("PullApi")
            }
            RefreshError::NoConnection(id) => Self::no_connection(id),
            RefreshError::NotLinked(_)
            | RefreshError::NothingLinked(_)
            | RefreshError::NotInstalled => Self::bad_request(error.to_string()).of("PullApi"),
        }
    }
}

impl From<AdditionalError> for ApiError {
    fn from(error: AdditionalError) -> Self {
        match error {
            AdditionalError::Store(error) => error.into(),
            AdditionalError::Invalid { item, message } => Self::invalid(item, message),
            AdditionalError::NotLinked
            | AdditionalError::OtherWords
            | AdditionalError::Answered => Self::conflict(error.to_string()),
        }
    }
}

impl From<SettingsError> for ApiError {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::Store(error) => error.into(),
            SettingsError::NoCompany(id) => Self::no_company(id),
            SettingsError::Locked(_) => Self::invalid("settings", error.to_string()),
        }
    }
}

impl From<DisclosureError> for ApiError {
    fn from(error: DisclosureError) -> Self {
        match error {
            DisclosureError::Store(error) => error.into(),
            DisclosureError::Invalid { member, message } => Self::invalid(&member, message),
        }
    }
}

impl From<CompanyError> for ApiError {
    fn from(error: CompanyError) -> Self {
        match error {
            CompanyError::Store(error) => error.into(),
            CompanyError::NoCompany(id) => Self::no_company(id),
            CompanyError::NoRelative { relation, .. } | CompanyError::AboveItself(relation) => {
                Self::invalid(relations::member(relation), error.to_string())
            }
        }
    }
}

impl From<WebhookError> for ApiError {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::Store(error) => error.into(),
            WebhookError::Vault(error) => {
                tracing::error!(%error, correlation_id = correlation_id(), "a webhook consumer's secret can't be opened");
                Self::internal()
            }
            WebhookError::NoWebhook(id) => {
                Self::not_found(format!("No webhook consumer was found with ID {id}"))
            }
            WebhookError::NoMessage(id) => {
                Self::not_found(format!("No message was found with ID {id}"))
            }
            WebhookError::TooMany => {
                let message = format!("{error}.");
                Self::bad_request(message[..1].to_uppercase() + &message[1..])
            }
            WebhookError::UnknownEventType(error) => {
                Self::invalid("eventTypes", format!("{error}."))
            }
            WebhookError::Invalid { field, message } => Self::invalid(field, message),
        }
    }
}
