//! Long lists, whose last pages are read backwards and whose counts are stored: clients see no difference.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::future::join_all;
use http::Method;

use serde_json::{Value, json};

use crate::harness::{World, story};

async fn page(world: &World, number: usize, size: usize) -> Value {
    world
        .get(&format!("/companies?page={number}&pageSize={size}"))
        .await
        .ok()
}

fn ids(page: &Value) -> Vec<String> {
    let id = |company: &Value| company["id"].as_str().unwrap().to_owned();
    page["results"].as_array().unwrap().iter().map(id).collect()
}

/// The ids of every page of a size, in order; each page has the same total.
async fn read_in_pages(world: &World, size: usize, total: usize) -> Vec<String> {
    let mut all = Vec::new();
    for number in 1..=total.div_ceil(size) {
        let page = page(world, number, size).await;
        assert_eq!(page["totalResults"], total, "page {number} of {size}");
        all.extend(ids(&page));
    }
    all
}

story!(
    pages_read_from_either_end_make_the_same_list,
    |world| async move {
        for number in 0..23 {
            world.company(&format!("merchant-{number}")).await;
        }
        let whole = ids(&page(&world, 1, 100).await);
        assert_eq!(whole.len(), 23);
        for size in [1, 4, 5, 11, 12, 22, 23, 24] {
            assert_eq!(
                read_in_pages(&world, size, 23).await,
                whole,
                "pages of {size}"
            );
        }
        for beyond in [3, 24, 5_000] {
            let page = page(&world, beyond, 23).await;
            assert_eq!((ids(&page).len(), &page["totalResults"]), (0, &json!(23)));
        }
        // The count follows: one goes, another comes; another client's don't count.
        let path = format!("/companies/{}", whole[20]);
        assert_eq!(world.client(Method::DELETE, &path, None).await.status, 204);
        world.company("merchant-23").await;
        world.company("merchant-24").await;
        let other = world.other_client().await;
        let body = Some(json!({ "name": "theirs" }));
        world
            .with_key(&other, Method::POST, "/companies", body)
            .await
            .ok();
        assert_eq!(read_in_pages(&world, 5, 24).await.len(), 24);
        let theirs = world
            .with_key(&other, Method::GET, "/companies", None)
            .await;
        assert_eq!(theirs.ok()["totalResults"], 1);
    }
);

story!(
    a_list_that_grows_while_it_is_read_shows_no_row_twice,
    |world| async move {
        for number in 0..20 {
            world.company(&format!("merchant-{number}")).await;
        }
        let before = ids(&page(&world, 1, 100).await);
        world.pass(TimeDelta::seconds(1));
        let busy = Arc::clone(&world);
        let growing = tokio::spawn(async move {
            for number in 0..30 {
                busy.company(&format!("newcomer-{number}")).await;
            }
        });
        while !growing.is_finished() {
            let mut seen = Vec::new();
            for number in 1..=4 {
                seen.extend(ids(&page(&world, number, 5).await));
            }
            assert_eq!(
                seen, before,
                "new rows come after these pages and move none of them"
            );
        }
        growing.await.unwrap();
        assert_eq!(page(&world, 1, 1).await["totalResults"], 50);
    }
);

story!(tags_find_few_companies_among_many, |world| async move {
    for number in 0..6 {
        let tags = match number {
            0 | 4 => json!({ "region": "uk", "team": "invoice-finance" }),
            1 => json!({ "region": "us" }),
            _ => json!({}),
        };
        let body = json!({ "name": format!("merchant-{number}"), "tags": tags });
        world.post("/companies", body).await.ok();
    }
    for (tags, expected) in [
        ("region%3Duk", 2),
        ("region!%3Duk", 4),
        ("region%3Duk%20%26%26%20team%3Dinvoice-finance", 2),
        ("region%3Duk%20||%20region%3Dus", 3),
        ("team~FINANCE", 2),
        ("nothing%3Dat-all", 0),
    ] {
        let found = world
            .get(&format!("/companies?tags={tags}&pageSize=2"))
            .await
            .ok();
        assert_eq!(found["totalResults"], expected, "{tags}");
        let shown = found["results"].as_array().unwrap().len();
        assert_eq!(shown, expected.min(2) as usize, "{tags}");
    }
    // Another client's tags are no concern.
    let other = world.other_client().await;
    let theirs = world
        .with_key(&other, Method::GET, "/companies?tags=region%3Duk", None)
        .await;
    assert_eq!(theirs.ok()["totalResults"], 0);
});

story!(
    paging_while_companies_are_added_misses_no_company_and_repeats_none,
    |world| async move {
        let mut before = Vec::new();
        for number in 0..30 {
            before.push(world.company(&format!("merchant {number}")).await);
        }
        world.clock.advance(TimeDelta::seconds(1));
        let mut seen = Vec::new();
        let mut number = 1;
        loop {
            let (page, ..) = tokio::join!(
                page(&world, number, 7),
                world.company("meanwhile"),
                world.company("meanwhile too"),
            );
            let found = ids(&page);
            if seen.len() >= before.len() || found.is_empty() {
                break;
            }
            seen.extend(found);
            number += 1;
        }
        // Those of one instant stand in the order of their ids.
        before.sort();
        assert_eq!(seen[..before.len()], before[..]);
        let once: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!(once.len(), seen.len());
    }
);

/// Asserts that the stored counts (each platform's connections, companies with a Linked one) equal counting the rows.
async fn assert_counts_match(world: &World, after: &str) {
    let mut all = BTreeMap::new();
    let mut linked = BTreeMap::new();
    let mut connected = 0;
    for company in page(world, 1, 5_000).await["results"].as_array().unwrap() {
        let connections = company["dataConnections"].as_array().unwrap();
        for connection in connections {
            let key = connection["integrationKey"].as_str().unwrap().to_owned();
            *linked.entry(key.clone()).or_insert(0) += i64::from(connection["status"] == "Linked");
            *all.entry(key).or_insert(0) += 1;
        }
        let is_linked = |connection: &Value| connection["status"] == "Linked";
        connected += i64::from(connections.iter().any(is_linked));
    }
    let integrations = world.get("/integrations?pageSize=5000").await.ok();
    for integration in integrations["results"].as_array().unwrap() {
        let key = integration["key"].as_str().unwrap();
        for (name, counted) in [
            ("totalConnectionsCount", &all),
            ("linkedConnectionsCount", &linked),
        ] {
            let counted = counted.get(key).copied().unwrap_or(0);
            assert_eq!(integration[name], counted, "{name} of {key} {after}");
        }
    }
    let client = store::clients::list(&world.app.db).await.unwrap()[0].id;
    let kept = store::counts::connected_companies(&world.app.db, client).await;
    assert_eq!(kept.unwrap(), connected, "connected companies {after}");
}

story!(
    counts_of_connections_follow_every_creation_change_and_deletion,
    |world| async move {
        const BUSINESS: &str = "lindqvist-snickeri";
        let (company, books) = world.synced("mqjo", BUSINESS).await;
        assert_counts_match(&world, "with one").await;
        let shop = world.connection(&company, "qhnd").await;
        assert_counts_match(&world, "with a pending one").await;
        let link = shop["linkUrl"].as_str().unwrap();
        world.customer().link(link, BUSINESS).await;
        assert_counts_match(&world, "with two of one company").await;
        let path = format!("/companies/{company}/connections/{books}");
        world.disconnect(&path).await;
        assert_counts_match(&world, "after a disconnect that leaves another").await;
        let shop = format!(
            "/companies/{company}/connections/{}",
            shop["id"].as_str().unwrap()
        );
        world.disconnect(&shop).await;
        assert_counts_match(&world, "after the last one's disconnect").await;
        let deleted = world.client(Method::DELETE, &path, None).await;
        assert!(deleted.status.is_success(), "{}", deleted.status);
        assert_counts_match(&world, "after a disconnected one was deleted").await;

        let (company, connection) = world.synced("mqjo", BUSINESS).await;
        world.revoke_grants().await;
        let refresh = format!("/companies/{company}/data/queue/invoices");
        world.client(Method::POST, &refresh, None).await.ok();
        world.settled(&company).await;
        assert_eq!(world.status_of(&company, &connection).await, "Deauthorized");
        assert_counts_match(&world, "after the platform took the consent back").await;

        // Many at once, as customers do.
        let several = join_all((0..4).map(|_| world.synced("mqjo", BUSINESS))).await;
        assert_counts_match(&world, "after four at once").await;
        let ends = several
            .iter()
            .enumerate()
            .map(|(number, (company, connection))| {
                let path = format!("/companies/{company}/connections/{connection}");
                let world = &world;
                async move {
                    let gone = match number {
                        0 => return drop(world.disconnect(&path).await),
                        1 => path.as_str(),
                        2 => &path[..path.find("/connections").unwrap()],
                        _ => return,
                    };
                    let answer = world.client(Method::DELETE, gone, None).await;
                    assert!(answer.status.is_success(), "{}", answer.status);
                }
            });
        join_all(ends).await;
        assert_counts_match(
            &world,
            "after three of them ended at once, each in another way",
        )
        .await;
    }
);

/// With outdated statistics of a small table, SQLite's planner would scan a table that has grown since.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_on_sqlite_is_planned_for_as_if_it_were_large() {
    use sqlx::Connection;
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("moorline.db").display());
    let world = World::start(url.clone(), folder, |_| ()).await;
    world.synced("mqjo", "lindqvist-snickeri").await;
    assert_counts_match(&world, "in a small database").await;
    world.grants_may_differ("the database is closed");
    world.app.db.close().await;
    let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let statistics = sqlx::query("select name from sqlite_schema where name like 'sqlite_stat%'")
        .fetch_all(&mut database)
        .await
        .unwrap();
    assert!(statistics.is_empty());
    world.end().await;
}
