//! Files in one zip archive, which is written as it is sent: no more than a part is in memory.
//!
//! They are put in as they are: most of their types are compressed already. Offsets fit 32 bits by the bounds of a company's files.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Timelike, Utc};

use super::opened;
use crate::app::{App, Shared};
use crate::credentials::vault::openings::Purpose;
use store::StoreError;
use store::files::File;

/// Version 2.0 of the format (APPNOTE 4.4.3); names are UTF-8 (bit 11).
const VERSION: u16 = 20;
const UTF8: u16 = 1 << 11;

/// An archive that is on its way.
pub struct Archive {
    app: Shared,
    /// With their names in the archive.
    files: Vec<(File, String)>,
    /// The file that is next, and its part.
    at: usize,
    part: i64,
    /// Bytes of that file that were sent, and of the archive.
    of_file: i64,
    sent: u32,
    directory: Vec<u8>,
    is_over: bool,
}

impl Archive {
    /// An archive of files, each in a folder by the name that `folder_of` gives.
    pub fn of(app: &App, files: Vec<File>, folder_of: impl Fn(&File) -> String) -> Self {
        let (mut taken, mut last) = (BTreeSet::new(), BTreeMap::new());
        let named = files.into_iter().map(|file| {
            let folder = folder_of(&file).replace(['/', '\\'], "-");
            let name = unused(&folder, &file.name, &mut taken, &mut last);
            (file, name)
        });
        Self {
            files: named.collect(),
            app: app.shared(),
            at: 0,
            part: -1,
            of_file: 0,
            sent: 0,
            directory: Vec::new(),
            is_over: false,
        }
    }

    /// The next bytes; None behind the last.
    ///
    /// # Errors
    /// A file was deleted in the meantime, or can't be opened or read. The archive is of no use then.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let Some((file, name)) = self.files.get(self.at) else {
            if std::mem::replace(&mut self.is_over, true) {
                return Ok(None);
            }
            return Ok(Some(self.end()));
        };
        if self.part < 0 {
            let head = local(file, name);
            self.directory.extend(central(file, name, self.sent));
            self.sent += length(&head);
            (self.part, self.of_file) = (0, 0);
            return Ok(Some(head));
        }
        let (id, client, size) = (file.id, file.client_id, file.size);
        let bytes = opened(&self.app, client, id, self.part, Purpose::Shown).await?;
        match bytes {
            Some(bytes) => {
                self.part += 1;
                self.sent += length(&bytes);
                self.of_file += i64::from(length(&bytes));
                Ok(Some(bytes.to_vec()))
            }
            // An archive that ends as a whole one does must not lack the rest of a file.
            None if self.of_file != size => Err(StoreError::Conflict),
            None => {
                (self.at, self.part) = (self.at + 1, -1);
                Ok(Some(Vec::new()))
            }
        }
    }

    /// The directory and what ends it (APPNOTE 4.3.12, 4.3.16).
    fn end(&mut self) -> Vec<u8> {
        let mut end = std::mem::take(&mut self.directory);
        let directory = length(&end);
        let number = u16::try_from(self.files.len()).unwrap_or(u16::MAX);
        end.extend(0x0605_4b50_u32.to_le_bytes());
        for half in [0, 0, number, number] {
            end.extend(half.to_le_bytes());
        }
        end.extend(directory.to_le_bytes());
        end.extend(self.sent.to_le_bytes());
        end.extend(0_u16.to_le_bytes());
        end
    }
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// `folder/name.pdf`, or `folder/name (2).pdf` if that is there. `last` has the last number that each name was given, so that
/// thousands of equal names don't each try all numbers before theirs.
fn unused(
    folder: &str,
    name: &str,
    taken: &mut BTreeSet<String>,
    last: &mut BTreeMap<String, u32>,
) -> String {
    let (stem, end) = match name.rsplit_once('.') {
        Some((stem, end)) => (stem, format!(".{end}")),
        None => (name, String::new()),
    };
    let mut full = format!("{folder}/{name}");
    // Some file systems don't tell cases apart.
    let number = last.entry(full.to_lowercase()).or_insert(1);
    while !taken.insert(full.to_lowercase()) {
        *number += 1;
        full = format!("{folder}/{stem} ({number}){end}");
    }
    full
}

fn local(file: &File, name: &str) -> Vec<u8> {
    let mut head = 0x0403_4b50_u32.to_le_bytes().to_vec();
    head.extend(VERSION.to_le_bytes());
    common(&mut head, file, name);
    head.extend(name.as_bytes());
    head
}

fn central(file: &File, name: &str, offset: u32) -> Vec<u8> {
    let mut head = 0x0201_4b50_u32.to_le_bytes().to_vec();
    head.extend(VERSION.to_le_bytes());
    head.extend(VERSION.to_le_bytes());
    common(&mut head, file, name);
    // Comment, disk, attributes inside and outside.
    head.extend([0; 10]);
    head.extend(offset.to_le_bytes());
    head.extend(name.as_bytes());
    head
}

/// The fields that both heads have, from the flags to the extra field's length.
fn common(head: &mut Vec<u8>, file: &File, name: &str) {
    let (time, date) = stamp(file.uploaded.unwrap_or(file.begun));
    let size = u32::try_from(file.size).unwrap_or(u32::MAX);
    let crc = u32::try_from(file.crc).unwrap_or_default();
    let stored = 0_u16;
    for half in [UTF8, stored, time, date] {
        head.extend(half.to_le_bytes());
    }
    for word in [crc, size, size] {
        head.extend(word.to_le_bytes());
    }
    let name = u16::try_from(name.len()).unwrap_or(u16::MAX);
    head.extend(name.to_le_bytes());
    head.extend(0_u16.to_le_bytes());
}

/// MS-DOS's time and date.
fn stamp(at: DateTime<Utc>) -> (u16, u16) {
    let half = |number: u32| u16::try_from(number).unwrap_or_default();
    let year = half(u32::try_from(at.year() - 1980).unwrap_or_default());
    let time = half(at.hour()) << 11 | half(at.minute()) << 5 | half(at.second() / 2);
    let date = year << 9 | half(at.month()) << 5 | half(at.day());
    (time, date)
}
