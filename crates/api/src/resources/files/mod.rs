//! `/companies/{companyId}/files`: documents that a company's people have uploaded.

pub(crate) mod multipart;

use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;

use self::multipart::{Broken, Head, Multipart};
use crate::AppState;
use crate::around::errors::ApiError;
use crate::around::tenancy::{ForLink, ForLinkConnection, OwnCompany};
use crate::resources::consents::filters::Filters;
use crate::wire::time;
use platform::data::files::archive::Archive;
use platform::data::files::sources::{Kind, source};
use platform::data::files::{self, MOST_AT_ONCE, MOST_BYTES, Refusal, Upload};
use store::model::CompanyId;

/// The longest body of an upload: as many files as may come, and what stands between them.
pub(crate) const LONGEST: usize = MOST_AT_ONCE * (MOST_BYTES + 16 * 1024) + 1024 * 1024;

/// A form has fewer fields beside its files.
pub(crate) const MOST_FIELDS: usize = 64;

/// The longest time for an upload: a slow line needs several minutes for files of this size.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20 * 60);

/// A file as the contract has it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct File {
    file_name: String,
    display_name: Option<String>,
    source_type: &'static str,
    uploaded: String,
}

pub(crate) async fn list(
    State(app): State<AppState>,
    ForLink { company, .. }: ForLink,
) -> Result<Json<Vec<File>>, ApiError> {
    let found = files::list(&app, company.client_id, company.id, None).await?;
    let connections = store::connections::of_companies(&app.db, &[company.id]).await?;
    let shown = found.into_iter().map(|file| File {
        source_type: connections
            .iter()
            .find(|connection| connection.id == file.connection_id)
            .and_then(|connection| source(&connection.integration_key))
            .map_or(Kind::Documents, |source| source.kind)
            .source_type(),
        uploaded: time(file.uploaded.unwrap_or(file.begun)),
        file_name: file.name,
        display_name: None,
    });
    Ok(Json(shown.collect()))
}

/// All files, or those of a day, in an archive with a folder for each source.
pub(crate) async fn download(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
    filters: Filters,
) -> Result<Response, ApiError> {
    let date = filters.time("date")?;
    let found = files::list(&app, company.client_id, company.id, date).await?;
    if found.is_empty() {
        return Err(none(company.id, date.is_some()));
    }
    let connections = store::connections::of_companies(&app.db, &[company.id]).await?;
    let archive = Archive::of(&app, found, |file| {
        let of = connections
            .iter()
            .find(|connection| connection.id == file.connection_id);
        of.map_or_else(String::new, |connection| connection.platform_name.clone())
    });
    let pieces = futures_util::stream::unfold(Some(archive), |archive| async {
        let mut archive = archive?;
        match archive.next().await {
            Ok(Some(bytes)) => Some((Ok(Bytes::from(bytes)), Some(archive))),
            Ok(None) => None,
            Err(error) => {
                tracing::error!(%error, "an archive of files was cut off");
                Some((Err(error), None))
            }
        }
    });
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("application/octet-stream");
    headers.insert(CONTENT_TYPE, kind);
    let name = HeaderValue::from_static("attachment; filename=\"files.zip\"");
    headers.insert(CONTENT_DISPOSITION, name);
    Ok(response)
}

fn none(company: CompanyId, of_day: bool) -> ApiError {
    let when = if of_day { " on that day" } else { "" };
    ApiError::not_found(format!("Company {company} has uploaded no files{when}"))
}

pub(crate) async fn upload(
    State(app): State<AppState>,
    ForLinkConnection { connection, actor }: ForLinkConnection,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    if headers.contains_key("idempotency-key") {
        return Err(ApiError::bad_request(
            "An upload takes no Idempotency-Key: its body is too large to be compared. Without an answer, read the list of files before you upload again.",
        ));
    }
    let upload = Upload::new(&app, &connection, actor)?;
    let mut form = Multipart::of(&headers, body, LONGEST)?;
    let taken = match form.next().await {
        Ok(first) => take(&mut form, upload, first).await,
        Err(broken) => Err(broken.into()),
    };
    let upload = match taken {
        Ok(upload) => upload,
        Err(refused) => {
            form.drain(LONGEST).await;
            return Err(refused.into());
        }
    };
    upload.complete().await?;
    Ok(StatusCode::OK)
}

/// A body that holds no files that can be kept.
pub(crate) enum Refused {
    Body(Broken),
    Files(Refusal),
}

impl From<Broken> for Refused {
    fn from(broken: Broken) -> Self {
        Self::Body(broken)
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Files(refusal)
    }
}

/// Takes every file of a form, from the part whose head was read. Fields that aren't files are passed over, and so is a file field in
/// which none was chosen.
pub(crate) async fn take<'a>(
    form: &mut Multipart,
    mut upload: Upload<'a>,
    first: Option<Head>,
) -> Result<Upload<'a>, Refused> {
    let mut head = first;
    let mut fields = 0;
    while let Some(part) = head {
        if let Some(name) = part.file_name.filter(|name| !name.is_empty()) {
            upload.begin(&name).await?;
            while let Some(piece) = form.piece().await? {
                upload.add(&piece).await?;
            }
            upload.end().await?;
        } else {
            fields += 1;
            if fields > MOST_FIELDS {
                return Err(Broken::TooLong.into());
            }
        }
        head = form.next().await?;
    }
    Ok(upload)
}

/// Ends an upload that takes too long.
pub(crate) async fn patience(request: Request, next: Next) -> Response {
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::too_slow().into_response(),
    }
}
