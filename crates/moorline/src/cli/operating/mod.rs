//! An operator's questions at night: companies, connections, pulls and jobs, of all client organisations or of one.

pub mod companies;
pub mod connections;
pub mod datasets;
pub mod funnel;
pub mod jobs;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use super::choose_client;
use platform::app::App;
use store::clients::Client;
use store::connections::Connection;
use store::datasets::Dataset;

/// The most that a list shows unless it is asked for more.
const USUAL_LIMIT: i64 = 50;

/// The client organisation that `--client` names, or all of them.
async fn clients(app: &App, named: Option<&str>) -> anyhow::Result<Vec<Client>> {
    match named {
        Some(named) => Ok(vec![choose_client(app, Some(named)).await?]),
        None => Ok(store::clients::list(&app.db).await?),
    }
}

/// A thing as it is shown: its members by their names, in the order in which people read them.
#[derive(Clone, Default)]
pub(in crate::cli) struct Shown(Vec<(&'static str, Value)>);

impl Shown {
    pub(in crate::cli) fn with(mut self, name: &'static str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or_default();
        self.0.push((name, value));
        self
    }

    pub(in crate::cli) fn json(&self) -> Value {
        let members = self.0.iter();
        let members = members.map(|(name, value)| ((*name).to_owned(), value.clone()));
        Value::Object(members.collect::<Map<_, _>>())
    }
}

/// As one cell of a table.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        // Another party's words: a terminal must not act upon what is in them.
        Value::String(text) => text.chars().filter(|letter| !letter.is_control()).collect(),
        Value::Object(members) => {
            let members = members.iter();
            let members = members.map(|(name, value)| format!("{name} {}", cell(value)));
            members.collect::<Vec<_>>().join(", ")
        }
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// Prints things as a table with its heads, or as a JSON array.
pub(in crate::cli) fn print_all(things: &[Shown], json: bool) {
    if json {
        let all: Vec<Value> = things.iter().map(Shown::json).collect();
        println!("{:#}", Value::Array(all));
        return;
    }
    for line in table(things) {
        println!("{line}");
    }
}

fn table(things: &[Shown]) -> Vec<String> {
    let Some(first) = things.first() else {
        return vec!["There are none.".to_owned()];
    };
    let heads: Vec<String> = first.0.iter().map(|(name, _)| (*name).to_owned()).collect();
    let cells = |thing: &Shown| thing.0.iter().map(|(_, value)| cell(value)).collect();
    let rows: Vec<Vec<String>> = std::iter::once(heads)
        .chain(things.iter().map(cells))
        .collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths);
        let cells = cells.map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// Prints a thing, a member a line, and below it the lists that belong to it; or all of it as one JSON object.
pub(in crate::cli) fn print_one(thing: &Shown, lists: &[(&'static str, Vec<Shown>)], json: bool) {
    if json {
        let mut whole = thing.json();
        for (name, things) in lists {
            whole[*name] = things.iter().map(Shown::json).collect();
        }
        println!("{whole:#}");
        return;
    }
    let widest = thing.0.iter().map(|(name, _)| name.len()).max();
    let widest = widest.unwrap_or(0);
    for (name, value) in &thing.0 {
        println!("{name:widest$}  {}", cell(value));
    }
    for (name, things) in lists {
        println!("\n{name}");
        for line in table(things) {
            println!("  {line}");
        }
    }
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn of_connection(connection: &Connection) -> Shown {
    Shown::default()
        .with("id", connection.id)
        .with("platform", &connection.platform_name)
        .with("status", connection.status)
        .with("business", &connection.account_name)
        .with("lastSync", connection.last_sync.map(time))
        .with("attention", &connection.attention_message)
}

fn of_dataset(dataset: &Dataset, platform: Option<&str>) -> Shown {
    let reason = dataset.error_message.as_ref();
    Shown::default()
        .with("id", dataset.id)
        .with("dataType", &dataset.data_type)
        .with("status", dataset.status)
        .with("platform", platform)
        .with("requested", time(dataset.requested))
        .with("completed", dataset.completed.map(time))
        .with("records", dataset.records)
        .with("reason", reason.or(dataset.status_description.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_its_columns_below_each_other_and_no_control_characters() {
        let things = [
            Shown::default()
                .with("id", 7)
                .with("reason", "on \u{1b}fire"),
            Shown::default()
                .with("id", 1_000)
                .with("reason", None::<String>),
        ];
        assert_eq!(table(&things), ["id    reason", "7     on fire", "1000  -"]);
        assert_eq!(table(&[]), ["There are none."]);
    }
}
