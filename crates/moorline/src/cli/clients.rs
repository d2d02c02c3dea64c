//! `moorline clients`: create and list client organisations.

use std::path::PathBuf;

use anyhow::Context;
use clap::Subcommand;

use super::choose_client;
use platform::app::App;
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
    },
    /// List client organisations.
    List,
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
        /// The client organisation, by id or name, if there are several.
        #[arg(long)]
        client: Option<String>,
    },
}

impl Clients {
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        match self {
            Self::Create { name } => {
                let (client, key) = create(app, &name).await?;
                println!("client  {}  {}", client.id, client.name);
                println!("API key {key}");
                println!(
                    "The key is shown only now. Send it as the header: Authorization: Basic $(printf %s KEY | base64)"
                );
            }
            Self::List => {
                for client in store::clients::list(&app.db).await? {
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
            Self::SetDisclosure { file, client } => {
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
                println!("Customers of {} are told so from now on.", client.name);
            }
        }
        Ok(())
    }
}

/// Creates a client organisation with its first API key, which is returned in clear.
pub async fn create(app: &App, name: &str) -> anyhow::Result<(Client, String)> {
    anyhow::ensure!(
        !name.trim().is_empty(),
        "a client organisation needs a name that isn't blank"
    );
    let now = app.clock.now();
    let client = Client {
        id: ClientId(new_id(now)),
        name: name.trim().to_owned(),
        logo_url: None,
        icon_url: None,
        redirect_url: None,
        white_list_urls: "[]".into(),
        allowed_origins: "[]".into(),
        show_badge: true,
        colour: None,
        created: now,
    };
    let key = platform::companies::clients::create(app, &client).await?;
    Ok((client, key))
}
