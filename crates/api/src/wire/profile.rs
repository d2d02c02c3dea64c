//! `Profile` and the CORS settings.

use serde::{Deserialize, Serialize};

use store::clients as rows;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    logo_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon_url: Option<String>,
    /// Required by the contract, so empty rather than absent where none is set.
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
pub struct ProfileIn {
    pub name: String,
    pub logo_url: Option<String>,
    pub icon_url: Option<String>,
    pub redirect_url: Option<String>,
    pub white_list_urls: Option<Vec<String>>,
    pub show_badge: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CorsSettings {
    pub allowed_origins: Vec<String>,
}
