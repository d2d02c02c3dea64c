//! `moorline import`: an archive into an empty installation, or another service's lines into this one.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;

use super::bar::Bar;
use super::export::read_passphrase;
use platform::app::config::Config;
use platform::transfer::Problem;
use platform::transfer::archive::Heading;
use platform::transfer::import::{self, ImportError, Tally};
use platform::transfer::restore::{self, RestoreError};
use store::Db;
use store::clock::Clock;

#[derive(Args)]
pub struct Import {
    /// An archive of `moorline export`, or JSON lines: companies, connections and tokens in the form of Codat's and Nango's APIs
    /// (docs/MIGRATING.md).
    file: PathBuf,
    /// Report line by line what would be done and what is wrong, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// For an archive: a file whose first line is the passphrase.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// For lines: the client organisation that will own them, by id or name, if there are several.
    #[arg(long)]
    client: Option<String>,
    /// For lines: the integration that stands for the other service's name of it. Can be repeated.
    #[arg(long = "map", value_name = "THEIRS=OURS", value_parser = pair)]
    maps: Vec<(String, String)>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((theirs, ours)) if !theirs.is_empty() && !ours.is_empty() => {
            Ok((theirs.to_owned(), ours.to_owned()))
        }
        _ => Err("it is not THEIRS=OURS, such as xero-production=KEY".to_owned()),
    }
}

impl Import {
    pub(crate) async fn run(self, config: Config) -> anyhow::Result<()> {
        let file = std::fs::File::open(&self.file)
            .with_context(|| format!("{} can't be opened", self.file.display()))?;
        let mut first = String::new();
        // A file that isn't text has no heading either.
        let _ = BufReader::new(file).read_line(&mut first);
        if Heading::is_one(first.trim_start_matches('\u{feff}')) {
            self.restore(config).await
        } else {
            self.lines(config).await
        }
    }

    async fn restore(self, config: Config) -> anyhow::Result<()> {
        let passphrase = self.passphrase_file.as_deref().map(read_passphrase);
        let passphrase = passphrase.transpose()?;
        let db = Db::open(&config.database_url, config.database_connections).await?;
        db.migrate(Clock::System.now()).await?;
        let place = platform::credentials::vault::roots::Source::of(&config);
        let bar = Bar::default();
        let done = restore::run(
            &db,
            &self.file,
            &place,
            passphrase.as_ref(),
            self.dry_run,
            &bar,
        )
        .await;
        db.close().await;
        let report = match done {
            Ok(report) => report,
            Err(RestoreError::Problems(problems)) => return report_problems(&problems),
            Err(error) => return Err(error.into()),
        };
        for table in report.heading.tables.iter().filter(|table| table.rows > 0) {
            println!("{:>12}  {}", table.rows, table.name);
        }
        if report.earlier > 0 {
            println!(
                "An earlier run had come to line {}; this one went on from there.",
                report.earlier
            );
        }
        if self.dry_run {
            println!(
                "{} rows would be restored; nothing was changed.",
                report.rows
            );
        } else {
            println!(
                "{} rows restored. Start the platform with: moorline serve",
                report.rows
            );
            println!(
                "Stop the old installation first: platforms revoke tokens that two installations renew."
            );
        }
        Ok(())
    }

    async fn lines(self, config: Config) -> anyhow::Result<()> {
        let app = crate::cli::open(config).await?;
        let client = crate::cli::choose_client(&app, self.client.as_deref()).await?;
        let names: BTreeMap<String, String> = self.maps.into_iter().collect();
        for ours in names.values() {
            if app.catalogue.get(ours).is_none() {
                bail!(
                    "--map: there is no integration '{ours}'; `moorline integrations list` shows those there are"
                );
            }
        }
        let bar = Bar::default();
        let done = import::run(&app, client.id, &self.file, &names, self.dry_run, &bar).await;
        app.db.close().await;
        let report = match done {
            Ok(report) => report,
            Err(ImportError::Problems(problems)) => return report_problems(&problems),
            Err(error) => return Err(error.into()),
        };
        for warning in &report.warnings {
            println!("{warning}");
        }
        let verb = if self.dry_run {
            "would be imported"
        } else {
            "imported"
        };
        for (what, Tally { new, there }) in [
            ("companies", report.companies),
            ("connections", report.connections),
            ("tokens", report.tokens),
        ] {
            println!("{what}: {new} {verb}, {there} there already");
        }
        if report.renamed > 0 {
            println!(
                "names that {} without characters that may not stand in one: {}",
                if self.dry_run {
                    "would be stored"
                } else {
                    "were stored"
                },
                report.renamed
            );
        }
        if self.dry_run {
            println!("Nothing was changed.");
        }
        Ok(())
    }
}

fn report_problems(problems: &[Problem]) -> anyhow::Result<()> {
    for problem in problems {
        println!("{problem}");
    }
    bail!(
        "{} wrong; nothing was changed",
        match problems.len() {
            1 => "one thing is".to_owned(),
            number => format!("{number} things are"),
        }
    )
}
