//! AWS Signature Version 4, for a request without a query.
//!
//! Rules: "Create a signed AWS API request", AWS Identity and Access Management user guide. A crate for it brings a dozen others; these are two
//! hashes in a fixed order.

use chrono::{DateTime, Utc};
use egress::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::hex;

/// An access key of AWS.
pub(super) struct AccessKey {
    pub(super) id: String,
    pub(super) secret: Secret,
    /// Of temporary credentials.
    pub(super) session: Option<Secret>,
}

/// A request to be signed. Headers have lower-case names, in their order, with `host` and `x-amz-date` among them.
pub(super) struct Unsigned<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: &'a [u8],
}

/// The form of a time in `x-amz-date`.
pub(super) fn amz_date(now: DateTime<Utc>) -> String {
    now.format("%Y%m%dT%H%M%SZ").to_string()
}

fn mac(key: &[u8], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes any key");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

/// The `Authorization` header.
pub(super) fn authorization(
    request: &Unsigned<'_>,
    key: &AccessKey,
    (region, service): (&str, &str),
    now: DateTime<Utc>,
) -> String {
    let names: Vec<&str> = request.headers.iter().map(|(name, _)| *name).collect();
    let signed = names.join(";");
    let headers = request.headers.iter();
    let headers: String = headers
        .map(|(name, value)| format!("{name}:{}\n", value.trim()))
        .collect();
    let canonical = format!(
        "{}\n{}\n\n{headers}\n{signed}\n{}",
        request.method,
        request.path,
        hex(&Sha256::digest(request.body))
    );
    let day = now.format("%Y%m%d").to_string();
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let text = format!(
        "AWS4-HMAC-SHA256\n{}\n{scope}\n{}",
        amz_date(now),
        hex(&Sha256::digest(canonical))
    );
    let secret = Secret::new(format!("AWS4{}", key.secret.expose()));
    let of_day = mac(secret.expose().as_bytes(), &day);
    let of_service = mac(&mac(&of_day, region), service);
    let signature = hex(&mac(&mac(&of_service, "aws4_request"), &text));
    format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={signed}, Signature={signature}",
        key.id
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `get-vanilla` of AWS's own test suite for Signature Version 4.
    #[test]
    fn a_signature_is_the_one_of_the_published_example() {
        let key = AccessKey {
            id: "AKIDEXAMPLE".into(),
            secret: Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            session: None,
        };
        let request = Unsigned {
            method: "GET",
            path: "/",
            headers: &[
                ("host", "example.amazonaws.com"),
                ("x-amz-date", "20150830T123600Z"),
            ],
            body: b"",
        };
        let now = DateTime::parse_from_rfc3339("2015-08-30T12:36:00Z").unwrap();
        let signed = authorization(&request, &key, ("us-east-1", "service"), now.to_utc());
        assert_eq!(
            signed,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, \
             Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        );
    }
}
