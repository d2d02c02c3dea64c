//! `moorline datasets`: the pulls, one with its findings, and data requested anew.

use anyhow::Context;
use clap::Subcommand;
use connectors::DataType;

use crate::cli::command;

use super::{Shown, USUAL_LIMIT, clients, of_dataset, print_all, print_one, time};
use platform::app::App;
use platform::data::pulling;
use store::connections::Connection;
use store::datasets::{Dataset, Narrowed};
use store::model::{ClientId, CompanyId, ConnectionId, DatasetId};

#[derive(Subcommand)]
pub enum Datasets {
    /// List pulls, newest first.
    List {
        /// The client organisation, by id or name. Without it: all of them.
        #[arg(long)]
        client: Option<String>,
        /// Only those of this company.
        #[arg(long)]
        company: Option<CompanyId>,
        /// Only those through this connection.
        #[arg(long)]
        connection: Option<ConnectionId>,
        /// Only those that failed, and those that wait with a reason.
        #[arg(long)]
        failing: bool,
        /// The most pulls to list, of each client organisation.
        #[arg(long, default_value_t = USUAL_LIMIT)]
        limit: i64,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show a pull with the findings about its records.
    Show {
        id: DatasetId,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Request a company's data anew.
    Refresh {
        /// The company's id, as `moorline companies list` shows it.
        company: CompanyId,
        /// This data type alone, such as invoices.
        #[arg(long, value_name = "TYPE")]
        data_type: Option<DataType>,
        /// Through this connection alone; with --data-type.
        #[arg(long, requires = "data_type")]
        connection: Option<ConnectionId>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Request anew what a pull was of.
    Retry {
        id: DatasetId,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// The command that shows what becomes of a request.
fn next(company: CompanyId) -> String {
    let list = command(&format!("datasets list --company {company}"));
    format!("A running server does it now: {list}")
}

impl Datasets {
    pub(in crate::cli) async fn run(self, app: &App) -> anyhow::Result<()> {
        match self {
            Self::List {
                client,
                company,
                connection,
                failing,
                limit,
                json,
            } => {
                let narrowed = Narrowed {
                    company,
                    connection,
                    failing,
                };
                let mut shown = Vec::new();
                for client in clients(app, client.as_deref()).await? {
                    let found =
                        store::datasets::of_client(&app.db, client.id, &narrowed, limit).await?;
                    for dataset in &found {
                        let connection =
                            store::connections::find(&app.db, dataset.connection_id).await?;
                        shown.push(of_dataset(dataset, platform_of(connection.as_ref())));
                    }
                }
                print_all(&shown, json);
            }
            Self::Show { id, json } => {
                let (dataset, connection) = find(app, id).await?;
                let findings = store::issues::list(&app.db, id).await?;
                let findings = findings.iter().map(|issue| {
                    Shown::default()
                        .with("kind", if issue.is_error { "error" } else { "warning" })
                        .with("item", &issue.item_id)
                        .with("rule", &issue.rule_id)
                        .with("message", &issue.message)
                });
                let whole = of_dataset(&dataset, Some(&connection.platform_name))
                    .with("company", dataset.company_id)
                    .with("connection", dataset.connection_id)
                    .with("progress", dataset.progress)
                    .with("changesSince", dataset.since.map(time))
                    .with("modified", dataset.modified)
                    .with("setAside", dataset.set_aside);
                print_one(&whole, &[("findings", findings.collect())], json);
            }
            Self::Refresh {
                company,
                data_type,
                connection,
                json,
            } => {
                let client = owner(app, company).await?;
                match data_type {
                    Some(data_type) => {
                        let queued =
                            pulling::refresh_one(app, client, company, data_type, connection)
                                .await?;
                        print_one(&of_dataset(&queued, None), &[], json);
                    }
                    None => {
                        let queued = pulling::refresh_all(app, client, company).await?;
                        anyhow::ensure!(
                            queued > 0,
                            "nothing was requested: the company has no Linked connection; `{}` shows those it has",
                            command(&format!("companies show {company}"))
                        );
                        let all = Shown::default()
                            .with("company", company)
                            .with("requested", "all that is fetched on first link");
                        print_one(&all, &[], json);
                    }
                }
                if !json {
                    println!("\n{}", next(company));
                }
            }
            Self::Retry { id, json } => {
                let (dataset, connection) = find(app, id).await?;
                let queued = again(app, &dataset, &connection).await?;
                print_one(
                    &of_dataset(&queued, Some(&connection.platform_name)),
                    &[],
                    json,
                );
                if !json {
                    println!("\n{}", next(dataset.company_id));
                }
            }
        }
        Ok(())
    }
}

/// Requests anew what a pull was of, on its connection.
pub(super) async fn again(
    app: &App,
    dataset: &Dataset,
    connection: &Connection,
) -> anyhow::Result<Dataset> {
    if let Some(name) = dataset.data_type.strip_prefix("custom/") {
        return Ok(pulling::refresh_custom(app, connection, name).await?);
    }
    let data_type: DataType = dataset.data_type.parse()?;
    let (client, company) = (dataset.client_id, dataset.company_id);
    let on = Some(connection.id);
    Ok(pulling::refresh_one(app, client, company, data_type, on).await?)
}

pub(super) async fn find(app: &App, id: DatasetId) -> anyhow::Result<(Dataset, Connection)> {
    let dataset = store::datasets::find(&app.db, id).await?;
    let dataset = dataset.with_context(|| {
        format!(
            "there is no pull {id}; `{}` shows those there are",
            command("datasets list")
        )
    })?;
    let connection = store::connections::find(&app.db, dataset.connection_id).await?;
    let connection = connection.with_context(|| format!("the connection of {id} is gone"))?;
    Ok((dataset, connection))
}

async fn owner(app: &App, company: CompanyId) -> anyhow::Result<ClientId> {
    let owner = store::companies::owner(&app.db, company).await?;
    owner.with_context(|| {
        format!(
            "there is no company {company}; `{}` shows those there are",
            command("companies list")
        )
    })
}

fn platform_of(connection: Option<&Connection>) -> Option<&str> {
    connection.map(|connection| connection.platform_name.as_str())
}
