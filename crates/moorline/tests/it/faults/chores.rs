//! Chores of several nodes at once, chores that fail, and platforms that take nothing back.

use chrono::TimeDelta;
use futures_util::future::join_all;
use platform::work::chores_once;

use crate::credentials::held_grants::states_are;
use crate::harness::Node;
use crate::harness::hostile::{Hostile, Play, Reply, hostile_story};

const INTERRUPTED: usize = 80;

hostile_story!(
    what_several_nodes_find_is_reported_once,
    [Play::of("odda")],
    |stage| async move {
        let world = &stage.world;
        // SQLite is one process's.
        let further = match world.app.config.database_url.starts_with("postgres") {
            true => 3,
            false => 0,
        };
        let mut nodes = Vec::new();
        for _ in 0..further {
            nodes.push(Node::on_database_of(world).await);
        }
        let mut all = Vec::new();
        for _ in 0..INTERRUPTED {
            let ids = stage.fresh().await;
            stage.set_out(&mut world.customer(), &ids).await;
            all.push(ids);
        }
        // As a process leaves them that dies when it has taken the code.
        world
            .tamper(&["update authorization_attempt set spent = created, verifier = null"])
            .await;
        world.pass(TimeDelta::seconds(121));
        let apps: Vec<_> = nodes
            .iter()
            .map(|node| &node.app)
            .chain([&world.app, &world.app])
            .collect();
        for round in join_all(apps.iter().map(|app| chores_once(app))).await {
            round.unwrap();
        }
        for ids in &all {
            let shown = stage.shown(ids).await;
            let errors = shown["dataConnectionErrors"].as_array().unwrap();
            assert_eq!(errors.len(), 1, "{shown}");
        }
        let rows = world.everything().await;
        let events = rows.lines().filter(|row| row.starts_with("event:"));
        let failed = events.filter(|row| row.contains("connection.failed"));
        assert_eq!(failed.count(), INTERRUPTED);
        for node in nodes {
            node.stop().await;
        }
    }
);

hostile_story!(
    a_chore_that_fails_keeps_none_from_being_done,
    [Play::of("odda")],
    |stage| async move {
        let world = &stage.world;
        stage.synced("a-1").await;
        world
            .tamper(&["alter table link_choice rename to link_choice_away"])
            .await;
        chores_once(&world.app).await.unwrap_err();
        let metrics = world.app.metrics.text();
        let counted = "moorline_connections{integration=\"odda\",status=\"Linked\"} 1";
        assert!(metrics.contains(counted), "{metrics}");
        world
            .tamper(&["alter table link_choice_away rename to link_choice"])
            .await;
        chores_once(&world.app).await.unwrap();
    }
);

const LET_GO: usize = 12;

hostile_story!(
    a_platform_that_takes_nothing_back_is_asked_for_one_grant_at_a_time,
    [Play::of("odda"), Play::of("oddb")],
    |stage| async move {
        let world = &stage.world;
        let (dead, living) = (&stage.tenants["odda"], &stage.tenants["oddb"]);
        let at_dead = stage.brought("odda", LET_GO).await;
        let at_living = stage.brought("oddb", 3).await;
        dead.instead("revoke", |_| Some(Reply::refusal(503, "down")));
        for ids in at_dead.iter().chain(&at_living) {
            let path = format!("/companies/{}/connections/{}", ids.0, ids.1);
            world.disconnect(&path).await;
        }
        for ids in &at_living {
            states_are(world, (&ids.0, &ids.1), &["givenBack"]).await;
        }
        assert!(living.living().is_empty());
        // An hour.
        for _ in 0..120 {
            chores_once(&world.app).await.unwrap();
            world.pass(TimeDelta::seconds(30));
        }
        // Those that had asked before the first answer came, and one at the end of each pause: 2 s, doubled up to 15 minutes.
        let asked = dead.asked("revoke").len();
        assert!((3..=LET_GO + 13).contains(&asked), "{asked}");
        dead.unsteer();
        for ids in &at_dead {
            world
                .until("it is given back", || async {
                    world.pass(TimeDelta::minutes(1));
                    let path = format!("/companies/{}/grants", ids.0);
                    let grants = world.get(&path).await.ok();
                    (grants["results"][0]["state"] == "givenBack").then_some(())
                })
                .await;
        }
        assert!(dead.living().is_empty());
        world.assert_grants_match().await;
    }
);
