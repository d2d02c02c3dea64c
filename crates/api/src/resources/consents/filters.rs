//! The filters of a list of the record, as the query of an address gives them.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use http::request::Parts;

use crate::around::errors::ApiError;
use crate::around::path_id;

/// Names and values, those without a value left out.
pub(crate) struct Filters(Vec<(String, String)>);

impl Filters {
    /// The first value by a name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(known, _)| known == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// Those of some names that were given.
    pub(super) fn given(&self, names: &[&str]) -> Vec<(String, String)> {
        let of_names = |(name, _): &&(String, String)| names.contains(&name.as_str());
        self.0.iter().filter(of_names).cloned().collect()
    }

    pub(super) fn id<T: FromStr>(&self, name: &str) -> Result<Option<T>, ApiError>
    where
        T::Err: Display,
    {
        self.get(name).map(|text| path_id(name, text)).transpose()
    }

    /// A time (RFC 3339), or a day, which begins at midnight UTC.
    pub(crate) fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>, ApiError> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let day = |text: &str| {
            let day: NaiveDate = text.parse().ok()?;
            Some(day.and_time(NaiveTime::MIN).and_utc())
        };
        let time = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
        time.ok().or_else(|| day(text)).map(Some).ok_or_else(|| {
            ApiError::invalid(
                name,
                format!("{name} must be a day such as 2026-06-15, or a time such as 2026-06-15T09:30:00Z."),
            )
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Filters {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = url::form_urlencoded::parse(query.as_bytes()).into_owned();
        Ok(Self(pairs.filter(|(_, value)| !value.is_empty()).collect()))
    }
}
