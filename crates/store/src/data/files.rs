//! Files that a business has uploaded: their names, and their bytes in sealed parts.

use chrono::{DateTime, Utc};

use crate::model::{ClientId, CompanyId, ConnectionId, FileId};
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! {
    #[derive(Clone, Debug)]
    pub struct File {
        pub id: FileId,
        pub client_id: ClientId,
        pub company_id: CompanyId,
        pub connection_id: ConnectionId,
        pub name: String,
        pub size: i64,
        pub crc: i64,
        pub begun: DateTime<Utc>,
        /// None while it comes in.
        pub uploaded: Option<DateTime<Utc>>,
    }
}

row! {
    /// The room that a company's files take.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Room {
        pub number: i64,
        pub bytes: i64,
    }
}

row! { struct Part { sealed: Vec<u8> } }

/// Begins a file, which is of no size yet. False if its connection is gone.
pub async fn begin(tx: &mut Tx, file: &File) -> Result<bool, StoreError> {
    let begun = query!(
        tx,
        "insert into file (id, client_id, company_id, connection_id, name, size, crc, begun, uploaded)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        file.id,
        file.client_id,
        file.company_id,
        file.connection_id,
        &file.name,
        file.size,
        file.crc,
        file.begun,
        file.uploaded
    );
    match begun {
        Ok(_) => Ok(true),
        Err(StoreError::Database(sqlx::Error::Database(refusal)))
            if refusal.is_foreign_key_violation() =>
        {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Adds a part of `bytes` bytes. False if the file is gone.
pub async fn add_part(
    tx: &mut Tx,
    file: FileId,
    number: i64,
    sealed: &[u8],
    bytes: i64,
) -> Result<bool, StoreError> {
    let there = query!(
        tx,
        "update file set size = size + $2 where id = $1",
        file,
        bytes
    )?;
    if there == 0 {
        return Ok(false);
    }
    query!(
        tx,
        "insert into file_part (file_id, number, sealed) values ($1, $2, $3)",
        file,
        number,
        sealed
    )?;
    Ok(true)
}

/// Makes a file count. False if it is gone.
pub async fn complete(
    tx: &mut Tx,
    file: FileId,
    crc: i64,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let completed = query!(
        tx,
        "update file set crc = $2, uploaded = $3 where id = $1",
        file,
        crc,
        now
    )?;
    Ok(completed == 1)
}

/// Forgets a file that was not completed.
pub async fn forget(tx: &mut Tx, file: FileId) -> Result<(), StoreError> {
    query!(
        tx,
        "delete from file where id = $1 and uploaded is null",
        file
    )?;
    Ok(())
}

/// Forgets files that began before a time and were never completed: their upload was cut off. Unscoped: a chore.
pub async fn sweep(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, StoreError> {
    query!(
        tx,
        "delete from file where uploaded is null and begun < $1",
        before
    )
}

/// Deletes the files of a connection.
pub async fn delete_of_connection(
    tx: &mut Tx,
    connection: ConnectionId,
) -> Result<u64, StoreError> {
    query!(tx, "delete from file where connection_id = $1", connection)
}

/// The room that a company's files take, without those that come in.
pub async fn room(tx: &mut Tx, company: CompanyId) -> Result<Room, StoreError> {
    query!(
        tx,
        one Room,
        "select count(*) as number, cast(coalesce(sum(size), 0) as bigint) as bytes
         from file where company_id = $1 and uploaded is not null",
        company
    )
}

/// A company's files that were uploaded from one time on and before another, the newest first.
pub async fn of_company(
    db: &Db,
    client: ClientId,
    company: CompanyId,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<File>, StoreError> {
    query!(
        db,
        all File,
        "select id, client_id, company_id, connection_id, name, size, crc, begun, uploaded
         from file where client_id = $1 and company_id = $2 and uploaded >= $3 and uploaded < $4
         order by uploaded desc, id desc",
        client,
        company,
        from,
        to
    )
}

/// A part of a file, as it was sealed; None behind the last, and once the file is gone. Unscoped: the file was looked up.
pub async fn part(db: &Db, file: FileId, number: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let part = query!(
        db,
        opt Part,
        "select sealed from file_part where file_id = $1 and number = $2",
        file,
        number
    )?;
    Ok(part.map(|part| part.sealed))
}
