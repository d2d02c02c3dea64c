//! The stages of a test run: outcome and duration of each, and the table at the end.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use parking_lot::Mutex;

use crate::machine::children::Children;
use crate::machine::toolchain;
use crate::test::counts::{self, Counts};
use crate::test::failures;

/// Interval between the reports of a stage that still runs.
const PULSE: Duration = Duration::from_secs(30);
/// Lines of a failed stage's log that are shown.
const SHOWN: usize = 150;

pub(crate) struct Stages<'a> {
    children: &'a Children,
    logs: PathBuf,
    done: Mutex<Vec<Stage>>,
    left_out: Mutex<Vec<String>>,
}

struct Stage {
    name: String,
    took: Duration,
    succeeded: bool,
    counts: Counts,
    /// The tests that were skipped, with their reasons, as far as the runner names them.
    skips: Vec<String>,
}

impl<'a> Stages<'a> {
    pub(crate) fn new(children: &'a Children) -> Result<Self> {
        let logs = toolchain::scratch("logs")?;
        Ok(Self {
            children,
            logs,
            done: Mutex::new(Vec::new()),
            left_out: Mutex::default(),
        })
    }

    /// Notes what this run leaves out, and why; it is named at the end.
    pub(crate) fn leave_out(&self, what: &str, why: &str) {
        println!("  {what}: left out, {why}");
        self.left_out.lock().push(format!("{what}: {why}"));
    }

    /// Runs a command as a stage; test runners' closing lines in its output are counted.
    pub(crate) fn run(&self, name: &str, command: &mut Command) -> bool {
        let children = self.children;
        self.perform(name, |log| children.run_logged(command, log))
            .unwrap_or(false)
    }

    /// Does some work as a stage, with a log of its own; `None` if it failed.
    pub(crate) fn perform<T: Verdict>(
        &self,
        name: &str,
        work: impl FnOnce(&Path) -> Result<T>,
    ) -> Option<T> {
        let log = self
            .logs
            .join(format!("{}.log", name.replace(['/', ' '], "-")));
        let _ = std::fs::remove_file(&log);
        println!("▶ {name}");
        let began = Instant::now();
        let pulse = Pulse::start(name, &log, began);
        let outcome = work(&log);
        drop(pulse);
        self.children.be_silent_while_stopping();
        let took = began.elapsed();

        let output = std::fs::read(&log).unwrap_or_default();
        let output = String::from_utf8_lossy(&output);
        let mut counts = counts::read(&output);
        let succeeded = outcome.as_ref().is_ok_and(Verdict::is_good) && counts.failed == 0;
        if !succeeded && counts.failed == 0 {
            // A lint, a build or a runner that broke off is a failure even if no test was counted.
            counts.failed = 1;
        }
        let mark = if succeeded { "✔" } else { "✘" };
        println!("{mark} {name}  {}{}", duration(took), counted(counts));
        match &outcome {
            Err(error) => println!("{error:#}"),
            Ok(_) if !succeeded => match failures::read(&output) {
                "" => println!(
                    "  the end of {}:\n{}\n",
                    log.display(),
                    toolchain::tail(&log, SHOWN)
                ),
                failures => println!("  failures in {}:\n{failures}", log.display()),
            },
            Ok(_) => {}
        }
        let stage = Stage {
            name: name.to_owned(),
            took,
            succeeded,
            counts,
            skips: counts::skips(&output),
        };
        self.done.lock().push(stage);
        outcome.ok().filter(|_| succeeded)
    }

    /// Prints the table and, as the last line, the sums; true if nothing failed.
    pub(crate) fn conclude(self) -> bool {
        let done = self.done.into_inner();
        let width = done
            .iter()
            .map(|stage| stage.name.chars().count())
            .max()
            .unwrap_or(0);
        println!();
        for stage in &done {
            let mark = if stage.succeeded { "✔" } else { "✘" };
            println!(
                "{mark} {:width$}  {:>9}{}",
                stage.name,
                duration(stage.took),
                counted(stage.counts)
            );
        }
        println!();
        let left_out = self.left_out.into_inner();
        for line in left_out.into_iter().chain(done.iter().flat_map(skipped)) {
            println!("skipped: {line}");
        }
        println!("{}", done.iter().map(|stage| stage.counts).sum::<Counts>());
        !done.is_empty() && done.iter().all(|stage| stage.succeeded)
    }
}

/// What a stage skipped: by name if its runner gives names, else its number.
fn skipped(stage: &Stage) -> Vec<String> {
    let (name, number) = (&stage.name, stage.counts.skipped as usize);
    let mut lines: Vec<String> = stage
        .skips
        .iter()
        .map(|skip| format!("{name}: {skip}"))
        .collect();
    if let Some(others) = number.checked_sub(lines.len()).filter(|others| *others > 0) {
        lines.push(format!(
            "{name}: {others} that wait for minutes or are about another part (`cargo xtask soak` runs the former)"
        ));
    }
    lines
}

/// Result of a stage's work.
pub(crate) trait Verdict {
    fn is_good(&self) -> bool;
}

impl Verdict for bool {
    fn is_good(&self) -> bool {
        *self
    }
}

impl Verdict for () {
    fn is_good(&self) -> bool {
        true
    }
}

impl Verdict for PathBuf {
    fn is_good(&self) -> bool {
        true
    }
}

impl Verdict for String {
    fn is_good(&self) -> bool {
        true
    }
}

impl Verdict for Vec<PathBuf> {
    fn is_good(&self) -> bool {
        true
    }
}

impl Verdict for crate::machine::system::Postgres {
    fn is_good(&self) -> bool {
        true
    }
}

fn counted(counts: Counts) -> String {
    if counts.is_empty() {
        String::new()
    } else {
        format!("  {counts}")
    }
}

fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

/// Reports every [`PULSE`] that a stage still runs, with the last line of its log.
struct Pulse(Arc<AtomicBool>);

impl Pulse {
    fn start(name: &str, log: &Path, began: Instant) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let (name, log, ending) = (name.to_owned(), log.to_owned(), Arc::clone(&ended));
        std::thread::spawn(move || {
            loop {
                std::thread::park_timeout(PULSE);
                if ending.load(Ordering::Relaxed) {
                    return;
                }
                let last: String = toolchain::tail(&log, 1).chars().take(100).collect();
                println!(
                    "  {name} still runs after {}: {}",
                    duration(began.elapsed()),
                    last.trim()
                );
            }
        });
        Self(ended)
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_readable() {
        assert_eq!(duration(Duration::from_millis(1_250)), "1.2 s");
        assert_eq!(duration(Duration::from_secs(125)), "2 min 05 s");
    }

    #[test]
    fn a_failure_before_any_test_is_still_one_failure() {
        let children = Children::start().unwrap();
        let stages = Stages::new(&children).unwrap();
        stages.run("unit check of a failing stage", &mut Command::new("false"));
        let done = stages.done.lock();
        assert_eq!(
            done[0].counts,
            Counts {
                passed: 0,
                failed: 1,
                skipped: 0
            }
        );
        assert!(!done[0].succeeded);
        drop(done);
        children.stop_all();
    }

    #[test]
    fn a_runner_that_reports_a_failure_fails_its_stage_whatever_its_exit_code() {
        let children = Children::start().unwrap();
        let stages = Stages::new(&children).unwrap();
        let mut command = Command::new("echo");
        command.arg("test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured");
        assert!(!stages.run("unit check of a forgiving runner", &mut command));
        children.stop_all();
    }
}
