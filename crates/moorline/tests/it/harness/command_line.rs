//! The program, called as an operator calls it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The program with these arguments, and with no settings but those in `folder`.
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

/// What it came to, with nobody at the keyboard.
pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    moorline(folder, arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// All that it said, with `words` somewhere in it.
#[track_caller]
pub fn says(output: &Output, words: &str) -> String {
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(text.contains(words), "no \"{words}\" in: {text}");
    text
}
