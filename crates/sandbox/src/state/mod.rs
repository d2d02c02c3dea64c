//! The authorization server's state: clients, codes, grants and its signing key.

mod clients;
mod disk;
mod grants;
mod keys;

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::{Mutex, MutexGuard};
use ring::digest;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::books::Clock;
use crate::books::written::Written;
use crate::config::Config;
use crate::oauth::signing::SigningKey;
pub(crate) use clients::Registered;
use disk::Disk;
pub(crate) use grants::{Bearer, Code, Grant, Issued, NoAccess, Refused};
pub(crate) use keys::API_KEY;

/// SHA-256 of a token, base64; the token itself is never kept.
type TokenHash = String;

pub(crate) struct State {
    memory: Mutex<Memory>,
    disk: Option<Disk>,
    clock: Clock,
    signing: Arc<SigningKey>,
}

/// The part that outlives a restart.
#[derive(Serialize, Deserialize)]
struct Saved {
    version: u32,
    /// PKCS #8, base64.
    signing_key: String,
    /// Registered through the control API; configured ones come with the configuration.
    clients: BTreeMap<String, Registered>,
    grants: BTreeMap<Uuid, Grant>,
    /// Days by which each business has been moved forward.
    advanced: BTreeMap<String, u32>,
    /// Records that clients wrote, by business. Files of earlier versions have none.
    #[serde(default)]
    written: BTreeMap<String, Vec<Written>>,
}

struct Memory {
    saved: Saved,
    /// Incremented at each change of `saved`.
    revision: u64,
    configured: HashMap<String, Registered>,
    codes: HashMap<TokenHash, Code>,
    /// The grant of each live access or refresh token.
    owners: HashMap<TokenHash, Uuid>,
    settings: Settings,
}

/// Lifetimes, changeable while the sandbox runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) access_token_ttl_seconds: u32,
    pub(crate) refresh_token_ttl_seconds: u32,
    pub(crate) refresh_reuse_grace_seconds: u32,
}

const FILE_VERSION: u32 = 1;

impl State {
    /// Reads the state file if there is one, and makes a signing key if there is none.
    pub(crate) async fn open(config: &Config) -> io::Result<Self> {
        let disk = config.state_file.clone().map(Disk::new);
        let found = match &disk {
            Some(disk) => disk.read()?,
            None => None,
        };
        let fresh = found.is_none();
        let saved = match found {
            Some(saved) => saved,
            None => Saved {
                version: FILE_VERSION,
                signing_key: STANDARD.encode(SigningKey::generate()?),
                clients: BTreeMap::new(),
                grants: BTreeMap::new(),
                advanced: BTreeMap::new(),
                written: BTreeMap::new(),
            },
        };
        let signing = STANDARD
            .decode(&saved.signing_key)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "signing key isn't base64"))
            .and_then(|pkcs8| SigningKey::from_pkcs8(&pkcs8))?;
        let seconds = |ttl: std::time::Duration| u32::try_from(ttl.as_secs()).unwrap_or(u32::MAX);
        let mut memory = Memory {
            // Filled by `prune`.
            owners: HashMap::new(),
            saved,
            revision: u64::from(fresh),
            configured: config
                .clients
                .iter()
                .map(|client| (client.id.clone(), Registered::from(client)))
                .collect(),
            codes: HashMap::new(),
            settings: Settings {
                access_token_ttl_seconds: seconds(config.access_token_ttl),
                refresh_token_ttl_seconds: seconds(config.refresh_token_ttl),
                refresh_reuse_grace_seconds: seconds(config.refresh_reuse_grace),
            },
        };
        memory.prune((config.clock)());
        let state = Self {
            memory: Mutex::new(memory),
            disk,
            clock: config.clock.clone(),
            signing: Arc::new(signing),
        };
        state.save().await?;
        Ok(state)
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    pub(crate) fn signing(&self) -> &SigningKey {
        &self.signing
    }

    pub(crate) fn settings(&self) -> Settings {
        self.memory().settings
    }

    pub(crate) fn change_settings(&self, settings: Settings) {
        self.memory().settings = settings;
    }

    /// Days by which each business has been moved forward, over all runs.
    pub(crate) fn advanced(&self) -> BTreeMap<String, u32> {
        self.memory().saved.advanced.clone()
    }

    pub(crate) async fn record_advance(&self, business: &str, days: u32) -> io::Result<()> {
        {
            let mut memory = self.memory();
            let total = memory.saved.advanced.entry(business.into()).or_default();
            *total = total.saturating_add(days);
            memory.revision += 1;
        }
        self.save().await
    }

    /// Records that clients have written in earlier runs, by business.
    pub(crate) fn written(&self) -> BTreeMap<String, Vec<Written>> {
        self.memory().saved.written.clone()
    }

    /// Keeps all that was written into a business's books. A list shorter than the kept one is older, and ignored.
    pub(crate) async fn record_written(
        &self,
        business: &str,
        written: Vec<Written>,
    ) -> io::Result<()> {
        {
            let mut memory = self.memory();
            let kept = memory.saved.written.entry(business.into()).or_default();
            if written.len() > kept.len() {
                *kept = written;
                memory.revision += 1;
            }
        }
        self.save().await
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // A panic elsewhere leaves complete values behind: every change is made at once, at its end.
        self.memory.lock()
    }

    /// Returns after everything changed so far is on disk.
    async fn save(&self) -> io::Result<()> {
        let Some(disk) = &self.disk else {
            return Ok(());
        };
        disk.write(|written| {
            let memory = self.memory();
            (memory.revision > written).then(|| {
                let text = serde_json::to_vec_pretty(&memory.saved).map_err(io::Error::other);
                text.map(|text| (memory.revision, text))
            })
        })
        .await
    }
}

impl Settings {
    fn access_token_ttl(self) -> TimeDelta {
        TimeDelta::seconds(self.access_token_ttl_seconds.into())
    }

    fn refresh_token_ttl(self) -> TimeDelta {
        TimeDelta::seconds(self.refresh_token_ttl_seconds.into())
    }

    fn refresh_reuse_grace(self) -> TimeDelta {
        TimeDelta::seconds(self.refresh_reuse_grace_seconds.into())
    }
}

/// 256 bits from the operating system, base64url.
///
/// # Panics
/// If the operating system has no randomness to give; there is no safe way to go on without.
pub(crate) fn random_token() -> String {
    let mut bytes = [0; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .expect("the operating system has randomness");
    URL_SAFE_NO_PAD.encode(bytes)
}

fn hash(token: &str) -> TokenHash {
    STANDARD.encode(digest::digest(&digest::SHA256, token.as_bytes()))
}
