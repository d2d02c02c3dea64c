//! `moorline funnel`: what became of a client's customers in Link, as `/linkFunnel` has it.

use chrono::NaiveDate;
use clap::Args;

use super::{Shown, print_one};
use crate::cli::choose_client;
use platform::app::App;
use platform::companies::funnel::{self, Counts};

#[derive(Args)]
pub struct Funnel {
    /// The first day (UTC), such as 2026-06-01. Without it: 30 days.
    #[arg(long, value_name = "DAY")]
    from: Option<NaiveDate>,
    /// The last day. Without it: today.
    #[arg(long, value_name = "DAY")]
    to: Option<NaiveDate>,
    /// One platform's customers alone, by its key.
    #[arg(long, value_name = "KEY")]
    platform: Option<String>,
    /// Print JSON, as `GET /linkFunnel` answers.
    #[arg(long)]
    json: bool,
    /// The client organisation, by id or name, if there are several.
    #[arg(long)]
    client: Option<String>,
}

impl Funnel {
    pub(in crate::cli) async fn run(self, app: &App) -> anyhow::Result<()> {
        let client = choose_client(app, self.client.as_deref()).await?;
        let days = (self.from, self.to);
        let report = funnel::report(app, client.id, days, self.platform.as_deref()).await?;
        if self.json {
            println!("{:#}", serde_json::to_value(&report)?);
            return Ok(());
        }
        let total = counted(
            Shown::default()
                .with("from", report.from)
                .with("to", report.to),
            &report.total,
        );
        let total = match report.is_counted {
            true => total,
            false => total.with(
                "note",
                "nothing is counted now: the settings of Link say funnel = false",
            ),
        };
        let days = report.results.iter().map(|day| {
            let shown = Shown::default().with("day", day.day);
            counted(shown.with("platform", &day.platform_key), &day.counts)
        });
        print_one(&total, &[("days", days.collect())], false);
        Ok(())
    }
}

fn counted(shown: Shown, counts: &Counts) -> Shown {
    shown
        .with("opened", counts.opened)
        .with("chose", counts.chose)
        .with("began", counts.began)
        .with("authorised", counts.authorised)
        .with("linked", counts.linked)
        .with("losses", &counts.losses)
}
