//! A way of giving access without a sign-in at the platform: values that the customer types, or a certificate.

use std::collections::BTreeMap;
use std::time::Duration;

use regex::Regex;
use serde::Deserialize;

use crate::described::template::{Address, Headers, Template};

/// The longest value that a customer may type, in characters.
pub const LONGEST_VALUE: usize = 2_000;

/// A way of giving access for which the customer types values on the link page.
#[derive(Debug)]
pub struct Way {
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) refused: String,
    pub(crate) manage_access: String,
    pub(crate) fields: Vec<WayField>,
    /// Values of the connection that are the same of everybody who comes by this way.
    pub(crate) values: BTreeMap<String, String>,
    pub(crate) proof: Proof,
}

/// The proof of access that requests carry.
#[derive(Debug)]
pub(crate) enum Proof {
    Typed(TypedProof),
    Certificate(Box<CertificateProof>),
}

/// Typed values in every request.
#[derive(Debug)]
pub(crate) struct TypedProof {
    pub(crate) headers: Headers,
    pub(crate) query: Vec<(String, Template)>,
    /// HTTP Basic's user name and password (RFC 7617).
    pub(crate) basic: Option<(Template, Template)>,
}

/// Access tokens for a signed assertion (RFC 7521 and 7523, § 2.2).
#[derive(Debug)]
pub(crate) struct CertificateProof {
    pub(crate) token_url: Address,
    /// The assertion's issuer and subject.
    pub(crate) client_id: Template,
    /// The assertion's `kid`: the name that the platform gave the certificate.
    pub(crate) key_id: Template,
    /// The token endpoint's own address if there is none.
    pub(crate) audience: Option<Template>,
    pub(crate) claims: Vec<(String, Template)>,
    pub(crate) parameters: Vec<(String, Template)>,
    pub(crate) algorithm: Algorithm,
    pub(crate) lifetime: Duration,
    pub(crate) warning: Duration,
}

/// The algorithm of a signature, by its name in a JWT (RFC 7518, § 3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Algorithm {
    /// ECDSA over P-256, with SHA-256.
    #[default]
    Es256,
    /// RSASSA-PSS, with SHA-256.
    Ps256,
}

impl Algorithm {
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Ps256 => "PS256",
        }
    }
}

/// A value that the customer types.
#[derive(Debug)]
pub struct WayField {
    pub name: String,
    pub label: String,
    pub help: Option<String>,
    pub example: Option<String>,
    /// A sentence that says what a right value looks like.
    pub rule: Option<String>,
    /// Sealed, and never shown again.
    pub is_secret: bool,
    pub(crate) pattern: Option<Regex>,
}

/// The reason why a typed value is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTaken {
    Missing,
    /// It isn't as the field's pattern wants it.
    OtherForm,
    /// It has more than [`LONGEST_VALUE`] characters, or a character that can't be typed.
    Unusable,
}

impl WayField {
    /// The value as it is sent, without space around it.
    ///
    /// # Errors
    /// It can't be right: it is missing, or of another form.
    pub fn read(&self, typed: &str) -> Result<String, NotTaken> {
        let value = typed.trim();
        if value.is_empty() {
            return Err(NotTaken::Missing);
        }
        if value.chars().count() > LONGEST_VALUE || value.chars().any(char::is_control) {
            return Err(NotTaken::Unusable);
        }
        match &self.pattern {
            Some(pattern) if !pattern.is_match(value) => Err(NotTaken::OtherForm),
            _ => Ok(value.to_owned()),
        }
    }
}

impl Way {
    /// The name of the way in the manifest, in addresses and in the connection's values.
    pub fn key(&self) -> &str {
        &self.key
    }

    pub fn title(&self) -> &str {
        &self.title
    }

    /// The steps to the values, as Markdown.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// A sentence that says what to check if the platform refuses the values.
    pub fn refused(&self) -> &str {
        &self.refused
    }

    /// A sentence that says how the business's own people end the access at the platform.
    pub fn manage_access(&self) -> &str {
        &self.manage_access
    }

    pub fn fields(&self) -> &[WayField] {
        &self.fields
    }

    /// The connection's values that don't depend on what is typed.
    pub fn values(&self) -> &BTreeMap<String, String> {
        &self.values
    }

    /// True if a key pair and its certificate are made for the connection.
    pub fn has_certificate(&self) -> bool {
        matches!(self.proof, Proof::Certificate(_))
    }

    /// The lifetime of a certificate that is made for it.
    pub fn certificate_lifetime(&self) -> Option<Duration> {
        match &self.proof {
            Proof::Certificate(proof) => Some(proof.lifetime),
            Proof::Typed(_) => None,
        }
    }

    /// The algorithm of its key pair, if one is made for the connection.
    pub fn algorithm(&self) -> Option<Algorithm> {
        match &self.proof {
            Proof::Certificate(proof) => Some(proof.algorithm),
            Proof::Typed(_) => None,
        }
    }

    /// The time before the certificate's end at which the client is warned.
    pub fn certificate_warning(&self) -> Option<Duration> {
        match &self.proof {
            Proof::Certificate(proof) => Some(proof.warning),
            Proof::Typed(_) => None,
        }
    }
}
