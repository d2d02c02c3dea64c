//! Adding contacts and documents to the books, and changing them.

mod form;
mod forms;

use std::sync::Arc;

use axum::Json;
use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Path, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::{Desk, Error, accounts, documents};
use crate::api::resource::Resource;
use crate::books::written::{Change, Once};
use crate::books::{Books, Library, NotWritten};
use form::Form;

/// One list that can be added to.
pub(super) struct Writer {
    pub(super) resource: &'static Resource,
    /// Reads the form into a change: `None` adds, a position replaces.
    read: fn(&Books, Option<u32>, &mut Form<'_>) -> Option<Change>,
}

pub(super) const WRITERS: &[Writer] = &[
    Writer {
        resource: &accounts::CONTACTS,
        read: forms::contact,
    },
    Writer {
        resource: &documents::SALES_DOCUMENTS,
        read: forms::sales_document,
    },
    Writer {
        resource: &documents::PURCHASE_DOCUMENTS,
        read: forms::purchase_document,
    },
];

/// A part of a form that was not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// `lines[0].tax_code_id`
    pub(super) field: String,
    /// A code for programs.
    pub(super) rule: &'static str,
    pub(super) message: String,
}

pub(super) fn not_accepted(faults: &[Fault]) -> Response {
    let fields: Vec<Value> = faults
        .iter()
        .map(|fault| json!({"field": fault.field, "rule": fault.rule, "message": fault.message}))
        .collect();
    let message = match faults.len() {
        1 => "One field was not accepted.".to_owned(),
        many => format!("{many} fields were not accepted."),
    };
    let body = json!({"error": {"code": "not_accepted", "message": message, "fields": fields}});
    (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
}

/// A form of this length holds a thousand lines.
const LONGEST: usize = 512 * 1024;
const LONGEST_KEY: usize = 128;

/// A request to write: the books, the body, and the caller's key for it.
pub(super) struct Draft {
    library: Arc<Library>,
    business: String,
    once: Option<Once>,
    fields: Map<String, Value>,
}

impl FromRequest<Arc<Library>> for Draft {
    type Rejection = Error;

    async fn from_request(request: Request, library: &Arc<Library>) -> Result<Self, Error> {
        use axum::extract::FromRequestParts as _;

        let (mut parts, body) = request.into_parts();
        let desk = Desk::from_request_parts(&mut parts, library).await?;
        let is_json = parts
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        if !is_json {
            return Err(Error::BadRequest(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_json",
                "Send the record as application/json.",
            ));
        }
        let body = to_bytes(body, LONGEST).await.map_err(|_| {
            Error::BadRequest(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_long",
                "The record is too long.",
            )
        })?;
        let fields = match serde_json::from_slice(&body) {
            Ok(Value::Object(fields)) => fields,
            _ => {
                return Err(Error::BadRequest(
                    StatusCode::BAD_REQUEST,
                    "not_json",
                    "The body must be a JSON object.",
                ));
            }
        };
        let path = parts.uri.path();
        Ok(Self {
            library: library.clone(),
            business: desk.access.business,
            once: once(&parts.headers, &parts.method, path, &body)?,
            fields,
        })
    }
}

fn once(
    headers: &HeaderMap,
    method: &Method,
    path: &str,
    body: &Bytes,
) -> Result<Option<Once>, Error> {
    let Some(key) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = key
        .to_str()
        .ok()
        .filter(|key| !key.is_empty() && key.len() <= LONGEST_KEY)
        .ok_or(Error::BadRequest(
            StatusCode::BAD_REQUEST,
            "bad_header",
            "An Idempotency-Key is 1 to 128 visible characters.",
        ))?;
    let mut digest = ring::digest::Context::new(&ring::digest::SHA256);
    for part in [method.as_str().as_bytes(), path.as_bytes(), body] {
        digest.update(&(part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    Ok(Some(Once {
        key: key.to_owned(),
        fingerprint: STANDARD.encode(digest.finish()),
    }))
}

pub(super) async fn create(draft: Draft, writer: &'static Writer) -> Result<Response, Error> {
    write(draft, writer, None).await
}

pub(super) async fn replace(
    draft: Draft,
    Path(id): Path<String>,
    writer: &'static Writer,
) -> Result<Response, Error> {
    write(draft, writer, Some(id)).await
}

async fn write(
    draft: Draft,
    writer: &'static Writer,
    id: Option<String>,
) -> Result<Response, Error> {
    let created = id.is_none();
    // Bringing the books to this moment is work for a second or two.
    let written = tokio::task::spawn_blocking(move || {
        let Draft {
            library,
            business,
            once,
            fields,
        } = draft;
        library.write(&business, once, |books| {
            let position = match &id {
                None => None,
                Some(id) => Some(found(writer, books, id)?),
            };
            let mut form = Form::new(&fields);
            let change = (writer.read)(books, position, &mut form);
            let faults = form.finish();
            match change {
                Some(change) if faults.is_empty() => Ok(change),
                _ => Err(Error::NotAccepted(faults)),
            }
        })
    });
    let entered = match written.await.map_err(|_| Error::Broken)? {
        Ok(entered) => entered,
        Err(NotWritten::NoBusiness) => {
            return Err(Error::NotFound("The organisation no longer exists.".into()));
        }
        Err(NotWritten::KeyReused) => return Err(Error::KeyReused),
        Err(NotWritten::Refused(error)) => return Err(error),
    };
    let data = (writer.resource.render)(&entered.books, entered.position as usize);
    let status = if created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let mut response = (status, Json(json!({ "data": data }))).into_response();
    if entered.again {
        let replayed = header::HeaderValue::from_static("true");
        response
            .headers_mut()
            .insert("idempotency-replayed", replayed);
    }
    Ok(response)
}

fn found(writer: &Writer, books: &Books, id: &str) -> Result<u32, Error> {
    let noun = writer.resource.noun;
    (writer.resource.find(books, id))
        .and_then(|position| u32::try_from(position).ok())
        .ok_or_else(|| Error::NotFound(format!("There is no {noun} '{id}'.")))
}
