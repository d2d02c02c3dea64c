//! The ends of a connection's requests, read from its bytes as they arrive.
//!
//! hyper drops a Content-Length that stands beside a Transfer-Encoding before any layer sees the request, and a proxy in front
//! may have gone by the other of the two (RFC 9112 § 6.3, § 11.2). So the heads are read here once more, for what decides how
//! long a body is and for nothing else; what can't be a request is left for hyper to refuse.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::BytesMut;
use parking_lot::Mutex;

/// A head that is longer is refused by hyper.
const LONGEST_HEAD: usize = 64 << 10;

/// The verdicts on the requests of a connection that hyper has not handed over yet: the reason for a refusal, or none.
#[derive(Clone, Default)]
pub(super) struct Verdicts(Arc<Mutex<VecDeque<Option<&'static str>>>>);

impl Verdicts {
    /// The verdict on the next request. One that was not seen to begin is refused: hyper and [`Framing`] are out of step.
    pub(super) fn next(&self) -> Option<&'static str> {
        let known = self.0.lock().pop_front();
        known.unwrap_or(Some("The place at which the request begins can't be told."))
    }
}

/// The place in a connection's bytes.
pub(super) struct Framing {
    place: Place,
    verdicts: Verdicts,
}

enum Place {
    /// In a head, of which these bytes are known.
    Head {
        bytes: Vec<u8>,
        /// True once its first line has come.
        has_line: bool,
    },
    /// Before so many bytes of a body.
    Body(u64),
    /// In the line that tells a chunk's size.
    Size(Vec<u8>),
    /// Before so many bytes of a chunk, its closing line break included.
    Chunk(u64),
    /// In the lines behind the last chunk.
    Trailer {
        /// True if the current one is empty so far.
        is_empty: bool,
        /// True if its last byte was a carriage return.
        is_ending: bool,
    },
    /// Behind what isn't a request, or is refused: nothing more of this connection is answered.
    Over,
}

impl Framing {
    pub(super) fn new(verdicts: Verdicts) -> Self {
        Self {
            place: HEAD,
            verdicts,
        }
    }

    /// Takes the next bytes of the connection, and adds those to hand on. A request's first line comes as a whole.
    pub(super) fn take(&mut self, mut bytes: &[u8], out: &mut BytesMut) {
        while let Some((&byte, rest)) = bytes.split_first() {
            match &mut self.place {
                Place::Body(left) | Place::Chunk(left) => {
                    let taken =
                        usize::try_from(*left).map_or(bytes.len(), |left| left.min(bytes.len()));
                    *left -= taken as u64;
                    out.extend_from_slice(&bytes[..taken]);
                    bytes = &bytes[taken..];
                    if *left == 0 {
                        self.place = match self.place {
                            Place::Chunk(_) => Place::Size(Vec::new()),
                            _ => HEAD,
                        };
                    }
                    continue;
                }
                Place::Head {
                    bytes: head,
                    has_line,
                } => {
                    // hyper skips line breaks before a request.
                    let skipped = head.is_empty() && matches!(byte, b'\r' | b'\n');
                    if !skipped {
                        head.push(byte);
                    }
                    if skipped || *has_line {
                        out.extend_from_slice(&[byte]);
                    } else if byte == b'\n' || !is_method(head[0]) || head.len() > LONGEST_HEAD {
                        write_line(head, out);
                        *has_line = true;
                    }
                    if head.ends_with(b"\n\r\n") || head.ends_with(b"\n\n") {
                        let (verdict, next) = judge(head);
                        self.verdicts.0.lock().push_back(verdict);
                        self.place = next;
                    } else if head.len() > LONGEST_HEAD {
                        self.place = Place::Over;
                    }
                }
                Place::Size(line) => {
                    out.extend_from_slice(&[byte]);
                    line.push(byte);
                    if byte == b'\n' {
                        self.place = match size(line) {
                            Some(0) => TRAILER,
                            // With the line break behind it.
                            Some(size) => Place::Chunk(size.saturating_add(2)),
                            None => Place::Over,
                        };
                    } else if line.len() > LONGEST_HEAD {
                        self.place = Place::Over;
                    }
                }
                // As hyper reads them: CR LF ends a line, and nothing else does.
                Place::Trailer {
                    is_empty,
                    is_ending,
                } => {
                    out.extend_from_slice(&[byte]);
                    match (byte, *is_ending) {
                        (b'\n', true) if *is_empty => self.place = HEAD,
                        (b'\n', true) => self.place = TRAILER,
                        (_, true) => self.place = Place::Over,
                        (b'\r', false) => *is_ending = true,
                        _ => *is_empty = false,
                    }
                }
                Place::Over => {
                    out.extend_from_slice(bytes);
                    return;
                }
            }
            bytes = rest;
        }
    }
}

/// Writes a request's first line. What people type into a query by hand (`amountDue>0`, `name="A"`) must stand there percent-encoded
/// (RFC 3986 § 2.1); hyper would refuse the whole request, without a word.
fn write_line(line: &[u8], out: &mut BytesMut) {
    for byte in line {
        match byte {
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => {
                out.extend_from_slice(format!("%{byte:02X}").as_bytes());
            }
            _ => out.extend_from_slice(&[*byte]),
        }
    }
}

/// True for what a method may begin with. Anything else is no request, and is handed on at once, to be refused: a greeting of TLS
/// would wait for the end of its line.
const fn is_method(first: u8) -> bool {
    first.is_ascii_alphabetic()
}

/// A head, at its beginning.
const HEAD: Place = Place::Head {
    bytes: Vec::new(),
    has_line: false,
};

/// A line behind the last chunk, at its beginning.
const TRAILER: Place = Place::Trailer {
    is_empty: true,
    is_ending: false,
};

/// A chunk's size, from its line. What stands behind it is anything.
fn size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
    let digits = std::str::from_utf8(digits.trim_ascii()).ok()?;
    let is_hex = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hex
        .then(|| u64::from_str_radix(digits, 16).ok())
        .flatten()
}

/// The fault in a head's statements about its body, if there is one, and the place behind the head.
fn judge(head: &[u8]) -> (Option<&'static str>, Place) {
    let mut lengths = Vec::new();
    let mut codings = Vec::new();
    for line in head.split(|byte| *byte == b'\n').skip(1) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let value = || {
            String::from_utf8_lossy(&line[colon + 1..])
                .trim()
                .to_ascii_lowercase()
        };
        match line[..colon].trim_ascii().to_ascii_lowercase().as_slice() {
            b"content-length" => lengths.push(value()),
            b"transfer-encoding" => codings.push(value()),
            _ => {}
        }
    }
    let refused = |why| (Some(why), Place::Over);
    match (lengths.as_slice(), codings.as_slice()) {
        ([], []) => (None, HEAD),
        ([_, ..], [_, ..]) => refused("The request has both Content-Length and Transfer-Encoding."),
        ([_, _, ..], []) => refused("The request has more than one Content-Length."),
        ([], [_, _, ..]) => refused("The request has more than one Transfer-Encoding."),
        ([], [coding]) if coding == "chunked" => (None, Place::Size(Vec::new())),
        ([], [_]) => refused("The only Transfer-Encoding that is understood is chunked."),
        ([length], [])
            if !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            match length.parse() {
                Ok(0) => (None, HEAD),
                Ok(length) => (None, Place::Body(length)),
                Err(_) => refused("The Content-Length is too large."),
            }
        }
        ([_], []) => refused("The Content-Length is not a number."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The verdicts on the requests in some bytes, which come one by one or all at once.
    fn verdicts(bytes: &str) -> Vec<Option<&'static str>> {
        let read = |step: usize| {
            let verdicts = Verdicts::default();
            let mut framing = Framing::new(verdicts.clone());
            let mut out = BytesMut::new();
            for part in bytes.as_bytes().chunks(step) {
                framing.take(part, &mut out);
            }
            assert_eq!(out, bytes.as_bytes(), "handed on as it came");
            let found: Vec<_> = verdicts.0.lock().drain(..).collect();
            found
        };
        assert_eq!(read(1), read(bytes.len().max(1)), "{bytes}");
        read(3)
    }

    const FINE: &str = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    #[test]
    fn requests_are_told_apart_whatever_their_bodies_hold() {
        let both = "POST / HTTP/1.1\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n";
        for before in [
            FINE.to_owned(),
            format!("\r\n{FINE}"),
            format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{both}", both.len()),
            "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=\"y\"\r\n\r\n\n\r\n1\r\n:\r\n0\r\na: b\r\n\r\n".to_owned(),
            "POST / HTTP/1.1\nContent-Length: 0\n\n".to_owned(),
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        ] {
            let text = format!("{before}{before}{FINE}{both}{FINE}");
            let found = verdicts(&text);
            assert_eq!(found[..3], [None, None, None], "{text}");
            assert!(found[3].is_some() && found.len() == 4, "{text}");
        }
    }

    #[test]
    fn a_target_that_was_typed_by_hand_is_percent_encoded_and_nothing_else_is() {
        let body = "content-length: 10\r\nx: <\"|\r\n\r\n{\"a\":\"<>\"}";
        let typed = format!("POST /a?q=due>0&n=\"{{b}}|c\" HTTP/1.1\r\n{body}");
        let sent = format!("POST /a?q=due%3E0&n=%22%7Bb%7D%7Cc%22 HTTP/1.1\r\n{body}");
        for step in [1, 7, 1_000] {
            let mut framing = Framing::new(Verdicts::default());
            let mut out = BytesMut::new();
            for part in typed.repeat(2).as_bytes().chunks(step) {
                framing.take(part, &mut out);
            }
            assert_eq!(out, sent.repeat(2).as_bytes(), "{step}");
        }
    }

    #[test]
    fn bytes_behind_a_chunks_size_are_anything() {
        let framing = |bytes: &[u8]| {
            let verdicts = Verdicts::default();
            let mut out = BytesMut::new();
            Framing::new(verdicts.clone()).take(bytes, &mut out);
            assert_eq!(out, bytes);
            verdicts
        };
        let chunked =
            b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1;\xff\r\na\r\n0\r\n\r\n";
        let both = b"POST / HTTP/1.1\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n";
        let known = framing(&[&chunked[..], &both[..]].concat());
        assert_eq!(known.next(), None);
        assert!(known.next().is_some());
        assert!(
            known.next().is_some(),
            "a request that was not seen to begin"
        );
    }

    #[test]
    fn a_body_whose_length_can_be_read_in_two_ways_is_refused() {
        for headers in [
            "content-length: 4\r\ntransfer-encoding: chunked",
            "Transfer-Encoding: chunked\r\nX: y\r\nContent-Length: 4",
            "transfer-encoding : chunked\r\ncontent-length: 4",
            "transfer-encoding: chunked, identity",
            "transfer-encoding: xchunked",
            "transfer-encoding: chunked\r\ntransfer-encoding: chunked",
            "content-length: 4\r\ncontent-length: 4",
            "content-length: 4, 4",
            "content-length: +4",
            "content-length: 0x4",
            "content-length: -1",
            "content-length:",
        ] {
            let found = verdicts(&format!("POST / HTTP/1.1\r\nhost: a\r\n{headers}\r\n\r\n"));
            assert!(matches!(found[..], [Some(_)]), "{headers}: {found:?}");
        }
    }
}
