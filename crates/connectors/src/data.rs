//! One list that a data type is read from: the request for a page of it.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use egress::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use serde_json::{Map, Value};

use crate::fetch::{FetchError, fill_headers, fill_url, missing};
use crate::integration::Headers;
use crate::manifest::{Paging, ReadMethod, SinceFormat, When};
use crate::mapping::Program;
use crate::paging::same_origin;
use crate::template::{MissingName, Template};

/// The name of the time since which changes are asked for, in the texts of a list.
pub(crate) const SINCE: &str = "since";
/// The same in the text that `${since}` stands for.
pub(crate) const TIME: &str = "time";

#[derive(Debug)]
pub(crate) struct Data {
    pub(crate) when: When,
    pub(crate) method: ReadMethod,
    pub(crate) url: Template,
    pub(crate) query: Vec<(String, Template)>,
    pub(crate) headers: Headers,
    pub(crate) body: Option<Body>,
    pub(crate) paging: Paging,
    pub(crate) since: Option<Since>,
    pub(crate) each: Option<Each>,
    pub(crate) items: String,
    pub(crate) may_be_absent: bool,
    pub(crate) map: Program,
}

/// How changes are asked for.
#[derive(Debug)]
pub(crate) struct Since {
    pub(crate) place: SincePlace,
    pub(crate) format: SinceFormat,
    /// What `${since}` stands for where everything is asked for.
    pub(crate) otherwise: String,
}

#[derive(Debug)]
pub(crate) enum SincePlace {
    Query(String),
    Header(HeaderName),
    /// Dotted.
    Body(String),
    /// What `${since}` stands for, with `${time}` in it.
    Text(Template),
}

/// What the list is asked for once for each of.
#[derive(Debug)]
pub(crate) struct Each {
    pub(crate) name: String,
    pub(crate) url: Template,
    pub(crate) items: String,
    pub(crate) value: String,
}

/// A JSON value with names in its texts.
#[derive(Debug)]
pub(crate) enum Body {
    Plain(Value),
    Text(Template),
    List(Vec<Body>),
    Object(Vec<(String, Body)>),
}

/// Which page of a list.
pub(crate) struct Turn<'a> {
    /// What [`Each`] has come to.
    pub(crate) each: Option<&'a str>,
    pub(crate) page: Option<&'a str>,
    pub(crate) since: Option<DateTime<Utc>>,
}

impl Data {
    /// What stands for the names in the list's texts: the connection's own values, and those of this page.
    pub(crate) fn names(
        &self,
        variables: &BTreeMap<String, String>,
        turn: &Turn<'_>,
    ) -> Result<BTreeMap<String, String>, FetchError> {
        let mut names = variables.clone();
        if let (Some(each), Some(value)) = (&self.each, turn.each) {
            names.insert(each.name.clone(), value.to_owned());
        }
        for (name, value) in self.paging.names(turn.page, variables)? {
            names.insert(name.to_owned(), value);
        }
        names.insert(SINCE.to_owned(), self.since_text(turn.since)?);
        Ok(names)
    }

    fn since_text(&self, since: Option<DateTime<Utc>>) -> Result<String, FetchError> {
        let Some(how) = &self.since else {
            return Ok(String::new());
        };
        let Some(time) = since.map(|time| written(time, how.format)) else {
            return Ok(how.otherwise.clone());
        };
        match &how.place {
            SincePlace::Text(text) => text
                .fill(&BTreeMap::from([(TIME.to_owned(), time)]), str::to_owned)
                .map_err(missing),
            _ => Ok(time),
        }
    }

    /// The request for a page; `names` are those of [`Data::names`].
    pub(crate) fn request(
        &self,
        names: &BTreeMap<String, String>,
        turn: &Turn<'_>,
    ) -> Result<Request, FetchError> {
        let mut url = fill_url(&self.url, names)?;
        let time = self
            .since
            .as_ref()
            .zip(turn.since)
            .map(|(how, time)| (how, written(time, how.format)));
        if let (Paging::Link { .. }, Some(link)) = (&self.paging, turn.page) {
            url = same_origin(&url, link)?;
        } else {
            let mut pairs = Vec::new();
            for (name, template) in &self.query {
                let value = template.fill(names, str::to_owned).map_err(missing)?;
                pairs.push((name.as_str(), value));
            }
            if self.method == ReadMethod::Get {
                let paging = self.paging.pairs(turn.page).into_iter();
                pairs.extend(paging.map(|(name, value)| (name, plain(&value))));
            }
            if let Some((how, time)) = &time
                && let SincePlace::Query(name) = &how.place
            {
                pairs.push((name, time.clone()));
            }
            if !pairs.is_empty() {
                url.query_pairs_mut().extend_pairs(pairs);
            }
        }
        let mut request = match self.method {
            ReadMethod::Get => Request::get(url),
            ReadMethod::Post => Request::new(Method::POST, url),
        };
        fill_headers(&mut request.headers, &self.headers, names)?;
        if let Some((how, time)) = &time
            && let SincePlace::Header(name) = &how.place
            && let Ok(value) = HeaderValue::try_from(time)
        {
            request.headers.insert(name.clone(), value);
        }
        if self.method == ReadMethod::Post {
            self.write_body(&mut request, names, turn)?;
        }
        Ok(request)
    }

    fn write_body(
        &self,
        request: &mut Request,
        names: &BTreeMap<String, String>,
        turn: &Turn<'_>,
    ) -> Result<(), FetchError> {
        let mut body = match &self.body {
            Some(body) => body.fill(names).map_err(missing)?,
            None => Value::Object(Map::new()),
        };
        for (place, value) in self.paging.pairs(turn.page) {
            put(&mut body, place, value);
        }
        if let (Some(how), Some(time)) = (&self.since, turn.since)
            && let SincePlace::Body(place) = &how.place
        {
            let value = match how.format {
                SinceFormat::EpochSeconds => Value::from(time.timestamp()),
                SinceFormat::EpochMilliseconds => Value::from(time.timestamp_millis()),
                format => Value::from(written(time, format)),
            };
            put(&mut body, place, value);
        }
        request.body = body.to_string().into();
        json_body(&mut request.headers);
        Ok(())
    }

    /// Whether a name stands in one of the list's texts.
    pub(crate) fn uses(&self, name: &str) -> bool {
        self.url.uses(name)
            || self.query.iter().any(|(_, text)| text.uses(name))
            || self.headers.iter().any(|(_, text)| text.uses(name))
            || self.body.as_ref().is_some_and(|body| body.uses(name))
    }
}

pub(crate) fn json_body(headers: &mut HeaderMap) {
    let json = HeaderValue::from_static("application/json");
    headers.entry(header::CONTENT_TYPE).or_insert(json);
}

/// As a query has it.
pub(crate) fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

impl Body {
    /// Reads a manifest's value; `read` makes a template of a text.
    pub(crate) fn read<E>(
        value: Value,
        read: &impl Fn(&str) -> Result<Template, E>,
    ) -> Result<Self, E> {
        Ok(match value {
            Value::String(text) => Self::Text(read(&text)?),
            Value::Array(items) => Self::List(
                items
                    .into_iter()
                    .map(|item| Self::read(item, read))
                    .collect::<Result<_, E>>()?,
            ),
            Value::Object(members) => Self::Object(
                members
                    .into_iter()
                    .map(|(name, value)| Ok((name, Self::read(value, read)?)))
                    .collect::<Result<_, E>>()?,
            ),
            plain => Self::Plain(plain),
        })
    }

    fn fill(&self, names: &BTreeMap<String, String>) -> Result<Value, MissingName> {
        Ok(match self {
            Self::Plain(value) => value.clone(),
            Self::Text(text) => Value::from(text.fill(names, str::to_owned)?),
            Self::List(items) => items
                .iter()
                .map(|item| item.fill(names))
                .collect::<Result<_, _>>()?,
            Self::Object(members) => members
                .iter()
                .map(|(name, value)| Ok((name.clone(), value.fill(names)?)))
                .collect::<Result<Map<_, _>, _>>()
                .map(Value::Object)?,
        })
    }

    fn uses(&self, name: &str) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Text(text) => text.uses(name),
            Self::List(items) => items.iter().any(|item| item.uses(name)),
            Self::Object(members) => members.iter().any(|(_, value)| value.uses(name)),
        }
    }
}

/// Puts a value at a dotted place, making the objects on the way.
fn put(body: &mut Value, place: &str, value: Value) {
    let mut at = body;
    for step in place.split('.') {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        at = &mut at[step];
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
