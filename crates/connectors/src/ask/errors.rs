//! A platform's refusals, read from its answers.

use std::time::Duration;

use chrono::DateTime;
use egress::{EgressError, HeaderMap, Response, Secret, header};

use super::json;
use super::presentable::presentable;
use super::send::Access;
use crate::described::integration::Integration;
use crate::described::manifest::{Limit, Meaning, Paths, RefusalSection};
use crate::described::template::MissingName;

/// The reason why a request brought no page. Messages are at most 300 characters, and never hold the token or a query
/// string.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The access token isn't valid here, or isn't any longer: a 401, or an answer that the manifest names. Refresh once, then
    /// retry. `is_invalid` if the platform says that it's the token itself (RFC 6750 § 3.1), and not this one address.
    #[error("the platform does not accept the access token")]
    Unauthorized { is_invalid: bool },
    /// 403: the token is valid, but not for this.
    #[error("the platform does not allow this: {0}")]
    Forbidden(String),
    /// This company doesn't have the data type, for the reason given: a sentence.
    #[error("{0}")]
    NotOffered(String),
    /// The manifest has no such data type.
    #[error("the integration does not offer this data type")]
    NotSupported,
    #[error("the platform asks for fewer requests")]
    RateLimited {
        retry_after: Option<Duration>,
        /// The limit that was met, if the platform names it.
        limit: Option<Limit>,
    },
    /// A 5xx or 408: worth a retry later.
    #[error("the platform is unavailable (status {status})")]
    Unavailable {
        status: u16,
        retry_after: Option<Duration>,
    },
    /// Any other status that isn't a success: a retry won't help.
    #[error("the platform refused (status {status}): {message}")]
    Refused { status: u16, message: String },
    /// The requested address isn't one below the platform's API.
    #[error("`{0}` is not an address below the platform's API")]
    NoSuchPlace(String),
    /// A list that has no further page is full: there is more than the platform tells at once. Of changes, everything
    /// must be read instead.
    #[error("the platform lists at most {0} records at once, and there are more")]
    Cut(u32),
    /// A success whose body isn't as the manifest describes it.
    #[error("the platform's answer is not understood: {0}")]
    Malformed(String),
    /// The map of the identity takes no company from the answer, for the reason that it gives: a sentence, if it says so itself.
    #[error("the platform's answer is not understood: {0}")]
    Unidentified(String),
    #[error(transparent)]
    Egress(#[from] EgressError),
}

impl FetchError {
    /// True if the platform refuses what was asked: something plainer may be allowed.
    pub(crate) fn is_of_the_request(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. } | Self::Forbidden(_) | Self::NotOffered(_)
        )
    }
}

/// The connection lacks a value that its authorization should have brought.
impl From<MissingName> for FetchError {
    fn from(name: MissingName) -> Self {
        Self::Malformed(name.to_string())
    }
}

impl Integration {
    /// True if an answer brought what was asked for.
    pub(crate) fn succeeded(&self, response: &Response) -> bool {
        response.status.is_success() && !self.refuses_token(response)
    }

    /// True if an answer means, by the manifest, that the access token isn't valid.
    fn refuses_token(&self, response: &Response) -> bool {
        let status = response.status.as_u16();
        let rules = self.api.token_refused.iter();
        let mut rules = rules.filter(|rule| rule.status == status);
        rules.any(|rule| means(response, &rule.path, &rule.values, &rule.contains))
    }

    /// The error in an answer that isn't a success.
    pub(crate) fn refusal(&self, response: &Response, access: &Access<'_>) -> FetchError {
        self.refusal_of(&[], response, access)
    }

    /// The same of a list, which may know refusals of its own.
    pub(crate) fn refusal_of(
        &self,
        own: &[RefusalSection],
        response: &Response,
        access: &Access<'_>,
    ) -> FetchError {
        if self.refuses_token(response) {
            return FetchError::Unauthorized { is_invalid: true };
        }
        let message = self.message(response, access);
        let status = response.status.as_u16();
        let retry_after = self.wait_asked_for(&response.headers);
        let mut known = own.iter().chain(&self.api.refusals);
        if let Some(known) = known.find(|known| known.fits(response)) {
            let reason = known.reason.clone();
            return match known.means {
                Meaning::Forbidden => {
                    let said = [Some(message), reason];
                    let said: Vec<String> = said.into_iter().flatten().collect();
                    FetchError::Forbidden(said.join(" "))
                }
                Meaning::NotSupported => FetchError::NotOffered(reason.unwrap_or(message)),
                // Of a list only, for which it isn't an error: see `says_empty`.
                Meaning::Empty => FetchError::Refused { status, message },
                Meaning::RateLimited => FetchError::RateLimited {
                    retry_after,
                    limit: self.limit_met(&response.headers),
                },
                Meaning::Unavailable => FetchError::Unavailable {
                    status,
                    retry_after,
                },
            };
        }
        match status {
            401 => FetchError::Unauthorized {
                // Of what was typed there is nothing newer to try.
                is_invalid: says_invalid_token(&response.headers)
                    || self.is_typed(access.variables),
            },
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

    /// The platform's own message, from the path that the manifest gives.
    fn message(&self, response: &Response, access: &Access<'_>) -> String {
        let secrets = self.secrets_of(access);
        let secrets: Vec<Option<&Secret>> = secrets.iter().map(Some).collect();
        let said = self.api.error_message.iter().find_map(|path| {
            let value = json::at(&response.body, path).ok().flatten()?;
            let said = presentable(&json::scalar(value)?, &secrets);
            (!said.is_empty()).then_some(said)
        });
        let reason = response.status.canonical_reason();
        said.unwrap_or_else(|| reason.unwrap_or("no reason given").to_owned())
    }

    /// The wait that an answer asks for, in `Retry-After` or a header that the manifest names: the longest of them.
    fn wait_asked_for(&self, headers: &HeaderMap) -> Option<Duration> {
        let named = self.limits.headers.retry_after.iter();
        let seconds = named.filter_map(|name| {
            let text = headers.get(name)?.to_str().ok()?;
            text.trim().parse().ok().map(Duration::from_secs)
        });
        let waits = seconds.map(|wait| wait.min(LONGEST_RETRY_AFTER));
        waits.chain(retry_after(headers)).max()
    }

    /// The limit that a refusal was about.
    fn limit_met(&self, headers: &HeaderMap) -> Option<Limit> {
        let names = &self.limits.headers;
        let word = headers.get(names.problem.as_deref()?)?.to_str().ok()?;
        let known = |theirs: &String| theirs.eq_ignore_ascii_case(word.trim());
        let found = names.problems.iter().find(|(theirs, _)| known(theirs));
        found.map(|(_, limit)| *limit)
    }
}

impl RefusalSection {
    fn fits(&self, response: &Response) -> bool {
        if self.status != response.status.as_u16() {
            return false;
        }
        let has_path = !self.path.as_slice().is_empty();
        !has_path || means(response, &self.path, &self.values, &self.contains)
    }
}

/// True if a refusal means, by the first of a list's rules that fits, that the list is empty.
pub(crate) fn says_empty(own: &[RefusalSection], response: &Response) -> bool {
    let known = own.iter().find(|known| known.fits(response));
    known.is_some_and(|known| known.means == Meaning::Empty)
}

/// True if what an answer has at one of the paths is one of `values`, or has some of the words of `contains` in it.
fn means(response: &Response, paths: &Paths, values: &[String], contains: &[String]) -> bool {
    let mut paths = paths.as_slice().iter();
    paths.any(|path| {
        let found = json::at(&response.body, path).ok().flatten();
        found.and_then(json::scalar).is_some_and(|found| {
            let mut words = contains.iter();
            values.contains(&found) || words.any(|words| found.contains(words))
        })
    })
}

/// True if a challenge says that the access token itself isn't valid (RFC 6750 § 3.1).
fn says_invalid_token(headers: &HeaderMap) -> bool {
    let challenges = headers.get_all(header::WWW_AUTHENTICATE).iter();
    let mut texts = challenges.filter_map(|challenge| challenge.to_str().ok());
    texts.any(|text| text.to_ascii_lowercase().contains("invalid_token"))
}

/// The longest wait that is believed: no platform means more, and the caller adds it to the time.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(30 * 86_400);

/// `Retry-After` in seconds, or as a date, which is measured against the answer's own `Date` (RFC 9110 § 10.2.3); thirty days
/// at the most.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    stated_wait(headers).map(|wait| wait.min(LONGEST_RETRY_AFTER))
}

fn stated_wait(headers: &HeaderMap) -> Option<Duration> {
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
    use egress::HeaderValue;

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
