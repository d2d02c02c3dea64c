//! Typed settings: a TOML file, overridden by `MOORLINE_…` variables; an unknown key refuses to start.

mod addresses;
mod files;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use connectors::DataType;
use serde::Deserialize;
use url::Url;

pub use addresses::{check_database, listen_address, public_address};
pub use files::Files;
use store::model::Product;

/// Environment variables of the same prefix that aren't settings.
const NOT_SETTINGS: &[&str] = &[
    "MOORLINE_CONFIG",
    "MOORLINE_KEY",
    "MOORLINE_PACK_CLIENT_ID",
    "MOORLINE_PACK_CLIENT_SECRET",
];

/// A pull of changes begins with the last whole pull, which may be a week old.
const LEAST_HISTORY_DAYS: u32 = 8;

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{path} can't be read: {source}", path = path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{name}: {message}")]
    Invalid { name: String, message: String },
}

/// Every setting. `moorline.example.toml` says what each does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    #[serde(deserialize_with = "addresses::read_listen")]
    pub listen: SocketAddr,
    /// The address by which browsers and clients reach this installation: links, redirect URIs and tokens carry it.
    #[serde(deserialize_with = "addresses::read_public")]
    pub public_url: Url,
    pub database_url: String,
    pub database_connections: u32,
    pub key_file: PathBuf,
    /// A program and its arguments that prints the root key, in place of a file.
    pub key_command: Vec<String>,
    /// Jobs that compute or use the database at once in this process. Those that wait for a platform don't count.
    pub workers: u32,
    /// Jobs under way at once in this process, with those that wait for platforms.
    pub jobs_at_once: u32,
    pub shutdown_seconds: u64,
    pub log: Log,
    pub egress: Egress,
    pub integrations: Integrations,
    pub sync: Sync,
    pub webhooks: Webhooks,
    pub limits: Limits,
    pub record: Record,
    pub kms: Kms,
    pub backup: Backup,
    pub files: Files,
    /// Products of this installation's own, by their identifiers, beside the standard ones.
    pub products: BTreeMap<String, OwnProduct>,
}

/// A purpose for which a client uses a company's data, and the data types that it takes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnProduct {
    pub name: String,
    pub data_types: Vec<DataType>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// As `tracing`'s `EnvFilter` reads it.
    pub filter: String,
    pub format: LogFormat,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Egress {
    /// Exact `host:port` that may be called although they are private or loopback.
    pub allow_private: Vec<String>,
    pub connect_timeout_ms: u64,
    pub timeout_ms: u64,
    pub max_body_bytes: usize,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Integrations {
    /// Folders of further integrations; one with a built-in's key replaces it.
    pub dirs: Vec<PathBuf>,
    /// Values for the manifests' `[variables]`: `name` for all, `"key.name"` for one.
    pub variables: BTreeMap<String, String>,
    /// The ways of giving access that customers are offered, by the platform's key, the usual one first: `sign-in`, and the keys of
    /// the manifest's `[[auth.way]]`. Of a platform that isn't named: all.
    pub ways: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sync {
    /// Hours between pulls of each data type of a Linked connection, for clients and companies that set none; 0 means none.
    pub every_hours: u32,
    /// The most attempts of a pull that meets a passing fault, before it ends in an error.
    pub attempts: u32,
    /// The first pause between tries; doubles each time, capped at an hour.
    pub backoff_ms: u64,
    /// Days that a record which can't be read is kept as the platform last sent it.
    pub quarantine_days: u32,
    /// Days that the history of pulls is kept; the last pull of each type always is.
    pub history_days: u32,
    /// Pages of one pull after which it ends in an error: a platform's list could go on without end.
    pub most_pages: u32,
}

/// The delivery of messages to webhook consumers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Webhooks {
    /// Hosts, as `host` or `host:port`, that consumers may have although they are private or loopback. Apart from
    /// `egress.allow_private`: any client names a consumer's host, but only the operator a platform's.
    pub allow_private: Vec<String>,
    /// True if consumers may have http URLs; those of `allow_private` may in any case.
    pub allow_http: bool,
    /// From the first byte sent to the head of the answer.
    pub timeout_ms: u64,
    /// Attempts at once to one consumer.
    pub concurrency: u32,
    /// Hours of failures alone after which a consumer is disabled.
    pub disable_after_hours: u32,
    /// Days that messages are kept.
    pub keep_days: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    pub body_bytes: usize,
    pub header_timeout_ms: u64,
    pub request_timeout_ms: u64,
    /// The longest time for which a client may take nothing of an answer.
    pub send_timeout_ms: u64,
    /// Event streams that are open at a time with one of a company's tokens, at one node; 0 means any number.
    pub streams_per_token: u32,
    /// Event streams that are open at a time from one address, at one node; 0 means any number.
    pub streams_per_address: u32,
    /// A client's requests a day, times one more than its connected companies; 0 means any number.
    pub requests_per_day: u32,
    /// A client's requests at a time, times its connected companies; 0 means any number.
    pub concurrent_per_company: u32,
    /// From one address, with or without a key; 0 means any number.
    pub requests_per_minute_per_address: u32,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
}

/// The record of consents and of administrative acts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Record {
    /// True if the addresses that callers and customers came from are kept with their acts.
    pub addresses: bool,
    /// True if their browsers' and programs' names (`User-Agent`) are.
    pub browsers: bool,
}

/// A root key that its keeper never gives away. Its credentials come from the environment, or from a file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Kms {
    /// The ARN of a key of AWS KMS.
    pub aws_key: String,
    /// The address of AWS KMS, if it is another than the region's usual one.
    pub aws_endpoint: String,
    /// The address of a key of Vault's transit engine.
    pub vault_key: String,
    /// The file with Vault's token; empty for the variable `VAULT_TOKEN`.
    pub vault_token_file: PathBuf,
}

impl Kms {
    /// True if there is one.
    pub fn is_set(&self) -> bool {
        !self.aws_key.is_empty() || !self.vault_key.is_empty()
    }
}

/// Backups that a server makes by itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Backup {
    /// The folder of the backups, or an address `s3://BUCKET/PREFIX`; empty, and none are made.
    pub to: PathBuf,
    /// The address of an object store that speaks S3's protocol; empty for Amazon's.
    pub s3_endpoint: String,
    /// Its region; empty for the variable `AWS_REGION`, or `us-east-1`.
    pub s3_region: String,
    /// Hours between them; 0 means none.
    pub every_hours: u32,
    /// The number that is kept.
    pub keep: usize,
    /// True if the key file goes along with each.
    pub with_key: bool,
}

impl Backup {
    /// The place of the backups.
    pub fn to(&self) -> Option<&Path> {
        Some(self.to.as_path()).filter(|to| !to.as_os_str().is_empty())
    }
}

impl Default for Backup {
    fn default() -> Self {
        Self {
            to: PathBuf::new(),
            s3_endpoint: String::new(),
            s3_region: String::new(),
            every_hours: 24,
            keep: 7,
            with_key: false,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7400)),
            public_url: Url::parse("http://localhost:7400").expect("a constant URL"),
            database_url: "sqlite:moorline.db".into(),
            database_connections: 16,
            key_file: "moorline.key".into(),
            key_command: Vec::new(),
            workers: 4,
            jobs_at_once: 1_000,
            shutdown_seconds: 25,
            log: Log::default(),
            egress: Egress::default(),
            integrations: Integrations::default(),
            sync: Sync::default(),
            webhooks: Webhooks::default(),
            limits: Limits::default(),
            record: Record::default(),
            kms: Kms::default(),
            backup: Backup::default(),
            files: Files::default(),
            products: BTreeMap::new(),
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            filter: "info".into(),
            format: LogFormat::Text,
        }
    }
}

impl Default for Egress {
    fn default() -> Self {
        Self {
            allow_private: Vec::new(),
            connect_timeout_ms: 10_000,
            timeout_ms: 60_000,
            max_body_bytes: 64 << 20,
        }
    }
}

impl Default for Sync {
    fn default() -> Self {
        Self {
            every_hours: 24,
            attempts: 8,
            backoff_ms: 1_000,
            quarantine_days: 90,
            history_days: 90,
            most_pages: 100_000,
        }
    }
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            allow_private: Vec::new(),
            allow_http: false,
            timeout_ms: 15_000,
            concurrency: 8,
            disable_after_hours: 120,
            keep_days: 90,
        }
    }
}

impl Default for Record {
    fn default() -> Self {
        Self {
            addresses: true,
            browsers: true,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            header_timeout_ms: 10_000,
            request_timeout_ms: 60_000,
            send_timeout_ms: 45_000,
            streams_per_token: 50,
            streams_per_address: 1_000,
            requests_per_day: 1_000,
            concurrent_per_company: 10,
            requests_per_minute_per_address: 1_000,
            trusted_proxies: vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        }
    }
}

impl Config {
    /// Reads `file` (none: the defaults) and lays `MOORLINE_…` variables over it: `MOORLINE_DATABASE_URL`, and with two
    /// underscores for a section, `MOORLINE_SYNC__EVERY_HOURS`. Values are TOML, or plain text if they aren't valid TOML.
    ///
    /// Relative paths of a file begin at its folder, so that each command that reads it means the same database and key, wherever
    /// it is called. Those of variables begin at the current folder.
    pub fn load(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut table = match file {
            None => toml::Table::new(),
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|source| ConfigError::File {
                    path: path.to_owned(),
                    source,
                })?;
                // Read once as it stands, for an error that can point at a line of the file.
                toml::from_str::<Self>(&text)
                    .map_err(|error| invalid(&path.display().to_string(), &error.to_string()))?;
                let mut table = toml::from_str(&text)
                    .map_err(|error| invalid(&path.display().to_string(), &error.to_string()))?;
                if let Some(folder) = path.parent().filter(|folder| *folder != Path::new("")) {
                    begin_paths_at(folder, &mut table);
                }
                table
            }
        };
        for (name, value) in environment {
            let Some(rest) = name.strip_prefix("MOORLINE_") else {
                continue;
            };
            if NOT_SETTINGS.contains(&name.as_str()) || rest.starts_with("TEST_") {
                continue;
            }
            let path: Vec<String> = rest.split("__").map(str::to_lowercase).collect();
            lay(&mut table, &path, &value);
            // One at a time, so that an error can name its variable.
            table
                .clone()
                .try_into::<Self>()
                .map_err(|error| invalid(&name, error.message()))?;
        }
        let config: Self = table
            .try_into()
            .map_err(|error: toml::de::Error| invalid("settings", error.message()))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        addresses::check_database(&self.database_url)
            .map_err(|message| invalid("database_url", &message))?;
        for (id, product) in &self.products {
            let name = format!("products.{id}");
            if !Product::is_id(id) {
                return Err(invalid(
                    &name,
                    "an identifier is 1 to 64 lower-case letters, digits and hyphens",
                ));
            }
            if Product::standard().any(|standard| standard.id == *id) {
                return Err(invalid(
                    &name,
                    "a standard product has this identifier; choose another",
                ));
            }
            if product.name.trim().is_empty() || product.data_types.is_empty() {
                return Err(invalid(&name, "a product needs a name and data_types"));
            }
        }
        if self.workers == 0 || self.jobs_at_once == 0 || self.database_connections < 2 {
            return Err(invalid(
                "workers, jobs_at_once, database_connections",
                "workers and jobs_at_once must be at least 1, database_connections at least 2",
            ));
        }
        if let Err((name, message)) = self.files.check() {
            return Err(invalid(name, &message));
        }
        if self.backup.keep == 0 {
            return Err(invalid("backup.keep", "it must be at least 1"));
        }
        if self.sync.quarantine_days == 0 {
            return Err(invalid("sync.quarantine_days", "it must be at least 1"));
        }
        if self.sync.most_pages == 0 {
            return Err(invalid("sync.most_pages", "it must be at least 1"));
        }
        if self.sync.history_days < LEAST_HISTORY_DAYS {
            return Err(invalid(
                "sync.history_days",
                &format!(
                    "it must be at least {LEAST_HISTORY_DAYS}: pulls of changes are counted from the last whole one, which may be a week old"
                ),
            ));
        }
        if self.webhooks.concurrency == 0
            || self.webhooks.timeout_ms == 0
            || self.webhooks.keep_days == 0
        {
            return Err(invalid(
                "webhooks.concurrency, webhooks.timeout_ms, webhooks.keep_days",
                "each must be at least 1",
            ));
        }
        Ok(())
    }

    /// `public_url` without its closing slash.
    pub fn origin(&self) -> &str {
        self.public_url.as_str().trim_end_matches('/')
    }

    /// The folder of what this node keeps beside the database: the database file's own, or the key file's.
    pub fn data_folder(&self) -> PathBuf {
        let file = match self.database_url.strip_prefix("sqlite:") {
            Some(path) => Path::new(path.strip_prefix("//").unwrap_or(path)),
            None => &self.key_file,
        };
        match file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            Some(folder) => folder.to_owned(),
            None => PathBuf::from("."),
        }
    }

    /// True if browsers reach this installation by TLS: cookies are then `Secure` with the `__Host-` prefix.
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}

fn invalid(name: &str, message: &str) -> ConfigError {
    ConfigError::Invalid {
        name: name.to_owned(),
        message: message.trim().to_owned(),
    }
}

/// Makes the file's paths, and those that it leaves to their defaults, begin at a folder.
fn begin_paths_at(folder: &Path, table: &mut toml::Table) {
    let defaults = Config::default();
    let text = |table: &toml::Table, name: &str| {
        let value = table.get(name)?;
        value.as_str().map(str::to_owned)
    };
    let at = |path: &str| folder.join(path).display().to_string();

    let url = text(table, "database_url").unwrap_or(defaults.database_url);
    if let Some(path) = url.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        table.insert("database_url".into(), format!("sqlite:{}", at(path)).into());
    }
    let key = text(table, "key_file").unwrap_or(defaults.key_file.display().to_string());
    table.insert("key_file".into(), at(&key).into());
    if let Some(to) = table
        .get_mut("backup")
        .and_then(|section| section.get_mut("to"))
        && let Some(path) = to.as_str().filter(|path| !path.is_empty())
    {
        *to = at(path).into();
    }
    let integrations = table.get_mut("integrations");
    let dirs = integrations.and_then(|section| section.get_mut("dirs"));
    for dir in dirs
        .and_then(toml::Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if let Some(path) = dir.as_str() {
            *dir = at(path).into();
        }
    }
}

fn lay(table: &mut toml::Table, path: &[String], value: &str) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        let parsed = toml::from_str::<toml::Table>(&format!("value = {value}"))
            .ok()
            .and_then(|mut table| table.remove("value"))
            .unwrap_or_else(|| toml::Value::String(value.to_owned()));
        table.insert(first.clone(), parsed);
        return;
    }
    let inner = table
        .entry(first.clone())
        .or_insert_with(|| toml::Value::Table(toml::Table::new()));
    if let toml::Value::Table(inner) = inner {
        lay(inner, rest, value);
    }
}

#[cfg(test)]
mod tests;
