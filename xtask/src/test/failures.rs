//! Failed tests, cut out of the output of node's test runner: suites run side by side, so its end rarely shows them.

/// Each `not ok` of TAP with its account (the YAML block below it), outermost suites last.
/// Empty if the output isn't TAP, or has no failure in it.
pub(crate) fn read(output: &str) -> String {
    let mut found = String::new();
    let mut lines = output.lines().peekable();
    while let Some(line) = lines.next() {
        if !line.trim_start().starts_with("not ok ") {
            continue;
        }
        push(&mut found, line);
        let indent = line.len() - line.trim_start().len();
        let account = " ".repeat(indent + 2);
        if lines.peek() != Some(&format!("{account}---").as_str()) {
            continue;
        }
        for line in lines.by_ref() {
            push(&mut found, line);
            if line.strip_prefix(&account) == Some("...") {
                break;
            }
        }
    }
    found
}

fn push(found: &mut String, line: &str) {
    found.push_str(line);
    found.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_shown_with_its_account_and_without_its_neighbours() {
        let output = "\
TAP version 13
# Subtest: the journey
    # Subtest: connects
    ok 1 - connects
      ---
      duration_ms: 1
      ...
    # Subtest: syncs
    not ok 2 - syncs
      ---
      error: 'nothing came'
      ...
    1..2
not ok 1 - the journey
  ---
  error: '1 subtest failed'
  ...
ok 2 - faults
";
        assert_eq!(
            read(output),
            "    not ok 2 - syncs
      ---
      error: 'nothing came'
      ...
not ok 1 - the journey
  ---
  error: '1 subtest failed'
  ...
"
        );
        assert_eq!(read("ok 1 - all is well\n"), "");
    }
}
