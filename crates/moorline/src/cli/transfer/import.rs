//! `moorline import`: an archive into an empty installation, or another service's lines into this one.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::{Map, Value, json};

use super::bar::Bar;
use super::export::read_passphrase;
use crate::cli::operating::{Shown, print_one};
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
    /// Print JSON.
    #[arg(long)]
    json: bool,
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
        let shown = self.shown("archive");
        let report = match done {
            Ok(report) => report,
            Err(RestoreError::Problems(problems)) => {
                return report_problems(&problems, self.json.then_some(shown));
            }
            Err(error) => return Err(error.into()),
        };
        if self.json {
            let tables = report.heading.tables.iter();
            let tables = tables.map(|table| (table.name.clone(), json!(table.rows)));
            let shown = shown
                .with("rows", report.rows)
                .with("earlier", report.earlier)
                .with("tables", tables.collect::<Map<_, _>>());
            print_one(&with_problems(shown, &[]), &[], true);
            return Ok(());
        }
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
        let names: BTreeMap<String, String> = self.maps.iter().cloned().collect();
        for ours in names.values() {
            if app.catalogue.get(ours).is_none() {
                bail!(
                    "--map: there is no integration '{ours}'; `moorline integrations list` shows those there are"
                );
            }
        }
        let bar = Bar::default();
        let done = import::run(&app, client.id, &self.file, &names, self.dry_run, &bar).await;
        app.close().await;
        let shown = self.shown("lines");
        let report = match done {
            Ok(report) => report,
            Err(ImportError::Problems(problems)) => {
                return report_problems(&problems, self.json.then_some(shown));
            }
            Err(error) => return Err(error.into()),
        };
        if self.json {
            let tally = |Tally { new, there }: Tally| json!({ "new": new, "there": there });
            let warnings = report.warnings.iter().map(of_problem).collect::<Vec<_>>();
            let shown = shown
                .with("companies", tally(report.companies))
                .with("connections", tally(report.connections))
                .with("tokens", tally(report.tokens))
                .with("renamed", report.renamed)
                .with("warnings", warnings);
            print_one(&with_problems(shown, &[]), &[], true);
            return Ok(());
        }
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
    /// As JSON begins, of either form.
    fn shown(&self, form: &str) -> Shown {
        Shown::default()
            .with("form", form)
            .with("file", &self.file)
            .with("dryRun", self.dry_run)
    }
}

fn of_problem(problem: &Problem) -> Value {
    json!({ "line": problem.line, "message": problem.message })
}

fn with_problems(shown: Shown, problems: &[Problem]) -> Shown {
    shown.with(
        "problems",
        problems.iter().map(of_problem).collect::<Vec<_>>(),
    )
}

fn report_problems(problems: &[Problem], json: Option<Shown>) -> anyhow::Result<()> {
    match json {
        Some(shown) => print_one(&with_problems(shown, problems), &[], true),
        None => {
            for problem in problems {
                println!("{problem}");
            }
        }
    }
    bail!(
        "{} wrong; nothing was changed",
        match problems.len() {
            1 => "one thing is".to_owned(),
            number => format!("{number} things are"),
        }
    )
}
