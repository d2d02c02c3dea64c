//! `moorline pack check`: everything about a platform's folder that can be checked without the platform.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::Args;
use connectors::{Coverage, Difference, Fixture, Integration, Subject, Trial};
use console::{Style, style};
use serde_json::{Value, json};

use super::looked::{Looked, of_trial};
use super::terminal::{Words, count, print_note, print_wrapped, say, words_go_to};
use super::{of_problem, show_problem, shown};

#[derive(Args)]
pub struct Check {
    /// The folders of one or more platforms.
    #[arg(required = true, value_name = "DIR")]
    dirs: Vec<PathBuf>,
    /// Rewrite each fixture that expects something else than its map returns. Review the changes before you keep them.
    #[arg(long)]
    accept: bool,
    /// Name every member that no fixture fills, not only the first six of each data type.
    #[arg(long)]
    all: bool,
    /// Print JSON: all problems, fixtures with their differences, and members that are never filled.
    #[arg(long)]
    json: bool,
}

/// Differences shown of one fixture.
const SHOWN: usize = 12;

impl Check {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        if self.json {
            words_go_to(Words::Nowhere);
        }
        let mut looked = Vec::new();
        for dir in &self.dirs {
            looked.push(self.check_folder(dir)?);
        }
        let wrong = looked.iter().map(|looked| looked.wrong).sum();
        if self.json {
            let folders: Vec<Value> = looked.iter().map(Looked::json).collect();
            println!("{:#}", json!({ "wrong": wrong, "folders": folders }));
        }
        match wrong {
            0 => {
                say!("{}", style("Nothing is wrong.").green().bold());
                Ok(ExitCode::SUCCESS)
            }
            1 => {
                say!("{}", style("One thing is wrong.").red().bold());
                Ok(ExitCode::FAILURE)
            }
            number => {
                say!(
                    "{}",
                    style(format!("{number} things are wrong.")).red().bold()
                );
                Ok(ExitCode::FAILURE)
            }
        }
    }

    /// Checks one folder.
    fn check_folder(&self, dir: &Path) -> anyhow::Result<Looked> {
        ensure!(
            dir.is_dir(),
            "{} is not a folder; name a platform's own, such as integrations/xero",
            dir.display()
        );
        let mut looked = Looked::at(dir);
        let integration = match Integration::open(connectors::BUILTIN, dir, &BTreeMap::new()) {
            Ok(integration) => integration,
            Err(problems) => {
                say!("{}", style(dir.display()).bold());
                problems.iter().for_each(show_problem);
                say!();
                looked.wrong = problems.len();
                looked.problems = problems.iter().map(of_problem).collect();
                return Ok(looked);
            }
        };
        looked.platform = Some(integration.name().to_owned());
        looked.key = Some(integration.key().to_owned());
        looked.is_beta = integration.beta();
        say!(
            "{}: {} ({}){}",
            style(dir.display()).bold(),
            integration.name(),
            integration.key(),
            if integration.beta() { ", beta" } else { "" },
        );
        say!("  {} manifest and maps", style("✓").green().bold());
        let (fixtures, problems) = Fixture::all(dir);
        problems.iter().for_each(show_problem);
        looked.problems = problems.iter().map(of_problem).collect();
        let mut wrong = problems.len();
        let mut coverage: BTreeMap<_, Coverage> = BTreeMap::new();
        for fixture in &fixtures {
            let mut trial = fixture.run(&integration);
            let name = shown(&fixture.file);
            if !offered(&integration, fixture.subject) {
                const WHY: &str = "the manifest offers no such data: add its section there, or remove this fixture";
                wrong += 1;
                say!("  {} {name}", style("✗").red().bold());
                say!("      {WHY}");
                looked
                    .problems
                    .push(json!({ "file": name, "message": WHY }));
                continue;
            }
            let mut is_rewritten = false;
            if !trial.holds() && self.accept && fixture.may_accept(&trial) {
                is_rewritten = true;
                std::fs::write(&fixture.file, fixture.accepting(&trial))
                    .with_context(|| format!("{name} can't be written"))?;
                say!(
                    "  {} {name}  {}",
                    style("!").yellow().bold(),
                    style("rewritten").yellow()
                );
                show_differences(&trial);
                let again = Fixture::read(&fixture.file).map(|fixture| fixture.run(&integration));
                trial = again.unwrap_or(trial);
            }
            looked.fixtures.push(of_trial(&name, &trial, is_rewritten));
            if trial.holds() {
                say!(
                    "  {} {name}  {}",
                    style("✓").green().bold(),
                    style(summary(fixture.subject, &trial)).dim()
                );
                for warning in &trial.warnings {
                    print_wrapped("      ", warning, &Style::new().dim());
                }
            } else {
                wrong += 1;
                say!("  {} {name}", style("✗").red().bold());
                show_differences(&trial);
                if self.accept && !fixture.may_accept(&trial) {
                    print_wrapped(
                        "      ",
                        "A refusal is not accepted: mend the map, or write the expected \"refusal\" into the fixture yourself.",
                        &Style::new(),
                    );
                }
            }
            if let Subject::Data(data_type, _) = fixture.subject {
                let coverage = coverage
                    .entry(data_type)
                    .or_insert_with(|| Coverage::new(data_type));
                trial.records.iter().for_each(|record| coverage.add(record));
            }
        }
        let lost = connectors::lost_members(dir, &integration, &fixtures);
        lost.iter().for_each(show_problem);
        looked.problems.extend(lost.iter().map(of_problem));
        wrong += lost.len();
        looked.missing = report_missing_fixtures(dir, &integration, &fixtures);
        wrong += looked.missing.len();
        looked.notes = notes(dir, &integration, &fixtures);
        looked.notes.iter().for_each(|note| print_note(note));
        if !coverage.is_empty() {
            say!();
            say!("  Members of the standard model that the fixtures fill:");
            say!();
            show_coverage(&coverage.values().collect::<Vec<_>>(), self.all);
            looked.coverage = coverage.into_values().collect();
        }
        say!();
        looked.wrong = wrong;
        Ok(looked)
    }
}

fn offered(integration: &Integration, subject: Subject) -> bool {
    match subject {
        Subject::Identity => true,
        Subject::Data(data_type, list) => list < integration.lists(data_type),
        Subject::Write(data_type) => integration.written_types().any(|one| one == data_type),
    }
}

fn summary(subject: Subject, trial: &Trial) -> String {
    let mut text = match &trial.refusal {
        Some(_) => "refused, as expected".to_owned(),
        None if subject == Subject::Identity => match trial.records.len() {
            1 => "1 company".to_owned(),
            number => format!("{number} companies"),
        },
        None => count(trial.records.len(), "record"),
    };
    if !trial.warnings.is_empty() {
        text.push_str(", ");
        text.push_str(&count(trial.warnings.len(), "warning"));
    }
    text
}

/// Reports the data that has no fixture, and so has never been checked; returns the missing files.
fn report_missing_fixtures(
    dir: &Path,
    integration: &Integration,
    fixtures: &[Fixture],
) -> Vec<String> {
    if let Some(base) = integration.extends() {
        say!(
            "  {} the maps are those of {base}, with their fixtures",
            style("·").dim()
        );
        return Vec::new();
    }
    let read = integration.data().iter().flat_map(|support| {
        let data_type = support.data_type;
        (0..integration.lists(data_type)).map(move |list| {
            let name = match list {
                0 => data_type.to_string(),
                list => format!("{data_type}.{}", list + 1),
            };
            (Subject::Data(data_type, list), name)
        })
    });
    let written = integration
        .written_types()
        .map(|data_type| (Subject::Write(data_type), format!("{data_type}.write")));
    let mut missing = Vec::new();
    for (subject, name) in read.chain(written) {
        if !fixtures.iter().any(|fixture| fixture.subject == subject) {
            let file = dir.join(format!("fixtures/{name}.json"));
            let file = shown(&file);
            say!("  {} {file}", style("✗").red().bold());
            missing.push(file);
            say!(
                "      this file is missing: write the platform's answer into it as `page`, then run this check with --accept"
            );
        }
    }
    missing
}

/// Findings that aren't mistakes, but worth knowing.
fn notes(dir: &Path, integration: &Integration, fixtures: &[Fixture]) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |text: &str| notes.push(text.to_owned());
    if !fixtures
        .iter()
        .any(|fixture| fixture.subject == Subject::Identity)
        && integration.extends().is_none()
    {
        note("identity.jq has no fixture (fixtures/identity.json, with page and identity)");
    }
    if !dir.join("README.md").is_file() {
        note("there is no README.md: write there what was checked against what");
    }
    for role in connectors::AssetRole::ALL {
        let wanted = matches!(
            role,
            connectors::AssetRole::LogoFull | connectors::AssetRole::LogoSquare
        );
        if wanted && integration.asset(role).is_none() {
            note(&format!(
                "there is no {}.svg",
                role.as_str().replace('_', "-")
            ));
        }
    }
    if !integration.beta() && !integration.sandbox() {
        note("it isn't marked beta: was `moorline pack try` run against a live account?");
    }
    notes
}

fn show_differences(trial: &Trial) {
    for difference in trial.differences.iter().take(SHOWN) {
        show_difference(difference);
    }
    if let Some(more) = trial.differences.len().checked_sub(SHOWN)
        && more > 0
    {
        say!("      … and {more} more");
    }
}

fn show_difference(difference: &Difference) {
    if !difference.path.is_empty() {
        say!("      {}", style(&difference.path).bold());
    }
    match &difference.expected {
        Some(expected) => say!(
            "        {}",
            style(format!("- {}", shortened(expected))).red()
        ),
        None if !difference.path.is_empty() => {
            say!("        {}", style("- (nothing was expected)").red());
        }
        None => {}
    }
    match &difference.came {
        Some(came) => say!(
            "        {}",
            style(format!("+ {}", shortened(came))).green()
        ),
        None => say!("        {}", style("+ (nothing came)").green()),
    }
}

/// The text on one line, cut after 240 characters.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 240;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line,
    }
}

/// Prints a line for each data type: the number of members that are filled, and the names of those that never are.
pub(super) fn show_coverage(coverages: &[&Coverage], all: bool) {
    const SHOWN_MEMBERS: usize = 6;
    let widest = coverages
        .iter()
        .map(|coverage| coverage.data_type.as_str().len())
        .max()
        .unwrap_or_default();
    for coverage in coverages {
        let absent = coverage.never_filled();
        let number = if all {
            absent.len()
        } else {
            absent.len().min(SHOWN_MEMBERS)
        };
        let mut never = absent[..number].join(", ");
        if number < absent.len() {
            never.push_str(&format!(" and {} more", absent.len() - number));
        }
        let never = match never.as_str() {
            "" => String::new(),
            never => format!("never: {never}"),
        };
        let prefix = format!(
            "    {:<widest$}  {:>3} of {:<3}  ",
            coverage.data_type.as_str(),
            coverage.filled(),
            coverage.members(),
        );
        print_wrapped(&prefix, &never, &Style::new().dim());
    }
}
