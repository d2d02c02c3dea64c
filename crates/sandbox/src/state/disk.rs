//! The state file: read once, replaced whole and atomically.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tokio::sync::Mutex;

use super::{FILE_VERSION, Saved};

pub(super) struct Disk {
    path: PathBuf,
    /// The revision that the file holds.
    written: Mutex<u64>,
}

impl Disk {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            written: Mutex::new(0),
        }
    }

    /// `None` if there is no file yet.
    pub(super) fn read(&self) -> io::Result<Option<Saved>> {
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let invalid = |reason: String| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("sandbox state file {}: {reason}", self.path.display()),
            )
        };
        let saved: Saved =
            serde_json::from_slice(&bytes).map_err(|error| invalid(error.to_string()))?;
        if saved.version != FILE_VERSION {
            return Err(invalid(format!(
                "version {}, but this program reads version {FILE_VERSION}",
                saved.version
            )));
        }
        Ok(Some(saved))
    }

    /// Writes the state that `next` returns for the revision on disk; waiting callers share one write.
    pub(super) async fn write(
        &self,
        next: impl FnOnce(u64) -> Option<io::Result<(u64, Vec<u8>)>>,
    ) -> io::Result<()> {
        let mut written = self.written.lock().await;
        let Some(next) = next(*written) else {
            return Ok(());
        };
        let (revision, bytes) = next?;
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || replace(&path, &bytes))
            .await
            .map_err(io::Error::other)??;
        *written = revision;
        Ok(())
    }
}

/// A reader sees the old file or the new one; mode 0600, since the signing key is in it.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
}
