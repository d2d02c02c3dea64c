//! A file beside the database, for what can't be had again while the database takes no writes.
//!
//! Its room is made beforehand, so that it can be written to when the disk is full. A record is on disk before its writer goes on; when
//! the database has them all, the file is emptied. Nodes that share a folder have a file each, held by a lock that ends with its
//! process; one whose process has died is read by the next that starts. It knows nothing of what it keeps: records come sealed.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use parking_lot::Mutex;

/// Room for some hundreds of records. A file that needs more grows, if the disk lets it.
const ROOM: u64 = 1 << 20;
/// Nodes that may share a folder.
const FILES: usize = 64;

/// A spool, closed until the program serves.
#[derive(Default)]
pub(crate) struct Spool(Mutex<Option<Open>>);

/// Records one after the other, each behind its length in four bytes; a length of nought is the end.
struct Open {
    file: File,
    path: PathBuf,
    end: u64,
    next: u64,
    /// Those that the database doesn't have yet.
    records: BTreeMap<u64, Record>,
}

struct Record {
    sealed: Vec<u8>,
    /// True while its writer is at it.
    is_taken: bool,
}

/// A record that its holder stores, or leaves for later when this is dropped.
pub(crate) struct Taken<'a> {
    spool: &'a Spool,
    id: u64,
    pub(crate) sealed: Vec<u8>,
}

impl Spool {
    /// Opens a file in the folder that no other process has, with the records that were left in it.
    ///
    /// # Errors
    /// The folder can't be written to.
    pub(crate) fn open(&self, folder: &Path) -> io::Result<()> {
        for number in 0..FILES {
            let name = match number {
                0 => "moorline.answers".to_owned(),
                _ => format!("moorline.answers.{number}"),
            };
            let path = folder.join(name);
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let file = options.open(&path)?;
            match file.try_lock() {
                Ok(()) => {
                    *self.0.lock() = Some(Open::of(file, path)?);
                    return Ok(());
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Err(io::Error::other("every file of its kind is in use"))
    }

    /// Ends the hold on the file, for another process to read it.
    pub(crate) fn close(&self) {
        *self.0.lock() = None;
    }

    /// Puts a record on disk; its holder goes on to store it.
    ///
    /// # Errors
    /// The file isn't open, or can't be written to.
    pub(crate) fn keep(&self, sealed: Vec<u8>) -> io::Result<Taken<'_>> {
        let mut open = self.0.lock();
        let open = open
            .as_mut()
            .ok_or_else(|| io::Error::other("this process keeps no such file"))?;
        let id = open.append(&sealed)?;
        let kept = sealed.clone();
        let record = Record {
            sealed: kept,
            is_taken: true,
        };
        open.records.insert(id, record);
        Ok(Taken {
            spool: self,
            id,
            sealed,
        })
    }

    /// A record that no holder is at, after the one with an id.
    pub(crate) fn take_after(&self, last: Option<u64>) -> Option<Taken<'_>> {
        let mut open = self.0.lock();
        let records = &mut open.as_mut()?.records;
        let (id, record) = records
            .iter_mut()
            .find(|(id, record)| !record.is_taken && last.is_none_or(|last| **id > last))?;
        record.is_taken = true;
        Some(Taken {
            spool: self,
            id: *id,
            sealed: record.sealed.clone(),
        })
    }

    /// The number of records that the database doesn't have yet.
    pub(crate) fn len(&self) -> usize {
        self.0.lock().as_ref().map_or(0, |open| open.records.len())
    }
}

impl Taken<'_> {
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Erases it: the database has it.
    pub(crate) fn erase(self) {
        if let Some(open) = self.spool.0.lock().as_mut() {
            open.records.remove(&self.id);
            if let Err(error) = open.empty_if_done() {
                // Those of old are known as such when they are read again.
                tracing::error!(%error, path = %open.path.display(), "the kept answers could not be erased");
            }
        }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if let Some(open) = self.spool.0.lock().as_mut()
            && let Some(record) = open.records.get_mut(&self.id)
        {
            record.is_taken = false;
        }
    }
}

impl Open {
    fn of(file: File, path: PathBuf) -> io::Result<Self> {
        let there = file.metadata()?.len();
        if there < ROOM {
            write_at(&file, there, &nothing(ROOM - there))?;
            file.sync_all()?;
        }
        let mut open = Self {
            file,
            path,
            end: 0,
            next: 0,
            records: BTreeMap::new(),
        };
        open.read()?;
        Ok(open)
    }

    /// Reads the records that were left. One that was cut off doesn't open later, and is left out.
    fn read(&mut self) -> io::Result<()> {
        let mut bytes = Vec::new();
        (&self.file).seek(SeekFrom::Start(0))?;
        (&self.file).read_to_end(&mut bytes)?;
        let mut rest = bytes.as_slice();
        while let Some((length, after)) = rest.split_first_chunk() {
            let length = u32::from_le_bytes(*length) as usize;
            let Some((sealed, after)) = after.split_at_checked(length).filter(|_| length > 0)
            else {
                break;
            };
            let record = Record {
                sealed: sealed.to_vec(),
                is_taken: false,
            };
            self.records.insert(self.next, record);
            self.next += 1;
            rest = after;
        }
        self.end = (bytes.len() - rest.len()) as u64;
        Ok(())
    }

    fn append(&mut self, sealed: &[u8]) -> io::Result<u64> {
        let length = u32::try_from(sealed.len()).map_err(io::Error::other)?;
        let written = [&length.to_le_bytes(), sealed].concat();
        write_at(&self.file, self.end, &written)?;
        self.file.sync_data()?;
        self.end += written.len() as u64;
        self.next += 1;
        Ok(self.next - 1)
    }

    fn empty_if_done(&mut self) -> io::Result<()> {
        if !self.records.is_empty() || self.end == 0 {
            return Ok(());
        }
        write_at(&self.file, 0, &nothing(self.end))?;
        self.file.sync_data()?;
        self.end = 0;
        Ok(())
    }
}

fn nothing(length: u64) -> Vec<u8> {
    vec![0; usize::try_from(length).unwrap_or_default()]
}

fn write_at(mut file: &File, at: u64, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(at))?;
    file.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(folder: &Path) -> Spool {
        let spool = Spool::default();
        spool.open(folder).unwrap();
        spool
    }

    #[test]
    fn a_record_is_there_until_it_erase_and_then_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let spool = opened(folder.path());
        drop(spool.keep(b"first".to_vec()).unwrap());
        spool.keep(b"second".to_vec()).unwrap().erase();
        let another = opened(folder.path());
        assert_eq!(another.len(), 0, "a file is one process's");
        spool.close();

        let spool = opened(folder.path());
        let first = spool.take_after(None).unwrap();
        assert_eq!(first.sealed, b"first");
        let second = spool.take_after(Some(first.id())).unwrap();
        assert_eq!(
            second.sealed, b"second",
            "it was stored, and is read once more"
        );
        assert!(spool.take_after(None).is_none());
        first.erase();
        second.erase();
        assert_eq!(spool.len(), 0);
        let bytes = std::fs::read(folder.path().join("moorline.answers")).unwrap();
        assert!(bytes.iter().all(|byte| *byte == 0));
        assert_eq!(bytes.len() as u64, ROOM);
    }

    #[test]
    fn a_record_that_was_cut_off_hides_none_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let spool = opened(folder.path());
        drop(spool.keep(b"whole".to_vec()).unwrap());
        spool.close();
        let path = folder.path().join("moorline.answers");
        let file = OpenOptions::new().write(true).open(path).unwrap();
        write_at(&file, 4 + 5, &u32::MAX.to_le_bytes()).unwrap();
        let spool = opened(folder.path());
        assert_eq!(spool.len(), 1);
    }
}
