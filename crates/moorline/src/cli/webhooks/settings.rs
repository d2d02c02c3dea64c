//! Settings of a consumer, as `create` and `update` take them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use egress::Secret;
use platform::events::webhooks::{Certificate, Changes};

#[derive(Args)]
pub(super) struct Settings {
    /// A description for your own use.
    #[arg(long)]
    description: Option<String>,
    /// A company tag, as key:value: send only the events of companies that carry one of those given. Can be repeated.
    #[arg(long = "company-tag")]
    company_tags: Vec<String>,
    /// A header to send, as 'Name: value', or @FILE with one header a line, which keeps secrets out of the process list.
    /// Replaces all headers that the consumer has. Can be repeated.
    #[arg(long = "header")]
    headers: Vec<String>,
    /// The rate limit: messages a second.
    #[arg(long)]
    rate: Option<i64>,
    /// A PEM file with a client certificate, for mutual TLS.
    #[arg(long, requires = "key", value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// A PEM file with the certificate's key.
    #[arg(long, requires = "certificate", value_name = "FILE")]
    key: Option<PathBuf>,
}

impl Settings {
    /// The settings that were given; those that weren't stay as they are.
    pub(super) fn changes(self) -> anyhow::Result<Changes> {
        let read = |path: &Path| {
            std::fs::read_to_string(path)
                .with_context(|| format!("{} can't be read", path.display()))
        };
        let mut headers = BTreeMap::new();
        for given in &self.headers {
            let lines = match given.strip_prefix('@') {
                Some(file) => read(Path::new(file))?,
                None => given.clone(),
            };
            for line in lines.lines().filter(|line| !line.trim().is_empty()) {
                let (name, value) = line
                    .split_once(':')
                    .context("a header lacks its colon; write 'Name: value', or @FILE with one such header a line")?;
                headers.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
        let certificate = match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => Some(Some(Certificate {
                certificate: read(certificate)?,
                key: Secret::new(read(key)?),
            })),
            _ => None,
        };
        Ok(Changes {
            description: self.description.map(Some),
            company_tags: (!self.company_tags.is_empty()).then_some(self.company_tags),
            headers: (!self.headers.is_empty()).then_some(headers),
            rate_limit: self.rate.map(Some),
            certificate,
            ..Changes::default()
        })
    }
}
