//! One session with one platform: refresh, identity, pages with retries, and revocation.

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

use super::authorisation::{refused, span};
use crate::cli::pack::callback::Lines;
use crate::cli::pack::terminal::{count, print_done, print_note, print_wrapped, printable, say};

/// Warnings shown of one data type.
const SHOWN_WARNINGS: usize = 3;
/// Requests for one page before a rate limit or an outage is reported.
const MAX_ATTEMPTS: u32 = 4;
/// The wait before a retry if the platform's answer has no Retry-After.
const DEFAULT_WAIT: Duration = Duration::from_secs(5);
/// Columns: the longest name of a data type.
const NAME_WIDTH: usize = 32;
/// A longer wait is reported at once: a developer at a terminal would not sit through it.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// One session with one platform.
pub(super) struct Session {
    pub(super) door: Door,
    pub(super) integration: Arc<Integration>,
    pub(super) credentials: ClientCredentials,
    /// The connection's own values.
    pub(super) variables: BTreeMap<String, String>,
    /// Number of companies that the access reaches beside the chosen one.
    pub(super) others: usize,
}

/// The outcome of pulling one data type.
pub(super) struct Pulled {
    pub(super) records: usize,
    pub(super) pages: usize,
    /// The list goes on after the last page that was read.
    pub(super) more: bool,
    pub(super) warnings: usize,
    pub(super) coverage: Coverage,
    /// The reason why reading ended early.
    pub(super) refusal: Option<String>,
    /// This company doesn't have it, by the manifest's own words: nothing is wrong with the folder.
    pub(super) is_absent: bool,
}

impl Pulled {
    pub(super) fn failed(&self) -> bool {
        self.refusal.is_some() && !self.is_absent
    }
}

impl Session {
    fn access<'a>(&'a self, tokens: &'a TokenSet) -> Access<'a> {
        Access {
            token: &tokens.access_token,
            variables: &self.variables,
        }
    }

    /// Tokens of one refresh, which shows that the refresh token works; `None` if the platform gave none.
    pub(super) async fn refreshed(
        &self,
        tokens: &TokenSet,
        bar: &ProgressBar,
    ) -> anyhow::Result<Option<TokenSet>> {
        let by_way = self.integration.way_of(&self.variables).is_some();
        let Some(refresh_token) = &tokens.refresh_token else {
            if by_way {
                return Ok(None);
            }
            print_note(
                "the platform gave no refresh token: a customer would have to reconnect when the access token expires",
            );
            return Ok(None);
        };
        if by_way {
            let newer = self.asserted(refresh_token).await?;
            bar.suspend(|| print_done("refreshed", "with another assertion"));
            return Ok(Some(newer));
        }
        let mut newer = self
            .integration
            .refresh(
                &self.door,
                &self.credentials,
                refresh_token,
                &self.variables,
            )
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
            "with a new refresh token"
        } else {
            "with the same refresh token"
        };
        bar.suspend(|| print_done("refreshed", kept));
        Ok(Some(newer))
    }

    /// The company behind the tokens. If there are several, the developer chooses one at the terminal.
    pub(super) async fn identify(
        &mut self,
        tokens: &TokenSet,
        lines: &mut Lines,
    ) -> anyhow::Result<Identity> {
        let mut found = self
            .integration
            .identities(&self.door, &self.access(tokens))
            .await
            .context("the company that authorised could not be identified")?;
        if found.len() == 1 {
            return Ok(found.remove(0));
        }
        ensure!(
            !found.is_empty(),
            "the access leads to no company: check the path and the map in [identity]"
        );
        self.others = found.len() - 1;
        say!();
        say!("  The access leads to {} companies:", found.len());
        say!();
        for (number, identity) in found.iter().enumerate() {
            let name = identity.company_name.as_deref().unwrap_or("(no name)");
            let detail = identity.detail.as_deref().unwrap_or(&identity.id);
            let prefix = format!("  {:>4}  {}  ", number + 1, printable(name));
            print_wrapped(&prefix, &printable(detail), &Style::new().dim());
        }
        say!();
        if !std::io::stdin().is_terminal() {
            say!("  The first one is taken, since standard input is not a terminal.");
            return Ok(found.remove(0));
        }
        loop {
            say!(
                "  Type the number of one of them, from 1 to {}:",
                found.len()
            );
            let Some(line) = lines.recv().await else {
                bail!("standard input ended before a company was chosen");
            };
            match line.trim().parse::<usize>() {
                Ok(chosen) if (1..=found.len()).contains(&chosen) => {
                    return Ok(found.remove(chosen - 1));
                }
                _ => say!("  That is not one of the numbers."),
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
        mut since: Option<DateTime<Utc>>,
    ) -> Pulled {
        let bar = bar(data_type);
        let mut pulled = Pulled {
            records: 0,
            pages: 0,
            more: false,
            warnings: 0,
            coverage: Coverage::new(data_type),
            refusal: None,
            is_absent: false,
        };
        let (mut pages, mut warnings, mut shown) = (0_usize, 0, Vec::new());
        let mut cursor = None;
        let mut refusal = None;
        let mut is_absent = false;
        let more = loop {
            let page = match self
                .page(tokens, data_type, cursor.as_ref(), since, &bar)
                .await
            {
                Ok(page) => page,
                // More changed than the platform lists as changes: everything is read, as in a sync.
                Err(error)
                    if since.is_some()
                        && matches!(error.downcast_ref(), Some(FetchError::Cut(_))) =>
                {
                    since = None;
                    cursor = None;
                    (pages, warnings) = (0, 0);
                    (pulled.records, shown) = (0, Vec::new());
                    continue;
                }
                Err(error) => {
                    is_absent = matches!(error.downcast_ref(), Some(FetchError::NotOffered(_)));
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
                    let room = SHOWN_WARNINGS.saturating_sub(shown.len());
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
        let mut summary = noun(pulled.records).to_owned();
        if more {
            let read = count(pages, "page");
            summary.push_str(&format!(", and more after {read} (--pages)"));
        }
        if warnings > 0 {
            summary.push_str(", ");
            summary.push_str(&count(warnings, "warning"));
        }
        let mark = match refusal {
            None => style("✓").green().bold(),
            Some(_) if is_absent => style("-").bold(),
            Some(_) => style("✗").red().bold(),
        };
        let prefix = format!(
            "  {mark} {:<NAME_WIDTH$} {:>6} ",
            data_type.as_str(),
            pulled.records
        );
        print_wrapped(&prefix, &summary, &Style::new());
        if let Some(refusal) = &refusal {
            let told = match is_absent {
                true => Style::new(),
                false => Style::new().red(),
            };
            print_wrapped("      ", &printable(refusal), &told);
        }
        for warning in &shown {
            let text = format!("{}: {}", warning.id, warning.message);
            print_wrapped("      ", &printable(&text), &Style::new().yellow());
        }
        if warnings > shown.len() {
            let more = format!("… and {} more", warnings - shown.len());
            print_wrapped("      ", &more, &Style::new().yellow());
        }
        Pulled {
            pages,
            more,
            warnings,
            refusal,
            is_absent,
            ..pulled
        }
    }

    /// A page: retried after the wait that the platform requests, with one refresh if the token has expired.
    async fn page(
        &self,
        tokens: &mut TokenSet,
        data_type: DataType,
        cursor: Option<&connectors::Cursor>,
        since: Option<DateTime<Utc>>,
        bar: &ProgressBar,
    ) -> anyhow::Result<connectors::Page> {
        let mut has_refreshed = false;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let fetched = self
                .integration
                .fetch_page(&self.door, &self.access(tokens), data_type, cursor, since)
                .await;
            let wait = match fetched {
                Ok(page) => return Ok(page),
                Err(FetchError::Unauthorized { .. }) if !has_refreshed => {
                    has_refreshed = true;
                    match self.refreshed(tokens, bar).await? {
                        Some(newer) => *tokens = newer,
                        None => bail!("the access token expired, and there is no refresh token"),
                    }
                    continue;
                }
                Err(error) => match retry_wait(&error) {
                    Some(wait) if attempt < MAX_ATTEMPTS && wait <= LONGEST_WAIT => {
                        bar.set_message(printable(&format!(
                            "{error}: retry in {}",
                            count(wait.as_secs().try_into().unwrap_or(usize::MAX), "second")
                        )));
                        wait
                    }
                    Some(wait) if wait > LONGEST_WAIT => {
                        bail!("{error}: the platform requests a wait of {}", span(wait))
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

/// The wait before a retry; `None` if a retry doesn't help.
fn retry_wait(error: &FetchError) -> Option<Duration> {
    match error {
        FetchError::RateLimited { retry_after, .. }
        | FetchError::Unavailable { retry_after, .. } => Some(retry_after.unwrap_or(DEFAULT_WAIT)),
        _ => None,
    }
}

fn bar(data_type: DataType) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("  {spinner} {prefix} {wide_msg}") {
        bar.set_style(style);
    }
    bar.set_prefix(format!("{:<NAME_WIDTH$}", data_type.as_str()));
    bar.set_message("requesting …");
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
