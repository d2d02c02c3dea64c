//! `moorline pack try`: the whole way against the platform, from this terminal, with nothing stored.

mod run;

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use store::clock::random_bytes;

use anyhow::{anyhow, bail, ensure};
use chrono::{DateTime, NaiveDate, Utc};
use clap::Args;
use connectors::pkce::Verifier;
use connectors::{
    AuthorizationRequest, ClientAuthentication, ClientCredentials, DataType, Integration,
    OAuthError, Revocation, TokenSet,
};
use console::{Style, Term, style};
use egress::{Door, Policy, Secret};
use indicatif::ProgressBar;
use url::Url;

use super::callback::{self, Callback, Lines, Query};
use super::check::show_coverage;
use super::telling::{count, done, note, plain, tell, wrong};
use super::{parse_variable, show_problem};
use run::Run;

/// What a shell tells of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

#[derive(Args)]
pub struct Try {
    /// The platform's folder.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Your OAuth client at the platform. Its secret comes from MOORLINE_PACK_CLIENT_SECRET, or is asked for.
    #[arg(long, env = "MOORLINE_PACK_CLIENT_ID", value_name = "ID")]
    client_id: Option<String>,
    /// The data types to pull, separated by commas; all where none is named.
    #[arg(long, value_delimiter = ',', value_name = "TYPE,…")]
    types: Vec<String>,
    /// Pages of each data type at most; 0 for all there are.
    #[arg(long, default_value_t = 5, value_name = "N")]
    pages: usize,
    /// Only what changed since that day (YYYY-MM-DD), where the platform can be asked so.
    #[arg(long, value_name = "DAY")]
    since: Option<NaiveDate>,
    /// Months of a statement.
    #[arg(long, default_value_t = 12, value_name = "N")]
    months: u32,
    /// Another value of one of the manifest's variables: host=https://sandbox.example.com
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parse_variable)]
    set: Vec<(String, String)>,
    /// Where to listen for the redirect, on the loopback.
    #[arg(long, default_value_t = 7480)]
    port: u16,
    /// The redirect URI that is registered at the platform, where it isn't http://localhost:PORT/callback. When it
    /// leads elsewhere, paste the address that the browser ends at.
    #[arg(long, value_name = "URI")]
    redirect_uri: Option<Url>,
    /// A host with a private address that may be called, such as an emulator's.
    #[arg(long, value_name = "HOST")]
    allow_private: Vec<String>,
    /// Leave the access that was given as it is, instead of giving it back at the end.
    #[arg(long)]
    keep: bool,
}

impl Try {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let variables: BTreeMap<String, String> = self.set.iter().cloned().collect();
        let integration = match Integration::open(connectors::BUILTIN, &self.dir, &variables) {
            Ok(integration) => integration,
            Err(problems) => {
                problems.iter().for_each(show_problem);
                bail!(
                    "the folder is broken: moorline pack check {}",
                    self.dir.display()
                );
            }
        };
        let types = self.chosen(&integration)?;
        let credentials = self.credentials(&integration)?;
        let mut run = Run {
            door: self.door(),
            variables: BTreeMap::from([
                (
                    connectors::MONTHS_TO_SYNC.to_owned(),
                    self.months.to_string(),
                ),
                (
                    connectors::TODAY.to_owned(),
                    Utc::now().date_naive().to_string(),
                ),
            ]),
            integration: Arc::new(integration),
            credentials,
            others: 0,
        };
        println!(
            "{} ({})",
            style(run.integration.name()).bold(),
            run.integration.key()
        );
        let mut lines = callback::lines_typed(std::io::stdin().is_terminal());
        // An interrupt is listened for before anything is done that it could end.
        let linked = tokio::select! {
            biased;
            () = interrupted() => None,
            linked = self.authorise(&mut run, &mut lines) => Some(linked?),
        };
        let Some(mut tokens) = linked else {
            println!();
            println!("Stopped before there was any access. Nothing was stored.");
            return Ok(ExitCode::from(INTERRUPTED));
        };
        // Whoever stops here has given access: it is given back all the same.
        let pulled = tokio::select! {
            biased;
            () = interrupted() => None,
            pulled = self.after(&mut run, &mut tokens, &types, &mut lines) => Some(pulled),
        };
        tokio::select! {
            biased;
            () = self.give_back(&run, &tokens) => {}
            () = interrupted() => wrong("the access was not given back: remove it at the platform by hand"),
        }
        println!();
        match pulled {
            None => {
                println!("Stopped. Nothing was stored.");
                Ok(ExitCode::from(INTERRUPTED))
            }
            Some(Err(error)) => Err(error),
            Some(Ok(0)) => {
                let told = "Everything could be read. Nothing was stored.";
                println!("{}", style(told).green().bold());
                Ok(ExitCode::SUCCESS)
            }
            Some(Ok(number)) => {
                let told = format!(
                    "{number} of {} could not be read. Nothing was stored.",
                    count(types.len(), "data type")
                );
                println!("{}", style(told).red().bold());
                Ok(ExitCode::FAILURE)
            }
        }
    }

    fn chosen(&self, integration: &Integration) -> anyhow::Result<Vec<DataType>> {
        let offered: Vec<DataType> = integration
            .data()
            .iter()
            .map(|support| support.data_type)
            .collect();
        let mut chosen = Vec::new();
        for name in &self.types {
            let data_type = name
                .parse()
                .ok()
                .filter(|data_type| offered.contains(data_type));
            let Some(data_type) = data_type else {
                let keys: Vec<_> = offered.iter().map(|data_type| data_type.as_str()).collect();
                bail!(
                    "'{name}' is not offered here; there are: {}",
                    keys.join(", ")
                );
            };
            chosen.push(data_type);
        }
        Ok(if chosen.is_empty() { offered } else { chosen })
    }

    /// From the arguments and the environment, else asked for, the secret without an echo.
    fn credentials(&self, integration: &Integration) -> anyhow::Result<ClientCredentials> {
        let terminal = Term::stderr();
        let asks = std::io::stdin().is_terminal() && terminal.is_term();
        let client_id = match &self.client_id {
            Some(client_id) => client_id.trim().to_owned(),
            None if asks => {
                terminal.write_str("Client id at the platform: ")?;
                terminal.read_line()?.trim().to_owned()
            }
            None => String::new(),
        };
        ensure!(
            !client_id.is_empty(),
            "no OAuth client: give --client-id or MOORLINE_PACK_CLIENT_ID (the platform's developer pages hand them out)"
        );
        if integration.client_authentication() == ClientAuthentication::None {
            return Ok(ClientCredentials {
                client_id,
                client_secret: None,
            });
        }
        let secret = match std::env::var("MOORLINE_PACK_CLIENT_SECRET") {
            Ok(secret) => secret,
            Err(_) if asks => {
                terminal.write_str("Client secret (not shown): ")?;
                terminal.read_secure_line()?
            }
            Err(_) => String::new(),
        };
        let secret = secret.trim();
        ensure!(
            !secret.is_empty(),
            "no client secret: set MOORLINE_PACK_CLIENT_SECRET, or run this in a terminal to be asked for it"
        );
        Ok(ClientCredentials {
            client_id,
            client_secret: Some(Secret::new(secret)),
        })
    }

    /// Private addresses may be called where they are named here: by --allow-private, or as a variable's host.
    fn door(&self) -> Door {
        let hosts = self.set.iter().filter_map(|(_, value)| {
            let url = Url::parse(value).ok()?;
            Some(url.host_str()?.to_owned())
        });
        Door::new(Policy {
            allow_private: hosts.chain(self.allow_private.iter().cloned()).collect(),
            ..Policy::default()
        })
    }

    /// Sends the customer — whoever sits here — to the platform, and comes back with tokens.
    async fn authorise(&self, run: &mut Run, lines: &mut Lines) -> anyhow::Result<TokenSet> {
        let integration = run.integration.clone();
        let callback = Callback::listen(self.port).await?;
        let redirect_uri = match &self.redirect_uri {
            Some(uri) => uri.to_string(),
            None => format!("http://localhost:{}{}", callback.port()?, callback::PATH),
        };
        let state = Verifier::from_bytes(random_bytes())
            .secret()
            .expose()
            .to_owned();
        let verifier = integration
            .pkce()
            .then(|| Verifier::from_bytes(random_bytes()));
        let challenge = verifier.as_ref().map(Verifier::challenge);
        let url = integration.authorization_url(
            &run.credentials,
            &AuthorizationRequest {
                redirect_uri: &redirect_uri,
                state: &state,
                code_challenge: challenge.as_deref(),
                nonce: None,
            },
        );
        let say = |words: &str| tell("  ", words, &Style::new());
        say(&format!(
            "Redirect URI, as it must be registered at the platform: {redirect_uri}"
        ));
        println!();
        say("Open this in a browser, and allow the access:");
        println!();
        say(url.as_str());
        println!();
        say(if std::io::stdin().is_terminal() {
            "Waiting for the browser to come back. If it ends at an address that can't be opened, paste that address here. Ctrl-C stops."
        } else {
            "Waiting for the browser to come back."
        });
        let query = callback.wait(&state, lines).await?;
        let code = self.code(&integration, &query)?;
        for name in integration.callback_parameters() {
            if let Some(value) = query.get(name) {
                run.variables.insert(name.clone(), value.clone());
            }
        }
        let tokens = integration
            .exchange(
                &run.door,
                &run.credentials,
                &redirect_uri,
                &code,
                verifier.as_ref().map(Verifier::secret),
            )
            .await
            .map_err(|error| refused(&error, "the code could not be exchanged for tokens"))?;
        run.variables
            .extend(integration.claims_of(&tokens.access_token));
        done("linked", &lifetimes(&tokens, &integration));
        Ok(tokens)
    }

    fn code(&self, integration: &Integration, query: &Query) -> anyhow::Result<Secret> {
        if let (Some(expected), Some(given)) = (integration.issuer(), query.get("iss")) {
            ensure!(
                expected == given,
                "the redirect comes from another issuer: {given}"
            );
        }
        if let Some(error) = query.get("error") {
            let words = match query.get("error_description") {
                Some(words) if !words.is_empty() => format!("{error}: {words}"),
                _ => error.clone(),
            };
            bail!("the platform gave no access: {}", plain(&words));
        }
        match query.get("code") {
            Some(code) if !code.is_empty() => Ok(Secret::new(code.as_str())),
            _ => bail!("the redirect has no code"),
        }
    }

    /// What comes once there are tokens. Gives how many data types could not be read.
    async fn after(
        &self,
        run: &mut Run,
        tokens: &mut TokenSet,
        types: &[DataType],
        lines: &mut Lines,
    ) -> anyhow::Result<usize> {
        if let Some(newer) = run.refreshed(tokens, &ProgressBar::hidden()).await? {
            *tokens = newer;
        }
        let identity = run.identify(tokens, lines).await?;
        let name = identity.company_name.as_deref().unwrap_or("(no name)");
        done("company", &plain(&format!("{name}, {}", identity.id)));
        run.variables.extend(identity.variables);
        println!();
        let since = self
            .since
            .map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc());
        let limit = if self.pages == 0 {
            usize::MAX
        } else {
            self.pages
        };
        let mut coverages = Vec::new();
        let mut failed = 0;
        for data_type in types {
            let pulled = run.pull(tokens, *data_type, limit, since).await;
            failed += usize::from(pulled.failed);
            if pulled.records > 0 {
                coverages.push(pulled.coverage);
            }
        }
        if !coverages.is_empty() {
            println!();
            println!("  Members of the standard model that came filled:");
            println!();
            show_coverage(&coverages, false);
        }
        Ok(failed)
    }

    async fn give_back(&self, run: &Run, tokens: &TokenSet) {
        println!();
        if self.keep {
            done("access", "left as it is (--keep)");
            return;
        }
        match run.revoke(tokens).await {
            Ok(Revocation::Done) => {
                done("access", "given back at the platform");
                if run.others > 0 {
                    note(
                        "the other companies that were shared with it stay so: remove them at the platform by hand",
                    );
                }
            }
            Ok(Revocation::NotOffered) => {
                note("the access can't be given back from here: remove it at the platform by hand")
            }
            Ok(Revocation::Stale) => wrong(
                "the access token ran out before the access could be given back: remove it at the platform by hand",
            ),
            Err(error) => wrong(&plain(&format!(
                "the access could not be given back ({error:#}): remove it at the platform by hand"
            ))),
        }
    }
}

/// Ends with Ctrl-C. Where that can't be heard, never.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// A token endpoint's no, in the platform's words and with what mostly is the matter.
fn refused(error: &OAuthError, what: &str) -> anyhow::Error {
    match error {
        OAuthError::Refused { error, description } => {
            let words = match description {
                Some(description) => format!("{error}: {description}"),
                None => error.clone(),
            };
            anyhow!(
                "{what}: the platform refused ({}). Are the client id, its secret and the redirect URI those that are registered there, and does client_authentication say how it wants them?",
                plain(&words)
            )
        }
        error => anyhow!("{what}: {error}"),
    }
}

/// How long the tokens live, as the platform says or the manifest knows.
fn lifetimes(tokens: &TokenSet, integration: &Integration) -> String {
    let until =
        |time: Option<DateTime<Utc>>| time.and_then(|time| (time - Utc::now()).to_std().ok());
    let access = tokens.expires_in.or_else(|| until(tokens.expires_at));
    let mut told = match access {
        Some(life) => format!("the access token lives {}", span(life)),
        None => "the platform doesn't say how long the access token lives".to_owned(),
    };
    if tokens.refresh_token.is_some() {
        let said = tokens
            .refresh_expires_in
            .or_else(|| until(tokens.refresh_expires_at));
        told.push_str(&match (said, integration.refresh_token_lifetime()) {
            (Some(life), _) => format!(", the refresh token {}", span(life)),
            (None, Some(life)) => {
                format!(", the refresh token {} by the manifest", span(life))
            }
            (None, None) => ", the refresh token without an end that is told".to_owned(),
        });
    }
    told
}

fn span(life: Duration) -> String {
    // A moment has passed since the platform reckoned it.
    let seconds = life.as_secs() + 30;
    match seconds {
        172_800.. => format!("{} days", seconds / 86_400),
        7_200.. => format!("{} hours", seconds / 3_600),
        _ => count(usize::try_from(seconds / 60).unwrap_or_default(), "minute"),
    }
}
