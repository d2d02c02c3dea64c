//! An archive into an empty installation of either engine, exactly as it was.
//!
//! The whole archive is read and checked before the first row is written. Rows go in a batch at a time, each with the line that
//! the run has come to, so that a run that was killed goes on from there; until it has ended, the platform doesn't start.

use std::path::Path;

use egress::Secret;

use super::archive::{Carried, Heading, Reader};
use super::{MOST_PROBLEMS, Problem, Progress};
use crate::credentials::vault::VaultError;
use crate::credentials::vault::roots::{self, Source};
use store::dump::{self, Table};
use store::{Db, StoreError, Tx, meta};

/// In `meta` while a restore is under way: the archive's digest, and the line that the restore has come to.
const MARK: &str = "restore.";
const ARCHIVE: &str = "restore.archive";
const LINE: &str = "restore.line";
const BATCH: usize = 1000;

#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error("the archive can't be read: {0}")]
    File(#[from] std::io::Error),
    #[error("{0}")]
    NotAnArchive(String),
    /// The faults, line by line; nothing was written.
    #[error("the archive can't be restored; nothing was changed")]
    Problems(Vec<Problem>),
    #[error(
        "the database isn't empty (table {0} has rows); an archive is restored into an empty one: set database_url to a new \
         database, or empty this one"
    )]
    NotEmpty(String),
    #[error(
        "another archive is being restored into this database; go on with that one, or empty the database"
    )]
    AnotherArchive,
    #[error(
        "the archive was made with the schema {theirs}, and this program makes {ours}; use the same version of Moorline on both \
         machines (the newer one: it brings the old database up to date with `moorline migrate`)"
    )]
    OtherSchema { theirs: String, ours: String },
    #[error(
        "the archive is sealed with the key {theirs}, and {place} holds another ({ours}); move that key file away if nothing of \
         yours is sealed with it"
    )]
    OtherKey {
        theirs: String,
        ours: String,
        place: String,
    },
    #[error(
        "the archive's key travels apart: put the old machine's key file to {0} (mode 600) first"
    )]
    KeyApart(String),
    #[error("the passphrase is another, or the archive's key was altered")]
    WrongPassphrase,
    #[error("the archive's key is under a passphrase; give it with --passphrase-file")]
    NoPassphrase,
}

/// The outcome of a restore, or of its dry run.
#[derive(Debug)]
pub struct Report {
    pub heading: Heading,
    pub rows: u64,
    /// Rows that an earlier, interrupted run had brought in.
    pub earlier: u64,
    /// A key file is (to be) written.
    pub writes_key: bool,
}

/// Checks everything and, unless it is a dry run, restores.
pub async fn run(
    db: &Db,
    archive: &Path,
    key: &Source,
    passphrase: Option<&Secret>,
    dry_run: bool,
    progress: &impl Progress,
) -> Result<Report, RestoreError> {
    let (reader, heading) = Reader::open(archive)?;
    let heading = heading.map_err(RestoreError::NotAnArchive)?;
    let ours = dump::schema(db).await?;
    if ours != heading.migrations {
        return Err(RestoreError::OtherSchema {
            theirs: heading.migrations.join(", "),
            ours: ours.join(", "),
        });
    }
    let tables = dump::tables(db).await?;
    let layout = layout_of(&heading, &tables).map_err(RestoreError::NotAnArchive)?;
    let new_key = key_for(&heading, key, passphrase)?;
    let total = heading.tables.iter().map(|table| table.rows).sum();
    progress.begin("rows checked", total);
    let mark = check(reader, &heading, &tables, &layout, progress)?;
    progress.end();
    let earlier = begun(db, &tables, &mark).await?;
    let report = Report {
        rows: total,
        earlier,
        writes_key: new_key.is_some(),
        heading,
    };
    if dry_run {
        return Ok(report);
    }
    if let (Some(text), Source::File(path)) = (new_key, key) {
        roots::write_text(path, &text)?;
    }
    write(db, archive, &mark, &tables, &layout, &report, progress).await?;
    Ok(report)
}

/// True if a restore was begun and has not ended: until then the database is not one to work with.
pub async fn is_under_way(db: &Db) -> Result<bool, StoreError> {
    Ok(meta::get(db, ARCHIVE).await?.is_some())
}

/// For each of the archive's tables the position of ours, and for each of its columns the position of the value in a row.
type Layout = Vec<(usize, Vec<usize>)>;

fn layout_of(heading: &Heading, tables: &[Table]) -> Result<Layout, String> {
    let place = |part: &super::archive::TablePart| {
        let own = tables.iter().position(|table| table.name == part.name);
        let own = own.ok_or_else(|| format!("there is no table {} here", part.name))?;
        let columns = &tables[own].columns;
        if columns.len() != part.columns.len() {
            return Err(format!("table {} has other columns here", part.name));
        }
        let values = columns.iter().map(|column| {
            let at = part.columns.iter().position(|name| *name == column.name);
            at.ok_or_else(|| format!("the archive has no {}.{}", part.name, column.name))
        });
        Ok((own, values.collect::<Result<_, _>>()?))
    };
    heading.tables.iter().map(place).collect()
}

/// The key's text, if it is still to be written.
fn key_for(
    heading: &Heading,
    place: &Source,
    passphrase: Option<&Secret>,
) -> Result<Option<Secret>, RestoreError> {
    let other = |ours: String| RestoreError::OtherKey {
        theirs: heading.key.id.clone(),
        ours,
        place: place.name(),
    };
    if let Some(text) = place.text()? {
        return if roots::has_in(&text, &place.name(), &heading.key.id)? {
            Ok(None)
        } else {
            Err(other(roots::name_in(&text, &place.name())?))
        };
    }
    let Some(wrapped) = &heading.key.wrapped else {
        return Err(RestoreError::KeyApart(place.name()));
    };
    let passphrase = passphrase.ok_or(RestoreError::NoPassphrase)?;
    let text = wrapped
        .open(passphrase)
        .map_err(|_| RestoreError::WrongPassphrase)?;
    let name = roots::name_in(&text, "the archive's key")?;
    if name != heading.key.id {
        return Err(other(name));
    }
    Ok(Some(text))
}

/// Reads the archive to its end. Returns a mark that no other archive has.
fn check(
    mut reader: Reader,
    heading: &Heading,
    tables: &[Table],
    layout: &Layout,
    progress: &impl Progress,
) -> Result<String, RestoreError> {
    let mut problems = Vec::new();
    while let Some(row) = reader.next_row()? {
        progress.step(1);
        let problem = match row {
            Ok(row) => fault(&row, tables, layout).map(|message| Problem {
                line: row.line,
                message,
            }),
            Err(problem) => Some(problem),
        };
        problems.extend(problem);
        if problems.len() >= MOST_PROBLEMS {
            break;
        }
    }
    if problems.is_empty() {
        Ok(format!(
            "{} {} {}",
            heading.created,
            heading.key.id,
            reader.digest()
        ))
    } else {
        Err(RestoreError::Problems(problems))
    }
}

fn fault(row: &Carried, tables: &[Table], layout: &Layout) -> Option<String> {
    let Some((own, values)) = layout.get(row.table) else {
        return Some(format!("there is no table {} in the heading", row.table));
    };
    if row.values.len() != values.len() {
        return Some("the row has another number of values than its table".to_owned());
    }
    let columns = tables[*own].columns.iter().zip(values);
    columns
        .filter_map(|(column, at)| dump::fits(column, &row.values[*at]).err())
        .next()
}

/// The line that an interrupted restore of this archive has come to; 0 if there was none.
async fn begun(db: &Db, tables: &[Table], mark: &str) -> Result<u64, RestoreError> {
    match meta::get(db, ARCHIVE).await? {
        Some(other) if other != mark => return Err(RestoreError::AnotherArchive),
        Some(_) => {
            let line = meta::get(db, LINE).await?;
            return Ok(line.and_then(|line| line.parse().ok()).unwrap_or(0));
        }
        None => {}
    }
    let mut tx = db.snapshot().await?;
    for table in tables {
        // The platform makes notes of itself, and its first key, at its first start.
        let is_own = ["meta", "sealing_key"].contains(&table.name.as_str());
        if !is_own && dump::count(&mut tx, table).await? > 0 {
            return Err(RestoreError::NotEmpty(table.name.clone()));
        }
    }
    Ok(0)
}

async fn write(
    db: &Db,
    archive: &Path,
    mark: &str,
    tables: &[Table],
    layout: &Layout,
    report: &Report,
    progress: &impl Progress,
) -> Result<(), RestoreError> {
    let mut tx = db.write().await?;
    if report.earlier == 0 {
        dump::forget_all_but(&mut tx, MARK).await?;
        store::sealing_keys::forget_all(&mut tx).await?;
        meta::set(&mut tx, ARCHIVE, mark).await?;
        meta::set(&mut tx, LINE, "0").await?;
    }
    tx.commit().await?;

    progress.begin("rows restored", report.rows);
    let (mut reader, _) = Reader::open(archive)?;
    let mut batch: Vec<Carried> = Vec::with_capacity(BATCH);
    loop {
        let row = match reader.next_row()? {
            Some(Ok(row)) => Some(row),
            Some(Err(problem)) => return Err(RestoreError::Problems(vec![problem])),
            None => None,
        };
        let last = row.is_none();
        match row {
            Some(row) if row.line <= report.earlier => {
                progress.step(1);
                continue;
            }
            row => batch.extend(row),
        }
        if batch.len() < BATCH && !last {
            continue;
        }
        let mut tx = db.write().await?;
        for row in &batch {
            write_row(&mut tx, row, tables, layout).await?;
        }
        if let Some(row) = batch.last() {
            meta::set(&mut tx, LINE, &row.line.to_string()).await?;
        }
        if last {
            dump::go_on_counting(&mut tx, tables).await?;
            meta::forget(&mut tx, ARCHIVE).await?;
            meta::forget(&mut tx, LINE).await?;
        }
        tx.commit().await?;
        progress.step(batch.len() as u64);
        batch.clear();
        if last {
            progress.end();
            return Ok(());
        }
    }
}

async fn write_row(
    tx: &mut Tx,
    row: &Carried,
    tables: &[Table],
    layout: &Layout,
) -> Result<(), StoreError> {
    let (own, values) = &layout[row.table];
    let values: Vec<_> = values.iter().map(|at| row.values[*at].clone()).collect();
    dump::write(tx, &tables[*own], &values).await
}
