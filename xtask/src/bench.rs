//! `cargo xtask bench`: builds everything with optimizations and lets `crates/bench` measure it.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Result, ensure};
use clap::Args;

use crate::machine::children::Children;
use crate::machine::system::Postgres;
use crate::machine::toolchain;
use crate::web;

#[derive(Args)]
pub(crate) struct Options {
    /// Number of companies, three connections each; one measurement for each size
    #[arg(long, default_value = "1000,200000,1000000", value_name = "N,…")]
    companies: String,
    /// Measure only the queue, and print the figures
    #[arg(long)]
    queue: bool,
    /// Connections over which the queue's clock is looked at, and earlier pulls of each
    #[arg(long, default_value_t = 200_000)]
    connections: usize,
    #[arg(long, default_value_t = 30)]
    history: usize,
    /// Pulls that are due before a first link and a write come
    #[arg(long, default_value_t = 20_000)]
    due: usize,
    /// A PostgreSQL server in place of the bench's own: one whose commits wait for the disk
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// Measure only the speed of the platforms' maps, and print it
    #[arg(long)]
    maps: bool,
}

/// Measures, and writes docs/PERFORMANCE.md.
pub(crate) fn run(options: &Options, children: &Children) -> Result<ExitCode> {
    let log = toolchain::scratch("logs")?.join("bench.log");
    if options.maps {
        eprintln!("Building with optimizations (minutes) …");
        build(children, &log)?;
        let mut bench = Command::new(toolchain::target().join("release/bench"));
        let status = children
            .spawn(bench.arg("maps").stdout(Stdio::inherit()))?
            .wait()?;
        ensure!(
            status.success(),
            "measuring failed with {status}; the reason is above"
        );
        return Ok(ExitCode::SUCCESS);
    }
    toolchain::check_node()?;
    for component in web::COMPONENTS {
        component.build(children, &log)?;
    }
    eprintln!("Building with optimizations (minutes) …");
    let program = toolchain::build_moorline(children, true, &log)?;
    build(children, &log)?;
    let own;
    let postgres = match &options.postgres {
        Some(url) => url,
        None => {
            own = Postgres::start(children, &log)?;
            &own.url
        }
    };
    let mut bench = Command::new(toolchain::target().join("release/bench"));
    bench
        .arg(if options.queue { "queue" } else { "measure" })
        .arg("--program")
        .arg(program)
        .arg("--postgres")
        .arg(postgres)
        .args(["--connections", &options.connections.to_string()])
        .args(["--history", &options.history.to_string()])
        .args(["--due", &options.due.to_string()])
        .stdout(Stdio::inherit());
    if !options.queue {
        bench
            .arg("--docs")
            .arg(toolchain::root().join("docs"))
            .arg("--companies")
            .arg(&options.companies);
    }
    let status = children.spawn(&mut bench)?.wait()?;
    ensure!(
        status.success(),
        "measuring failed with {status}; the reason is above"
    );
    if !options.queue {
        println!("The figures are in docs/PERFORMANCE.md");
    }
    Ok(ExitCode::SUCCESS)
}

fn build(children: &Children, log: &Path) -> Result<()> {
    // The same crates with the same features as the program, so that one build serves both.
    let mut command = toolchain::cargo();
    command.args([
        "build",
        "--locked",
        "--package",
        "bench",
        "--package",
        "moorline",
    ]);
    let built = children.run_logged(command.args(toolchain::released()), log)?;
    ensure!(
        built,
        "the bench could not be built:\n{}",
        toolchain::tail(log, 30)
    );
    Ok(())
}
