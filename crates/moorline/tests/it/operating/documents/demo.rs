//! The demo, the walk that it prints, and the control of its sandbox.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::{README, WEBHOOKS, blocks};
use crate::harness::command_line::{assert_prints, moorline, run};
use crate::harness::{ports, story};

const CONTROL: &str = include_str!("../../../../../sandbox/CONTROL.md");

/// A running demo, killed when it is dropped.
struct Demo(Child);

impl Demo {
    fn start(folder: &Path, port: &str, sandbox_port: &str) -> (Self, Value) {
        let arguments = [
            "demo",
            "--json",
            "--data",
            "data",
            "--port",
            port,
            "--sandbox-port",
            sandbox_port,
        ];
        let mut child = moorline(folder, &arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        (Self(child), serde_json::from_str(&line).unwrap())
    }

    /// Sends SIGTERM, as a service manager does; the program must end by itself, with success.
    fn stop(mut self) {
        let id = self.0.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        let began = std::time::Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return;
            }
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "it does not stop"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_second_demo_finds_the_first_ones_key_and_a_busy_port_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (port, sandbox_port) = (ports::free().to_string(), ports::free().to_string());
    let (first, printed) = Demo::start(folder.path(), &port, &sandbox_port);
    let busy = run(
        folder.path(),
        &[
            "demo",
            "--data",
            "other",
            "--port",
            &port,
            "--sandbox-port",
            &sandbox_port,
        ],
    );
    assert_prints(
        &busy,
        &format!("port {port} is in use; stop what uses it, or choose another with --port"),
    );
    assert!(!busy.status.success() && !folder.path().join("other").exists());
    first.stop();
    let (second, again) = Demo::start(folder.path(), &port, &sandbox_port);
    assert_eq!(printed, again);
    second.stop();
}

#[test]
fn the_demo_prints_the_walk_of_the_readme_and_each_of_its_commands_works() {
    let folder = tempfile::tempdir().unwrap();
    let (port, sandbox_port) = (ports::free().to_string(), ports::free().to_string());
    let arguments = [
        "demo",
        "--data",
        "demo-data",
        "--port",
        &port,
        "--sandbox-port",
        &sandbox_port,
    ];
    let mut child = Demo(
        moorline(folder.path(), &arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let mut text = String::new();
    for line in BufReader::new(child.0.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        text.push_str(&format!("{line}\n"));
        if line.starts_with("Ctrl-C") {
            break;
        }
    }
    let (_, walk) = text.split_once("another terminal:\n\n").unwrap();
    let (walk, _) = walk.split_once("\nCtrl-C").unwrap();
    let (_, readme) = README.split_once("## The journey, with curl").unwrap();
    let (_, readme) = readme.split_once("```sh\n").unwrap();
    let (readme, _) = readme.split_once("```").unwrap();
    let address = format!("http://localhost:{port}");
    let readme = readme.replace("http://localhost:7400", &address);
    let without_key = |text: &str| -> Vec<String> {
        let is_key = |line: &&str| line.starts_with("export KEY=");
        let lines = text.lines().filter(|line| !is_key(line));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(without_key(walk), without_key(&readme));
    let webhooks = &blocks(WEBHOOKS)[0].replace("http://localhost:7400", &address);
    // As printed, and as the documents have it: every command works, one after the other.
    for script in [walk, &readme, webhooks] {
        assert_eq!(script.matches("export KEY=").count(), 1, "{script}");
        let reporting = "curl() { command curl -w '%{stderr}%{http_code}\\n' \"$@\"; }";
        let ran = Command::new("sh")
            .args(["-c", &format!("{reporting}\n{script}")])
            .current_dir(folder.path())
            .env("no_proxy", "localhost")
            .output()
            .unwrap();
        let statuses = String::from_utf8_lossy(&ran.stderr).into_owned();
        let statuses: Vec<&str> = statuses.lines().collect();
        let expected: Vec<&str> = script
            .lines()
            .filter(|line| line.contains("curl -s "))
            .map(|command| match command {
                // Nothing is linked yet: there are no invoices to read, and no consent to end.
                command if command.contains("/data/invoices") => "404",
                command if command.contains("-X PATCH") => "400",
                _ => "200",
            })
            .collect();
        let shown = String::from_utf8_lossy(&ran.stdout).into_owned();
        if script == webhooks {
            assert_eq!(statuses, ["201", "200", "202"], "{ran:?}");
            assert!(shown.contains("whsec_"), "no secret in {shown}");
            continue;
        }
        assert!(expected.len() >= 10, "{script}");
        assert_eq!(statuses, expected, "{ran:?}");
        let link = format!("{address}/");
        assert!(shown.contains(&link), "no link URL in {shown}");
    }
    // The sandbox's control.
    let control =
        blocks(CONTROL)[0].replace("127.0.0.1:7410", &format!("127.0.0.1:{sandbox_port}"));
    let ran = Command::new("sh")
        .args([
            "-e",
            "-c",
            &format!("curl() {{ command curl -sf \"$@\"; }}\n{control}"),
        ])
        .env("no_proxy", "127.0.0.1")
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    let armed = String::from_utf8_lossy(&ran.stdout);
    assert!(
        armed.contains("api_rate_limit") && armed.contains("outage"),
        "{armed}"
    );
    child.stop();
}

/// The last block of the sandbox's page, with the URL that a customer was really sent to.
const ANSWERING: &str = "http://127.0.0.1:7410/oauth/authorize?response_type=code&…";

story!(
    a_customers_consent_is_answered_without_a_browser_as_printed,
    |world| async move {
        let company = world.company("merchant-42").await;
        let connection = world.connection(&company, "mqjo").await;
        let link = connection["linkUrl"].as_str().unwrap();
        let sent_to = world.customer().set_out(link).await;
        let control = blocks(CONTROL)[1];
        assert!(control.contains(ANSWERING), "{control}");
        let sandbox = world.sandbox.as_str().trim_end_matches('/');
        let script = control
            .replace(ANSWERING, &sent_to)
            .replace("http://127.0.0.1:7410", sandbox);
        let run = move || {
            Command::new("sh")
                .args([
                    "-e",
                    "-c",
                    &format!("curl() {{ command curl -sf \"$@\"; }}\n{script}"),
                ])
                .env("no_proxy", "127.0.0.1")
                .output()
                .unwrap()
        };
        let ran = tokio::task::spawn_blocking(run).await.unwrap();
        assert!(ran.status.success(), "{ran:?}");
        let answer: Value = serde_json::from_slice(&ran.stdout).unwrap();
        let back = answer["redirect_to"].as_str().unwrap();
        for part in ["/oauth/mqjo/callback?", "code=", "state=", "iss="] {
            assert!(back.contains(part), "{back}");
        }
    }
);
