//! Ways to trick a server into a forbidden connection (SSRF), each tried through the door, while a listener on every
//! address of this machine counts connections: none. A host allowed by name is the control: it is seen.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use egress::{Door, EgressError, Policy, Request, Resolver, Resolving};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

/// A public address without a host: the prefix of the 6bone, given back to IANA in 2006 (RFC 3701).
const NOBODY: &str = "3ffe::1";

/// The fate of a vector.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    /// The door refuses it, before any connection.
    Forbidden,
    /// It is not a URL.
    NoUrl,
    /// It only looks forbidden: it leads to a public address, and no further.
    Elsewhere,
}
use Fate::{Elsewhere, Forbidden, NoUrl};

/// URLs with a literal address; `{port}` is the listener's.
const LITERALS: &[(&str, Fate)] = &[
    // Loopback, in every spelling of four bytes.
    ("http://127.0.0.1:{port}/", Forbidden),
    ("https://127.0.0.1:{port}/", Forbidden),
    ("HTTP://127.0.0.1:{port}/", Forbidden),
    ("http:127.0.0.1:{port}/", Forbidden),
    ("http:/127.0.0.1:{port}/", Forbidden),
    ("http:///127.0.0.1:{port}/", Forbidden),
    ("http:\\\\127.0.0.1:{port}/", Forbidden),
    (" http://127.0.0.1:{port}/ ", Forbidden),
    ("ht\ntp://127.0.\t0.1:{port}/", Forbidden),
    ("http://127.0.0.2:{port}/", Forbidden),
    ("http://127.127.127.127:{port}/", Forbidden),
    ("http://127.255.255.254:{port}/", Forbidden),
    ("http://127.1:{port}/", Forbidden),
    ("http://127.0.1:{port}/", Forbidden),
    ("http://127.65535:{port}/", Forbidden),
    ("http://2130706433:{port}/", Forbidden),
    ("http://0x7f000001:{port}/", Forbidden),
    ("http://0X7F000001:{port}/", Forbidden),
    ("http://017700000001:{port}/", Forbidden),
    ("http://0x7f.1:{port}/", Forbidden),
    ("http://0x7f.0.0x0.1:{port}/", Forbidden),
    ("http://0177.0.0.1:{port}/", Forbidden),
    ("http://0177.0.0.01:{port}/", Forbidden),
    ("http://0177.0x0.1:{port}/", Forbidden),
    ("http://00000177.0.0.1:{port}/", Forbidden),
    ("http://127.000.000.001:{port}/", Forbidden),
    ("http://127.0.0.1.:{port}/", Forbidden),
    ("http://2130706433.:{port}/", Forbidden),
    ("http://0x7f.1.:{port}/", Forbidden),
    ("http://127.0.0.1..:{port}/", Elsewhere),
    ("http://127.0.0.256:{port}/", NoUrl),
    ("http://127.0.0.0x100:{port}/", NoUrl),
    ("http://4294967296:{port}/", NoUrl),
    ("http://6425673729:{port}/", NoUrl),
    ("http://127.0.0.0.1:{port}/", NoUrl),
    ("http://platform.example.127:{port}/", NoUrl),
    // The same with characters that fold into digits and dots.
    ("http://１２７.0.0.1:{port}/", Forbidden),
    ("http://127。0。0。1:{port}/", Forbidden),
    ("http://127．0．0．1:{port}/", Forbidden),
    ("http://①②⑦.0.0.1:{port}/", Forbidden),
    ("http://𝟙𝟚𝟟.𝟘.𝟘.𝟙:{port}/", Forbidden),
    ("http://%31%32%37.0.0.1:{port}/", Forbidden),
    ("http://127%2e0%2e0%2e1:{port}/", Forbidden),
    ("http://0%787f.1:{port}/", Forbidden),
    ("http://127.0.0.1\u{ad}:{port}/", Forbidden),
    ("http://127.0.0.1%00:{port}/", NoUrl),
    ("http://127.0.0.1%20:{port}/", NoUrl),
    ("http://127.0.0.1%23.platform.example:{port}/", NoUrl),
    ("http://127.0.0.1%2f.platform.example:{port}/", NoUrl),
    // This host, and all the ranges that the registries keep from the public internet.
    ("http://0:{port}/", Forbidden),
    ("http://0x0:{port}/", Forbidden),
    ("http://0.0.0.0:{port}/", Forbidden),
    ("http://0.1.2.3:{port}/", Forbidden),
    ("http://0.255.255.255:{port}/", Forbidden),
    ("http://10.0.0.1:{port}/", Forbidden),
    ("http://10.255.255.255:{port}/", Forbidden),
    ("http://167772161:{port}/", Forbidden),
    ("http://012.0.0.1:{port}/", Forbidden),
    ("http://0xa.1:{port}/", Forbidden),
    ("http://100.64.0.1:{port}/", Forbidden),
    ("http://100.100.100.200:{port}/", Forbidden),
    ("http://100.127.255.255:{port}/", Forbidden),
    ("http://169.254.0.1:{port}/", Forbidden),
    ("http://169.254.169.254/latest/meta-data/", Forbidden),
    ("http://169.254.170.2/v2/credentials", Forbidden),
    ("http://2852039166/latest/meta-data/", Forbidden),
    ("http://0xa9fea9fe/latest/meta-data/", Forbidden),
    ("http://0251.0376.0251.0376/latest/meta-data/", Forbidden),
    ("http://169.16689662/latest/meta-data/", Forbidden),
    ("http://169.254.43518/latest/meta-data/", Forbidden),
    ("http://172.16.0.1:{port}/", Forbidden),
    ("http://172.17.0.1:{port}/", Forbidden),
    ("http://172.31.255.255:{port}/", Forbidden),
    ("http://0xac100001:{port}/", Forbidden),
    ("http://192.0.0.1:{port}/", Forbidden),
    ("http://192.0.0.192:{port}/", Forbidden),
    ("http://192.0.2.1:{port}/", Forbidden),
    ("http://192.31.196.1:{port}/", Forbidden),
    ("http://192.52.193.1:{port}/", Forbidden),
    ("http://192.88.99.1:{port}/", Forbidden),
    ("http://192.168.0.1:{port}/", Forbidden),
    ("http://192.168.255.255:{port}/", Forbidden),
    ("http://192.11010049:{port}/", Forbidden),
    ("http://192.175.48.1:{port}/", Forbidden),
    ("http://198.18.0.1:{port}/", Forbidden),
    ("http://198.19.255.255:{port}/", Forbidden),
    ("http://198.51.100.1:{port}/", Forbidden),
    ("http://203.0.113.1:{port}/", Forbidden),
    ("http://224.0.0.1:{port}/", Forbidden),
    ("http://239.255.255.255:{port}/", Forbidden),
    ("http://240.0.0.1:{port}/", Forbidden),
    ("http://255.255.255.255:{port}/", Forbidden),
    ("http://4294967295:{port}/", Forbidden),
    // IPv6: this host, in full and in short.
    ("http://[::1]:{port}/", Forbidden),
    ("https://[::1]:{port}/", Forbidden),
    ("http://[0:0:0:0:0:0:0:1]:{port}/", Forbidden),
    (
        "http://[0000:0000:0000:0000:0000:0000:0000:0001]:{port}/",
        Forbidden,
    ),
    ("http://[::0.0.0.1]:{port}/", Forbidden),
    ("http://[::]:{port}/", Forbidden),
    ("http://[0:0:0:0:0:0:0:0]:{port}/", Forbidden),
    // IPv4 inside IPv6: mapped, compatible, translated, NAT64, 6to4, Teredo.
    ("http://[::ffff:127.0.0.1]:{port}/", Forbidden),
    ("http://[::FFFF:7f00:1]:{port}/", Forbidden),
    ("http://[0:0:0:0:0:ffff:127.0.0.1]:{port}/", Forbidden),
    ("http://[::ffff:0.0.0.0]:{port}/", Forbidden),
    ("http://[::ffff:10.0.0.1]:{port}/", Forbidden),
    ("http://[::ffff:192.168.0.1]:{port}/", Forbidden),
    ("http://[::ffff:169.254.169.254]/", Forbidden),
    ("http://[::ffff:a9fe:a9fe]/", Forbidden),
    ("http://[::127.0.0.1]:{port}/", Forbidden),
    ("http://[::7f00:1]:{port}/", Forbidden),
    ("http://[::169.254.169.254]/", Forbidden),
    ("http://[::8.8.8.8]:{port}/", Forbidden),
    ("http://[::ffff:0:127.0.0.1]:{port}/", Forbidden),
    ("http://[64:ff9b::127.0.0.1]:{port}/", Forbidden),
    ("http://[64:ff9b::7f00:1]:{port}/", Forbidden),
    ("http://[64:ff9b::10.0.0.1]:{port}/", Forbidden),
    ("http://[64:ff9b::169.254.169.254]/", Forbidden),
    ("http://[64:ff9b::0.0.0.0]:{port}/", Forbidden),
    ("http://[64:ff9b:1::1]:{port}/", Forbidden),
    ("http://[64:ff9b:1:ffff::8.8.8.8]:{port}/", Forbidden),
    ("http://[2002:7f00:1::]:{port}/", Forbidden),
    ("http://[2002:a9fe:a9fe::1]/", Forbidden),
    ("http://[2002:808:808::1]:{port}/", Forbidden),
    ("http://[2001:0:7f00:1::]:{port}/", Forbidden),
    (
        "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]:{port}/",
        Forbidden,
    ),
    // The other ranges of IPv6 that aren't the public internet.
    ("http://[fc00::1]:{port}/", Forbidden),
    ("http://[fd00:ec2::254]/latest/meta-data/", Forbidden),
    ("http://[fd20:ce::254]/computeMetadata/v1/", Forbidden),
    (
        "http://[fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:{port}/",
        Forbidden,
    ),
    ("http://[fe80::1]:{port}/", Forbidden),
    ("http://[fe80::1%25lo]:{port}/", NoUrl),
    ("http://[fe80::1%lo]:{port}/", NoUrl),
    ("http://[::1%251]:{port}/", NoUrl),
    ("http://[febf:ffff::1]:{port}/", Forbidden),
    ("http://[fec0::1]:{port}/", Forbidden),
    ("http://[ff02::1]:{port}/", Forbidden),
    ("http://[ff0e::1]:{port}/", Forbidden),
    ("http://[100::1]:{port}/", Forbidden),
    ("http://[2001:2::1]:{port}/", Forbidden),
    ("http://[2001:10::1]:{port}/", Forbidden),
    ("http://[2001:20::1]:{port}/", Forbidden),
    ("http://[2001:db8::1]:{port}/", Forbidden),
    ("http://[2620:4f:8000::1]:{port}/", Forbidden),
    ("http://[3fff::1]:{port}/", Forbidden),
    ("http://[5f00::1]:{port}/", Forbidden),
    ("http://[4000::1]:{port}/", Forbidden),
    ("http://[::1:{port}/", NoUrl),
    ("http://::1:{port}/", NoUrl),
    // User information that looks like a host.
    ("http://user@127.0.0.1:{port}/", Forbidden),
    ("http://user:password@127.0.0.1:{port}/", Forbidden),
    ("http://platform.example@127.0.0.1:{port}/", Forbidden),
    ("http://platform.example:443@127.0.0.1:{port}/", Forbidden),
    ("http://127.0.0.1:{port}@platform.example/", Forbidden),
    ("http://platform.example%40127.0.0.1:{port}/", NoUrl),
    ("http://@127.0.0.1:{port}/", Forbidden),
    ("http://:@127.0.0.1:{port}/", Forbidden),
    ("http://127.0.0.1:{port}\\@platform.example/", Forbidden),
    ("http://platform.example\\@127.0.0.1:{port}/", Elsewhere),
    ("http://platform.example/@127.0.0.1:{port}/", Elsewhere),
    ("http://platform.example?@127.0.0.1:{port}/", Elsewhere),
    ("http://platform.example#@127.0.0.1:{port}/", Elsewhere),
    ("http://127.0.0.1:{port}#@platform.example/", Forbidden),
    ("http://127.0.0.1:{port}?.platform.example/", Forbidden),
    ("http://127.0.0.1:{port};@platform.example/", Forbidden),
    ("http://127.0.0.1:{port}:80/", NoUrl),
    // Other languages than HTTP.
    ("file:///etc/passwd", Forbidden),
    ("file://127.0.0.1:{port}/", NoUrl),
    ("ftp://127.0.0.1:{port}/", Forbidden),
    ("gopher://127.0.0.1:{port}/_GET", Forbidden),
    ("dict://127.0.0.1:{port}/d", Forbidden),
    ("ldap://127.0.0.1:{port}/", Forbidden),
    ("ws://127.0.0.1:{port}/", Forbidden),
    ("wss://127.0.0.1:{port}/", Forbidden),
    ("unix:/var/run/docker.sock", Forbidden),
    ("data:text/plain,x", Forbidden),
    ("jar:http://127.0.0.1:{port}/!/", Forbidden),
];

/// Answers of the test's resolver to a name, in turn; the last one for ever.
const NAMES: &[(&str, &[&[&str]])] = &[
    // Names that lead inside.
    ("loopback.example", &[&["127.0.0.1"]]),
    ("elsewhere-on-loopback.example", &[&["127.9.9.9"]]),
    ("loopback6.example", &[&["::1"]]),
    ("mapped.example", &[&["::ffff:127.0.0.1"]]),
    ("compatible.example", &[&["::127.0.0.1"]]),
    ("translated.example", &[&["::ffff:0:127.0.0.1"]]),
    ("nat64.example", &[&["64:ff9b::7f00:1"]]),
    ("local-nat64.example", &[&["64:ff9b:1::7f00:1"]]),
    ("six-to-four.example", &[&["2002:7f00:1::"]]),
    ("teredo.example", &[&["2001:0:7f00:1::"]]),
    ("unspecified.example", &[&["0.0.0.0"]]),
    ("unspecified6.example", &[&["::"]]),
    ("private-10.example", &[&["10.1.2.3"]]),
    ("private-172.example", &[&["172.20.0.1"]]),
    ("private-192.example", &[&["192.168.178.1"]]),
    ("shared.example", &[&["100.64.1.1"]]),
    ("metadata.example", &[&["169.254.169.254"]]),
    ("metadata-mapped.example", &[&["::ffff:169.254.169.254"]]),
    ("metadata6.example", &[&["fd00:ec2::254"]]),
    ("link-local.example", &[&["fe80::1"]]),
    ("unique-local.example", &[&["fc00::1"]]),
    ("site-local.example", &[&["fec0::1"]]),
    ("multicast.example", &[&["224.0.0.251"]]),
    ("multicast6.example", &[&["ff02::fb"]]),
    ("broadcast.example", &[&["255.255.255.255"]]),
    ("benchmark.example", &[&["198.18.0.1"]]),
    ("documentation.example", &[&["203.0.113.7", "2001:db8::7"]]),
    ("127.0.0.1.wildcard.example", &[&["127.0.0.1"]]),
    ("7f000001.rebind.example", &[&["127.0.0.1"]]),
    ("trailing-dot.example.", &[&["127.0.0.1"]]),
    ("localhost", &[&["127.0.0.1", "::1"]]),
    ("localhost.", &[&["127.0.0.1"]]),
    ("lower.localhost", &[&["127.0.0.1"]]),
    ("metadata.google.internal", &[&["169.254.169.254"]]),
    ("xn--inner-cva.example", &[&["10.0.0.1"]]),
    // Names that lead both ways, the public way first or last.
    ("public-first.example", &[&[NOBODY, "127.0.0.1"]]),
    ("public-last.example", &[&["127.0.0.1", NOBODY]]),
    ("public-first6.example", &[&[NOBODY, "::1"]]),
    ("public-between.example", &[&["::1", NOBODY, "127.0.0.1"]]),
    ("two-inside.example", &[&["10.0.0.1", "169.254.169.254"]]),
    (
        "hidden-at-the-end.example",
        &[&[NOBODY, NOBODY, NOBODY, "::ffff:127.0.0.1"]],
    ),
    // Names that change their address (DNS rebinding): the first answer is worth nothing.
    ("turns-at-once.example", &[&[NOBODY], &["127.0.0.1"]]),
    (
        "turns-later.example",
        &[&[NOBODY], &[NOBODY], &["127.0.0.1"]],
    ),
    ("turns-to-six.example", &[&[NOBODY], &["::1"]]),
    (
        "turns-to-metadata.example",
        &[&[NOBODY], &["169.254.169.254"]],
    ),
    (
        "turns-to-both.example",
        &[&[NOBODY], &[NOBODY, "127.0.0.1"]],
    ),
    ("turns-from-nothing.example", &[&[], &["127.0.0.1"]]),
];

/// Redirects for a caller that would follow them.
const REDIRECTS: &[(&str, &str)] = &[
    ("301 Moved Permanently", "http://127.0.0.1:{port}/"),
    ("302 Found", "http://127.0.0.1:{port}/"),
    ("303 See Other", "http://127.0.0.1:{port}/"),
    ("307 Temporary Redirect", "http://127.0.0.1:{port}/"),
    ("308 Permanent Redirect", "http://127.0.0.1:{port}/"),
    ("300 Multiple Choices", "http://127.0.0.1:{port}/"),
    ("305 Use Proxy", "http://127.0.0.1:{port}/"),
    ("201 Created", "http://127.0.0.1:{port}/"),
    ("302 Found", "http://[::1]:{port}/"),
    ("302 Found", "//127.0.0.1:{port}/"),
    ("302 Found", "http://2130706433:{port}/"),
    ("302 Found", "http://loopback.example:{port}/"),
    ("302 Found", "http://169.254.169.254/latest/meta-data/"),
    (
        "307 Temporary Redirect",
        "http://169.254.169.254/latest/api/token",
    ),
    ("302 Found", "http://[fe80::1]/"),
    ("302 Found", "http://[::ffff:169.254.169.254]/"),
    ("302 Found", "file:///etc/passwd"),
    ("302 Found", "/again"),
];

/// Proxy variables that would send every request to the listener, were they read.
const PROXIES: &[(&str, &str)] = &[
    ("http_proxy", "http://127.0.0.1:{port}"),
    ("HTTP_PROXY", "http://127.0.0.1:{port}"),
    ("https_proxy", "http://127.0.0.1:{port}"),
    ("HTTPS_PROXY", "http://127.0.0.1:{port}"),
    ("all_proxy", "socks5://127.0.0.1:{port}"),
    ("ALL_PROXY", "http://127.0.0.1:{port}"),
];

/// Answers from a script, counts, and resolves every other name to a public address without a host.
struct Script(Mutex<BTreeMap<&'static str, usize>>);

impl Script {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::default()))
    }

    fn asked(&self, name: &str) -> usize {
        self.0.lock().unwrap().get(name).copied().unwrap_or(0)
    }
}

impl Resolver for Script {
    fn resolve(&self, name: String) -> Resolving {
        let texts = match NAMES.iter().find(|(known, _)| *known == name) {
            None => &[NOBODY] as &[&str],
            Some((known, answers)) => {
                let mut asked = self.0.lock().unwrap();
                let turn = asked.entry(known).or_default();
                let answer = answers[(*turn).min(answers.len() - 1)];
                *turn += 1;
                answer
            }
        };
        let addresses: Vec<IpAddr> = texts.iter().map(|text| text.parse().unwrap()).collect();
        Box::pin(async move {
            if addresses.is_empty() {
                return Err(io::Error::new(io::ErrorKind::NotFound, "no such name"));
            }
            Ok(addresses)
        })
    }
}

/// Listens on every address of this machine, of both kinds if there are both, and answers everything with `answer`.
struct Everywhere {
    port: u16,
    connections: Arc<AtomicUsize>,
}

impl Everywhere {
    async fn start(answer: impl Into<String>) -> Self {
        let listener = match TcpListener::bind("[::]:0").await {
            Ok(listener) => listener,
            Err(_) => TcpListener::bind("0.0.0.0:0").await.unwrap(),
        };
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let (counter, answer) = (connections.clone(), Arc::<str>::from(answer.into()));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                let answer = answer.clone();
                tokio::spawn(async move {
                    let mut head = [0; 4096];
                    let _ = stream.read(&mut head).await;
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        Self { port, connections }
    }

    fn seen(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    fn fill(&self, text: &str) -> String {
        text.replace("{port}", &self.port.to_string())
    }
}

const HELLO: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello";

fn door(allow: &[String], resolver: Arc<Script>) -> Door {
    let policy = Policy {
        allow_private: BTreeSet::from_iter(allow.iter().cloned()),
        connect_timeout: Duration::from_millis(250),
        ..Policy::default()
    };
    Door::with_resolver(policy, resolver)
}

async fn get(door: &Door, url: &str) -> Result<u16, EgressError> {
    let answer = door.send(Request::get(Url::parse(url).unwrap())).await?;
    Ok(answer.status.as_u16())
}

#[tokio::test]
async fn no_url_leads_inside() {
    let listener = Everywhere::start(HELLO).await;
    let door = door(&[], Script::new());
    for (vector, fate) in LITERALS {
        let url = listener.fill(vector);
        let Ok(url) = Url::parse(&url) else {
            assert_eq!(*fate, NoUrl, "{vector} is not a URL");
            continue;
        };
        let answer = door.send(Request::get(url.clone())).await;
        let became = match &answer {
            Err(EgressError::Forbidden { .. }) => Forbidden,
            Err(EgressError::Unreachable { .. }) => Elsewhere,
            other => panic!("{vector:?} ({url}): {other:?}"),
        };
        assert_eq!(became, *fate, "{vector:?} ({url})");
    }
    assert_eq!(listener.seen(), 0);

    // The listener sees allowed requests, by either kind of address.
    let allowed = [listener.fill("127.0.0.1:{port}"), "[::1]".to_owned()];
    let door = self::door(&allowed, Script::new());
    let here = listener.fill("http://127.0.0.1:{port}/");
    assert_eq!(get(&door, &here).await, Ok(200));
    assert_eq!(listener.seen(), 1);
    if get(&door, &listener.fill("http://[::1]:{port}/")).await == Ok(200) {
        assert_eq!(listener.seen(), 2);
    }
}

#[tokio::test]
async fn no_name_leads_inside_whatever_it_says_and_when() {
    let listener = Everywhere::start(HELLO).await;
    let script = Script::new();
    let door = door(&[], script.clone());
    for (name, answers) in NAMES {
        let url = listener.fill(&format!("http://{name}:{{port}}/"));
        for (turn, answer) in answers.iter().enumerate() {
            let result = get(&door, &url).await;
            if answer.iter().all(|address| *address == NOBODY) {
                assert!(
                    matches!(result, Err(EgressError::Unreachable { .. })),
                    "{name}, turn {turn}: {result:?}"
                );
            } else {
                assert!(
                    matches!(result, Err(EgressError::Forbidden { .. })),
                    "{name}, turn {turn}: {result:?}"
                );
            }
            // Resolved once for each connection: there is no second answer that could differ from the vetted one.
            assert_eq!(script.asked(name), turn + 1, "{name}");
        }
    }
    assert_eq!(listener.seen(), 0);

    // The same name, allowed: the connection goes to its own address.
    let allowed = [listener.fill("loopback.example:{port}")];
    let door = self::door(&allowed, Script::new());
    let named = |name: &str| listener.fill(&format!("http://{name}:{{port}}/"));
    assert_eq!(get(&door, &named("loopback.example")).await, Ok(200));
    assert_eq!(listener.seen(), 1);
    let other = get(&door, &named("127.0.0.1.wildcard.example")).await;
    assert!(
        matches!(other, Err(EgressError::Forbidden { .. })),
        "{other:?}"
    );
    assert_eq!(listener.seen(), 1);
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let inside = Everywhere::start(HELLO).await;
    for (status, target) in REDIRECTS {
        let target = inside.fill(target);
        let outside = Everywhere::start(format!(
            "HTTP/1.1 {status}\r\nlocation: {target}\r\nrefresh: 0; url={target}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        ))
        .await;
        let allowed = [outside.fill("localhost:{port}")];
        let door = door(&allowed, Script::new());
        let answer = get(&door, &outside.fill("http://localhost:{port}/")).await;
        assert_eq!(
            answer,
            Ok(status[..3].parse().unwrap()),
            "{status} {target}"
        );
        assert_eq!(outside.seen(), 1, "{status} {target}");
    }
    assert_eq!(inside.seen(), 0);
}

#[tokio::test]
async fn no_proxy_of_the_environment_is_asked() {
    const NAME: &str = "no_proxy_of_the_environment_is_asked";
    const CHILD: &str = "EGRESS_TEST_URL";
    if let Ok(url) = std::env::var(CHILD) {
        let door = door(&["localhost".to_owned()], Script::new());
        assert_eq!(get(&door, &url).await, Ok(200));
        // A public name would be requested through a proxy first of all.
        for outside in ["http://platform.example/", "https://platform.example/"] {
            let answer = get(&door, outside).await;
            assert!(
                matches!(answer, Err(EgressError::Unreachable { .. })),
                "{answer:?}"
            );
        }
        return;
    }
    for (variable, proxy) in PROXIES {
        let (target, inside) = (
            Everywhere::start(HELLO).await,
            Everywhere::start(HELLO).await,
        );
        // Only a process of its own may have its environment changed without a race.
        let status = tokio::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", NAME])
            .env(CHILD, target.fill("http://localhost:{port}/"))
            .env(variable, inside.fill(proxy))
            .status()
            .await
            .unwrap();
        assert!(status.success(), "{variable}");
        assert_eq!((target.seen(), inside.seen()), (1, 0), "{variable}");
    }
}

#[test]
fn the_table_is_long_and_no_vector_is_in_it_twice() {
    let mut all: Vec<String> = Vec::new();
    all.extend(LITERALS.iter().map(|(url, _)| (*url).to_owned()));
    all.extend(NAMES.iter().map(|(name, _)| (*name).to_owned()));
    all.extend(
        REDIRECTS
            .iter()
            .map(|(status, to)| format!("{status} {to}")),
    );
    all.extend(PROXIES.iter().map(|(variable, _)| (*variable).to_owned()));
    let different: BTreeSet<&String> = all.iter().collect();
    assert_eq!(different.len(), all.len());
    assert!(all.len() >= 150, "{} vectors", all.len());
    let forbidden = LITERALS
        .iter()
        .filter(|(_, fate)| *fate == Forbidden)
        .count();
    assert!(
        forbidden >= 120,
        "{forbidden} literals that a door must refuse"
    );
}
