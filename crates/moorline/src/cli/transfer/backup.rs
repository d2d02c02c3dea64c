//! `moorline backup` and `moorline restore`: copies of the database, made while servers run, checked, and put back.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;

use crate::cli::operating::{Shown, print_one};
use platform::app::App;
use platform::app::config::Config;
use platform::transfer::{backup, putting_back};

#[derive(Args)]
pub struct Backup {
    /// The folder of the backups, or s3://BUCKET/PREFIX; each becomes a folder in it, named after its time. Without it: the setting
    /// `backup.to`.
    #[arg(long, value_name = "PLACE")]
    to: Option<PathBuf>,
    /// Put the key file beside it. Who has such a backup can open every token in it.
    #[arg(long)]
    with_key: bool,
    /// Delete all but this many of this installation's newest backups in the folder; others' stay.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Backup {
    pub(crate) async fn run(self, app: &App) -> anyhow::Result<()> {
        let to = self.to.as_deref().or(app.config.backup.to()).context(
            "name the folder of the backups with --to, or in the settings (to in the section [backup])",
        )?;
        let place = backup::Place::of(to, &app.config.backup)?;
        let made = backup::run(app, &place, self.with_key).await?;
        let gone = match self.keep {
            Some(keep) => {
                let installation = platform::credentials::installation(&app.db).await?;
                let now = app.clock.now();
                place
                    .prune(keep as usize, installation.as_deref(), now)
                    .await?
            }
            None => Vec::new(),
        };
        if self.json {
            let shown = Shown::default()
                .with("backup", &made)
                .with("keyIncluded", self.with_key)
                .with("deleted", &gone);
            print_one(&shown, &[], true);
            return Ok(());
        }
        println!("{made}");
        if self.with_key {
            eprintln!("The key lies beside it: who can read it can open every token in it.");
        } else {
            eprintln!(
                "The key isn't in it: keep a copy of it apart. Without it, the backup can't be opened."
            );
        }
        for gone in gone {
            println!("deleted {gone}");
        }
        Ok(())
    }
}

#[derive(Args)]
pub struct Restore {
    /// A backup: a folder that `moorline backup` has made, its address in an object store, or a SQLite database that another program
    /// (litestream) has restored.
    backup: PathBuf,
    /// Check it, and put nothing back.
    #[arg(long)]
    verify: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Restore {
    pub(crate) async fn run(self, config: Config) -> anyhow::Result<()> {
        let fetched = putting_back::fetched(&config, &self.backup).await?;
        let folder = fetched.folder();
        let report = putting_back::check(&config, folder).await?;
        let shown = |is_back: bool, key: Option<PathBuf>| {
            let manifest = &report.manifest;
            Shown::default()
                .with("backup", &self.backup)
                .with("created", &manifest.created)
                .with("keyIncluded", manifest.has_key)
                .with("opened", report.opened)
                .with("entries", report.entries)
                .with("faults", &report.faults)
                .with("putBack", is_back)
                .with("keyFile", key)
        };
        if self.json && !report.faults.is_empty() {
            print_one(&shown(false, None), &[], true);
        } else {
            for fault in &report.faults {
                println!("WRONG  {fault}");
            }
        }
        match report.faults.len() {
            0 => {}
            1 => bail!("one thing is wrong with this backup; nothing was changed"),
            number => bail!("{number} things are wrong with this backup; nothing was changed"),
        }
        let say = |words: &str| {
            if !self.json {
                println!("{words}");
            }
        };
        say(&format!(
            "This backup of {} is good: {} sealed values open, {} entries of the record are as written.",
            report.manifest.created, report.opened, report.entries
        ));
        let mut key = None;
        if !self.verify {
            key = putting_back::put_back(&config, folder).await?;
            if let Some(path) = &key {
                say(&format!("Its key file is now {}.", path.display()));
            }
            say("It is put back. Start the platform with: moorline serve");
            say(
                "Connections whose access may have been renewed since are held back then; moorline doctor lists them.",
            );
        }
        if self.json {
            print_one(&shown(!self.verify, key), &[], true);
        }
        Ok(())
    }
}
