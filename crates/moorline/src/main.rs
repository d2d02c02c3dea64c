//! Parse the arguments, run one command.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let command = moorline::cli::Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(command.run()),
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("moorline: {error:#}");
            ExitCode::FAILURE
        }
    }
}
