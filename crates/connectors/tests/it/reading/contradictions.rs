//! Manifests that contradict themselves.

use super::{MANIFEST, described};
use crate::stand::load;

#[test]
fn a_manifest_that_contradicts_itself_is_refused_with_what_is_wrong() {
    for (theirs, instead, reported) in [
        (
            "${offset} maxresults",
            "1 maxresults",
            "${offset} must stand in its path, query, headers or body",
        ),
        (
            "A = 1${since}",
            "A = 1",
            "${since} must stand in its path, query, headers or body",
        ),
        (
            "\"${place}\"",
            "\"north\"",
            "${place} must stand in its path, query, headers or body",
        ),
        ("method = \"POST\"", "", "has a body"),
        ("name = \"place\"", "name = \"cursor\"", "a name of its own"),
        (
            "when = \"changes\"",
            "when = \"sometimes\"",
            "there may be always, changes, whole",
        ),
        (
            "type = \"bankTransactions\"",
            "type = \"journals\"",
            "listed as unsupported and elsewhere too",
        ),
        (
            "links?event=${event}",
            "links?tenant=${tenant}",
            "which only its own answer brings",
        ),
        (
            "\"tenant\", \"link\"",
            "\"offset\", \"link\"",
            "a reserved name",
        ),
        (
            "/links/${link}",
            "/links/${access_token}",
            "must not carry a secret",
        ),
        (
            "next = \"more.link\", full = 4",
            "next = \"more.link\"",
            "needs the most records that are gathered (`full`)",
        ),
        (
            "error_message = [\"Fault.Error.0.Message\", \"Detail\"]",
            "refusals = [{ status = 404, means = \"empty\" }]",
            "empty is said of one list",
        ),
        (
            "{ body = \"query",
            "{ header = \"X\", body = \"query",
            "exactly one of",
        ),
    ] {
        let manifest = MANIFEST.replacen(theirs, instead, 1);
        assert_ne!(manifest, MANIFEST, "{theirs}");
        let problem =
            load(&described(&manifest), &[("host", "http://a.example")]).expect_err(reported);
        assert!(problem.message.contains(reported), "{reported}: {problem}");
        if reported.contains("`full`") {
            assert!(problem.line.is_some(), "{problem}");
        }
    }
    let changes_only = MANIFEST.replacen(
        "path = \"/query\"",
        "when = \"changes\"\npath = \"/query\"",
        1,
    );
    let problem = load(&described(&changes_only), &[("host", "http://a.example")]).unwrap_err();
    assert!(
        problem
            .message
            .contains("no list of invoices is read in every pull"),
        "{problem}"
    );
}
