//! The company behind a token: the platform's own id and name for it.

use std::collections::BTreeMap;

use bytes::Bytes;
use egress::Door;
use records::DataType;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::errors::FetchError;
use super::fetch::look_up;
use super::send::{Access, fill_url, question};
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
    /// Permissions that the person lacks there, as far as the identity's look-ups tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<Lack>,
}

/// A permission that a person lacks at a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Lack {
    /// Its name, as the platform's own people know it.
    pub permission: String,
    /// The data types that can't be read, or not wholly, without it.
    pub data_types: Vec<DataType>,
}

/// A refusal of the request for the company.
struct Refusal {
    error: FetchError,
    /// The person may have no access there.
    is_skipped: bool,
}

impl From<Refusal> for FetchError {
    fn from(refusal: Refusal) -> Self {
        refusal.error
    }
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
                let lookups = self.identity_lookups(door, access).await?;
                let answer = self.identity_answer(door, access, access.variables).await;
                self.mapped_identities(&answer??, &lookups)
                    .map_err(FetchError::Unidentified)?
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
        let lookups = self.identity_lookups(door, access).await?;
        let url = fill_url(&each.url, access.variables)?;
        let body = self.get_before_identity(door, access, url).await?;
        let mut found = Vec::new();
        let (mut skipped, mut answered) = (None, false);
        for (value, element) in each.elements(&body)? {
            let mut variables = access.variables.clone();
            variables.insert(each.name.clone(), value);
            let error = match self.identity_answer(door, access, &variables).await? {
                Ok(body) => {
                    let mut lookup = lookups.clone();
                    lookup.insert(each.name.clone(), element.to_owned());
                    let identities = self.mapped_identities(&body, &lookup);
                    found.extend(identities.map_err(FetchError::Unidentified)?);
                    answered = true;
                    continue;
                }
                Err(error) => error,
            };
            if !error.is_skipped {
                return Err(error.into());
            }
            skipped.get_or_insert(error.into());
        }
        match skipped.filter(|_| !answered) {
            None => Ok(found),
            Some(error) => Err(match &self.identity.all_skipped {
                Some(sentence) => FetchError::Forbidden(sentence.clone()),
                None => error,
            }),
        }
    }

    /// The answer to the request, or to a plainer one if that is refused.
    async fn identity_answer(
        &self,
        door: &Door,
        access: &Access<'_>,
        names: &BTreeMap<String, String>,
    ) -> Result<Result<Bytes, Refusal>, FetchError> {
        let identity = &self.identity;
        let mut plainer = identity.plainer.iter();
        let (mut query, mut body) = (&identity.query, identity.body.as_ref());
        loop {
            let url = fill_url(&identity.url, names)?;
            let request = question(url, query, body, names)?;
            let response = self.send_before_identity(door, access, request).await?;
            if self.succeeded(&response) {
                return Ok(Ok(response.body));
            }
            let error = self.refusal(&response, access);
            match plainer.next().filter(|_| error.is_of_the_request()) {
                Some(plain) => {
                    query = plain.query.as_ref().unwrap_or(query);
                    body = plain.body.as_ref().or(body);
                }
                None => {
                    let status = response.status.as_u16();
                    let is_skipped = identity.skipped_statuses.contains(&status);
                    return Ok(Err(Refusal { error, is_skipped }));
                }
            }
        }
    }

    async fn identity_lookups(
        &self,
        door: &Door,
        access: &Access<'_>,
    ) -> Result<Lookups, FetchError> {
        let ask = |request| self.ask_before_identity(door, access, request);
        look_up(&self.identity.lookups, access.variables, ask).await
    }

    fn mapped_identities(&self, body: &[u8], lookup: &Lookups) -> Result<Vec<Identity>, String> {
        let mut identities: Vec<Identity> = self.identity.map.read_all(body, lookup)?;
        for identity in &mut identities {
            let texts = [&mut identity.company_name, &mut identity.detail];
            for text in texts.into_iter().flatten() {
                *text = without_controls(text);
            }
        }
        Ok(identities)
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

/// A text for people to read. Not every database takes a control character such as U+0000, and no page shows one.
fn without_controls(text: &str) -> String {
    let readable = |c: char| match c {
        '\t' | '\n' | '\r' => Some(' '),
        c => (!c.is_control()).then_some(c),
    };
    text.chars().filter_map(readable).collect()
}
