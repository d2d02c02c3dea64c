//! Proofs of who is calling: API keys of clients, keys for automation services, short tokens of one company, and the one-time
//! passwords in the links that customers follow.

pub mod caller;
pub mod company_tokens;
pub mod idempotency;
pub mod integration_keys;
pub mod keys;
pub mod links;

use store::clock::random_bytes;

const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Letters and digits, each equally likely.
pub(crate) fn random_text(length: usize) -> String {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        // 248 is the largest multiple of 62 in a byte: dropping the rest keeps every character equally likely.
        text.extend(
            random_bytes::<64>()
                .iter()
                .filter(|byte| **byte < 248)
                .map(|byte| ALPHABET[usize::from(*byte) % 62] as char)
                .take(length - text.len()),
        );
    }
    text
}
