//! `moorline pack try`: link and pull against the platform from this terminal, with nothing stored.

mod authorisation;
mod session;
mod typed;

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{bail, ensure};
use chrono::NaiveDate;
use clap::Args;
use connectors::{
    ClientAuthentication, ClientCredentials, Coverage, DataType, Identity, Integration, Revocation,
    TokenSet,
};
use console::{Term, style};
use egress::{Door, Policy, Secret};
use indicatif::ProgressBar;
use serde_json::json;
use store::clock::wall_now;
use url::Url;

use super::callback::{Lines, typed_lines};
use super::check::show_coverage;
use super::looked::of_coverage;
use super::terminal::{
    Words, count, print_done, print_note, print_problem, printable, say, words_go_to,
};
use super::{parse_variable, show_problem};
use session::{Pulled, Session};

/// The exit code that a shell reports for a program ended by Ctrl-C.
const INTERRUPTED: u8 = 130;
/// The state of access that has to be removed at the platform by hand.
const STAYS: &str = "stays";

/// The company that was found, and what was pulled of it.
#[derive(Default)]
struct Seen {
    company: Option<Identity>,
    data: Vec<(DataType, Pulled)>,
}

#[derive(Args)]
pub struct Try {
    /// The platform's folder.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Your OAuth client at the platform. Its secret comes from the variable MOORLINE_PACK_CLIENT_SECRET, or is
    /// requested at the terminal.
    #[arg(long, env = "MOORLINE_PACK_CLIENT_ID", value_name = "ID")]
    client_id: Option<String>,
    /// The way of giving access, of a platform that has several: sign-in, or the key of an [[auth.way]]. What it asks for is typed at
    /// the terminal, or comes from variables named MOORLINE_PACK_VALUE_ and the field's name in capitals.
    #[arg(long, value_name = "KEY")]
    way: Option<String>,
    /// The data types to pull, separated by commas. Without it: all that the folder offers.
    #[arg(long, value_delimiter = ',', value_name = "TYPE,…")]
    types: Vec<String>,
    /// The most pages to pull of each data type; 0 for all.
    #[arg(long, default_value_t = 5, value_name = "N")]
    pages: usize,
    /// Pull only what changed since this day (YYYY-MM-DD), if the platform can filter by it.
    #[arg(long, value_name = "DAY")]
    since: Option<NaiveDate>,
    /// Months that a statement covers.
    #[arg(long, default_value_t = 12, value_name = "N")]
    months: u32,
    /// Another value for one of the manifest's variables, such as host=https://sandbox.example.com. Can be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parse_variable)]
    set: Vec<(String, String)>,
    /// The loopback port on which to listen for the redirect.
    #[arg(long, default_value_t = 7480)]
    port: u16,
    /// The redirect URI that is registered at the platform, if it isn't http://localhost:PORT/callback. If it leads to
    /// another machine, paste the address that the browser ends at.
    #[arg(long, value_name = "URI")]
    redirect_uri: Option<Url>,
    /// A host that may be called although its address is private, such as an emulator's. Can be repeated.
    #[arg(long, value_name = "HOST")]
    allow_private: Vec<String>,
    /// Keep the access at the platform, instead of giving it back at the end.
    #[arg(long)]
    keep: bool,
    /// Print JSON; the address to open and what else people read goes to standard error.
    #[arg(long)]
    json: bool,
}

impl Try {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        if self.json {
            words_go_to(Words::Stderr);
        }
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
        if integration.machine().is_some() {
            bail!(
                "{} is never reached, but calls: enable it at an installation, link a company, and let its program call",
                integration.name()
            );
        }
        let types = self.chosen_types(&integration)?;
        let way = self.way(&integration)?;
        let entered = way.map(|way| self.enter(way)).transpose()?;
        let credentials = match way {
            Some(_) => ClientCredentials {
                client_id: String::new(),
                client_secret: None,
            },
            None => self.credentials(&integration)?,
        };
        let mut session = Session {
            door: self.door(),
            variables: BTreeMap::from([
                (
                    connectors::MONTHS_TO_SYNC.to_owned(),
                    self.months.to_string(),
                ),
                (
                    connectors::TODAY.to_owned(),
                    wall_now().date_naive().to_string(),
                ),
            ]),
            integration: Arc::new(integration),
            credentials,
            others: 0,
        };
        say!(
            "{} ({})",
            style(session.integration.name()).bold(),
            session.integration.key()
        );
        let mut lines = typed_lines(std::io::stdin().is_terminal());
        // Listen for Ctrl-C before anything is done that it could end.
        let linked = tokio::select! {
            biased;
            () = interrupted() => None,
            linked = async {
                match entered {
                    Some(entered) => entered.access(&mut session).await,
                    None => self.authorise(&mut session, &mut lines).await,
                }
            } => Some(linked?),
        };
        let Some(mut tokens) = linked else {
            say!();
            say!("Stopped before there was any access. Nothing was stored.");
            self.print_json(&session, "stopped", &Seen::default(), "none");
            return Ok(ExitCode::from(INTERRUPTED));
        };
        // Ctrl-C from here on still gives the access back.
        let mut seen = Seen::default();
        let pulled = tokio::select! {
            biased;
            () = interrupted() => None,
            pulled = self.pull_all(&mut session, &mut tokens, &types, &mut lines, &mut seen) => Some(pulled),
        };
        let access = tokio::select! {
            biased;
            access = self.give_back(&session, &tokens) => access,
            () = interrupted() => {
                print_problem("the access was not given back: remove it at the platform by hand");
                STAYS
            }
        };
        say!();
        let outcome = match &pulled {
            None => "stopped",
            Some(Ok(0)) => "read",
            Some(_) => "not all read",
        };
        self.print_json(&session, outcome, &seen, access);
        match pulled {
            None => {
                say!("Stopped. Nothing was stored.");
                Ok(ExitCode::from(INTERRUPTED))
            }
            Some(Err(error)) => Err(error),
            Some(Ok(0)) => {
                let summary = "Everything could be read. Nothing was stored.";
                say!("{}", style(summary).green().bold());
                Ok(ExitCode::SUCCESS)
            }
            Some(Ok(number)) => {
                let summary = format!(
                    "{number} of {} could not be read. Nothing was stored.",
                    count(types.len(), "data type")
                );
                say!("{}", style(summary).red().bold());
                Ok(ExitCode::FAILURE)
            }
        }
    }

    fn print_json(&self, session: &Session, outcome: &str, seen: &Seen, access: &str) {
        if !self.json {
            return;
        }
        let company = seen.company.as_ref();
        let company =
            company.map(|company| json!({ "id": company.id, "name": company.company_name }));
        let data = seen.data.iter().map(|(data_type, pulled)| {
            json!({
                "dataType": data_type.as_str(),
                "records": pulled.records,
                "pages": pulled.pages,
                "more": pulled.more,
                "warnings": pulled.warnings,
                "absent": pulled.is_absent,
                "refusal": pulled.refusal,
                "coverage": of_coverage(&pulled.coverage),
            })
        });
        let whole = json!({
            "platform": session.integration.name(),
            "key": session.integration.key(),
            "outcome": outcome,
            "company": company,
            "data": data.collect::<Vec<_>>(),
            "access": access,
        });
        println!("{whole:#}");
    }

    fn chosen_types(&self, integration: &Integration) -> anyhow::Result<Vec<DataType>> {
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
                    "'{name}' is not offered here. Valid types: {}",
                    keys.join(", ")
                );
            };
            chosen.push(data_type);
        }
        Ok(if chosen.is_empty() { offered } else { chosen })
    }

    /// The OAuth client from the arguments and the environment, or typed at the terminal (the secret without an echo).
    fn credentials(&self, integration: &Integration) -> anyhow::Result<ClientCredentials> {
        let terminal = Term::stderr();
        let interactive = std::io::stdin().is_terminal() && terminal.is_term();
        let client_id = match &self.client_id {
            Some(client_id) => client_id.trim().to_owned(),
            None if interactive => {
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
            Err(_) if interactive => {
                terminal.write_str("Client secret (not shown): ")?;
                terminal.read_secure_line()?
            }
            Err(_) => String::new(),
        };
        let secret = secret.trim();
        ensure!(
            !secret.is_empty(),
            "no client secret: set MOORLINE_PACK_CLIENT_SECRET, or run this in a terminal and type it there"
        );
        Ok(ClientCredentials {
            client_id,
            client_secret: Some(Secret::new(secret)),
        })
    }

    /// The door for this run. Private addresses may be called if the developer names them: by --allow-private, or as the host
    /// of a variable.
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

    /// Refreshes, identifies the company and pulls every data type; returns the number of those that could not be read.
    async fn pull_all(
        &self,
        session: &mut Session,
        tokens: &mut TokenSet,
        types: &[DataType],
        lines: &mut Lines,
        seen: &mut Seen,
    ) -> anyhow::Result<usize> {
        if let Some(newer) = session.refreshed(tokens, &ProgressBar::hidden()).await? {
            *tokens = newer;
        }
        let identity = session.identify(tokens, lines).await?;
        let name = identity.company_name.as_deref().unwrap_or("(no name)");
        print_done("company", &printable(&format!("{name}, {}", identity.id)));
        seen.company = Some(identity.clone());
        session.variables.extend(identity.variables);
        say!();
        let since = self
            .since
            .map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc());
        let limit = if self.pages == 0 {
            usize::MAX
        } else {
            self.pages
        };
        let mut failed = 0;
        for data_type in types {
            let pulled = session.pull(tokens, *data_type, limit, since).await;
            failed += usize::from(pulled.failed());
            seen.data.push((*data_type, pulled));
        }
        let pulled = seen.data.iter().filter(|(_, pulled)| pulled.records > 0);
        let coverages: Vec<&Coverage> = pulled.map(|(_, pulled)| &pulled.coverage).collect();
        if !coverages.is_empty() {
            say!();
            say!("  Members of the standard model that came filled:");
            say!();
            show_coverage(&coverages, false);
        }
        Ok(failed)
    }

    /// Gives the access back, and says what became of it.
    async fn give_back(&self, session: &Session, tokens: &TokenSet) -> &'static str {
        say!();
        if self.keep {
            print_done("access", "left as it is (--keep)");
            return "kept";
        }
        match session.revoke(tokens).await {
            Ok(Revocation::Done(_) | Revocation::OverAlready(_)) => {
                print_done("access", "given back at the platform");
                if session.others > 0 {
                    print_note(
                        "the other companies that this access reaches stay connected: remove them at the platform by hand",
                    );
                }
                return "given back";
            }
            Ok(Revocation::NotOffered) => print_note(
                "the access can't be given back from here: remove it at the platform by hand",
            ),
            Ok(Revocation::Stale) => print_problem(
                "the access token expired before the access could be given back: remove it at the platform by hand",
            ),
            Err(error) => print_problem(&printable(&format!(
                "the access could not be given back ({error:#}): remove it at the platform by hand"
            ))),
        }
        STAYS
    }
}

/// Resolves at Ctrl-C; never, if that signal can't be received.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
