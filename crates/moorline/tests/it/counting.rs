//! Long lists: pages near the end are read from the end, and nobody can tell.

use std::sync::Arc;

use chrono::TimeDelta;
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

/// Every page of a size, one after the other, each with the same total.
async fn in_pages(world: &World, size: usize, total: usize) -> Vec<String> {
    let mut all = Vec::new();
    for number in 1..=total.div_ceil(size) {
        let page = page(world, number, size).await;
        assert_eq!(page["totalResults"], total, "page {number} of {size}");
        all.extend(ids(&page));
    }
    all
}

story!(
    pages_from_either_end_make_the_same_list,
    |world| async move {
        for number in 0..23 {
            world.company(&format!("merchant-{number}")).await;
        }
        let whole = ids(&page(&world, 1, 100).await);
        assert_eq!(whole.len(), 23);
        for size in [1, 4, 5, 11, 12, 22, 23, 24] {
            assert_eq!(in_pages(&world, size, 23).await, whole, "pages of {size}");
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
        assert_eq!(in_pages(&world, 5, 24).await.len(), 24);
        let theirs = world
            .with_key(&other, Method::GET, "/companies", None)
            .await;
        assert_eq!(theirs.ok()["totalResults"], 1);
    }
);

story!(
    a_list_that_grows_while_it_is_read_shows_nothing_twice,
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

story!(tags_find_few_among_many, |world| async move {
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
    whoever_turns_the_pages_while_others_add_to_the_list_misses_nothing_and_sees_nothing_twice,
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
