//! Answers that go out compressed, and those that must not.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{World, encoded, story};

/// The answer to GET as it is on the wire: its head, and the number of bytes after it.
async fn on_the_wire(world: &World, path: &str, accepted: &str) -> (String, usize) {
    answer_on_the_wire(world, "GET", path, accepted).await
}

async fn answer_on_the_wire(
    world: &World,
    method: &str,
    path: &str,
    accepted: &str,
) -> (String, usize) {
    let address = ("127.0.0.1", world.platform.port().unwrap());
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Basic {}\r\nAccept-Encoding: {accepted}\r\nConnection: close\r\n\r\n",
        world.platform.authority(),
        encoded(&world.key),
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.unwrap() + 4;
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
    (head.to_ascii_lowercase(), answer.len() - end)
}

story!(
    long_answers_without_secrets_are_compressed,
    |world| async move {
        let (company, connection) = world.synced("qhnd", "lindqvist-snickeri").await;
        for path in [
            &format!("/companies/{company}/data/banking-transactions?pageSize=200"),
            &format!("/companies/{company}/connections/{connection}/data/banking-transactions"),
            &format!("/companies/{company}/dataStatus"),
            &format!("/companies/{company}/data/history"),
            &format!("/companies/{company}/syncSettings"),
            "/integrations",
            "/openapi.json",
            "/reference",
            "/metrics",
        ] {
            let (head, plain) = on_the_wire(&world, path, "identity").await;
            assert!(!head.contains("content-encoding"), "{path}: {head}");
            assert!(head.contains("vary: accept-encoding"), "{path}: {head}");
            let (alone, bytes) = answer_on_the_wire(&world, "HEAD", path, "br").await;
            assert!(alone.contains("vary: accept-encoding"), "{path}: {alone}");
            assert_eq!(alone.matches("accept-encoding").count(), 1, "{alone}");
            assert_eq!(bytes, 0, "{path}");
            for (accepted, coding) in [("gzip, deflate, br", "br"), ("gzip", "gzip")] {
                let (head, bytes) = on_the_wire(&world, path, accepted).await;
                let named = format!("content-encoding: {coding}");
                assert!(head.contains(&named), "{path}: {head}");
                assert_eq!(head.matches("accept-encoding").count(), 1, "{head}");
                assert!(bytes * 2 < plain, "{path} {coding}: {bytes} of {plain}");
            }
            let asked = [
                ("accept-encoding", "gzip"),
                ("authorization", &format!("Basic {}", encoded(&world.key))),
            ];
            let get = http::Method::GET;
            // The stories' own client undoes gzip. Figures move on from one answer to the next.
            let unpacked = world.send(get, path, &asked, vec![]).await.text();
            let same = unpacked == world.get(path).await.text();
            assert!(same || path == "/metrics", "{path}");
        }
    }
);

story!(
    answers_with_secrets_are_never_compressed,
    |world| async move {
        for number in 0..20 {
            let company = world.company(&format!("merchant-{number}")).await;
            world.connection(&company, "mqjo").await;
        }
        let (company, connection) = world.linked("mqjo", "lindqvist-snickeri").await;
        let link = world
            .get(&format!("/companies/{company}/connections/{connection}"))
            .await
            .ok();
        let link = link["linkUrl"].as_str().unwrap();
        let link = link.strip_prefix(world.app.config.origin()).unwrap();
        for path in [
            "/companies",
            &format!("/companies/{company}/connections"),
            &format!("/companies/{company}/connectionManagement/view"),
            "/webhooks/eventTypes",
            "/apiKeys",
            link,
        ] {
            let (head, _) = on_the_wire(&world, path, "gzip, br").await;
            assert!(!head.contains("content-encoding"), "{path}: {head}");
        }
    }
);

story!(
    the_document_is_not_sent_again_in_any_coding_while_it_is_the_same,
    |world| async move {
        let get = || http::Method::GET;
        let first = world.send(get(), "/openapi.json", &[], vec![]).await;
        let etag = first.header("etag").unwrap().to_owned();
        assert!(etag.starts_with("W/"), "one tag for several forms: {etag}");
        for accepted in ["identity", "gzip", "br"] {
            for tag in [&etag, etag.trim_start_matches("W/")] {
                let headers = [("accept-encoding", accepted), ("if-none-match", tag)];
                let again = world.send(get(), "/openapi.json", &headers, vec![]).await;
                assert_eq!(again.status, 304, "{accepted}");
                assert_eq!(again.header("vary"), Some("Accept-Encoding"));
                assert_eq!(again.header("etag"), Some(etag.as_str()));
                assert!(again.body.is_empty());
            }
        }
    }
);
