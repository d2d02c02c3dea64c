//! The browser behind a request, and the check that a form came from a page of ours.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{COOKIE, ORIGIN, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

use platform::app::App;
use store::clock::random_bytes;

/// 32 random bytes in base64url.
const LENGTH: usize = 43;

/// A browser by its cookie, which ties the platform's redirect to the browser that left for the platform.
pub(crate) struct Browser {
    id: String,
    is_https: bool,
}

impl Browser {
    /// As the request shows it.
    pub(crate) fn of(app: &App, headers: &HeaderMap) -> Option<Self> {
        let is_https = app.config.is_https();
        let name = name(is_https);
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(own, value)| *own == name && is_well_formed(value))
            .map(|(_, value)| Self {
                id: value.to_owned(),
                is_https,
            })
    }

    /// The same, or a new one for a browser without a cookie.
    pub(super) fn known_or_new(app: &App, headers: &HeaderMap) -> Self {
        Self::of(app, headers).unwrap_or_else(|| Self {
            id: URL_SAFE_NO_PAD.encode(random_bytes::<32>()),
            is_https: app.config.is_https(),
        })
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// `Lax`, since the platform sends the browser back from another site. It lasts as long as the browser is open.
    pub(crate) fn set_on(&self, headers: &mut HeaderMap) {
        let secure = if self.is_https { "; Secure" } else { "" };
        let cookie = format!(
            "{}={}; Path=/; HttpOnly; SameSite=Lax{secure}",
            name(self.is_https),
            self.id
        );
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.append(SET_COOKIE, cookie);
        }
    }
}

/// Browsers take a `__Host-` cookie over TLS only.
const fn name(is_https: bool) -> &'static str {
    if is_https {
        "__Host-moorline-link"
    } else {
        "moorline-link"
    }
}

fn is_well_formed(value: &str) -> bool {
    value.len() == LENGTH
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// True if a form was posted by one of our own pages. The one-time password in it is a secret that another site doesn't
/// have; this refuses what a browser itself calls cross-site.
///
/// If the browser sends no Fetch Metadata (it sends that to trustworthy addresses only, so not over plain HTTP on a local
/// network), `Origin` decides. `null` passes there: with our `Referrer-Policy: no-referrer`, that is what
/// our own forms send.
pub(super) fn is_own_form(app: &App, headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => headers
            .get(ORIGIN)
            .is_none_or(|origin| origin == app.config.origin() || origin == "null"),
    }
}
