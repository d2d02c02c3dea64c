//! One page of a platform's records.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use egress::{Door, EgressError};
use records::DataType;
use serde::{Deserialize, Serialize};

use crate::identity::Access;
use crate::integration::Integration;

/// Where the next page starts. Store it between pages and hand it back unread: a sync that was killed goes on from it.
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

/// Why a page did not come. Messages are at most 300 characters, and never hold a token or a query string.
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
        let _ = (door, access, data_type, cursor, since);
        todo!()
    }
}
