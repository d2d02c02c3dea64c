//! The person who authorised, as the platform knows them: OpenID claims.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use egress::{Door, Secret};
use serde_json::{Map, Value};

use crate::ask::errors::FetchError;
use crate::ask::send::Access;
use crate::described::integration::Integration;

impl Integration {
    /// Asks who authorised. The claims come from the platform's user info endpoint (OpenID Connect Core § 5.3), else from the
    /// id token, which came from the token endpoint itself, so that its signature need not be verified (§ 3.1.3.7). Only those
    /// of the details that the manifest names are given, by their standard names. None if the platform tells nothing.
    ///
    /// # Errors
    /// The platform can't be asked, or its answer isn't an object.
    pub async fn person(
        &self,
        door: &Door,
        access: &Access<'_>,
        id_token: Option<&Secret>,
    ) -> Result<Option<Map<String, Value>>, FetchError> {
        let told = match &self.auth.userinfo_url {
            Some(url) => self.user_info(door, access, url.clone()).await?,
            None => None,
        };
        let told = told.or_else(|| id_token.and_then(payload));
        let Some(told) = told else { return Ok(None) };
        let kept = self.of_details(told);
        Ok((!kept.is_empty()).then_some(kept))
    }

    /// The claims that belong to the details which the manifest names.
    pub fn of_details(&self, told: Map<String, Value>) -> Map<String, Value> {
        let details = self.person_details();
        let wanted = |name: &String| {
            let mut claims = details.iter().flat_map(|detail| detail.claims());
            claims.any(|claim| *claim == name.as_str())
        };
        told.into_iter()
            .map(|(name, value)| (standard(&name), value))
            .filter(|(name, value)| wanted(name) && !value.is_null())
            .collect()
    }

    async fn user_info(
        &self,
        door: &Door,
        access: &Access<'_>,
        url: url::Url,
    ) -> Result<Option<Map<String, Value>>, FetchError> {
        match self.get_before_identity(door, access, url).await {
            Ok(body) => serde_json::from_slice(&body).map(Some).map_err(|_| {
                FetchError::Malformed("the user info is not a JSON object".to_owned())
            }),
            // The person allowed the data and not this.
            Err(
                FetchError::Unauthorized { .. }
                | FetchError::Forbidden(_)
                | FetchError::NotOffered(_)
                | FetchError::Refused { .. },
            ) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The claims of a token that is a JWT.
fn payload(token: &Secret) -> Option<Map<String, Value>> {
    let payload = token.expose().split('.').nth(1)?;
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&payload).ok()
}

/// A claim's standard name: some platforms write `givenName`.
fn standard(name: &str) -> String {
    let mut standard = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !standard.is_empty() {
            standard.push('_');
        }
        standard.push(letter.to_ascii_lowercase());
    }
    standard
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_have_their_standard_names() {
        assert_eq!(standard("givenName"), "given_name");
        assert_eq!(standard("phoneNumberVerified"), "phone_number_verified");
        assert_eq!(standard("Email"), "email");
    }
}
