//! Parse the arguments, run one command.

use std::process::ExitCode;

use clap::Parser;

/// The exit code that a shell reports for a program ended by a closed pipe: 128 and SIGPIPE's number.
const PIPE_CLOSED: i32 = 141;

fn main() -> ExitCode {
    exit_quietly_when_the_pipe_closes();
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
            eprintln!("moorline: {}", in_one_line(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error with its causes; one that the error before it quotes is not said again.
fn in_one_line(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

/// Exits without a stack trace when `moorline … | head` closes the pipe before all is printed: that is not a fault of the
/// program. The signal itself stays ignored: a server must outlive its clients.
fn exit_quietly_when_the_pipe_closes() {
    let previous_hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let message = panic.payload_as_str().unwrap_or_default();
        if message.starts_with("failed printing to stdout") && message.contains("Broken pipe") {
            std::process::exit(PIPE_CLOSED);
        }
        previous_hook(panic);
    }));
}
