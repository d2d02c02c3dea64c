//! The command that plays a customer's computer, from the file and the password of the link page.

use std::io::Write;
use std::process::Stdio;
use std::sync::Arc;

use serde_json::Value;

use super::begun;
use crate::harness::command_line::moorline;
use crate::harness::{World, story};

story!(
    the_demos_computer_links_its_made_up_company_and_its_books_agree,
    |world| async move {
        let mut customer = world.customer();
        let begun = begun(&world, &mut customer).await;
        let origin = world.platform.origin().ascii_serialization();
        let path = begun.address("/setup/file");
        let file = customer.open(&format!("{origin}{path}")).await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("moorline.qwc"), &file.body).unwrap();

        let said = play(
            &world,
            folder.path(),
            begun.password(),
            &["--once", "--json"],
        )
        .await;
        let steps: Vec<Value> = (said.lines())
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(steps[0]["company"], "Alder Ridge Wholesale Inc.", "{said}");
        let last = steps.last().unwrap();
        assert_eq!(
            (&last["step"], &last["wentWell"]),
            (&"ended".into(), &true.into()),
            "{said}"
        );
        assert!(steps.iter().any(|step| step["asked"] == "Invoice"));

        assert_eq!(
            world.status_of(&begun.company, &begun.connection).await,
            "Linked"
        );
        for pull in world.settled(&begun.company).await {
            let status = pull["status"].as_str().unwrap();
            assert!(matches!(status, "Complete" | "NotSupported"), "{pull}");
        }
        let path = format!("/companies/{}/data/invoices", begun.company);
        assert!(
            world.get(&path).await.ok()["totalResults"]
                .as_i64()
                .unwrap()
                > 100
        );
        let path = format!("{}/reconciliation", begun.path());
        let found = world.get(&path).await.ok();
        let tests = found["tests"].as_array().unwrap();
        let results = |result: &str| tests.iter().filter(|test| test["result"] == result).count();
        assert_eq!(results("failed"), 0, "{found:#}");
        assert!(results("passed") > 0, "{found:#}");

        let said = play(&world, folder.path(), "a guess", &["--once"]).await;
        assert!(said.contains("open the link again"), "{said}");
    }
);

/// All that the command prints.
async fn play(
    world: &Arc<World>,
    folder: &std::path::Path,
    password: &str,
    flags: &[&str],
) -> String {
    assert!(world.platform.host_str().is_some());
    let arguments = [&["demo-machine", "moorline.qwc"], flags].concat();
    let mut child = moorline(folder, &arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{password}").unwrap();
    drop(input);
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
    let output = output.await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output.status.success() {
        true => text(&output.stdout),
        false => text(&output.stderr),
    }
}
