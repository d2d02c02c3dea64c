//! `moorline clients`: create, list, rename and delete client organisations.

use std::io::IsTerminal;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Subcommand;

use super::choose_client;
use super::operating::{Shown, print_all, print_one};
use super::running::init::without_password;
use platform::app::App;
use platform::companies::clients;
use platform::disclosure::settings::{self, Settings};
use store::clock::new_id;
use store::model::ClientId;

use store::clients::Client;

#[derive(Subcommand)]
pub enum Clients {
    /// Make a client organisation, with a first API key (printed once).
    Create {
        /// The name that its customers will read on the link pages.
        name: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// List client organisations.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Give a client organisation another name, which its customers will read on the link pages.
    Rename {
        /// The client organisation, by id or name.
        client: String,
        name: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Delete a client organisation without companies: its keys, settings and webhook consumers. Its record stays.
    Delete {
        /// The client organisation, by id or name.
        client: String,
        /// Delete it without asking.
        #[arg(long)]
        yes: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show a client's own part of what its customers are told before they give access, as JSON.
    Disclosure {
        /// The client organisation, by id or name, if there are several.
        #[arg(long)]
        client: Option<String>,
    },
    /// Set it, all of it: purpose, retention, links, support, colour, writes. docs/API.md describes the members.
    SetDisclosure {
        /// A file of JSON, in the form that `moorline clients disclosure` shows; - for standard input.
        file: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// The client organisation, by id or name, if there are several.
        #[arg(long)]
        client: Option<String>,
    },
}

impl Clients {
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        match self {
            Self::Create { name, json } => {
                let (client, key) = create(app, &name).await?;
                if json {
                    let shown = of_client(&client)
                        .with("apiKey", key)
                        .with("database", without_password(&app.config.database_url));
                    print_one(&shown, &[], true);
                    return Ok(());
                }
                println!("client  {}  {}", client.id, client.name);
                println!("API key {key}");
                // So that a server of another database isn't asked in vain.
                println!("database {}", without_password(&app.config.database_url));
                println!(
                    "The key is shown only now. Send it as the header: Authorization: Basic $(printf %s KEY | base64)"
                );
            }
            Self::Rename { client, name, json } => {
                let client = choose_client(app, Some(&client)).await?;
                let name = free_name(app, &name, Some(client.id)).await?;
                let before = client.name;
                let client = clients::change(app, client.id, |row| row.name = name).await?;
                match json {
                    true => print_one(&of_client(&client).with("before", before), &[], true),
                    false => println!("{before} is called {} from now on.", client.name),
                }
            }
            Self::Delete { client, yes, json } => {
                let client = choose_client(app, Some(&client)).await?;
                let name = &client.name;
                if !yes && !confirms(&format!("Delete {name} ({}) for good?", client.id))? {
                    bail!("nothing was deleted; give --yes to delete {name} without being asked");
                }
                let deleted = clients::delete(app, &client).await;
                deleted.with_context(|| format!("{name} can't be deleted"))?;
                match json {
                    true => print_one(&of_client(&client).with("deleted", true), &[], true),
                    false => println!("deleted {}", client.id),
                }
            }
            Self::List { json: true } => {
                let clients = store::clients::list(&app.db).await?;
                print_all(&clients.iter().map(of_client).collect::<Vec<_>>(), true);
            }
            Self::List { json: false } => {
                let clients = store::clients::list(&app.db).await?;
                if clients.is_empty() {
                    println!("There are none.");
                }
                for client in clients {
                    println!(
                        "{}  {}  {}",
                        client.id,
                        client.created.format("%Y-%m-%d"),
                        client.name
                    );
                }
            }
            Self::Disclosure { client } => {
                let client = choose_client(app, client.as_deref()).await?;
                let settings = settings::of_client(app, client.id).await?;
                println!("{}", serde_json::to_string_pretty(&settings)?);
            }
            Self::SetDisclosure { file, json, client } => {
                let client = choose_client(app, client.as_deref()).await?;
                let text = if file.as_os_str() == "-" {
                    std::io::read_to_string(std::io::stdin())
                } else {
                    std::fs::read_to_string(&file)
                };
                let text = text.with_context(|| format!("{} can't be read", file.display()))?;
                let given: Settings = serde_json::from_str(&text).with_context(|| {
                    format!("{} is not usable; nothing was changed", file.display())
                })?;
                settings::set(app, client.id, &given).await?;
                match json {
                    true => println!("{}", serde_json::to_string_pretty(&given)?),
                    false => println!("Customers of {} are told so from now on.", client.name),
                }
            }
        }
        Ok(())
    }
}

fn of_client(client: &Client) -> Shown {
    Shown::default()
        .with("id", client.id)
        .with("name", &client.name)
        .with("created", client.created)
}

/// The longest name of a client organisation, in characters.
const LONGEST_NAME: usize = 200;

/// A name as customers can read it on one line.
/// A name that no other client organisation has: `--client` takes names.
async fn free_name(app: &App, name: &str, own: Option<ClientId>) -> anyhow::Result<String> {
    let name = usable_name(name)?;
    let all = store::clients::list(&app.db).await?;
    if let Some(other) = all
        .iter()
        .find(|one| one.name == name && Some(one.id) != own)
    {
        bail!(
            "the client organisation {} is called {name} already; choose another name",
            other.id
        );
    }
    Ok(name)
}

pub(super) fn usable_name(name: &str) -> anyhow::Result<String> {
    let name = name.trim();
    anyhow::ensure!(
        !name.is_empty(),
        "a client organisation needs a name that isn't blank"
    );
    anyhow::ensure!(
        !name.chars().any(char::is_control) && name.chars().count() <= LONGEST_NAME,
        "a client organisation's name is one line of at most {LONGEST_NAME} characters"
    );
    Ok(name.to_owned())
}

/// Asks at a terminal; without one, the answer is no.
pub(super) fn confirms(question: &str) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Creates a client organisation with its first API key, which is returned in clear.
pub async fn create(app: &App, name: &str) -> anyhow::Result<(Client, String)> {
    let name = free_name(app, name, None).await?;
    let now = app.clock.now();
    let client = Client {
        id: ClientId(new_id(now)),
        name,
        logo_url: None,
        icon_url: None,
        redirect_url: None,
        white_list_urls: "[]".into(),
        allowed_origins: "[]".into(),
        show_badge: true,
        colour: None,
        created: now,
    };
    let key = clients::create(app, &client).await?;
    Ok((client, key))
}
