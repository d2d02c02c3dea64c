//! The query language on every list, the bounds of paging, and an order that is stable while rows are added.

use std::collections::BTreeSet;

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::harness::{World, story};

const BUSINESS: &str = "lindqvist-snickeri";

/// A list's path with a query (or tags) as a client encodes it.
fn query_path(path: &str, parameter: &str, text: &str) -> String {
    format!(
        "{path}?{parameter}={}",
        utf8_percent_encode(text, NON_ALPHANUMERIC)
    )
}

async fn members_found(world: &World, path: &str, member: &str) -> Vec<String> {
    let answer = world.get(path).await.ok();
    let results = answer["results"].as_array().unwrap();
    assert_eq!(answer["totalResults"], json!(results.len()), "{path}");
    let mut found: Vec<String> = results
        .iter()
        .map(|result| result[member].as_str().unwrap().to_owned())
        .collect();
    // Made in the same moment of a clock that is held, they have no order to speak of.
    found.sort();
    found
}

story!(
    companies_are_found_by_a_part_of_their_names,
    |world| async move {
        let mut ids = Vec::new();
        for name in [
            "Fern & Fig",
            "Fernweh GmbH",
            "Mueller 100 wool",
            "St. Anne's",
            "Ärzte am Ufer",
        ] {
            let made = world.post("/companies", json!({ "name": name })).await.ok();
            ids.push(made["id"].as_str().unwrap().to_owned());
        }
        let stranger = world.other_client().await;
        let body = Some(json!({ "name": "Fern of another" }));
        let theirs = world
            .with_key(&stranger, Method::POST, "/companies", body)
            .await;
        theirs.ok();
        let found = async |query: &str| {
            let path = query_path("/companies", "query", query);
            members_found(&world, &path, "name").await
        };
        for (query, names) in [
            ("name~FERN", &["Fern & Fig", "Fernweh GmbH"][..]),
            ("name~n & f", &["Fern & Fig"]),
            ("name~0 w", &["Mueller 100 wool"]),
            ("name~ne's", &["St. Anne's"]),
            // What stands for any letters to a database is itself here.
            ("name~0%w", &[]),
            ("name~0_w", &[]),
            ("name~\"Fern\"", &[]),
            (
                "name~e",
                &[
                    "Fern & Fig",
                    "Fernweh GmbH",
                    "Mueller 100 wool",
                    "St. Anne's",
                    "Ärzte am Ufer",
                ],
            ),
            ("name~Ärz", &["Ärzte am Ufer"]),
            // ASCII's case alone is disregarded, on both engines.
            ("name~ärz", &[]),
            ("name~zte AM", &["Ärzte am Ufer"]),
            ("name~fern&&name!=Fernweh GmbH", &["Fern & Fig"]),
            (
                "{name~fern||name~wool}",
                &["Fern & Fig", "Fernweh GmbH", "Mueller 100 wool"],
            ),
            ("name~nowhere", &[]),
        ] {
            assert_eq!(found(query).await, names, "{query}");
        }
        // Of several pages the second, in another order.
        let path =
            query_path("/companies", "query", "name~ern") + "&pageSize=1&page=2&orderBy=-name";
        let page = world.get(&path).await.ok();
        assert_eq!(page["totalResults"], 2, "{page}");
        assert_eq!(page["results"][0]["name"], "Fern & Fig", "{page}");

        let path = format!("/companies/{}", ids[0]);
        let body = Some(json!({ "name": "Salt & Sea" }));
        world.client(Method::PATCH, &path, body).await.ok();
        let gone = world
            .client(Method::DELETE, &format!("/companies/{}", ids[1]), None)
            .await;
        assert_eq!(gone.status, 204);
        assert_eq!(found("name~fern").await, [""; 0]);
        assert_eq!(found("name~T & S").await, ["Salt & Sea"]);
    }
);

story!(
    companies_are_found_by_every_documented_query,
    |world| async move {
        let make = |name: &'static str, tags: Value| {
            let world = &world;
            async move {
                let made = world
                    .post("/companies", json!({ "name": name, "tags": tags }))
                    .await;
                made.ok()["id"].as_str().unwrap().to_owned()
            }
        };
        make("Bare", json!({ "uid": "abc" })).await;
        let waiting = make(
            "Waiting",
            json!({ "region": "uk", "owningTeam": "invoice-finance" }),
        )
        .await;
        let linked = make(
            "Linked",
            json!({ "region": "UK", "owningTeam": "invoice-finance" }),
        )
        .await;
        make(
            "Parted",
            json!({ "region": "fr", "owning team": "Lending & Co = Ltd" }),
        )
        .await;
        world.connection(&waiting, "qhnd").await;
        for company in [&linked, &waiting] {
            let connection = world.connection(company, "aiwb").await;
            let link = connection["linkUrl"].as_str().unwrap();
            world.customer().link(link, BUSINESS).await;
            world.settled(company).await;
        }
        let none = "dataConnections.status!=PendingAuth&&dataConnections.status!=Linked\
                    &&dataConnections.status!=Deauthorized&&dataConnections.status!=Unlinked";
        for (query, names) in [
            ("dataConnections.status=PendingAuth", &["Waiting"][..]),
            (none, &["Bare", "Parted"]),
            ("dataConnections.status!=Linked", &["Bare", "Parted"]),
            (
                "dataConnections.status = linked && dataConnections.status != PendingAuth",
                &["Linked"],
            ),
            (
                "dataConnections.sourceType=commerce||name=bare",
                &["Bare", "Linked", "Waiting"],
            ),
            (
                "{name~ar || name~ait} && dataConnections.status!=PendingAuth",
                &["Bare", "Parted"],
            ),
            ("NAME ~ LINK", &["Linked"]),
            ("created<=2026-06-15", &[]),
            (
                "created>2026-06-15&&lastSync>2026-01-01",
                &["Linked", "Waiting"],
            ),
            (
                "dataConnections.lastSync>2026-06-15",
                &["Linked", "Waiting"],
            ),
        ] {
            let path = query_path("/companies", "query", query);
            assert_eq!(members_found(&world, &path, "name").await, names, "{query}");
        }
        let by_id = format!("id={linked}");
        assert_eq!(
            members_found(&world, &query_path("/companies", "query", &by_id), "name").await,
            ["Linked"]
        );
        // Encoded twice, as a public example has it.
        let twice = format!("/companies?query=id%253D{linked}");
        assert_eq!(members_found(&world, &twice, "name").await, ["Linked"]);

        for (tags, names) in [
            ("uid=abc", &["Bare"][..]),
            ("region=uk", &["Waiting"]),
            ("region!=uk", &["Bare", "Linked", "Parted"]),
            ("region=uk && owningTeam=invoice-finance", &["Waiting"]),
            ("owningTeam~FINANCE", &["Linked", "Waiting"]),
            ("{region=fr||uid=abc}&&region!=uk", &["Bare", "Parted"]),
            ("owning team=Lending & Co = Ltd", &["Parted"]),
            ("nothing=here", &[]),
        ] {
            let path = query_path("/companies", "tags", tags);
            assert_eq!(members_found(&world, &path, "name").await, names, "{tags}");
        }
        let both = format!(
            "{}&query=name~link",
            query_path("/companies", "tags", "owningTeam~finance")
        );
        assert_eq!(members_found(&world, &both, "name").await, ["Linked"]);
        let ordered = format!(
            "{}&orderBy=-name&pageSize=1",
            query_path("/companies", "tags", "owningTeam~finance")
        );
        let page = world.get(&ordered).await.ok();
        assert_eq!(
            (&page["results"][0]["name"], &page["totalResults"]),
            (&json!("Waiting"), &json!(2))
        );
        let next = page["_links"]["next"]["href"].as_str().unwrap();
        assert_eq!(
            world.get(next).await.ok()["results"][0]["name"],
            "Linked",
            "{next}"
        );
        for tags in ["region>uk", "region", "=uk"] {
            world
                .get(&query_path("/companies", "tags", tags))
                .await
                .refused(400);
        }
    }
);

story!(
    every_list_accepts_the_query_language_and_refuses_the_same_mistakes,
    |world| async move {
        let (company, connection) = world.synced("qhnd", BUSINESS).await;
        world.pass(chrono::TimeDelta::minutes(1));
        world.connection(&company, "mqjo").await;
        let connections = format!("/companies/{company}/connections");
        let newest = members_found(&world, &connections, "integrationKey").await;
        assert_eq!(newest, ["mqjo", "qhnd"], "newest first");
        let history = format!("/companies/{company}/data/history");
        for (path, query, member, values) in [
            (
                "/integrations",
                "sourceType=Accounting&&enabled=true",
                "key",
                &["mqjo"][..],
            ),
            (
                "/integrations",
                "enabled=true&&sourceType=accounting",
                "key",
                &["mqjo"],
            ),
            (
                "/integrations",
                "sourceType = Banking || key = mqjo",
                "key",
                &["mqjo", "qhnd"],
            ),
            (
                "/integrations",
                "linkedConnectionsCount>=1",
                "key",
                &["qhnd"],
            ),
            (
                connections.as_str(),
                "status!=linked",
                "integrationKey",
                &["mqjo"],
            ),
            (
                &connections,
                "{status=Linked||status=Unlinked}&&platformName~bank",
                "integrationKey",
                &["qhnd"],
            ),
            (
                &connections,
                "sourceType=Banking",
                "id",
                &[connection.as_str()],
            ),
            (
                &history,
                "status!=Complete&&status!=NotSupported",
                "id",
                &[],
            ),
            (
                &history,
                "dataType=banking-accounts && progress>=100",
                "dataType",
                &["banking-accounts"],
            ),
            (
                &history,
                "requested>2026-06-15&&dataType~Balances",
                "dataType",
                &["banking-accountBalances"],
            ),
        ] {
            let got = members_found(&world, &query_path(path, "query", query), member).await;
            assert_eq!(got, values, "{path} {query}");
        }
        let transactions =
            format!("/companies/{company}/connections/{connection}/data/banking-transactions");
        for path in [
            "/companies",
            "/integrations",
            &connections,
            &history,
            &transactions,
        ] {
            for (query, words) in [
                ("=1", "Error parsing query - Malformed query."),
                ("id=", "At character 4 of query: a value is missing"),
                ("{}", "Error parsing query - Malformed query."),
                ("id=", "Error parsing query - Malformed query."),
                ("(id=1)", "Error parsing query - Malformed query."),
            ] {
                let refused = world
                    .get(&query_path(path, "query", query))
                    .await
                    .refused(400);
                assert!(refused.contains(words), "{path} {query}: {refused}");
            }
            // The contract's own example, on lists with that property and without it.
            world
                .get(&query_path(path, "orderBy", "-modifiedDate"))
                .await
                .ok();
            let long = format!("id={}", "x".repeat(2_045));
            let refused = world
                .get(&query_path(path, "query", &long))
                .await
                .refused(400);
            assert!(refused.contains("2048 characters"), "{path}: {refused}");
            for (parameter, value) in [
                ("page", "0"),
                ("pageSize", "0"),
                ("pageSize", "5001"),
                ("page", "one"),
            ] {
                world
                    .get(&format!("{path}?{parameter}={value}"))
                    .await
                    .refused(400);
            }
            world
                .get(&format!("{path}?pageSize=5000&page=2147483647"))
                .await
                .ok();
        }
        for (path, schema) in [
            ("/companies", "Company"),
            ("/integrations", "Integration"),
            (&connections, "DataConnection"),
            (&history, "Dataset"),
        ] {
            let unknown =
                format!("Error parsing query - Could not resolve property isCompleted on {schema}");
            for parameter in ["query", "orderBy"] {
                let value = if parameter == "query" {
                    "isCompleted=true"
                } else {
                    "-isCompleted"
                };
                let refused = world
                    .get(&query_path(path, parameter, value))
                    .await
                    .refused(400);
                assert!(refused.contains(&unknown), "{path}: {refused}");
            }
        }
    }
);

story!(
    pages_keep_their_order_while_companies_are_added,
    |world| async move {
        for number in 0..20 {
            world.company(&format!("First {number}")).await;
        }
        let first: BTreeSet<String> = members_found(&world, "/companies", "id")
            .await
            .into_iter()
            .collect();
        assert_eq!(first.len(), 20);
        let (mut seen, mut twice) = (BTreeSet::new(), Vec::new());
        let mut path = "/companies?pageSize=3".to_owned();
        loop {
            world.pass(chrono::TimeDelta::seconds(1));
            // Between any two pages another caller creates companies, several at once.
            let body = || Some(json!({ "name": "Latecomer" }));
            let (a, b, page) = tokio::join!(
                world.client(Method::POST, "/companies", body()),
                world.client(Method::POST, "/companies", body()),
                world.get(&path),
            );
            a.ok();
            b.ok();
            let page = page.ok();
            for company in page["results"].as_array().unwrap() {
                let id = company["id"].as_str().unwrap().to_owned();
                if !seen.insert(id.clone()) {
                    twice.push(id);
                }
            }
            if first.is_subset(&seen) {
                break;
            }
            path = page["_links"]["next"]["href"].as_str().unwrap().to_owned();
        }
        assert_eq!(twice, [""; 0], "no company stands on two pages");
        // All at once, as many as a page holds.
        let all = world.get("/companies?pageSize=5000").await.ok();
        assert_eq!(
            all["totalResults"],
            json!(all["results"].as_array().unwrap().len())
        );
    }
);
