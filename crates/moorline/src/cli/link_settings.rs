//! `moorline link-settings`: a client's texts and offer in Link and on the hosted pages, as `/profile/link` has them.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use clap::Subcommand;
use serde_json::Value;

use super::choose_client;
use platform::app::App;
use platform::companies::link::{self, Settings};

/// Longer settings than this are not settings.
const LONGEST: u64 = 1024 * 1024;

#[derive(Subcommand)]
pub enum LinkSettings {
    /// Show the settings.
    Show {
        /// Print JSON, which `set` takes.
        #[arg(long)]
        json: bool,
        /// The client organisation, by id or name, if there are several.
        #[arg(long)]
        client: Option<String>,
    },
    /// Set all of the settings: what the file leaves out is unset.
    Set {
        /// A file of JSON as docs/LINK.md shows it; `-` for standard input.
        file: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// The client organisation, by id or name, if there are several.
        #[arg(long)]
        client: Option<String>,
    },
}

impl LinkSettings {
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        let (settings, json) = match self {
            Self::Show { json, client } => {
                let client = choose_client(app, client.as_deref()).await?;
                (link::of_client(app, client.id).await?, json)
            }
            Self::Set { file, json, client } => {
                let client = choose_client(app, client.as_deref()).await?;
                let settings = read(&file)?;
                link::set(app, client.id, &settings)
                    .await
                    .map_err(|error| anyhow!("nothing was changed: {error}"))?;
                (settings, json)
            }
        };
        let shown = serde_json::to_value(&settings)?;
        if json {
            println!("{shown:#}");
            return Ok(());
        }
        let mut lines = Vec::new();
        flatten("", &shown, &mut lines);
        if lines.is_empty() {
            println!(
                "Nothing is set: Moorline's own words, and everything that is enabled is offered."
            );
        }
        for line in lines {
            println!("{line}");
        }
        Ok(())
    }
}

fn read(file: &Path) -> anyhow::Result<Settings> {
    let mut text = String::new();
    if file == Path::new("-") {
        let input = std::io::stdin().take(LONGEST);
        std::io::BufReader::new(input)
            .read_to_string(&mut text)
            .context("standard input can't be read")?;
    } else {
        let opened = std::fs::File::open(file).and_then(|opened| {
            let mut opened = opened.take(LONGEST);
            opened.read_to_string(&mut text)
        });
        opened.with_context(|| format!("{} can't be read", file.display()))?;
    }
    serde_json::from_str(&text).with_context(|| {
        format!(
            "nothing was changed: {} doesn't hold settings of Link; `moorline link-settings show --json` prints some",
            file.display()
        )
    })
}

/// A line for each value, by its path.
fn flatten(at: &str, value: &Value, lines: &mut Vec<String>) {
    let below = |name: &str| match at {
        "" => name.to_owned(),
        at => format!("{at}.{name}"),
    };
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                flatten(&below(name), member, lines);
            }
        }
        Value::String(text) => {
            // A client's words may have lines; a terminal must not act upon what is in them.
            let text: String = text
                .chars()
                .map(|c| if c.is_control() { ' ' } else { c })
                .collect();
            lines.push(format!("{at} = {text}"));
        }
        other => lines.push(format!("{at} = {other}")),
    }
}
