//! A company's products: enabled, disabled and refreshed.

use http::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, World, story};

const BUSINESS: &str = "lindqvist-snickeri";

async fn put(world: &World, company: &str, product: &str) -> Answer {
    let path = format!("/companies/{company}/products/{product}");
    world.client(Method::PUT, &path, None).await
}

async fn delete(world: &World, company: &str, product: &str) -> Answer {
    let path = format!("/companies/{company}/products/{product}");
    world.client(Method::DELETE, &path, None).await
}

async fn refresh(world: &World, company: &str, product: &str, body: Option<Value>) -> Answer {
    let path = format!("/companies/{company}/products/{product}/refresh");
    world.client(Method::POST, &path, body).await
}

async fn products(world: &World, company: &str) -> Value {
    world.get(&format!("/companies/{company}")).await.ok()["products"].clone()
}

story!(
    products_are_enabled_and_disabled_for_a_company,
    |world| async move {
        let company = world.company("merchant-42").await;
        assert_eq!(products(&world, &company).await, json!([]));
        for product in ["lending", "accounting", "lending"] {
            assert_eq!(put(&world, &company, product).await.status, 204);
        }
        assert_eq!(
            products(&world, &company).await,
            json!(["accounting", "lending"])
        );
        let list = world.get("/companies").await.ok();
        assert_eq!(
            list["results"][0]["products"],
            json!(["accounting", "lending"])
        );
        // One event a change: the second time changed nothing.
        let changes = world
            .event_payloads(&company, "company.product.added")
            .await;
        assert_eq!(changes.len(), 2);
        assert_eq!(changes[1]["productId"], "accounting");
        assert_eq!(changes[1]["productName"], "Accounting");
        assert_eq!(changes[1]["products"], json!(["accounting", "lending"]));

        // Replacing the company's details leaves them alone; the last may go.
        let path = format!("/companies/{company}");
        world
            .client(Method::PUT, &path, Some(json!({ "name": "merchant-43" })))
            .await
            .ok();
        assert_eq!(delete(&world, &company, "accounting").await.status, 204);
        delete(&world, &company, "accounting").await.refused(404);
        assert_eq!(delete(&world, &company, "lending").await.status, 204);
        assert_eq!(products(&world, &company).await, json!([]));
        let unknown = put(&world, &company, "astrology").await.refused(404);
        assert!(unknown.contains("There are: accounting, "), "{unknown}");
        let stranger = world.other_client().await;
        let path = format!("/companies/{company}/products/lending");
        world
            .with_key(&stranger, Method::PUT, &path, None)
            .await
            .refused(404);

        // On creating, all at once.
        let body = json!({ "name": "merchant-44", "products": ["lending", "banking"] });
        let made = world.post("/companies", body).await.ok();
        assert_eq!(made["products"], json!(["banking", "lending"]));
        let body = json!({ "name": "merchant-45", "products": ["astrology"] });
        world.post("/companies", body).await.refused(400);
    }
);

story!(
    refreshing_a_product_pulls_its_data_types_and_no_others,
    |world| async move {
        let (company, _) = world.synced("qhnd", BUSINESS).await;
        let count = || async {
            let history = world
                .get(&format!("/companies/{company}/data/history"))
                .await
                .ok();
            history["totalResults"].as_i64().unwrap()
        };
        let before = count().await;
        let banking = json!({ "dataTypes": ["banking-accounts"] });
        let missing = refresh(&world, &company, "banking", None)
            .await
            .refused(404);
        assert!(
            missing.contains("does not have the product banking"),
            "{missing}"
        );
        put(&world, &company, "banking").await;
        put(&world, &company, "accounting").await;
        put(&world, &company, "bank-feeds").await;

        let started = refresh(&world, &company, "banking", Some(banking.clone())).await;
        assert_eq!(started.status, 202, "{}", started.text());
        world.settled(&company).await;
        assert_eq!(count().await, before + 1);
        assert_eq!(refresh(&world, &company, "banking", None).await.status, 202);
        world.settled(&company).await;
        assert_eq!(count().await, before + 5);

        // While one of them is under way: the contract's refusal, and nothing of the others is queued.
        world
            .fault(json!({ "kind": "api_rate_limit", "times": 1, "retry_after_seconds": 600, "path": "/banking" }))
            .await;
        assert_eq!(
            refresh(&world, &company, "banking", Some(banking))
                .await
                .status,
            202
        );
        let running = refresh(&world, &company, "banking", None)
            .await
            .refused(400);
        assert!(
            running.contains("while a read operation is in progress"),
            "{running}"
        );
        let history = format!("/companies/{company}/data/history");
        world
            .until("the pull waits", || async {
                let pulls = world.get(&history).await.ok();
                let mut pulls = pulls["results"].as_array().unwrap().iter();
                pulls
                    .any(|pull| pull["statusDescription"].is_string())
                    .then_some(())
            })
            .await;
        world.pass(chrono::TimeDelta::minutes(11));
        world.settled(&company).await;
        assert_eq!(count().await, before + 6);

        for (product, body, words) in [
            (
                "banking",
                json!({ "dataTypes": ["invoices"] }),
                "there are: banking-accountBalances, ",
            ),
            ("banking", json!({ "dataTypes": [] }), "at least one"),
            ("banking", json!({ "everything": true }), "unknown field"),
            (
                "bank-feeds",
                json!({}),
                "Bank Feeds doesn't support data refreshing.",
            ),
            (
                "accounting",
                json!({}),
                "no Linked connection that has data of Accounting",
            ),
        ] {
            let refused = refresh(&world, &company, product, Some(body))
                .await
                .refused(400);
            assert!(refused.contains(words), "{refused}");
        }
        assert_eq!(count().await, before + 6);
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_installation_can_configure_products_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("moorline.db").display());
    let world = World::start(database, folder, |config| {
        let own = "name = 'Cash view'\ndata_types = ['banking-accountBalances']";
        config
            .products
            .insert("cash-view".into(), toml::from_str(own).unwrap());
    })
    .await;
    let (company, _) = world.synced("qhnd", BUSINESS).await;
    put(&world, &company, "cash-view").await;
    assert_eq!(
        refresh(&world, &company, "cash-view", None).await.status,
        202
    );
    let history = world.settled(&company).await;
    let balances = history
        .iter()
        .filter(|pull| pull["dataType"] == "banking-accountBalances");
    assert_eq!(balances.count(), 2);
    world.end().await;
}
