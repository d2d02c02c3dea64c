//! One page of a platform's records.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use egress::{Door, EgressError, HeaderMap, HeaderValue, Request, Response, header};
use records::DataType;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::identity::Access;
use crate::integration::{Data, Headers, Integration};
use crate::manifest::{Paging, Since, SinceFormat};
use crate::template::{MissingName, Template, encode_segment};
use crate::{raw, words};

/// Where the next page starts. Store it between pages and hand it back unread: a sync that was killed goes on from it.
/// Give the same `since` with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub(crate) String);

/// A page as the platform sent it.
#[derive(Debug, Clone)]
pub struct Page {
    pub body: Bytes,
    /// None on the last page.
    pub next: Option<Cursor>,
    /// How many records the platform says there are on all pages, where it says so.
    pub total: Option<u64>,
}

/// Why a page did not come. Messages are at most 300 characters, and never hold the token or a query string.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// 401: the access token is not (or no longer) good. Refresh once, then try again.
    #[error("the platform does not accept the access token")]
    Unauthorized,
    /// 403: the token is good, but not for this.
    #[error("the platform does not allow this: {0}")]
    Forbidden(String),
    /// The manifest has no such data type.
    #[error("the integration does not offer this data type")]
    NotSupported,
    #[error("the platform asks for fewer requests")]
    RateLimited { retry_after: Option<Duration> },
    /// A 5xx or 408: worth another try later.
    #[error("the platform is unavailable (status {status})")]
    Unavailable {
        status: u16,
        retry_after: Option<Duration>,
    },
    /// Any other status that is no success: another try will not help.
    #[error("the platform refused (status {status}): {message}")]
    Refused { status: u16, message: String },
    /// What was asked for is no address below the platform's API.
    #[error("`{0}` is no address of the platform's")]
    NoSuchPlace(String),
    /// A success whose body is not what the manifest describes.
    #[error("the platform's answer is not understood: {0}")]
    Malformed(String),
    #[error(transparent)]
    Egress(#[from] EgressError),
}

impl Integration {
    /// Fetches the page at `cursor` (the first where None). `since` narrows to what changed at or after that time
    /// where the platform can do so; elsewhere everything comes.
    pub async fn fetch_page(
        &self,
        door: &Door,
        access: &Access<'_>,
        data_type: DataType,
        cursor: Option<&Cursor>,
        since: Option<DateTime<Utc>>,
    ) -> Result<Page, FetchError> {
        let data = self.data.get(&data_type).ok_or(FetchError::NotSupported)?;
        let url = page_url(data, access, cursor, since)?;
        let mut headers = HeaderMap::new();
        fill_headers(&mut headers, &data.headers, access.variables)?;
        if let (Some(since), Some(time)) = (&data.since, since)
            && let Some(name) = &since.header
        {
            let value = HeaderValue::try_from(written(time, since.format)).ok();
            let name = egress::HeaderName::try_from(name).ok();
            if let (Some(name), Some(value)) = (name, value) {
                headers.insert(name, value);
            }
        }
        let body = self.get(door, access, url.clone(), headers).await?;
        let place = Place {
            paging: &data.paging,
            items: &data.items,
            url,
            cursor,
        };
        place.page(body)
    }

    /// A successful answer's body.
    pub(crate) async fn get(
        &self,
        door: &Door,
        access: &Access<'_>,
        url: Url,
        headers: HeaderMap,
    ) -> Result<Bytes, FetchError> {
        let mut request = Request::get(url);
        request.headers = headers;
        let response = self.send(door, access, request).await?;
        if response.status.is_success() {
            return Ok(response.body);
        }
        Err(self.refusal(&response, access))
    }

    /// Any answer to a request in the connection's name.
    pub(crate) async fn send(
        &self,
        door: &Door,
        access: &Access<'_>,
        mut request: Request,
    ) -> Result<Response, FetchError> {
        let headers = &mut request.headers;
        fill_headers(headers, &self.api.headers, access.variables)?;
        headers
            .entry(header::ACCEPT)
            .or_insert(HeaderValue::from_static("application/json"));
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", access.token.expose()))
            .map_err(|_| FetchError::Unauthorized)?;
        bearer.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, bearer);
        Ok(door.send(request).await?)
    }

    /// What an answer that is no success says.
    pub(crate) fn refusal(&self, response: &Response, access: &Access<'_>) -> FetchError {
        let message = self.message(response, access);
        let status = response.status.as_u16();
        let retry_after = retry_after(&response.headers);
        match status {
            401 => FetchError::Unauthorized,
            403 => FetchError::Forbidden(message),
            429 => FetchError::RateLimited { retry_after },
            408 | 500.. => FetchError::Unavailable {
                status,
                retry_after,
            },
            _ => FetchError::Refused { status, message },
        }
    }

    /// The platform's words on an error, from where the manifest says they are.
    fn message(&self, response: &Response, access: &Access<'_>) -> String {
        let said = self.api.error_message.as_ref().and_then(|path| {
            let value = raw::at(&response.body, path).ok().flatten()?;
            let said = words::presentable(&raw::scalar(value)?, &[Some(access.token)]);
            (!said.is_empty()).then_some(said)
        });
        let reason = response.status.canonical_reason();
        said.unwrap_or_else(|| reason.unwrap_or("no reason given").to_owned())
    }
}

pub(crate) fn fill_url(
    template: &Template,
    variables: &BTreeMap<String, String>,
) -> Result<Url, FetchError> {
    let text = template.fill(variables, encode_segment).map_err(missing)?;
    Url::parse(&text)
        .map_err(|error| FetchError::Malformed(format!("the request's URL is none: {error}")))
}

fn fill_headers(
    headers: &mut HeaderMap,
    templates: &Headers,
    variables: &BTreeMap<String, String>,
) -> Result<(), FetchError> {
    for (name, template) in templates {
        let text = template.fill(variables, str::to_owned).map_err(missing)?;
        let value = HeaderValue::try_from(text).map_err(|_| {
            FetchError::Malformed(format!("the value for {name} cannot be in a header"))
        })?;
        headers.insert(name.clone(), value);
    }
    Ok(())
}

/// The connection lacks a value that its authorisation should have brought.
fn missing(name: MissingName) -> FetchError {
    FetchError::Malformed(name.to_string())
}

fn page_url(
    data: &Data,
    access: &Access<'_>,
    cursor: Option<&Cursor>,
    since: Option<DateTime<Utc>>,
) -> Result<Url, FetchError> {
    let mut url = fill_url(&data.url, access.variables)?;
    if let (Paging::Link { .. }, Some(Cursor(link))) = (&data.paging, cursor) {
        return same_origin(&url, link);
    }
    let mut pairs = Vec::new();
    for (name, template) in &data.query {
        let value = template
            .fill(access.variables, str::to_owned)
            .map_err(missing)?;
        pairs.push((name.as_str(), value));
    }
    pairs.extend(data.paging.pairs(cursor));
    if let (Some(Since { query, format, .. }), Some(time)) = (&data.since, since)
        && let Some(name) = query
    {
        pairs.push((name, written(time, *format)));
    }
    if !pairs.is_empty() {
        url.query_pairs_mut().extend_pairs(pairs);
    }
    Ok(url)
}

/// A platform that was broken into, or that errs, must not be able to send the token elsewhere.
pub(crate) fn same_origin(base: &Url, link: &str) -> Result<Url, FetchError> {
    let url = base.join(link).ok();
    url.filter(|url| url.origin() == base.origin())
        .ok_or_else(|| {
            FetchError::Malformed("the next page's link leads to another site".to_owned())
        })
}

fn written(time: DateTime<Utc>, format: SinceFormat) -> String {
    match format {
        SinceFormat::Rfc3339 => time.to_rfc3339_opts(SecondsFormat::Secs, true),
        SinceFormat::LocalTime => time.format("%Y-%m-%dT%H:%M:%S").to_string(),
        SinceFormat::Date => time.format("%Y-%m-%d").to_string(),
        SinceFormat::HttpDate => time.format("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        SinceFormat::EpochSeconds => time.timestamp().to_string(),
        SinceFormat::EpochMilliseconds => time.timestamp_millis().to_string(),
    }
}

impl Paging {
    /// The parameters that ask for a page.
    pub(crate) fn pairs(&self, cursor: Option<&Cursor>) -> Vec<(&str, String)> {
        let mut pairs = Vec::new();
        match self {
            Self::None {} | Self::Link { .. } => {}
            Self::Page {
                parameter, first, ..
            } => {
                let page = cursor.map_or_else(|| first.to_string(), |cursor| cursor.0.clone());
                pairs.push((parameter.as_str(), page));
            }
            Self::Cursor { parameter, .. } => {
                pairs.extend(cursor.map(|cursor| (parameter.as_str(), cursor.0.clone())));
            }
        }
        if let (Some(parameter), Some(size)) = self.size() {
            pairs.push((parameter, size.to_string()));
        }
        pairs
    }

    fn size(&self) -> (Option<&str>, Option<u32>) {
        match self {
            Self::None {} => (None, None),
            Self::Page {
                size_parameter,
                size,
                ..
            }
            | Self::Cursor {
                size_parameter,
                size,
                ..
            }
            | Self::Link {
                size_parameter,
                size,
                ..
            } => (size_parameter.as_deref(), *size),
        }
    }

    fn total(&self) -> Option<&str> {
        match self {
            Self::None {} => None,
            Self::Page { total, .. } | Self::Cursor { total, .. } | Self::Link { total, .. } => {
                total.as_deref()
            }
        }
    }
}

/// The request that a page came from.
pub(crate) struct Place<'a> {
    pub(crate) paging: &'a Paging,
    /// Dotted path to the records in the answer.
    pub(crate) items: &'a str,
    pub(crate) url: Url,
    pub(crate) cursor: Option<&'a Cursor>,
}

impl Place<'_> {
    pub(crate) fn page(&self, body: Bytes) -> Result<Page, FetchError> {
        let items = value(&body, self.items)?;
        let Some(items) = items else {
            return Err(FetchError::Malformed(format!(
                "it has nothing at `{}`",
                self.items
            )));
        };
        let next = self.next(&body, raw::count(items))?;
        if next.is_some() && next.as_ref() == self.cursor {
            return Err(FetchError::Malformed(
                "the next page is this page again".to_owned(),
            ));
        }
        let total = match self.paging.total() {
            Some(path) => text(&body, path)?.and_then(|total| total.parse().ok()),
            None => None,
        };
        Ok(Page { body, next, total })
    }

    fn next(&self, body: &[u8], count: usize) -> Result<Option<Cursor>, FetchError> {
        let next = match self.paging {
            Paging::None {} => None,
            Paging::Page {
                first, size, pages, ..
            } => {
                let page = match self.cursor {
                    None => *first,
                    Some(Cursor(page)) => page.parse().map_err(|_| {
                        FetchError::Malformed("the stored cursor is no page number".to_owned())
                    })?,
                };
                let last = match pages {
                    Some(path) => text(body, path)?.and_then(|pages| pages.parse::<u64>().ok()),
                    None => None,
                };
                let more = match (last, size) {
                    (Some(pages), _) => page + 1 < pages + first,
                    (None, Some(size)) => count >= *size as usize,
                    (None, None) => count > 0,
                };
                more.then(|| (page + 1).to_string())
            }
            Paging::Cursor { next, more, .. } => {
                let more = match more {
                    Some(path) => text(body, path)?.as_deref() == Some("true"),
                    None => true,
                };
                let next = text(body, next)?.filter(|next| !next.is_empty());
                if more { next } else { None }
            }
            Paging::Link { next, .. } => match text(body, next)?.filter(|next| !next.is_empty()) {
                Some(link) => Some(same_origin(&self.url, &link)?.into()),
                None => None,
            },
        };
        Ok(next.map(Cursor))
    }
}

fn value<'a>(
    body: &'a [u8],
    path: &str,
) -> Result<Option<&'a serde_json::value::RawValue>, FetchError> {
    raw::at(body, path).map_err(|_| FetchError::Malformed("it is not JSON".to_owned()))
}

fn text(body: &[u8], path: &str) -> Result<Option<String>, FetchError> {
    Ok(value(body, path)?.and_then(raw::scalar))
}

/// `Retry-After` in seconds, or as a date, which is measured against the answer's own `Date` (RFC 9110 § 10.2.3).
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let value = text(header::RETRY_AFTER)?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTime::parse_from_rfc2822(value).ok()?;
    let now = DateTime::parse_from_rfc2822(text(header::DATE)?).ok()?;
    Some((at - now).to_std().unwrap_or_default())
}
