//! Paths of a manifest that lead to nothing in all of its fixtures.

use std::path::Path;

use serde_json::value::RawValue;

use super::fixture::{Fixture, Subject};
use crate::ask::json;
use crate::described::folder::Folder;
use crate::described::integration::Integration;
use crate::described::list::List;
use crate::described::problem::LoadProblem;
use crate::text::closest;

/// The lists whose pages go on behind a member that no record of their fixtures has: the second page would fail.
pub fn lost_members(
    dir: &Path,
    integration: &Integration,
    fixtures: &[Fixture],
) -> Vec<LoadProblem> {
    let Ok(folder) = Folder::on_disk(dir) else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    for (data_type, lists) in &integration.data {
        for (number, list) in lists.iter().enumerate() {
            let Some(member) = list.paging.last_member() else {
                continue;
            };
            let subject = Subject::Data(*data_type, number);
            let pages = fixtures.iter().filter(|fixture| fixture.subject == subject);
            let pages: Vec<&str> = pages.filter_map(Fixture::page).collect();
            let rows: Vec<&RawValue> = pages.iter().flat_map(|page| rows(list, page)).collect();
            let has = |row: &&RawValue| {
                let found = json::at(row.get().as_bytes(), member);
                found.is_ok_and(|found| found.is_some())
            };
            if rows.is_empty() || rows.iter().any(has) {
                continue;
            }
            let place = format!("data.{}.paging.last", index_of(&folder, *data_type, number));
            let mut message = format!("{place}: no record of the fixtures has a member `{member}`");
            let members = rows.first().and_then(|row| json::object(row).ok());
            let members = members.iter().flat_map(|members| members.keys());
            if let Some(meant) = closest(member, members.map(|name| &**name)) {
                message.push_str(&format!(": did you mean `{meant}`?"));
            }
            problems.push(folder.problem_at(&place, message));
        }
    }
    problems
}

/// The rows of a page, also of those that a fixture has together already.
fn rows<'a>(list: &List, page: &'a str) -> Vec<&'a RawValue> {
    let found = json::at(page.as_bytes(), &list.items).ok().flatten();
    let rows = found.map(json::each).unwrap_or_default();
    rows.into_iter().flat_map(json::each).collect()
}

/// The number in the manifest of a type's list.
fn index_of(folder: &Folder, data_type: records::DataType, number: usize) -> String {
    let table = folder.table().ok();
    let sections = table
        .as_ref()
        .and_then(|table| table.get("data")?.as_array());
    let of_type = |section: &toml::Value| {
        let own = section.get("type").and_then(toml::Value::as_str);
        own == Some(data_type.as_str())
    };
    let sections = sections.into_iter().flatten().enumerate();
    let mut own = sections.filter(|(_, section)| of_type(section));
    match own.nth(number) {
        Some((index, _)) => index.to_string(),
        None => data_type.to_string(),
    }
}
