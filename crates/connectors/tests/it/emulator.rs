//! A platform that gives prepared answers, and remembers the requests.
#![allow(dead_code)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use egress::{Door, Policy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A request as it arrived: the first line and the headers, lower-case, and the body.
#[derive(Debug, Clone)]
pub struct Seen {
    pub head: String,
    pub body: String,
}

impl Seen {
    pub fn target(&self) -> &str {
        self.head.split_whitespace().nth(1).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn form(&self) -> BTreeMap<String, String> {
        url::form_urlencoded::parse(self.body.as_bytes())
            .into_owned()
            .collect()
    }
}

/// Status, header lines and body, by the request's whole target or its path.
type Answers = Arc<Mutex<BTreeMap<String, (u16, String, String)>>>;

/// Answers by the path of the request, and remembers the request.
pub struct Platform {
    pub base: String,
    answers: Answers,
    /// Bodies of answers that are given once each, before the usual one.
    turns: Turns,
    seen: Arc<Mutex<Vec<Seen>>>,
}

type Turns = Arc<Mutex<VecDeque<(String, String)>>>;

impl Platform {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let answers: Answers = Arc::default();
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let turns: Turns = Arc::default();
        let (known, due, notes) = (answers.clone(), turns.clone(), seen.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (known, due, notes) = (known.clone(), due.clone(), notes.clone());
                tokio::spawn(async move {
                    let request = read(&mut stream).await;
                    let target = request.target().to_owned();
                    notes.lock().unwrap().push(request);
                    let path = target.split('?').next().unwrap_or_default();
                    let in_turn = {
                        let mut due = due.lock().unwrap();
                        let at = due.iter().position(|(of, _)| of == path);
                        at.and_then(|at| due.remove(at))
                    };
                    let answer = if let Some((_, body)) = in_turn {
                        Some((200, String::new(), body))
                    } else {
                        let known = known.lock().unwrap();
                        known.get(&target).or_else(|| known.get(path)).cloned()
                    };
                    let (status, headers, body) =
                        answer.unwrap_or((404, String::new(), String::new()));
                    let text = format!(
                        "HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
                        body.len()
                    );
                    let _ = stream.write_all(text.as_bytes()).await;
                });
            }
        });
        Self {
            base,
            answers,
            turns,
            seen,
        }
    }

    /// The next request for a path is answered so, once.
    pub fn answers_once(&self, path: &str, body: &str) {
        let turn = (path.to_owned(), body.to_owned());
        self.turns.lock().unwrap().push_back(turn);
    }

    pub fn answers(&self, path: &str, status: u16, headers: &str, body: &str) {
        let answer = (status, headers.to_owned(), body.to_owned());
        self.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    pub fn last(&self) -> Seen {
        self.seen.lock().unwrap().last().unwrap().clone()
    }

    pub fn all(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn asked(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    pub fn door(&self) -> Door {
        let host = self.base.trim_start_matches("http://").to_owned();
        Door::new(Policy {
            allow_private: BTreeSet::from([host]),
            ..Policy::default()
        })
    }
}

async fn read(stream: &mut tokio::net::TcpStream) -> Seen {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let seen = Seen {
                head: head.to_owned(),
                body: body.to_owned(),
            };
            let length = seen
                .header("content-length")
                .map_or(0, |n| n.parse().unwrap());
            if body.len() >= length {
                return seen;
            }
        }
        match stream.read(&mut chunk).await {
            Ok(n) if n > 0 => bytes.extend_from_slice(&chunk[..n]),
            _ => {
                return Seen {
                    head: text,
                    body: String::new(),
                };
            }
        }
    }
}
