//! `moorline companies`: the companies, and one with all that hangs on it.

use anyhow::{Context, anyhow};
use clap::Subcommand;

use super::{Shown, USUAL_LIMIT, clients, of_connection, of_dataset, print_all, print_one, time};
use platform::app::App;
use store::clients::Client;
use store::companies::Company;
use store::connections::Connection;
use store::list::Wanted;
use store::model::CompanyId;
use store::query::QueryError;

#[derive(Subcommand)]
pub enum Companies {
    /// List companies, oldest first.
    List {
        /// The client organisation, by id or name. Without it: all of them.
        #[arg(long)]
        client: Option<String>,
        /// A filter in the query language of the API, such as 'name~acme' or 'dataConnections.status=Deauthorized'.
        #[arg(long)]
        query: Option<String>,
        /// The most companies to list, of each client organisation.
        #[arg(long, default_value_t = USUAL_LIMIT)]
        limit: i64,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show a company with its connections and the newest pull of each data type.
    Show {
        id: CompanyId,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

impl Companies {
    pub(in crate::cli) async fn run(self, app: &App) -> anyhow::Result<()> {
        match self {
            Self::List {
                client,
                query,
                limit,
                json,
            } => {
                let filter = query
                    .map(|query| store::query::parse(&query, &store::companies::SCHEMA))
                    .transpose();
                let filter = filter.map_err(|error| match &error {
                    QueryError::Malformed(fault) => anyhow!("{error} {fault}"),
                    _ => anyhow!(error),
                })?;
                let mut shown = Vec::new();
                for client in clients(app, client.as_deref()).await? {
                    let wanted = Wanted {
                        filter: filter.as_ref(),
                        limit,
                        ..Wanted::default()
                    };
                    let found = store::companies::list(&app.db, client.id, wanted, None).await?;
                    shown.extend(of_companies(app, &client, &found.rows).await?);
                }
                print_all(&shown, json);
            }
            Self::Show { id, json } => {
                let owner = store::companies::owner(&app.db, id).await?;
                let unknown = || {
                    format!(
                        "there is no company {id}; `moorline companies list` shows those there are"
                    )
                };
                let owner = owner.with_context(unknown)?;
                let client = store::clients::get(&app.db, owner)
                    .await?
                    .with_context(unknown)?;
                let company = store::companies::get(&app.db, owner, id).await?;
                let company = company.with_context(unknown)?;
                let connections = store::connections::of_companies(&app.db, &[id]).await?;
                let newest = store::datasets::newest(&app.db, id).await?;
                let platform_of = |id| {
                    let found = connections.iter().find(|connection| connection.id == id);
                    found.map(|connection| connection.platform_name.as_str())
                };
                let pulls = newest.iter();
                let pulls =
                    pulls.map(|dataset| of_dataset(dataset, platform_of(dataset.connection_id)));
                let lists = [
                    (
                        "connections",
                        connections.iter().map(of_connection).collect(),
                    ),
                    ("datasets", pulls.collect()),
                ];
                print_one(&of_company(&client, &company, &connections), &lists, json);
            }
        }
        Ok(())
    }
}

async fn of_companies(
    app: &App,
    client: &Client,
    companies: &[Company],
) -> anyhow::Result<Vec<Shown>> {
    let ids: Vec<CompanyId> = companies.iter().map(|company| company.id).collect();
    let connections = store::connections::of_companies(&app.db, &ids).await?;
    let shown = companies.iter().map(|company| {
        let own = connections.iter();
        let own: Vec<Connection> = own
            .filter(|connection| connection.company_id == company.id)
            .cloned()
            .collect();
        of_company(client, company, &own)
    });
    Ok(shown.collect())
}

fn of_company(client: &Client, company: &Company, connections: &[Connection]) -> Shown {
    let states = connections.iter().map(|connection| {
        let platform = &connection.platform_name;
        format!("{platform} {}", connection.status)
    });
    Shown::default()
        .with("id", company.id)
        .with("name", &company.name)
        .with("client", &client.name)
        .with("created", time(company.created))
        .with("lastSync", company.last_sync.map(time))
        .with("platforms", states.collect::<Vec<_>>())
}
