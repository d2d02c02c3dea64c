//! `ApiKeyDetails`.

use serde::{Deserialize, Serialize};

use super::time;
use store::clients as rows;
use store::model::ApiKeyId;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    id: ApiKeyId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Only in the answer that made it: afterwards nobody knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<String>,
    created_date: String,
}

impl ApiKey {
    pub fn known(row: rows::ApiKey) -> Self {
        Self {
            id: row.id,
            name: row.name,
            api_key: None,
            created_date: time(row.created),
        }
    }

    pub fn fresh(row: rows::ApiKey, text: String) -> Self {
        Self {
            api_key: Some(text),
            ..Self::known(row)
        }
    }
}

#[derive(Debug, Serialize)]
pub struct ApiKeys {
    pub results: Vec<ApiKey>,
}

#[derive(Debug, Default, Deserialize)]
pub struct ApiKeyIn {
    pub name: Option<String>,
}
