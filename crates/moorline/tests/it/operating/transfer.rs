//! Archives restored on another machine and engine, and imports from other services: exactly, once, or not at all.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use egress::{Door, Policy};
use http::Method;
use platform::app::config::Config;
use serde_json::{Value, json};

use crate::harness::command_line::{self, assert_prints};
use crate::harness::{Answer, Node, World, postgres_database, story};

const BUSINESS: &str = "lindqvist-snickeri";
const PASSPHRASE: &str = "correct horse battery staple";

/// A place to restore to, and its settings as the program reads them.
struct Place {
    folder: tempfile::TempDir,
    config: Config,
}

impl Place {
    /// A place on the other engine than the world's, if PostgreSQL is available.
    async fn on_other_engine(world: &World) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let on_sqlite = world.app.config.database_url.starts_with("sqlite:");
        let file = format!("sqlite:{}", folder.path().join("other.db").display());
        let url = if on_sqlite {
            postgres_database().await.unwrap_or(file)
        } else {
            file
        };
        Self::with_database(world, folder, url)
    }

    fn with_database(world: &World, folder: tempfile::TempDir, database_url: String) -> Self {
        let mut config = world.app.config.clone();
        config.database_url = database_url;
        config.key_file = folder.path().join("moorline.key");
        Self { folder, config }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        moorline(&self.config, self.folder.path(), arguments)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The platform on this place's database, at an address of its own.
    async fn serve(&self, world: &World) -> Node {
        Node::start(self.config.clone(), world.clock.clone()).await
    }
}

fn moorline(config: &Config, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = command_line::moorline(folder, arguments);
    command
        .env("MOORLINE_DATABASE_URL", &config.database_url)
        .env("MOORLINE_KEY_FILE", &config.key_file)
        .env("MOORLINE_LISTEN", "127.0.0.1:0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A request with a client's key to a node.
async fn request(world: &World, node: &Node, method: Method, key: &str, path: &str) -> Answer {
    let host = format!("localhost:{}", node.port);
    let authorization = format!("Basic {}", crate::harness::encoded(key));
    let door = Door::new(Policy {
        allow_private: [host.clone()].into(),
        ..Policy::default()
    });
    let headers = [("authorization", authorization.as_str())];
    world
        .send_through(
            &door,
            method,
            &format!("http://{host}{path}"),
            &headers,
            vec![],
        )
        .await
}

fn assert_success(output: &Output) -> String {
    let text = assert_prints(output, "");
    assert!(output.status.success(), "{text}");
    text
}

fn import_arguments<'a>(archive: &'a Path, passphrase: &'a Path) -> [&'a str; 4] {
    let (archive, passphrase) = (archive.to_str().unwrap(), passphrase.to_str().unwrap());
    ["import", archive, "--passphrase-file", passphrase]
}

/// The rows of an archive in any order, with the names of their tables and columns.
fn rows(archive: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(archive).unwrap();
    let mut lines = text.lines();
    let heading: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    let tables = heading["tables"].as_array().unwrap();
    let row = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        let table = &tables[usize::try_from(row["t"].as_u64()?).unwrap()];
        let columns = table["columns"].as_array().unwrap().iter();
        let mut members: Vec<String> = columns
            .zip(row["r"].as_array().unwrap())
            .map(|(column, value)| format!("{column}={value}"))
            .collect();
        members.sort();
        Some(format!("{} {}", table["name"], members.join(" ")))
    };
    // Each export is an act on record itself: an entry more, and another end of the chain.
    let is_of_exports =
        |row: &String| row.contains("export.begun") || row.starts_with("\"record_head\"");
    lines
        .filter_map(row)
        .filter(|row| !is_of_exports(row))
        .collect()
}

fn export(world: &World, to: &Path) -> Output {
    let passphrase = to.with_extension("passphrase");
    std::fs::write(&passphrase, PASSPHRASE).unwrap();
    let folder = to.parent().unwrap();
    let arguments = [
        "export",
        "--out",
        to.to_str().unwrap(),
        "--passphrase-file",
        passphrase.to_str().unwrap(),
    ];
    moorline(&world.app.config, folder, &arguments)
        .output()
        .unwrap()
}

/// Everything that a client reads, without the one-time links, which are new at each read.
async fn read_everything(
    world: &World,
    at: Option<&Node>,
    company: &str,
    connection: &str,
) -> Vec<(String, Value)> {
    fn without_links(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for name in ["linkUrl", "redirect", "logoUrl"] {
                    members.remove(name);
                }
                members.values_mut().for_each(without_links);
            }
            Value::Array(items) => items.iter_mut().for_each(without_links),
            _ => {}
        }
    }
    let mut read = Vec::new();
    for path in [
        "/companies".to_owned(),
        format!("/companies/{company}"),
        format!("/companies/{company}/connections"),
        format!("/companies/{company}/connections/{connection}/timeline"),
        format!("/companies/{company}/data/history?pageSize=1000"),
        format!("/companies/{company}/dataStatus"),
        format!("/companies/{company}/push"),
        format!("/companies/{company}/data/info"),
        format!("/companies/{company}/data/invoices?pageSize=1000&orderBy=-totalAmount"),
        format!("/companies/{company}/data/journalEntries?pageSize=5000"),
        format!("/companies/{company}/data/customers?pageSize=1000&query=status%3DActive"),
        format!(
            "/companies/{company}/data/financials/balanceSheet?periodLength=1&periodsToCompare=3"
        ),
        "/profile".to_owned(),
        "/apiKeys".to_owned(),
        "/integrations".to_owned(),
    ] {
        let answer = match at {
            None => world.get(&path).await,
            Some(node) => request(world, node, Method::GET, &world.key, &path).await,
        };
        let mut body = answer.ok();
        without_links(&mut body);
        read.push((path, body));
    }
    let path = format!("/companies/{company}/files/download");
    let files = match at {
        None => world.get(&path).await,
        Some(node) => request(world, node, Method::GET, &world.key, &path).await,
    };
    if files.status == 200 {
        read.push((path, json!(files.body.to_vec())));
    }
    read
}

story!(
    an_archive_restores_exactly_on_another_machine_and_database_engine,
    |world| async move {
        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        world.upload_a_file(&company).await;
        let push = format!("/companies/{company}/connections/{connection}/push/customers");
        world.post(&push, json!({})).await.ok();
        world.settled(&company).await;
        world
            .until("the push has ended", || async {
                let path = format!("/companies/{company}/push?query=status%3DFailed");
                let found = world.get(&path).await.ok();
                (found["totalResults"] == 1).then_some(())
            })
            .await;
        let place = Place::on_other_engine(&world).await;
        let archive = place.file("there.archive");
        assert_success(&export(&world, &archive));
        let text = std::fs::read_to_string(&archive).unwrap();
        let key = std::fs::read_to_string(&world.app.config.key_file).unwrap();
        for secret in [
            key.trim(),
            key.trim().split(':').next_back().unwrap(),
            "a secret of the sandbox",
            PASSPHRASE,
        ] {
            assert!(!text.contains(secret), "no secret in clear");
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&archive).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }

        let passphrase = place.file("there.passphrase");
        let arguments = import_arguments(&archive, &passphrase);
        let dry = place.run(&[&arguments[..], &["--dry-run"]].concat());
        assert_prints(&dry, "would be restored; nothing was changed");
        assert!(!place.config.key_file.exists(), "a dry run writes no key");
        let wrong = place.file("wrong.passphrase");
        std::fs::write(&wrong, "another passphrase").unwrap();
        let refused = place.run(&[
            "import",
            archive.to_str().unwrap(),
            "--passphrase-file",
            wrong.to_str().unwrap(),
        ]);
        assert_prints(&refused, "the passphrase is another");
        assert_prints(
            &place.run(&["import", archive.to_str().unwrap()]),
            "--passphrase-file",
        );
        let report = assert_success(&place.run(&arguments));
        assert!(report.contains("rows restored"), "{report}");
        assert_prints(&place.run(&arguments), "the database isn't empty");

        let back = place.file("back.archive");
        assert_success(&place.run(&["export", "--out", back.to_str().unwrap(), "--key-apart"]));
        assert_eq!(
            rows(&back),
            rows(&archive),
            "the same rows from the other engine"
        );
        assert_prints(&place.run(&["consents", "verify"]), "all as written");

        let there = place.serve(&world).await;
        let before = read_everything(&world, None, &company, &connection).await;
        let after = read_everything(&world, Some(&there), &company, &connection).await;
        for ((path, before), (_, after)) in before.iter().zip(&after) {
            assert_eq!(before, after, "{path}");
        }
        // Its sealed tokens open there: the old one rests, and this one pulls.
        let path = format!("/companies/{company}/data/queue/customers");
        let queued = request(&world, &there, Method::POST, &world.key, &path);
        let queued = queued.await.ok();
        let path = format!(
            "/companies/{company}/data/history/{}",
            queued["id"].as_str().unwrap()
        );
        let pulled = world
            .until("the restored platform has pulled", || async {
                let now = request(&world, &there, Method::GET, &world.key, &path);
                let now = now.await.ok();
                now["completed"].is_string().then_some(now)
            })
            .await;
        assert_eq!(pulled["status"], "Complete", "{pulled}");
        there.stop().await;
    }
);

story!(
    a_killed_restore_resumes_and_doubles_nothing,
    |world| async move {
        let (_, _) = world.synced("mqjo", BUSINESS).await;
        let place = Place::on_other_engine(&world).await;
        let archive = place.file("there.archive");
        assert_success(&export(&world, &archive));
        let total = rows(&archive).len();
        assert!(total > 3000, "{total} rows are worth a kill");
        let passphrase = place.file("there.passphrase");
        let arguments = import_arguments(&archive, &passphrase);
        let mut child: Child = place.command(&arguments).spawn().unwrap();
        let db = world
            .until("the database is there", || async {
                let url = &place.config.database_url;
                if url
                    .strip_prefix("sqlite:")
                    .is_some_and(|path| !Path::new(path).exists())
                {
                    return None;
                }
                store::Db::open(url, 1).await.ok()
            })
            .await;
        world
            .until("some batches are in", || async {
                let line = store::meta::get(&db, "restore.line").await.ok()??;
                (line.parse::<u64>().unwrap() > 0).then_some(())
            })
            .await;
        child.kill().unwrap();
        child.wait().unwrap();
        let interrupted = store::meta::get(&db, "restore.archive").await.unwrap();
        assert!(interrupted.is_some(), "killed before its end");
        db.close().await;
        assert_prints(&place.run(&["serve"]), "moorline import");
        assert_prints(&place.run(&["keys", "list"]), "moorline import");
        let report = assert_success(&place.run(&arguments));
        assert!(
            report.contains("An earlier run had come to line"),
            "{report}"
        );
        let back = place.file("back.archive");
        assert_success(&place.run(&["export", "--out", back.to_str().unwrap(), "--key-apart"]));
        assert_eq!(rows(&back), rows(&archive));
    }
);

story!(
    an_altered_or_truncated_archive_restores_nothing,
    |world| async move {
        world.company("merchant").await;
        let place = Place::on_other_engine(&world).await;
        let archive = place.file("there.archive");
        assert_success(&export(&world, &archive));
        let whole = std::fs::read_to_string(&archive).unwrap();
        let passphrase = place.file("there.passphrase");
        for (name, altered, words) in [
            (
                "cut",
                whole.lines().take(4).collect::<Vec<_>>().join("\n"),
                "breaks off here",
            ),
            (
                "changed",
                whole.replace("merchant", "merchanT"),
                "its digest is another",
            ),
            (
                "odd",
                whole.replacen("\"r\":[", "\"r\":[true,", 1),
                "line 2: ",
            ),
            (
                "newer",
                whole.replacen("\"version\":1", "\"version\":9", 1),
                "of version 9",
            ),
            (
                "other",
                whole.replacen("0001_foundation", "0001_other", 1),
                "use the same version of Moorline",
            ),
        ] {
            let file = place.file(name);
            std::fs::write(&file, altered).unwrap();
            let output = place.run(&import_arguments(&file, &passphrase));
            assert!(!output.status.success(), "{name}");
            assert_prints(&output, words);
        }
        let output = place.run(&[
            "import",
            archive.to_str().unwrap(),
            "--passphrase-file",
            passphrase.to_str().unwrap(),
        ]);
        assert_success(&output);
    }
);

/// Lines in the shapes of Codat and Nango, for connections that the world's client has.
fn codat_lines() -> String {
    let company = "0498e921-9b53-4396-a412-4f2f5983b0a2";
    let lines = [
        json!({ "id": company, "name": "Toft stores (old)", "created": "2022-01-01T12:00:00.000Z", "tags": { "region": "uk" },
            "platform": "Sandbox", "redirect": "https://link.example", "dataConnections": [
                { "id": "ee2eb431-c0fa-4dc9-93fa-d29781c12bcd", "integrationKey": "gbol", "platformName": "Xero",
                  "sourceType": "Accounting", "status": "Linked", "created": "2022-01-02T12:00:00Z", "linkUrl": "https://x.example" },
                { "id": "ee2eb431-c0fa-4dc9-93fa-d29781c12bce", "integrationKey": "qhnd", "platformName": "Bank",
                  "sourceType": "Banking", "status": "Linked", "created": "2022-01-02T12:00:00Z", "linkUrl": "https://x.example" } ] }),
        json!({ "companyId": company, "connectionId": "ee2eb431-c0fa-4dc9-93fa-d29781c12bcd", "accessToken": "at-canary-1",
            "refreshToken": "rt-canary-1", "expiresAt": "2027-01-01T00:00:00Z", "tenant": "t-1" }),
        json!({ "connection_id": "c-1", "provider_config_key": "shop", "created_at": "2023-03-08T09:43:03.725Z",
            "end_user": { "id": "u1", "organization": { "id": "o1", "display_name": "Finch Ltd" } }, "connection_config": { "shop": "finch" },
            "credentials": { "type": "OAUTH2", "access_token": "at-canary-2", "refresh_token": "rt-canary-2",
                "expires_at": "2027-01-01T00:00:00.000Z", "raw": { "scope": "read" } } }),
    ];
    lines.map(|line| line.to_string()).join("\n")
}

const MAPS: [&str; 4] = ["--map", "gbol=mqjo", "--map", "shop=aiwb"];

story!(
    codat_and_nango_lines_are_imported_once,
    |world| async move {
        world.grants_may_differ("the tokens that it imports are made up");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lines.jsonl");
        std::fs::write(&file, codat_lines()).unwrap();
        let run = |further: &[&str]| {
            let arguments = [&["import", file.to_str().unwrap()], &MAPS[..], further].concat();
            moorline(&world.app.config, folder.path(), &arguments)
                .output()
                .unwrap()
        };
        let before = world.at_rest().await;
        let dry = assert_success(&run(&["--dry-run"]));
        assert!(
            dry.contains("companies: 2 would be imported, 0 there already"),
            "{dry}"
        );
        assert!(dry.contains("tokens: 2 would be imported"), "{dry}");
        assert!(dry.contains("comes without tokens"), "{dry}");
        assert_eq!(
            world.everything().await,
            before,
            "a dry run changes nothing"
        );
        let done = assert_success(&run(&[]));
        assert!(
            done.contains("connections: 3 imported, 0 there already"),
            "{done}"
        );
        let again = assert_success(&run(&[]));
        assert!(
            again.contains("connections: 0 imported, 3 there already"),
            "{again}"
        );
        assert!(
            again.contains("tokens: 0 imported, 2 there already"),
            "{again}"
        );

        let company = "0498e921-9b53-4396-a412-4f2f5983b0a2";
        let read = world.get(&format!("/companies/{company}")).await.ok();
        assert_eq!(read["name"], "Toft stores old");
        assert_eq!(read["created"], "2022-01-01T12:00:00Z");
        assert_eq!(read["tags"]["region"], "uk");
        let connections = world
            .get(&format!(
                "/companies/{company}/connections?orderBy=sourceType"
            ))
            .await
            .ok();
        let statuses: Vec<_> = connections["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                (
                    one["integrationKey"].as_str().unwrap(),
                    one["status"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(statuses, [("mqjo", "Linked"), ("qhnd", "Deauthorized")]);
        let finch = world.get("/companies?query=name%3DFinch%20Ltd").await.ok();
        assert_eq!(finch["totalResults"], 1);
        assert_eq!(
            finch["results"][0]["dataConnections"][0]["status"],
            "Linked"
        );
        let everything = world.everything().await;
        assert!(!everything.contains("canary"), "tokens are sealed");

        let portable = folder.path().join("portable.jsonl");
        let out = portable.to_str().unwrap();
        let export = |further: &[&str]| {
            let arguments = [&["export", "--portable", "--out", out], further].concat();
            assert_success(
                &moorline(&world.app.config, folder.path(), &arguments)
                    .output()
                    .unwrap(),
            );
            std::fs::read_to_string(&portable).unwrap()
        };
        let plain = export(&[]);
        assert!(plain.contains("Finch Ltd") && !plain.contains("canary"));
        let with_tokens = export(&["--plain-tokens"]);
        for canary in ["at-canary-1", "rt-canary-1", "at-canary-2", "rt-canary-2"] {
            assert!(with_tokens.contains(canary), "{canary}");
        }
        // An export can be imported.
        let arguments = ["import", out, "--dry-run"];
        let output = moorline(&world.app.config, folder.path(), &arguments)
            .output()
            .unwrap();
        assert_prints(&output, "companies: 0 would be imported, 2 there already");
    }
);

story!(
    bad_lines_are_reported_by_number_and_change_nothing,
    |world| async move {
        let (company, _) = world.linked("mqjo", BUSINESS).await;
        world.settled(&company).await;
        let other = world.other_client().await;
        let foreign = world
            .with_key(
                &other,
                Method::POST,
                "/companies",
                Some(json!({ "name": "Foreign" })),
            )
            .await
            .ok();
        let id = "0498e921-9b53-4396-a412-4f2f5983b0a2";
        let second = "ee2eb431-c0fa-4dc9-93fa-d29781c12bcd";
        let lines = [
            json!({ "id": id, "name": "Fine" }).to_string(),
            String::new(),
            "{\"id\":".to_owned(),
            json!({ "id": "x", "name": "No id" }).to_string(),
            json!({ "id": id, "name": "Another name" }).to_string(),
            json!({ "id": foreign["id"], "name": "Foreign" }).to_string(),
            json!({ "id": second, "companyId": company, "integrationKey": "zzzz" }).to_string(),
            json!({ "id": second, "companyId": "00000000-0000-4000-8000-000000000001", "integrationKey": "qhnd" }).to_string(),
            json!({ "companyId": company, "connectionId": "00000000-0000-4000-8000-000000000002", "accessToken": "a" }).to_string(),
            json!({ "id": "ee2eb431-c0fa-4dc9-93fa-d29781c12bce", "companyId": company, "integrationKey": "mqjo" }).to_string(),
            json!({ "companyId": company, "connectionId": "ee2eb431-c0fa-4dc9-93fa-d29781c12bce", "accessToken": "a" }).to_string(),
        ];
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lines.jsonl");
        std::fs::write(&file, lines.join("\n")).unwrap();
        let before = world.at_rest().await;
        for further in [&["--dry-run"][..], &[]] {
            let arguments = [
                &[
                    "import",
                    file.to_str().unwrap(),
                    "--client",
                    "Harbour Lending",
                ],
                further,
            ]
            .concat();
            let output = moorline(&world.app.config, folder.path(), &arguments)
                .output()
                .unwrap();
            assert!(!output.status.success());
            let text = assert_prints(&output, "nothing was changed");
            for expected in [
                "line 3: no JSON",
                "line 4: id 'x' is no UUID",
                "line 5: company 0498e921-9b53-4396-a412-4f2f5983b0a2 stands on line 1",
                "is another client's",
                "line 7: there is no integration 'zzzz' here",
                "line 8: connection ee2eb431-c0fa-4dc9-93fa-d29781c12bcd is of company 00000000-0000-4000-8000-000000000001",
                "line 9: there is no connection",
                "line 11: company",
            ] {
                assert!(text.contains(expected), "no \"{expected}\" in {text}");
            }
            assert!(
                !text.contains("line 1:") && !text.contains("line 2:"),
                "{text}"
            );
        }
        assert_eq!(world.everything().await, before);
    }
);
