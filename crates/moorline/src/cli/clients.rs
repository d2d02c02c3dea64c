//! `moorline clients`: create and list client organisations.

use clap::Subcommand;

use platform::app::App;
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
        created: now,
    };
    let key = platform::companies::clients::create(app, &client).await?;
    Ok((client, key))
}
