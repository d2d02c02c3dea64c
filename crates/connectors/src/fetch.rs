//! One page of a platform's records.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use egress::{Door, EgressError, HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use records::DataType;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use url::Url;

use crate::data::{Data, Each, Turn};
use crate::identity::Access;
use crate::integration::{Headers, Integration};
use crate::manifest::{Limit, When};
use crate::paging::Place;
use crate::template::{MissingName, Template, encode_segment};
use crate::{raw, words};

/// Where the next page starts. Store it between pages and hand it back unread: a sync that was killed goes on from it.
/// Give the same [`Narrowing`] with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub(crate) String);

/// Which records are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Narrowing {
    /// Those that changed at or after this time.
    pub since: Option<DateTime<Utc>>,
    /// What was pulled before is known still, so that changes are enough: lists of them are read too.
    pub only_changes: bool,
}

impl From<Option<DateTime<Utc>>> for Narrowing {
    fn from(since: Option<DateTime<Utc>>) -> Self {
        Self {
            since,
            only_changes: since.is_some(),
        }
    }
}

/// A page as the platform sent it.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Empty where the platform had nothing to send.
    pub body: Bytes,
    /// None on the last page.
    pub next: Option<Cursor>,
    /// How many records the platform says there are on all pages, where it says so.
    pub total: Option<u64>,
    /// Which of the data type's lists it is a page of, from 0.
    pub list: usize,
    pub remaining: Remaining,
}

/// How many requests the platform says are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Remaining {
    /// To the connection.
    pub minute: Option<u64>,
    pub day: Option<u64>,
    /// To the OAuth client.
    pub app_minute: Option<u64>,
}

/// A page of one list.
#[derive(Default)]
struct Fetched {
    body: Bytes,
    next: Option<String>,
    total: Option<u64>,
    remaining: Remaining,
}

/// A place in the lists of a data type, which are read one after the other.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Standing {
    #[serde(default)]
    list: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    each: Option<Values>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page: Option<String>,
}

/// What a list is asked for once for each of, and which of them it is at.
#[derive(Debug, Serialize, Deserialize)]
struct Values {
    values: Vec<String>,
    at: usize,
}

impl Values {
    fn current(&self) -> Option<&str> {
        self.values.get(self.at).map(String::as_str)
    }
}

impl Standing {
    fn of(cursor: Option<&Cursor>, first: usize) -> Self {
        let Some(Cursor(text)) = cursor else {
            return Self {
                list: first,
                ..Self::default()
            };
        };
        // A plain word is a page of the only list.
        let structured = text.starts_with('{').then(|| serde_json::from_str(text));
        match structured {
            Some(Ok(standing)) => standing,
            _ => Self {
                page: Some(text.clone()),
                ..Self::default()
            },
        }
    }

    fn cursor(self) -> Cursor {
        match self {
            Self {
                list: 0,
                each: None,
                page: Some(page),
            } if !page.starts_with('{') => Cursor(page),
            standing => Cursor(serde_json::to_string(&standing).expect("plain JSON")),
        }
    }

    /// The next page of the list, the list's first page for the next value, or the next list's first page.
    fn next(self, page: Option<String>, next_list: impl FnOnce() -> Option<usize>) -> Option<Self> {
        if page.is_some() {
            return Some(Self { page, ..self });
        }
        match self.each {
            Some(each) if each.at + 1 < each.values.len() => Some(Self {
                list: self.list,
                each: Some(Values {
                    at: each.at + 1,
                    ..each
                }),
                page: None,
            }),
            _ => next_list().map(|list| Self {
                list,
                ..Self::default()
            }),
        }
    }
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
    RateLimited {
        retry_after: Option<Duration>,
        /// Which of its limits was met, where it says so.
        limit: Option<Limit>,
    },
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
    /// Fetches the page at `cursor` (the first where None). `narrowing` leaves out what didn't change, where the platform
    /// can do so; elsewhere everything comes.
    pub async fn fetch_page(
        &self,
        door: &Door,
        access: &Access<'_>,
        data_type: DataType,
        cursor: Option<&Cursor>,
        narrowing: impl Into<Narrowing>,
    ) -> Result<Page, FetchError> {
        let narrowing = narrowing.into();
        let lists = self.data.get(&data_type).ok_or(FetchError::NotSupported)?;
        let read = |list: &Data| match list.when {
            When::Always => true,
            When::Changes => narrowing.only_changes,
            When::Whole => !narrowing.only_changes,
        };
        let list_from = |from: usize| {
            let mut later = lists.iter().enumerate().skip(from);
            later.find(|(_, list)| read(list)).map(|(at, _)| at)
        };
        let mut standing = Standing::of(cursor, list_from(0).ok_or(FetchError::NotSupported)?);
        let list = lists.get(standing.list).ok_or_else(|| {
            FetchError::Malformed("the stored cursor leads to a list that isn't there".to_owned())
        })?;
        if let (Some(each), None) = (&list.each, &standing.each) {
            standing.each = Some(self.each(door, access, each).await?);
        }
        let turn = Turn {
            each: standing.each.as_ref().and_then(Values::current),
            page: standing.page.as_deref(),
            since: narrowing.since,
        };
        let fetched = if list.each.is_some() && turn.each.is_none() {
            // There is nothing to ask for.
            Fetched::default()
        } else {
            self.fetch_of(door, access, list, &turn).await?
        };
        let alone = lists.len() == 1 && list.each.is_none();
        let at = standing.list;
        let next = standing.next(fetched.next, || list_from(at + 1));
        Ok(Page {
            body: fetched.body,
            next: next.map(|standing| standing.cursor()),
            total: fetched.total.filter(|_| alone),
            list: at,
            remaining: fetched.remaining,
        })
    }

    /// A page of one list.
    async fn fetch_of(
        &self,
        door: &Door,
        access: &Access<'_>,
        list: &Data,
        turn: &Turn<'_>,
    ) -> Result<Fetched, FetchError> {
        let names = list.names(access.variables, turn)?;
        let request = list.request(&names, turn)?;
        let url = request.url.clone();
        let response = self.send(door, access, request).await?;
        let remaining = self.remaining(&response.headers);
        if response.status == StatusCode::NOT_MODIFIED {
            return Ok(Fetched {
                remaining,
                ..Fetched::default()
            });
        }
        if !response.status.is_success() {
            return Err(self.refusal(&response, access));
        }
        let place = Place {
            paging: &list.paging,
            items: &list.items,
            may_be_absent: list.may_be_absent,
            url,
            page: turn.page,
            known: &names,
        };
        let found = place.find(&response.body)?;
        Ok(Fetched {
            body: response.body,
            next: found.next,
            total: found.total,
            remaining,
        })
    }

    /// What a list is to be asked for once for each of.
    async fn each(
        &self,
        door: &Door,
        access: &Access<'_>,
        each: &Each,
    ) -> Result<Values, FetchError> {
        let url = fill_url(&each.url, access.variables)?;
        let (body, _) = self.get(door, access, url, HeaderMap::new()).await?;
        let found = raw::at(&body, &each.items)
            .map_err(|_| FetchError::Malformed("it is not JSON".to_owned()))?;
        let value_of = |element: &RawValue| {
            let value = raw::at(element.get().as_bytes(), &each.value)
                .ok()
                .flatten();
            value.and_then(raw::scalar)
        };
        let elements = found.map(raw::each).unwrap_or_default();
        let values: Option<Vec<String>> = elements.into_iter().map(value_of).collect();
        let values = values.ok_or_else(|| {
            FetchError::Malformed(format!("`{}` has nothing at `{}`", each.items, each.value))
        })?;
        Ok(Values { values, at: 0 })
    }

    /// A successful answer's body, and what it says is left.
    pub(crate) async fn get(
        &self,
        door: &Door,
        access: &Access<'_>,
        url: Url,
        headers: HeaderMap,
    ) -> Result<(Bytes, Remaining), FetchError> {
        let mut request = Request::get(url);
        request.headers = headers;
        let response = self.send(door, access, request).await?;
        if response.status.is_success() {
            let remaining = self.remaining(&response.headers);
            return Ok((response.body, remaining));
        }
        Err(self.refusal(&response, access))
    }

    /// The same before it is known whose account it is: what the API's headers would say of that is left out.
    pub(crate) async fn get_unplaced(
        &self,
        door: &Door,
        access: &Access<'_>,
        url: Url,
    ) -> Result<Bytes, FetchError> {
        let mut request = Request::get(url);
        for (name, template) in &self.api.headers {
            let known = template.fill(access.variables, str::to_owned).ok();
            if let Some(value) = known.and_then(|text| HeaderValue::try_from(text).ok()) {
                request.headers.insert(name.clone(), value);
            }
        }
        let response = send_bearing(door, access, request).await?;
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
        fill_headers(&mut request.headers, &self.api.headers, access.variables)?;
        send_bearing(door, access, request).await
    }

    /// What an answer that is no success says.
    pub(crate) fn refusal(&self, response: &Response, access: &Access<'_>) -> FetchError {
        let message = self.message(response, access);
        let status = response.status.as_u16();
        let retry_after = retry_after(&response.headers);
        match status {
            401 => FetchError::Unauthorized,
            403 => FetchError::Forbidden(message),
            429 => FetchError::RateLimited {
                retry_after,
                limit: self.limit_met(&response.headers),
            },
            408 | 500.. => FetchError::Unavailable {
                status,
                retry_after,
            },
            _ => FetchError::Refused { status, message },
        }
    }

    /// The platform's words on an error, from where the manifest says they are.
    fn message(&self, response: &Response, access: &Access<'_>) -> String {
        let said = self.api.error_message.iter().find_map(|path| {
            let value = raw::at(&response.body, path).ok().flatten()?;
            let said = words::presentable(&raw::scalar(value)?, &[Some(access.token)]);
            (!said.is_empty()).then_some(said)
        });
        let reason = response.status.canonical_reason();
        said.unwrap_or_else(|| reason.unwrap_or("no reason given").to_owned())
    }

    pub(crate) fn remaining(&self, headers: &HeaderMap) -> Remaining {
        let names = &self.limits.headers;
        let number = |name: &Option<String>| {
            let value = headers.get(name.as_deref()?)?.to_str().ok()?;
            value.trim().parse().ok()
        };
        Remaining {
            minute: number(&names.minute_remaining),
            day: number(&names.day_remaining),
            app_minute: number(&names.app_minute_remaining),
        }
    }

    /// Which limit a refusal was about.
    fn limit_met(&self, headers: &HeaderMap) -> Option<Limit> {
        let names = &self.limits.headers;
        let word = headers.get(names.problem.as_deref()?)?.to_str().ok()?;
        let known = |theirs: &String| theirs.eq_ignore_ascii_case(word.trim());
        let found = names.problems.iter().find(|(theirs, _)| known(theirs));
        found.map(|(_, limit)| *limit)
    }
}

/// Sends a request with the access token.
async fn send_bearing(
    door: &Door,
    access: &Access<'_>,
    mut request: Request,
) -> Result<Response, FetchError> {
    let headers = &mut request.headers;
    headers
        .entry(header::ACCEPT)
        .or_insert(HeaderValue::from_static("application/json"));
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", access.token.expose()))
        .map_err(|_| FetchError::Unauthorized)?;
    bearer.set_sensitive(true);
    headers.insert(header::AUTHORIZATION, bearer);
    Ok(door.send(request).await?)
}

pub(crate) fn fill_url(
    template: &Template,
    variables: &BTreeMap<String, String>,
) -> Result<Url, FetchError> {
    let text = template.fill(variables, encode_segment).map_err(missing)?;
    Url::parse(&text)
        .map_err(|error| FetchError::Malformed(format!("the request's URL is none: {error}")))
}

pub(crate) fn fill_headers(
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
pub(crate) fn missing(name: MissingName) -> FetchError {
    FetchError::Malformed(name.to_string())
}

/// No platform means more, and time is added to it.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(30 * 86_400);

/// `Retry-After` in seconds, or as a date, which is measured against the answer's own `Date` (RFC 9110 § 10.2.3); thirty days
/// at the most.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    wanted_wait(headers).map(|wait| wait.min(LONGEST_RETRY_AFTER))
}

fn wanted_wait(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let value = text(header::RETRY_AFTER)?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTime::parse_from_rfc2822(value).ok()?;
    let now = DateTime::parse_from_rfc2822(text(header::DATE)?).ok()?;
    Some((at - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_in_both_forms_and_never_endless() {
        let wait = |pairs: &[(header::HeaderName, &'static str)]| {
            let headers = pairs
                .iter()
                .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
            retry_after(&headers.collect())
        };
        let seconds = |number| Some(Duration::from_secs(number));
        assert_eq!(wait(&[(header::RETRY_AFTER, "30")]), seconds(30));
        let dated = [
            (header::RETRY_AFTER, "Tue, 31 Mar 2026 10:23:00 GMT"),
            (header::DATE, "Tue, 31 Mar 2026 10:22:05 GMT"),
        ];
        assert_eq!(wait(&dated), seconds(55));
        let endless = [(header::RETRY_AFTER, "18446744073709551615")];
        assert_eq!(wait(&endless), seconds(30 * 86_400));
        assert_eq!(wait(&[(header::RETRY_AFTER, "soon")]), None);
    }
}
