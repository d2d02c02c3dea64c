//! `moorline pack check`: everything that can be known of a platform's folder without the platform.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use connectors::{Coverage, Difference, Fixture, Integration, Subject, Trial};
use console::{Style, style};

use super::telling::{self, count, tell};
use super::{show_problem, shown};

#[derive(Args)]
pub struct Check {
    /// One or several platforms' folders.
    #[arg(required = true, value_name = "DIR")]
    dirs: Vec<PathBuf>,
    /// Write what the maps give into the fixtures, where it is not what they expect. Look at it before you keep it.
    #[arg(long)]
    accept: bool,
    /// Name all the members that no fixture fills, not the first few.
    #[arg(long)]
    all: bool,
}

/// As many differences of one fixture as are shown.
const SHOWN: usize = 12;

impl Check {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let mut wrong = 0;
        for dir in &self.dirs {
            wrong += self.folder(dir)?;
        }
        match wrong {
            0 => {
                println!("{}", style("Nothing is wrong.").green().bold());
                Ok(ExitCode::SUCCESS)
            }
            1 => {
                println!("{}", style("One thing is wrong.").red().bold());
                Ok(ExitCode::FAILURE)
            }
            number => {
                println!(
                    "{}",
                    style(format!("{number} things are wrong.")).red().bold()
                );
                Ok(ExitCode::FAILURE)
            }
        }
    }

    /// How many things are wrong with one.
    fn folder(&self, dir: &Path) -> anyhow::Result<usize> {
        let integration = match Integration::open(connectors::BUILTIN, dir, &BTreeMap::new()) {
            Ok(integration) => integration,
            Err(problems) => {
                println!("{}", style(dir.display()).bold());
                problems.iter().for_each(show_problem);
                println!();
                return Ok(problems.len());
            }
        };
        println!(
            "{}: {} ({}){}",
            style(dir.display()).bold(),
            integration.name(),
            integration.key(),
            if integration.beta() { ", beta" } else { "" },
        );
        println!("  {} manifest and maps", style("✓").green().bold());
        let (fixtures, problems) = Fixture::all(dir);
        problems.iter().for_each(show_problem);
        let mut wrong = problems.len();
        let mut coverage: BTreeMap<_, Coverage> = BTreeMap::new();
        for fixture in &fixtures {
            let mut trial = fixture.run(&integration);
            let name = shown(&fixture.file);
            if !offered(&integration, fixture.subject) {
                wrong += 1;
                println!("  {} {name}", style("✗").red().bold());
                println!("      the manifest has no such data: nothing maps this");
                continue;
            }
            if !trial.holds() && self.accept && fixture.may_accept(&trial) {
                std::fs::write(&fixture.file, fixture.accepting(&trial))
                    .with_context(|| format!("{name} can't be written"))?;
                println!(
                    "  {} {name}  {}",
                    style("!").yellow().bold(),
                    style("rewritten").yellow()
                );
                show_differences(&trial);
                let again = Fixture::read(&fixture.file).map(|fixture| fixture.run(&integration));
                trial = again.unwrap_or(trial);
            }
            if trial.holds() {
                println!(
                    "  {} {name}  {}",
                    style("✓").green().bold(),
                    style(summary(fixture.subject, &trial)).dim()
                );
            } else {
                wrong += 1;
                println!("  {} {name}", style("✗").red().bold());
                show_differences(&trial);
                if self.accept && !fixture.may_accept(&trial) {
                    tell(
                        "      ",
                        "A refusal is not accepted: mend the map, or write yourself into the fixture which \"refusal\" there must be.",
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
        wrong += without_fixture(dir, &integration, &fixtures);
        notes(dir, &integration, &fixtures);
        if !coverage.is_empty() {
            println!();
            println!("  Members of the standard model that the fixtures fill:");
            println!();
            show_coverage(&coverage.into_values().collect::<Vec<_>>(), self.all);
        }
        println!();
        Ok(wrong)
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
    let mut said = match &trial.refusal {
        Some(_) => "refused, as it must be".to_owned(),
        None if subject == Subject::Identity => match trial.records.len() {
            1 => "1 company".to_owned(),
            number => format!("{number} companies"),
        },
        None => count(trial.records.len(), "record"),
    };
    if !trial.warnings.is_empty() {
        said.push_str(", ");
        said.push_str(&count(trial.warnings.len(), "warning"));
    }
    said
}

/// Data without a fixture is data that nobody has looked at.
fn without_fixture(dir: &Path, integration: &Integration, fixtures: &[Fixture]) -> usize {
    if let Some(base) = integration.extends() {
        println!(
            "  {} the maps are those of {base}, with their fixtures",
            style("·").dim()
        );
        return 0;
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
    let mut wrong = 0;
    for (subject, name) in read.chain(written) {
        if !fixtures.iter().any(|fixture| fixture.subject == subject) {
            wrong += 1;
            let file = dir.join(format!("fixtures/{name}.json"));
            println!("  {} {}", style("✗").red().bold(), shown(&file));
            println!(
                "      there is no such file: give the platform's answer as `page`, then run this with --accept"
            );
        }
    }
    wrong
}

/// What is no mistake, but worth knowing.
fn notes(dir: &Path, integration: &Integration, fixtures: &[Fixture]) {
    let note = telling::note;
    if !fixtures
        .iter()
        .any(|fixture| fixture.subject == Subject::Identity)
        && integration.extends().is_none()
    {
        note("identity.jq has no fixture (fixtures/identity.json, with page and identity)");
    }
    if !dir.join("README.md").is_file() {
        note("there is no README.md: say what was checked against what");
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
        note("it isn't beta: somebody has run `moorline pack try` against a live account?");
    }
}

fn show_differences(trial: &Trial) {
    for difference in trial.differences.iter().take(SHOWN) {
        show_difference(difference);
    }
    if let Some(more) = trial.differences.len().checked_sub(SHOWN)
        && more > 0
    {
        println!("      … and {more} more");
    }
}

fn show_difference(difference: &Difference) {
    if !difference.path.is_empty() {
        println!("      {}", style(&difference.path).bold());
    }
    match &difference.expected {
        Some(expected) => println!("        {}", style(format!("- {}", short(expected))).red()),
        None if !difference.path.is_empty() => {
            println!("        {}", style("- (nothing was expected)").red());
        }
        None => {}
    }
    match &difference.came {
        Some(came) => println!("        {}", style(format!("+ {}", short(came))).green()),
        None => println!("        {}", style("+ (nothing came)").green()),
    }
}

/// On one line, and not for ever.
fn short(text: &str) -> String {
    const LONGEST: usize = 240;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line,
    }
}

/// A line for each data type: how much of it is filled, and what is not.
pub(super) fn show_coverage(coverages: &[Coverage], all: bool) {
    const FEW: usize = 6;
    let widest = coverages
        .iter()
        .map(|coverage| coverage.data_type.as_str().len())
        .max()
        .unwrap_or_default();
    for coverage in coverages {
        let absent = coverage.never_filled();
        let few = if all {
            absent.len()
        } else {
            absent.len().min(FEW)
        };
        let mut never = absent[..few].join(", ");
        if few < absent.len() {
            never.push_str(&format!(" and {} more", absent.len() - few));
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
        tell(&prefix, &never, &Style::new().dim());
    }
}
