//! `cargo xtask test`, `lint` and `soak`: everything that can be checked, in an order that uses both cores.

mod counts;
mod failures;
mod fuzz;
mod stages;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Result, ensure};
use clap::Args;

use crate::demo;
use crate::machine::children::Children;
use crate::machine::system::{self, Postgres};
use crate::machine::toolchain::{self, cargo};
use crate::web::{self, Package};
use stages::Stages;

/// The suites that `--only` takes.
const NAMES: [&str; 9] = [
    "fmt",
    "clippy",
    "rust",
    "doc",
    "connections",
    "link",
    "demo",
    "api",
    "e2e",
];

/// Packages under test: the bench has no tests, and leaving it out saves its build.
const TESTED: [&str; 3] = ["--workspace", "--exclude", "bench"];

#[derive(Args)]
pub(crate) struct Options {
    /// Only this part: fmt, clippy, rust, doc, connections, link, demo, api or e2e (may be given more than once)
    #[arg(long, value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(NAMES))]
    only: Vec<String>,
}

#[derive(Args)]
pub(crate) struct SoakOptions {
    /// Number of kills, half of them on each database
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    kills: u32,
    /// Seconds that each fuzz target runs
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    fuzz: u32,
}

impl Options {
    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == name)
    }

    fn wants_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.wants(name))
    }
}

/// Services and programs of this machine, passed to the suites as environment variables.
#[derive(Default)]
struct Surroundings {
    postgres: Option<String>,
    chromium: Option<PathBuf>,
    moorline: Option<PathBuf>,
    python: Option<PathBuf>,
    clients: Option<Vec<PathBuf>>,
}

/// The flags of `crates/moorline/tests/clients/run.py`, each for a Python with the libraries of that file beside it.
const CLIENTS: [(&str, &str); 3] = [
    ("--current", "clients/current.txt"),
    ("--older", "clients/older.txt"),
    ("--tap", "clients/tap.txt"),
];

impl Surroundings {
    fn pass_to(&self, command: &mut Command) {
        if let Some(url) = &self.postgres {
            command.env("MOORLINE_TEST_POSTGRES", url);
        }
        if let Some(path) = &self.chromium {
            command.env("CHROMIUM", path);
        }
        if let Some(path) = &self.moorline {
            command.env("MOORLINE_TEST_PROGRAM", path);
        }
        if let Some(path) = &self.python {
            command.env("MOORLINE_TEST_PYTHON", path);
        }
    }
}

pub(crate) fn run(options: &Options, children: &Children) -> Result<ExitCode> {
    let stages = Stages::new(children)?;
    let surroundings = prepare(options, &stages, children)?;

    if options.wants("rust") {
        let mut command = rust_tests();
        surroundings.pass_to(command.args(TESTED).arg("--no-fail-fast"));
        stages.run("rust tests", &mut command);
    }
    if options.wants("doc") {
        stages.run(
            "rust doc tests",
            cargo().arg("test").args(TESTED).args(["--doc", "--locked"]),
        );
    }
    // A browser's tests wait more than they compute, so the long suite runs beside the short ones.
    std::thread::scope(|scope| {
        scope.spawn(|| run_suite(web::E2E, options, &stages, &surroundings));
        run_suite(web::DEMO, options, &stages, &surroundings);
        if options.wants("demo") {
            run_demo(&stages, &surroundings, children);
        }
        if options.wants("api") {
            on_both_databases(&surroundings, "schemathesis", |database, place| {
                let small = [
                    "--requests",
                    "1200",
                    "--malformed",
                    "600",
                    "--examples",
                    "1",
                ];
                run_schemathesis(
                    &stages,
                    &surroundings,
                    &[&small[..], database].concat(),
                    place,
                );
            });
            run_clients(&stages, &surroundings, &[], "");
        }
    });
    Ok(verdict(stages.conclude()))
}

/// Runs a package's tests, if they are wanted: without the build that npm runs first, which is done, and another suite may be reading
/// its files.
fn run_suite(
    package: Package,
    options: &Options,
    stages: &Stages<'_>,
    surroundings: &Surroundings,
) {
    if options.wants(package.name) {
        let mut command = package.npm(&["test", "--ignore-scripts"]);
        surroundings.pass_to(&mut command);
        stages.run(&format!("web/{} tests", package.name), &mut command);
    }
}

/// Starts what `cargo xtask demo` starts, and waits until its three sites answer.
fn run_demo(stages: &Stages<'_>, surroundings: &Surroundings, children: &Children) {
    let Some(program) = &surroundings.moorline else {
        return;
    };
    stages.perform("cargo xtask demo", |_| {
        let data = toolchain::scratch("demo")?;
        children.remove_at_end(&data);
        let options = demo::Options {
            json: true,
            platform_port: 0,
            sandbox_port: 0,
            lender_port: 0,
            data,
            release: false,
            program: Some(program.clone()),
        };
        demo::start(&options, children).map(|_| ())
    });
}

/// Runs a part that starts the program once for each engine, with the flags that choose it: a database of its own on PostgreSQL.
fn on_both_databases(surroundings: &Surroundings, name: &str, part: impl Fn(&[&str], &str)) {
    part(&[], " on SQLite");
    let Some(url) = &surroundings.postgres else {
        return;
    };
    let url = system::database(url, name);
    part(&["--database-url", &url], " on PostgreSQL");
}

/// Has other parties' clients in Python call the program, and a Singer tap read from it (`crates/moorline/tests/clients`).
fn run_clients(stages: &Stages<'_>, surroundings: &Surroundings, flags: &[&str], place: &str) {
    let (Some(python), Some(moorline), Some(pythons)) = (
        &surroundings.python,
        &surroundings.moorline,
        &surroundings.clients,
    ) else {
        return;
    };
    let mut command = Command::new(python);
    command
        .current_dir(toolchain::root())
        .arg("crates/moorline/tests/clients/run.py")
        .arg(moorline)
        .args(flags);
    for ((flag, _), python) in CLIENTS.iter().zip(pythons) {
        command.arg(flag).arg(python);
    }
    stages.run(&format!("clients in Python{place}"), &mut command);
}

/// Has schemathesis call every operation of our own OpenAPI document (`crates/moorline/tests/schemathesis`).
fn run_schemathesis(stages: &Stages<'_>, surroundings: &Surroundings, flags: &[&str], place: &str) {
    let (Some(python), Some(moorline)) = (&surroundings.python, &surroundings.moorline) else {
        return;
    };
    let mut command = Command::new(python);
    command
        .current_dir(toolchain::root())
        .arg("crates/moorline/tests/schemathesis/run.py")
        .arg(moorline)
        .args(flags);
    stages.run(&format!("schemathesis{place}"), &mut command);
}

/// Installs, starts, lints and builds: cargo on one core, npm and the services on the other, and then the components' own tests, which
/// need no program.
fn prepare(options: &Options, stages: &Stages<'_>, children: &Children) -> Result<Surroundings> {
    let needs_web = options.wants_any(&[
        "clippy",
        "rust",
        "doc",
        "connections",
        "link",
        "demo",
        "api",
        "e2e",
    ]);
    if needs_web {
        toolchain::check_node()?;
    }
    let mut surroundings = Surroundings::default();
    if needs_web {
        for component in web::COMPONENTS {
            build(component, stages, children);
        }
    }
    std::thread::scope(|scope| {
        let services = scope.spawn(|| {
            let mut found = Surroundings::default();
            if options.wants_any(&["rust", "api", "e2e"]) {
                found.postgres = stages
                    .perform("PostgreSQL", |log| Postgres::start(children, log))
                    .map(|postgres| postgres.url);
            }
            if options.wants_any(&["rust", "api"]) {
                if toolchain::has_python() {
                    found.python = stages.perform("Python's libraries", |log| {
                        toolchain::python(children, "schemathesis/requirements.txt", log)
                    });
                    if options.wants("api") {
                        found.clients = stages.perform("clients in Python, installed", |log| {
                            CLIENTS
                                .iter()
                                .map(|(_, file)| toolchain::python(children, file, log))
                                .collect::<Result<Vec<_>>>()
                        });
                    }
                } else {
                    let what = "schemathesis, clients in Python, and the test of Python's library for webhooks";
                    stages.leave_out(what, "Python 3 with venv is missing");
                }
            }
            if options.wants_any(&["connections", "link", "demo", "e2e"]) {
                found.chromium = stages.perform("Chromium", |log| system::chromium(children, log));
            }
            for package in [web::DEMO, web::E2E] {
                if options.wants_any(&[package.name, "e2e"]) {
                    build(package, stages, children);
                }
            }
            for component in web::COMPONENTS {
                run_suite(component, options, stages, &found);
            }
            found
        });
        if options.wants("e2e") && web::has_specification() {
            scope.spawn(|| {
                stages.perform("Prism", |log| web::PRISM.install(children, log).map(|_| ()))
            });
        }
        if options.wants("fmt") {
            stages.run("cargo fmt", &mut fmt());
        }
        if options.wants("clippy") {
            scope.spawn(|| {
                stages.perform("cargo clippy", |log| {
                    // A crate is linted while another is compiled: in one folder they would wait for each other.
                    let mut command = clippy();
                    command.env("CARGO_TARGET_DIR", toolchain::scratch("clippy")?);
                    children.run_logged(command.env("CARGO_BUILD_JOBS", "1"), log)
                })
            });
        }
        if options.wants("rust") {
            stages.run(
                "build of the rust tests",
                rust_tests().args(TESTED).arg("--no-run"),
            );
        }
        if options.wants_any(&["api", "e2e"]) {
            surroundings.moorline = if options.wants("rust") {
                // Built for the tests, which start it too.
                Some(
                    toolchain::target()
                        .join(format!("debug/moorline{}", std::env::consts::EXE_SUFFIX)),
                )
            } else {
                stages.perform("build of the program", |log| {
                    toolchain::build_moorline(children, false, log)
                })
            };
        }
        if let Ok(found) = services.join() {
            surroundings.postgres = found.postgres;
            surroundings.chromium = found.chromium;
            surroundings.python = found.python;
            surroundings.clients = found.clients;
        }
    });
    Ok(surroundings)
}

fn build(package: Package, stages: &Stages<'_>, children: &Children) {
    let name = format!("build of web/{}", package.name);
    stages.perform(&name, |log| package.build(children, log).map(|_| ()));
}

/// Lists the files that differ; `cargo fmt` mends them.
fn fmt() -> Command {
    let mut command = cargo();
    command.args(["fmt", "--all", "--check", "--", "-l"]);
    command
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
        // Failures once more at the end, in the part of the log that is shown.
        command.args(["nextest", "run", "--failure-output", "immediate-final"]);
        // What a test that skips itself says is read from the log.
        command.args(["--success-output", "immediate"]);
        // Tests wait three times as long as they compute.
        let threads = 4 * std::thread::available_parallelism().map_or(2, usize::from);
        command.env("NEXTEST_TEST_THREADS", threads.to_string());
    } else {
        command.args(["test", "--lib", "--bins", "--tests"]);
    }
    command.arg("--locked");
    command
}

pub(crate) fn lint(children: &Children) -> Result<ExitCode> {
    toolchain::check_node()?;
    let stages = Stages::new(children)?;
    for component in web::COMPONENTS {
        build(component, &stages, children);
    }
    stages.run("cargo fmt", &mut fmt());
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

/// Random books that a soak pulls, and the random steps in each.
const ROUNDS_OF_BOOKS: usize = 5;
const STEPS_OF_BOOKS: usize = 12;

/// The story that needs browsers which `cargo xtask test` doesn't install.
const OTHER_BROWSERS: &str = "dist/stories/other-browsers.test.js";

fn random_seed() -> u32 {
    // The standard library's one source of randomness: each state has keys of its own.
    let random = RandomState::new().build_hasher().finish();
    u32::try_from(random >> 32).unwrap_or_default()
}

/// The long tests: the program killed in each of its phases, random books, every boundary of every operation, fuzz targets.
pub(crate) fn soak(options: &SoakOptions, children: &Children) -> Result<ExitCode> {
    ensure!(
        options.kills >= 12,
        "--kills is {}, and must be at least 12: one in each of six phases on each database",
        options.kills
    );
    let stages = Stages::new(children)?;
    let all = Options {
        only: vec!["rust".to_owned(), "api".to_owned()],
    };
    let surroundings = prepare(&all, &stages, children)?;
    let mut command = rust_tests();
    surroundings.pass_to(&mut command);
    command
        .args(["--package", "moorline", "kills::"])
        .env("MOORLINE_TEST_KILLS", (options.kills / 2).to_string());
    stages.run("kills", &mut command);
    // Without it, its drill says that it was skipped.
    let litestream = stages.perform("litestream", |log| {
        toolchain::python(children, "litestream.txt", log)
    });
    let mut command = rust_tests();
    surroundings.pass_to(&mut command);
    command
        .args([
            "--package",
            "platform",
            "renewing::model::exploring::no_schedule",
        ])
        .env("MOORLINE_TEST_MODEL", "large");
    stages.run("every schedule of a renewal", &mut command);
    let mut command = rust_tests();
    surroundings.pass_to(&mut command);
    if let Some(python) = litestream {
        command.env(
            "MOORLINE_TEST_LITESTREAM",
            python.with_file_name("litestream"),
        );
    }
    command.args(["--package", "moorline"]);
    command.args(match toolchain::has_nextest() {
        true => ["--run-ignored", "only"],
        false => ["--", "--ignored"],
    });
    stages.run("stories that wait for minutes", &mut command);
    for _ in 0..ROUNDS_OF_BOOKS {
        let seed = random_seed();
        let mut command = rust_tests();
        surroundings.pass_to(&mut command);
        command
            .args(["--package", "moorline", "random_books::"])
            .env("MOORLINE_TEST_SEED", seed.to_string())
            .env("MOORLINE_TEST_STEPS", STEPS_OF_BOOKS.to_string());
        stages.run(&format!("books of seed {seed}"), &mut command);
    }
    if let Some(programs) = stages.perform("build of the fuzz targets", |log| {
        fuzz::build(children, log)
    }) {
        for name in fuzz::TARGETS {
            let mut command = fuzz::target(&programs, name, options.fuzz)?;
            stages.run(&format!("fuzz {name}"), &mut command);
        }
    }
    let thorough = [
        "--thorough",
        "--requests",
        "10000",
        "--malformed",
        "10000",
        "--examples",
        "150",
    ];
    on_both_databases(&surroundings, "schemathesis", |database, place| {
        let flags = [&thorough[..], database].concat();
        run_schemathesis(&stages, &surroundings, &flags, place);
    });
    on_both_databases(&surroundings, "clients", |database, place| {
        let flags = [&["--thorough"][..], database].concat();
        run_clients(&stages, &surroundings, &flags, place);
    });
    for package in [web::DEMO, web::E2E] {
        build(package, &stages, children);
    }
    // Without them the stories say that they were skipped.
    stages.perform("Firefox and WebKit", |log| {
        system::other_browsers(children, log)
    });
    let mut command = web::E2E.npm(&["exec", "--", "node", "--test", OTHER_BROWSERS]);
    surroundings.pass_to(&mut command);
    stages.run("the journey in other browsers", &mut command);
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
