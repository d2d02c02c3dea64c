//! Root keys that never leave their keeper: AWS KMS, and the transit engine of HashiCorp Vault. Both encrypt and decrypt the sealing keys, which
//! are held in memory then: neither is asked for each value.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use egress::{Door, HeaderName, HeaderValue, Policy, Request, Secret};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use url::Url;
use zeroize::Zeroizing;

use super::VaultError;
use super::roots::Root;
use super::signing::{AccessKey, Unsigned, amz_date, authorization};
use crate::app::config::Kms;
use store::clock::wall_now;

const TIMEOUT: Duration = Duration::from_secs(10);
/// Longer answers than this aren't theirs.
const MOST: usize = 64 << 10;

/// The keeper that the settings name.
///
/// # Errors
/// A setting can't be used.
pub(super) fn of(settings: &Kms) -> Result<Option<Arc<dyn Root>>, VaultError> {
    match (settings.aws_key.as_str(), settings.vault_key.as_str()) {
        ("", "") => Ok(None),
        (arn, "") => Ok(Some(Arc::new(Aws::of(arn, &settings.aws_endpoint)?))),
        ("", key) => Ok(Some(Arc::new(Transit::of(
            key,
            &settings.vault_token_file,
        )?))),
        _ => Err(VaultError::Root(
            "kms: set aws_key or vault_key, not both".to_owned(),
        )),
    }
}

/// A way to one host alone, which the operator has named and which may be private.
///
/// # Errors
/// The way isn't encrypted, and doesn't stay on this machine.
fn door(url: &Url) -> Result<Door, VaultError> {
    let policy = Policy::to_one_host(url).ok_or_else(|| {
        VaultError::Root("kms: the address must be https, unless it is of this machine".to_owned())
    })?;
    Ok(Door::new(Policy {
        connect_timeout: TIMEOUT,
        total_timeout: TIMEOUT,
        max_body: MOST,
        ..policy
    }))
}

/// Sends a question, and gives the answer's object. No part of a refusal is repeated but its status and its own word for it.
async fn ask(
    keeper: &str,
    door: &Door,
    url: &Url,
    headers: &[(&'static str, Secret)],
    body: Vec<u8>,
) -> Result<Value, VaultError> {
    let failed = |why: String| VaultError::Root(format!("{keeper}: {why}"));
    let mut request = Request::post(url.clone(), body);
    for (name, value) in headers {
        let mut value = HeaderValue::from_str(value.expose())
            .map_err(|_| failed(format!("the value of {name} can't stand in a header")))?;
        value.set_sensitive(true);
        request.headers.insert(HeaderName::from_static(name), value);
    }
    // Encrypting or decrypting twice changes nothing.
    request.repeatable = true;
    let answer = door
        .send(request)
        .await
        .map_err(|error| failed(format!("it gave no answer: {error}")))?;
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if answer.status.is_success() {
        return Ok(body);
    }
    let word = body["__type"].as_str().or(body["errors"][0].as_str());
    let word = connectors::presentable_to_customers(word.unwrap_or_default());
    Err(failed(format!(
        "it answered {} {word}",
        answer.status.as_u16()
    )))
}

fn decoded(keeper: &str, text: &Value) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let bytes = text.as_str().and_then(|text| STANDARD.decode(text).ok());
    let bytes = bytes.map(Zeroizing::new);
    bytes.ok_or_else(|| VaultError::Root(format!("{keeper}: its answer can't be read")))
}

/// A key of AWS KMS, by its ARN.
struct Aws {
    name: String,
    arn: String,
    region: String,
    url: Url,
    door: Door,
}

impl Aws {
    fn of(arn: &str, endpoint: &str) -> Result<Self, VaultError> {
        let wrong = |what: &str| VaultError::Root(format!("kms.{what}"));
        let parts: Vec<&str> = arn.split(':').collect();
        let (&["arn", partition, "kms", region, _, _], false) =
            (parts.as_slice(), arn.contains(' '))
        else {
            return Err(wrong(
                "aws_key: it is not a key's ARN, such as arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            ));
        };
        let ending = if partition == "aws-cn" { ".cn" } else { "" };
        let usual = format!("https://kms.{region}.amazonaws.com{ending}/");
        let url = Url::parse(if endpoint.is_empty() {
            &usual
        } else {
            endpoint
        });
        let url = url.map_err(|_| wrong("aws_endpoint: it is not an address"))?;
        Ok(Self {
            name: format!("aws:{arn}"),
            arn: arn.to_owned(),
            region: region.to_owned(),
            door: door(&url)?,
            url,
        })
    }

    async fn ask(&self, target: &'static str, body: &Value) -> Result<Value, VaultError> {
        let key = access_key()?;
        let (now, body) = (wall_now(), body.to_string().into_bytes());
        let date = amz_date(now);
        let host = match (self.url.host_str(), self.url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or_default().to_owned(),
        };
        const TYPE: &str = "application/x-amz-json-1.1";
        let mut signed = vec![
            ("content-type", TYPE),
            ("host", host.as_str()),
            ("x-amz-date", date.as_str()),
        ];
        if let Some(session) = &key.session {
            signed.push(("x-amz-security-token", session.expose()));
        }
        signed.push(("x-amz-target", target));
        let request = Unsigned {
            method: "POST",
            path: self.url.path(),
            headers: &signed,
            body: &body,
        };
        let authorization = authorization(&request, &key, (&self.region, "kms"), now);
        let mut headers = vec![
            ("content-type", Secret::new(TYPE)),
            ("x-amz-date", Secret::new(date.as_str())),
            ("x-amz-target", Secret::new(target)),
            ("authorization", Secret::new(authorization)),
        ];
        if let Some(session) = &key.session {
            headers.push(("x-amz-security-token", session.clone()));
        }
        ask("AWS KMS", &self.door, &self.url, &headers, body).await
    }
}

fn access_key() -> Result<AccessKey, VaultError> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    match (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
        (Some(id), Some(secret)) => Ok(AccessKey {
            id,
            secret: Secret::new(secret),
            session: variable("AWS_SESSION_TOKEN").map(Secret::new),
        }),
        _ => Err(VaultError::Root(
            "AWS KMS: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for temporary ones)"
                .to_owned(),
        )),
    }
}

impl Root for Aws {
    fn name(&self) -> &str {
        &self.name
    }

    fn wrap<'a>(
        &'a self,
        about: &'a str,
        plain: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, VaultError>> {
        Box::pin(async move {
            let body = json!({
                "KeyId": self.arn, "Plaintext": STANDARD.encode(plain), "EncryptionContext": { "moorline": about },
            });
            let answer = self.ask("TrentService.Encrypt", &body).await?;
            let wrapped = decoded("AWS KMS", &answer["CiphertextBlob"])?;
            Ok(wrapped.to_vec())
        })
    }

    fn unwrap<'a>(
        &'a self,
        about: &'a str,
        wrapped: &'a [u8],
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, VaultError>> {
        Box::pin(async move {
            let body = json!({
                "KeyId": self.arn, "CiphertextBlob": STANDARD.encode(wrapped), "EncryptionContext": { "moorline": about },
            });
            let answer = self.ask("TrentService.Decrypt", &body).await?;
            decoded("AWS KMS", &answer["Plaintext"])
        })
    }
}

/// A key of Vault's transit engine, by the address at which it is read: `https://HOST/v1/MOUNT/keys/NAME`.
struct Transit {
    name: String,
    encrypt: Url,
    decrypt: Url,
    token_file: PathBuf,
    door: Door,
}

impl Transit {
    fn of(key: &str, token_file: &std::path::Path) -> Result<Self, VaultError> {
        let wrong = || {
            VaultError::Root(
                "kms.vault_key: it is not a transit key's address, such as https://vault.example:8200/v1/transit/keys/moorline"
                    .to_owned(),
            )
        };
        let url = Url::parse(key).map_err(|_| wrong())?;
        let path = url.path().to_owned();
        let place = path
            .strip_prefix("/v1/")
            .and_then(|path| path.split_once("/keys/"));
        let (mount, name) = place.ok_or_else(wrong)?;
        if mount.is_empty() || name.is_empty() || name.contains('/') {
            return Err(wrong());
        }
        let at = |verb: &str| {
            let mut url = url.clone();
            url.set_path(&format!("/v1/{mount}/{verb}/{name}"));
            url
        };
        Ok(Self {
            name: format!("vault:{mount}/{name}"),
            encrypt: at("encrypt"),
            decrypt: at("decrypt"),
            token_file: token_file.to_owned(),
            door: door(&url)?,
        })
    }

    async fn ask(&self, url: &Url, body: &Value) -> Result<Value, VaultError> {
        // Read anew each time: an agent renews it.
        let token = if self.token_file.as_os_str().is_empty() {
            std::env::var("VAULT_TOKEN").unwrap_or_default()
        } else {
            std::fs::read_to_string(&self.token_file).map_err(|source| VaultError::File {
                path: self.token_file.clone(),
                source,
            })?
        };
        if token.trim().is_empty() {
            return Err(VaultError::Root(
                "Vault: set VAULT_TOKEN, or kms.vault_token_file".to_owned(),
            ));
        }
        let headers = [
            ("content-type", Secret::new("application/json")),
            ("x-vault-token", Secret::new(token.trim())),
        ];
        let body = body.to_string().into_bytes();
        let answer = ask("Vault", &self.door, url, &headers, body).await?;
        Ok(answer["data"].clone())
    }
}

impl Root for Transit {
    fn name(&self) -> &str {
        &self.name
    }

    fn wrap<'a>(
        &'a self,
        about: &'a str,
        plain: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, VaultError>> {
        Box::pin(async move {
            let body = json!({
                "plaintext": STANDARD.encode(plain), "associated_data": STANDARD.encode(about),
            });
            let data = self.ask(&self.encrypt, &body).await?;
            let text = data["ciphertext"].as_str();
            let text =
                text.ok_or_else(|| VaultError::Root("Vault: its answer can't be read".to_owned()))?;
            Ok(text.as_bytes().to_vec())
        })
    }

    fn unwrap<'a>(
        &'a self,
        about: &'a str,
        wrapped: &'a [u8],
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, VaultError>> {
        Box::pin(async move {
            let text = std::str::from_utf8(wrapped).map_err(|_| VaultError::Altered)?;
            let body = json!({ "ciphertext": text, "associated_data": STANDARD.encode(about) });
            let data = self.ask(&self.decrypt, &body).await?;
            decoded("Vault", &data["plaintext"])
        })
    }
}
