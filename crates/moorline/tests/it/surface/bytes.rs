//! Requests by the byte: heads that two programs would read in two ways, odd words, connections that stall.

use std::time::{Duration, Instant};

use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use serde_json::json;

use crate::harness::{Node, World, encoded, story};

const LIMIT: Duration = Duration::from_secs(30);

async fn connect(port: u16) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port)).await.unwrap()
}

/// The statuses of the answers to some bytes, and true if the connection is closed behind them.
async fn answers(port: u16, bytes: &str) -> (Vec<u16>, bool) {
    let mut stream = connect(port).await;
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut text = Vec::new();
    let read = stream.read_to_end(&mut text);
    // One that stays open says nothing more: its silence is its end.
    let is_closed = tokio::time::timeout(Duration::from_millis(700), read)
        .await
        .is_ok();
    let text = String::from_utf8_lossy(&text);
    let statuses = text.split("HTTP/1.1 ").skip(1);
    let statuses = statuses.filter_map(|answer| answer.get(..3)?.parse().ok());
    (statuses.collect(), is_closed)
}

story!(
    a_query_that_was_typed_by_hand_is_read_as_it_was_meant,
    |world| async move {
        for name in ["Fern & Fig", "Salt"] {
            world.post("/companies", json!({ "name": name })).await.ok();
        }
        let port = world.platform.port().unwrap();
        let found = async |target: &str| {
            let head = format!(
                "GET {target} HTTP/1.1\r\nHost: a\r\nAuthorization: Basic {}\r\nConnection: close\r\n\r\n",
                encoded(&world.key)
            );
            let mut stream = connect(port).await;
            // In two parts, as a slow line brings it.
            for part in [&head[..9], &head[9..]] {
                stream.write_all(part.as_bytes()).await.unwrap();
                stream.flush().await.unwrap();
            }
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with("HTTP/1.1 200"), "{target}: {answer}");
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            body["totalResults"].as_i64().unwrap()
        };
        assert_eq!(found("/companies?query=name=Salt").await, 1);
        assert_eq!(
            found("/companies?query=name=\"Salt\"").await,
            0,
            "the quotes are text"
        );
        assert_eq!(found("/companies?query=created>2026-01-01").await, 2);
        assert_eq!(found("/companies?query={name=Salt||name~fern}").await, 2);
        // What isn't HTTP is answered at once, and not after the patience with slow lines.
        let (statuses, is_closed) = answers(port, "\u{16}\u{3}\u{1}").await;
        assert_eq!((statuses, is_closed), (vec![400], true));
    }
);

story!(
    a_request_that_two_programs_would_read_in_two_ways_is_refused_and_ends_its_connection,
    |world| async move {
        let port = world.platform.port().unwrap();
        let behind = "GET /health HTTP/1.1\r\nhost: a\r\n\r\n";
        let chunked = "transfer-encoding: chunked";
        let refused = [
            format!("content-length: 5\r\n{chunked}"),
            format!("{chunked}\r\nContent-Length: 0"),
            format!("Content-Length: 0\r\n{chunked}\r\nx: y"),
            format!("{chunked}, identity"),
            format!("{chunked}\r\n{chunked}"),
            format!("{chunked}\r\ntransfer-encoding: identity"),
            "transfer-encoding: xchunked".to_owned(),
            "transfer-encoding: identity".to_owned(),
            "content-length: 0\r\ncontent-length: 0".to_owned(),
            "content-length: 0\r\ncontent-length: 5".to_owned(),
            "content-length: 0, 0".to_owned(),
            "content-length: +0".to_owned(),
            "content-length: -1".to_owned(),
            "content-length : 0".to_owned(),
            "x: y\r\n content-length: 5".to_owned(),
        ];
        for headers in refused {
            for method in ["GET", "POST"] {
                let head = format!("{method} /health HTTP/1.1\r\nhost: a\r\n{headers}\r\n\r\n");
                let (statuses, is_closed) =
                    answers(port, &format!("{head}0\r\n\r\n{behind}")).await;
                assert_eq!((statuses, is_closed), (vec![400], true), "{head}");
            }
        }
        for hosts in [
            "x: y",
            "host:",
            "host: a\r\nHost: a",
            "host: a, b",
            "host: a b",
            "host: a/b",
            "host: me@a",
            "host: a:b",
            "host: a:70000",
            "host: a?b",
            "host: http://a",
        ] {
            let head = format!("GET /health HTTP/1.1\r\n{hosts}\r\n\r\n");
            let (statuses, is_closed) = answers(port, &format!("{head}{behind}")).await;
            assert_eq!((statuses, is_closed), (vec![400], true), "{head}");
        }
        let body = format!("content-length: {}\r\n\r\n{behind}", behind.len());
        for (bytes, expected) in [
            (format!("{behind}{behind}{behind}"), vec![200, 200, 200]),
            (
                format!("GET /health HTTP/1.1\r\nhost: [::1]:80\r\n\r\n{behind}"),
                vec![200, 200],
            ),
            // What a body holds is not a request.
            (
                format!("GET /health HTTP/1.1\r\nhost: a:80\r\n{body}{behind}"),
                vec![200, 200],
            ),
            (
                format!(
                    "GET /health HTTP/1.1\r\nhost: a\r\n{chunked}\r\n\r\n2;a=b\r\n\r\n\r\n0\r\nc: d\r\n\r\n{behind}"
                ),
                vec![200, 200],
            ),
        ] {
            let (statuses, is_closed) = answers(port, &bytes).await;
            assert_eq!((statuses, is_closed), (expected, false), "{bytes}");
        }
    }
);

const WORDS: usize = 60;

story!(
    words_that_strangers_choose_make_no_figures_of_their_own,
    |world| async move {
        let port = world.platform.port().unwrap();
        let figures = async || {
            let text = world.get("/metrics").await.text();
            let lines = text.lines().filter(|line| !line.starts_with('#'));
            lines
                .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
                .collect::<Vec<_>>()
        };
        let ask = async |word: &str| {
            let agent = word.repeat(4_000);
            let head = format!(
                "{word} /{word} HTTP/1.1\r\nhost: {word}.example\r\nuser-agent: {agent}\r\nconnection: close\r\n\r\n"
            );
            let (statuses, _) = answers(port, &head).await;
            assert_eq!(statuses.len(), 1, "{word}");
        };
        ask("WORD-1").await;
        figures().await;
        let before = figures().await;
        for number in 1..=WORDS {
            ask(&format!("WORD-{number}")).await;
        }
        let after = figures().await;
        assert!(
            !after.iter().any(|figure| figure.contains("WORD")),
            "{after:?}"
        );
        // A round of chores may have added some of its own.
        assert!(after.len() < before.len() + WORDS / 2, "{after:?}");
        assert!(
            after
                .iter()
                .any(|figure| figure.contains("method=\"other\""))
        );
    }
);

/// A node with limits that are over within a story.
async fn impatient(world: &World) -> Node {
    let mut config = world.app.config.clone();
    config.limits.header_timeout_ms = 400;
    config.limits.send_timeout_ms = 400;
    config.limits.streams_per_token = 2;
    config.limits.streams_per_address = 3;
    Node::start(config, world.clock.clone()).await
}

story!(connections_that_stall_are_closed, |world| async move {
    let node = impatient(&world).await;
    let began = Instant::now();
    let mut stalled = Vec::new();
    for bytes in [
        "",
        "GET /hea",
        "GET /health HTTP/1.1\r\nhost: a\r\nx-long: ",
        // An answer, and nothing after it.
        "GET /health HTTP/1.1\r\nhost: a\r\n\r\n",
    ] {
        for _ in 0..40 {
            let mut stream = connect(node.port).await;
            stream.write_all(bytes.as_bytes()).await.unwrap();
            stalled.push(stream);
        }
    }
    for mut stream in stalled {
        let mut rest = Vec::new();
        let read = stream.read_to_end(&mut rest);
        let ended = tokio::time::timeout(LIMIT, read).await;
        assert!(ended.is_ok(), "a connection that stalls is still open");
    }
    assert!(began.elapsed() < LIMIT);

    // Readers that take nothing: more answers are wanted than any buffer holds.
    let wanted = "GET /openapi.json HTTP/1.1\r\nhost: a\r\n\r\n".repeat(200);
    let mut idle = Vec::new();
    for _ in 0..10 {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        let address = ([127, 0, 0, 1], node.port).into();
        let mut stream = socket.connect(address).await.unwrap();
        stream.write_all(wanted.as_bytes()).await.unwrap();
        idle.push(stream);
    }
    for stream in &idle {
        // The kernel answers for a socket that is gone.
        world
            .until(
                "the server gives up a reader that takes nothing",
                || async { stream.try_write(b"\r\n").is_err().then_some(()) },
            )
            .await;
    }
    node.stop().await;
});

story!(
    open_streams_are_bounded_by_token_and_by_address,
    |world| async move {
        let node = impatient(&world).await;
        let company = world.company("merchant-1").await;
        let token = async || {
            let path = format!("/companies/{company}/connectionManagement/accessToken");
            let answer = world.get(&path).await.ok();
            answer["accessToken"].as_str().unwrap().to_owned()
        };
        let mine = token().await;
        // A token that is made in the same second is the same.
        world.pass(chrono::TimeDelta::seconds(1));
        let other = token().await;
        assert_ne!(mine, other);
        let open = async |token: &str| {
            let mut stream = connect(node.port).await;
            let head = format!(
                "GET /companies/{company}/connectionManagement/events HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            let mut beginning = [0; 12];
            stream.read_exact(&mut beginning).await.unwrap();
            let status = String::from_utf8_lossy(&beginning[9..]).into_owned();
            (status, stream)
        };
        let (first, kept) = open(&mine).await;
        let (second, spare) = open(&mine).await;
        assert_eq!((first.as_str(), second.as_str()), ("200", "200"));
        assert_eq!(open(&mine).await.0, "429", "a third with one token");
        let (third, _others) = open(&other).await;
        assert_eq!(third, "200");
        assert_eq!(open(&other).await.0, "429", "a fourth from one address");
        drop(spare);
        world
            .until("a closed stream makes room for another", || async {
                let (status, stream) = open(&mine).await;
                (status == "200").then_some(stream)
            })
            .await;
        drop(kept);
        node.stop().await;
    }
);

story!(
    an_answer_to_an_odd_method_is_the_contracts_envelope,
    |world| async move {
        let answer = world
            .client(Method::from_bytes(b"BREW").unwrap(), "/companies", None)
            .await;
        answer.refused(405);
    }
);
