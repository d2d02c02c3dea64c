//! Writing one record to a platform.
//!
//! Four steps, each with one task: [`Integration::look_up`] reads one value that the map needs,
//! [`Integration::compose`] maps the record, [`Integration::write`] sends it, [`Integration::written`] reads the answer. The
//! second and the fourth run jq: call them off the async threads.

use std::collections::BTreeMap;

use bytes::Bytes;
use egress::{
    Door, EgressError, HeaderMap, HeaderValue, Method, Request, Response, Secret, header,
};
use records::{DataType, Record};
use serde_json::value::RawValue;

use super::errors::FetchError;
use super::json;
use super::mapped::MapError;
use super::page::{Page, Remaining};
use super::presentable::presentable;
use super::send::{Access, fill_url};
use crate::described::integration::Integration;
use crate::described::manifest::{ValidationErrors, WriteMethod};
use crate::described::write::Write;

/// The record to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<'a> {
    pub data_type: DataType,
    /// The platform's id of the record to change; None creates one.
    pub id: Option<&'a str>,
}

/// The values that were read for the map, by name, as JSON.
pub type Lookups = BTreeMap<String, Box<RawValue>>;

/// The result of sending a record.
#[derive(Debug)]
pub struct Sent {
    pub outcome: Result<Bytes, WriteError>,
    /// The number of requests left, whatever became of this one.
    pub remaining: Remaining,
}

/// One mistake in a record, in the platform's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidationError {
    pub field: Option<String>,
    pub message: String,
}

/// The reason why a record was not written, or why the outcome isn't known. Messages are at most 300 characters, and never
/// hold the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The platform looked at the record and did not accept it.
    #[error("the platform did not accept the record (status {status}): {message}")]
    NotAccepted {
        status: u16,
        message: String,
        /// The mistakes, if the manifest says where the answer lists them; may be empty.
        errors: Vec<ValidationError>,
    },
    /// Any other failure, as in reading.
    #[error(transparent)]
    Failed(#[from] FetchError),
}

impl WriteError {
    /// True if the platform may have written the record nonetheless.
    pub fn may_have_been_done(&self) -> bool {
        match self {
            Self::NotAccepted { .. } => false,
            Self::Failed(FetchError::Egress(error)) => !EgressError::nothing_was_sent(error),
            Self::Failed(FetchError::Unavailable { .. } | FetchError::Malformed(_)) => true,
            Self::Failed(_) => false,
        }
    }
}

impl Integration {
    /// Reads the value of a lookup's `name` with one request; also gives the number of requests left.
    pub async fn look_up(
        &self,
        door: &Door,
        access: &Access<'_>,
        target: Target<'_>,
        name: &str,
    ) -> Result<(Box<RawValue>, Remaining), WriteError> {
        let mut lookups = self.write_of(target)?.lookups.iter();
        let lookup = lookups.find(|lookup| lookup.name == name);
        let lookup = lookup.ok_or(FetchError::NotSupported)?;
        let url = fill_url(&lookup.url, &with_id(access.variables, target.id))?;
        let (body, remaining) = self.get(door, access, url, HeaderMap::new()).await?;
        let value = json::at(&body, &lookup.items)
            .map_err(|_| FetchError::Malformed("it is not JSON".to_owned()))?;
        let value = value.ok_or_else(|| {
            FetchError::Malformed(format!("it has nothing at `{}`", lookup.items))
        })?;
        Ok((value.to_owned(), remaining))
    }

    /// Maps a standard record (JSON) to the platform's own; the error is the map's message.
    pub fn compose(
        &self,
        target: Target<'_>,
        record: &str,
        lookups: &Lookups,
    ) -> Result<Bytes, String> {
        let write = self.write_of(target).map_err(|error| error.to_string())?;
        let id = serde_json::to_string(&target.id).map_err(|error| error.to_string())?;
        let lookups = serde_json::to_string(lookups).map_err(|error| error.to_string())?;
        // As text, so that no number loses a digit.
        let input = format!("{{\"record\":{record},\"id\":{id},\"lookup\":{lookups}}}");
        let output = write.map.run_one(input.as_bytes());
        output
            .map(Bytes::from)
            .map_err(|message| presentable(&message, &[]))
    }

    /// Sends a composed record, once, under the idempotency key `key`: a platform that knows such keys does each one's request
    /// once.
    pub async fn write(
        &self,
        door: &Door,
        access: &Access<'_>,
        target: Target<'_>,
        key: &str,
        body: Bytes,
    ) -> Sent {
        let mut remaining = Remaining::default();
        let outcome = match self.write_request(access, target, key, body) {
            Ok(request) => match self.send(door, access, request).await {
                Ok(response) => {
                    remaining = self.remaining(&response.headers);
                    self.accepted(response, access)
                }
                Err(error) => Err(error.into()),
            },
            Err(error) => Err(error.into()),
        };
        Sent { outcome, remaining }
    }

    fn write_request(
        &self,
        access: &Access<'_>,
        target: Target<'_>,
        key: &str,
        body: Bytes,
    ) -> Result<Request, FetchError> {
        let write = self.write_of(target)?;
        let operation = match target.id {
            None => write.create.as_ref(),
            Some(_) => write.update.as_ref(),
        };
        let operation = operation.ok_or(FetchError::NotSupported)?;
        let url = fill_url(&operation.url, &with_id(access.variables, target.id))?;
        let mut request = Request::new(operation.method.into(), url);
        request.body = body;
        let json = HeaderValue::from_static("application/json");
        request.headers.insert(header::CONTENT_TYPE, json);
        if let Some(name) = &write.idempotency_header {
            let key = HeaderValue::try_from(key)
                .map_err(|_| FetchError::Malformed("the key can't be in a header".to_owned()))?;
            request.headers.insert(name.clone(), key);
        }
        Ok(request)
    }

    fn accepted(&self, response: Response, access: &Access<'_>) -> Result<Bytes, WriteError> {
        if self.succeeded(&response) {
            return Ok(response.body);
        }
        Err(match self.refusal(&response, access) {
            FetchError::Refused { status, message } => WriteError::NotAccepted {
                status,
                message,
                errors: self.validation_errors(&response, access),
            },
            other => other.into(),
        })
    }

    /// Reads the platform's answer, which has the record as it is there now, by the map that reads the type's records.
    pub fn written(&self, data_type: DataType, answer: Bytes) -> Result<Record, MapError> {
        let refused = |message: &str| MapError {
            data_type: data_type.to_string(),
            index: 0,
            id: None,
            message: message.to_owned(),
        };
        let write = self.writes.get(&data_type);
        let path = write.map_or("", |write| write.result.as_str());
        let page = Page {
            body: answer,
            ..Page::default()
        };
        let mapped = self.map_page_at(data_type, &page, (path, false))?.whole()?;
        let first = mapped.records.into_iter().next();
        first.ok_or_else(|| refused("the answer holds no record"))
    }

    fn write_of(&self, target: Target<'_>) -> Result<&Write, FetchError> {
        (self.writes.get(&target.data_type)).ok_or(FetchError::NotSupported)
    }

    fn validation_errors(&self, response: &Response, access: &Access<'_>) -> Vec<ValidationError> {
        let Some(places) = &self.api.validation_errors else {
            return Vec::new();
        };
        let secrets = self.secrets_of(access);
        let secrets: Vec<Option<&Secret>> = secrets.iter().map(Some).collect();
        let mut errors = Vec::new();
        for index in 0..MOST_ERRORS {
            let at = |member: &str| {
                let ValidationErrors { items, .. } = places;
                let path = format!("{items}.{index}.{member}");
                let value = json::at(&response.body, &path).ok().flatten()?;
                let text = json::scalar(value)?;
                Some(presentable(&text, &secrets))
            };
            let Some(message) = at(&places.message) else {
                break;
            };
            errors.push(ValidationError {
                field: places.field.as_deref().and_then(at),
                message,
            });
        }
        errors
    }
}

/// The most errors that are read from an answer: a record with more of them is wrong altogether.
const MOST_ERRORS: usize = 100;

fn with_id(variables: &BTreeMap<String, String>, id: Option<&str>) -> BTreeMap<String, String> {
    let mut variables = variables.clone();
    variables.extend(id.map(|id| ("id".to_owned(), id.to_owned())));
    variables
}

impl From<WriteMethod> for Method {
    fn from(method: WriteMethod) -> Self {
        match method {
            WriteMethod::Post => Self::POST,
            WriteMethod::Put => Self::PUT,
            WriteMethod::Patch => Self::PATCH,
        }
    }
}
