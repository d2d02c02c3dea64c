//! The request for one page of a list.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use egress::{HeaderMap, HeaderValue, Method, Request, header};
use serde_json::{Map, Value};

use crate::ask::errors::FetchError;
use crate::ask::json::plain;
use crate::ask::send::{fill_headers, fill_url, same_origin};
use crate::described::list::{Body, List, SinceIn};
use crate::described::manifest::{Paging, ReadMethod, SinceFormat};
use crate::described::names::{SINCE, TIME};
use crate::described::template::Template;
use crate::text::steps;

/// The page of a list to request.
pub(crate) struct PageRequest<'a> {
    /// The current value of [`Each`](crate::described::list::Each).
    pub(crate) each: Option<&'a str>,
    pub(crate) page: Option<&'a str>,
    pub(crate) since: Option<DateTime<Utc>>,
    /// The number of the list's requests that were refused, in whose place a plainer one is made.
    pub(crate) refused: usize,
}

impl List {
    /// The values of the names in the list's texts: the connection's own, and those of this page.
    pub(crate) fn names(
        &self,
        variables: &BTreeMap<String, String>,
        page: &PageRequest<'_>,
    ) -> Result<BTreeMap<String, String>, FetchError> {
        let mut names = variables.clone();
        if let (Some(each), Some(value)) = (&self.each, page.each) {
            names.insert(each.name.clone(), value.to_owned());
        }
        for (name, value) in self.paging.names(page.page, variables)? {
            names.insert(name.to_owned(), value);
        }
        names.insert(SINCE.to_owned(), self.since_text(page.since)?);
        Ok(names)
    }

    pub(super) fn since_text(&self, since: Option<DateTime<Utc>>) -> Result<String, FetchError> {
        let Some(how) = &self.since else {
            return Ok(String::new());
        };
        let Some(time) = since.map(|time| written(time, how.format)) else {
            return Ok(how.otherwise.clone());
        };
        match &how.sent_in {
            SinceIn::Text(text) => {
                Ok(text.fill(&BTreeMap::from([(TIME.to_owned(), time)]), str::to_owned)?)
            }
            _ => Ok(time),
        }
    }

    /// The request for a page; `names` are those of [`List::names`].
    pub(crate) fn request(
        &self,
        names: &BTreeMap<String, String>,
        page: &PageRequest<'_>,
    ) -> Result<Request, FetchError> {
        let mut url = fill_url(&self.url, names)?;
        let time = self
            .since
            .as_ref()
            .zip(page.since)
            .map(|(how, time)| (how, written(time, how.format)));
        if let (Paging::Link { .. }, Some(link)) = (&self.paging, page.page) {
            url = same_origin(&url, link)?;
        } else {
            let mut pairs = Vec::new();
            let compares = names.get("months").is_some_and(|months| months != "1");
            let compared = self.compared.iter().filter(|_| compares);
            for (name, template) in self.query_of(page).iter().chain(compared) {
                let value = template.fill(names, str::to_owned)?;
                // In a pull of everything, a parameter that only narrows isn't sent.
                if !(value.is_empty() && template.is_only(SINCE)) {
                    pairs.push((name.as_str(), value));
                }
            }
            if self.method == ReadMethod::Get {
                let paging = self.paging.pairs(page.page).into_iter();
                pairs.extend(paging.map(|(name, value)| (name, plain(&value))));
            }
            if let Some((how, time)) = &time
                && let SinceIn::Query(name) = &how.sent_in
            {
                pairs.push((name, time.clone()));
            }
            if !pairs.is_empty() {
                url.query_pairs_mut().extend_pairs(pairs);
            }
        }
        let mut request = Request {
            // It asks, whatever its method. A walk that is under way goes on once.
            repeatable: !matches!(
                (&self.paging, page.page),
                (Paging::Iterator { .. }, Some(_))
            ),
            ..match self.method {
                ReadMethod::Get => Request::get(url),
                ReadMethod::Post => Request::new(Method::POST, url),
            }
        };
        fill_headers(&mut request.headers, &self.headers, names)?;
        if let Some((how, time)) = &time
            && let SinceIn::Header(name) = &how.sent_in
            && let Ok(value) = HeaderValue::try_from(time)
        {
            request.headers.insert(name.clone(), value);
        }
        if self.method == ReadMethod::Post {
            self.write_body(&mut request, names, page)?;
        }
        Ok(request)
    }

    /// The parameters: those of the last of the plainer requests that are due, or the usual ones.
    fn query_of(&self, page: &PageRequest<'_>) -> &[(String, Template)] {
        let due = self.plainer.iter().take(page.refused).rev();
        let mut plain = due.filter_map(|plain| plain.query.as_deref());
        plain.next().unwrap_or(&self.query)
    }

    fn body_of(&self, page: &PageRequest<'_>) -> Option<&Body> {
        let due = self.plainer.iter().take(page.refused).rev();
        let mut plain = due.filter_map(|plain| plain.body.as_ref());
        plain.next().or(self.body.as_ref())
    }

    fn write_body(
        &self,
        request: &mut Request,
        names: &BTreeMap<String, String>,
        page: &PageRequest<'_>,
    ) -> Result<(), FetchError> {
        let mut body = match self.body_of(page) {
            Some(body) => body.fill(names)?,
            None => Value::Object(Map::new()),
        };
        for (path, value) in self.paging.pairs(page.page) {
            put(&mut body, path, value);
        }
        if let (Some(how), Some(time)) = (&self.since, page.since)
            && let SinceIn::Body(path) = &how.sent_in
        {
            let value = match how.format {
                SinceFormat::EpochSeconds => Value::from(time.timestamp()),
                SinceFormat::EpochMilliseconds => Value::from(time.timestamp_millis()),
                format => Value::from(written(time, format)),
            };
            put(&mut body, path, value);
        }
        request.body = body.to_string().into();
        json_body(&mut request.headers);
        Ok(())
    }
}

pub(crate) fn json_body(headers: &mut HeaderMap) {
    let json = HeaderValue::from_static("application/json");
    headers.entry(header::CONTENT_TYPE).or_insert(json);
}

/// Puts a value at a dotted path, making the objects and lists on the way: a number is a place in a list.
fn put(body: &mut Value, path: &str, value: Value) {
    let mut at = body;
    for step in steps(path) {
        let place = step.parse::<u8>().ok().filter(|_| !at.is_object());
        at = match place {
            Some(place) => {
                if !at.is_array() {
                    *at = Value::Array(Vec::new());
                }
                let places = usize::from(place) + 1;
                let items = at.as_array_mut().expect("a list, since just now");
                items.resize(items.len().max(places), Value::Null);
                &mut items[places - 1]
            }
            None => {
                if !at.is_object() {
                    *at = Value::Object(Map::new());
                }
                &mut at[step.as_str()]
            }
        };
    }
    *at = value;
}

pub(crate) fn written(time: DateTime<Utc>, format: SinceFormat) -> String {
    match format {
        SinceFormat::Rfc3339 => time.to_rfc3339_opts(SecondsFormat::Secs, true),
        SinceFormat::LocalTime => time.format("%Y-%m-%dT%H:%M:%S").to_string(),
        SinceFormat::Date => time.format("%Y-%m-%d").to_string(),
        SinceFormat::HttpDate => time.format("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        SinceFormat::EpochSeconds => time.timestamp().to_string(),
        SinceFormat::EpochMilliseconds => time.timestamp_millis().to_string(),
    }
}
