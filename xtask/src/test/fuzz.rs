//! Parsers of untrusted text, run on input that libFuzzer generates (`crates/fuzz`).

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::machine::children::Children;
use crate::machine::toolchain::{self, cargo, output_of};

/// The programs of `crates/fuzz`.
pub(crate) const TARGETS: [&str; 2] = ["query", "redirects"];

/// Coverage for libFuzzer: the flags that cargo-fuzz passes without a sanitizer. A stable compiler takes them, and code
/// without `unsafe` needs no sanitizer.
const COVERAGE: [&str; 6] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// Builds the targets and gives the folder of their programs. libFuzzer is C++, so a compiler for that is needed.
pub(crate) fn build(children: &Children, log: &Path) -> Result<PathBuf> {
    let host = output_of(Command::new("rustc").args(["--print", "host-tuple"]))
        .context("`rustc --print host-tuple` failed, so the build's target is unknown")?;
    let target = toolchain::scratch("fuzz")?;
    let mut command = cargo();
    command
        .args(["build", "--package", "fuzz", "--bins", "--locked"])
        // With a target named, build scripts and macros are built without the flags.
        .args(["--target", &host, "--target-dir"])
        .arg(&target)
        .env("CARGO_ENCODED_RUSTFLAGS", COVERAGE.join("\u{1f}"));
    ensure!(
        children.run_logged(&mut command, log)?,
        "the fuzz targets don't build:\n{}",
        toolchain::tail(log, 40)
    );
    Ok(target.join(host).join("debug"))
}

/// Runs one for `seconds`, from the corpus of earlier runs. An input that breaks it is left in `fuzz/broken`.
pub(crate) fn target(programs: &Path, name: &str, seconds: u32) -> Result<Command> {
    let corpus = toolchain::scratch(&format!("fuzz/corpus/{name}"))?;
    let broken = toolchain::scratch("fuzz/broken")?;
    let mut command = Command::new(programs.join(name));
    command
        .current_dir(toolchain::root())
        .arg(format!("-max_total_time={seconds}"))
        .args(["-max_len=4096", "-timeout=10", "-print_final_stats=1"])
        .arg(format!("-dict=crates/fuzz/dictionaries/{name}.dict"))
        .arg(format!("-artifact_prefix={}/{name}-", broken.display()))
        .arg(corpus);
    Ok(command)
}
