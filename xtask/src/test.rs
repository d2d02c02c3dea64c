//! `cargo xtask test`, `lint` and `soak`: everything that can be checked, in an order that uses both cores.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Result, ensure};
use clap::Args;

use crate::children::Children;
use crate::stages::Stages;
use crate::system::{self, Postgres};
use crate::toolchain::{self, cargo};
use crate::web::{self, Package};

/// The suites that `--only` takes.
const NAMES: [&str; 7] = ["fmt", "clippy", "rust", "doc", "connections", "demo", "e2e"];

#[derive(Args)]
pub(crate) struct Options {
    /// Only this part: fmt, clippy, rust, doc, connections, demo or e2e (may be given more than once)
    #[arg(long, value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(NAMES))]
    only: Vec<String>,
}

#[derive(Args)]
pub(crate) struct SoakOptions {
    /// How many times as often as in `test` each killing, racing or random test is repeated
    #[arg(long, default_value_t = 20, value_name = "N")]
    times: u32,
}

impl Options {
    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == name)
    }

    fn wants_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.wants(name))
    }
}

/// What the suites are told about the machine.
#[derive(Default)]
struct Surroundings {
    postgres: Option<String>,
    chromium: Option<PathBuf>,
    moorline: Option<PathBuf>,
}

impl Surroundings {
    fn tell(&self, command: &mut Command) {
        if let Some(url) = &self.postgres {
            command.env("MOORLINE_TEST_POSTGRES", url);
        }
        if let Some(path) = &self.chromium {
            command.env("CHROMIUM", path);
        }
        if let Some(path) = &self.moorline {
            command.env("MOORLINE_TEST_PROGRAM", path);
        }
    }
}

pub(crate) fn run(options: &Options, children: &Children) -> Result<ExitCode> {
    let stages = Stages::new(children)?;
    let surroundings = prepare(options, &stages, children)?;

    // One suite after the other from here on: each starts servers and browsers, and some measure time.
    if options.wants("rust") {
        let mut command = rust_tests();
        surroundings.tell(&mut command);
        stages.run("rust tests", &mut command);
    }
    if options.wants("doc") {
        stages.run(
            "rust doc tests",
            cargo().args(["test", "--workspace", "--doc", "--locked"]),
        );
    }
    for package in [web::CONNECTIONS, web::DEMO, web::E2E] {
        if options.wants(package.name) {
            let mut command = package.npm(&["test"]);
            surroundings.tell(&mut command);
            stages.run(&format!("web/{} tests", package.name), &mut command);
        }
    }
    Ok(verdict(stages.conclude()))
}

/// Installs, starts, lints and builds: cargo on one core, npm and the services on the other.
fn prepare(options: &Options, stages: &Stages<'_>, children: &Children) -> Result<Surroundings> {
    let needs_web = options.wants_any(&["clippy", "rust", "doc", "connections", "demo", "e2e"]);
    if needs_web {
        toolchain::check_node()?;
    }
    let mut surroundings = Surroundings::default();
    if needs_web {
        // The program carries the component's files, so they come before the first build of it.
        build(web::CONNECTIONS, stages, children);
    }
    std::thread::scope(|scope| {
        let services = scope.spawn(|| {
            let mut found = Surroundings::default();
            if options.wants_any(&["rust", "e2e"]) {
                found.postgres = stages
                    .perform("PostgreSQL", |log| Postgres::start(children, log))
                    .map(|postgres| postgres.url);
            }
            if options.wants_any(&["connections", "demo", "e2e"]) {
                found.chromium = stages.perform("Chromium", |log| system::chromium(children, log));
            }
            for package in [web::DEMO, web::E2E] {
                if options.wants_any(&[package.name, "e2e"]) {
                    build(package, stages, children);
                }
            }
            found
        });
        if options.wants("fmt") {
            stages.run("cargo fmt", cargo().args(["fmt", "--all", "--check"]));
        }
        if options.wants("clippy") {
            stages.run("cargo clippy", &mut clippy());
        }
        if options.wants("rust") {
            stages.run("build of the rust tests", rust_tests().arg("--no-run"));
        }
        if options.wants("e2e") {
            surroundings.moorline = stages.perform("build of the program", |log| {
                toolchain::build_moorline(children, false, log)
            });
        }
        if let Ok(found) = services.join() {
            surroundings.postgres = found.postgres;
            surroundings.chromium = found.chromium;
        }
    });
    Ok(surroundings)
}

fn build(package: Package, stages: &Stages<'_>, children: &Children) {
    let name = format!("build of web/{}", package.name);
    stages.perform(&name, |log| package.build(children, log).map(|_| ()));
}

fn clippy() -> Command {
    let mut command = cargo();
    command.args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]);
    command
}

fn rust_tests() -> Command {
    let mut command = cargo();
    if toolchain::has_nextest() {
        command.args(["nextest", "run", "--no-fail-fast"]);
    } else {
        command.args(["test", "--lib", "--bins", "--tests", "--no-fail-fast"]);
    }
    command.args(["--workspace", "--locked"]);
    command
}

pub(crate) fn lint(children: &Children) -> Result<ExitCode> {
    toolchain::check_node()?;
    let stages = Stages::new(children)?;
    build(web::CONNECTIONS, &stages, children);
    stages.run("cargo fmt", cargo().args(["fmt", "--all", "--check"]));
    stages.run("cargo clippy", &mut clippy());
    for package in web::ALL {
        let name = format!("types of web/{}", package.name);
        stages.perform(&name, |log| {
            package.install(children, log)?;
            children.run_logged(&mut package.npm(&["exec", "--", "tsc", "--noEmit"]), log)
        });
    }
    Ok(verdict(stages.conclude()))
}

/// The tests that kill, race or draw at random, repeated; each reads `MOORLINE_TEST_TIMES` as the factor of its own counts.
pub(crate) fn soak(options: &SoakOptions, children: &Children) -> Result<ExitCode> {
    ensure!(options.times > 0, "--times must be at least 1");
    let stages = Stages::new(children)?;
    let all = Options {
        only: vec!["rust".to_owned(), "e2e".to_owned()],
    };
    let surroundings = prepare(&all, &stages, children)?;
    let times = options.times.to_string();
    let mut rust = rust_tests();
    surroundings.tell(&mut rust);
    rust.env("MOORLINE_TEST_TIMES", &times);
    stages.run("rust tests, repeated", &mut rust);
    let mut e2e = web::E2E.npm(&["test"]);
    surroundings.tell(&mut e2e);
    e2e.env("MOORLINE_TEST_TIMES", &times);
    stages.run("web/e2e tests, repeated", &mut e2e);
    Ok(verdict(stages.conclude()))
}

fn verdict(all_is_well: bool) -> ExitCode {
    if all_is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_choice_every_suite_runs() {
        let options = Options { only: Vec::new() };
        assert!(NAMES.iter().all(|name| options.wants(name)));
    }

    #[test]
    fn a_choice_excludes_the_others() {
        let options = Options {
            only: vec!["e2e".to_owned()],
        };
        assert!(options.wants("e2e") && !options.wants("rust"));
        assert!(options.wants_any(&["rust", "e2e"]) && !options.wants_any(&["rust", "fmt"]));
    }
}
