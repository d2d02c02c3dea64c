//! Secret ⇄ Sealed: AES-256-GCM under keys derived from one key file, each ciphertext bound to the row it belongs to.

pub mod wrapped;

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use egress::Secret;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use store::clock::random_bytes;
use store::model::{ClientId, ConnectionId, WebhookId};

/// Sealed bytes: format (1) · key id (8) · nonce (12) · ciphertext with its tag.
const FORMAT: u8 = 1;
const KEY_ID: usize = 8;
const NONCE: usize = 12;
const HEADER: &str = "moorline-key-1";

#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("{path}: {source}", path = path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{0} is not a Moorline key file (expected one line `{HEADER}:<base64 of 32 bytes>`)")]
    NotAKey(String),
    #[error("{path} can be read by others (mode {mode:o}); run: chmod 600 {path}", path = path.display())]
    Exposed { path: PathBuf, mode: u32 },
    /// The key isn't the one this ciphertext was sealed with.
    #[error("sealed with another key")]
    OtherKey,
    /// Altered, or moved from another row.
    #[error("the sealed value was altered or belongs to another row")]
    Altered,
}

/// A ciphertext as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// The row and field that a ciphertext is bound to: moved elsewhere it doesn't open.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub client: ClientId,
    pub row: Row<'a>,
    pub field: &'static str,
}

/// A row of the client's.
#[derive(Clone, Copy, Debug)]
pub enum Row<'a> {
    Connection(ConnectionId),
    Integration(&'a str),
    Webhook(WebhookId),
    /// Of a connection's data of a type: by its key.
    Data(ConnectionId, &'a str, &'a str),
    /// The installation's own.
    Installation,
}

impl Row<'_> {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Connection(id) => [b"connection:", id.0.as_bytes().as_slice()].concat(),
            Self::Integration(key) => [b"integration:", key.as_bytes()].concat(),
            Self::Webhook(id) => [b"webhook:", id.0.as_bytes().as_slice()].concat(),
            Self::Data(id, data_type, key) => {
                let length = (data_type.len() as u64).to_be_bytes();
                let parts: [&[u8]; 5] = [
                    b"data:",
                    id.0.as_bytes(),
                    &length,
                    data_type.as_bytes(),
                    key.as_bytes(),
                ];
                parts.concat()
            }
            Self::Installation => b"installation".to_vec(),
        }
    }
}

/// Holds the keys. Everything secret goes through it; there is no mode without encryption.
pub struct Vault {
    seal: Aes256Gcm,
    sign: Zeroizing<[u8; 32]>,
    key_id: [u8; KEY_ID],
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({})", self.key_id())
    }
}

impl Vault {
    pub fn from_key(master: &[u8; 32]) -> Self {
        let derive = |purpose: &[u8]| {
            let mut key = Zeroizing::new([0_u8; 32]);
            Hkdf::<Sha256>::new(Some(b"moorline"), master)
                .expand(purpose, key.as_mut_slice())
                .expect("32 bytes is a length HKDF gives");
            key
        };
        let digest = Sha256::digest(derive(b"key id").as_slice());
        let mut key_id = [0; KEY_ID];
        key_id.copy_from_slice(&digest[..KEY_ID]);
        let seal = derive(b"seal");
        let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*seal));
        Self {
            seal: cipher,
            sign: derive(b"sign"),
            key_id,
        }
    }

    /// Reads the key file, or makes one (mode 0600) if it doesn't exist. The second value is true if it was made.
    pub fn open(path: &Path) -> Result<(Self, bool), VaultError> {
        let file = |source| VaultError::File {
            path: path.to_owned(),
            source,
        };
        match std::fs::read_to_string(path) {
            Ok(text) => {
                check_mode(path)?;
                Ok((Self::from_text(&text, &path.display().to_string())?, false))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let master = Zeroizing::new(random_bytes::<32>());
                let text = format!("{HEADER}:{}", STANDARD.encode(master.as_slice()));
                Self::write_text(path, &Secret::new(text))?;
                Ok((Self::from_key(&master), true))
            }
            Err(error) => Err(file(error)),
        }
    }

    /// Reads a key given as text (the environment's `MOORLINE_KEY`); `name` is what an error calls it.
    pub fn from_text(text: &str, name: &str) -> Result<Self, VaultError> {
        let bytes = text
            .trim()
            .strip_prefix(HEADER)
            .and_then(|rest| rest.strip_prefix(':'))
            .and_then(|rest| STANDARD.decode(rest).ok())
            .map(Zeroizing::new);
        match bytes
            .as_deref()
            .map(|bytes| <&[u8; 32]>::try_from(bytes.as_slice()))
        {
            Some(Ok(master)) => Ok(Self::from_key(master)),
            _ => Err(VaultError::NotAKey(name.to_owned())),
        }
    }

    /// The key file's text; `None` if it doesn't exist.
    pub fn read_text(path: &Path) -> Result<Option<Secret>, VaultError> {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                check_mode(path)?;
                Ok(Some(Secret::new(text.trim())))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(VaultError::File {
                path: path.to_owned(),
                source,
            }),
        }
    }

    /// Makes a key file (mode 0600); one that is there is never touched.
    pub fn write_text(path: &Path, text: &Secret) -> Result<(), VaultError> {
        let file = |source| VaultError::File {
            path: path.to_owned(),
            source,
        };
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = options.open(path).map_err(file)?;
        writeln!(out, "{}", text.expose()).map_err(file)?;
        out.sync_all().map_err(file)?;
        if let Some(folder) = path.parent().and_then(|p| std::fs::File::open(p).ok()) {
            // The directory entry must survive a power cut as surely as the tokens sealed under the key.
            let _ = folder.sync_all();
        }
        Ok(())
    }

    /// Names the key without giving it away.
    pub fn key_id(&self) -> String {
        hex(&self.key_id)
    }

    pub fn seal(&self, secret: &Secret, place: Place<'_>) -> Sealed {
        let nonce = random_bytes::<NONCE>();
        let aad = self.associated_data(place);
        let text = self
            .seal
            .encrypt(
                &Nonce::from(nonce),
                Payload {
                    msg: secret.expose().as_bytes(),
                    aad: &aad,
                },
            )
            .expect("AES-GCM seals anything under 64 GiB");
        let mut sealed = Vec::with_capacity(1 + KEY_ID + NONCE + text.len());
        sealed.push(FORMAT);
        sealed.extend_from_slice(&self.key_id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&text);
        Sealed(sealed)
    }

    pub fn open_sealed(&self, sealed: &Sealed, place: Place<'_>) -> Result<Secret, VaultError> {
        let bytes = sealed.0.as_slice();
        let (format, rest) = bytes.split_first().ok_or(VaultError::Altered)?;
        if *format != FORMAT || rest.len() < KEY_ID + NONCE {
            return Err(VaultError::Altered);
        }
        let (key_id, rest) = rest.split_at(KEY_ID);
        if key_id != self.key_id {
            return Err(VaultError::OtherKey);
        }
        let (nonce, text) = rest.split_at(NONCE);
        let nonce = <[u8; NONCE]>::try_from(nonce).map_err(|_| VaultError::Altered)?;
        let aad = self.associated_data(place);
        let plain = self
            .seal
            .decrypt(
                &Nonce::from(nonce),
                Payload {
                    msg: text,
                    aad: &aad,
                },
            )
            .map_err(|_| VaultError::Altered)?;
        let plain = Zeroizing::new(plain);
        let text = std::str::from_utf8(&plain).map_err(|_| VaultError::Altered)?;
        Ok(Secret::new(text))
    }

    /// A 32-byte authenticator over `parts`, for links and tokens that carry their own proof. `purpose` keeps the uses apart.
    pub fn sign(&self, purpose: &'static str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(self.sign.as_slice())
            .expect("HMAC takes any key");
        for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// Compares in constant time.
    pub fn verify(&self, purpose: &'static str, parts: &[&[u8]], given: &[u8]) -> bool {
        let expected = self.sign(purpose, parts);
        expected[..given.len().min(32)].ct_eq(given).into() && given.len() >= 16
    }

    fn associated_data(&self, place: Place<'_>) -> Vec<u8> {
        let mut data = Vec::new();
        let (client, row) = (place.client.0, place.row.bytes());
        for part in [
            client.as_bytes().as_slice(),
            &row,
            place.field.as_bytes(),
            &self.key_id,
        ] {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part);
        }
        data
    }
}

#[cfg(unix)]
fn check_mode(path: &Path) -> Result<(), VaultError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path)
        .map_err(|source| VaultError::File {
            path: path.to_owned(),
            source,
        })?
        .permissions()
        .mode()
        & 0o777;
    if mode & 0o077 != 0 {
        return Err(VaultError::Exposed {
            path: path.to_owned(),
            mode,
        });
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_mode(_: &Path) -> Result<(), VaultError> {
    Ok(())
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            use std::fmt::Write;
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(row: &str) -> Place<'_> {
        Place {
            client: ClientId(uuid::Uuid::from_u128(1)),
            row: Row::Integration(row),
            field: "access_token",
        }
    }

    #[test]
    fn what_was_sealed_opens_in_its_place_and_nowhere_else() {
        let vault = Vault::from_key(&[7; 32]);
        let sealed = vault.seal(&Secret::new("token"), place("a"));
        assert_eq!(
            vault.open_sealed(&sealed, place("a")).unwrap().expose(),
            "token"
        );
        assert!(matches!(
            vault.open_sealed(&sealed, place("b")),
            Err(VaultError::Altered)
        ));
        let elsewhere = Place {
            field: "refresh_token",
            ..place("a")
        };
        assert!(matches!(
            vault.open_sealed(&sealed, elsewhere),
            Err(VaultError::Altered)
        ));
        let other_client = Place {
            client: ClientId(uuid::Uuid::from_u128(2)),
            ..place("a")
        };
        assert!(matches!(
            vault.open_sealed(&sealed, other_client),
            Err(VaultError::Altered)
        ));
        let other = Vault::from_key(&[8; 32]);
        assert!(matches!(
            other.open_sealed(&sealed, place("a")),
            Err(VaultError::OtherKey)
        ));
    }

    #[test]
    fn no_byte_of_a_sealed_value_can_be_flipped() {
        let vault = Vault::from_key(&[7; 32]);
        let sealed = vault.seal(&Secret::new("token"), place("a"));
        for at in 0..sealed.0.len() {
            let mut altered = sealed.clone();
            altered.0[at] ^= 1;
            assert!(
                vault.open_sealed(&altered, place("a")).is_err(),
                "byte {at}"
            );
        }
    }

    #[test]
    fn a_key_file_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("moorline.key");
        let (first, made) = Vault::open(&path).unwrap();
        assert!(made);
        let (second, made) = Vault::open(&path).unwrap();
        assert!(!made);
        assert_eq!(first.key_id(), second.key_id());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
            assert!(matches!(
                Vault::open(&path),
                Err(VaultError::Exposed { .. })
            ));
        }
    }
}
