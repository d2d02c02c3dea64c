//! The addresses among the settings, each with a sentence that says what would be right.

use std::net::SocketAddr;

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use url::Url;

/// Reads the address to listen on.
///
/// # Errors
/// A sentence on the fault, with the right form.
pub fn listen_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        format!(
            "`{text}` is not an address to listen on; write an IP address and a port, such as 127.0.0.1:7400, or [::]:7400 for all of \
             this machine's"
        )
    })
}

/// Reads the address by which browsers reach the installation.
///
/// # Errors
/// A sentence on the fault, with the right form. A password in it is not repeated.
pub fn public_address(text: &str) -> Result<Url, String> {
    let form = "write https://HOST or https://HOST:PORT, without a path";
    let url = match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => url,
        _ => {
            let host = text.split(['/', '@', '?']).next().unwrap_or_default();
            let suggested = Url::parse(&format!("https://{host}")).ok();
            return Err(
                match suggested.filter(|_| host == text && host.contains('.')) {
                    Some(url) => format!(
                        "`{text}` is not an address that a browser can open; did you mean {}?",
                        url.as_str().trim_end_matches('/')
                    ),
                    None => format!("it is not an address that a browser can open; {form}"),
                },
            );
        }
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("it has a user or a password in it; {form}"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(format!("`{url}` has more than a host and a port; {form}"));
    }
    Ok(url)
}

/// Checks the form of a database's address.
///
/// # Errors
/// A sentence on the fault, with the right form. Its scheme alone is repeated: the rest may hold a password.
pub fn check_database(text: &str) -> Result<(), String> {
    let form = "write sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME";
    match text.split_once(':') {
        Some(("sqlite", path)) => match path.trim_start_matches("//") {
            "" => Err(format!("it names no file; {form}")),
            path if path.starts_with(":memory:") || path.contains("mode=memory") => Err(format!(
                "a database in memory would forget every token; {form}"
            )),
            _ => Ok(()),
        },
        Some(("postgres" | "postgresql", _)) => match Url::parse(text) {
            // A socket's folder stands among the parameters.
            Ok(url) if url.has_host() || url.query().is_some() => Ok(()),
            _ => Err(format!("it names no server; {form}")),
        },
        Some((scheme, _))
            if scheme.len() > 1
                && scheme
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) =>
        {
            Err(format!(
                "there is no database of the kind `{scheme}:`; {form}"
            ))
        }
        _ => Err(format!("it doesn't say which kind of database; {form}")),
    }
}

/// The text that stands there; of a number, such as a port alone, its digits.
fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(match toml::Value::deserialize(from)? {
        toml::Value::String(text) => text,
        other => other.to_string(),
    })
}

pub(super) fn read_listen<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    listen_address(&text(from)?).map_err(D::Error::custom)
}

pub(super) fn read_public<'de, D: Deserializer<'de>>(from: D) -> Result<Url, D::Error> {
    public_address(&text(from)?).map_err(D::Error::custom)
}
