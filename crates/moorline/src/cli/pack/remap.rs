//! `moorline pack remap`: the maps of a folder, as they are now, over answers that were kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use connectors::{DataType, Integration};
use serde_json::{Value, json};
use uuid::Uuid;

use super::show_problem;
use super::terminal::{Words, count, printable, say, words_go_to};
use crate::cli::{open, within};
use platform::app::App;
use platform::app::config::Config;
use platform::data::pulling::remap::{self, Changed, Plan};
use store::connections::Connection;
use store::model::ConnectionId;

#[derive(Args)]
pub struct Remap {
    /// The platform's folder.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Only this connection, by its id.
    #[arg(long, value_name = "ID")]
    connection: Option<Uuid>,
    /// Only these data types.
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    types: Vec<DataType>,
    /// Show every record that would change, not only the first ten of each data type.
    #[arg(long)]
    all: bool,
    /// Write what is shown. Without it, nothing is changed.
    #[arg(long)]
    write: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Records shown of one data type, and members shown of one record.
const SHOWN: usize = 10;
const SHOWN_MEMBERS: usize = 20;
/// Connections read at once.
const PAGE: i64 = 200;

impl Remap {
    pub(super) async fn run(self, config: Option<&Path>) -> anyhow::Result<ExitCode> {
        if self.json {
            words_go_to(Words::Stderr);
        }
        let integration = match Integration::open(connectors::BUILTIN, &self.dir, &BTreeMap::new())
        {
            Ok(integration) => Arc::new(integration),
            Err(problems) => {
                problems.iter().for_each(show_problem);
                bail!(
                    "the folder is broken: moorline pack check {}",
                    self.dir.display()
                );
            }
        };
        if self.json {
            words_go_to(Words::Nowhere);
        }
        let app = open(Config::load(config, std::env::vars())?).await?;
        within(app, async |app| self.remap(app, &integration).await).await
    }

    async fn remap(&self, app: &App, integration: &Arc<Integration>) -> anyhow::Result<ExitCode> {
        let connections = self.connections(app, integration).await?;
        let (mut pages, mut changes, mut refused) = (0, 0, 0);
        let mut plans = Vec::new();
        for connection in &connections {
            for data_type in self.types_of(app, connection).await? {
                let plan = remap::plan(app, integration, connection, data_type).await;
                let plan = plan.with_context(|| format!("{} {data_type}", connection.id))?;
                pages += plan.pages;
                changes += plan.changed.len();
                refused += plan.refused.len();
                say!(
                    "{} {data_type}: {}, {} as before, {} to change, {} that can't be read",
                    connection.id,
                    count(plan.pages, "page"),
                    count(plan.unchanged, "record"),
                    plan.changed.len(),
                    plan.refused.len(),
                );
                let shown = if self.all { usize::MAX } else { SHOWN };
                plan.changed.iter().take(shown).for_each(show);
                if let Some(more) = plan
                    .changed
                    .len()
                    .checked_sub(shown)
                    .filter(|more| *more > 0)
                {
                    say!("  and {more} more: --all shows them");
                }
                for refusal in plan.refused.iter().take(shown) {
                    say!("  ✗ {refusal}");
                }
                if self.json {
                    plans.push(of_plan(connection, data_type, &plan));
                }
                if self.write {
                    remap::apply(app, connection, plan).await?;
                }
            }
        }
        if pages == 0 {
            bail!(
                "no answer of {} is kept; `moorline consents retention --page-days DAYS` keeps them from the next pull on",
                integration.name()
            );
        }
        if self.json {
            let whole = json!({
                "platform": integration.name(),
                "key": integration.key(),
                "written": self.write,
                "changed": changes,
                "refused": refused,
                "data": plans,
            });
            println!("{whole:#}");
        }
        say!(
            "{} {}.",
            count(changes, "record"),
            if self.write {
                "changed"
            } else {
                "would change; nothing is written without --write"
            }
        );
        Ok(if refused == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    /// The connections of the folder's platform.
    async fn connections(
        &self,
        app: &App,
        integration: &Integration,
    ) -> anyhow::Result<Vec<Connection>> {
        if let Some(id) = self.connection {
            let found = store::connections::find(&app.db, ConnectionId(id)).await?;
            let found = found.with_context(|| format!("there is no connection {id}"))?;
            if found.integration_key != integration.key() {
                bail!(
                    "connection {id} is of {} ({}), and the folder of {} ({})",
                    found.platform_name,
                    found.integration_key,
                    integration.name(),
                    integration.key()
                );
            }
            return Ok(vec![found]);
        }
        let mut found = Vec::new();
        let mut after = Uuid::nil();
        loop {
            let page = store::connections::linked_after(&app.db, after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(found);
            };
            after = last.id.0;
            found.extend(
                page.into_iter()
                    .filter(|connection| connection.integration_key == integration.key()),
            );
        }
    }

    /// The data types of which answers are kept.
    async fn types_of(&self, app: &App, connection: &Connection) -> anyhow::Result<Vec<DataType>> {
        let kept = store::raw_pages::types(&app.db, connection.id).await?;
        let mut types: Vec<DataType> = kept.iter().filter_map(|key| key.parse().ok()).collect();
        types.retain(|data_type| self.types.is_empty() || self.types.contains(data_type));
        Ok(types)
    }
}

fn of_plan(connection: &Connection, data_type: DataType, plan: &Plan) -> Value {
    let changed = plan.changed.iter().map(|changed| {
        let members = changed.members.as_ref().map(|members| {
            let members = members.iter();
            let members = members.map(
                |member| json!({ "path": member.path, "stored": member.stored, "now": member.now }),
            );
            members.collect::<Vec<_>>()
        });
        json!({ "id": changed.id, "new": members.is_none(), "members": members })
    });
    json!({
        "connectionId": connection.id,
        "dataType": data_type.as_str(),
        "pages": plan.pages,
        "unchanged": plan.unchanged,
        "changed": changed.collect::<Vec<_>>(),
        "refused": plan.refused.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn show(changed: &Changed) {
    let Some(members) = &changed.members else {
        say!("  + {}", printable(&changed.id));
        return;
    };
    say!("  ~ {}", printable(&changed.id));
    let none = "nothing".to_owned();
    for member in members.iter().take(SHOWN_MEMBERS) {
        say!(
            "      {}: {} → {}",
            member.path,
            printable(member.stored.as_ref().unwrap_or(&none)),
            printable(member.now.as_ref().unwrap_or(&none))
        );
    }
    if members.len() > SHOWN_MEMBERS {
        say!("      and {} more members", members.len() - SHOWN_MEMBERS);
    }
}
