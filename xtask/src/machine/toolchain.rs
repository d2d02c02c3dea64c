//! The project's folders, and its calls of cargo, node, npm and Python.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::machine::children::Children;

/// The oldest Node that the packages' tools run on.
const NODE: (u32, u32) = (20, 19);
/// The oldest Rust, as every crate of the workspace declares it.
const RUST: &str = env!("CARGO_PKG_RUST_VERSION");

pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// The folder of build output, which may be deleted at any time.
pub(crate) fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// A folder of this program's own below the target folder, made if missing.
pub(crate) fn scratch(name: &str) -> Result<PathBuf> {
    let folder = target().join("xtask").join(name);
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// Cargo in the project's root, without the variables that `cargo run` set for this program: build scripts that watch
/// them (ring's does) would run again at every change between `cargo build` and `cargo xtask`.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).env("CARGO_TERM_COLOR", "never");
    if env::var_os("CI").is_some() {
        // Nobody builds that checkout a second time.
        command.env("CARGO_INCREMENTAL", "0");
    }
    for (name, _) in env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        let is_ours = [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_BIN_",
            "CARGO_CRATE_",
        ]
        .iter()
        .any(|prefix| text.starts_with(prefix))
            || matches!(text, "CARGO" | "CARGO_PRIMARY_PACKAGE" | "OUT_DIR");
        if is_ours {
            command.env_remove(name);
        }
    }
    command
}

pub(crate) fn has_nextest() -> bool {
    answers(cargo().args(["nextest", "--version"]))
}

/// True if jemalloc can be built: it brings a configure script, and wants make beside the C compiler.
pub(crate) fn has_make() -> bool {
    cfg!(unix) && answers(Command::new("make").arg("--version"))
}

/// The flags of a build for real use.
pub(crate) fn released() -> Vec<&'static str> {
    match has_make() {
        true => vec!["--release", "--features", "moorline/jemalloc"],
        false => vec!["--release"],
    }
}

fn answers(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// True if there is a Python that can make virtual environments.
pub(crate) fn has_python() -> bool {
    answers(Command::new("python3").args(["-c", "import venv, ensurepip"]))
}

/// A Python of this project's own, with the libraries that a file below `crates/moorline/tests` lists. Several, since other
/// parties' clients want different versions of the same libraries.
pub(crate) fn python(children: &Children, requirements: &str, log: &Path) -> Result<PathBuf> {
    let name = requirements.replace(['/', '.'], "-");
    let requirements = root().join("crates/moorline/tests").join(requirements);
    let wanted = std::fs::read_to_string(&requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    let folder = scratch(&format!("python/{name}"))?;
    let python = folder.join("bin/python");
    // Written after everything in it was installed.
    let stamp = folder.join("requirements.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(python);
    }
    let mut make = Command::new("python3");
    make.args(["-m", "venv", "--clear"]).arg(&folder);
    let mut install = Command::new(&python);
    install
        .args(["-m", "pip", "install", "--quiet"])
        .args(["--disable-pip-version-check", "--requirement"])
        .arg(&requirements);
    for (name, command) in [
        ("python3 -m venv", &mut make),
        ("pip install", &mut install),
    ] {
        ensure!(
            children.run_logged(command, log)?,
            "`{name}` failed:\n{}",
            tail(log, 20)
        );
    }
    std::fs::write(stamp, wanted)?;
    Ok(python)
}

/// Checks what every command builds with, before the first minute is spent on it.
pub(crate) fn check_compilers() -> Result<()> {
    let hint = format!("Install Rust {RUST} or newer (https://rustup.rs): rustup update stable");
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = output_of(Command::new(rustc).arg("--version"))
        .with_context(|| format!("`rustc` is missing. {hint}"))?;
    let found = version.strip_prefix("rustc ").and_then(numbers);
    ensure!(
        found >= numbers(RUST),
        "this is {version}, which is too old. {hint}"
    );
    if cfg!(unix) {
        let compiler = env::var_os("CC").unwrap_or_else(|| "cc".into());
        ensure!(
            answers(Command::new(&compiler).arg("--version")),
            "there is no C compiler (`{}`), with which SQLite and ring are built. Install one: `apt install build-essential`, or on a \
             Mac `xcode-select --install`",
            compiler.display()
        );
    }
    Ok(())
}

/// Checks that node and npm are there and new enough.
pub(crate) fn check_node() -> Result<()> {
    let (major, minor) = NODE;
    let hint =
        format!("Install Node.js {major}.{minor} or newer, which brings npm (https://nodejs.org).");
    let version = output_of(Command::new("node").arg("--version"))
        .with_context(|| format!("`node` is missing. {hint}"))?;
    let found = version
        .strip_prefix('v')
        .and_then(numbers)
        .with_context(|| format!("`node --version` printed {version:?}. {hint}"))?;
    ensure!(
        found >= NODE,
        "`node` is {version}, which is too old. {hint}"
    );
    ensure!(
        answers(Command::new("npm").arg("--version")),
        "`npm` is missing. {hint}"
    );
    Ok(())
}

/// The first two numbers of a version, `20.19.2` or `1.94.0 (a date)`.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split(['.', ' ', '-']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// A command's standard output, trimmed; an error if the command failed.
pub(crate) fn output_of(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Builds the `moorline` program and returns its path.
pub(crate) fn build_moorline(children: &Children, release: bool, log: &Path) -> Result<PathBuf> {
    let mut command = cargo();
    command.args([
        "build",
        "--package",
        "moorline",
        "--bin",
        "moorline",
        "--locked",
    ]);
    command.arg("--message-format=json-render-diagnostics");
    if release {
        command.args(released());
    }
    let _ = std::fs::remove_file(log);
    if !children.run_logged(&mut command, log)? {
        bail!(
            "`cargo build --package moorline` failed:\n{}",
            tail(log, 60)
        );
    }
    let text = std::fs::read_to_string(log)?;
    text.lines()
        .filter_map(executable)
        .next_back()
        .context("cargo's messages name no executable for the package `moorline`")
}

fn executable(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    Some(PathBuf::from(message.get("executable")?.as_str()?))
}

/// The last lines of a log, without cargo's JSON messages.
pub(crate) fn tail(log: &Path, lines: usize) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("{\"reason\""))
        .collect();
    kept[kept.len().saturating_sub(lines)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_workspace() {
        assert!(root().join("Cargo.lock").is_file());
    }

    #[test]
    fn versions_are_compared_by_their_first_two_numbers() {
        assert_eq!(numbers("20.20.2"), Some((20, 20)));
        assert_eq!(numbers("1.94.0-nightly (a date)"), Some((1, 94)));
        assert_eq!(numbers("20"), None);
        assert!(numbers("20.9.0") < Some(NODE) && numbers("22.1.0") > Some(NODE));
        assert!(numbers(RUST).is_some());
    }

    #[test]
    fn this_machine_has_what_the_tests_were_built_with() {
        check_compilers().unwrap();
    }

    #[test]
    fn the_program_is_found_among_cargos_messages() {
        let line = r#"{"reason":"compiler-artifact","executable":"/x/moorline"}"#;
        assert_eq!(executable(line), Some(PathBuf::from("/x/moorline")));
        assert_eq!(
            executable(r#"{"reason":"compiler-artifact","executable":null}"#),
            None
        );
        assert_eq!(executable("   Compiling moorline"), None);
    }
}
