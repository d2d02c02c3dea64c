//! Receipts: a consent as its record has it, signed so that anyone with the published key can verify it (RFC 7515, RFC 8037).
//!
//! The terms follow the Kantara Initiative's Consent Receipt 1.1 and ISO/IEC TS 27560. A receipt says what is on record and
//! leaves out the rest, such as the law that applies, which this program doesn't know.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use egress::Secret;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::disclosure::additional::{self, Additional};
use super::{Entry, details};
use crate::access::links::passwords::{self, Purpose};
use crate::app::App;
use crate::change::Change;
use crate::credentials::vault::openings::Purpose as Opened;
use crate::credentials::vault::{Place, Row, Sealed, hex};
use store::clock::random_bytes;
use store::consents::Consent;
use store::entries;
use store::model::{Actor, ClientId, ConsentId, RecordKind};
use store::receipt_keys::{self, ReceiptKey};
use store::{StoreError, Tx};

/// The form of the receipts that are made now.
const SCHEMA: &str = "moorline-consent-receipt-1";

/// A receipt, in clear and signed.
#[derive(Debug)]
pub struct Receipt {
    pub content: Value,
    /// The same as a JWS in its compact serialization.
    pub jws: String,
}

/// Makes the receipt of a consent as it stands now. None if the record of what was shown was erased.
///
/// # Errors
/// The database can't be read or, for the first receipt of all, written to.
pub async fn receipt(app: &App, consent: &Consent) -> Result<Option<Receipt>, StoreError> {
    let entries = entries::of_consents(&app.db, consent.client_id, &[consent.id]).await?;
    let Some(content) = content(app, consent, &entries) else {
        return Ok(None);
    };
    let key = signing_key(app).await?;
    let pair = open(app, &key).await?;
    let header = json!({ "alg": "EdDSA", "kid": key.kid, "typ": "consent-receipt+json" });
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(content.to_string())
    );
    let signature = pair.sign(signed.as_bytes());
    let jws = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
    Ok(Some(Receipt { content, jws }))
}

/// The page with a consent's receipt, for the person who gave it; good for [`passwords::RECEIPT_LIFETIME`].
pub fn url(app: &App, consent: ConsentId) -> String {
    let ticket = passwords::issue(&app.vault, Purpose::Receipt, consent.0, "", app.clock.now());
    format!("{}/receipt/{consent}?ticket={ticket}", app.config.origin())
}

fn content(app: &App, consent: &Consent, entries: &[entries::Entry]) -> Option<Value> {
    let bodies: Vec<(&entries::Entry, Value)> = entries
        .iter()
        .filter_map(|entry| Some((entry, details(app, entry)?)))
        .collect();
    // The newest entry by which it was given says what holds.
    let (giving, body) = bodies
        .iter()
        .rev()
        .find(|(_, body)| body["collectionMethod"].is_string())?;
    let scopes = in_force(giving.seq, body, &bodies);
    let events: Vec<Value> = entries
        .iter()
        .map(|entry| {
            let body = entry.body.as_deref();
            let body: Value = body
                .and_then(|body| serde_json::from_str(body).ok())
                .unwrap_or_default();
            present(json!({
                "eventType": entry.kind,
                "eventTime": entry.at,
                "entity": entry.actor,
                "via": body["by"]["via"],
                "reason": body["reason"],
                "entry": entry.seq,
                "entryHash": hex(&entry.hash),
            }))
        })
        .collect();
    let shown = &body["disclosure"];
    let termination = &shown["access"]["lasts"];
    let further = additional::among(app, std::slice::from_ref(consent), entries);
    let further = further.into_values().flatten();
    // What was refused is no purpose of it; the entries below have it.
    let further = further.filter(Additional::was_given).map(|given| {
        present(json!({
            "purpose": given.wording.purpose(),
            "consentType": "EXPLICIT",
            "consentTimestamp": given.answered.timestamp(),
            "language": given.language,
            "termsAndConditions": given.wording.terms_and_conditions,
            "piiCategory": named(&shown["reads"]),
        }))
    });
    let first = present(json!({
        "purpose": shown["purpose"]["text"],
        "consentType": "EXPLICIT",
        "piiCategory": named(&shown["reads"]),
        "written": named(&shown["writes"]),
        "termination": termination,
    }));
    let purposes: Vec<Value> = std::iter::once(first).chain(further).collect();
    Some(present(json!({
        "schemaVersion": SCHEMA,
        "iss": app.config.origin(),
        "iat": app.clock.now().timestamp(),
        "consentReceiptID": consent.id,
        "consentTimestamp": giving.at.timestamp(),
        "consentState": consent.state,
        "collectionMethod": body["collectionMethod"],
        "language": body["language"],
        "piiPrincipal": present(json!({
            "company": body["company"],
            "business": present(body["business"].clone()),
            "person": body["person"],
        })),
        "piiControllers": [present(json!({
            "piiController": body["client"]["name"],
            "contact": filled(&shown["client"]["support"]),
        }))],
        "policyUrl": shown["client"]["links"]["privacyNotice"],
        "termsUrl": shown["client"]["links"]["terms"],
        "services": [present(json!({
            "service": body["platform"]["name"],
            "purposes": purposes,
        }))],
        "scopes": scopes,
        "validUntil": body["validUntil"],
        "withdrawalMethod": shown["access"]["ends"],
        "retention": shown["stays"]["words"]["text"],
        "disclosureVersion": body["disclosureVersion"],
        "disclosure": shown,
        "events": events,
    })))
}

/// The scopes as they were granted, or as the platform has changed them since.
fn in_force(given: i64, body: &Value, bodies: &[(&entries::Entry, Value)]) -> Value {
    let mut scopes = body["scopes"].clone();
    let changed = RecordKind::ConsentChanged.as_str();
    let newest = bodies.iter().rev().find(|(entry, body)| {
        entry.seq > given && entry.kind == changed && body["scopes"]["granted"].is_array()
    });
    if let (Some((_, changed)), Some(scopes)) = (newest, scopes.as_object_mut()) {
        scopes.insert("granted".into(), changed["scopes"]["granted"].clone());
    }
    scopes
}

/// The members of an object that are something.
fn present(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let something = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(something.collect())
        }
        other => other,
    }
}

/// An object, or nothing if it has no members.
fn filled(value: &Value) -> Value {
    match value.as_object().is_none_or(Map::is_empty) {
        true => Value::Null,
        false => value.clone(),
    }
}

/// The names of what a disclosure lists; nothing if it lists nothing.
fn named(list: &Value) -> Value {
    let names: Vec<&Value> = list
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| &one["name"])
        .collect();
    if names.is_empty() {
        Value::Null
    } else {
        json!(names)
    }
}

/// The published keys, as a JWK set (RFC 7517): a receipt stays verifiable when a newer key signs.
///
/// # Errors
/// The database can't be read or, for the first call of all, written to.
pub async fn published(app: &App) -> Result<Value, StoreError> {
    signing_key(app).await?;
    let keys = receipt_keys::all(&app.db).await?;
    let keys: Vec<Value> = keys
        .iter()
        .map(|key| {
            json!({
                "kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(&key.public_key),
                "kid": key.kid, "alg": "EdDSA", "use": "sig",
            })
        })
        .collect();
    Ok(json!({ "keys": keys }))
}

/// Makes a new key, which signs from now on. Gives its id.
///
/// # Errors
/// The database can't be written to.
pub async fn renew_key(app: &App) -> Result<String, StoreError> {
    let clients = store::clients::list(&app.db).await?;
    let mut change = Change::begin(app, Actor::Client).await?;
    let key = new_key(app, &mut change).await?;
    for client in clients {
        let entry = Entry::new(client.id, RecordKind::ReceiptKeyRenewed);
        change.record(entry.with("target", json!({ "kid": key.kid })));
    }
    change.commit().await?;
    Ok(key.kid)
}

async fn signing_key(app: &App) -> Result<ReceiptKey, StoreError> {
    loop {
        let known = receipt_keys::all(&app.db).await?;
        if let Some(newest) = known.into_iter().next() {
            return Ok(newest);
        }
        // Two nodes may make one each: both are published, and the newer signs.
        let mut tx = app.db.write().await?;
        new_key(app, &mut tx).await?;
        tx.commit().await?;
    }
}

async fn new_key(app: &App, tx: &mut Tx) -> Result<ReceiptKey, StoreError> {
    let seed = random_bytes::<32>();
    let pair = pair_of(&seed)?;
    let public_key = pair.public_key().as_ref().to_vec();
    let x = URL_SAFE_NO_PAD.encode(&public_key);
    // RFC 7638 § 3.2, RFC 8037 § 2: the members that make the key, in the order of their names.
    let thumbprint = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(thumbprint));
    let text = Secret::new(URL_SAFE_NO_PAD.encode(seed));
    let key = ReceiptKey {
        seed: app.vault.seal(&text, place(&kid)).0,
        kid,
        public_key,
        created: app.clock.now(),
    };
    receipt_keys::insert(tx, &key).await?;
    Ok(key)
}

/// A seed is sealed to its key's id; it belongs to no client.
const fn place(kid: &str) -> Place<'_> {
    Place {
        client: ClientId(Uuid::nil()),
        row: Row::Integration(kid),
        field: "receipt_seed",
    }
}

async fn open(app: &App, key: &ReceiptKey) -> Result<Ed25519KeyPair, StoreError> {
    let corrupt = |error: String| StoreError::Corrupt(format!("a receipt key: {error}"));
    let text = app
        .vault
        .open_sealed(&Sealed(key.seed.clone()), place(&key.kid), Opened::Receipt)
        .await
        .map_err(|error| corrupt(error.to_string()))?;
    let seed = URL_SAFE_NO_PAD
        .decode(text.expose())
        .map_err(|error| corrupt(error.to_string()))?;
    pair_of(&seed)
}

fn pair_of(seed: &[u8]) -> Result<Ed25519KeyPair, StoreError> {
    Ed25519KeyPair::from_seed_unchecked(seed)
        .map_err(|error| StoreError::Corrupt(format!("a receipt key: {error}")))
}
