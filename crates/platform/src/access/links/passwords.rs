//! One-time passwords in link URLs: signed, so that handing one out writes nothing; only the spent ones are stored.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::credentials::vault::Vault;
use store::clock::random_bytes;

/// The lifetime of a link (the contract: one day).
pub const LIFETIME: TimeDelta = TimeDelta::days(1);
/// The lifetime of the page that shows the end of a link.
pub const RESULT_LIFETIME: TimeDelta = TimeDelta::hours(1);
/// The lifetime of a link to a receipt: long enough to be kept in a message.
pub const RECEIPT_LIFETIME: TimeDelta = TimeDelta::days(30);

const ID: usize = 8;
const MAC: usize = 16;

/// The page that a password opens; the same bytes open no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The start page of one connection (`otp`).
    Connection,
    /// The hosted overview of one company (`link.otp`).
    Company,
    /// The page on which a company's people see what they share (`otp`).
    Sharing,
    /// The page that says how a link ended; not spent by looking at it.
    Result,
    /// The page with a consent's receipt; not spent by looking at it.
    Receipt,
}

impl Purpose {
    const fn word(self) -> &'static str {
        match self {
            Self::Connection => "link a connection",
            Self::Company => "link a company",
            Self::Sharing => "see what a company shares",
            Self::Result => "see a result",
            Self::Receipt => "see a receipt",
        }
    }
}

/// A password that is genuine and in time. Whether it was spent is the store's to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genuine {
    /// Its digest, kept once it is spent.
    pub id: Vec<u8>,
    pub expires: DateTime<Utc>,
}

/// Makes a password: expiry (4 bytes, seconds) · id (8) · authenticator (16), in base64url. `subject` is the connection
/// or company it is for, `detail` further words it vouches for.
pub fn issue(
    vault: &Vault,
    purpose: Purpose,
    subject: Uuid,
    detail: &str,
    now: DateTime<Utc>,
) -> String {
    let lifetime = match purpose {
        Purpose::Connection | Purpose::Company | Purpose::Sharing => LIFETIME,
        Purpose::Result => RESULT_LIFETIME,
        Purpose::Receipt => RECEIPT_LIFETIME,
    };
    let expires = u32::try_from((now + lifetime).timestamp())
        .unwrap_or(u32::MAX)
        .to_be_bytes();
    let id = random_bytes::<ID>();
    let mac = vault.vouch(
        purpose.word(),
        &[subject.as_bytes(), detail.as_bytes(), &expires, &id],
        now,
    );
    let mut bytes = Vec::with_capacity(4 + ID + MAC);
    bytes.extend_from_slice(&expires);
    bytes.extend_from_slice(&id);
    bytes.extend_from_slice(&mac[..MAC]);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Checks a password without spending it. `None` when it is forged, for something else, or too old.
pub fn check(
    vault: &Vault,
    purpose: Purpose,
    subject: Uuid,
    detail: &str,
    password: &str,
    now: DateTime<Utc>,
) -> Option<Genuine> {
    let bytes = URL_SAFE_NO_PAD
        .decode(password)
        .ok()
        .filter(|bytes| bytes.len() == 4 + ID + MAC)?;
    let (expires, rest) = bytes.split_at(4);
    let (id, mac) = rest.split_at(ID);
    if !vault.vouched(
        purpose.word(),
        &[subject.as_bytes(), detail.as_bytes(), expires, id],
        mac,
    ) {
        return None;
    }
    let seconds = u32::from_be_bytes(expires.try_into().ok()?);
    let expires = DateTime::from_timestamp(i64::from(seconds), 0)?;
    (now < expires).then(|| Genuine {
        id: id.to_vec(),
        expires,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_opens_what_it_was_made_for_and_only_for_a_day() {
        let vault = Vault::from_key(&[1; 32]);
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let (mine, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let password = issue(&vault, Purpose::Connection, mine, "", now);
        let check =
            |purpose, subject, text: &str, at| check(&vault, purpose, subject, "", text, at);
        assert!(check(Purpose::Connection, mine, &password, now).is_some());
        assert!(check(Purpose::Connection, other, &password, now).is_none());
        assert!(check(Purpose::Company, mine, &password, now).is_none());
        assert!(
            check(
                Purpose::Connection,
                mine,
                &password,
                now + TimeDelta::hours(23)
            )
            .is_some()
        );
        assert!(
            check(
                Purpose::Connection,
                mine,
                &password,
                now + TimeDelta::hours(24)
            )
            .is_none()
        );
        for at in 0..password.len() {
            let mut forged: Vec<u8> = password.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert!(
                check(Purpose::Connection, mine, &forged, now).is_none(),
                "{forged}"
            );
        }
    }
}
