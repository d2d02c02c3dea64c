//! Access tokens for an assertion that the client signs (RFC 7521 § 4.2, RFC 7523 § 2.2), with a key of the connection's own.
//!
//! There is no refresh token: the next access token is given for the next assertion. The private key takes the place of the refresh
//! token, so that it is kept, renewed from and forgotten as one is.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use egress::{Door, Method, Request, Secret};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PSS_SHA256, RsaKeyPair};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{OAuthError, TokenSet, write_parameters};
use crate::described::access::way::{Algorithm, CertificateProof, Proof, Way};
use crate::described::integration::Integration;
use crate::described::manifest::BodyFormat;
use crate::described::template::Template;

/// The lifetime of an assertion: long enough for clocks that differ.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// The private key behind a certificate, and the certificate's end.
pub struct SigningKey {
    /// PKCS #8, for ECDSA over P-256 or RSA.
    pub pkcs8: Vec<u8>,
    pub expires: DateTime<Utc>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    key: String,
    expires: DateTime<Utc>,
}

impl SigningKey {
    /// The key as one text, to be kept where a refresh token is kept.
    pub fn to_text(&self) -> Secret {
        let written = Written {
            key: URL_SAFE_NO_PAD.encode(&self.pkcs8),
            expires: self.expires,
        };
        Secret::new(serde_json::to_string(&written).expect("two texts are JSON"))
    }

    /// Reads [`SigningKey::to_text`]; none of another text.
    pub fn read(text: &Secret) -> Option<Self> {
        let written: Written = serde_json::from_str(text.expose()).ok()?;
        Some(Self {
            pkcs8: URL_SAFE_NO_PAD.decode(written.key).ok()?,
            expires: written.expires,
        })
    }

    /// Signs as the key can, whatever its folder says by now: the platform knows the certificate of this one.
    fn pair(&self) -> Option<Pair> {
        let random = SystemRandom::new();
        let curve =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &self.pkcs8, &random);
        if let Ok(pair) = curve {
            return Some(Pair::Curve(pair));
        }
        RsaKeyPair::from_pkcs8(&self.pkcs8).ok().map(Pair::Rsa)
    }
}

enum Pair {
    Curve(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl Pair {
    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Curve(_) => Algorithm::Es256,
            Self::Rsa(_) => Algorithm::Ps256,
        }
    }

    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match self {
            Self::Curve(pair) => Some(pair.sign(&random, message).ok()?.as_ref().to_vec()),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PSS_SHA256, &random, message, &mut signature)
                    .ok()?;
                Some(signature)
            }
        }
    }
}

/// The circumstances of an assertion.
#[derive(Clone, Copy)]
pub struct Signing<'a> {
    /// [`SigningKey::to_text`]
    pub key: &'a Secret,
    pub now: DateTime<Utc>,
    /// The assertion's own id, `jti`.
    pub id: Uuid,
}

impl Integration {
    /// Asks for an access token with a new assertion. A refresh token is not taken: the key stays what renews it.
    ///
    /// # Errors
    /// The platform refuses or can't be asked. It knows the customer's certificate and client id alone, so that each refusal of these is
    /// `invalid_grant`.
    pub async fn assert(
        &self,
        door: &Door,
        way: &Way,
        signing: Signing<'_>,
        variables: &BTreeMap<String, String>,
    ) -> Result<TokenSet, OAuthError> {
        let unusable = |why: &str| OAuthError::NoAddress(why.to_owned());
        let Proof::Certificate(proof) = &way.proof else {
            return Err(unusable("this way has no certificate"));
        };
        let key = SigningKey::read(signing.key).ok_or_else(|| unusable("there is no key"))?;
        let url = proof.token_url.fill(variables);
        let url = url.map_err(|error| OAuthError::NoAddress(error.to_string()))?;
        let assertion = proof.assertion(&key, url.as_str(), signing, variables)?;
        let mut form = vec![
            ("grant_type".to_owned(), "client_credentials".to_owned()),
            (
                "client_assertion_type".to_owned(),
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned(),
            ),
            ("client_assertion".to_owned(), assertion.expose().to_owned()),
        ];
        for (name, text) in &proof.parameters {
            form.push((name.clone(), filled(text, variables)?));
        }
        let pairs: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let mut request = Request::new(Method::POST, url);
        write_parameters(&mut request, BodyFormat::Form, &pairs);
        self.token_headers(&mut request);
        let response = door.send(request).await?;
        match self.tokens(&response, &[Some(&assertion)]) {
            Ok(tokens) => Ok(TokenSet {
                refresh_token: None,
                refresh_expires_in: None,
                refresh_expires_at: None,
                // What a certificate opens was decided where it was registered.
                scope: None,
                ..tokens
            }),
            Err(OAuthError::Refused { error, description })
                if matches!(error.as_str(), "invalid_client" | "unauthorized_client") =>
            {
                Err(OAuthError::Refused {
                    error: "invalid_grant".to_owned(),
                    description: description.or(Some(error)),
                })
            }
            // Nothing is spent by an assertion: the next one asks again.
            Err(OAuthError::Unreadable { .. }) => Err(OAuthError::Unavailable {
                status: response.status.as_u16(),
                retry_after: None,
            }),
            Err(error) => Err(error),
        }
    }
}

fn filled(text: &Template, variables: &BTreeMap<String, String>) -> Result<String, OAuthError> {
    let filled = text.fill(variables, str::to_owned);
    filled.map_err(|error| OAuthError::NoAddress(error.to_string()))
}

impl CertificateProof {
    /// A signed JWT (RFC 7515, RFC 7523 § 3).
    fn assertion(
        &self,
        key: &SigningKey,
        token_url: &str,
        signing: Signing<'_>,
        variables: &BTreeMap<String, String>,
    ) -> Result<Secret, OAuthError> {
        let client = filled(&self.client_id, variables)?;
        let audience = match &self.audience {
            Some(audience) => filled(audience, variables)?,
            None => token_url.to_owned(),
        };
        let unusable = || OAuthError::NoAddress("the key can't be used".to_owned());
        let pair = key.pair().ok_or_else(unusable)?;
        let kid = filled(&self.key_id, variables)?;
        let header = json!({ "alg": pair.algorithm().name(), "typ": "JWT", "kid": kid });
        let mut claims = Map::new();
        for (name, text) in &self.claims {
            claims.insert(name.clone(), Value::from(filled(text, variables)?));
        }
        for (name, value) in [
            ("iss", Value::from(client.clone())),
            ("sub", Value::from(client)),
            ("aud", Value::from(audience)),
            ("iat", Value::from(signing.now.timestamp())),
            ("exp", Value::from((signing.now + LIFETIME).timestamp())),
            ("jti", Value::from(signing.id.to_string())),
        ] {
            claims.insert(name.to_owned(), value);
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&header), part(&Value::Object(claims)));
        let signature = pair.sign(text.as_bytes()).ok_or_else(unusable)?;
        let signature = URL_SAFE_NO_PAD.encode(signature);
        Ok(Secret::new(format!("{text}.{signature}")))
    }
}
