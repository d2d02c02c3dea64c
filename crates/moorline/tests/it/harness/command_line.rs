//! The program, run as an operator runs it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The program with these arguments, and no settings but those in `folder`.
pub fn moorline(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moorline"));
    command
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MOORLINE_")) {
        command.env_remove(name);
    }
    command
}

/// Runs the program to its end, with an empty standard input.
pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    moorline(folder, arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// Asserts that the program printed `words`, and returns all that it printed.
#[track_caller]
pub fn assert_prints(output: &Output, words: &str) -> String {
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(text.contains(words), "no \"{words}\" in: {text}");
    text
}
