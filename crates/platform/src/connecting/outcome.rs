//! The ends of a link, good and bad, each with its reason.

use std::collections::BTreeMap;

use connectors::{FetchError, OAuthError, presentable_to_customers};

use crate::companies::funnel::Loss;
use crate::credentials::CLIENT_REFUSED;
use store::StoreError;
use store::connections::Connection;
use store::model::ConnectionStatus;
use store::model::connection::NotAllowed;

/// The status text of a link that failed for what its person may not do at the platform. Its message is for that person.
pub const NOT_ALLOWED: &str = "Not allowed at the platform";

/// The status text of a link that failed because an administrator has to approve the application at the platform first.
pub const NEEDS_APPROVAL: &str = "Approval needed at the platform";

/// The end of a link, as a status code of the contract's redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Linked,
    /// The client has to confirm who finished it.
    Held,
    /// The customer left without changing anything.
    Unchanged,
    Cancelled,
    Failed,
    /// The customer's platform isn't in the list.
    NotSupported,
}

impl Outcome {
    pub const fn status_code(self) -> u16 {
        match self {
            Self::Linked => 200,
            Self::Unchanged => 201,
            Self::Held => 202,
            Self::Cancelled => 403,
            Self::Failed => 500,
            Self::NotSupported => 501,
        }
    }

    /// The contract's `errorMessage`.
    pub const fn error_message(self) -> &'static str {
        match self {
            Self::Linked | Self::Held => "",
            Self::Unchanged => "no content",
            Self::Cancelled => "User cancelled.",
            Self::Failed => "Unknown error occurred.",
            Self::NotSupported => "Not supported.",
        }
    }

    pub fn from_status_code(code: u16) -> Option<Self> {
        [
            Self::Linked,
            Self::Held,
            Self::Unchanged,
            Self::Cancelled,
            Self::Failed,
            Self::NotSupported,
        ]
        .into_iter()
        .find(|outcome| outcome.status_code() == code)
    }
}

/// The end of a link, as the page that sends the browser on needs it.
#[derive(Debug)]
pub struct Ended {
    pub connection: Connection,
    pub outcome: Outcome,
    /// The platform's own words, or ours.
    pub status_text: String,
    pub parameters: BTreeMap<String, String>,
}

/// The page that a callback leads to.
#[derive(Debug)]
pub enum Arrived {
    Ended(Box<Ended>),
    /// The client has to confirm it, with these words.
    Waits {
        ended: Box<Ended>,
        confirmation: String,
    },
    /// The customer has to say which business is meant: by this ticket.
    Asks {
        connection: Box<Connection>,
        ticket: String,
    },
}

/// The reason why a callback can't be matched to a customer on the way. Nothing was changed and no token was asked for.
#[derive(Debug, thiserror::Error)]
pub enum CallbackError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No state, an unknown one, or one that belongs to another integration.
    #[error("unknown state")]
    UnknownState,
    /// The state is another browser's.
    #[error("another browser began this link")]
    OtherBrowser,
    #[error("the state was used before or has expired")]
    Spent,
}

/// The reason why a connection can't be made, authorised or ended as it was asked. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no such company")]
    NoCompany,
    #[error("no integration has the key '{0}'")]
    NoIntegration(String),
    #[error("the integration '{0}' is not enabled")]
    NotEnabled(String),
    #[error("the integration '{0}' has no OAuth client configured")]
    NotConfigured(String),
    /// One accounting source a company.
    #[error("the company is already connected to {platform}")]
    SecondAccounting { platform: String },
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    #[error("the link was used before or has expired")]
    Spent,
    #[error("another change came in between")]
    Raced,
    #[error("no such connection")]
    NoConnection,
}

/// The end of a link that its customer leaves: a connection that was never authorised is cancelled; another stays as it was.
pub(super) fn left(connection: &Connection) -> Outcome {
    match connection.status {
        ConnectionStatus::PendingAuth => Outcome::Cancelled,
        ConnectionStatus::Linked | ConnectionStatus::Unlinked | ConnectionStatus::Deauthorized => {
            Outcome::Unchanged
        }
    }
}

/// The reason why a link failed: recorded as a `dataConnectionError`, and shown to the customer.
pub(super) struct Failure {
    pub(super) outcome: Outcome,
    pub(super) code: &'static str,
    pub(super) text: &'static str,
    pub(super) message: String,
    pub(super) loss: Loss,
    /// True if the platform had given access before.
    pub(super) authorised: bool,
}

impl Failure {
    pub(super) fn failed(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Failed,
            code,
            text: "Linking failed",
            message: message.into(),
            loss: match code {
                "400" | "502" | "503" => Loss::PlatformFailed,
                "401" => Loss::NotAccepted,
                "408" => Loss::TookTooLong,
                "409" => Loss::AlreadyConnected,
                "412" => Loss::NotConfirmed,
                _ => Loss::Failed,
            },
            authorised: false,
        }
    }

    /// The same, counted for another reason than its code says.
    pub(super) fn counted_as(self, loss: Loss) -> Self {
        Self { loss, ..self }
    }

    /// The same, after the platform had given access.
    pub(super) fn after_access(self) -> Self {
        Self {
            authorised: true,
            ..self
        }
    }
}

impl Failure {
    /// The customer didn't want to, at the platform or on a page of ours.
    pub(super) fn cancelled() -> Self {
        Self {
            outcome: Outcome::Cancelled,
            code: "403",
            text: "User cancelled linking",
            message: "User cancelled".to_owned(),
            loss: Loss::Cancelled,
            authorised: false,
        }
    }

    /// An administrator has to approve the application first: the platform's own words say so.
    pub(super) fn of_approval(words: &str) -> Self {
        Self {
            outcome: Outcome::Failed,
            code: "403",
            text: NEEDS_APPROVAL,
            message: format!(
                "An administrator has to approve this application at the platform ({words})."
            ),
            loss: Loss::PermissionMissing,
            authorised: false,
        }
    }

    /// The client's setup at the platform is wrong: neither the customer nor another try can mend it.
    pub(super) fn of_the_operator(detail: &str) -> Self {
        Self {
            outcome: Outcome::Failed,
            code: "401",
            text: CLIENT_REFUSED,
            message: format!(
                "The platform does not accept the credentials with which this application is set up ({detail}). Its operator has to correct them."
            ),
            loss: Loss::SetupRefused,
            authorised: false,
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "link could not be stored");
        Self::failed(
            "500",
            "The connection could not be stored. Please try again.",
        )
    }
}

impl From<LinkError> for Failure {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Store(error) => error.into(),
            LinkError::SecondAccounting { platform } => Self::failed(
                "409",
                format!(
                    "This company is already connected to {platform}. A company can have one accounting connection: disconnect it first."
                ),
            ),
            LinkError::NoConnection => {
                Self::failed("404", "The connection was deleted in the meantime.")
            }
            LinkError::NotAllowed(error) => {
                Self::failed("409", error.to_string()).counted_as(Loss::Failed)
            }
            LinkError::Raced => {
                Self::failed("409", "Another change came in between. Please try again.")
                    .counted_as(Loss::Failed)
            }
            other => Self::failed("500", other.to_string()),
        }
    }
}

impl From<OAuthError> for Failure {
    fn from(error: OAuthError) -> Self {
        match error {
            error if error.is_operators_fault() => Self::of_the_operator(&error.to_string()),
            OAuthError::Refused { error, description } => {
                let detail = description
                    .map(|text| format!(": {text}"))
                    .unwrap_or_default();
                Self::failed(
                    "400",
                    format!("The platform refused the authorization ({error}{detail})."),
                )
            }
            OAuthError::Unavailable { status, .. } => Self::failed(
                "503",
                format!("The platform's authorization server was unavailable (status {status})."),
            ),
            OAuthError::Unreachable(error) => Self::failed(
                "503",
                format!("The platform could not be reached: {error}."),
            ),
            OAuthError::NoAddress(why) => Self::failed(
                "400",
                format!("The platform's answer doesn't say where its tokens are: {why}."),
            ),
            OAuthError::Unreadable { why, .. } => Self::failed(
                "502",
                format!("The platform's answer to the authorization can't be read: {why}."),
            ),
        }
    }
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        match error {
            // It says what the person lacks there: that helps them, and nobody else can mend it.
            FetchError::Forbidden(what) => Self {
                outcome: Outcome::Failed,
                code: "403",
                text: NOT_ALLOWED,
                message: presentable_to_customers(&what),
                loss: Loss::PermissionMissing,
                authorised: true,
            },
            error => Self::failed(
                "502",
                format!("The platform did not say whose account this is: {error}."),
            ),
        }
    }
}
