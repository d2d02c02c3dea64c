//! The commands that the README names: `cargo xtask demo`, `cargo xtask test` and the others.

mod bench;
mod build;
mod demo;
mod machine;
mod pictures;
mod test;
mod web;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::machine::children::Children;
use crate::machine::toolchain;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Moorline's project commands")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything, start the platform, the sandbox and the demo lender, and stay up until Ctrl-C
    Demo(demo::Options),
    /// Build the program for real use, with both components inside, and print its path
    Build,
    /// Run every test and every lint, first installing or starting missing services
    Test(test::Options),
    /// Run only the lints: formatting, clippy, TypeScript
    Lint,
    /// Run the long tests: a thousand kills, fuzz targets, ten thousand requests
    Soak(test::SoakOptions),
    /// Measure the program's throughput and latency, and write docs/PERFORMANCE.md
    Bench(bench::Options),
    /// Take the README's pictures again, into docs/images
    Screenshots(pictures::Options),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let children = match Children::start() {
        Ok(children) => children,
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = toolchain::check_compilers().and_then(|()| match arguments.command {
        Command::Demo(options) => demo::run(&options, &children),
        Command::Build => build::run(&children),
        Command::Test(options) => test::run(&options, &children),
        Command::Lint => test::lint(&children),
        Command::Soak(options) => test::soak(&options, &children),
        Command::Bench(options) => bench::run(&options, &children),
        Command::Screenshots(options) => pictures::run(&options, &children),
    });
    children.be_silent_while_stopping();
    children.stop_all();
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
