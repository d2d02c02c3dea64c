//! `ApiKeyDetails`.

use serde::{Deserialize, Serialize};

use super::time;
use store::clients as rows;
use store::model::ApiKeyId;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApiKey {
    id: ApiKeyId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Only in the answer that made it: afterwards only its hash is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<String>,
    created_date: String,
}

impl ApiKey {
    pub(crate) fn known(row: rows::ApiKey) -> Self {
        Self {
            id: row.id,
            name: row.name,
            api_key: None,
            created_date: time(row.created),
        }
    }

    pub(crate) fn fresh(row: rows::ApiKey, text: String) -> Self {
        Self {
            api_key: Some(text),
            ..Self::known(row)
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct ApiKeys {
    pub(crate) results: Vec<ApiKey>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct ApiKeyIn {
    pub(crate) name: Option<String>,
}
