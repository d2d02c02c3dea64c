//! Who authorised: the platform's own id and name for the company behind a token.

use std::collections::BTreeMap;

use egress::{Door, HeaderMap, Secret};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::fetch::{FetchError, fill_url};
use crate::integration::Integration;

/// What a request on a connection's behalf carries.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    pub token: &'a Secret,
    /// The connection's own values for `${name}`: [`Identity::variables`], and the callback parameters that
    /// [`Integration::callback_parameters`] names.
    pub variables: &'a BTreeMap<String, String>,
}

/// The company at the platform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Identity {
    /// The platform's id of the company: the same after every authorisation of the same one.
    pub id: String,
    pub company_name: Option<String>,
    /// OpenID claims of the person who authorised, by their standard names.
    pub open_id: Option<Map<String, Value>>,
    /// Values to keep with the connection and hand back in [`Access::variables`].
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
}

impl Integration {
    /// Asks the platform who authorised. The claims come from the map, or from the platform's user info endpoint
    /// (OpenID Connect Core § 5.3); where that one says no, because OpenID was not asked for, there are none.
    pub async fn identity(&self, door: &Door, access: &Access<'_>) -> Result<Identity, FetchError> {
        let url = fill_url(&self.identity.url, access.variables)?;
        let body = self.get(door, access, url, HeaderMap::new()).await?;
        let mut identity: Identity = self
            .identity
            .map
            .read_one(&body)
            .map_err(FetchError::Malformed)?;
        if identity.id.is_empty() {
            return Err(FetchError::Malformed(
                "the company's id is empty".to_owned(),
            ));
        }
        if identity.open_id.is_none()
            && let Some(url) = &self.auth.userinfo_url
        {
            identity.open_id = self.claims(door, access, url.clone()).await?;
        }
        Ok(identity)
    }

    async fn claims(
        &self,
        door: &Door,
        access: &Access<'_>,
        url: url::Url,
    ) -> Result<Option<Map<String, Value>>, FetchError> {
        match self.get(door, access, url, HeaderMap::new()).await {
            Ok(body) => serde_json::from_slice(&body)
                .map(Some)
                .map_err(|_| FetchError::Malformed("the user info is no object".to_owned())),
            Err(
                FetchError::Unauthorized | FetchError::Forbidden(_) | FetchError::Refused { .. },
            ) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
