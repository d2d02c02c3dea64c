//! `moorline connections`: the connections, one with its history, and the end of one.

use std::io::IsTerminal;

use anyhow::{Context, bail};
use clap::Subcommand;

use crate::cli::clients::confirms;
use crate::cli::command;

use super::{Shown, USUAL_LIMIT, clients, of_connection, of_dataset, print_all, print_one, time};
use platform::app::App;
use platform::{connecting, credentials};
use store::connections::{Connection, Narrowed};
use store::model::{Actor, CompanyId, ConnectionId, ConnectionStatus};

#[derive(Subcommand)]
pub enum Connections {
    /// List connections, newest first.
    List {
        /// The client organisation, by id or name. Without it: all of them.
        #[arg(long)]
        client: Option<String>,
        /// Only those of this company.
        #[arg(long)]
        company: Option<CompanyId>,
        /// Only those in this state: PendingAuth, Linked, Unlinked or Deauthorized.
        #[arg(long)]
        status: Option<String>,
        /// Only those to this platform, by its key.
        #[arg(long, value_name = "KEY")]
        platform: Option<String>,
        /// The most connections to list, of each client organisation.
        #[arg(long, default_value_t = USUAL_LIMIT)]
        limit: i64,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show a connection with its errors, its newest pulls and its history, newest first.
    Show {
        id: ConnectionId,
        /// The most entries of the history to show.
        #[arg(long, default_value_t = USUAL_LIMIT)]
        limit: i64,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Let connections be renewed that are held back since a backup was restored. Some platforms end the access of a connection if a
    /// refresh token comes that was renewed since; its customer must connect again then.
    Renew {
        /// The connections; all that are held back if none is named.
        ids: Vec<ConnectionId>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Disconnect a connection: no new data, and its access is given back to the platform. Data that was pulled stays.
    Unlink {
        id: ConnectionId,
        /// Why, in a sentence that the company's people will read in the history.
        #[arg(long)]
        reason: Option<String>,
        /// At a terminal: without being asked.
        #[arg(long)]
        yes: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

impl Connections {
    pub(in crate::cli) async fn run(self, app: &App) -> anyhow::Result<()> {
        match self {
            Self::List {
                client,
                company,
                status,
                platform,
                limit,
                json,
            } => {
                let status = status.as_deref().map(parse_status).transpose()?;
                let narrowed = Narrowed {
                    company,
                    status,
                    platform: platform.as_deref(),
                };
                let mut shown = Vec::new();
                for client in clients(app, client.as_deref()).await? {
                    let found =
                        store::connections::of_client(&app.db, client.id, &narrowed, limit).await?;
                    let found = found.iter();
                    shown.extend(found.map(|connection| {
                        of_connection(connection).with("company", connection.company_id)
                    }));
                }
                print_all(&shown, json);
            }
            Self::Show { id, limit, json } => show(app, &find(app, id).await?, limit, json).await?,
            Self::Renew { ids, json } => renew(app, ids, json).await?,
            Self::Unlink {
                id,
                reason,
                yes,
                json,
            } => {
                let connection = find(app, id).await?;
                let platform = &connection.platform_name;
                let question =
                    format!("End {id} at {platform}? Only its customer can give access again.");
                if !yes && std::io::stdin().is_terminal() && !confirms(&question)? {
                    bail!("nothing was ended");
                }
                let reason = reason.as_deref();
                let ended = connecting::unlink(app, &connection, Actor::Client, reason).await?;
                print_one(&of_connection(&ended), &[], json);
                if !json {
                    println!(
                        "\nA running server gives the access back to {} now: {}",
                        ended.platform_name,
                        command(&format!("connections show {id}"))
                    );
                }
            }
        }
        Ok(())
    }
}

async fn renew(app: &App, mut ids: Vec<ConnectionId>, json: bool) -> anyhow::Result<()> {
    if ids.is_empty() {
        let held_back = store::doubtful::held_back(&app.db, i64::MAX).await?;
        ids = held_back.iter().map(|one| one.connection_id).collect();
    }
    let mut let_on = Vec::new();
    for id in ids {
        let connection = find(app, id).await?;
        let_on.push((id, credentials::let_on(app, &connection).await?));
    }
    if json {
        let shown = let_on.iter();
        let shown = shown.map(|(id, on)| Shown::default().with("id", id).with("letOn", on));
        print_all(&shown.collect::<Vec<_>>(), true);
        return Ok(());
    }
    if let_on.is_empty() {
        println!("No connection is held back.");
    }
    for (id, on) in let_on {
        match on {
            true => println!("{id} is renewed when its access ends."),
            false => println!("{id} isn't held back."),
        }
    }
    Ok(())
}

async fn find(app: &App, id: ConnectionId) -> anyhow::Result<Connection> {
    let found = store::connections::find(&app.db, id).await?;
    found.with_context(|| {
        format!(
            "there is no connection {id}; `{}` shows those there are",
            command("connections list")
        )
    })
}

async fn show(app: &App, connection: &Connection, limit: i64, json: bool) -> anyhow::Result<()> {
    let (client, company, id) = (connection.client_id, connection.company_id, connection.id);
    let errors = store::connections::errors(&app.db, &[id]).await?;
    let errors = errors.iter().map(|error| {
        Shown::default()
            .with("errored", time(error.errored_on))
            .with("resolved", error.resolved_on.map(time))
            .with("statusCode", &error.status_code)
            .with("message", &error.error_message)
    });
    let pulls = store::datasets::newest_of_connection(&app.db, id).await?;
    let platform = Some(connection.platform_name.as_str());
    let pulls = pulls.iter().map(|dataset| of_dataset(dataset, platform));
    let grants = store::held::list(&app.db, client, company, Some(id), (limit, 0)).await?;
    let grants = grants.iter().map(|grant| {
        Shown::default()
            .with("id", grant.id)
            .with("state", grant.state)
            .with("begun", time(grant.begun))
            .with("ended", grant.ended.map(time))
            .with("answer", &grant.answer)
    });
    let events = store::events::of_connection(&app.db, client, company, id, limit, 0).await?;
    let history = events.iter().map(|event| {
        Shown::default()
            .with("occurred", time(event.occurred))
            .with("event", event.name())
            .with("actor", event.actor)
            .with("reason", &event.reason)
    });
    let lists = [
        ("errors", errors.collect()),
        ("datasets", pulls.collect()),
        ("grants", grants.collect()),
        ("history", history.collect()),
    ];
    let whole = of_connection(connection)
        .with("company", company)
        .with("platformKey", &connection.integration_key)
        .with("created", time(connection.created))
        .with("lastAuthorized", connection.last_authorized.map(time));
    print_one(&whole, &lists, json);
    Ok(())
}

fn parse_status(word: &str) -> anyhow::Result<ConnectionStatus> {
    ConnectionStatus::from_word(word).with_context(|| {
        format!(
            "unknown status '{word}'. Valid values: {}",
            ConnectionStatus::WORDS.join(", ")
        )
    })
}
