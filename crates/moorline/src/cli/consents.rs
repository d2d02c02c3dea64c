//! `moorline consents`: the record, verified or written out.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{anyhow, ensure};
use clap::Subcommand;
use serde_json::json;

use super::choose_client;
use super::operating::{Shown, print_all, print_one};
use platform::app::App;
use platform::consents::retention::{self, MAX_DAYS};
use platform::consents::verify::{self, Kept, Report};
use platform::consents::{details, receipt};
use platform::credentials::vault::hex;
use store::clients::Client;

#[derive(Subcommand)]
pub enum Consents {
    /// Verify that no entry of the record was edited, deleted, moved or cut off, and that consents and connections agree with it.
    ///
    /// Ends with 1 if anything is wrong. A database that was set back as a whole, with the end of its chains, looks as it did
    /// then: keep the head that this prints elsewhere, and give it with --head the next time.
    Verify {
        /// The client organisation, by id or name. Without it: all of them.
        #[arg(long)]
        client: Option<String>,
        /// A head that an earlier run printed. Its entry must still be there.
        #[arg(long, value_name = "SEQ:HASH")]
        head: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show or set the days for which records, events and pulled data are kept.
    Retention {
        /// Days for the details of acts, and of consents after their end; `forever` keeps them for good.
        #[arg(long, value_name = "DAYS")]
        record_days: Option<String>,
        /// Days for events; `forever` keeps them for good.
        #[arg(long, value_name = "DAYS")]
        event_days: Option<String>,
        /// Days for pulled data after access has ended; `forever` keeps it for good.
        #[arg(long, value_name = "DAYS")]
        data_days: Option<String>,
        /// Days for platforms' answers as they came, sealed; `never`, as at first, keeps none.
        #[arg(long, value_name = "DAYS")]
        page_days: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// The client organisation, by id or name, if there are several.
        #[arg(long)]
        client: Option<String>,
    },
    /// Make a new key for receipts. Those that were signed before stay verifiable.
    RenewKey {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write every entry of a client's record to standard output, a JSON object a line, oldest first.
    Export {
        /// The client organisation, by id or name, if there are several.
        #[arg(long)]
        client: Option<String>,
    },
}

impl Consents {
    pub(super) async fn run(self, app: &App) -> anyhow::Result<ExitCode> {
        match self {
            Self::Verify { client, head, json } => {
                let kept = head.map(|text| text.parse::<Kept>().map_err(|error| anyhow!(error)));
                let kept = kept.transpose()?;
                let clients = match client {
                    Some(client) => vec![choose_client(app, Some(&client)).await?],
                    None => store::clients::list(&app.db).await?,
                };
                ensure!(
                    kept.is_none() || clients.len() == 1,
                    "a head belongs to one client organisation; say which with --client (moorline clients list)"
                );
                let mut reports = Vec::new();
                for client in &clients {
                    let report = verify::verify(app, client.id, kept.as_ref()).await?;
                    reports.push((client, report));
                }
                let good = reports.iter().all(|(_, report)| report.faults.is_empty());
                if json {
                    let shown = reports
                        .iter()
                        .map(|(client, report)| of_report(client, report));
                    print_all(&shown.collect::<Vec<_>>(), true);
                } else {
                    reports
                        .iter()
                        .for_each(|(client, report)| say(client, report));
                }
                Ok(if good {
                    ExitCode::SUCCESS
                } else {
                    ExitCode::FAILURE
                })
            }
            Self::Retention {
                record_days,
                event_days,
                data_days,
                page_days,
                json,
                client,
            } => {
                let client = choose_client(app, client.as_deref()).await?;
                let mut days = retention::of(&app.db, client.id).await?;
                if let Some(text) = &record_days {
                    days.record_days = read_days("--record-days", text, FOREVER)?;
                }
                if let Some(text) = &event_days {
                    days.event_days = read_days("--event-days", text, FOREVER)?;
                }
                if let Some(text) = &data_days {
                    days.data_days = read_days("--data-days", text, FOREVER)?;
                }
                if let Some(text) = &page_days {
                    days.page_days = read_days("--page-days", text, "never")?;
                }
                let given = [&record_days, &event_days, &data_days, &page_days];
                if given.iter().any(|given| given.is_some()) {
                    retention::set(app, client.id, &days).await?;
                }
                if json {
                    let shown = Shown::default()
                        .with("client", client.id)
                        .with("recordDays", days.record_days)
                        .with("eventDays", days.event_days)
                        .with("dataDays", days.data_days)
                        .with("pageDays", days.page_days);
                    print_one(&shown, &[], true);
                    return Ok(ExitCode::SUCCESS);
                }
                let shown = |days: Option<i64>| {
                    days.map_or_else(|| "for good".to_owned(), |days| format!("{days} days"))
                };
                for (what, days) in [
                    ("the record is kept", days.record_days),
                    ("events are kept", days.event_days),
                    (
                        "pulled data is kept, from the end of access,",
                        days.data_days,
                    ),
                ] {
                    println!("{}: {what} {}", client.name, shown(days));
                }
                match days.page_days {
                    Some(days) => {
                        println!("{}: platforms' answers are kept {days} days", client.name);
                    }
                    None => println!("{}: platforms' answers are not kept", client.name),
                }
                Ok(ExitCode::SUCCESS)
            }
            Self::RenewKey { json } => {
                let kid = receipt::renew_key(app).await?;
                match json {
                    true => print_one(&Shown::default().with("key", kid), &[], true),
                    false => println!(
                        "Receipts are signed with {kid} from now on; former keys stay published."
                    ),
                }
                Ok(ExitCode::SUCCESS)
            }
            Self::Export { client } => {
                let client = choose_client(app, client.as_deref()).await?;
                export(app, &client).await?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

fn of_report(client: &Client, report: &Report) -> Shown {
    let faults: Vec<String> = report.faults.iter().map(ToString::to_string).collect();
    Shown::default()
        .with("id", client.id)
        .with("client", &client.name)
        .with("entries", report.entries)
        .with("head", report.head.as_ref().map(ToString::to_string))
        .with("faults", faults)
}

/// Prints what is wrong with a client's record, or its head.
fn say(client: &Client, report: &Report) {
    let (name, entries) = (&client.name, report.entries);
    for fault in &report.faults {
        println!("{name}: {fault}");
    }
    let good = report.faults.is_empty();
    match (&report.head, good) {
        (Some(head), true) => println!("{name}: {entries} entries, all as written. Head {head}"),
        (None, true) => println!("{name}: no entries yet."),
        (_, false) => println!(
            "{name}: {entries} entries, and {} faults. Keep this database as evidence before you change anything.",
            report.faults.len()
        ),
    }
}

/// The word for what is kept for good.
const FOREVER: &str = "forever";

/// A number of days, or none for the word `none`.
fn read_days(name: &str, text: &str, none: &str) -> anyhow::Result<Option<i64>> {
    if text == none {
        return Ok(None);
    }
    let days = text
        .parse()
        .ok()
        .filter(|days| (1..=MAX_DAYS).contains(days));
    days.map(Some).ok_or_else(|| {
        anyhow!("{name}: '{text}' is neither a number of days from 1 to {MAX_DAYS} nor `{none}`")
    })
}

/// Entries read at once.
const BATCH: i64 = 1000;

async fn export(app: &App, client: &Client) -> anyhow::Result<()> {
    let mut seen = app.db.snapshot().await?;
    let mut out = std::io::stdout().lock();
    let mut after = 0;
    loop {
        let batch = store::entries::after(&mut seen, client.id, after, BATCH).await?;
        let Some(last) = batch.last() else {
            return Ok(out.flush()?);
        };
        after = last.seq;
        for entry in &batch {
            let details = details(app, entry);
            let line = json!({
                "seq": entry.seq, "at": entry.at, "kind": entry.kind, "actor": entry.actor,
                "apiKeyId": entry.api_key_id, "companyId": entry.company_id, "connectionId": entry.connection_id,
                "consentId": entry.consent_id, "details": details, "bodyHash": hex(&entry.body_hash),
                "hash": hex(&entry.hash),
            });
            writeln!(out, "{line}")?;
        }
    }
}
