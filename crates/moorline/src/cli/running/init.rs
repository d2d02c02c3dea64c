//! `moorline init`: from nothing to a program that can be started.

use std::fs;
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use clap::Args;
use url::Url;

use crate::cli::operating::{Shown, print_one};
use crate::cli::{USUAL_FILE, clients, open};
use platform::app::config::Config;
use platform::app::{App, Shared};
use platform::credentials::vault::roots::Source;
use store::clients::Client;

/// Every setting, with its default.
const EXAMPLE: &str = include_str!("../../../../../moorline.example.toml");

#[derive(Args)]
pub struct Init {
    /// The https address by which customers and your software will reach it. Asked for if it isn't given.
    #[arg(long, value_name = "URL")]
    public_url: Option<Url>,
    /// sqlite:PATH, or postgres://USER:PASSWORD@HOST/NAME for several machines. Asked for if it isn't given.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// The address and port to listen on.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The name of your organisation, which your customers will read on the link pages. Asked for if it isn't given.
    #[arg(long, value_name = "NAME")]
    client: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// The first client organisation, with its API key.
type First = (Client, String);

impl Init {
    pub(in crate::cli) async fn run(self, file: Option<&Path>) -> anyhow::Result<ExitCode> {
        let path = file.unwrap_or(Path::new(USUAL_FILE)).to_owned();
        ensure!(
            !path.exists(),
            "{} exists already, and nothing was changed. `moorline doctor` says what it lacks; to begin anew, move it away or name another \
             file with --config",
            path.display()
        );
        let defaults = Config::default();
        let public_url = answer(
            self.public_url
                .map(|url| url.as_str().trim_end_matches('/').to_owned()),
            "Public address, as customers' browsers reach it",
            Some(defaults.origin()),
        )?;
        let database_url = answer(
            self.database_url,
            "Database (sqlite:PATH, or postgres://USER:PASSWORD@HOST/NAME)",
            Some(&defaults.database_url),
        )?;
        let name = answer(
            self.client,
            "Name of your organisation, as customers will read it",
            None,
        )
        .context("give the name of your organisation with --client")?;
        let listen = self
            .listen
            .unwrap_or_else(|| by(&public_url, defaults.listen));
        let listen = listen.to_string();
        let settings = [
            ("listen", listen.as_str()),
            ("public_url", &public_url),
            ("database_url", &database_url),
        ];
        write(&path, &with(EXAMPLE, &settings)?)?;
        let begun = begin(&path, &name).await;
        if begun.is_err() {
            // So that it can be tried again as it was.
            let _ = fs::remove_file(&path);
        }
        let (app, first) = begun.context("nothing was begun")?;
        match self.json {
            true => print_one(&shown(&app, &path, first.as_ref()), &[], true),
            false => say(&app, &path, first.as_ref()),
        }
        app.close().await;
        Ok(ExitCode::SUCCESS)
    }
}

/// The address to listen on: of this machine alone, at the port of a plain public address that leads here without a proxy.
fn by(public_url: &str, default: SocketAddr) -> SocketAddr {
    let url = Url::parse(public_url).ok();
    let here = url.filter(|url| {
        let host = url.host_str().unwrap_or_default();
        url.scheme() == "http" && matches!(host, "localhost" | "127.0.0.1")
    });
    let port = here.and_then(|url| url.port_or_known_default());
    SocketAddr::new(default.ip(), port.unwrap_or(default.port()))
}

/// Makes the key and the database, and the first client with its API key if there is none yet.
async fn begin(path: &Path, name: &str) -> anyhow::Result<(Shared, Option<First>)> {
    let config = Config::load(Some(path), std::env::vars())?;
    let app = open(config).await?;
    if !store::clients::list(&app.db).await?.is_empty() {
        return Ok((app, None));
    }
    let first = clients::create(&app, name).await?;
    Ok((app, Some(first)))
}

fn shown(app: &App, path: &Path, first: Option<&First>) -> Shown {
    Shown::default()
        .with("settings", path)
        .with("publicUrl", app.config.origin())
        .with("listen", app.config.listen)
        .with("database", without_password(&app.config.database_url))
        .with("key", Source::of(&app.config).name())
        .with("clientId", first.map(|(client, _)| client.id))
        .with("client", first.map(|(client, _)| &client.name))
        .with("apiKey", first.map(|(_, key)| key))
}

fn say(app: &App, path: &Path, first: Option<&First>) {
    println!("settings  {}", path.display());
    println!("database  {}", without_password(&app.config.database_url));
    match Source::of(&app.config) {
        Source::File(path) => println!("key       {}", path.display()),
        other => println!("key       from {}", other.name()),
    }
    match first {
        Some((client, key)) => {
            println!("client    {}", client.name);
            println!("API key   {key}");
            println!(
                "\nThe API key is shown only now. Keep a copy of the key file apart from the database's backups: it seals every token."
            );
        }
        None => println!(
            "\nThe database has client organisations already: `moorline clients list` shows them."
        ),
    }
    let config = match path == Path::new(USUAL_FILE) {
        true => String::new(),
        false => format!(" --config {}", path.display()),
    };
    println!(
        "\nNext:\n  \
         moorline doctor{config}    # says what is still wrong\n  \
         moorline integrations list{config}    # the platforms; `integrations configure` takes your OAuth client at one\n  \
         moorline serve{config}    # then: {}/reference",
        app.config.origin()
    );
    if config.is_empty() {
        println!(
            "\nEvery command reads {USUAL_FILE} in the folder that it is called in; elsewhere, give it --config or set MOORLINE_CONFIG."
        );
    }
}

/// The value that was given; else the one that is typed at a terminal; else the default.
fn answer(given: Option<String>, question: &str, default: Option<&str>) -> anyhow::Result<String> {
    if let Some(given) = given {
        return Ok(given);
    }
    if std::io::stdin().is_terminal() {
        match default {
            Some(default) => eprint!("{question} [{default}]: "),
            None => eprint!("{question}: "),
        }
        std::io::stderr().flush()?;
        let mut typed = String::new();
        std::io::stdin().read_line(&mut typed)?;
        if !typed.trim().is_empty() {
            return Ok(typed.trim().to_owned());
        }
    }
    default
        .map(str::to_owned)
        .context("there is no answer to the question")
}

/// The example with some settings of its first part set.
fn with(example: &str, settings: &[(&str, &str)]) -> anyhow::Result<String> {
    let mut text = String::new();
    let mut set = 0;
    for line in example.lines() {
        let found = settings.iter().find(|(name, _)| {
            let rest = line
                .strip_prefix("# ")
                .and_then(|rest| rest.strip_prefix(name));
            rest.is_some_and(|rest| rest.starts_with(" = "))
        });
        match found {
            Some((name, value)) => {
                set += 1;
                text.push_str(&format!("{name} = {}\n", toml::Value::from(*value)));
            }
            None => text.push_str(&format!("{line}\n")),
        }
    }
    if set != settings.len() {
        bail!("the example of the settings lacks one of {settings:?}");
    }
    Ok(text)
}

/// For its owner alone: the database's address may have a password in it.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.with_context(|| format!("{} can't be written", path.display()))
}

/// A database's address as it may be shown.
pub(in crate::cli) fn without_password(url: &str) -> String {
    if url.starts_with("sqlite:") {
        return url.to_owned();
    }
    match Url::parse(url) {
        Ok(mut parsed) if parsed.has_host() => {
            let _ = parsed.set_password(None);
            // It may be among the parameters, too.
            parsed.set_query(None);
            parsed.into()
        }
        _ => format!("{}:…", url.split(':').next().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_file_is_the_example_with_the_answers_in_it() {
        let settings = [
            ("listen", "127.0.0.1:7500"),
            ("public_url", "https://moorline.example"),
            ("database_url", "postgres://me:o\"dd@db/moorline"),
        ];
        let text = with(EXAMPLE, &settings).unwrap();
        let config: Config = toml::from_str(&text).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:7500");
        assert_eq!(config.origin(), "https://moorline.example");
        assert_eq!(config.database_url, "postgres://me:o\"dd@db/moorline");
        assert_eq!(text.lines().count(), EXAMPLE.lines().count());
        let shown = without_password("postgres://me:secret@db/moorline");
        assert_eq!(shown, "postgres://me@db/moorline");
        for url in [
            "postgres://db/moorline?user=me&password=secret",
            "postgres://me:se/cr#et@db:99999/moorline",
            "me:secret",
        ] {
            assert!(!without_password(url).contains("et"), "{url}");
        }
    }
}
