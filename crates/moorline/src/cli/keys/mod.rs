//! `moorline keys`: create, list and revoke API keys; `keys seal`: the keys that secrets are sealed with.

mod seal;

use clap::Subcommand;

use super::choose_client;
use super::operating::{Shown, print_all, print_one};
use platform::app::App;
use platform::companies::clients::{create_key, delete_key};
use store::clients::ApiKey;
use store::model::ApiKeyId;

#[derive(Subcommand)]
pub enum Keys {
    /// Create a key; it is printed only now.
    Create {
        /// A name by which you recognise it later.
        #[arg(long)]
        name: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// The client organisation, by id or name, if there are several.
        #[arg(long)]
        client: Option<String>,
    },
    /// List keys (never their secrets).
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// The client organisation, by id or name, if there are several.
        #[arg(long)]
        client: Option<String>,
    },
    /// Revoke a key by its id. It stops working within two seconds.
    Revoke {
        id: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// The client organisation, by id or name, if there are several.
        #[arg(long)]
        client: Option<String>,
    },
    /// Change the keys that tokens and other secrets are sealed with, while the platform runs.
    #[command(subcommand)]
    Seal(seal::Seal),
}

impl Keys {
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        match self {
            Self::Create { name, json, client } => {
                let client = choose_client(app, client.as_deref()).await?;
                let (key, text) = create_key(app, client.id, name.as_deref()).await?;
                if json {
                    print_one(&of_key(&key).with("apiKey", text), &[], true);
                    return Ok(());
                }
                println!("key     {}  for {}", key.id, client.name);
                println!("API key {text}");
            }
            Self::List { client, json } => {
                let client = choose_client(app, client.as_deref()).await?;
                let keys = store::clients::keys(&app.db, client.id).await?;
                if json {
                    print_all(&keys.iter().map(of_key).collect::<Vec<_>>(), true);
                    return Ok(());
                }
                for key in keys {
                    let name = key.name.as_deref().unwrap_or("(unnamed)");
                    println!(
                        "{}  {}  {}…  {name}",
                        key.id,
                        key.created.format("%Y-%m-%d"),
                        &key.lookup[..4]
                    );
                }
            }
            Self::Revoke { id, json, client } => {
                let client = choose_client(app, client.as_deref()).await?;
                let id: ApiKeyId = id.parse().map_err(|_| {
                    anyhow::anyhow!("'{id}' is not a key's id; `moorline keys list` shows them")
                })?;
                let found = delete_key(app, client.id, id).await?;
                anyhow::ensure!(
                    found,
                    "{} has no key {id}; `moorline keys list` shows those there are",
                    client.name
                );
                match json {
                    true => print_one(&Shown::default().with("revoked", id), &[], true),
                    false => println!("revoked {id}"),
                }
            }
            Self::Seal(seal) => seal.run(app).await?,
        }
        Ok(())
    }
}

fn of_key(key: &ApiKey) -> Shown {
    Shown::default()
        .with("id", key.id)
        .with("name", &key.name)
        .with("created", key.created)
}
