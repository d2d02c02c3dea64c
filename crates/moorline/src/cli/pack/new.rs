//! `moorline pack new`: make a platform's folder that already passes `moorline pack check`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};
use connectors::Catalogue;
use console::style;

use super::terminal::say;
use crate::cli::operating::{Shown, print_one};
use store::clock::random_id;

#[derive(Args)]
pub struct New {
    /// The platform key: four lower-case letters.
    key: String,
    /// The platform's name, as customers know it.
    #[arg(long, default_value = "My platform")]
    name: String,
    /// The kind of platform, which decides its data types.
    #[arg(long, value_enum, default_value = "accounting", value_name = "TYPE")]
    source_type: Kind,
    /// The way in which customers give access, for a start: signing in there, or an API key that they type.
    #[arg(long, value_enum, default_value = "sign-in", value_name = "WAY")]
    access: Access,
    /// The folder to make it in; its own name is the key.
    #[arg(long = "in", default_value = ".", value_name = "DIR")]
    parent: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Accounting,
    Banking,
    Commerce,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Access {
    SignIn,
    Key,
}

/// The manifest with another `[auth]` section.
fn with_key(manifest: &str) -> String {
    let section = include_str!("template/auth-key.toml");
    match (manifest.find("[auth]"), manifest.find("[identity]")) {
        (Some(from), Some(to)) => format!("{}{section}{}", &manifest[..from], &manifest[to..]),
        _ => manifest.to_owned(),
    }
}

struct Sample {
    source_type: &'static str,
    data_type: &'static str,
    path: &'static str,
    map_name: &'static str,
    map: &'static str,
    fixture: &'static str,
}

impl Kind {
    /// The first data type of a new folder: an example for writing the others.
    fn sample(self) -> Sample {
        match self {
            Self::Accounting => Sample {
                source_type: "Accounting",
                data_type: "customers",
                path: "/customers",
                map_name: "customers.jq",
                map: include_str!("template/accounting.jq"),
                fixture: include_str!("template/accounting.json"),
            },
            Self::Banking => Sample {
                source_type: "Banking",
                data_type: "banking-accounts",
                path: "/accounts",
                map_name: "accounts.jq",
                map: include_str!("template/banking.jq"),
                fixture: include_str!("template/banking.json"),
            },
            Self::Commerce => Sample {
                source_type: "Commerce",
                data_type: "commerce-customers",
                path: "/customers",
                map_name: "customers.jq",
                map: include_str!("template/commerce.jq"),
                fixture: include_str!("template/commerce.json"),
            },
        }
    }
}

impl New {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let key = &self.key;
        ensure!(
            key.len() == 4 && key.bytes().all(|byte| byte.is_ascii_lowercase()),
            "'{key}' is not a platform key; a key is four lower-case letters, such as abcd"
        );
        let name = self.name.trim();
        ensure!(
            !name.is_empty() && !name.contains(|letter: char| letter.is_control()),
            "--name is blank or has control characters; give the name by which customers know the platform"
        );
        let folder = self.parent.join(key);
        ensure!(
            !folder.exists(),
            "{} is there already; nothing was changed",
            folder.display()
        );
        let (known, _) = Catalogue::load(connectors::BUILTIN, &[], &BTreeMap::new());
        let taken = known.get(key);
        if let Some(taken) = taken.filter(|_| !self.json) {
            eprintln!(
                "'{key}' is the key of {}: where both are there, this folder takes its place.",
                taken.name()
            );
        }
        let sample = self.source_type.sample();
        let initial: String = name.chars().take(1).collect();
        let fill = |text: &str| {
            text.replace("{{KEY}}", key)
                .replace("{{NAME_TOML}}", &toml::Value::from(name).to_string())
                .replace("{{NAME_XML}}", &escape(name))
                .replace("{{NAME}}", name)
                .replace("{{INITIAL}}", &escape(&initial.to_uppercase()))
                .replace("{{SOURCE_TYPE}}", sample.source_type)
                .replace("{{DATA_TYPE}}", sample.data_type)
                .replace("{{PATH}}", sample.path)
                .replace("{{MAP}}", sample.map_name)
                .replace("{{INTEGRATION_ID}}", &random_id().to_string())
                .replace("{{SOURCE_ID}}", &random_id().to_string())
        };
        let fixture = format!("fixtures/{}.json", sample.data_type);
        let manifest = include_str!("template/manifest.toml");
        let manifest = match self.access {
            Access::SignIn => manifest.to_owned(),
            Access::Key => with_key(manifest),
        };
        let files = [
            ("manifest.toml", fill(&manifest)),
            ("README.md", fill(include_str!("template/README.md"))),
            ("common.jq", include_str!("template/common.jq").to_owned()),
            (
                "identity.jq",
                include_str!("template/identity.jq").to_owned(),
            ),
            (
                "fixtures/identity.json",
                include_str!("template/identity.json").to_owned(),
            ),
            (sample.map_name, sample.map.to_owned()),
            (fixture.as_str(), sample.fixture.to_owned()),
            (
                "logo-full.svg",
                fill(include_str!("template/logo-full.svg")),
            ),
            (
                "logo-square.svg",
                fill(include_str!("template/logo-square.svg")),
            ),
        ];
        let made = || -> std::io::Result<()> {
            fs::create_dir_all(folder.join("fixtures"))?;
            for (name, text) in &files {
                fs::write(folder.join(name), text)?;
            }
            Ok(())
        };
        made().with_context(|| format!("{} can't be written", folder.display()))?;
        let shown = folder.display();
        if self.json {
            let mut names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
            names.sort_unstable();
            let made = Shown::default()
                .with("key", key)
                .with("folder", &folder)
                .with("files", names)
                .with("replaces", taken.map(|taken| taken.name()));
            print_one(&made, &[], true);
            return Ok(ExitCode::SUCCESS);
        }
        say!(
            "{} {shown} is made. It already passes its check:",
            style("✓").green().bold()
        );
        say!();
        say!("  moorline pack check {shown}");
        say!();
        say!(
            "Then: fill in manifest.toml, put the platform's answers into fixtures/, and write the maps:"
        );
        say!(
            "identity.jq first, then one for each data type. What the folder holds now is a sample."
        );
        say!("docs/ADDING-A-PLATFORM.md walks through it.");
        Ok(ExitCode::SUCCESS)
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
