//! The configuration that a sandbox is started with.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::books::Clock;

/// One of the three platforms that share the authorization server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Product {
    Accounting,
    Commerce,
    Banking,
}

impl Product {
    pub const ALL: [Self; 3] = [Self::Accounting, Self::Commerce, Self::Banking];

    /// The name used in paths, scopes and the control API.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Accounting => "accounting",
            Self::Commerce => "commerce",
            Self::Banking => "banking",
        }
    }

    /// The name that a person sees: that of the product's folder, so that a platform has one name on every page of a journey.
    pub(crate) fn brand(self) -> &'static str {
        match self {
            Self::Accounting => "Sandbox",
            Self::Commerce => "Commerce Sandbox",
            Self::Banking => "Banking Sandbox",
        }
    }

    /// The scope that opens the product's API.
    pub fn scope(self) -> &'static str {
        match self {
            Self::Accounting => "accounting.read",
            Self::Commerce => "commerce.read",
            Self::Banking => "banking.read",
        }
    }

    /// The product with its API under the first segment of `path`.
    pub fn of_path(path: &str) -> Option<Self> {
        let first = path.trim_start_matches('/').split('/').next()?;
        Self::ALL.into_iter().find(|product| product.key() == first)
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// An application that may request access from people: a confidential OAuth client (RFC 6749, section 2.1).
#[derive(Clone)]
pub struct Client {
    pub id: String,
    pub secret: String,
    /// The name on the sign-in and consent pages.
    pub name: String,
    /// Compared character by character (RFC 9700, section 2.1).
    pub redirect_uris: Vec<Url>,
    pub product: Product,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("redirect_uris", &self.redirect_uris)
            .field("product", &self.product)
            .finish_non_exhaustive()
    }
}

#[derive(Clone)]
pub struct Config {
    /// The address at which browsers and clients reach the sandbox; also the issuer. Scheme, host and port only.
    pub public_url: Url,
    pub clients: Vec<Client>,
    /// The same seed makes the same books.
    pub seed: u64,
    /// Keeps grants, run-time clients and the signing key over a restart; without it they live in memory.
    pub state_file: Option<PathBuf>,
    pub access_token_ttl: Duration,
    /// Counted anew at each rotation.
    pub refresh_token_ttl: Duration,
    /// Time in which a spent refresh token may be used again; zero revokes the grant at the first reuse.
    pub refresh_reuse_grace: Duration,
    pub clock: Clock,
}

impl Config {
    /// No clients, nothing on disk, 30 minutes for an access token, 60 days for a refresh token.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the time, unless the caller sets another clock"
    )]
    pub fn new(public_url: Url) -> Self {
        Self {
            public_url,
            clients: Vec::new(),
            seed: 1,
            state_file: None,
            access_token_ttl: Duration::from_secs(30 * 60),
            refresh_token_ttl: Duration::from_secs(60 * 24 * 60 * 60),
            refresh_reuse_grace: Duration::ZERO,
            clock: Arc::new(Utc::now),
        }
    }

    /// The public URL without a slash at its end, as `iss` carries it.
    pub(crate) fn issuer(&self) -> &str {
        self.public_url.as_str().trim_end_matches('/')
    }
}
