//! The first hour: from nothing to an answer, and what the program says on the way.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::harness::command_line::{assert_prints, moorline, run};
use crate::harness::{ports, postgres_database};

/// A running program, stopped as a service manager does it.
struct Serving(Child);

impl Serving {
    fn start(folder: &Path, port: u16) -> Self {
        let child = moorline(folder, &["serve"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let serving = Self(child);
        let began = Instant::now();
        while get(port, "/health", None).is_none() {
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "it does not serve"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        serving
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let id = self.0.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        let _ = self.0.wait();
    }
}

/// The answer to a GET, if one came.
fn get(port: u16, path: &str, key: Option<&str>) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let key = key.map(|key| format!("Authorization: Basic {}\r\n", STANDARD.encode(key)));
    let key = key.unwrap_or_default();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{key}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn begins_with_one_command(database: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (folder, port) = (folder.path(), ports::free());
    let (listen, public) = (
        format!("127.0.0.1:{port}"),
        format!("http://localhost:{port}"),
    );
    let begin = ["init", "--client", "Acme Lending", "--listen", &listen];
    let begin = [
        &begin[..],
        &["--public-url", &public, "--database-url", database],
    ]
    .concat();
    let begun = run(folder, &begin);
    let printed = assert_prints(&begun, "API key   ");
    assert!(begun.status.success(), "{printed}");
    assert!(
        printed.contains("moorline serve"),
        "what comes next: {printed}"
    );
    let key = printed
        .lines()
        .find_map(|line| line.strip_prefix("API key   "))
        .unwrap();
    let settings = std::fs::read_to_string(folder.join("moorline.toml")).unwrap();
    assert!(
        settings.contains(&format!("public_url = \"{public}\"")),
        "{settings}"
    );
    assert!(
        settings.contains("# workers = 4"),
        "every setting, with its default"
    );
    assert!(folder.join("moorline.key").is_file());
    assert_prints(&run(folder, &["doctor"]), "Nothing is wrong.");

    // Each command reads the same settings, wherever it is called.
    let elsewhere = tempfile::tempdir().unwrap();
    let file = folder.join("moorline.toml").display().to_string();
    let there = run(elsewhere.path(), &["clients", "list", "--config", &file]);
    assert_eq!(text(&there), text(&run(folder, &["clients", "list"])));
    assert_prints(&there, "Acme Lending");
    let made = run(
        elsewhere.path(),
        &["clients", "create", "Other", "--config", &file],
    );
    let database = database
        .strip_prefix("sqlite:")
        .map(|name| folder.join(name));
    if let Some(database) = database {
        assert_prints(&made, &format!("database sqlite:{}", database.display()));
    }
    let gone = run(folder, &["clients", "delete", "Other", "--yes"]);
    assert!(gone.status.success(), "{gone:?}");
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);

    let serving = Serving::start(folder, port);
    let answer = get(port, "/companies", Some(key)).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let front = get(port, "/", None).unwrap();
    assert!(
        front.starts_with("HTTP/1.1 200") && front.contains("href=\"/reference\""),
        "{front}"
    );
    drop(serving);

    let again = run(folder, &begin);
    assert_prints(&again, "exists already, and nothing was changed");
    assert!(!again.status.success());
    assert_eq!(
        std::fs::read_to_string(folder.join("moorline.toml")).unwrap(),
        settings
    );
}

#[test]
fn one_command_leads_from_nothing_to_an_answer_on_sqlite() {
    begins_with_one_command("sqlite:books.db");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_command_leads_from_nothing_to_an_answer_on_postgres() {
    let Some(database) = postgres_database().await else {
        return;
    };
    let began = tokio::task::spawn_blocking(move || begins_with_one_command(&database));
    began.await.unwrap();
}

#[test]
fn a_beginning_that_fails_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (arguments, words) in [
        (&["init"][..], "--client"),
        (
            &[
                "init",
                "--client",
                "Acme",
                "--database-url",
                "mysql://me:secret@db/x",
            ],
            "postgres://",
        ),
        (
            &[
                "init",
                "--client",
                "Acme",
                "--database-url",
                "sqlite:no/such/folder/x.db",
            ],
            "nothing was begun",
        ),
        (&["init", "--client", " "], "isn't blank"),
        (&["init", "--client", ""], "isn't blank"),
        (
            &["init", "--client", "A", "--database-url", "sqlite::memory:"],
            "would forget",
        ),
        (
            &[
                "init",
                "--client",
                "A",
                "--public-url",
                "moorline.example.com",
            ],
            "did you mean https://moorline.example.com?",
        ),
        (
            &[
                "init",
                "--client",
                "A",
                "--public-url",
                "https://me:secret@a.example",
            ],
            "a user or a password",
        ),
        (
            &["init", "--client", "A", "--listen", "7400"],
            "such as 127.0.0.1:7400",
        ),
    ] {
        let begun = run(folder, arguments);
        let printed = assert_prints(&begun, words);
        assert!(
            !begun.status.success() && !printed.contains("secret"),
            "{printed}"
        );
        let left: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
        assert!(left.is_empty(), "{arguments:?}: {left:?}");
    }
}

#[test]
fn a_beginning_describes_the_installation_that_it_makes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let begin = [
        "init",
        "--client",
        "Acme",
        "--database-url",
        "sqlite:flag.db",
    ];
    let differs = moorline(folder, &begin)
        .env("MOORLINE_DATABASE_URL", "sqlite:env.db")
        .output()
        .unwrap();
    assert!(!differs.status.success());
    assert_prints(&differs, "the variable MOORLINE_DATABASE_URL differ");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);

    // A variable is an answer; the port that is listened on is the one that links lead to.
    let begun = moorline(
        folder,
        &["init", "--client", "Acme", "--listen", "127.0.0.1:9017"],
    )
    .env("MOORLINE_DATABASE_URL", "sqlite:env.db")
    .output()
    .unwrap();
    assert_prints(&begun, "http://localhost:9017/reference");
    let settings = std::fs::read_to_string(folder.join("moorline.toml")).unwrap();
    for line in [
        "database_url = \"sqlite:env.db\"",
        "public_url = \"http://localhost:9017\"",
    ] {
        assert!(settings.contains(line), "{line}");
    }
    assert_prints(&run(folder, &["clients", "list"]), "Acme");
    let doctor = run(folder, &["doctor"]);
    assert_prints(&doctor, "no platform is enabled for Acme");

    // A command that is printed to be typed next means the same installation.
    let elsewhere = tempfile::tempdir().unwrap();
    let file = folder.join("moorline.toml").display().to_string();
    let nobody = "01900000-0000-7000-8000-000000000000";
    let asked = ["companies", "list", "--query", "name=", "--config", &file];
    assert_prints(&run(elsewhere.path(), &asked), "At character 6 of query");
    let asked = ["datasets", "refresh", nobody, "--config", &file];
    let refused = assert_prints(&run(elsewhere.path(), &asked), "there is no company");
    assert!(
        refused.contains(&format!("moorline companies list --config {file}")),
        "{refused}"
    );
}

#[test]
fn doctor_leaves_a_database_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("moorline.db"), "").unwrap();
    let printed = assert_prints(&run(folder, &["doctor"]), "migrations are pending");
    assert!(printed.contains("sqlite:moorline.db"), "{printed}");
    assert_eq!(std::fs::read(folder.join("moorline.db")).unwrap(), b"");
    let files = std::fs::read_dir(folder).unwrap().count();
    assert_eq!(files, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_to_an_empty_database_leaves_it_empty_on_postgres() {
    let Some(database) = postgres_database().await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let asked = moorline(folder, &["clients", "list"])
        .env("MOORLINE_DATABASE_URL", &database)
        .output()
        .unwrap();
    assert!(!asked.status.success());
    assert_prints(&asked, "is empty (by the variable MOORLINE_DATABASE_URL)");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
}

#[test]
fn messages_name_a_thing_once_and_have_no_colours_outside_of_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let made = moorline(folder, &["clients", "create", "Acme"])
        .env_remove("NO_COLOR")
        .env("MOORLINE_LOG__FILTER", "debug")
        .output()
        .unwrap();
    let logged = String::from_utf8_lossy(&made.stderr).into_owned();
    assert!(logged.contains("made a new key"), "{logged}");
    assert!(!logged.contains('\u{1b}'), "{logged:?}");
    for command in [&["doctor"][..], &["clients", "list"]] {
        let missing = run(folder, &[command, &["--config", "nowhere.toml"]].concat());
        let printed = assert_prints(&missing, "nowhere.toml can't be read");
        assert_eq!(printed.matches("No such file").count(), 1, "{printed}");
        let unknown = moorline(folder, command)
            .env("MOORLINE_DATABASE_URL", "mysql://db/x")
            .output()
            .unwrap();
        assert_prints(
            &unknown,
            "write sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME",
        );
    }
    let nowhere = moorline(folder, &["serve"])
        .env("MOORLINE_LISTEN", format!("127.0.0.1:{}", ports::free()))
        .env("MOORLINE_DATABASE_URL", "sqlite:no/such/folder.db")
        .output()
        .unwrap();
    assert_prints(&nowhere, "moorline: sqlite:no/such/folder.db: ");
    let archive = ["export", "--key-apart", "--out", "no/such/archive"];
    assert_prints(&run(folder, &archive), "moorline: no/such/archive: ");
    // Only a first client organisation begins one: a question from the wrong folder leaves nothing there.
    let wrong = tempfile::tempdir().unwrap();
    let asked = run(wrong.path(), &["clients", "list"]);
    assert_prints(&asked, "there is no database at moorline.db");
    assert_eq!(std::fs::read_dir(wrong.path()).unwrap().count(), 0);
}

#[test]
fn doctor_names_the_entry_that_is_not_a_folder_of_folders() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::create_dir_all(folder.join("empty/inner")).unwrap();
    std::fs::write(folder.join("file"), "").unwrap();
    let made = run(
        folder,
        &[
            "pack",
            "new",
            "fbrh",
            "--name",
            "Own",
            "--source-type",
            "accounting",
            "--in",
            "own",
        ],
    );
    assert!(made.status.success(), "{made:?}");
    std::fs::create_dir(folder.join("own/notes")).unwrap();
    let doctor = moorline(folder, &["doctor"])
        .env(
            "MOORLINE_INTEGRATIONS__DIRS",
            "[\"empty\", \"file\", \"own\"]",
        )
        .output()
        .unwrap();
    let printed = assert_prints(
        &doctor,
        "empty is not a folder of integrations: no folder in it",
    );
    assert!(
        printed.contains("integrations.dirs: file is not a folder"),
        "{printed}"
    );
    assert!(
        printed.contains("own/notes has no manifest.toml"),
        "{printed}"
    );
    let empty = run(folder, &["pack", "check", "empty"]);
    let printed = assert_prints(&empty, "there is no manifest.toml in this folder");
    assert_eq!(empty.status.code(), Some(1), "{printed}");
}

#[test]
fn a_client_organisation_is_renamed_and_deleted_on_record() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    run(folder, &["clients", "create", "Acme"]);
    run(folder, &["clients", "create", "Other"]);
    assert_prints(
        &run(folder, &["clients", "rename", "Acme", "Acme Ltd"]),
        "Acme Ltd",
    );
    assert_prints(
        &run(folder, &["keys", "list", "--client", "Acme Ltd"]),
        "first",
    );
    let listed = text(&run(folder, &["clients", "list", "--json"]));
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let names: Vec<&str> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|client| client["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Acme Ltd", "Other"]);
    // Without a terminal, none is asked: nothing happens.
    let unasked = run(folder, &["clients", "delete", "Other"]);
    assert_prints(&unasked, "give --yes");
    assert!(!unasked.status.success());
    assert_prints(
        &run(folder, &["clients", "delete", "Other", "--yes"]),
        "deleted",
    );
    assert_prints(
        &run(folder, &["clients", "delete", "Other", "--yes"]),
        "no client organisation",
    );
    assert_eq!(text(&run(folder, &["clients", "list"])).lines().count(), 1);
    assert_prints(&run(folder, &["consents", "verify"]), "");
}
