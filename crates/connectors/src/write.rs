//! One record to a platform.
//!
//! Four steps, so that none does another's work: [`Integration::look_up`] reads one thing that the map needs to know,
//! [`Integration::compose`] maps the record, [`Integration::write`] sends it, [`Integration::written`] reads the answer. The
//! second and the fourth run jq: call them off the async threads.

use std::collections::BTreeMap;

use bytes::Bytes;
use egress::{
    Door, EgressError, HeaderMap, HeaderName, HeaderValue, Method, Request, Response, header,
};
use records::{DataType, Record};
use serde_json::value::RawValue;

use crate::fetch::{FetchError, Page, Remaining, fill_url};
use crate::identity::Access;
use crate::integration::Integration;
use crate::manifest::{ValidationErrors, WriteMethod};
use crate::mapping::{MapError, Program};
use crate::options::PushOption;
use crate::template::Template;
use crate::{raw, words};

#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) options: PushOption,
    pub(crate) map: Program,
    pub(crate) lookups: Vec<Lookup>,
    pub(crate) create: Option<Operation>,
    pub(crate) update: Option<Operation>,
    pub(crate) idempotency_header: Option<HeaderName>,
    pub(crate) result: String,
}

#[derive(Debug)]
pub(crate) struct Lookup {
    pub(crate) name: String,
    pub(crate) url: Template,
    pub(crate) items: String,
}

#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) method: WriteMethod,
    pub(crate) url: Template,
}

/// What an integration can write of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteSupport {
    pub create: bool,
    pub update: bool,
    /// The platform knows a request that it has done before by its key, so that it may be repeated.
    pub repeatable: bool,
}

/// Which record is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<'a> {
    pub data_type: DataType,
    /// The platform's id of the record to change; none makes a new one.
    pub id: Option<&'a str>,
}

/// What was read for the map, by name: JSON.
pub type Lookups = BTreeMap<String, Box<RawValue>>;

/// What came of sending a record.
#[derive(Debug)]
pub struct Sent {
    pub outcome: Result<Bytes, WriteError>,
    /// How many requests the platform says are left, whatever it made of this one.
    pub remaining: Remaining,
}

/// One thing that the platform did not accept, in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidationError {
    pub field: Option<String>,
    pub message: String,
}

/// Why a record was not written, or why that isn't known. Messages are at most 300 characters, and never hold the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The platform looked at the record and did not accept it.
    #[error("the platform did not accept the record (status {status}): {message}")]
    NotAccepted {
        status: u16,
        message: String,
        /// Where the manifest says that the answer lists them; may be empty.
        errors: Vec<ValidationError>,
    },
    /// Everything else, as it is with reading.
    #[error(transparent)]
    Failed(#[from] FetchError),
}

impl WriteError {
    /// Whether the platform may have done it nonetheless.
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
    /// What can be written of a type; none where nothing can.
    pub fn writes(&self, data_type: DataType) -> Option<WriteSupport> {
        self.writes.get(&data_type).map(|write| WriteSupport {
            create: write.create.is_some(),
            update: write.update.is_some(),
            repeatable: write.idempotency_header.is_some(),
        })
    }

    /// The types of which something can be written.
    pub fn written_types(&self) -> impl Iterator<Item = DataType> {
        self.writes.keys().copied()
    }

    /// What a record of the type may say; the choices that come from records are still to be filled in.
    pub fn push_options(&self, data_type: DataType) -> Option<&PushOption> {
        self.writes.get(&data_type).map(|write| &write.options)
    }

    /// The names of what the type's map needs to know beside the record.
    pub fn lookups(&self, data_type: DataType) -> impl Iterator<Item = &str> {
        let lookups = self.writes.get(&data_type).map(|write| &write.lookups);
        let lookups = lookups.into_iter().flatten();
        lookups.map(|lookup| lookup.name.as_str())
    }

    /// Reads one of them with one request, and how many the platform says are left.
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
        let value = raw::at(&body, &lookup.items)
            .map_err(|_| FetchError::Malformed("it is not JSON".to_owned()))?;
        let value = value.ok_or_else(|| {
            FetchError::Malformed(format!("it has nothing at `{}`", lookup.items))
        })?;
        Ok((value.to_owned(), remaining))
    }

    /// The platform's record of a standard one (JSON), or what the map has against it.
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
            .map_err(|message| words::presentable(&message, &[]))
    }

    /// Sends what was composed, once, under `key`: the platform does the same key's request once, where it knows keys.
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
        if response.status.is_success() {
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

    /// The record as the platform has it now, read by the map that reads records of the type.
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
        let mapped = self.map_page_at(data_type, &page, (path, false))?;
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
        let presentable = |text: String| words::presentable(&text, &[Some(access.token)]);
        let mut errors = Vec::new();
        for index in 0..MOST_ERRORS {
            let at = |member: &str| {
                let ValidationErrors { items, .. } = places;
                let path = format!("{items}.{index}.{member}");
                let value = raw::at(&response.body, &path).ok().flatten()?;
                raw::scalar(value).map(presentable)
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

/// A record with more errors is wrong altogether.
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
