//! Pages about what went wrong, and what the customer can do about it.

use axum::response::{IntoResponse, Response};

use super::parts::page::{Forms, respond, see_other};
use super::parts::reader::words;
use super::parts::views::{Action, Brand, ResultPage, Tone};
use crate::around::errors::{ErrorKind, correlation_id};
use platform::connecting::{CallbackError, LinkError};
use store::StoreError;

/// A page instead of the requested one.
#[derive(Debug)]
pub(crate) struct Trouble(Instead);

#[derive(Debug)]
enum Instead {
    Shown(Box<Content>),
    /// The address of a page that can show more than one about trouble.
    Elsewhere(String),
}

#[derive(Debug)]
struct Content {
    kind: ErrorKind,
    brand: Option<Brand>,
    heading: String,
    lines: Vec<String>,
    action: Option<Action>,
}

impl Trouble {
    /// A page with a heading and lines, by their keys.
    fn new(
        kind: ErrorKind,
        brand: Option<&Brand>,
        heading: &'static str,
        lines: &[&'static str],
    ) -> Self {
        Self::about(kind, brand, None, heading, lines)
    }

    /// The same about a platform, which the sentences name.
    fn about(
        kind: ErrorKind,
        brand: Option<&Brand>,
        platform: Option<&str>,
        heading: &'static str,
        lines: &[&'static str],
    ) -> Self {
        let w = words();
        let say = |key| {
            let said = w.say(key);
            let said = match brand {
                Some(brand) => said.with("client", &brand.name),
                None => said,
            };
            match platform {
                Some(platform) => said.with("platform", platform).to_string(),
                None => said.to_string(),
            }
        };
        Self(Instead::Shown(Box::new(Content {
            kind,
            brand: brand.cloned(),
            heading: say(heading),
            lines: lines.iter().map(|line| say(line)).collect(),
            action: None,
        })))
    }

    pub(super) fn with(mut self, label: &str, href: String) -> Self {
        if let Instead::Shown(content) = &mut self.0 {
            content.action = Some(Action {
                label: label.to_owned(),
                href,
            });
        }
        self
    }

    /// Sends the browser on to where what it began can be seen.
    pub(super) fn elsewhere(address: String) -> Self {
        Self(Instead::Elsewhere(address))
    }

    /// Something in the program broke: a page all the same.
    pub(crate) fn broken() -> Self {
        Self::new(
            ErrorKind::Internal,
            None,
            "trouble-broken",
            &["trouble-wait"],
        )
    }

    /// A link that is forged, too old or without a target: its holder is not to see which.
    pub(crate) fn gone() -> Self {
        Self::new(
            ErrorKind::Gone,
            None,
            "trouble-gone",
            &["trouble-gone-once", "trouble-gone-then"],
        )
    }

    pub(super) fn spent(brand: &Brand) -> Self {
        Self::new(
            ErrorKind::Gone,
            Some(brand),
            "trouble-spent",
            &["trouble-spent-once", "trouble-spent-then"],
        )
    }

    /// The page of a link's outcome, requested too late or by another browser.
    pub(super) fn no_result() -> Self {
        Self::new(
            ErrorKind::Gone,
            None,
            "trouble-no-result",
            &["trouble-no-result-why", "trouble-close"],
        )
    }

    /// The answer to a callback whose work goes on.
    pub(super) fn still_working() -> Self {
        Self::new(
            ErrorKind::Pending,
            None,
            "trouble-working",
            &["trouble-working-why", "trouble-working-then"],
        )
    }

    pub(super) fn took_too_long() -> Self {
        Self::new(
            ErrorKind::Unavailable,
            None,
            "trouble-long",
            &["trouble-long-then"],
        )
    }

    pub(super) fn foreign_form() -> Self {
        Self::new(
            ErrorKind::Forbidden,
            None,
            "trouble-foreign",
            &["trouble-foreign-safe", "trouble-foreign-then"],
        )
    }

    pub(super) fn too_much() -> Self {
        Self::new(
            ErrorKind::TooLarge,
            None,
            "trouble-much",
            &["trouble-much-then"],
        )
    }

    pub(super) fn second_accounting(brand: &Brand, platform: &str) -> Self {
        Self::about(
            ErrorKind::Conflict,
            Some(brand),
            Some(platform),
            "trouble-second",
            &["trouble-second-why", "trouble-second-then"],
        )
    }

    pub(super) fn not_ready(brand: &Brand, platform: &str) -> Self {
        Self::about(
            ErrorKind::Unavailable,
            Some(brand),
            Some(platform),
            "trouble-not-ready",
            &["trouble-not-ready-why", "trouble-not-ready-then"],
        )
    }

    pub(super) fn no_choice(brand: &Brand) -> Self {
        Self::new(
            ErrorKind::Unprocessable,
            Some(brand),
            "trouble-no-choice",
            &["trouble-no-choice-then"],
        )
    }

    /// The reason why a customer can't leave for the platform.
    pub(crate) fn of_link(error: LinkError, brand: &Brand, platform: &str) -> Self {
        match error {
            LinkError::Store(error) => error.into(),
            LinkError::Spent => Self::spent(brand),
            LinkError::SecondAccounting { platform } => Self::second_accounting(brand, &platform),
            LinkError::NoIntegration(_)
            | LinkError::NotEnabled(_)
            | LinkError::NotConfigured(_) => {
                tracing::warn!(%error, correlation_id = correlation_id(), "a customer could not be sent to a platform");
                Self::not_ready(brand, platform)
            }
            LinkError::NoCompany | LinkError::NoConnection => Self::gone(),
            LinkError::NotAllowed(_) | LinkError::Raced => Self::new(
                ErrorKind::Conflict,
                Some(brand),
                "trouble-raced",
                &["trouble-raced-then"],
            ),
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, correlation_id = correlation_id(), "the store failed");
        Self::new(
            ErrorKind::from(&error),
            None,
            "trouble-broken",
            &["trouble-wait"],
        )
    }
}

impl From<CallbackError> for Trouble {
    fn from(error: CallbackError) -> Self {
        match error {
            CallbackError::Store(error) => error.into(),
            CallbackError::UnknownState => Self::new(
                ErrorKind::BadRequest,
                None,
                "trouble-unknown",
                &["trouble-unknown-why", "trouble-unknown-then"],
            ),
            CallbackError::OtherBrowser => Self::new(
                ErrorKind::Forbidden,
                None,
                "trouble-browser",
                &["trouble-nothing", "trouble-browser-then"],
            ),
            CallbackError::Spent => Self::new(
                ErrorKind::Gone,
                None,
                "trouble-over",
                &["trouble-over-why", "trouble-over-then"],
            ),
        }
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let content = match self.0 {
            Instead::Shown(content) => content,
            Instead::Elsewhere(address) => return see_other(&address, None),
        };
        let Content {
            kind,
            brand,
            heading,
            lines,
            action,
        } = *content;
        let status = kind.status();
        let page = ResultPage {
            w: words(),
            brand: brand.clone(),
            tone: if status.is_server_error() {
                Tone::Bad
            } else {
                Tone::Neutral
            },
            heading,
            lines,
            reason: None,
            approval: None,
            first: action,
            second: None,
            third: None,
            closing: None,
            correlation: Some(correlation_id()),
        };
        respond(status, brand.as_ref(), Forms::None, &page)
    }
}
