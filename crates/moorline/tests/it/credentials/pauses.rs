//! Token endpoints that ask for a pause, are down, or refuse the client's own credentials.

use chrono::TimeDelta;
use egress::Secret;
use platform::app::App;
use platform::credentials::oauth_clients;
use platform::work::chores_once;
use serde_json::json;

use crate::harness::command_line::{assert_prints, moorline};
use crate::harness::hostile::{
    CLIENT_ID, CLIENT_SECRET, Hostile, Play, Reply, access_by, hostile_story,
};

hostile_story!(
    a_pause_that_the_platform_asks_for_is_kept_by_all_connections_nodes_and_restarts,
    [Play::of("odda"), Play::of("oddb")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let one = stage.synced("a-1").await;
        let two = stage.synced("a-2").await;
        let elsewhere = stage.linked_at("oddb", "b-1").await;
        world.settled(&elsewhere.0).await;
        tenant.instead("token", |_| {
            Some(Reply::refusal(429, "slow").header("retry-after", "600"))
        });
        world.pass(TimeDelta::hours(3));
        for ids in [&one, &two] {
            assert!(stage.access(ids).await.is_err());
        }
        // A second, if it had left before the first came back.
        let asked = tenant.renewals();
        assert!(asked <= 2, "{asked}");
        let anew = App::start(world.app.config.clone(), world.clock.clone())
            .await
            .unwrap();
        for _ in 0..9 {
            for ids in [&one, &two] {
                assert!(stage.access(ids).await.is_err());
                assert!(access_by(&anew, &ids.1).await.is_err());
            }
            chores_once(&world.app).await.unwrap();
            stage.access(&elsewhere).await.unwrap();
            world.pass(TimeDelta::seconds(65));
        }
        assert_eq!(tenant.renewals(), asked, "none in between");
        // When it is over one asks, and the others wait for its answer.
        world.pass(TimeDelta::seconds(20));
        for ids in [&one, &two] {
            assert!(access_by(&anew, &ids.1).await.is_err());
        }
        assert_eq!(tenant.unsteer(), asked + 1);
        world.pass(TimeDelta::seconds(601));
        stage.recover(&[one, two]).await;
        assert_eq!(tenant.renewals(), asked + 3);
        world.assert_grants_match().await;
        anew.db.close().await;
    }
);

hostile_story!(
    a_clock_that_is_set_back_makes_no_pause_longer,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let ids = stage.synced("a-1").await;
        tenant.instead("token", |_| {
            Some(Reply::refusal(503, "down").header("retry-after", "600"))
        });
        world.pass(TimeDelta::hours(5));
        assert!(stage.access(&ids).await.is_err());
        tenant.unsteer();
        world.pass(TimeDelta::hours(-2));
        stage.access(&ids).await.unwrap();
        // The same for a pull that waits: chores notice the step.
        tenant.instead("v1/customers", |_| {
            Some(Reply::refusal(429, "slow").header("retry-after", "600"))
        });
        chores_once(&world.app).await.unwrap();
        let queued = world.queue_pull(&ids.0, "customers").await;
        let path = format!(
            "/companies/{}/data/history/{}",
            ids.0,
            queued["id"].as_str().unwrap()
        );
        world
            .until("the pull waits", || async {
                let now = world.get(&path).await.ok();
                now["statusDescription"].is_string().then_some(())
            })
            .await;
        tenant.unsteer();
        world.pass(TimeDelta::hours(-1));
        chores_once(&world.app).await.unwrap();
        world
            .until("the pull has ended", || async {
                let now = world.get(&path).await.ok();
                (now["status"] == "Complete").then_some(())
            })
            .await;
        world.assert_grants_match().await;
    }
);

hostile_story!(
    an_outage_is_met_with_growing_pauses_and_every_connection_recovers_from_it,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let mut all = Vec::new();
        for at in 0..8 {
            all.push(stage.synced(&format!("a-{at}")).await);
        }
        tenant.instead("token", |_| {
            Some(Reply::text(502, "text/html", "<h1>Bad gateway"))
        });
        world.pass(TimeDelta::minutes(31));
        // Two hours, in rounds of chores.
        for _ in 0..240 {
            chores_once(&world.app).await.unwrap();
            world.pass(TimeDelta::seconds(30));
        }
        let asked = tenant.unsteer();
        // Six or seven doublings, then every fifteen minutes; those that had asked before the first answer count too.
        assert!((10..=30).contains(&asked), "{asked}");
        world.pass(TimeDelta::minutes(19));
        stage.recover(&all).await;
        assert_eq!(tenant.renewals() - asked, all.len());
        world.assert_grants_match().await;
    }
);

hostile_story!(
    a_lifetime_of_nothing_or_next_to_nothing_is_not_renewed_for_ever,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let written = [
            json!(0),
            json!(-3600),
            json!("0"),
            json!(1),
            json!(0.5),
            json!(59),
            json!(1e30),
        ];
        for (at, lifetime) in written.into_iter().enumerate() {
            tenant.unsteer();
            let given = lifetime.clone();
            tenant.dress("token", move |_, reply| {
                reply.changed(|answer| answer["expires_in"] = given.clone())
            });
            let ids = stage.synced(&format!("a-{at}")).await;
            let before = tenant.renewals();
            for _ in 0..10 {
                stage.access(&ids).await.unwrap();
            }
            assert_eq!(tenant.renewals() - before, 0, "{lifetime}: by requests");
            for _ in 0..20 {
                chores_once(&world.app).await.unwrap();
                world.pass(TimeDelta::seconds(15));
            }
            let renewed = tenant.renewals() - before;
            assert!(renewed <= at + 1, "{lifetime}: {renewed} by chores");
        }
        world.assert_grants_match().await;
    }
);

hostile_story!(
    refused_client_credentials_are_the_operators_fault_and_end_with_it,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let one = stage.synced("a-1").await;
        let two = stage.synced("a-2").await;
        tenant.shape(|shape| shape.client_secret = "another".into());
        world.pass(TimeDelta::minutes(31));
        for _ in 0..5 {
            for ids in [&one, &two] {
                assert!(stage.access(ids).await.is_err());
                assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
            }
            chores_once(&world.app).await.unwrap();
        }
        assert!(tenant.renewals() <= 2, "{}", tenant.renewals());
        let metrics = || world.app.metrics.text();
        assert!(metrics().contains("moorline_oauth_clients_refused 1"));
        let shown = stage.shown(&one).await;
        let error = &shown["dataConnectionErrors"][0];
        assert_eq!(error["status"], "Active", "{shown}");
        assert!(error.to_string().contains("operator"), "{error}");

        let doctor = moorline(stage.folder.path(), &["doctor"])
            .env("MOORLINE_DATABASE_URL", &world.app.config.database_url)
            .env("MOORLINE_KEY_FILE", &world.app.config.key_file)
            .output()
            .unwrap();
        let found = assert_prints(&doctor, "refuses the OAuth client");
        assert!(found.contains("integrations configure odda"), "{found}");

        // A customer who comes meanwhile is told the truth, and nothing to try again.
        let fresh = stage.fresh().await;
        let mut customer = world.customer();
        let authorization = stage.set_out(&mut customer, &fresh).await;
        let callback = tenant.consent(&authorization, "a-3");
        let answer = customer.open(&callback).await;
        let result = answer.header("location").unwrap();
        assert!(result.contains("status=500"), "{result}");
        let page = customer.open(result).await.text();
        assert!(
            page.contains("Harbour Lending isn’t set up correctly"),
            "{page}"
        );
        assert!(!page.contains("Try again"), "{page}");

        // The right secret counts at once, for all.
        let client = store::clients::list(&world.app.db).await.unwrap()[0].id;
        let secret = Secret::new("another");
        oauth_clients::configure(&world.app, client, "odda", CLIENT_ID, Some(&secret))
            .await
            .unwrap();
        for ids in [&one, &two] {
            stage.access(ids).await.unwrap();
            let shown = stage.shown(ids).await;
            let errors = shown["dataConnectionErrors"].as_array().unwrap();
            assert!(
                errors.iter().all(|error| error["status"] == "Resolved"),
                "{shown}"
            );
        }
        chores_once(&world.app).await.unwrap();
        assert!(metrics().contains("moorline_oauth_clients_refused 0"));
        assert_ne!(secret.expose(), CLIENT_SECRET);
        world.assert_grants_match().await;
    }
);
