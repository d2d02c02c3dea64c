//! Files that a business uploads: taken in parts, sealed, looked at, scanned, and kept until their connection is disconnected.

pub mod archive;
mod content;
pub mod scan;
pub mod sources;
pub(crate) mod underway;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tokio::sync::mpsc;

pub use self::content::EXTENSIONS;
use self::content::{Look, extension, own_name};
use self::scan::{ScanError, Verdict, scan};
use self::sources::source;
use self::underway::MOST_UNDER_WAY;
use crate::app::App;
use crate::change::Change;
use crate::companies::funnel::{self, Step};
use crate::connecting::{Departure, LinkError, Outcome, end_link};
use crate::consents::Entry;
use crate::credentials::vault::openings::Purpose;
use crate::credentials::vault::{Place, Row, Sealed, VaultError};
use crate::events::Event;
use store::clock::new_id;
use store::connections::Connection;
use store::files::{self as rows, File};
use store::model::connection::{Transition, transition};
use store::model::{Actor, ClientId, CompanyId, ConnectionStatus, EventType, FileId, RecordKind};
use store::{StoreError, Tx};

/// Files at a time, and the bytes of each: the contract's.
pub const MOST_AT_ONCE: usize = 20;
pub const MOST_BYTES: usize = 10 * 1024 * 1024;
/// Files of one company: an archive has room for no more than 65,535.
const MOST_FILES: i64 = 5_000;

/// Bytes that are sealed together, and those of them that are stored in one transaction.
const PART: usize = 64 * 1024;
const WRITE: usize = 4 * PART;

/// An upload that was cut off is forgotten after this time; no request lasts as long.
const CUT_OFF: TimeDelta = TimeDelta::hours(1);

/// The reason why files are not taken. Nothing of the upload is kept then.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error("{0} takes no files; make a connection to a file upload integration for them")]
    NotForFiles(String),
    #[error("the connection is disconnected; its customer connects it again by uploading in Link")]
    Disconnected,
    #[error("there is no file in the body")]
    NoFile,
    #[error("{MOST_AT_ONCE} files can be uploaded at a time at the most")]
    TooMany,
    #[error("a file's name has 1 to 200 characters")]
    Name,
    #[error("{name} is of a type that isn't taken; valid types: {}", EXTENSIONS.join(", "))]
    Type { name: String },
    #[error("{name} is empty")]
    Empty { name: String },
    #[error("{name} is larger than 10 MB, the most that a file may have")]
    TooLarge { name: String },
    #[error(
        "{name} isn't the type of file that its name says; save it as that type and upload it again"
    )]
    Content { name: String },
    #[error("{name} was not kept: the virus scanner found something in it")]
    Infected { name: String },
    #[error(
        "files can't be checked for viruses at the moment, so none was kept; please try again later"
    )]
    Unscanned,
    #[error(
        "there is no more room for files of this company; delete or disconnect a connection with files first"
    )]
    NoRoom,
    #[error(
        "{MOST_UNDER_WAY} uploads of this company are under way, the most at a time; upload these once one of them has ended"
    )]
    Busy,
}

/// A file that has come in and doesn't count yet.
#[derive(Debug)]
struct Staged {
    id: FileId,
    name: String,
    bytes: usize,
    crc: u32,
}

/// The file that comes in at the moment.
struct Coming {
    id: FileId,
    name: String,
    look: Look,
    crc: crc32fast::Hasher,
    bytes: usize,
    /// Of them, those that are stored.
    stored: usize,
    parts: i64,
    /// Not stored yet.
    held: Vec<u8>,
}

/// An upload of some files. Dropped before it is complete, it leaves nothing.
pub struct Upload<'a> {
    app: &'a App,
    connection: &'a Connection,
    actor: Actor,
    staged: Vec<Staged>,
    coming: Option<Coming>,
    _place: underway::Place,
}

impl<'a> Upload<'a> {
    /// Begins an upload to a connection.
    ///
    /// # Errors
    /// The connection takes no files, or too many uploads of its company are under way.
    pub fn new(app: &'a App, connection: &'a Connection, actor: Actor) -> Result<Self, Refusal> {
        may_take(connection, actor)?;
        let place = app.uploads.place(connection.company_id);
        Ok(Self {
            _place: place.ok_or(Refusal::Busy)?,
            app,
            connection,
            actor,
            staged: Vec::new(),
            coming: None,
        })
    }

    /// Begins a file by its name.
    ///
    /// # Errors
    /// Its name or type isn't taken, or there is no room for it.
    pub async fn begin(&mut self, given: &str) -> Result<(), Refusal> {
        if self.staged.len() >= MOST_AT_ONCE {
            return Err(Refusal::TooMany);
        }
        let name = own_name(given).ok_or(Refusal::Name)?;
        let Some(extension) = extension(&name) else {
            return Err(Refusal::Type { name });
        };
        let now = self.app.clock.now();
        let file = File {
            id: FileId(new_id(now)),
            client_id: self.connection.client_id,
            company_id: self.connection.company_id,
            connection_id: self.connection.id,
            name: name.clone(),
            size: 0,
            crc: 0,
            begun: now,
            uploaded: None,
        };
        self.coming = Some(Coming {
            id: file.id,
            name,
            look: Look::new(extension),
            crc: crc32fast::Hasher::new(),
            bytes: 0,
            stored: 0,
            parts: 0,
            held: Vec::new(),
        });
        let mut tx = self.app.db.write().await?;
        self.check_room(&mut tx, 0).await?;
        if !rows::begin(&mut tx, &file).await? {
            return Err(LinkError::Raced.into());
        }
        Ok(tx.commit().await?)
    }

    /// Checks that there is room for this upload with `more` bytes beside the files that count. Other uploads under way don't: they
    /// may come to nothing, and are few. So a company takes no more than its room and what its uploads under way may have.
    async fn check_room(&self, tx: &mut Tx, more: usize) -> Result<(), Refusal> {
        let room = rows::room(tx, self.connection.company_id).await?;
        let (mut number, mut bytes) = (self.staged.len(), more);
        bytes += self.staged.iter().map(|file| file.bytes).sum::<usize>();
        if let Some(coming) = &self.coming {
            number += 1;
            bytes += coming.stored;
        }
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        let most = i64::try_from(self.app.config.files.company_mb).unwrap_or(i64::MAX);
        let most = most.saturating_mul(1024 * 1024);
        if room.number + number > MOST_FILES || room.bytes.saturating_add(bytes) > most {
            return Err(Refusal::NoRoom);
        }
        Ok(())
    }

    /// Takes the next bytes of the file.
    ///
    /// # Errors
    /// There are too many of them, or they can't be stored.
    pub async fn add(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let Some(coming) = &mut self.coming else {
            return Ok(());
        };
        coming.bytes += bytes.len();
        if coming.bytes > MOST_BYTES {
            let name = coming.name.clone();
            return Err(Refusal::TooLarge { name });
        }
        coming.look.at(bytes);
        coming.crc.update(bytes);
        coming.held.extend_from_slice(bytes);
        while let Some(coming) = &mut self.coming
            && coming.held.len() >= WRITE
        {
            let rest = coming.held.split_off(WRITE);
            let piece = std::mem::replace(&mut coming.held, rest);
            self.store(&piece).await?;
        }
        Ok(())
    }

    /// Stores the next bytes of the file, in parts.
    async fn store(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let mut tx = self.app.db.write().await?;
        self.check_room(&mut tx, bytes.len()).await?;
        let Some(coming) = &mut self.coming else {
            return Ok(());
        };
        for part in bytes.chunks(PART) {
            let place = place(self.connection.client_id, coming.id, coming.parts);
            let sealed = self.app.vault.seal_bytes(part, place);
            let size = i64::try_from(part.len()).unwrap_or(i64::MAX);
            if !rows::add_part(&mut tx, coming.id, coming.parts, &sealed.0, size).await? {
                return Err(LinkError::Raced.into());
            }
            coming.parts += 1;
        }
        coming.stored += bytes.len();
        Ok(tx.commit().await?)
    }

    /// Ends the file: it is looked at and scanned.
    ///
    /// # Errors
    /// It isn't what its name says, is infected, or can't be scanned.
    pub async fn end(&mut self) -> Result<(), Refusal> {
        let Some(coming) = &mut self.coming else {
            return Ok(());
        };
        let name = coming.name.clone();
        if coming.bytes == 0 {
            return Err(Refusal::Empty { name });
        }
        if !coming.look.fits() {
            return Err(Refusal::Content { name });
        }
        let id = coming.id;
        let rest = std::mem::take(&mut coming.held);
        if !rest.is_empty() {
            self.store(&rest).await?;
        }
        if self.app.config.files.are_scanned() {
            match scanned(self.app, self.connection.client_id, id).await? {
                Ok(Verdict::Clean) => {}
                Ok(Verdict::Infected(_)) => return Err(Refusal::Infected { name }),
                Err(_) => return Err(Refusal::Unscanned),
            }
        }
        if let Some(coming) = self.coming.take() {
            self.staged.push(Staged {
                id: coming.id,
                name,
                bytes: coming.bytes,
                crc: coming.crc.finalize(),
            });
        }
        Ok(())
    }

    /// Makes the files count, all of them or none, and links the connection if they are its first. Returns their names.
    ///
    /// # Errors
    /// There is no file, the connection was deleted or disconnected in the meantime, or there is no room.
    pub async fn complete(self) -> Result<Vec<String>, Refusal> {
        self.completed(None).await
    }

    /// The same by a one-time link, which that ends.
    ///
    /// # Errors
    /// As of [`Upload::complete`]; or the link was used.
    pub async fn complete_by(self, link: &Departure<'_>) -> Result<Vec<String>, Refusal> {
        self.completed(Some(link)).await
    }

    async fn completed(mut self, by: Option<&Departure<'_>>) -> Result<Vec<String>, Refusal> {
        if self.staged.is_empty() {
            return Err(Refusal::NoFile);
        }
        let company = self.connection.company_id;
        let mut change = Change::of_company(self.app, company, self.actor).await?;
        let now = change.now;
        let connection = store::connections::find_in(&mut change, self.connection.id).await?;
        let mut connection = connection.ok_or(LinkError::NoConnection)?;
        // A connection that was disconnected while its files came in stays so.
        if connection.status != self.connection.status
            && connection.status == ConnectionStatus::Unlinked
        {
            return Err(LinkError::Raced.into());
        }
        may_take(&connection, self.actor)?;
        self.check_room(&mut change, 0).await?;
        if let Some(departure) = by
            && !end_link(&mut change, departure, Outcome::Linked, "").await?
        {
            return Err(LinkError::Spent.into());
        }
        for file in &self.staged {
            if !rows::complete(&mut change, file.id, i64::from(file.crc), now).await? {
                return Err(LinkError::Raced.into());
            }
        }
        if connection.status != ConnectionStatus::Linked {
            link(&mut change, &mut connection).await?;
        }
        store::connections::set_last_sync(&mut change, connection.id, now).await?;
        let bytes: usize = self.staged.iter().map(|file| file.bytes).sum();
        let platform =
            json!({ "key": connection.integration_key, "name": connection.platform_name });
        let entry = Entry::new(connection.client_id, RecordKind::FilesUploaded)
            .of_company(company)
            .of_connection(connection.id)
            .with("platform", platform)
            .with("files", self.staged.len())
            .with("bytes", bytes);
        change.record(entry);
        change.commit().await?;
        Ok(std::mem::take(&mut self.staged)
            .into_iter()
            .map(|file| file.name)
            .collect())
    }
}

impl Drop for Upload<'_> {
    /// Forgets what doesn't count. A process that is killed leaves it to the chore.
    fn drop(&mut self) {
        let mut left: Vec<FileId> = self.staged.drain(..).map(|file| file.id).collect();
        left.extend(self.coming.take().map(|coming| coming.id));
        if left.is_empty() {
            return;
        }
        drop(self.app.detach(async move |app| {
            if let Err(error) = forget(&app, &left).await {
                tracing::warn!(%error, "files of an upload that failed are still there; they are swept after an hour");
            }
        }));
    }
}

/// Refuses a connection that isn't one of files, or that its customer has disconnected.
fn may_take(connection: &Connection, actor: Actor) -> Result<(), Refusal> {
    if source(&connection.integration_key).is_none() {
        return Err(Refusal::NotForFiles(connection.platform_name.clone()));
    }
    if connection.status == ConnectionStatus::Unlinked && actor != Actor::Customer {
        return Err(Refusal::Disconnected);
    }
    Ok(())
}

async fn link(change: &mut Change<'_>, connection: &mut Connection) -> Result<(), Refusal> {
    let from = connection.status;
    connection.status = transition(from, Transition::Authorized).map_err(LinkError::from)?;
    let (id, now) = (connection.id, change.now);
    if !store::connections::set_status(change, id, from, connection.status, None).await? {
        return Err(LinkError::Raced.into());
    }
    store::connections::set_authorized(change, id, None, None, "{}", now).await?;
    store::connections::resolve_errors(change, id, now).await?;
    funnel::reach(change, connection, Step::Linked).await?;
    let linked = Event::Connection {
        connection,
        kind: match from {
            ConnectionStatus::PendingAuth => EventType::ConnectionConnected,
            _ => EventType::ConnectionReconnected,
        },
        from: Some(from),
        reason: Some("Files were uploaded."),
    };
    change.event(linked).await?;
    Ok(())
}

fn place(client: ClientId, file: FileId, number: i64) -> Place<'static> {
    Place {
        client,
        row: Row::File(file, number),
        field: "file",
    }
}

/// A part of a file, opened; None behind the last.
async fn opened(
    app: &App,
    client: ClientId,
    file: FileId,
    number: i64,
    purpose: Purpose,
) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, StoreError> {
    let Some(sealed) = rows::part(&app.db, file, number).await? else {
        return Ok(None);
    };
    let place = place(client, file, number);
    let bytes = app.vault.open_bytes(&Sealed(sealed), place, purpose).await;
    bytes.map(Some).map_err(|error| match error {
        VaultError::Store(error) => error,
        error => StoreError::Corrupt(format!("a file's part: {error}")),
    })
}

/// Has a stored file scanned.
async fn scanned(
    app: &App,
    client: ClientId,
    file: FileId,
) -> Result<Result<Verdict, ScanError>, StoreError> {
    let (sender, pieces) = mpsc::channel(2);
    let fed = async move {
        for number in 0.. {
            let Some(piece) = opened(app, client, file, number, Purpose::Check).await? else {
                break;
            };
            // It may have seen enough.
            if sender.send(piece).await.is_err() {
                break;
            }
        }
        Ok::<(), StoreError>(())
    };
    let verdict = scan(app, pieces);
    tokio::pin!(fed, verdict);
    tokio::select! {
        // A scanner that has seen enough may have left the rest where it is.
        verdict = &mut verdict => return Ok(verdict),
        fed = &mut fed => fed?,
    }
    Ok(verdict.await)
}

async fn forget(app: &App, files: &[FileId]) -> Result<(), StoreError> {
    let mut tx = app.db.write().await?;
    for file in files {
        rows::forget(&mut tx, *file).await?;
    }
    tx.commit().await
}

/// Forgets uploads that were cut off.
///
/// # Errors
/// The database can't be reached or written to.
pub(crate) async fn sweep(app: &App) -> Result<(), StoreError> {
    let mut tx = app.db.write().await?;
    rows::sweep(&mut tx, app.clock.now() - CUT_OFF).await?;
    tx.commit().await
}

/// The files that a company has uploaded, the newest first; with a date, those of that day (UTC).
///
/// # Errors
/// The database can't be read.
pub async fn list(
    app: &App,
    client: ClientId,
    company: CompanyId,
    date: Option<DateTime<Utc>>,
) -> Result<Vec<File>, StoreError> {
    let day = date.map(|date| {
        let midnight = date.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
        (midnight, midnight + TimeDelta::days(1))
    });
    let always = || (DateTime::UNIX_EPOCH, app.clock.now() + TimeDelta::days(1));
    rows::of_company(&app.db, client, company, day.unwrap_or_else(always)).await
}
