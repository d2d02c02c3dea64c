//! The company behind a token: the platform's own id and name for it.

use std::collections::BTreeMap;

use egress::Door;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::errors::FetchError;
use super::send::{Access, fill_url};
use super::write::Lookups;
use crate::described::integration::Integration;
use crate::described::list::Each;

/// The company at the platform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Identity {
    /// The platform's id of the company: the same after every authorization.
    #[serde(default)]
    pub id: String,
    pub company_name: Option<String>,
    /// A detail that distinguishes it from another company of the same name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// OpenID claims of the person who authorized, by their standard names.
    pub open_id: Option<Map<String, Value>>,
    /// Values to keep with the connection and hand back in [`Access::variables`].
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
}

impl Integration {
    /// Fetches the companies that the token leads to: one, or several to choose from, each once. Who the person is isn't asked:
    /// [`Integration::person`] does that.
    pub async fn identities(
        &self,
        door: &Door,
        access: &Access<'_>,
    ) -> Result<Vec<Identity>, FetchError> {
        let found = match &self.identity.each {
            Some(each) => self.identities_of_each(door, access, each).await?,
            None => {
                let url = fill_url(&self.identity.url, access.variables)?;
                let body = self.get_before_identity(door, access, url).await?;
                self.mapped_identities(&body, &Lookups::new())
                    .map_err(FetchError::Malformed)?
            }
        };
        let mut identities: Vec<Identity> = Vec::with_capacity(found.len());
        for mut identity in found {
            if let Some(id) = &self.identity.id {
                identity.id = id.fill(access.variables, str::to_owned)?;
            }
            if identity.id.is_empty() {
                return Err(FetchError::Malformed(
                    "the company's id is empty".to_owned(),
                ));
            }
            if identities.iter().all(|other| other.id != identity.id) {
                identities.push(identity);
            }
        }
        if identities.is_empty() {
            return Err(FetchError::Malformed(
                "the access token leads to no company".to_owned(),
            ));
        }
        Ok(identities)
    }

    /// The companies of every element of a list. The person may see an element without having access to what is in it: that is passed
    /// over, unless it is so everywhere.
    async fn identities_of_each(
        &self,
        door: &Door,
        access: &Access<'_>,
        each: &Each,
    ) -> Result<Vec<Identity>, FetchError> {
        let url = fill_url(&each.url, access.variables)?;
        let body = self.get_before_identity(door, access, url).await?;
        let mut found = Vec::new();
        let (mut skipped, mut answered) = (None, false);
        for (value, element) in each.elements(&body)? {
            let mut variables = access.variables.clone();
            variables.insert(each.name.clone(), value);
            let url = fill_url(&self.identity.url, &variables)?;
            let response = self.send_before_identity(door, access, url).await?;
            if self.succeeded(&response) {
                let lookup = Lookups::from([(each.name.clone(), element.to_owned())]);
                let identities = self.mapped_identities(&response.body, &lookup);
                found.extend(identities.map_err(FetchError::Malformed)?);
                answered = true;
                continue;
            }
            let error = self.refusal(&response, access.token);
            let status = response.status.as_u16();
            if !self.identity.skipped_statuses.contains(&status) {
                return Err(error);
            }
            skipped.get_or_insert(error);
        }
        match skipped.filter(|_| !answered) {
            None => Ok(found),
            Some(error) => Err(match &self.identity.all_skipped {
                Some(sentence) => FetchError::Forbidden(sentence.clone()),
                None => error,
            }),
        }
    }

    fn mapped_identities(&self, body: &[u8], lookup: &Lookups) -> Result<Vec<Identity>, String> {
        self.identity.map.read_all(body, lookup)
    }

    /// The identity map's output for an answer, as JSON: one company, or a list of them.
    pub(crate) fn read_identity(&self, body: &[u8], lookup: &Lookups) -> Result<String, String> {
        let identities = self.mapped_identities(body, lookup)?;
        let mut written = Vec::with_capacity(identities.len());
        for identity in identities {
            let mut members = serde_json::to_value(identity).map_err(|error| error.to_string())?;
            if let Some(members) = members.as_object_mut() {
                members.retain(|_, value| {
                    !value.is_null()
                        && *value != ""
                        && value.as_object().is_none_or(|inner| !inner.is_empty())
                });
            }
            written.push(members.to_string());
        }
        match written.as_slice() {
            [one] => Ok(one.clone()),
            several => Ok(format!("[{}]", several.join(","))),
        }
    }
}
