//! `multipart/form-data` (RFC 7578), read as it comes: no more of it is in memory than a piece and the head of a part.

use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use bytes::BytesMut;
use futures_util::StreamExt as _;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use percent_encoding::percent_decode_str;

/// A part's head, and a boundary (RFC 2046 § 5.1.1).
const LONGEST_HEAD: usize = 8 * 1024;
const LONGEST_BOUNDARY: usize = 70;
/// The longest wait for the next bytes: a line on which none come for so long is gone, or held on purpose.
const STALL: Duration = Duration::from_secs(30);
/// A field that isn't a file.
const LONGEST_VALUE: usize = 8 * 1024;

/// The reason why a body can't be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// It isn't `multipart/form-data`, or names no boundary.
    Kind,
    /// It ends before its end, or has no form.
    Cut,
    /// No bytes came for [`STALL`].
    Stalled,
    TooLong,
}

/// The head of a part.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) name: String,
    /// None of a field that isn't a file.
    pub(crate) file_name: Option<String>,
}

pub(crate) struct Multipart {
    body: BodyDataStream,
    /// Bytes that may still come.
    left: usize,
    held: BytesMut,
    /// A line's end, two hyphens and the boundary: what ends a part.
    delimiter: Vec<u8>,
    is_within: bool,
    stall: Duration,
    is_stalled: bool,
}

impl Multipart {
    /// Begins to read a body of at most `most` bytes.
    pub(crate) fn of(headers: &HeaderMap, body: Body, most: usize) -> Result<Self, Broken> {
        let kind = headers.get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok());
        let boundary = kind.and_then(boundary).ok_or(Broken::Kind)?;
        Ok(Self {
            body: body.into_data_stream(),
            left: most,
            // The first boundary may stand at the very beginning.
            held: BytesMut::from(&b"\r\n"[..]),
            delimiter: [b"\r\n--", boundary.as_bytes()].concat(),
            // What stands before it is no part, and skipped as the rest of one is.
            is_within: true,
            stall: STALL,
            is_stalled: false,
        })
    }

    /// The head of the next part; None behind the last. What is left of the part before is skipped.
    pub(crate) async fn next(&mut self) -> Result<Option<Head>, Broken> {
        while self.piece().await?.is_some() {}
        // After the boundary: two hyphens at the end, else blanks, a line's end and the head.
        let mut searched = 0;
        let mut head = loop {
            if self.held.starts_with(b"--") {
                return Ok(None);
            }
            if let Some(end) = find(&self.held[searched..], b"\r\n\r\n") {
                break self.held.split_to(searched + end + 4);
            }
            if self.held.len() > LONGEST_HEAD {
                return Err(Broken::TooLong);
            }
            // It may have begun in the last three bytes.
            searched = self.held.len().saturating_sub(3);
            if !self.more().await? {
                return Err(Broken::Cut);
            }
        };
        if head.len() > LONGEST_HEAD {
            return Err(Broken::TooLong);
        }
        self.is_within = true;
        head.truncate(head.len() - 4);
        Ok(Some(read_head(&String::from_utf8_lossy(&head))))
    }

    /// The next bytes of the part; None at its end.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>, Broken> {
        if !self.is_within {
            return Ok(None);
        }
        loop {
            if let Some(end) = find(&self.held, &self.delimiter) {
                if end > 0 {
                    return Ok(Some(self.held.split_to(end).freeze()));
                }
                drop(self.held.split_to(self.delimiter.len()));
                self.is_within = false;
                return Ok(None);
            }
            // The last bytes may be the beginning of what ends the part.
            let sure = self.held.len().saturating_sub(self.delimiter.len());
            if sure > 0 {
                return Ok(Some(self.held.split_to(sure).freeze()));
            }
            if !self.more().await? {
                return Err(Broken::Cut);
            }
        }
    }

    /// The part as the text of a field.
    pub(crate) async fn value(&mut self) -> Result<String, Broken> {
        let mut value = Vec::new();
        while let Some(piece) = self.piece().await? {
            value.extend_from_slice(&piece);
            if value.len() > LONGEST_VALUE {
                return Err(Broken::TooLong);
            }
        }
        Ok(String::from_utf8_lossy(&value).replace('\0', ""))
    }

    /// Reads the body to its end, or `most` bytes more: a browser that is still sending takes no answer.
    pub(crate) async fn drain(&mut self, most: usize) {
        self.left = self.left.min(most);
        self.held.clear();
        while let Ok(true) = self.more().await {
            self.held.clear();
        }
    }

    /// Waits for more bytes; false at the body's end.
    async fn more(&mut self) -> Result<bool, Broken> {
        if self.is_stalled {
            return Err(Broken::Stalled);
        }
        let came = match tokio::time::timeout(self.stall, self.body.next()).await {
            Ok(Some(came)) => came,
            Ok(None) => return Ok(false),
            Err(_) => {
                self.is_stalled = true;
                return Err(Broken::Stalled);
            }
        };
        let came = came.map_err(|_| Broken::Cut)?;
        self.left = self.left.checked_sub(came.len()).ok_or(Broken::TooLong)?;
        self.held.extend_from_slice(&came);
        Ok(true)
    }
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    let mut from = 0;
    let last = bytes.len().checked_sub(word.len())?;
    while from <= last {
        let next = bytes[from..=last]
            .iter()
            .position(|byte| *byte == word[0])?;
        from += next;
        if bytes[from..].starts_with(word) {
            return Some(from);
        }
        from += 1;
    }
    None
}

fn boundary(kind: &str) -> Option<String> {
    let (kind, parameters) = kind.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let found = parameters_of(parameters)
        .into_iter()
        .find(|(name, _)| name == "boundary")?;
    let fits = !found.1.is_empty() && found.1.len() <= LONGEST_BOUNDARY;
    fits.then_some(found.1)
}

fn read_head(text: &str) -> Head {
    let mut head = Head::default();
    let lines = text.split("\r\n").filter_map(|line| line.split_once(':'));
    for (name, value) in lines {
        if !name.trim().eq_ignore_ascii_case("content-disposition") {
            continue;
        }
        let parameters = value.split_once(';').map_or("", |(_, rest)| rest);
        for (name, value) in parameters_of(parameters) {
            match name.as_str() {
                "name" => head.name = value,
                // RFC 7578 § 4.2 forbids it, and libraries send it all the same.
                "filename*" => {
                    let text = value.rsplit('\'').next().unwrap_or_default();
                    head.file_name = Some(percent_decode_str(text).decode_utf8_lossy().into());
                }
                "filename" if head.file_name.is_none() => {
                    // The only three that browsers encode.
                    let value = value.replace("%22", "\"").replace("%0D", "\r");
                    head.file_name = Some(value.replace("%0A", "\n"));
                }
                _ => {}
            }
        }
    }
    head
}

/// `; name=value; name="a value"`, the names in lower case.
fn parameters_of(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim_matches([' ', '\t', ';']).to_ascii_lowercase();
        let value;
        if let Some(quoted) = after.strip_prefix('"') {
            let mut escaped = false;
            let end = quoted.find(|c| {
                let is_end = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                is_end
            });
            let end = end.unwrap_or(quoted.len());
            value = quoted[..end].replace("\\\"", "\"");
            rest = quoted.get(end + 1..).unwrap_or_default();
        } else {
            let end = after.find(';').unwrap_or(after.len());
            value = after[..end].trim().to_owned();
            rest = &after[end..];
        }
        found.push((name, value));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(body: &[u8], size: usize) -> Result<Vec<(Head, Vec<u8>)>, Broken> {
        let mut headers = HeaderMap::new();
        let kind = "multipart/form-data; boundary=\"a b\"";
        headers.insert(CONTENT_TYPE, kind.parse().unwrap());
        let pieces: Vec<Result<Bytes, std::io::Error>> = body
            .chunks(size)
            .map(|piece| Ok(Bytes::copy_from_slice(piece)))
            .collect();
        let body = Body::from_stream(futures_util::stream::iter(pieces));
        let mut form = Multipart::of(&headers, body, 20_000)?;
        let mut found = Vec::new();
        while let Some(head) = form.next().await? {
            let mut bytes = Vec::new();
            while let Some(piece) = form.piece().await? {
                bytes.extend_from_slice(&piece);
            }
            found.push((head, bytes));
        }
        Ok(found)
    }

    #[tokio::test]
    async fn parts_are_the_same_in_pieces_of_any_size() {
        let body = b"before it\r\n--a b\r\nContent-Disposition: form-data; name=otp\r\n\r\nx=1\r\n--a b  \r\n\
            content-disposition: form-data; name=\"file\"; filename=\"a\\b;%22c.csv\"\r\nContent-Type: text/csv\r\n\r\n\
            1\r\n--a 2\r\n--a\r\n--a b\r\nContent-Disposition: form-data; name=\"file\"; filename*=UTF-8''J%C3%B6n.csv\r\n\r\n\r\n--a b--\r\n";
        for size in 1..body.len() {
            let found = read(body, size).await.unwrap();
            let names: Vec<Option<&str>> = found
                .iter()
                .map(|(head, _)| head.file_name.as_deref())
                .collect();
            assert_eq!(names, [None, Some("a\\b;\"c.csv"), Some("Jön.csv")]);
            assert_eq!(found[0].0.name, "otp");
            assert_eq!(found[1].1, b"1\r\n--a 2\r\n--a");
            assert_eq!(found[2].1, b"");
        }
    }

    #[tokio::test]
    async fn a_body_without_its_end_or_with_too_long_a_head_is_refused() {
        let cut = b"--a b\r\nContent-Disposition: form-data; name=a\r\n\r\nx=1\r\n--a";
        assert_eq!(read(cut, 7).await, Err(Broken::Cut));
        let long = format!("--a b\r\nX: {}\r\n\r\n", "x".repeat(9_000));
        assert_eq!(read(long.as_bytes(), 500).await, Err(Broken::TooLong));
        let long = format!("--a b\r\n{}", "x".repeat(9_000));
        assert_eq!(read(long.as_bytes(), 1).await, Err(Broken::TooLong));
        let long = vec![b'x'; 20_001];
        assert_eq!(read(&long, 500).await, Err(Broken::TooLong));
    }

    #[tokio::test]
    async fn a_line_on_which_nothing_comes_is_given_up_once() {
        let mut headers = HeaderMap::new();
        let kind = "multipart/form-data; boundary=b";
        headers.insert(CONTENT_TYPE, kind.parse().unwrap());
        let never = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
        let mut form = Multipart::of(&headers, Body::from_stream(never), 100).unwrap();
        form.stall = Duration::from_millis(1);
        assert_eq!(form.next().await, Err(Broken::Stalled));
        form.stall = Duration::MAX;
        form.drain(100).await;
        assert_eq!(form.next().await, Err(Broken::Stalled));
    }
}
