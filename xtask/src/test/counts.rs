//! Numbers of passed, failed and skipped tests, read from a test runner's output.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) skipped: u32,
}

impl Counts {
    pub(crate) fn is_empty(self) -> bool {
        self == Self::default()
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Self::add)
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

/// Adds up every closing line of cargo test, nextest, node's test runner and Vitest. Rust's tests that skipped themselves, which
/// a runner counts as passed, are counted as skipped.
pub(crate) fn read(output: &str) -> Counts {
    let mut counts: Counts = output
        .lines()
        .map(|line| read_line(without_colours(line).trim_end()))
        .sum();
    let own = u32::try_from(skipped_by_themselves(output).len()).unwrap_or(u32::MAX);
    counts.passed = counts.passed.saturating_sub(own);
    counts.skipped += own;
    counts
}

/// Rust has no word for a test that can't run here: ours say `skipped: ` and the reason, and pass. nextest shows that below
/// the test's line: `PASS [   0.015s] (3/9) moorline::it operating::full_disk::…`.
fn skipped_by_themselves(output: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut passed = None;
    for line in output.lines().map(without_colours) {
        let line = line.trim();
        if line.starts_with("PASS [") {
            passed = line.rsplit(' ').next().map(str::to_owned);
        } else if let Some(why) = line.strip_prefix("skipped: ")
            && let Some(name) = passed.take()
        {
            found.push(format!("{name}: {why}"));
        }
    }
    found
}

/// The tests that a runner's output names as skipped, each with its reason.
pub(crate) fn skips(output: &str) -> Vec<String> {
    let lines = output.lines().map(without_colours);
    let skipped = lines.filter_map(|line| {
        // `﹣ a name (1.5ms) # the reason`, or `# SKIP` without one
        let (name, why) = line
            .trim_start()
            .strip_prefix("﹣ ")?
            .split_once("ms) # ")?;
        let (name, _) = name.rsplit_once(" (")?;
        Some(match why.trim() {
            "SKIP" => format!("{name}: no reason given"),
            why => format!("{name}: {why}"),
        })
    });
    skipped.chain(skipped_by_themselves(output)).collect()
}

fn read_line(line: &str) -> Counts {
    // At the line's beginning only: nextest shows a failed test's output indented, closing line included.
    if let Some(rest) = line.strip_prefix("test result:") {
        // test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
        let tail = rest.split_once(". ").map_or("", |(_, tail)| tail);
        return words(tail, ';');
    }
    let line = line.trim_start();
    if line.starts_with("Summary [") {
        // Summary [   0.013s] 3 tests run: 2 passed (1 slow), 1 failed, 2 skipped
        let tail = line.split_once("run: ").map_or("", |(_, tail)| tail);
        return words(tail, ',');
    }
    if let Some(rest) = line.strip_prefix("Tests ") {
        // Tests  1 failed | 3 passed | 1 skipped (5)
        return words(rest, '|');
    }
    // node --test: `ℹ pass 3`
    let Some(rest) = line.strip_prefix("ℹ ") else {
        return Counts::default();
    };
    let mut parts = rest.split(' ');
    let (Some(word), Some(Ok(number)), None) =
        (parts.next(), parts.next().map(str::parse), parts.next())
    else {
        return Counts::default();
    };
    match word {
        "pass" => Counts {
            passed: number,
            ..Counts::default()
        },
        "fail" | "cancelled" => Counts {
            failed: number,
            ..Counts::default()
        },
        "skipped" | "todo" => Counts {
            skipped: number,
            ..Counts::default()
        },
        _ => Counts::default(),
    }
}

/// Reads `3 passed (1 slow), 1 failed` and the like.
fn words(list: &str, separator: char) -> Counts {
    let mut counts = Counts::default();
    for item in list.split(separator) {
        let mut parts = item.split_whitespace();
        let (Some(Ok(number)), Some(word)) = (parts.next().map(str::parse::<u32>), parts.next())
        else {
            continue;
        };
        match word {
            "passed" => counts.passed += number,
            "failed" | "timed" | "exec" => counts.failed += number,
            "skipped" | "ignored" | "todo" => counts.skipped += number,
            _ => {}
        }
    }
    counts
}

fn without_colours(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' {
            // CSI sequences end with a letter.
            for rest in letters.by_ref() {
                if rest.is_ascii_alphabetic() {
                    break;
                }
            }
        } else {
            out.push(letter);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u32, failed: u32, skipped: u32) -> Counts {
        Counts {
            passed,
            failed,
            skipped,
        }
    }

    #[test]
    fn cargo_test_prints_a_line_per_binary_and_all_are_added() {
        let output = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
             test a ... ok\n\
             test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s";
        assert_eq!(read(output), counts(13, 2, 1));
    }

    #[test]
    fn nextest_summaries_count_slow_leaky_and_timed_out_tests_once() {
        let output = "     Summary [   1.2s] 9 tests run: 6 passed (2 slow, 1 leaky), 2 failed, 1 timed out, 4 skipped";
        assert_eq!(read(output), counts(6, 3, 4));
    }

    #[test]
    fn the_node_runner_is_read_in_both_its_formats() {
        assert_eq!(
            read("ℹ tests 6\nℹ suites 0\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 1\nℹ todo 0"),
            counts(3, 2, 1)
        );
        assert_eq!(
            read("ℹ tests 4\nℹ pass 4\nℹ fail 0\nℹ skipped 0"),
            counts(4, 0, 0)
        );
    }

    #[test]
    fn vitest_is_read_through_its_colours() {
        let output = "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[31m1 failed\u{1b}[39m\u{1b}[22m\u{1b}[2m | \u{1b}[22m\u{1b}[1m\u{1b}[32m7 passed\u{1b}[39m\u{1b}[22m\u{1b}[90m (8)\u{1b}[39m\nTest Files  2 passed (2)";
        assert_eq!(read(output), counts(7, 1, 0));
    }

    #[test]
    fn skipped_tests_are_named_with_their_reason() {
        let output = "▶ x\n  ✔ walks (1ms)\n  ﹣ flies (0.5ms) # there is no Chromium\n﹣ swims (0.5ms) # SKIP\n";
        assert_eq!(
            skips(output),
            ["flies: there is no Chromium", "swims: no reason given"]
        );
    }

    #[test]
    fn rust_tests_that_skip_themselves_are_skipped_and_named() {
        let output = "        PASS [   0.015s] (1/3) moorline::it a::flies
  stderr ───
    skipped: there is no PostgreSQL
    skipped: there is no PostgreSQL
        PASS [   0.011s] (2/3) moorline::it a::walks
  stderr ───
    a line that has skipped: nothing
        PASS [   0.011s] (3/3) moorline::it a::swims
     Summary [   1.2s] 3 tests run: 3 passed, 2 skipped";
        assert_eq!(skips(output), ["a::flies: there is no PostgreSQL"]);
        assert_eq!(read(output), counts(2, 0, 3));
    }

    #[test]
    fn prose_is_not_taken_for_counts() {
        assert_eq!(
            read("# pass the salt\n3 passed the door\n# fail"),
            counts(0, 0, 0)
        );
    }
}
