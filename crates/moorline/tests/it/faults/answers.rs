//! Platforms' answers in hand when the program is stopped, loses its lease or its database: none is thrown away.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::credentials::held_grants::grants;
use crate::harness::hostile::{Hold, Hostile, Play, hostile_story};
use crate::harness::postgres_database;
use crate::operating::full_disk::SmallDisk;
use crate::operating::kills::Process;
use crate::operating::left_grants::process_of;
use crate::operating::lost_database::Relay;

/// Makes every access token end, as one that was given long ago.
pub const OVER: &str = "update credential set expires = '2026-06-15T00:00:00.000000Z', updated = '2026-06-14T00:00:00.000000Z'";

/// Makes every access token end that was given a moment ago: jobs renew it, and chores leave it alone for some minutes.
const NEEDED: &str = "update credential set expires = '2026-06-15T00:00:00.000000Z'";

/// Stops the program, and lets the endpoint answer later than requests and jobs are waited for.
async fn stop_before(process: &mut Process, held: Hold) {
    let release = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        held.release();
    };
    tokio::join!(process.stop(), release);
}

hostile_story!(
    a_stop_waits_for_the_answer_to_a_renewal_and_begins_no_other,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        for account in ["a-1", "a-2"] {
            stage.synced(account).await;
        }
        let ids = stage.synced("a-3").await;
        world.stop_platform().await;
        let mut process = process_of(&stage);
        let patience = ("MOORLINE_SHUTDOWN_SECONDS", "1".to_owned());
        process.environment.push(patience);
        // By the program's clock all tokens are over.
        let mut held = tenant.hold("token");
        process.start().await;
        held.arrived().await;
        stop_before(&mut process, held).await;
        assert_eq!(tenant.renewals(), 1);
        process.start().await;
        world
            .until("the others are renewed, and that is stored", || async {
                let under_way = "select count(*) from credential where lease_owner is not null";
                (tenant.renewals() == 3 && world.number(under_way).await == 0).then_some(())
            })
            .await;
        assert_eq!(tenant.living().len(), 3);

        // The same if a job has asked, which isn't waited for as a chore is.
        let mut held = tenant.hold("token");
        world.tamper(&[NEEDED]).await;
        world.queue_pull(&ids.0, "customers").await;
        held.arrived().await;
        stop_before(&mut process, held).await;
        process.start().await;
        let pulled = stage.pulled_first(&ids, "customers").await;
        assert_eq!(pulled["status"], "Complete", "{pulled}");
        assert_eq!(tenant.renewals(), 4);
        assert_eq!(tenant.living().len(), 3);
        process.kill();
    }
);

hostile_story!(
    an_answer_is_kept_though_the_lease_was_lost,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let ids = stage.synced("a-1").await;
        world.pass(chrono::TimeDelta::minutes(31));
        let mut held = tenant.hold("token");
        let asking = {
            let (stage, ids) = (Arc::clone(&stage), ids.clone());
            tokio::spawn(async move { stage.access(&ids).await.unwrap() })
        };
        held.arrived().await;
        // As after a freeze that outlasted it.
        world
            .tamper(&["update credential set lease_owner = null, lease_until = null"])
            .await;
        held.release();
        let token = asking.await.unwrap();
        assert_eq!(stage.access(&ids).await.unwrap(), token);
        assert_eq!(tenant.renewals(), 1);
        assert_eq!(tenant.living(), ["a-1"]);
        world.assert_grants_match().await;
    }
);

/// A database that the story can take away from the program.
enum Losable {
    OnDisk(SmallDisk),
    Behind(Relay),
}

impl Losable {
    async fn lose(&mut self) {
        match self {
            Self::OnDisk(disk) => disk.fill(),
            Self::Behind(relay) => relay.stop().await,
        }
    }

    async fn come_back(&mut self) {
        match self {
            Self::OnDisk(disk) => disk.free(),
            Self::Behind(relay) => relay.start().await,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_kept_beside_a_database_that_takes_no_writes_on_sqlite() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let url = format!("sqlite:{}", disk.path().join("moorline.db").display());
    let folder = tempfile::tempdir().unwrap();
    let stage = Hostile::on(&[Play::of("odda")], url, folder).await;
    tell(stage, Losable::OnDisk(disk)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_kept_beside_a_database_that_takes_no_writes_on_postgres() {
    let Some(url) = postgres_database().await else {
        return;
    };
    let (relay, through) = Relay::to(&url).await;
    let folder = tempfile::tempdir().unwrap();
    let stage = Hostile::on(&[Play::of("odda")], through, folder).await;
    tell(stage, Losable::Behind(relay)).await;
}

/// The file in which the program keeps answers.
struct Spool(PathBuf);

impl Spool {
    fn of(stage: &Hostile) -> Self {
        let folder = stage.world.app.config.data_folder();
        Self(folder.join("moorline.answers"))
    }

    fn holds_answers(&self) -> bool {
        std::fs::read(&self.0).is_ok_and(|bytes| bytes.iter().any(|byte| *byte != 0))
    }
}

/// The database goes away while the platform holds its answer; then the answer comes, and is kept.
async fn kept(stage: &Hostile, database: &mut Losable, spool: &Spool, mut held: Hold) {
    held.arrived().await;
    database.lose().await;
    held.release();
    stage
        .world
        .until("the answer is kept", || async {
            spool.holds_answers().then_some(())
        })
        .await;
}

async fn emptied(stage: &Hostile, spool: &Spool) {
    stage
        .world
        .until("the answer is stored", || async {
            (!spool.holds_answers()).then_some(())
        })
        .await;
}

async fn tell(stage: Hostile, mut database: Losable) {
    let stage = Arc::new(stage);
    let (world, tenant) = (&stage.world, stage.tenant());
    let ids = stage.synced("a-1").await;
    world.stop_platform().await;
    let mut process: Process = process_of(&stage);
    let spool = Spool::of(&stage);

    // It comes back while the program runs.
    let held = tenant.hold("token");
    process.start().await;
    kept(&stage, &mut database, &spool, held).await;
    // Longer than any lease: whoever may, takes up the same work again.
    tokio::time::sleep(Duration::from_secs(27)).await;
    database.come_back().await;
    emptied(&stage, &spool).await;
    let pulled = stage.pulled(&ids, "customers").await;
    assert_eq!(pulled["status"], "Complete", "{pulled}");
    assert_eq!(tenant.renewals(), 1);

    // It comes back when the program was killed, and the next start finds the answer.
    let held = tenant.hold("token");
    world.tamper(&[OVER]).await;
    kept(&stage, &mut database, &spool, held).await;
    process.kill();
    database.come_back().await;
    process.start().await;
    emptied(&stage, &spool).await;
    let pulled = stage.pulled(&ids, "customers").await;
    assert_eq!(pulled["status"], "Complete", "{pulled}");
    assert_eq!(tenant.renewals(), 2);
    assert_eq!(tenant.living(), ["a-1"]);

    // The same with the tokens of a customer who has just agreed.
    let fresh = stage.fresh().await;
    let held = tenant.hold("token");
    let coming_back = {
        let (stage, fresh) = (Arc::clone(&stage), fresh.clone());
        tokio::spawn(async move { stage.come_back(&fresh, "a-2").await })
    };
    kept(&stage, &mut database, &spool, held).await;
    process.kill();
    assert!(coming_back.await.is_err(), "the browser got no answer");
    database.come_back().await;
    process.start().await;
    emptied(&stage, &spool).await;
    let known = grants(world, &fresh.0, &fresh.1).await;
    assert_eq!(known.len(), 1, "{known:?}");
    process.kill();
    stage.end().await;
}
