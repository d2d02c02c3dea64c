//! A sealing key: a cipher and a key for authenticators, derived from 32 bytes.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use egress::Secret;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{Place, Sealed, VaultError, hex};
use store::clock::random_bytes;

/// Sealed bytes: format (1) · key id (8) · nonce (12) · ciphertext with its tag.
const FORMAT: u8 = 1;
pub(super) const KEY_ID: usize = 8;
pub(super) const NONCE: usize = 12;
const HALF: usize = 32;

/// Names a key without giving it away.
pub(super) type KeyId = [u8; KEY_ID];

pub(super) struct SealingKey {
    id: KeyId,
    seal: Zeroizing<[u8; HALF]>,
    sign: Zeroizing<[u8; HALF]>,
    cipher: Aes256Gcm,
}

/// The key that a value names.
pub(super) fn id_of(sealed: &Sealed) -> Result<KeyId, VaultError> {
    let (format, rest) = sealed.0.split_first().ok_or(VaultError::Altered)?;
    if *format != FORMAT || rest.len() < KEY_ID + NONCE {
        return Err(VaultError::Altered);
    }
    rest[..KEY_ID].try_into().map_err(|_| VaultError::Altered)
}

impl SealingKey {
    /// Derived from 32 bytes, those of a root key or of a key of its own.
    pub(super) fn of_root(master: &[u8; 32]) -> Self {
        let derive = |purpose: &[u8]| {
            let mut key = Zeroizing::new([0_u8; HALF]);
            Hkdf::<Sha256>::new(Some(b"moorline"), master)
                .expand(purpose, key.as_mut_slice())
                .expect("32 bytes is a length HKDF gives");
            key
        };
        let digest = Sha256::digest(derive(b"key id").as_slice());
        let mut id = [0; KEY_ID];
        id.copy_from_slice(&digest[..KEY_ID]);
        Self::of_halves(id, derive(b"seal"), derive(b"sign"))
    }

    fn of_halves(id: KeyId, seal: Zeroizing<[u8; HALF]>, sign: Zeroizing<[u8; HALF]>) -> Self {
        let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*seal));
        Self {
            id,
            seal,
            sign,
            cipher,
        }
    }

    /// Everything that it is, to be wrapped: its id and its halves. What it was derived from isn't in it.
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(
            [
                self.id.as_slice(),
                self.seal.as_slice(),
                self.sign.as_slice(),
            ]
            .concat(),
        )
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (id, rest) = bytes.split_at_checked(KEY_ID)?;
        let (seal, sign) = rest.split_at_checked(HALF)?;
        Some(Self::of_halves(
            id.try_into().ok()?,
            Zeroizing::new(seal.try_into().ok()?),
            Zeroizing::new(sign.try_into().ok()?),
        ))
    }

    pub(super) fn id(&self) -> KeyId {
        self.id
    }

    pub(super) fn name(&self) -> String {
        hex(&self.id)
    }

    pub(super) fn seal(&self, secret: &Secret, place: Place<'_>) -> Sealed {
        self.seal_bytes(secret.expose().as_bytes(), place)
    }

    pub(super) fn seal_bytes(&self, bytes: &[u8], place: Place<'_>) -> Sealed {
        let nonce = random_bytes::<NONCE>();
        let aad = self.associated_data(place);
        let message = Payload {
            msg: bytes,
            aad: &aad,
        };
        let text = self
            .cipher
            .encrypt(&Nonce::from(nonce), message)
            .expect("AES-GCM seals anything under 64 GiB");
        let mut sealed = Vec::with_capacity(1 + KEY_ID + NONCE + text.len());
        sealed.push(FORMAT);
        sealed.extend_from_slice(&self.id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&text);
        Sealed(sealed)
    }

    pub(super) fn open(&self, sealed: &Sealed, place: Place<'_>) -> Result<Secret, VaultError> {
        let plain = self.open_bytes(sealed, place)?;
        let text = std::str::from_utf8(&plain).map_err(|_| VaultError::Altered)?;
        Ok(Secret::new(text))
    }

    pub(super) fn open_bytes(
        &self,
        sealed: &Sealed,
        place: Place<'_>,
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        if id_of(sealed)? != self.id {
            return Err(VaultError::OtherKey);
        }
        let (nonce, text) = sealed.0[1 + KEY_ID..].split_at(NONCE);
        let nonce = <[u8; NONCE]>::try_from(nonce).map_err(|_| VaultError::Altered)?;
        let aad = self.associated_data(place);
        let message = Payload {
            msg: text,
            aad: &aad,
        };
        let plain = self
            .cipher
            .decrypt(&Nonce::from(nonce), message)
            .map_err(|_| VaultError::Altered)?;
        Ok(Zeroizing::new(plain))
    }

    pub(super) fn sign(&self, purpose: &'static str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(self.sign.as_slice())
            .expect("HMAC takes any key");
        for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn associated_data(&self, place: Place<'_>) -> Vec<u8> {
        let mut data = Vec::new();
        let (client, row) = (place.client.0, place.row.bytes());
        for part in [
            client.as_bytes().as_slice(),
            &row,
            place.field.as_bytes(),
            &self.id,
        ] {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part);
        }
        data
    }
}
