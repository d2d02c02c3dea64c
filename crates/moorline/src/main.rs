//! Parse the arguments, run one command.

use std::process::ExitCode;

use clap::Parser;

/// What a shell tells of a program that a closed pipe ended: 128 and SIGPIPE's number.
const PIPE_CLOSED: i32 = 141;

fn main() -> ExitCode {
    end_quietly_where_nobody_reads();
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

/// `moorline … | head` closes the pipe before all is printed. That is no fault of the program's, so no stack is shown. The
/// signal itself stays ignored: a server must outlive its clients.
fn end_quietly_where_nobody_reads() {
    let others = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let words = panic.payload_as_str().unwrap_or_default();
        if words.starts_with("failed printing to stdout") && words.contains("Broken pipe") {
            std::process::exit(PIPE_CLOSED);
        }
        others(panic);
    }));
}
