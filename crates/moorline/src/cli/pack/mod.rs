//! `moorline pack`: make a platform's folder, check it, try it against the platform, and run it over answers that were kept.

mod callback;
mod check;
mod live;
mod looked;
mod new;
mod remap;
mod terminal;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use connectors::LoadProblem;
use console::{Style, style};
use serde_json::{Value, json};
use terminal::say;

#[derive(Subcommand)]
pub enum Pack {
    /// Make the folder of a new platform: a manifest to fill in, a first map, and its fixture.
    New(new::New),
    /// Report everything that is wrong with a platform's folder (manifest, maps, fixtures), and the members it doesn't fill.
    Check(check::Check),
    /// Link and pull against the platform, live or emulated, from this terminal. Nothing is stored.
    Try(live::Try),
    /// Run a folder's maps over the platform's answers that were kept, and show what would change in the stored records; with
    /// --write, change it.
    Remap(remap::Remap),
}

impl Pack {
    pub(super) async fn run(self, config: Option<&Path>) -> anyhow::Result<ExitCode> {
        match self {
            Self::New(new) => new.run(),
            Self::Check(check) => check.run(),
            Self::Try(live) => live.run().await,
            Self::Remap(remap) => remap.run(config).await,
        }
    }
}

/// A problem as JSON.
fn of_problem(problem: &LoadProblem) -> Value {
    json!({
        "file": shown(&problem.file),
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
    })
}

/// Prints one problem with an excerpt of the line that it is in.
fn show_problem(problem: &LoadProblem) {
    let mut position = shown(&problem.file);
    for number in [problem.line, problem.column].into_iter().flatten() {
        position.push_str(&format!(":{number}"));
    }
    say!("  {} {}", style("✗").red().bold(), style(position).bold());
    terminal::print_wrapped("      ", &problem.message, &Style::new());
    let source = std::fs::read_to_string(&problem.file).unwrap_or_default();
    let line = problem.line.and_then(|line| source.lines().nth(line - 1));
    if let (Some(number), Some(line)) = (problem.line, line) {
        let (line, column) = excerpt(line, problem.column);
        let margin = format!("{number:>6} │ ");
        say!("{}{line}", style(&margin).dim());
        if let Some(column) = column {
            let before: String = line
                .chars()
                .take(column - 1)
                .map(|letter| if letter == '\t' { '\t' } else { ' ' })
                .collect();
            say!(
                "       {} {before}{}",
                style("│").dim(),
                style("^").red().bold()
            );
        }
    }
}

/// At most 100 characters of a line around a column (counted from 1), and that column's number in the excerpt.
fn excerpt(line: &str, column: Option<usize>) -> (String, Option<usize>) {
    const LONGEST: usize = 100;
    const BEFORE: usize = 60;
    let letters: Vec<char> = line.chars().collect();
    if letters.len() <= LONGEST {
        return (line.to_owned(), column);
    }
    let start = column.unwrap_or(1).saturating_sub(BEFORE);
    let end = letters.len().min(start + LONGEST);
    let mut shown: String = letters[start.min(end)..end].iter().collect();
    let mut column = column.map(|column| column - start);
    if start > 0 {
        shown.insert(0, '…');
        column = column.map(|column| column + 1);
    }
    if end < letters.len() {
        shown.push('…');
    }
    (shown, column)
}

/// A path, relative to the current directory if it lies in it.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().and_then(std::fs::canonicalize);
    let short = here
        .ok()
        .and_then(|here| path.strip_prefix(here).ok().map(PathBuf::from));
    short.as_deref().unwrap_or(path).display().to_string()
}

/// Splits `host=https://…` at its equals sign.
fn parse_variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("it is not NAME=VALUE, such as host=https://sandbox.example.com".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_line_the_part_around_the_column_is_shown() {
        assert_eq!(excerpt("short", Some(3)), ("short".to_owned(), Some(3)));
        let long = format!("{}X{}", "a".repeat(200), "b".repeat(200));
        let (shown, column) = excerpt(&long, Some(201));
        assert!(shown.starts_with('…') && shown.ends_with('…'), "{shown}");
        assert_eq!(shown.chars().nth(column.unwrap() - 1), Some('X'));
        let (shown, column) = excerpt(&long, Some(401));
        assert_eq!(shown.chars().count(), column.unwrap(), "its last letter");
        assert!(excerpt(&long, None).0.starts_with("aaa"));
    }
}
