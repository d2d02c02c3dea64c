//! Settings of files that businesses upload.

use serde::Deserialize;

/// A company's files stay below this, so that an archive of all of them needs no longer offsets than every unpacker knows.
const MOST_MB: u64 = 3_500;

/// Files that businesses upload: the room for them, and the scanner that sees each before it is kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Files {
    /// ClamAV's daemon: the path of its socket, or `host:port`.
    pub clamd: String,
    /// A program and its arguments that reads a file from its standard input: it ends with 0 if that is clean and with 1 if it isn't.
    pub scan_command: Vec<String>,
    pub scan_timeout_ms: u64,
    /// The room for one company's files.
    pub company_mb: u64,
}

impl Default for Files {
    fn default() -> Self {
        Self {
            clamd: String::new(),
            scan_command: Vec::new(),
            scan_timeout_ms: 60_000,
            company_mb: 1_000,
        }
    }
}

impl Files {
    /// True if every file is scanned.
    pub fn are_scanned(&self) -> bool {
        !self.clamd.is_empty() || !self.scan_command.is_empty()
    }

    /// The setting that is wrong, and what would be right.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        if !self.clamd.is_empty() && !self.scan_command.is_empty() {
            let message = "set one of them: each file is scanned once";
            return Err(("files.clamd, files.scan_command", message.to_owned()));
        }
        let is_address = || self.clamd.starts_with('/') || has_port(&self.clamd);
        if !self.clamd.is_empty() && !is_address() {
            let message = format!(
                "`{}` is neither the absolute path of a socket nor host:port",
                self.clamd
            );
            return Err(("files.clamd", message));
        }
        if self.scan_timeout_ms == 0 {
            return Err(("files.scan_timeout_ms", "it must be at least 1".to_owned()));
        }
        if !(1..=MOST_MB).contains(&self.company_mb) {
            return Err(("files.company_mb", format!("it must be 1 to {MOST_MB}")));
        }
        Ok(())
    }
}

fn has_port(address: &str) -> bool {
    let port = address
        .rsplit_once(':')
        .and_then(|(host, port)| Some(port.parse::<u16>().ok()?).filter(|_| !host.is_empty()));
    port.is_some_and(|port| port != 0)
}
