//! Bodies that come compressed although that was not asked for: some platforms' proxies do it whatever the request says.
//!
//! The unpacked body is held to the same bound as a plain one, and unpacking stops there: a small answer can't grow into a large
//! one. A body that isn't what its header says stays as it came, for the caller to find unreadable.

use bytes::Bytes;
use http::{HeaderMap, header};
use miniz_oxide::inflate::{
    DecompressError, TINFLStatus, decompress_to_vec_with_limit, decompress_to_vec_zlib_with_limit,
};

/// The unpacked body is longer than the limit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// RFC 1952 § 2.3: the first bytes of a gzip member, with its only method.
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

/// Unpacks a body of the codings that `Content-Encoding` may name without a dictionary: gzip and deflate. The headers then
/// describe the plain body. No text begins as gzip does, so that it is known without its header, too.
pub(crate) fn unpacked(
    headers: &mut HeaderMap,
    body: Bytes,
    limit: usize,
) -> Result<Bytes, TooLong> {
    let named = headers.get_all(header::CONTENT_ENCODING).iter();
    let named = named.filter_map(|value| value.to_str().ok());
    let names: Vec<String> = named
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty() && name != "identity")
        .collect();
    let unpacked = match names.as_slice() {
        [] => gzip(&body, limit),
        [name] if matches!(name.as_str(), "gzip" | "x-gzip") => gzip(&body, limit),
        [name] if name == "deflate" => deflate(&body, limit),
        _ => None,
    };
    match unpacked {
        Some(Ok(plain)) => {
            headers.remove(header::CONTENT_ENCODING);
            headers.remove(header::CONTENT_LENGTH);
            Ok(plain.into())
        }
        Some(Err(error)) if error.status == TINFLStatus::HasMoreOutput => Err(TooLong),
        Some(Err(_)) | None => Ok(body),
    }
}

type Unpacked = Option<Result<Vec<u8>, DecompressError>>;

fn gzip(body: &[u8], limit: usize) -> Unpacked {
    if !body.starts_with(&GZIP) {
        return None;
    }
    let flags = *body.get(3)?;
    let mut at = 10;
    if flags & 4 != 0 {
        let length = [*body.get(at)?, *body.get(at + 1)?];
        at += 2 + usize::from(u16::from_le_bytes(length));
    }
    // A file's name and a comment, each ended by a zero.
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += 1 + body.get(at..)?.iter().position(|byte| *byte == 0)?;
        }
    }
    if flags & 2 != 0 {
        at += 2;
    }
    Some(decompress_to_vec_with_limit(body.get(at..)?, limit))
}

/// RFC 9110 § 8.4.1.2 means zlib's form by it; some servers send the bare stream.
fn deflate(body: &[u8], limit: usize) -> Unpacked {
    let head = [*body.first()?, *body.get(1)?];
    let is_zlib = head[0] & 0x0f == 8 && u16::from_be_bytes(head) % 31 == 0;
    Some(if is_zlib {
        decompress_to_vec_zlib_with_limit(body, limit)
    } else {
        decompress_to_vec_with_limit(body, limit)
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};

    use super::*;

    const TEXT: &[u8] = br#"{"access_token":"at"}"#;

    fn gzipped(text: &[u8], flags: u8, extra: &[u8]) -> Vec<u8> {
        let mut body = vec![0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255];
        body.extend(extra);
        body.extend(compress_to_vec(text, 6));
        body.extend([0; 8]);
        body
    }

    fn read(coding: Option<&'static str>, body: Vec<u8>) -> Result<Bytes, TooLong> {
        let mut headers = HeaderMap::new();
        if let Some(coding) = coding {
            let value = HeaderValue::from_static(coding);
            headers.insert(header::CONTENT_ENCODING, value);
        }
        unpacked(&mut headers, body.into(), 10_000)
    }

    #[test]
    fn every_coding_that_servers_send_unasked_is_unpacked() {
        for coding in [None, Some("gzip"), Some("x-gzip"), Some("GZip, identity")] {
            let body = gzipped(TEXT, 0, &[]);
            assert_eq!(read(coding, body).unwrap(), TEXT, "{coding:?}");
        }
        let all = gzipped(TEXT, 4 | 8 | 16 | 2, b"\x02\x00xyname\0comment\0hc");
        assert_eq!(read(Some("gzip"), all).unwrap(), TEXT);
        let zlib = compress_to_vec_zlib(TEXT, 6);
        assert_eq!(read(Some("deflate"), zlib).unwrap(), TEXT);
        let bare = compress_to_vec(TEXT, 6);
        assert_eq!(read(Some("deflate"), bare).unwrap(), TEXT);
    }

    #[test]
    fn what_is_no_such_body_stays_as_it_came() {
        for (coding, body) in [
            (Some("gzip"), TEXT.to_vec()),
            (Some("br"), vec![1, 2, 3]),
            (Some("gzip, deflate"), gzipped(TEXT, 0, &[])),
            (Some("gzip"), gzipped(TEXT, 0, &[])[..15].to_vec()),
            (Some("gzip"), GZIP.to_vec()),
            (Some("gzip"), gzipped(TEXT, 8, b"")[..11].to_vec()),
            (Some("deflate"), Vec::new()),
            (None, TEXT.to_vec()),
        ] {
            assert_eq!(read(coding, body.clone()).unwrap(), body, "{coding:?}");
        }
    }

    #[test]
    fn a_body_that_would_grow_beyond_the_bound_is_refused() {
        let bomb = vec![b' '; 10_001];
        assert_eq!(read(None, gzipped(&bomb, 0, &[])), Err(TooLong));
        let zlib = compress_to_vec_zlib(&bomb, 6);
        assert_eq!(read(Some("deflate"), zlib), Err(TooLong));
        assert_eq!(
            read(None, gzipped(&bomb[1..], 0, &[])).unwrap().len(),
            10_000
        );
    }
}
