//! Pages about what went wrong, and what the customer can do about it.

use axum::response::{IntoResponse, Response};

use super::parts::page::{Forms, respond, see_other};
use super::parts::views::{Action, Brand, ResultPage, Tone};
use crate::around::errors::{ErrorKind, correlation_id};
use platform::connecting::{CallbackError, LinkError};
use store::StoreError;

/// A page instead of the requested one.
#[derive(Debug)]
pub(crate) struct Trouble(Box<Instead>);

#[derive(Debug)]
enum Instead {
    Shown(Content),
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
    fn new(
        kind: ErrorKind,
        brand: Option<&Brand>,
        heading: impl Into<String>,
        lines: &[&str],
    ) -> Self {
        Self(Box::new(Instead::Shown(Content {
            kind,
            brand: brand.cloned(),
            heading: heading.into(),
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
            action: None,
        })))
    }

    pub(super) fn with(mut self, label: &str, href: String) -> Self {
        if let Instead::Shown(content) = self.0.as_mut() {
            content.action = Some(Action {
                label: label.to_owned(),
                href,
            });
        }
        self
    }

    /// Sends the browser on to where what it began can be seen.
    pub(super) fn elsewhere(address: String) -> Self {
        Self(Box::new(Instead::Elsewhere(address)))
    }

    /// Something in the program broke: a page all the same.
    pub(crate) fn broken() -> Self {
        Self::new(
            ErrorKind::Internal,
            None,
            "Something went wrong on our side",
            &[
                "Please wait a moment and try again. If it keeps happening, pass on the reference below.",
            ],
        )
    }

    /// A link that is forged, too old or without a target: its holder is not to see which.
    pub(crate) fn gone() -> Self {
        Self::new(
            ErrorKind::Gone,
            None,
            "This link doesn’t work any more",
            &[
                "A link like this works once, and for one day.",
                "Go back to the app or the message that it came from, and ask for a new one.",
            ],
        )
    }

    pub(super) fn spent(brand: &Brand) -> Self {
        let again = format!(
            "Otherwise go back to {} and start again: you’ll get a fresh link there.",
            brand.name
        );
        Self::new(
            ErrorKind::Gone,
            Some(brand),
            "This link has been used",
            &[
                "Each link works once. If you have finished connecting, you can close this window.",
                &again,
            ],
        )
    }

    /// The page of a link's outcome, requested too late or by another browser.
    pub(super) fn no_result() -> Self {
        Self::new(
            ErrorKind::Gone,
            None,
            "This page can’t be shown any more",
            &[
                "It said how your connection ended, for an hour and in one browser.",
                "You can close this window.",
            ],
        )
    }

    /// The answer to a callback whose work goes on.
    pub(super) fn still_working() -> Self {
        Self::new(
            ErrorKind::Pending,
            None,
            "We’re still working on it",
            &[
                "The platform takes longer than usual to answer. Your connection is being finished, even if you leave.",
                "This page loads again by itself, and then shows how it ended. You can load it again yourself, too.",
            ],
        )
    }

    pub(super) fn took_too_long() -> Self {
        Self::new(
            ErrorKind::Unavailable,
            None,
            "That took too long",
            &["Please wait a moment, then go back and try again."],
        )
    }

    pub(super) fn foreign_form() -> Self {
        Self::new(
            ErrorKind::Forbidden,
            None,
            "This came from another page",
            &[
                "To keep you safe, nothing was changed.",
                "Open the link that you were given, and continue from there.",
            ],
        )
    }

    pub(super) fn too_much() -> Self {
        Self::new(
            ErrorKind::TooLarge,
            None,
            "That was too much text",
            &["Go back, enter less, and try again."],
        )
    }

    pub(super) fn second_accounting(brand: &Brand, platform: &str) -> Self {
        let first = format!(
            "{platform} is connected, and a business can have one accounting platform connected at a time. Nothing was changed."
        );
        let then = format!(
            "To use another one, disconnect {platform} first, then ask {} for a new link.",
            brand.name
        );
        Self::new(
            ErrorKind::Conflict,
            Some(brand),
            "You’re already connected",
            &[&first, &then],
        )
    }

    pub(super) fn not_ready(brand: &Brand, platform: &str) -> Self {
        let first = format!(
            "{} hasn’t finished setting up its connection to {platform}.",
            brand.name
        );
        let then = format!(
            "Please tell {}, and try again later: your link stays good for a day.",
            brand.name
        );
        Self::new(
            ErrorKind::Unavailable,
            Some(brand),
            format!("{platform} isn’t ready yet"),
            &[&first, &then],
        )
    }

    pub(super) fn no_choice(brand: &Brand) -> Self {
        Self::new(
            ErrorKind::Unprocessable,
            Some(brand),
            "That can’t be chosen now",
            &[
                "What you chose isn’t on offer any more. Go back, load the page again and choose another.",
            ],
        )
    }

    /// The reason why a customer can't leave for the platform.
    pub(super) fn of_link(error: LinkError, brand: &Brand, platform: &str) -> Self {
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
                "Something changed in the meantime",
                &["Nothing was shared. Please open your link again."],
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
            "Something went wrong on our side",
            &[
                "Please wait a moment and try again. If it keeps happening, pass on the reference below.",
            ],
        )
    }
}

impl From<CallbackError> for Trouble {
    fn from(error: CallbackError) -> Self {
        const NOTHING: &str = "Nothing was changed and nothing was shared.";
        match error {
            CallbackError::Store(error) => error.into(),
            CallbackError::UnknownState => Self::new(
                ErrorKind::BadRequest,
                None,
                "We can’t tell what this belongs to",
                &[
                    "You came back from a platform, but there’s no connection waiting for you. If you loaded a page again \
                     that said you’re connected, you are.",
                    "Otherwise go back to the app that sent you there, and start again.",
                ],
            ),
            CallbackError::OtherBrowser => Self::new(
                ErrorKind::Forbidden,
                None,
                "Please continue where you began",
                &[
                    NOTHING,
                    "To protect you, a connection has to be finished in the browser that began it, with cookies allowed. Go \
                     back to the app that sent you, and start again in this browser.",
                ],
            ),
            CallbackError::Spent => Self::new(
                ErrorKind::Gone,
                None,
                "This sign-in is over",
                &[
                    "It was finished before, or took more than an hour. Nothing more was changed.",
                    "If your platform isn’t connected, go back to the app that sent you there, and start again.",
                ],
            ),
        }
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let content = match *self.0 {
            Instead::Shown(content) => content,
            Instead::Elsewhere(address) => return see_other(&address, None),
        };
        let Content {
            kind,
            brand,
            heading,
            lines,
            action,
        } = content;
        let status = kind.status();
        let page = ResultPage {
            brand: brand.clone(),
            tone: if status.is_server_error() {
                Tone::Bad
            } else {
                Tone::Neutral
            },
            heading,
            lines,
            reason: None,
            first: action,
            second: None,
            third: None,
            closing: None,
            correlation: Some(correlation_id()),
        };
        respond(status, brand.as_ref(), Forms::None, &page)
    }
}
