//! A page as an answer: the template's text under the headers that every hosted page has.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use url::Url;

use super::reader::words;
use super::views::Brand;
use crate::around::errors::{ErrorKind, correlation_id};
use crate::pages::browser::Browser;
use platform::app::App;
use platform::disclosure::colour::Colour;
use store::clients::Client;

/// A picture's address, if it is one.
fn picture(url: Option<&String>) -> Option<String> {
    url.filter(|url| picture_source(url).is_some()).cloned()
}

impl Brand {
    pub(crate) fn of(client: &Client) -> Self {
        Self {
            name: client.name.clone(),
            logo: picture(client.logo_url.as_ref()),
            icon: picture(client.icon_url.as_ref()),
            hero: None,
            badge: client.show_badge,
            colour: client
                .colour
                .as_deref()
                .and_then(Colour::read)
                .map(|colour| colour.to_string().trim_start_matches('#').to_owned()),
        }
    }

    /// The same for a page that shows the client's picture.
    pub(crate) fn with_hero(self, hero: Option<&String>) -> Self {
        Self {
            hero: picture(hero),
            ..self
        }
    }
}

/// The source that `img-src` must allow for a picture; none for a text that isn't a picture's address.
fn picture_source(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    match url.scheme() {
        "https" | "http" => Some(url.origin().ascii_serialization()),
        "data" if url.path().starts_with("image/") => Some("data:".into()),
        _ => None,
    }
}

/// The addresses that the forms of a page may lead to.
///
/// Chromium holds `form-action` against every redirect that follows a POST, up to the page that is shown in the end: the
/// platform's authorization page, whatever log-in of theirs that leads to, the client's own page. Those hosts can't be
/// listed, so the scheme is: over TLS, forms lead to TLS only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forms {
    None,
    Secure,
    /// Plain HTTP too: for an installation, a client or a platform that is reached so.
    Plain,
}

impl Forms {
    /// Of a page whose forms can end at the client.
    pub(crate) fn towards(app: &App, client: &Client) -> Self {
        let plain = client
            .redirect_url
            .as_deref()
            .is_some_and(|template| template.starts_with("http:"));
        if plain || !app.config.is_https() {
            Self::Plain
        } else {
            Self::Secure
        }
    }

    const fn sources(self) -> &'static str {
        match self {
            Self::None => "'none'",
            Self::Secure => "'self' https:",
            Self::Plain => "'self' https: http:",
        }
    }
}

/// Answers with a page.
pub(crate) fn respond(
    status: StatusCode,
    brand: Option<&Brand>,
    forms: Forms,
    page: &impl Template,
) -> Response {
    let text = match page.render() {
        Ok(text) => text,
        Err(error) => {
            tracing::error!(%error, correlation_id = correlation_id(), "a page could not be written");
            return (ErrorKind::Internal.status(), Html(unwritten())).into_response();
        }
    };
    let mut response = (status, Html(text)).into_response();
    let mut pictures = String::from("'self'");
    if let Some(brand) = brand {
        for source in [&brand.logo, &brand.icon, &brand.hero]
            .into_iter()
            .flatten()
            .filter_map(|url| picture_source(url))
        {
            pictures.push(' ');
            pictures.push_str(&source);
        }
    }
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src {pictures}; form-action {}; base-uri 'none'; frame-ancestors 'none'",
        forms.sources()
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    private(headers);
    response
}

/// A page without a template, in place of one whose template failed.
fn unwritten() -> String {
    let w = words();
    let heading = w.mark("trouble-broken");
    format!(
        "<!doctype html>\n<html lang=\"{}\" dir=\"{}\"><meta charset=\"utf-8\"><title>{heading}</title>\n<h1>{heading}</h1>\n<p>{}</p>\n<p>{} <code>{}</code></p></html>\n",
        w.language(),
        w.direction(),
        w.mark("trouble-wait"),
        w.mark("reference"),
        correlation_id(),
    )
}

/// Sends the browser on, to a page got with GET.
pub(crate) fn see_other(location: &str, browser: Option<&Browser>) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    if let Ok(location) = HeaderValue::from_str(location) {
        headers.insert(LOCATION, location);
    }
    if let Some(browser) = browser {
        browser.set_on(headers);
    }
    private(headers);
    response
}

/// Addresses here carry one-time passwords, and pages what belongs to one company.
fn private(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_addresses_reach_the_policy() {
        assert_eq!(
            picture_source("https://cdn.example/a.svg;script-src *").as_deref(),
            Some("https://cdn.example")
        );
        assert_eq!(
            picture_source("http://localhost:7420/a.png").as_deref(),
            Some("http://localhost:7420")
        );
        assert_eq!(
            picture_source("data:image/svg+xml;base64,AA==").as_deref(),
            Some("data:")
        );
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "",
            "logo.png",
            "https://",
        ] {
            assert_eq!(picture_source(bad), None, "{bad}");
        }
    }
}
