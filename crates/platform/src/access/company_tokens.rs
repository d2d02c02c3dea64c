//! Bearer tokens for one company: JWTs (RFC 7519, HS256) that the component and Link-style front ends carry.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::credentials::vault::Vault;
use store::model::{ClientId, CompanyId};

const PURPOSE: &str = "company token";
/// The only header that is issued or accepted: there is no `alg` to choose.
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// The two kinds of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Audience {
    /// `GET /companies/{id}/accessToken`: one day.
    #[serde(rename = "company")]
    Company,
    /// `GET /companies/{id}/connectionManagement/accessToken`: one hour.
    #[serde(rename = "connection-management")]
    ConnectionManagement,
}

impl Audience {
    pub const fn lifetime(self) -> TimeDelta {
        match self {
            Self::Company => TimeDelta::days(1),
            Self::ConnectionManagement => TimeDelta::hours(1),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: CompanySub,
    aud: Audience,
    /// The client organisation.
    azp: uuid::Uuid,
    iat: i64,
    exp: i64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct CompanySub(uuid::Uuid);

/// The holder of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bearer {
    pub client: ClientId,
    pub company: CompanyId,
    pub audience: Audience,
}

pub fn issue(vault: &Vault, issuer: &str, bearer: Bearer, now: DateTime<Utc>) -> String {
    let claims = Claims {
        iss: issuer.to_owned(),
        sub: CompanySub(bearer.company.0),
        aud: bearer.audience,
        azp: bearer.client.0,
        iat: now.timestamp(),
        exp: (now + bearer.audience.lifetime()).timestamp(),
    };
    let claims = serde_json::to_string(&claims).expect("claims are plain JSON");
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(HEADER),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let signature = vault.vouch(PURPOSE, &[signed.as_bytes()], now);
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The holder of this token; `None` if it is forged, expired or issued by another installation.
pub fn verify(vault: &Vault, issuer: &str, token: &str, now: DateTime<Utc>) -> Option<Bearer> {
    let (signed, signature) = token.rsplit_once('.')?;
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .ok()
        .filter(|bytes| bytes.len() == 32)?;
    if !vault.vouched(PURPOSE, &[signed.as_bytes()], &signature) {
        return None;
    }
    let (header, claims) = signed.split_once('.')?;
    if URL_SAFE_NO_PAD.decode(header).ok()? != HEADER.as_bytes() {
        return None;
    }
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    let in_time = now.timestamp() < claims.exp;
    (claims.iss == issuer && in_time).then_some(Bearer {
        client: ClientId(claims.azp),
        company: CompanyId(claims.sub.0),
        audience: claims.aud,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_until_it_expires_and_cannot_be_made_by_others() {
        let vault = Vault::from_key(&[1; 32]);
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let bearer = Bearer {
            client: ClientId(uuid::Uuid::from_u128(1)),
            company: CompanyId(uuid::Uuid::from_u128(2)),
            audience: Audience::ConnectionManagement,
        };
        let token = issue(&vault, "https://m.example", bearer, now);
        let verify = |token: &str, at| verify(&vault, "https://m.example", token, at);
        assert_eq!(verify(&token, now), Some(bearer));
        assert_eq!(verify(&token, now + TimeDelta::minutes(59)), Some(bearer));
        assert_eq!(verify(&token, now + TimeDelta::minutes(60)), None);
        let mut parts = token.split('.');
        let (_, claims) = (parts.next(), parts.next().unwrap());
        let unsigned = format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#));
        assert_eq!(verify(&unsigned, now), None);
        assert_eq!(
            super::verify(&Vault::from_key(&[2; 32]), "https://m.example", &token, now),
            None
        );
        assert_eq!(
            super::verify(&vault, "https://other.example", &token, now),
            None
        );
    }
}
