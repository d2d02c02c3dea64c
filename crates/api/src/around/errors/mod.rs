//! Status codes and the contract's error envelope: no other part of the program knows either.

mod causes;

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;

use platform::limits::clients::Standing;
use store::StoreError;

tokio::task_local! {
    /// Of the request at hand; set by the outermost layer.
    pub(crate) static CORRELATION: String;
}

pub(crate) const CORRELATION_HEADER: &str = "x-correlation-id";

/// 32 hexadecimal digits that this request's answer and log lines share.
pub(crate) fn correlation_id() -> String {
    CORRELATION
        .try_with(Clone::clone)
        .unwrap_or_else(|_| new_correlation_id())
}

pub(crate) fn new_correlation_id() -> String {
    platform::credentials::vault::hex(&store::clock::random_bytes::<16>())
}

/// The ways in which a request or a page ends without success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// Not an end yet: the work goes on without the caller.
    Pending,
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    Conflict,
    Gone,
    TooLarge,
    UnsupportedMediaType,
    /// A form whose answers can't be used as they are.
    Unprocessable,
    TooManyRequests,
    /// A failure of this program.
    Internal,
    /// A failure that ends by itself: a database that can't be reached, a request that took too long.
    Unavailable,
    /// The disk of the database is full.
    Full,
}

impl ErrorKind {
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::Pending => StatusCode::ACCEPTED,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Gone => StatusCode::GONE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Full => StatusCode::INSUFFICIENT_STORAGE,
        }
    }
}

impl From<&StoreError> for ErrorKind {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Full(_) => Self::Full,
            StoreError::Unavailable(_) => Self::Unavailable,
            StoreError::Conflict => Self::Conflict,
            StoreError::Database(_) | StoreError::Corrupt(_) => Self::Internal,
        }
    }
}

/// True if the same request may succeed later: there were too many, or something failed on this side.
pub(crate) fn is_passing(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

/// An answer without success, in the contract's envelope.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    status: StatusCode,
    /// The part of the contract's own system that answers so; clients match on it.
    service: &'static str,
    message: String,
    validation: Option<Validation>,
    can_be_retried: &'static str,
    later: Option<Box<Later>>,
}

/// Seconds in which a database may be back: it is written to again at once then.
const LOOK_AGAIN: i64 = 5;

/// The time to wait, and the client's standing under its rate limit.
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
    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            status: kind.status(),
            service: "PublicApi",
            message: message.into(),
            validation: None,
            can_be_retried: "Unknown",
            later: None,
        }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::BadRequest, message)
    }

    /// A path that is not UTF-8, or a query that is not a list of parameters.
    pub(crate) fn unreadable_path() -> Self {
        Self::bad_request(
            "The request's path or query can't be read: both must be percent-encoded UTF-8, with each parameter once.",
        )
    }

    /// The envelope in place of a refusal by one of axum's own extractors, which comes as plain text.
    pub(crate) fn in_place_of(status: StatusCode) -> Self {
        match status {
            StatusCode::BAD_REQUEST => Self::unreadable_path(),
            StatusCode::NOT_FOUND => Self::no_such_route(),
            status => Self {
                status,
                ..Self::bad_request(status.canonical_reason().unwrap_or("Refused"))
            },
        }
    }

    pub(crate) fn too_large() -> Self {
        Self::new(
            ErrorKind::TooLarge,
            "The body is larger than this operation takes.",
        )
    }

    /// A body that could not be received.
    pub(crate) fn unread_body(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::too_large();
        }
        Self::bad_request("The body could not be read to its end.")
    }

    /// A body of another content type than the operation takes.
    pub(crate) fn not_json() -> Self {
        Self::new(
            ErrorKind::UnsupportedMediaType,
            "The body must be JSON, with Content-Type: application/json.",
        )
    }

    /// A value of the request that can't be used: its name, and a sentence that says what would be right.
    pub(crate) fn invalid(item: &str, message: impl Into<String>) -> Self {
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

    /// A file that can't be taken: the rule that it breaks, by a word for programs, and a sentence.
    pub(crate) fn of_file(rule: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let mut error = Self::invalid("file", message.as_str());
        for item in error.validation.iter_mut().flat_map(|all| &mut all.errors) {
            item.validator_name = rule.to_owned();
        }
        error.message = message;
        error
    }

    /// A file that can't be scanned at the moment.
    pub(crate) fn unscanned(message: impl Into<String>) -> Self {
        let mut error = Self::unavailable(message);
        error.validation = Self::of_file("Unscanned", error.message.as_str()).validation;
        error
    }

    /// A text with U+0000 in it, which only one of the databases can keep.
    pub(crate) fn holds_nul(name: &str) -> Self {
        Self::invalid(name, format!("{name} can't hold the character U+0000."))
    }

    /// Refuses a text that is longer than it may be.
    pub(crate) fn check_length(name: &str, text: &str, most: usize) -> Result<(), Self> {
        let chars = text.chars().count();
        if chars <= most {
            return Ok(());
        }
        Err(Self::invalid(
            name,
            format!("{name} has at most {most} characters; {chars} were given."),
        ))
    }

    /// A request that was understood and can't be done as it is.
    pub(crate) fn unprocessable(item: &str, message: impl Into<String>) -> Self {
        Self {
            status: ErrorKind::Unprocessable.status(),
            ..Self::invalid(item, message)
        }
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(ErrorKind::Unauthorized, "Unauthorized")
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Forbidden, message)
    }

    /// A link that was used, or is too old.
    pub(crate) fn gone(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Gone, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, message).of("ClientsApi")
    }

    /// A value of the request that is none of the valid ones: `Unknown data type "invoice". Valid values: bills, invoices.`
    pub(crate) fn unknown<'a>(
        item: &str,
        noun: &str,
        given: &str,
        valid: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        const SHOWN: usize = 60;

        let given: String = given.chars().take(SHOWN).collect();
        let valid: Vec<&str> = valid.into_iter().collect();
        let valid = valid.join(", ");
        Self::invalid(
            item,
            format!("Unknown {noun} \"{given}\". Valid values: {valid}."),
        )
    }

    /// A method that the address doesn't have.
    pub(crate) fn no_such_method() -> Self {
        Self::new(
            ErrorKind::MethodNotAllowed,
            "This method is not allowed here.",
        )
    }

    /// A failure of this program, which is in the log.
    pub(crate) fn internal() -> Self {
        Self::new(
            ErrorKind::Internal,
            // The contract's words.
            "There is a problem with our server. Please try again later.",
        )
    }

    /// A failure that ends by itself.
    fn unavailable(message: impl Into<String>) -> Self {
        Self::passing(ErrorKind::Unavailable, message).after(LOOK_AGAIN)
    }

    /// A full disk.
    fn full(message: impl Into<String>) -> Self {
        Self::passing(ErrorKind::Full, message).after(LOOK_AGAIN)
    }

    /// With the seconds after which the same request may succeed.
    fn after(mut self, seconds: i64) -> Self {
        let standing = None;
        self.later = Some(Box::new(Later { seconds, standing }));
        self
    }

    /// An answer that may be another one later, to the same request: `True` is the contract's word for that, `Unknown` for all else.
    fn passing(kind: ErrorKind, message: impl Into<String>) -> Self {
        let mut error = Self::new(kind, message);
        error.can_be_retried = "True";
        error
    }

    /// A request that was ended by its deadline. Clients can't know if it took effect.
    pub(crate) fn too_slow() -> Self {
        Self::new(
            ErrorKind::Unavailable,
            "The request took too long; please retry later.",
        )
    }

    /// No operation, page or file has this address.
    pub(crate) fn no_such_route() -> Self {
        Self::new(ErrorKind::NotFound, "NotFound")
    }

    pub(crate) fn no_company(id: impl std::fmt::Display) -> Self {
        Self::not_found(format!("No company was found with ID {id}"))
    }

    pub(crate) fn no_connection(id: impl std::fmt::Display) -> Self {
        Self::not_found(format!("Data connection {id} not found")).of("PublicApi")
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, message)
    }

    /// A conflict that is over by itself.
    pub(crate) fn passing_conflict(message: impl Into<String>) -> Self {
        Self::passing(ErrorKind::Conflict, message)
    }

    /// A read of a data type before its first successful sync.
    pub(crate) fn not_pulled(data_type: impl std::fmt::Display) -> Self {
        Self::conflict(format!(
            "Data for {data_type} has not been requested yet, or its first sync is not complete."
        ))
        .of("PullApi")
    }

    /// Too many requests; `wait` is in seconds.
    pub(crate) fn too_many(wait: i64) -> Self {
        Self::too_many_for(wait, None)
    }

    /// More uploads at once than a company may have.
    fn too_many_uploads(message: impl Into<String>) -> Self {
        Self::passing(ErrorKind::TooManyRequests, message).after(10)
    }

    fn too_many_for(seconds: i64, standing: Option<Standing>) -> Self {
        let mut error = Self::new(
            ErrorKind::TooManyRequests,
            "You have made too many requests in a given amount of time; please retry later.",
        );
        error.can_be_retried = "True";
        error.later = Some(Box::new(Later { seconds, standing }));
        error
    }

    /// The contract's name of the service that answers so.
    pub(crate) fn of(mut self, service: &'static str) -> Self {
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
    let mut response = (ErrorKind::Unavailable.status(), body).into_response();
    super::rate_headers::retry_after(response.headers_mut(), LOOK_AGAIN);
    response
}
