//! Who authorised: the platform's own id and name for the company behind a token.

use std::collections::BTreeMap;

use egress::{Door, Secret};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::fetch::FetchError;
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
    /// Asks the platform who authorised.
    pub async fn identity(&self, door: &Door, access: &Access<'_>) -> Result<Identity, FetchError> {
        let _ = (door, access);
        todo!()
    }
}
