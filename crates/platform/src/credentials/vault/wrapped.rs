//! The installation's key under a passphrase, for the way to another machine.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use egress::Secret;
use ring::pbkdf2;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::VaultError;
use super::key::NONCE;
use store::clock::random_bytes;

/// Iterations of PBKDF2 with HMAC-SHA-256, as OWASP recommends; a file names the number it was made with.
const ITERATIONS: u32 = 600_000;
/// A file from elsewhere can't keep this machine busy for ever.
const MOST_ITERATIONS: u32 = 20_000_000;
const KDF: &str = "pbkdf2-hmac-sha256";
const SALT: usize = 16;
const AAD: &[u8] = b"moorline wrapped key 1";

/// A key file's text, sealed with AES-256-GCM under what PBKDF2 makes of a passphrase.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrapped {
    kdf: String,
    iterations: u32,
    salt: String,
    sealed: String,
}

impl Wrapped {
    pub fn seal(key: &Secret, passphrase: &Secret) -> Self {
        let salt = random_bytes::<SALT>();
        let nonce = random_bytes::<NONCE>();
        let message = Payload {
            msg: key.expose().as_bytes(),
            aad: AAD,
        };
        let text = cipher(passphrase, &salt, ITERATIONS)
            .encrypt(&Nonce::from(nonce), message)
            .expect("AES-GCM seals anything under 64 GiB");
        Self {
            kdf: KDF.to_owned(),
            iterations: ITERATIONS,
            salt: STANDARD.encode(salt),
            sealed: STANDARD.encode([nonce.as_slice(), &text].concat()),
        }
    }

    /// `Altered` if the passphrase is another or the text was touched: the cipher can't tell which.
    pub fn open(&self, passphrase: &Secret) -> Result<Secret, VaultError> {
        let bytes = |text: &str| STANDARD.decode(text).map_err(|_| VaultError::Altered);
        let (salt, sealed) = (bytes(&self.salt)?, bytes(&self.sealed)?);
        if self.kdf != KDF || !(1..=MOST_ITERATIONS).contains(&self.iterations) {
            return Err(VaultError::Altered);
        }
        let (nonce, text) = sealed.split_at_checked(NONCE).ok_or(VaultError::Altered)?;
        let nonce = <[u8; NONCE]>::try_from(nonce).map_err(|_| VaultError::Altered)?;
        let message = Payload {
            msg: text,
            aad: AAD,
        };
        let plain = cipher(passphrase, &salt, self.iterations)
            .decrypt(&Nonce::from(nonce), message)
            .map_err(|_| VaultError::Altered)?;
        let plain = String::from_utf8(plain).map_err(|_| VaultError::Altered)?;
        Ok(Secret::new(plain))
    }
}

fn cipher(passphrase: &Secret, salt: &[u8], iterations: u32) -> Aes256Gcm {
    let iterations = std::num::NonZeroU32::new(iterations).unwrap_or(std::num::NonZeroU32::MIN);
    let mut key = Zeroizing::new([0_u8; 32]);
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA256,
        iterations,
        salt,
        passphrase.expose().as_bytes(),
        key.as_mut_slice(),
    );
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_passphrase_opens_it_and_only_untouched() {
        let (key, passphrase) = (
            Secret::new("moorline-key-1:abc"),
            Secret::new("correct horse"),
        );
        let wrapped = Wrapped::seal(&key, &passphrase);
        assert!(!format!("{wrapped:?}").contains("abc"));
        assert_eq!(wrapped.open(&passphrase).unwrap().expose(), key.expose());
        assert!(wrapped.open(&Secret::new("correct horsf")).is_err());
        let mut fewer = wrapped.clone();
        fewer.iterations -= 1;
        assert!(fewer.open(&passphrase).is_err());
        let endless = Wrapped {
            iterations: u32::MAX,
            ..wrapped
        };
        assert!(endless.open(&passphrase).is_err());
    }
}
