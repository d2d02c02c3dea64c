//! Files that businesses upload: taken, refused, scanned, listed, read back, and gone with their connection.

mod scans;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use http::Method;
use platform::credentials::oauth_clients;
use platform::data::files::archive::Archive;
use serde_json::{Value, json};
use store::{StoreError, dump};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::hosted_pages::set_profile;
use crate::harness::{Answer, World, encoded, story};

const PDF: &[u8] = b"%PDF-1.7\nthe books of 2025\n";
const CSV: &[u8] = b"day;amount\r\n2026-06-01;12.50\r\n";
/// A form's body: fields, then files.
fn form(fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let head = format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend(head.as_bytes());
        body.extend(value.as_bytes());
        body.extend(b"\r\n");
    }
    for (name, bytes) in files {
        let head = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/pdf\r\n\r\n"
        );
        body.extend(head.as_bytes());
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--edge--\r\n");
    body
}

/// A company whose lender offers all three kinds of upload, and the authorisations of its people and of the client.
struct Uploads<'a> {
    world: &'a World,
    company: String,
    token: String,
    key: String,
}

impl<'a> Uploads<'a> {
    async fn of(world: &'a World) -> Self {
        let client = world.first_client().await;
        for key in ["upac", "upbk", "updc"] {
            oauth_clients::set_enabled(&world.app, client, key, true)
                .await
                .unwrap();
        }
        let company = world.company("Juniper & Rye").await;
        let path = format!("/companies/{company}/accessToken");
        let token = world.get(&path).await.ok();
        Self {
            world,
            token: format!("Bearer {}", token["accessToken"].as_str().unwrap()),
            key: format!("Basic {}", encoded(&world.key)),
            company,
        }
    }

    /// The connection that the company's people make to a source.
    async fn begin(&self, key: &str) -> String {
        let path = format!("/companies/{}/connections", self.company);
        let body = json!({ "platformKey": key });
        let begun = self
            .world
            .authorized(&self.token, Method::POST, &path, Some(body))
            .await;
        begun.ok()["id"].as_str().unwrap().to_owned()
    }

    async fn upload_as(
        &self,
        authorization: &str,
        connection: &str,
        files: &[(&str, &[u8])],
    ) -> Answer {
        let path = format!("/companies/{}/connections/{connection}/files", self.company);
        let headers = [
            ("authorization", authorization),
            ("content-type", "multipart/form-data; boundary=edge"),
        ];
        self.world
            .send(Method::POST, &path, &headers, form(&[], files))
            .await
    }

    /// An upload that stops in the middle of a file, with its line open.
    async fn hold(&self, connection: &str, bytes: &[u8], of: usize) -> TcpStream {
        let address = self.world.platform.authority().to_owned();
        let mut line = TcpStream::connect(&address).await.unwrap();
        let head = format!(
            "POST /companies/{}/connections/{connection}/files HTTP/1.1\r\nHost: {address}\r\nAuthorization: {}\r\nContent-Type: multipart/form-data; boundary=edge\r\nContent-Length: {of}\r\n\r\n",
            self.company, self.token,
        );
        line.write_all(head.as_bytes()).await.unwrap();
        line.write_all(bytes).await.unwrap();
        line
    }

    async fn upload(&self, connection: &str, files: &[(&str, &[u8])]) -> Answer {
        self.upload_as(&self.token, connection, files).await
    }

    async fn list(&self) -> Vec<Value> {
        let path = format!("/companies/{}/files", self.company);
        let list = self
            .world
            .authorized(&self.token, Method::GET, &path, None)
            .await;
        list.ok().as_array().unwrap().clone()
    }

    async fn download(&self, query: &str) -> Answer {
        let path = format!("/companies/{}/files/download{query}", self.company);
        self.world.get(&path).await
    }

    /// The files in the company's archive, by their names in it.
    async fn unpacked(&self, query: &str) -> BTreeMap<String, Vec<u8>> {
        let answer = self.download(query).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(
            answer.header("content-type"),
            Some("application/octet-stream")
        );
        unpack(&answer.body)
    }

    /// The rows of every file and part in the database.
    async fn rows(&self) -> i64 {
        let db = &self.world.app.db;
        let tables = dump::tables(db).await.unwrap();
        let mut tx = db.snapshot().await.unwrap();
        let mut number = 0;
        for table in tables {
            if ["file", "file_part"].contains(&table.name.as_str()) {
                number += dump::count(&mut tx, &table).await.unwrap();
            }
        }
        number
    }

    /// Waits until nothing of a failed upload is left: it is forgotten beside the answer.
    async fn leaves(&self, rows: i64) {
        self.world
            .until("what failed is forgotten", || async {
                (self.rows().await == rows).then_some(())
            })
            .await;
    }
}

/// Reads an archive whose files are as they are, by its directory.
fn unpack(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let half = |at: usize| usize::from(u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap()));
    let end = bytes.len() - 22;
    assert_eq!(word(end), 0x0605_4b50, "the end of an archive");
    let mut at = word(end + 16);
    let mut found = BTreeMap::new();
    for _ in 0..half(end + 10) {
        assert_eq!(word(at), 0x0201_4b50);
        let (crc, size, name, local) = (word(at + 16), word(at + 24), half(at + 28), word(at + 42));
        let name_of = String::from_utf8(bytes[at + 46..at + 46 + name].to_vec()).unwrap();
        assert_eq!(word(local), 0x0403_4b50);
        let data = local + 30 + half(local + 26) + half(local + 28);
        let content = bytes[data..data + size].to_vec();
        assert_eq!(crc32fast::hash(&content) as usize, crc, "{name_of}");
        found.insert(name_of, content);
        at += 46 + name;
    }
    found
}

story!(
    files_are_uploaded_listed_read_back_and_gone_with_their_connection,
    |world| async move {
        let company = world.company("merchant-1").await;
        let body = json!({ "platformKey": "upac" });
        let path = format!("/companies/{company}/connections");
        world.post(&path, body).await.refused(404);

        let uploads = Uploads::of(&world).await;
        let (company, token) = (uploads.company.clone(), uploads.token.clone());
        let view = format!("/companies/{company}/link/view");
        let view = world
            .authorized(&token, Method::GET, &view, None)
            .await
            .ok();
        let kinds: Vec<&Value> = view["uploads"].as_array().unwrap().iter().collect();
        assert_eq!(kinds.len(), 3);
        assert_eq!(kinds[2]["kind"], "businessDocuments");
        let listed = world.get("/integrations/upac").await.ok();
        assert_eq!(listed["sourceType"], "Other");
        assert_eq!(listed["enabled"], true);
        let logo = listed["logoUrl"].as_str().unwrap();
        assert_eq!(world.send(Method::GET, logo, &[], vec![]).await.status, 200);

        let books = uploads.begin("upac").await;
        assert_eq!(uploads.begin("upac").await, books, "one for each kind");
        assert_eq!(world.status_of(&company, &books).await, "PendingAuth");
        world.get(&format!("/companies/{company}/files")).await.ok();
        uploads.download("").await.refused(404);

        let long = [PDF, &vec![b'x'; 700_000]].concat();
        let two: [(&str, &[u8]); 2] = [("books.pdf", &long), ("C:\\kim\\sales.csv", CSV)];
        assert!(uploads.upload(&books, &two).await.ok().is_null());
        assert_eq!(world.status_of(&company, &books).await, "Linked");
        let files = uploads.list().await;
        // Of one moment, so in any order.
        let mut names: Vec<&str> = files
            .iter()
            .filter_map(|file| file["fileName"].as_str())
            .collect();
        names.sort_unstable();
        assert_eq!(names, ["books.pdf", "sales.csv"]);
        assert_eq!(files[0]["sourceType"], "Accounting");
        assert_eq!(files[0]["displayName"], Value::Null);
        assert_eq!(files[0]["uploaded"], "2026-06-15T09:30:00Z");
        // The client's own software, on the next day, with a name that is there.
        world.pass(TimeDelta::hours(20));
        let again: [(&str, &[u8]); 1] = [("Books.PDF", PDF)];
        uploads.upload_as(&uploads.key, &books, &again).await.ok();

        let unpacked = uploads.unpacked("").await;
        let folder = "Accounting file upload";
        assert_eq!(unpacked.len(), 3);
        assert_eq!(unpacked[&format!("{folder}/sales.csv")], CSV);
        assert_eq!(unpacked[&format!("{folder}/Books.PDF")], PDF);
        assert_eq!(unpacked[&format!("{folder}/books (2).pdf")], long);
        for day in ["?date=2026-06-15", "?date=2026-06-15T22:00:00Z"] {
            assert_eq!(uploads.unpacked(day).await.len(), 2, "{day}");
        }
        uploads.download("?date=2026-06-14").await.refused(404);
        uploads.download("?date=yesterday").await.refused(400);

        // Nobody else's: another client, another company's people, the component that connects nothing.
        let other = format!("Basic {}", encoded(&world.other_client().await));
        let path = format!("/companies/{company}/files/download");
        let read = async |authorization: &str, path: &str| {
            world
                .authorized(authorization, Method::GET, path, None)
                .await
        };
        read(&other, &path).await.refused(404);
        uploads.upload_as(&other, &books, &again).await.refused(404);
        read(&token, &path).await.refused(403);
        let stranger = Uploads::of(&world).await;
        let answer = uploads.upload_as(&stranger.token, &books, &again).await;
        answer.refused(403);
        let theirs = stranger.upload(&books, &again).await;
        theirs.refused(404);

        let audit = world.get("/audit?kind=files.uploaded").await.ok();
        let entries = audit["results"].as_array().unwrap();
        assert_eq!(entries.len(), 2, "{audit}");

        // On record: the consent, who opened what, and its end.
        let timeline = format!("/companies/{company}/connections/{books}/timeline");
        let timeline = world.get(&timeline).await.ok();
        let kinds: Vec<&Value> = timeline["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| &entry["type"])
            .collect();
        assert_eq!(kinds, ["connection.connected", "connection.created"]);

        // Sealed: nothing of them is in the database in clear.
        let (client, id) = (world.first_client().await, company.parse().unwrap());
        let kept = platform::data::files::list(&world.app, client, id, None)
            .await
            .unwrap();
        for file in &kept {
            let part = store::files::part(&world.app.db, file.id, 0)
                .await
                .unwrap()
                .unwrap();
            let is_clear = |word: &[u8]| part.windows(word.len()).any(|window| window == word);
            assert!(!is_clear(b"the books of 2025") && !is_clear(b"day;amount"));
        }

        // An archive that has lost the rest of a file breaks off.
        let mut archive = Archive::of(&world.app, kept, |_| "a".to_owned());
        while archive.next().await.unwrap().unwrap().len() < 60_000 {}

        let unlinked = json!({ "status": "Unlinked" });
        let path = format!("/companies/{company}/connections/{books}");
        world
            .authorized(&token, Method::PATCH, &path, Some(unlinked))
            .await
            .ok();
        assert_eq!(uploads.rows().await, 0, "gone with the consent");
        assert!(matches!(archive.next().await, Err(StoreError::Conflict)));
        assert!(uploads.list().await.is_empty());
        let text = uploads.upload_as(&uploads.key, &books, &again).await;
        assert!(text.refused(400).contains("disconnected"));
        uploads.upload(&books, &again).await.ok();
        assert_eq!(world.status_of(&company, &books).await, "Linked");

        world.client(Method::DELETE, &path, None).await.ok();
        assert_eq!(uploads.rows().await, 0, "gone with the connection");
    }
);

story!(
    what_is_not_a_file_of_its_type_is_refused_and_leaves_nothing,
    |world| async move {
        let uploads = Uploads::of(&world).await;
        let books = uploads.begin("upac").await;
        let program = b"MZ\x90\0\x03\0\0\0This program cannot be run in DOS mode.".as_slice();
        let large = [PDF, &vec![b'x'; 10 * 1024 * 1024]].concat();
        let many: Vec<(&str, &[u8])> = vec![("a.csv", CSV); 21];
        let good: (&str, &[u8]) = ("a.csv", CSV);
        for (rule, sentence, files) in [
            (
                "Content",
                "isn't the type of file",
                vec![good, ("invoice.pdf", program)],
            ),
            ("Content", "isn't the type of file", vec![("a.xlsx", PDF)]),
            ("Type", "valid types: pdf, xls", vec![("run.exe", program)]),
            ("Type", "valid types", vec![("no-extension", PDF)]),
            ("Empty", "is empty", vec![("a.pdf", b"".as_slice())]),
            ("Size", "10 MB", vec![good, ("large.pdf", &large)]),
            ("Count", "20 files", many),
            ("Name", "1 to 200", vec![("../..", PDF)]),
            ("File", "no file", vec![]),
        ] {
            let answer = uploads.upload(&books, &files).await;
            let text = answer.refused(400);
            assert!(text.contains(sentence), "{rule}: {text}");
            let item = &answer.json()["validation"]["errors"][0];
            assert_eq!(item["validatorName"], rule);
        }
        uploads.leaves(0).await;
        assert_eq!(
            world.status_of(&uploads.company, &books).await,
            "PendingAuth"
        );

        // To a platform, or in another form.
        let platform = world.connection(&uploads.company, "aiwb").await;
        let answer = uploads
            .upload(platform["id"].as_str().unwrap(), &[good])
            .await;
        assert!(answer.refused(400).contains("file upload integration"));
        let path = format!("/companies/{}/connections/{books}/files", uploads.company);
        let body = Some(json!({ "file": "a.csv" }));
        let answer = world
            .authorized(&uploads.token, Method::POST, &path, body)
            .await;
        answer.refused(415);
        let once = [
            ("authorization", uploads.token.as_str()),
            ("content-type", "multipart/form-data; boundary=edge"),
            ("idempotency-key", "4f3a1a4e-5a0b-4c59-9d6c-3a3c1d2e9f10"),
        ];
        let answer = world
            .send(Method::POST, &path, &once, form(&[], &[good]))
            .await;
        assert!(answer.refused(400).contains("takes no Idempotency-Key"));

        // A line that breaks in the middle of a file, when a part of it is stored.
        let whole = form(&[], &[("a.pdf", &large[..2_000_000])]);
        let line = uploads.hold(&books, &whole[..1_000_000], whole.len()).await;
        world
            .until("its first parts are stored", || async {
                (uploads.rows().await > 4).then_some(())
            })
            .await;
        drop(line);
        uploads.leaves(0).await;

        // A file that a killed process has left is swept once no request can be on it.
        let connection = books.parse().unwrap();
        let left = store::files::File {
            id: store::model::FileId(store::clock::random_id()),
            client_id: world.first_client().await,
            company_id: uploads.company.parse().unwrap(),
            connection_id: connection,
            name: "left.pdf".to_owned(),
            size: 0,
            crc: 0,
            begun: world.clock.now(),
            uploaded: None,
        };
        let mut tx = world.app.db.write().await.unwrap();
        store::files::begin(&mut tx, &left).await.unwrap();
        tx.commit().await.unwrap();
        assert!(uploads.list().await.is_empty(), "it doesn't count");
        world.pass(TimeDelta::minutes(61));
        platform::work::chores_once(&world.app).await.unwrap();
        assert_eq!(uploads.rows().await, 0);
    }
);

story!(
    a_customer_uploads_on_the_hosted_page_without_a_script,
    |world| async move {
        let uploads = Uploads::of(&world).await;
        let settings = json!({
            "text": { "accounting.fileUpload.subtitle": "Please add **last year's** accounts." },
            "sourceTypes": {
                "accounting": { "optional": false, "enableIntegrations": true, "enableFileUpload": true },
                "commerce": { "optional": true, "enableIntegrations": true },
            },
        });
        let set = async |settings: Value| {
            world
                .client(Method::PUT, "/profile/link", Some(settings))
                .await
        };
        set(settings).await.ok();
        let wrong = json!({ "sourceTypes": { "commerce": { "optional": true, "enableIntegrations": true, "enableFileUpload": true } } });
        let text = set(wrong).await.refused(400);
        assert!(text.contains("commerce.enableFileUpload"), "{text}");

        // Offered where the client's settings have it: for accounting, and not as documents.
        let mut customer = world.customer();
        let company = world
            .get(&format!("/companies/{}", uploads.company))
            .await
            .ok();
        let overview = customer
            .open(company["redirect"].as_str().unwrap())
            .await
            .text();
        assert!(
            overview.contains("Upload accounting documents"),
            "{overview}"
        );
        assert!(!overview.contains("Upload business documents"));
        let connect = format!("{}company/{}/connect", world.platform, uploads.company);
        let otp = crate::harness::fields_of(&overview);
        let otp = &otp.iter().find(|(name, _)| name == "link.otp").unwrap().1;
        let refused = customer
            .submit(&connect, &[("link.otp", otp), ("platformKey", "updc")])
            .await;
        assert_eq!(refused.status, 422);
        let chosen = customer
            .submit(&connect, &[("link.otp", otp), ("platformKey", "upac")])
            .await;
        assert_eq!(chosen.status, 303, "{}", chosen.text());
        let link = chosen.header("location").unwrap().to_owned();
        let page = customer.open(&link).await;
        assert_eq!(page.status, 200);
        let text = page.text();
        for part in [
            "<strong>last year's</strong>",
            "enctype=\"multipart/form-data\"",
            "Up to 20 at a time",
            "accept=\".pdf,",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let fields = crate::harness::fields_of(&text);
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .filter(|(name, _)| name != "file")
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let action = link.split("/start").next().unwrap();
        let action = format!("{action}/upload");
        let cookies = customer.cookies.join("; ");
        let origin = world.platform.origin().ascii_serialization();
        let send = async |site: &str, files: &[(&str, &[u8])]| {
            let headers = [
                ("cookie", cookies.as_str()),
                ("content-type", "multipart/form-data; boundary=edge"),
                ("origin", &origin),
                ("sec-fetch-site", site),
            ];
            world
                .send(Method::POST, &action, &headers, form(&fields, files))
                .await
        };
        let foreign = send("cross-site", &[("a.pdf", PDF)]).await;
        assert_eq!(foreign.status, 403);
        let wrong = send("same-origin", &[("a.pdf", CSV)]).await;
        assert_eq!(wrong.status, 422);
        assert!(
            wrong.text().contains("a.pdf isn’t the type of file"),
            "{}",
            wrong.text()
        );
        let none = send("same-origin", &[("", b"")]).await;
        assert!(none.text().contains("Choose a file."), "{}", none.text());
        uploads.leaves(0).await;

        let done = send("same-origin", &[("a.pdf", PDF), ("b.csv", CSV)]).await;
        assert_eq!(done.status, 303, "{}", done.text());
        let end = customer.open(done.header("location").unwrap()).await.text();
        assert!(end.contains("Your files were uploaded"), "{end}");
        assert_eq!(uploads.list().await.len(), 2);
        // The link is spent: a second form by it uploads nothing more.
        let again = send("same-origin", &[("c.pdf", PDF)]).await;
        assert!(!again.status.is_client_error(), "{}", again.text());
        assert_eq!(uploads.list().await.len(), 2);
        let other = world.customer().open(&link).await;
        assert_eq!(other.status, 410);

        // Chosen on the list once more, it is the same connection.
        let company = world
            .get(&format!("/companies/{}", uploads.company))
            .await
            .ok();
        let mut again = world.customer();
        let overview = again
            .open(company["redirect"].as_str().unwrap())
            .await
            .text();
        let otp = crate::harness::fields_of(&overview);
        let otp = &otp.iter().find(|(name, _)| name == "link.otp").unwrap().1;
        let chosen = again
            .submit(&connect, &[("link.otp", otp), ("platformKey", "upac")])
            .await;
        let to = chosen.header("location").unwrap();
        assert_eq!(to.split("/start").next(), link.split("/start").next());

        // The client's page hears of it as of every other journey.
        set_profile(
            &world,
            json!({ "redirectUrl": "https://lender.example/back?s={statusCode}" }),
        )
        .await;
        let books = uploads.begin("upac").await;
        let path = format!("/companies/{}/connections/{books}", uploads.company);
        let connection = world.get(&path).await.ok();
        let link = connection["linkUrl"].as_str().unwrap();
        let mut customer = world.customer();
        let page = customer.open(link).await.text();
        assert!(page.contains("a.pdf"), "what was uploaded is listed");
        let otp = crate::harness::fields_of(&page);
        let otp = &otp.iter().find(|(name, _)| name == "otp").unwrap().1;
        let action = link.split("/start").next().unwrap();
        let left = customer
            .submit(&format!("{action}/leave"), &[("otp", otp)])
            .await;
        assert_eq!(
            left.header("location"),
            Some("https://lender.example/back?s=201")
        );
    }
);
