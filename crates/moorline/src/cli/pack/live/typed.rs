//! Access without a sign-in: the values are typed at the terminal, or come from the environment.

use std::collections::BTreeMap;
use std::io::IsTerminal;

use anyhow::{Context, anyhow, bail, ensure};
use connectors::{
    Integration, NotTaken, Signing, SigningKey, TokenSet, WAY, Way, WayField, typed_secrets,
};
use console::Term;
use egress::Secret;
use platform::connecting::self_signed;
use store::clock::{new_id, wall_now};

use super::Try;
use super::authorisation::refused;
use super::session::Session;
use crate::cli::pack::terminal::{print_done, printable, say};

/// The values of a way of giving access.
pub(super) struct Entered {
    way: String,
    variables: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
    key: Option<SigningKey>,
}

impl Try {
    /// The way that was asked for, or the only kind of access that the platform has; none for a sign-in.
    pub(super) fn way<'a>(&self, integration: &'a Integration) -> anyhow::Result<Option<&'a Way>> {
        let ways = integration.ways();
        match self.way.as_deref() {
            None if integration.signs_in() => Ok(None),
            None => Ok(ways.first()),
            Some("sign-in") if integration.signs_in() => Ok(None),
            Some(key) => {
                let known: Vec<&str> = ways.iter().map(Way::key).collect();
                let found = integration.way(key);
                ensure!(
                    found.is_some(),
                    "the manifest has no way '{key}'. There are: {}",
                    known.join(", ")
                );
                Ok(found)
            }
        }
    }

    /// Asks for the values; of a secret nothing is shown.
    pub(super) fn enter(&self, way: &Way) -> anyhow::Result<Entered> {
        let terminal = Term::stderr();
        let interactive = std::io::stdin().is_terminal() && terminal.is_term();
        let key = match way.certificate_lifetime().zip(way.algorithm()) {
            Some((lifetime, algorithm)) => {
                let now = wall_now();
                let made = self_signed(
                    "pack try",
                    algorithm,
                    now,
                    now + chrono::TimeDelta::from_std(lifetime)?,
                );
                let (pem, key) = made.map_err(|error| anyhow!("no key pair: {error}"))?;
                say!(
                    "Register this certificate at the platform. Its key is forgotten at the end of this run."
                );
                say!();
                say!("{pem}");
                Some(key)
            }
            None => None,
        };
        let mut variables = way.values().clone();
        variables.insert(WAY.to_owned(), way.key().to_owned());
        let mut secrets = BTreeMap::new();
        for field in way.fields() {
            let value = typed(field, interactive.then_some(&terminal))?;
            let value = field
                .read(&value)
                .map_err(|why| anyhow!("{}: {}", field.label, in_words(field, why)))?;
            let kept = if field.is_secret {
                &mut secrets
            } else {
                &mut variables
            };
            kept.insert(field.name.clone(), value);
        }
        Ok(Entered {
            way: way.key().to_owned(),
            variables,
            secrets,
            key,
        })
    }
}

/// The value from the environment, or from the terminal.
fn typed(field: &WayField, terminal: Option<&Term>) -> anyhow::Result<String> {
    let variable = format!("MOORLINE_PACK_VALUE_{}", field.name.to_ascii_uppercase());
    if let Ok(value) = std::env::var(&variable) {
        return Ok(value);
    }
    let Some(terminal) = terminal else {
        bail!(
            "no {}: set {variable}, or run this in a terminal and type it there",
            field.label
        );
    };
    if field.is_secret {
        terminal.write_str(&format!("{} (not shown): ", field.label))?;
        Ok(terminal.read_secure_line()?)
    } else {
        terminal.write_str(&format!("{}: ", field.label))?;
        Ok(terminal.read_line()?)
    }
}

fn in_words(field: &WayField, why: NotTaken) -> String {
    match why {
        NotTaken::Missing => "nothing was entered".to_owned(),
        NotTaken::Unusable => "it is too long, or has characters that can't be sent".to_owned(),
        NotTaken::OtherForm => field.rule.clone().unwrap_or_default(),
    }
}

impl Entered {
    /// Access with the values, not yet tried.
    pub(super) async fn access(self, session: &mut Session) -> anyhow::Result<TokenSet> {
        session.variables.extend(self.variables);
        let tokens = match &self.key {
            Some(key) => session.asserted(&key.to_text()).await?,
            None => TokenSet {
                access_token: typed_secrets(&self.secrets),
                refresh_token: None,
                expires_in: None,
                expires_at: None,
                refresh_expires_in: None,
                refresh_expires_at: None,
                scope: None,
                id_token: None,
                extra: serde_json::Map::new(),
            },
        };
        print_done("access", &printable(&format!("by the way {}", self.way)));
        Ok(tokens)
    }
}

impl Session {
    /// An access token for a new assertion, with the key in the refresh token's place.
    pub(super) async fn asserted(&self, key: &Secret) -> anyhow::Result<TokenSet> {
        let way = self.integration.way_of(&self.variables);
        let way = way.context("there is no such way")?;
        let now = wall_now();
        let signing = Signing {
            key,
            now,
            id: new_id(now),
        };
        let tokens = self
            .integration
            .assert(&self.door, way, signing, &self.variables)
            .await
            .map_err(|error| refused(&error, "no access token was given for the certificate"))?;
        Ok(TokenSet {
            refresh_token: Some(key.clone()),
            ..tokens
        })
    }
}
