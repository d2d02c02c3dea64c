//! The proof of access in a request: the access token (RFC 6750), or what the customer typed.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use egress::{HeaderValue, Request, Secret, header};

use crate::ask::errors::FetchError;
use crate::ask::send::Access;
use crate::described::access::way::{Proof, TypedProof};
use crate::described::integration::Integration;

/// The values that a customer typed and that are secrets, by their names, as one text to be kept where an access token is kept.
pub fn typed_secrets(secrets: &BTreeMap<String, String>) -> Secret {
    let text = serde_json::to_string(secrets);
    Secret::new(text.expect("texts by their names are JSON"))
}

/// The same, read.
fn read_typed(token: &Secret) -> BTreeMap<String, String> {
    serde_json::from_str(token.expose()).unwrap_or_default()
}

impl Integration {
    /// Puts the connection's proof of access into a request.
    pub(crate) fn prove(
        &self,
        access: &Access<'_>,
        request: &mut Request,
    ) -> Result<(), FetchError> {
        match self.typed_proof(access) {
            Some(proof) => proof.put(access, request),
            None => {
                let bearer = format!("Bearer {}", access.token.expose());
                authorize(request, bearer)
            }
        }
    }

    fn typed_proof(&self, access: &Access<'_>) -> Option<&TypedProof> {
        match &self.way_of(access.variables)?.proof {
            Proof::Typed(proof) => Some(proof),
            Proof::Certificate(_) => None,
        }
    }

    /// True if requests carry what the customer typed: nothing renews it.
    pub fn is_typed(&self, variables: &BTreeMap<String, String>) -> bool {
        let way = self.way_of(variables);
        way.is_some_and(|way| matches!(way.proof, Proof::Typed(_)))
    }

    /// The texts of a connection's access that no message may hold.
    pub(crate) fn secrets_of(&self, access: &Access<'_>) -> Vec<Secret> {
        let mut secrets = vec![access.token.clone()];
        if let Some(proof) = self.typed_proof(access) {
            secrets.extend(read_typed(access.token).into_values().map(Secret::new));
            if let Some(pair) = proof.basic_pair(&proof.names(access)) {
                secrets.push(Secret::new(STANDARD.encode(pair)));
            }
        }
        secrets
    }
}

impl TypedProof {
    /// The connection's values and the typed secrets.
    fn names(&self, access: &Access<'_>) -> BTreeMap<String, String> {
        let mut names = access.variables.clone();
        names.extend(read_typed(access.token));
        names
    }

    fn basic_pair(&self, names: &BTreeMap<String, String>) -> Option<String> {
        let (user, password) = self.basic.as_ref()?;
        let user = user.fill(names, str::to_owned).ok()?;
        let password = password.fill(names, str::to_owned).ok()?;
        Some(format!("{user}:{password}"))
    }

    fn put(&self, access: &Access<'_>, request: &mut Request) -> Result<(), FetchError> {
        let names = self.names(access);
        let refused = || FetchError::Unauthorized { is_invalid: true };
        for (name, text) in &self.headers {
            let text = text.fill(&names, str::to_owned).map_err(|_| refused())?;
            let mut value = HeaderValue::try_from(text).map_err(|_| refused())?;
            value.set_sensitive(true);
            request.headers.insert(name.clone(), value);
        }
        if !self.query.is_empty() {
            let is_ours = |name: &str| self.query.iter().any(|(own, _)| own == name);
            let pairs = request.url.query_pairs().into_owned();
            let others: Vec<(String, String)> = pairs.filter(|(name, _)| !is_ours(name)).collect();
            let mut query = request.url.query_pairs_mut();
            query.clear().extend_pairs(others);
            for (name, text) in &self.query {
                let text = text.fill(&names, str::to_owned).map_err(|_| refused())?;
                query.append_pair(name, &text);
            }
        }
        if self.basic.is_some() {
            let pair = self.basic_pair(&names).ok_or_else(refused)?;
            authorize(request, format!("Basic {}", STANDARD.encode(pair)))?;
        }
        Ok(())
    }
}

fn authorize(request: &mut Request, text: String) -> Result<(), FetchError> {
    let mut value =
        HeaderValue::try_from(text).map_err(|_| FetchError::Unauthorized { is_invalid: true })?;
    value.set_sensitive(true);
    request.headers.insert(header::AUTHORIZATION, value);
    Ok(())
}
