//! Status codes and the contract's error envelope: nothing else in the program knows either.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;

use platform::access::keys::{self, KeyError};
use platform::companies::products::ProductError;
use platform::connecting::{ImportError, LinkError};
use platform::data::pulling::QueueError;
use platform::data::pushing;
use platform::events::webhooks::WebhookError;
use platform::limits::clients::{Refusal, Standing};
use store::StoreError;
use store::query::QueryError;

tokio::task_local! {
    /// Of the request at hand; set by the outermost layer.
    pub(crate) static CORRELATION: String;
}

/// 32 hexadecimal digits that this request's answer and log lines share.
pub fn correlation_id() -> String {
    CORRELATION
        .try_with(Clone::clone)
        .unwrap_or_else(|_| new_correlation_id())
}

pub(crate) fn new_correlation_id() -> String {
    platform::credentials::vault::hex(&store::clock::random_bytes::<16>())
}

/// An answer that isn't a success.
#[derive(Debug, Clone)]
pub struct ApiError {
    pub status: StatusCode,
    /// Which part of the contract's own system would have said so; clients match on it.
    service: &'static str,
    message: String,
    validation: Option<Validation>,
    can_be_retried: &'static str,
    later: Option<Box<Later>>,
}

/// When to come back.
#[derive(Debug, Clone, Copy)]
struct Later {
    seconds: i64,
    standing: Option<Standing>,
}

#[derive(Debug, Clone, Serialize)]
struct Validation {
    errors: Vec<ValidationItem>,
    warnings: Vec<ValidationItem>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct ValidationItem {
    item_id: String,
    message: String,
    validator_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    status_code: u16,
    service: &'static str,
    error: String,
    correlation_id: String,
    can_be_retried: &'static str,
    detailed_error_code: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    validation: Option<Validation>,
}

impl ApiError {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            service: "PublicApi",
            message: message.into(),
            validation: None,
            can_be_retried: "Unknown",
            later: None,
        }
    }

    /// An answer that may be another one later, to the same request.
    fn passing(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            can_be_retried: "True",
            ..Self::new(status, message)
        }
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// A value of the request that can't be used: which, and what would be right.
    pub fn invalid(item: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let mut error = Self::bad_request("Error processing request - not valid.");
        error.validation = Some(Validation {
            errors: vec![ValidationItem {
                item_id: item.to_owned(),
                message,
                validator_name: "Request".into(),
            }],
            warnings: Vec::new(),
        });
        error
    }

    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Unauthorized")
    }

    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message).of("ClientsApi")
    }

    /// No operation, page or file has this address.
    pub fn no_such_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound")
    }

    pub fn no_company(id: impl std::fmt::Display) -> Self {
        Self::not_found(format!("No company was found with ID {id}"))
    }

    pub fn no_connection(id: impl std::fmt::Display) -> Self {
        Self::not_found(format!("Data connection {id} not found"))
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    /// Too many requests; `wait` is in seconds.
    pub fn too_many(wait: i64) -> Self {
        Self::too_many_for(wait, None)
    }

    fn too_many_for(seconds: i64, standing: Option<Standing>) -> Self {
        let mut error = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "You have made too many requests in a given amount of time; please retry later.",
        );
        error.can_be_retried = "True";
        error.later = Some(Box::new(Later { seconds, standing }));
        error
    }

    /// The contract's name of the service that answers so.
    pub fn of(mut self, service: &'static str) -> Self {
        self.service = service;
        self
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let envelope = Envelope {
            status_code: self.status.as_u16(),
            service: self.service,
            error: self.message,
            correlation_id: correlation_id(),
            can_be_retried: self.can_be_retried,
            detailed_error_code: 0,
            validation: self.validation,
        };
        let mut response = (self.status, Json(envelope)).into_response();
        if let Some(later) = self.later {
            super::rate_headers::retry_after(response.headers_mut(), later.seconds);
            if let Some(standing) = later.standing {
                response.extensions_mut().insert(standing);
            }
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge =
                http::HeaderValue::from_static("Basic realm=\"Moorline\", charset=\"UTF-8\"");
            response
                .headers_mut()
                .insert(http::header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// The answer of a program that can't work at the moment, with the reason in one or two words.
pub(crate) fn not_ready(reason: &'static str) -> Response {
    let body = Json(serde_json::json!({ "status": reason }));
    (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, correlation_id = correlation_id(), "the store failed");
        match error {
            StoreError::Full(_) => Self::passing(
                StatusCode::INSUFFICIENT_STORAGE,
                "The disk of the database is full, and nothing was changed; please retry later.",
            ),
            StoreError::Unavailable(_) => Self::passing(
                StatusCode::SERVICE_UNAVAILABLE,
                "The database can't be reached at the moment; please retry later.",
            ),
            StoreError::Conflict => Self::conflict("Another change came in between; please retry."),
            StoreError::Database(_) | StoreError::Corrupt(_) => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "An error occurred on our side; its correlation ID is in the log.",
            ),
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
                let message = format!("Nothing was changed: {error}.");
                Self::passing(StatusCode::SERVICE_UNAVAILABLE, message)
            }
            ImportError::OtherBusiness { .. } => {
                Self::conflict(format!("{error}; make a new connection for it.")).of("ClientsApi")
            }
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
            QueryError::Malformed | QueryError::TooLong => "ClientsApi",
        };
        Self::bad_request(error.to_string()).of(service)
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
            LinkError::Raced => Self::conflict("Another change came in between; please retry."),
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
            pushing::Refusal::NotLinked(_) => Self::bad_request(error.to_string()).of("PushApi"),
        }
    }
}

impl From<QueueError> for ApiError {
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::Store(error) => error.into(),
            QueueError::InProgress { data_type, dataset } => Self::bad_request(format!(
                "DatasetAlreadyInProgressException: Cannot queue {data_type} sync as previous sync {dataset} is still in progress"
            ))
            .of("PullApi"),
        }
    }
}

impl From<WebhookError> for ApiError {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::Store(error) => error.into(),
            WebhookError::Vault(error) => {
                tracing::error!(%error, correlation_id = correlation_id(), "a webhook consumer's secret can't be opened");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "An error occurred on our side; its correlation ID is in the log.",
                )
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
