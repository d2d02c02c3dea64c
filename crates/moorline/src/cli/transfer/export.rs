//! `moorline export`: everything into one archive, or a client's companies and connections as plain lines.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::Args;
use egress::Secret;
use serde_json::json;

use super::bar::Bar;
use crate::cli::operating::{Shown, print_one};
use platform::app::config::Config;
use platform::consents::exports::note_archive;
use platform::credentials::vault::roots::Source;
use platform::transfer::{export, portable};
use store::Db;
use store::clock::{Clock, random_bytes};

#[derive(Args)]
pub struct Export {
    /// The archive to write, readable by you alone. An older file of that name is replaced once the new one is complete.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// A file whose first line is the passphrase that encrypts the installation's key. Without it one is generated and shown
    /// once.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key_apart", "portable"])]
    passphrase_file: Option<PathBuf>,
    /// Leave the key out: you bring the key file to the other machine yourself.
    #[arg(long, conflicts_with = "portable")]
    key_apart: bool,
    /// Write the companies and connections of one client as JSON lines, for any other program: no pulled data, no tokens.
    #[arg(long)]
    portable: bool,
    /// With --portable: write every access and refresh token too, IN CLEAR. Anyone who can read that file can act for your
    /// customers.
    #[arg(long, requires = "portable")]
    plain_tokens: bool,
    /// With --portable: the client organisation, by id or name, if there are several.
    #[arg(long, requires = "portable")]
    client: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Characters that a passphrase has at least: shorter ones are guessed too quickly.
const MIN_PASSPHRASE: usize = 12;

impl Export {
    pub(crate) async fn run(self, config: Config) -> anyhow::Result<()> {
        let bar = Bar::default();
        if self.portable {
            let app = crate::cli::open(config).await?;
            let client = crate::cli::choose_client(&app, self.client.as_deref()).await?;
            if self.plain_tokens {
                eprintln!(
                    "WARNING: {} will hold access and refresh tokens in clear. Keep it on an encrypted disk, and destroy it \
                     once it has been imported.",
                    self.out.display()
                );
            }
            let lines = portable::run(&app, client.id, &self.out, self.plain_tokens, &bar).await;
            app.close().await;
            let lines = lines?;
            match self.json {
                true => {
                    let shown = Shown::default()
                        .with("form", "lines")
                        .with("file", &self.out)
                        .with("lines", lines)
                        .with("plainTokens", self.plain_tokens);
                    print_one(&shown, &[], true);
                }
                false => println!("{lines} lines in {}", self.out.display()),
            }
            return Ok(());
        }
        let place = Source::of(&config);
        let key = key_text(&place)?;
        let db = Db::open(&config.database_url, config.database_connections).await?;
        let pending = db.pending_migrations().await?;
        ensure!(
            pending.is_empty(),
            "the database lacks migrations ({}); run: moorline migrate",
            pending.join(", ")
        );
        ensure!(
            !platform::transfer::restore::is_under_way(&db).await?,
            "an archive is being restored into this database; run that import again until it has ended"
        );
        let passphrase = match (&self.passphrase_file, self.key_apart) {
            (_, true) => None,
            (Some(file), false) => Some(read_passphrase(file)?),
            (None, false) => Some(generated_passphrase()),
        };
        let now = Clock::System.now();
        let vault = platform::app::open_vault(&config, &place, &db, &Clock::System).await?;
        let details = json!({ "form": "archive", "keyIncluded": passphrase.is_some() });
        note_archive(&db, &vault, now, &details).await?;
        let rows = export::run(&db, &key, passphrase.as_ref(), &self.out, now, &bar).await;
        let rows = rows.with_context(|| self.out.display().to_string())?;
        db.close().await;
        if self.json {
            // One that is in a file is known already.
            let generated = passphrase
                .as_ref()
                .filter(|_| self.passphrase_file.is_none());
            let shown = Shown::default()
                .with("form", "archive")
                .with("file", &self.out)
                .with("rows", rows)
                .with("keyIncluded", passphrase.is_some())
                .with("passphrase", generated.map(Secret::expose));
            print_one(&shown, &[], true);
            return Ok(());
        }
        println!("{rows} rows in {}", self.out.display());
        match (&self.passphrase_file, passphrase) {
            (None, Some(passphrase)) => {
                println!(
                    "The key in it is encrypted with this passphrase, which is shown only now:"
                );
                println!();
                println!("  {}", passphrase.expose());
                println!();
                println!(
                    "Restore it with: moorline import {} --passphrase-file FILE",
                    self.out.display()
                );
            }
            (None, None) => println!(
                "The key isn't in it: bring {} to the other machine, apart from the archive.",
                key_name(&place)
            ),
            _ => {}
        }
        println!("It also holds your customers' books: keep it as safe as the database itself.");
        Ok(())
    }
}

/// A passphrase of 130 bits, in groups that can be read aloud; no letter looks like another.
fn generated_passphrase() -> Secret {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let letters = random_bytes::<26>().map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    let mut text = String::new();
    for (at, letter) in letters.into_iter().enumerate() {
        if at > 0 && at % 5 == 0 {
            text.push('-');
        }
        text.push(letter);
    }
    Secret::new(text)
}

fn key_name(place: &Source) -> String {
    match place {
        Source::File(path) => format!("the key file {}", path.display()),
        Source::Variable(_) => "the value of MOORLINE_KEY".to_owned(),
        Source::Command(_) => "what key_command prints".to_owned(),
    }
}

fn key_text(place: &Source) -> anyhow::Result<Secret> {
    match (place.text()?, place) {
        (Some(text), _) => Ok(text),
        (None, _) => bail!(
            "there is no key file {}; give the configuration of the installation that you want to export with --config",
            place.name()
        ),
    }
}

/// The file's first line.
pub(crate) fn read_passphrase(file: &Path) -> anyhow::Result<Secret> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("the passphrase file {} can't be read", file.display()))?;
    let first = text.lines().next().unwrap_or_default().trim();
    ensure!(
        first.chars().count() >= MIN_PASSPHRASE,
        "the passphrase in the first line of {} is too short; it needs at least {MIN_PASSPHRASE} characters",
        file.display()
    );
    Ok(Secret::new(first))
}
