//! Failed tests, cut out of the output of node's test runner: its own list of them, which is longer than the end that is shown.

/// Heading of the runner's list of failures, with which its output ends.
const HEADING: &str = "✖ failing tests:";

/// Every failed test with its account. Empty if the output isn't the runner's, or has no failure in it.
pub(crate) fn read(output: &str) -> &str {
    output
        .split_once(HEADING)
        .map_or("", |(_, failures)| failures.trim_start_matches('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_shown_with_their_accounts_and_without_their_neighbours() {
        let output = "\
▶ the journey
  ✔ connects (1.5ms)
  ✖ syncs (2ms)
✖ the journey (4ms)
ℹ pass 1
ℹ fail 1

✖ failing tests:

test at journey.test.js:3:1
✖ syncs (2ms)
  Error: nothing came
";
        assert_eq!(
            read(output),
            "test at journey.test.js:3:1\n✖ syncs (2ms)\n  Error: nothing came\n"
        );
        assert_eq!(read("✔ all is well (1ms)\nℹ fail 0\n"), "");
    }
}
