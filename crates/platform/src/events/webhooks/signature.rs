//! Signatures by the Standard Webhooks specification, version 1: HMAC-SHA256 over id, time and body.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use egress::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use store::clock::random_bytes;

const PREFIX: &str = "whsec_";

/// A fresh secret of 32 random bytes.
pub(super) fn new_secret() -> Secret {
    let bytes = Zeroizing::new(random_bytes::<32>());
    Secret::new(format!("{PREFIX}{}", STANDARD.encode(bytes.as_slice())))
}

/// The key in a secret's text: 24 to 64 bytes behind `whsec_`, in base64.
fn key(secret: &Secret) -> Option<Zeroizing<Vec<u8>>> {
    let text = secret.expose().strip_prefix(PREFIX)?;
    let bytes = Zeroizing::new(STANDARD.decode(text).ok()?);
    (24..=64).contains(&bytes.len()).then_some(bytes)
}

/// True if the text can be a secret.
pub(super) fn is_secret(secret: &Secret) -> bool {
    key(secret).is_some()
}

/// The value of `webhook-signature`: one signature for each secret, so that a receiver which knows any of them can verify the message.
pub(super) fn header<'a>(
    secrets: impl Iterator<Item = &'a Secret>,
    id: &str,
    timestamp: i64,
    body: &[u8],
) -> String {
    let signatures: Vec<String> = secrets
        .filter_map(key)
        .map(|key| {
            let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes any key");
            mac.update(id.as_bytes());
            mac.update(b".");
            mac.update(timestamp.to_string().as_bytes());
            mac.update(b".");
            mac.update(body);
            format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
        })
        .collect();
    signatures.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specifications_example_comes_out() {
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let header = header(
            [&secret].into_iter(),
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(header, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn secrets_of_a_wrong_form_or_length_are_no_secrets() {
        assert!(is_secret(&new_secret()));
        for text in [
            "",
            "whsec_",
            "whsec_c2hvcnQ=",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_not base64 not base64 not base64 not",
        ] {
            assert!(!is_secret(&Secret::new(text)), "{text}");
        }
    }
}
