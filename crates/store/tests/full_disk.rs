//! SQLite on a disk without space: refused as such, and written to again once there is some. Only root can mount a small disk.

use std::fs;
use std::process::Command;

use store::clock::Clock;
use store::{Db, StoreError, meta};

const DISK: &str = "4m";

async fn write(db: &Db, key: &str) -> Result<(), StoreError> {
    let mut tx = db.write().await?;
    meta::set(&mut tx, key, &"x".repeat(20_000)).await?;
    tx.commit().await
}

#[tokio::test]
async fn a_full_disk_is_written_to_again_once_there_is_space() {
    let folder = tempfile::tempdir().unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", &format!("size={DISK}"), "tmpfs"])
        .arg(folder.path())
        .output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: only root can mount a small disk, on Linux");
        return;
    }
    let filler = folder.path().join("filler");
    fs::write(&filler, vec![0; 1 << 20]).unwrap();
    let url = format!("sqlite:{}", folder.path().join("moorline.db").display());
    let db = Db::open(&url, 2).await.unwrap();
    db.migrate(Clock::System.now()).await.unwrap();
    let mut written = 0;
    let refused = loop {
        match write(&db, &written.to_string()).await {
            Ok(()) => written += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StoreError::Full(_)), "{refused}");
    assert!(written > 0);
    let again = write(&db, "again").await;
    assert!(matches!(again, Err(StoreError::Full(_))), "{again:?}");
    // A transaction that is dropped after it failed, and one that is dropped half-way.
    let mut tx = db.write().await.unwrap();
    let failed = meta::set(&mut tx, "large", &"x".repeat(4 << 20)).await;
    let committed = tx.commit().await;
    assert!(failed.is_err() || committed.is_err());
    drop(db.write().await.unwrap());

    fs::remove_file(filler).unwrap();
    write(&db, "later").await.unwrap();
    meta::try_write(&db).await.unwrap();
    for key in 0..written {
        assert!(meta::get(&db, &key.to_string()).await.unwrap().is_some());
    }
    assert!(meta::get(&db, "again").await.unwrap().is_none());
    db.close().await;
    Command::new("umount").arg(folder.path()).status().unwrap();
}
