//! A file beside the database, for what can't be had again while the database takes no writes.
//!
//! Its room is made beforehand, so that it can be written to when the disk is full. A record is on disk before its writer goes on; when
//! the database has it, its bytes are overwritten, and when the database has them all, the file is emptied. Nodes that share a folder
//! have a file each, held by a lock that ends with its process; what one whose process has died holds is taken over by another. It
//! knows nothing of what it keeps: records come sealed.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use uuid::Uuid;

/// Room for some hundreds of records. A file that needs more grows, if the disk lets it.
const ROOM: u64 = 1 << 20;
/// Nodes that may share a folder.
const FILES: usize = 64;

/// A spool, closed until the program serves.
#[derive(Default)]
pub(crate) struct Spool(Mutex<Option<Open>>);

/// Records one after the other, each behind its length in four bytes; a length of nought is the end. A record of zeros was erased.
struct Open {
    file: File,
    files: Files,
    number: usize,
    end: u64,
    next: u64,
    /// Those that the database doesn't have yet.
    records: BTreeMap<u64, Record>,
    /// True once the log says that another's file can't be taken over.
    is_reported: bool,
}

/// The files that nodes with the same database may have in a folder.
struct Files {
    folder: PathBuf,
    stem: String,
}

/// The place of a record's bytes, and the bytes.
type Placed = (u64, Vec<u8>);

struct Record {
    /// The place of its bytes in the file.
    at: u64,
    sealed: Vec<u8>,
    /// True while its writer is at it.
    is_taken: bool,
    /// True once the log says that it can't be opened.
    is_reported: bool,
}

/// A record that its holder stores, or leaves for later when this is dropped.
pub(crate) struct Taken<'a> {
    spool: &'a Spool,
    id: u64,
    pub(crate) sealed: Vec<u8>,
}

impl Spool {
    /// Opens a file in the folder that no other process has, with the records that were left in it. Its name begins with `stem`.
    ///
    /// # Errors
    /// The folder can't be written to.
    pub(crate) fn open(&self, folder: &Path, stem: &str) -> io::Result<()> {
        let files = Files {
            folder: folder.to_owned(),
            stem: stem.to_owned(),
        };
        for number in 0..FILES {
            let file = options()
                .create(true)
                .truncate(false)
                .open(files.path(number))?;
            if took_lock(&file)? {
                *self.0.lock() = Some(Open::of(file, files, number)?);
                return Ok(());
            }
        }
        Err(io::Error::other("every file of its kind is in use"))
    }

    /// Takes over the records of processes that have died.
    pub(crate) fn adopt(&self) {
        if let Some(open) = self.0.lock().as_mut() {
            open.adopt_all();
        }
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
        let id = open.append(sealed.clone(), true)?;
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

impl Spool {
    /// The file that this process has.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        let open = self.0.lock();
        open.as_ref().map(|open| open.files.path(open.number))
    }

    /// The files beside it that no process has and that hold no records.
    pub(crate) fn left_empty(&self) -> Vec<PathBuf> {
        let open = self.0.lock();
        let Some(open) = open.as_ref() else {
            return Vec::new();
        };
        let others = (0..FILES).filter(|number| *number != open.number);
        let others = others.map(|number| open.files.path(number));
        others.filter(|path| is_left_empty(path)).collect()
    }
}

fn is_left_empty(path: &Path) -> bool {
    let mut length = [0; 4];
    options().open(path).is_ok_and(|file| {
        took_lock(&file).unwrap_or(false)
            && (&file)
                .read(&mut length)
                .is_ok_and(|read| read < length.len() || length == [0; 4])
    })
}

impl Taken<'_> {
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Notes that it can't be opened. True the first time.
    pub(crate) fn cannot_be_opened(&self) -> bool {
        let mut open = self.spool.0.lock();
        let record = open
            .as_mut()
            .and_then(|open| open.records.get_mut(&self.id));
        record.is_some_and(|record| !std::mem::replace(&mut record.is_reported, true))
    }

    /// Erases it: the database has it.
    pub(crate) fn erase(self) {
        if let Some(open) = self.spool.0.lock().as_mut()
            && let Err(error) = open.erase(self.id)
        {
            // The next start reads it once more.
            let path = open.files.path(open.number);
            tracing::error!(%error, path = %path.display(), "a kept answer could not be erased");
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

impl Files {
    fn path(&self, number: usize) -> PathBuf {
        let stem = &self.stem;
        self.folder.join(match number {
            0 => format!("{stem}.answers"),
            _ => format!("{stem}.answers.{number}"),
        })
    }
}

impl Open {
    fn of(file: File, files: Files, number: usize) -> io::Result<Self> {
        let there = file.metadata()?.len();
        if there < ROOM {
            write_at(&file, there, &nothing(ROOM - there))?;
            file.sync_all()?;
        }
        let (left, end) = read(&file)?;
        let mut open = Self {
            file,
            files,
            number,
            end,
            next: 0,
            records: BTreeMap::new(),
            is_reported: false,
        };
        for (at, sealed) in left {
            open.insert(at, sealed, false);
        }
        if open.records.is_empty() {
            open.empty()?;
        }
        Ok(open)
    }

    fn adopt_all(&mut self) {
        let own = self.number;
        for number in (0..FILES).filter(|number| *number != own) {
            let path = self.files.path(number);
            match self.adopt(&path) {
                Ok(0) => {}
                Ok(records) => {
                    tracing::info!(path = %path.display(), records, "took over the answers that another process kept");
                }
                Err(error) if !self.is_reported => {
                    self.is_reported = true;
                    tracing::warn!(
                        path = %path.display(), %error,
                        "answers that another process may have kept can't be taken over; it is tried again with every round of chores"
                    );
                }
                Err(_) => {}
            }
        }
    }

    /// Takes over the records in another file, unless its process lives. Returns their number.
    fn adopt(&mut self, path: &Path) -> io::Result<usize> {
        let file = match options().open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error),
        };
        if !took_lock(&file)? {
            return Ok(0);
        }
        // Most are empty, and looked at often.
        let mut length = [0; 4];
        if (&file).read(&mut length)? < length.len() || length == [0; 4] {
            return Ok(0);
        }
        let (left, end) = read(&file)?;
        let number = left.len();
        for (at, sealed) in left {
            let length = sealed.len() as u64;
            // If it couldn't be erased there the last time, it is here already.
            if !self.records.values().any(|record| record.sealed == sealed) {
                self.append(sealed, false)?;
            }
            erase_at(&file, at, length)?;
        }
        erase_at(&file, 0, end)?;
        Ok(number)
    }

    /// Puts a record on disk, and behind it the end: what was there before may be the rest of one that was cut off.
    fn append(&mut self, sealed: Vec<u8>, is_taken: bool) -> io::Result<u64> {
        let length = u32::try_from(sealed.len())
            .map_err(io::Error::other)?
            .to_le_bytes();
        let written = [length.as_slice(), sealed.as_slice(), &[0; 4]].concat();
        write_at(&self.file, self.end, &written)?;
        self.file.sync_data()?;
        let at = self.end + length.len() as u64;
        self.end = at + sealed.len() as u64;
        Ok(self.insert(at, sealed, is_taken))
    }

    fn insert(&mut self, at: u64, sealed: Vec<u8>, is_taken: bool) -> u64 {
        let id = self.next;
        self.next += 1;
        let record = Record {
            at,
            sealed,
            is_taken,
            is_reported: false,
        };
        self.records.insert(id, record);
        id
    }

    fn erase(&mut self, id: u64) -> io::Result<()> {
        let Some(record) = self.records.remove(&id) else {
            return Ok(());
        };
        if self.records.is_empty() {
            return self.empty();
        }
        // Its length stays, for those behind it to be found.
        erase_at(&self.file, record.at, record.sealed.len() as u64)
    }

    fn empty(&mut self) -> io::Result<()> {
        if self.end > 0 {
            erase_at(&self.file, 0, self.end)?;
            self.end = 0;
        }
        Ok(())
    }
}

/// Connections and grants whose refresh tokens this process has sent, or may have sent, and whose newest tokens the database doesn't
/// have yet. A lease can't be kept while the database takes no writes: this keeps the same process from sending a spent token.
#[derive(Default)]
pub(crate) struct InHandIds {
    /// Each with the number of its holders.
    ids: Mutex<BTreeMap<Uuid, usize>>,
    /// Held while left answers are stored: who waits for it finds them stored, or left.
    pub(crate) storing: tokio::sync::Mutex<()>,
}

/// Ids in hand, until it is dropped.
pub(crate) struct InHandGuard<'a> {
    all: &'a InHandIds,
    ids: Vec<Uuid>,
}

impl InHandIds {
    /// Notes ids that may be noted already.
    pub(crate) fn note(&self, ids: Vec<Uuid>) -> InHandGuard<'_> {
        let mut noted = self.ids.lock();
        for id in &ids {
            *noted.entry(*id).or_default() += 1;
        }
        InHandGuard { all: self, ids }
    }

    /// Notes an id. None if it is noted already.
    pub(crate) fn begin(&self, id: Uuid) -> Option<InHandGuard<'_>> {
        let mut noted = self.ids.lock();
        if noted.contains_key(&id) {
            return None;
        }
        noted.insert(id, 1);
        Some(InHandGuard {
            all: self,
            ids: vec![id],
        })
    }
}

impl Drop for InHandGuard<'_> {
    fn drop(&mut self) {
        let mut noted = self.all.ids.lock();
        for id in &self.ids {
            if let Some(holders) = noted.get_mut(id) {
                *holders -= 1;
                if *holders == 0 {
                    noted.remove(id);
                }
            }
        }
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Takes the lock on a file; false if another process has it.
fn took_lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Reads the records that were left, with their places, and the end of all. One that was cut off doesn't open later, or is left out.
fn read(mut file: &File) -> io::Result<(Vec<Placed>, u64)> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    let mut rest = bytes.as_slice();
    let mut left = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk() {
        let length = u32::from_le_bytes(*length) as usize;
        let at = (bytes.len() - after.len()) as u64;
        let Some((sealed, after)) = after.split_at_checked(length).filter(|_| length > 0) else {
            break;
        };
        if sealed.iter().any(|byte| *byte != 0) {
            left.push((at, sealed.to_vec()));
        }
        rest = after;
    }
    let end = (bytes.len() - rest.len()) as u64;
    Ok((left, end))
}

fn nothing(length: u64) -> Vec<u8> {
    vec![0; usize::try_from(length).unwrap_or_default()]
}

fn erase_at(file: &File, at: u64, length: u64) -> io::Result<()> {
    write_at(file, at, &nothing(length))?;
    file.sync_data()
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
        spool.open(folder, "moorline").unwrap();
        spool
    }

    #[test]
    fn a_record_is_there_until_it_is_erased_and_then_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let spool = opened(folder.path());
        drop(spool.keep(b"first".to_vec()).unwrap());
        let second = spool.keep(b"second".to_vec()).unwrap();
        drop(spool.keep(b"third".to_vec()).unwrap());
        second.erase();
        let path = folder.path().join("moorline.answers");
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"second"));
        let another = opened(folder.path());
        assert_eq!(another.len(), 0, "a file is one process's");
        spool.close();

        let spool = opened(folder.path());
        assert_eq!(spool.len(), 2, "one was stored");
        let first = spool.take_after(None).unwrap();
        assert_eq!(first.sealed, b"first");
        let third = spool.take_after(Some(first.id())).unwrap();
        assert_eq!(third.sealed, b"third");
        assert!(spool.take_after(None).is_none());
        first.erase();
        third.erase();
        assert_eq!(spool.len(), 0);
        let bytes = std::fs::read(path).unwrap();
        assert!(bytes.iter().all(|byte| *byte == 0));
        assert_eq!(bytes.len() as u64, ROOM);
    }

    #[test]
    fn the_file_of_a_process_that_died_is_taken_over_and_that_of_one_that_lives_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let spool = opened(folder.path());
        let (died, lives) = (opened(folder.path()), opened(folder.path()));
        drop(died.keep(b"left".to_vec()).unwrap());
        drop(died.keep(b"left too".to_vec()).unwrap());
        drop(lives.keep(b"in hand".to_vec()).unwrap());
        spool.adopt();
        assert_eq!(spool.len(), 0);
        died.close();
        spool.adopt();
        spool.adopt();
        assert_eq!(spool.len(), 2);
        assert_eq!(lives.len(), 1);
        let bytes = std::fs::read(folder.path().join("moorline.answers.1")).unwrap();
        assert!(bytes.iter().all(|byte| *byte == 0));
        spool.close();

        let spool = opened(folder.path());
        let first = spool.take_after(None).unwrap();
        assert_eq!(first.sealed, b"left");
        let second = spool.take_after(Some(first.id())).unwrap();
        assert_eq!(second.sealed, b"left too");
    }

    #[test]
    fn an_id_in_hand_is_begun_once_until_all_its_holders_are_gone() {
        let all = InHandIds::default();
        let id = Uuid::from_u128(1);
        let begun = all.begin(id).unwrap();
        let noted = all.note(vec![id, Uuid::from_u128(2)]);
        drop(begun);
        assert!(all.begin(id).is_none());
        drop(noted);
        assert!(all.begin(id).is_some());
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
