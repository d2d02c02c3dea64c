//! Key pairs with self-signed certificates (RFC 5280), made for a connection whose platform wants one.

use std::convert::Infallible;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use connectors::{Algorithm, SigningKey, Way};
use egress::Secret;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use rcgen::{PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};
use rsa::pkcs8::EncodePrivateKey;
use rsa::rand_core::{TryCryptoRng, TryRng};

use crate::app::App;
use crate::change::Change;
use crate::credentials::vault::openings::Purpose;
use crate::credentials::vault::{Place, Row, Sealed};
use store::StoreError;
use store::clock::random_bytes;
use store::connections::Connection;
use store::key_pairs;
use store::model::Actor;

/// A certificate that was made so long ago and is still not in use is made anew: its life has begun.
const STALE: TimeDelta = TimeDelta::days(30);
/// NetSuite takes 3,072 and 4,096; each further bit makes signing slower.
const RSA_BITS: usize = 3_072;

/// A certificate that a customer registers at the platform.
#[derive(Debug)]
pub struct Certificate {
    /// PEM.
    pub pem: String,
    pub expires: DateTime<Utc>,
}

/// The certificate that waits for a connection to use it; none if it is still to be made.
///
/// # Errors
/// The database can't be read.
pub async fn certificate(
    app: &App,
    connection: &Connection,
) -> Result<Option<Certificate>, StoreError> {
    let pair = key_pairs::get(&app.db, connection.id).await?;
    let fresh = pair.filter(|pair| pair.made > app.clock.now() - STALE);
    Ok(fresh.map(|pair| Certificate {
        pem: pair.certificate,
        expires: pair.expires,
    }))
}

/// Makes a key pair and its certificate for a connection, if none waits there.
///
/// # Errors
/// The database can't be written to, or the machine gives no randomness.
pub async fn make_certificate(
    app: &App,
    connection: &Connection,
    way: &Way,
) -> Result<(), StoreError> {
    let (Some(lifetime), Some(algorithm)) = (way.certificate_lifetime(), way.algorithm()) else {
        return Ok(());
    };
    // An RSA key takes a core for a good part of a second: none is made to be thrown away.
    if certificate(app, connection).await?.is_some() {
        return Ok(());
    }
    let lifetime = TimeDelta::from_std(lifetime).unwrap_or(TimeDelta::days(365));
    let (name, from) = (connection.id.to_string(), app.clock.now());
    let made =
        tokio::task::spawn_blocking(move || self_signed(&name, algorithm, from, from + lifetime));
    let unmade = |error: String| StoreError::Corrupt(format!("a key pair can't be made: {error}"));
    let made = made.await.map_err(|error| unmade(error.to_string()))?;
    let (pem, key) = made.map_err(|error| unmade(error.to_string()))?;
    let mut change = Change::of_company(app, connection.company_id, Actor::Customer).await?;
    let now = change.now;
    let pair = key_pairs::KeyPair {
        connection_id: connection.id,
        client_id: connection.client_id,
        certificate: pem,
        private_key: app.vault.seal(&key.to_text(), place(connection)).0,
        made: now,
        expires: key.expires,
    };
    key_pairs::insert(&mut change, &pair, now - STALE).await?;
    change.commit().await
}

/// The private key that waits for a connection to use it, as [`SigningKey::to_text`] writes it.
pub(super) async fn key_of(
    app: &App,
    connection: &Connection,
) -> Result<Option<Secret>, StoreError> {
    let Some(pair) = key_pairs::get(&app.db, connection.id).await? else {
        return Ok(None);
    };
    let opened = app
        .vault
        .open_sealed(&Sealed(pair.private_key), place(connection), Purpose::Link)
        .await;
    let opened = opened.map_err(|error| StoreError::Corrupt(format!("a key pair: {error}")))?;
    Ok(Some(opened))
}

fn place(connection: &Connection) -> Place<'static> {
    Place {
        client: connection.client_id,
        row: Row::Connection(connection.id),
        field: "key_pair",
    }
}

/// A key for RSA: ring signs with such a key and makes none.
fn rsa_key() -> Result<KeyPair, rcgen::Error> {
    let made = rsa::PrivateKey::new(&mut System, RSA_BITS);
    let made = made.map_err(|_| rcgen::Error::KeyGenerationUnavailable)?;
    let der = made
        .to_pkcs8_der()
        .map_err(|_| rcgen::Error::KeyGenerationUnavailable)?;
    KeyPair::from_pkcs8_der_and_sign_algo(&der.as_bytes().into(), &PKCS_RSA_SHA256)
}

/// The one source of randomness, as that crate reads it.
struct System;

impl TryRng for System {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(random_bytes()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(random_bytes()))
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), Infallible> {
        for part in buffer.chunks_mut(32) {
            part.copy_from_slice(&random_bytes::<32>()[..part.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for System {}

/// A certificate as PEM, and its key, of whole days in UTC. The name in it tells a person at the platform which one it is.
///
/// # Errors
/// The machine gives no randomness, or the name can't be in a certificate.
pub fn self_signed(
    name: &str,
    algorithm: Algorithm,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<(String, SigningKey), rcgen::Error> {
    let key = match algorithm {
        Algorithm::Es256 => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?,
        Algorithm::Ps256 => rsa_key()?,
    };
    let mut params = CertificateParams::default();
    let mut names = DistinguishedName::new();
    names.push(DnType::OrganizationName, "Moorline");
    names.push(DnType::CommonName, name);
    params.distinguished_name = names;
    let day = |number: u32| u8::try_from(number).unwrap_or(1);
    let at =
        |time: DateTime<Utc>| rcgen::date_time_ymd(time.year(), day(time.month()), day(time.day()));
    params.not_before = at(from);
    params.not_after = at(to);
    let certificate = params.self_signed(&key)?;
    let key = SigningKey {
        pkcs8: key.serialize_der(),
        expires: to.date_naive().and_time(chrono::NaiveTime::MIN).and_utc(),
    };
    Ok((certificate.pem(), key))
}
