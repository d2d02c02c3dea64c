//! One run against one platform: refresh, identity, pages with patience, and the access given back.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, Utc};
use connectors::{
    Access, ClientCredentials, Coverage, DataType, FetchError, Grant, Identity, Integration,
    Revocation, TokenSet,
};
use console::{Style, style};
use egress::Door;
use indicatif::{ProgressBar, ProgressStyle};

use super::{refused, span};
use crate::cli::pack::callback::Lines;
use crate::cli::pack::telling::{count, done, note, plain, tell};

/// As many warnings of a data type as are shown.
const WARNINGS: usize = 3;
/// As often as a page is asked for again when the platform asks for patience.
const ATTEMPTS: u32 = 4;
/// Where the platform doesn't say how long to wait.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest name of a data type.
const WIDTH: usize = 32;
/// Nobody waits longer at a terminal.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// One run against one platform.
pub(super) struct Run {
    pub(super) door: Door,
    pub(super) integration: Arc<Integration>,
    pub(super) credentials: ClientCredentials,
    /// The connection's own values.
    pub(super) variables: BTreeMap<String, String>,
    /// How many companies the access leads to beside the one that was chosen.
    pub(super) others: usize,
}

/// What came of one data type.
pub(super) struct Pulled {
    pub(super) records: usize,
    pub(super) coverage: Coverage,
    pub(super) failed: bool,
}

impl Run {
    fn access<'a>(&'a self, tokens: &'a TokenSet) -> Access<'a> {
        Access {
            token: &tokens.access_token,
            variables: &self.variables,
        }
    }

    /// One refresh, to see that the refresh token is good for one.
    pub(super) async fn refreshed(
        &self,
        tokens: &TokenSet,
        bar: &ProgressBar,
    ) -> anyhow::Result<Option<TokenSet>> {
        let Some(refresh_token) = &tokens.refresh_token else {
            note(
                "no refresh token came: a customer would have to come back when the access token runs out",
            );
            return Ok(None);
        };
        let mut newer = self
            .integration
            .refresh(&self.door, &self.credentials, refresh_token)
            .await
            .map_err(|error| refused(&error, "the tokens could not be refreshed"))?;
        let rotated = newer
            .refresh_token
            .as_ref()
            .is_some_and(|newer| newer.expose() != refresh_token.expose());
        if newer.refresh_token.is_none() {
            newer.refresh_token = Some(refresh_token.clone());
        }
        let kept = if rotated {
            "a new refresh token came"
        } else {
            "the refresh token stays the same"
        };
        bar.suspend(|| done("refreshed", kept));
        Ok(Some(newer))
    }

    /// The company behind the tokens; where there are several, whoever sits here chooses.
    pub(super) async fn identify(
        &mut self,
        tokens: &TokenSet,
        lines: &mut Lines,
    ) -> anyhow::Result<Identity> {
        let mut found = self
            .integration
            .identities(&self.door, &self.access(tokens))
            .await
            .context("the platform doesn't say who authorised")?;
        if found.len() == 1 {
            return Ok(found.remove(0));
        }
        ensure!(!found.is_empty(), "the access leads to no company");
        self.others = found.len() - 1;
        println!();
        println!("  The access leads to {} companies:", found.len());
        println!();
        for (number, identity) in found.iter().enumerate() {
            let name = identity.company_name.as_deref().unwrap_or("(no name)");
            let detail = identity.detail.as_deref().unwrap_or(&identity.id);
            let prefix = format!("  {:>4}  {}  ", number + 1, plain(name));
            tell(&prefix, &plain(detail), &Style::new().dim());
        }
        println!();
        if !std::io::stdin().is_terminal() {
            println!("  The first one is taken: nobody can be asked.");
            return Ok(found.remove(0));
        }
        loop {
            println!("  Which one? Type its number, from 1 to {}:", found.len());
            let Some(line) = lines.recv().await else {
                bail!("no company was chosen");
            };
            match line.trim().parse::<usize>() {
                Ok(chosen) if (1..=found.len()).contains(&chosen) => {
                    return Ok(found.remove(chosen - 1));
                }
                _ => println!("  There is no such number."),
            }
        }
    }

    pub(super) async fn revoke(&self, tokens: &TokenSet) -> anyhow::Result<Revocation> {
        let grant = Grant {
            access_token: &tokens.access_token,
            refresh_token: tokens.refresh_token.as_ref(),
            variables: &self.variables,
        };
        Ok(self
            .integration
            .end(&self.door, &self.credentials, grant)
            .await?)
    }

    pub(super) async fn pull(
        &self,
        tokens: &mut TokenSet,
        data_type: DataType,
        limit: usize,
        since: Option<DateTime<Utc>>,
    ) -> Pulled {
        let bar = bar(data_type);
        let mut pulled = Pulled {
            records: 0,
            coverage: Coverage::new(data_type),
            failed: false,
        };
        let (mut pages, mut warnings, mut shown) = (0_usize, 0, Vec::new());
        let mut cursor = None;
        let mut refusal = None;
        let more = loop {
            let page = match self
                .page(tokens, data_type, cursor.as_ref(), since, &bar)
                .await
            {
                Ok(page) => page,
                Err(error) => {
                    refusal = Some(error.to_string());
                    break false;
                }
            };
            pages += 1;
            let integration = self.integration.clone();
            let next = page.next.clone();
            let mapping =
                tokio::task::spawn_blocking(move || integration.map_page(data_type, &page));
            match mapping.await {
                Ok(Ok(mapped)) => {
                    pulled.records += mapped.records.len();
                    mapped
                        .records
                        .iter()
                        .for_each(|record| pulled.coverage.add(&record.to_json()));
                    warnings += mapped.warnings.len();
                    let room = WARNINGS.saturating_sub(shown.len());
                    shown.extend(mapped.warnings.into_iter().take(room));
                }
                Ok(Err(error)) => {
                    refusal = Some(error.to_string());
                    break false;
                }
                Err(error) => {
                    refusal = Some(error.to_string());
                    break false;
                }
            }
            bar.set_message(format!(
                "{:>6} {}, {}",
                pulled.records,
                noun(pulled.records),
                count(pages, "page")
            ));
            cursor = next;
            if cursor.is_none() {
                break false;
            }
            if pages >= limit {
                break true;
            }
        };
        bar.finish_and_clear();
        let mut told = noun(pulled.records).to_owned();
        if more {
            let read = count(pages, "page");
            told.push_str(&format!(", and more after {read} (--pages)"));
        }
        if warnings > 0 {
            told.push_str(", ");
            told.push_str(&count(warnings, "warning"));
        }
        let mark = match refusal {
            None => style("✓").green().bold(),
            Some(_) => style("✗").red().bold(),
        };
        let prefix = format!(
            "  {mark} {:<WIDTH$} {:>6} ",
            data_type.as_str(),
            pulled.records
        );
        tell(&prefix, &told, &Style::new());
        if let Some(refusal) = refusal {
            pulled.failed = true;
            tell("      ", &plain(&refusal), &Style::new().red());
        }
        for warning in &shown {
            let words = format!("{}: {}", warning.id, warning.message);
            tell("      ", &plain(&words), &Style::new().yellow());
        }
        if warnings > shown.len() {
            let more = format!("… and {} more", warnings - shown.len());
            tell("      ", &more, &Style::new().yellow());
        }
        pulled
    }

    /// A page, with the patience that the platform asks for, and one refresh where the token has run out.
    async fn page(
        &self,
        tokens: &mut TokenSet,
        data_type: DataType,
        cursor: Option<&connectors::Cursor>,
        since: Option<DateTime<Utc>>,
        bar: &ProgressBar,
    ) -> anyhow::Result<connectors::Page> {
        let mut fresh = false;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let fetched = self
                .integration
                .fetch_page(&self.door, &self.access(tokens), data_type, cursor, since)
                .await;
            let wait = match fetched {
                Ok(page) => return Ok(page),
                Err(FetchError::Unauthorized) if !fresh => {
                    fresh = true;
                    match self.refreshed(tokens, bar).await? {
                        Some(newer) => *tokens = newer,
                        None => bail!("the access token ran out, and there is no refresh token"),
                    }
                    continue;
                }
                Err(error) => match patience(&error) {
                    Some(wait) if attempt < ATTEMPTS && wait <= LONGEST_WAIT => {
                        bar.set_message(plain(&format!(
                            "{error}: again in {}",
                            count(wait.as_secs().try_into().unwrap_or(usize::MAX), "second")
                        )));
                        wait
                    }
                    Some(wait) if wait > LONGEST_WAIT => {
                        bail!("{error}, and for {} more", span(wait))
                    }
                    _ => return Err(error.into()),
                },
            };
            tokio::time::sleep(wait).await;
        }
    }
}

fn noun(records: usize) -> &'static str {
    if records == 1 { "record" } else { "records" }
}

/// How long to wait before the same is asked again; None where that doesn't help.
fn patience(error: &FetchError) -> Option<Duration> {
    match error {
        FetchError::RateLimited { retry_after, .. }
        | FetchError::Unavailable { retry_after, .. } => Some(retry_after.unwrap_or(PATIENCE)),
        _ => None,
    }
}

fn bar(data_type: DataType) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("  {spinner} {prefix} {wide_msg}") {
        bar.set_style(style);
    }
    bar.set_prefix(format!("{:<WIDTH$}", data_type.as_str()));
    bar.set_message("asking …");
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
