//! `moorline init`: from nothing to a program that can be started.

use std::fs;
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail, ensure};
use clap::Args;
use url::Url;

use crate::cli::clients::usable_name;
use crate::cli::operating::{Shown, print_one};
use crate::cli::{USUAL_FILE, clients, command, open};
use platform::app::config::{Config, check_database, listen_address, public_address};
use platform::app::{App, Shared};
use platform::credentials::vault::roots::Source;
use store::clients::Client;

/// Every setting, with its default.
const EXAMPLE: &str = include_str!("../../../../../moorline.example.toml");

#[derive(Args)]
pub struct Init {
    /// The https address by which customers and your software will reach it. Asked for if it isn't given.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// sqlite:PATH, or postgres://USER:PASSWORD@HOST/NAME for several machines. Asked for if it isn't given.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// The address and port to listen on.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
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
        // Read here and not by clap, which would repeat a password in its refusal.
        let listen = given(self.listen, "--listen", "MOORLINE_LISTEN")?;
        let listen = listen.map(|text| listen_address(&text)).transpose();
        let listen = listen.map_err(|message| anyhow!("listen: {message}"))?;
        let here = local_address(listen, &defaults);
        let public_url = answer(
            given(self.public_url, "--public-url", "MOORLINE_PUBLIC_URL")?,
            "Public address, as customers' browsers reach it",
            Some(&here),
            |text| public_address(text).map(drop),
        )
        .context("public_url")?;
        let public_url = public_url.trim_end_matches('/').to_owned();
        let database_url = answer(
            given(self.database_url, "--database-url", "MOORLINE_DATABASE_URL")?,
            "Database (sqlite:PATH, or postgres://USER:PASSWORD@HOST/NAME)",
            Some(&defaults.database_url),
            check_database,
        )
        .context("database_url")?;
        let name = answer(
            self.client,
            "Name of your organisation, as customers will read it",
            None,
            |text| {
                usable_name(text)
                    .map(drop)
                    .map_err(|error| error.to_string())
            },
        )
        .context("give the name of your organisation with --client")?;
        let listen = listen.unwrap_or_else(|| by(&public_url, defaults.listen));
        let listen = listen.to_string();
        let settings = [
            ("listen", listen.as_str()),
            ("public_url", &public_url),
            ("database_url", &database_url),
        ];
        let before = Standing::of(&path, &database_url);
        write(&path, &with(EXAMPLE, &settings)?)?;
        let begun = begin(&path, &name).await;
        if begun.is_err() {
            // So that it can be tried again as it was.
            let _ = fs::remove_file(&path);
            before.restore();
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

/// The value that a flag or a variable gives. A variable wins over the file that is about to be written, so that another flag beside it
/// would begin one installation and describe another.
fn given(flag: Option<String>, name: &str, variable: &str) -> anyhow::Result<Option<String>> {
    let set = std::env::var(variable).ok();
    match (flag, set) {
        (Some(flag), Some(set)) => {
            ensure!(
                flag.trim_end_matches('/') == set.trim_end_matches('/'),
                "{name} and the variable {variable} differ, and the variable would win over the file: unset it, or leave out {name}"
            );
            Ok(Some(flag))
        }
        (flag, set) => Ok(flag.or(set)),
    }
}

/// The public address of an installation without a proxy.
fn local_address(listen: Option<SocketAddr>, defaults: &Config) -> String {
    match listen {
        Some(listen) if listen.port() != 0 => format!("http://localhost:{}", listen.port()),
        _ => defaults.origin().to_owned(),
    }
}

/// The files that a beginning makes, as far as they weren't there before.
struct Standing(Vec<PathBuf>);

impl Standing {
    /// Nothing that stood beside a database which was there is touched, nor a key whose database is elsewhere.
    fn of(path: &Path, database_url: &str) -> Self {
        let folder = path.parent().unwrap_or(Path::new(""));
        let Some(name) = database_url.strip_prefix("sqlite:") else {
            return Self(Vec::new());
        };
        let database = folder.join(name.trim_start_matches("//"));
        if database.exists() {
            return Self(Vec::new());
        }
        let beside = |ending: &str| PathBuf::from(format!("{}{ending}", database.display()));
        let key = folder.join(Config::default().key_file);
        let made = [beside(""), beside("-wal"), beside("-shm"), key];
        Self(made.into_iter().filter(|file| !file.exists()).collect())
    }

    fn restore(self) {
        for file in self.0 {
            let _ = fs::remove_file(file);
        }
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
    println!(
        "\nNext:\n  \
         {}    # says what is still wrong\n  \
         {}    # the platforms; `integrations configure` takes your OAuth client at one\n  \
         {}    # then: {}/reference",
        command("doctor"),
        command("integrations list"),
        command("serve"),
        app.config.origin()
    );
    if path == Path::new(USUAL_FILE) {
        println!(
            "\nEvery command reads {USUAL_FILE} in the folder that it is called in; elsewhere, give it --config or set MOORLINE_CONFIG."
        );
    }
}

/// The value that was given; else the one that is typed at a terminal, asked for until it can be used; else the default.
fn answer(
    given: Option<String>,
    question: &str,
    default: Option<&str>,
    check: impl Fn(&str) -> Result<(), String>,
) -> anyhow::Result<String> {
    if let Some(text) = given {
        check(&text).map_err(|message| anyhow!(message))?;
        return Ok(text);
    }
    while std::io::stdin().is_terminal() {
        match default {
            Some(default) => eprint!("{question} [{default}]: "),
            None => eprint!("{question}: "),
        }
        std::io::stderr().flush()?;
        let mut typed = String::new();
        if std::io::stdin().read_line(&mut typed)? == 0 {
            bail!("there is no answer to the question");
        }
        let text = match (typed.trim(), default) {
            ("", Some(default)) => default.to_owned(),
            ("", None) => continue,
            (typed, _) => typed.to_owned(),
        };
        match check(&text) {
            Ok(()) => return Ok(text),
            Err(message) => eprintln!("  {message}"),
        }
    }
    let text = default.context("there is no answer to the question")?;
    Ok(text.to_owned())
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
