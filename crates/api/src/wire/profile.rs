//! `Profile` and the CORS settings.

use serde::{Deserialize, Serialize};

use store::clients as rows;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    logo_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon_url: Option<String>,
    /// Required by the contract, so empty rather than absent if none is set.
    redirect_url: String,
    white_list_urls: Vec<String>,
    /// Ours: whether hosted pages carry the "Secured by Moorline" badge.
    show_badge: bool,
}

impl From<&rows::Client> for Profile {
    fn from(row: &rows::Client) -> Self {
        Self {
            name: row.name.clone(),
            logo_url: row.logo_url.clone(),
            icon_url: row.icon_url.clone(),
            redirect_url: row.redirect_url.clone().unwrap_or_default(),
            white_list_urls: row.white_list(),
            show_badge: row.show_badge,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProfileIn {
    pub(crate) name: String,
    pub(crate) logo_url: Option<String>,
    pub(crate) icon_url: Option<String>,
    pub(crate) redirect_url: Option<String>,
    pub(crate) white_list_urls: Option<Vec<String>>,
    pub(crate) show_badge: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CorsSettings {
    pub(crate) allowed_origins: Vec<String>,
}
