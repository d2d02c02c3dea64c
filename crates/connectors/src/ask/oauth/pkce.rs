//! Proof Key for Code Exchange (RFC 7636), always with S256.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use egress::Secret;
use sha2::{Digest, Sha256};

/// The secret half: 43 characters that carry 256 random bits.
#[derive(Debug, Clone)]
pub struct Verifier(Secret);

impl Verifier {
    /// `bytes` must be fresh from a cryptographic random source.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// One that was sealed until now.
    pub fn from_secret(secret: Secret) -> Self {
        Self(secret)
    }

    /// The verifier itself, to seal until the callback and to send with the exchange.
    pub fn secret(&self) -> &Secret {
        &self.0
    }

    /// The public half, which travels in the authorization URL as `code_challenge`.
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.expose()))
    }
}

#[cfg(test)]
mod tests {
    use super::Verifier;

    #[test]
    fn the_challenge_is_the_one_of_rfc_7636_appendix_b() {
        let verifier = Verifier::from_bytes([
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212,
            37, 77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
        ]);
        assert_eq!(
            verifier.secret().expose(),
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        );
        assert_eq!(
            verifier.challenge(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
