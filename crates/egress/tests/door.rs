//! The door against real listeners: reachable hosts, deadlines, body limits and the content of errors.

use std::collections::BTreeSet;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use egress::{Door, EgressError, Method, Obstacle, Policy, Request, Resolver, Resolving, header};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// A listener that counts its connections and treats each with `serve`.
struct Listener {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Listener {
    async fn start<F>(at: &str, serve: impl Fn(TcpStream) -> F + Send + 'static) -> Option<Self>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((at, 0)).await.ok()?;
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = connections.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream));
            }
        });
        Some(Self {
            address,
            connections,
        })
    }

    /// Answers each request with the same bytes.
    async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer: Arc<Vec<u8>> = Arc::new(answer.into());
        Self::start("127.0.0.1", move |mut stream| {
            let answer = answer.clone();
            async move {
                read_head(&mut stream).await;
                let _ = stream.write_all(&answer).await;
            }
        })
        .await
        .expect("the loopback address can be bound")
    }

    fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// A door that may reach this listener and no other private address.
    fn door(&self, adjust: impl FnOnce(&mut Policy)) -> Door {
        let mut policy = Policy {
            allow_private: BTreeSet::from([self.address.to_string()]),
            ..Policy::default()
        };
        adjust(&mut policy);
        Door::new(policy)
    }
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte).await {
            Ok(1) => head.push(byte[0]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

const HELLO: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello";

#[tokio::test]
async fn no_spelling_of_a_private_address_is_connected_to() {
    let v4 = Listener::answering(HELLO).await;
    let port = v4.address.port();
    let v6 = Listener::start("::1", |_| async {}).await;
    let door = Door::new(Policy::default());
    let hosts = [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0x7f.0x0.0x0.0x1",
        "017700000001",
        "0177.0.0.1",
        "0177.0.0.01",
        "127.0.0.1.",
        "127.000.000.001",
        "１２７.0.0.1",
        "127。0。0。1",
        "%31%32%37.0.0.1",
        "0",
        "0.0.0.0",
        "0x0",
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "[fe80::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[fec0::1]",
        "[ff02::1]",
        "10.0.0.1",
        "10.255.255.255",
        "172.16.0.1",
        "172.31.255.254",
        "192.168.0.1",
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "[::ffff:169.254.169.254]",
        "100.64.0.1",
        "100.127.255.255",
        "192.0.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "localhost",
        "LOCALHOST",
    ];
    for host in hosts {
        let Ok(url) = Url::parse(&format!("http://{host}:{port}/")) else {
            continue;
        };
        let answer = door.send(Request::get(url.clone())).await;
        assert!(
            matches!(answer, Err(EgressError::Forbidden { .. })),
            "{host} ({url}): {answer:?}"
        );
    }
    assert_eq!(v4.connections(), 0);
    assert_eq!(v6.map_or(0, |listener| listener.connections()), 0);

    // The same listener, allowed: it was the door that kept the first request away.
    let allowed = v4.door(|_| {});
    let answer = allowed.send(Request::get(v4.url("/"))).await.unwrap();
    assert_eq!(&answer.body[..], b"hello");
    assert_eq!(v4.connections(), 1);
}

#[tokio::test]
async fn a_private_host_is_allowed_by_its_exact_name_and_port() {
    let listener = Listener::answering(HELLO).await;
    let port = listener.address.port();
    let door = |allowed: &str| {
        Door::new(Policy {
            allow_private: BTreeSet::from([allowed.to_owned()]),
            ..Policy::default()
        })
    };
    let send = async |allowed: String, url: String| {
        let url = Url::parse(&url).unwrap();
        door(&allowed).send(Request::get(url)).await.is_ok()
    };
    let here = format!("http://127.0.0.1:{port}/");
    assert!(send(format!("127.0.0.1:{port}"), here.clone()).await);
    assert!(send("127.0.0.1".to_owned(), here.clone()).await);
    assert!(
        send(
            format!("localhost:{port}"),
            format!("http://localhost:{port}/")
        )
        .await
    );
    assert!(!send(format!("127.0.0.1:{}", port ^ 1), here.clone()).await);
    assert!(!send("127.0.0.2".to_owned(), here.clone()).await);
    assert!(!send(format!("localhost:{port}"), here.clone()).await);
    assert!(
        !send(
            format!("127.0.0.1:{port}"),
            format!("http://localhost:{port}/")
        )
        .await
    );
}

#[tokio::test]
async fn what_is_no_plain_http_url_stays_inside() {
    let door = Door::new(Policy {
        allow_private: BTreeSet::from(["127.0.0.1".to_owned()]),
        ..Policy::default()
    });
    for url in [
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1:70/",
        "data:text/plain,x",
        "unix:/var/run/docker.sock",
        "http://user@127.0.0.1/",
        "http://user:password@127.0.0.1/",
    ] {
        let answer = door.send(Request::get(Url::parse(url).unwrap())).await;
        assert!(
            matches!(answer, Err(EgressError::Forbidden { .. })),
            "{url}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let inner = Listener::answering(HELLO).await;
    let answer = format!(
        "HTTP/1.1 302 Found\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
        inner.url("/secret")
    );
    let outer = Listener::answering(answer).await;
    let door = outer.door(|policy| {
        policy.allow_private.insert(inner.address.to_string());
    });
    let response = door.send(Request::get(outer.url("/"))).await.unwrap();
    assert_eq!(response.status, 302);
    assert_eq!(inner.connections(), 0);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_cut_off_announced_or_not() {
    let announced =
        Listener::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\nxxxx".to_vec())
            .await;
    let mut endless = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
    endless.extend(std::iter::repeat_n(b'x', 4096));
    let unannounced = Listener::answering(endless).await;
    for listener in [announced, unannounced] {
        let door = listener.door(|policy| policy.max_body = 1024);
        let answer = door.send(Request::get(listener.url("/"))).await;
        assert!(
            matches!(answer, Err(EgressError::BodyTooLarge { limit: 1024, .. })),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn a_body_that_trickles_ends_at_the_deadline() {
    let listener = Listener::start("127.0.0.1", |mut stream| async move {
        read_head(&mut stream).await;
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
            .await;
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    let door = listener.door(|policy| policy.total_timeout = Duration::from_millis(300));
    let answer = door.send(Request::get(listener.url("/"))).await;
    assert!(
        matches!(answer, Err(EgressError::TimedOut { .. })),
        "{answer:?}"
    );

    let door = listener.door(|_| {});
    let request = Request {
        timeout: Some(Duration::from_millis(300)),
        ..Request::get(listener.url("/"))
    };
    let answer = door.send(request).await;
    assert!(
        matches!(answer, Err(EgressError::TimedOut { .. })),
        "{answer:?}"
    );
}

#[tokio::test]
async fn whether_anything_was_sent_can_be_told() {
    let closed = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let door = Door::new(Policy {
        allow_private: BTreeSet::from(["127.0.0.1".to_owned()]),
        ..Policy::default()
    });
    let url = Url::parse(&format!("http://{address}/")).unwrap();
    let refused = door.send(Request::get(url)).await.unwrap_err();
    assert_eq!(obstacle(&refused), Some(Obstacle::ClosedPort));
    assert!(refused.nothing_was_sent());

    let hanging_up = Listener::start("127.0.0.1", |mut stream| async move {
        read_head(&mut stream).await;
    })
    .await
    .unwrap();
    let broken = door
        .send(Request::post(hanging_up.url("/"), ""))
        .await
        .unwrap_err();
    assert!(
        matches!(broken, EgressError::Interrupted { .. }),
        "{broken:?}"
    );
    assert!(!broken.nothing_was_sent());
    assert_eq!(hanging_up.connections(), 1, "a change is sent once");
    let broken = door.send(Request::get(hanging_up.url("/"))).await;
    assert!(
        matches!(broken, Err(EgressError::Interrupted { .. })),
        "{broken:?}"
    );
    assert_eq!(hanging_up.connections(), 3, "a question is sent twice");

    // A TLS handshake that is never answered is a connection that never came about.
    let silent = Listener::start("127.0.0.1", |stream| async move {
        let _open = stream;
        std::future::pending::<()>().await;
    })
    .await
    .unwrap();
    let door = silent.door(|policy| policy.connect_timeout = Duration::from_millis(200));
    let url = Url::parse(&format!("https://{}/", silent.address)).unwrap();
    let stalled = door.send(Request::get(url)).await.unwrap_err();
    assert_eq!(obstacle(&stalled), Some(Obstacle::Silence));
    assert!(stalled.nothing_was_sent(), "{stalled:?}");
}

fn obstacle(error: &EgressError) -> Option<Obstacle> {
    match error {
        EgressError::Unreachable { why, .. } => Some(*why),
        _ => None,
    }
}

#[tokio::test]
async fn the_step_at_which_no_connection_came_about_is_told() {
    let plain = Listener::start("127.0.0.1", |mut stream| async move {
        let _ = stream.read(&mut [0; 16]).await;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        std::future::pending::<()>().await;
    })
    .await
    .unwrap();
    let secured = Url::parse(&format!("https://{}/", plain.address)).unwrap();
    let error = plain.door(|_| {}).send(Request::get(secured)).await;
    assert_eq!(obstacle(&error.unwrap_err()), Some(Obstacle::NotTls));

    struct NoNames;
    impl Resolver for NoNames {
        fn resolve(&self, _: String) -> Resolving {
            Box::pin(async { Err(std::io::Error::other("no such name")) })
        }
    }
    let door = Door::with_resolver(Policy::default(), Arc::new(NoNames));
    let unknown = Url::parse("https://consumer.example/hooks?secret=1").unwrap();
    let error = door.send(Request::get(unknown)).await.unwrap_err();
    assert_eq!(obstacle(&error), Some(Obstacle::NoAddress));
    assert_eq!(
        error.to_string(),
        "could not connect to consumer.example: its name has no address"
    );
}

/// Many servers close a connection after some idle seconds, and the next request may be on its way at that moment.
#[tokio::test]
async fn no_request_is_lost_to_a_connection_that_the_server_was_about_to_close() {
    const KEPT: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
    let (heard, mut requests) = tokio::sync::mpsc::unbounded_channel();
    let closing = Listener::start("127.0.0.1", move |mut stream| {
        let heard = heard.clone();
        async move {
            let first = read_head(&mut stream).await;
            heard.send(first).unwrap();
            let _ = stream.write_all(KEPT).await;
            // The second request on this connection meets its end.
            if !read_head(&mut stream).await.is_empty() {
                heard.send("a request that was lost".to_owned()).unwrap();
            }
        }
    })
    .await
    .unwrap();
    let door = closing.door(|_| {});
    let url = closing.url("/");
    let mut methods = Vec::new();
    for request in [
        Request::get(url.clone()),
        Request::post(url.clone(), ""),
        Request::get(url.clone()),
        Request::new(Method::DELETE, url),
    ] {
        methods.push(request.method.clone());
        let answer = door.send(request).await.unwrap();
        assert_eq!(&answer.body[..], b"hello");
    }
    let mut lost = 0;
    let mut seen = Vec::new();
    while let Ok(head) = requests.try_recv() {
        match head.split_once(' ') {
            Some(("a", _)) => lost += 1,
            Some((method, _)) => seen.push(Method::try_from(method).unwrap()),
            None => panic!("no request: {head:?}"),
        }
    }
    assert_eq!(seen, methods);
    assert_eq!(lost, 1, "only the second GET found the old connection");
}

#[tokio::test]
async fn errors_and_requests_print_no_path_query_header_or_body() {
    let hanging_up = Listener::start("127.0.0.1", |mut stream| async move {
        read_head(&mut stream).await;
    })
    .await
    .unwrap();
    let door = hanging_up.door(|_| {});
    let mut request = Request::new(
        Method::POST,
        hanging_up.url("/canary-path?code=canary-query"),
    );
    request.body = "canary-body".into();
    request.headers.insert(
        header::AUTHORIZATION,
        "Bearer canary-header".parse().unwrap(),
    );
    let printed = format!("{request:?}");
    assert!(!printed.contains("canary"), "{printed}");
    let error = door.send(request).await.unwrap_err();
    let printed = format!("{error} {error:?}");
    assert!(!printed.contains("canary"), "{printed}");
    assert!(printed.contains("127.0.0.1"), "{printed}");
}

#[tokio::test]
async fn a_proxy_in_the_environment_is_not_asked() {
    // Only a process of its own may have its environment changed without a race.
    if std::env::var_os("HTTP_PROXY").is_none() {
        let proxy = Listener::answering(HELLO).await;
        let this = std::env::current_exe().unwrap();
        let status = tokio::process::Command::new(this)
            .args(["--exact", "a_proxy_in_the_environment_is_not_asked"])
            .env("HTTP_PROXY", format!("http://{}", proxy.address))
            .env("http_proxy", format!("http://{}", proxy.address))
            .env("ALL_PROXY", format!("http://{}", proxy.address))
            .status()
            .await
            .unwrap();
        assert!(status.success());
        assert_eq!(proxy.connections(), 0);
        return;
    }
    let listener = Listener::answering(HELLO).await;
    let door = listener.door(|_| {});
    door.send(Request::get(listener.url("/"))).await.unwrap();
    assert_eq!(listener.connections(), 1);
}
