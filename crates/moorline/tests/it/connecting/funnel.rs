//! The funnel: what became of customers in Link, counted once for each connection and step.

use std::sync::Arc;

use chrono::TimeDelta;
use egress::{Door, Policy};
use futures_util::future::join_all;
use http::Method;
use platform::companies::clients;
use platform::work::chores_once;
use serde_json::{Value, json};
use url::Url;

use super::hosted_pages::{new_link, overview_url, password, set_profile};
use crate::harness::own_platform::{Stage, TENANTS, platform_story};
use crate::harness::{Customer, Node, World, story};

async fn funnel(world: &World, query: &str) -> Value {
    world.get(&format!("/linkFunnel{query}")).await.ok()
}

/// The totals as `opened chose began authorised linked`, with the losses behind them.
async fn totals(world: &World) -> String {
    told(&funnel(world, "").await["total"])
}

fn told(counts: &Value) -> String {
    let steps = ["opened", "chose", "began", "authorised", "linked"];
    let mut words: Vec<String> = steps.map(|step| counts[step].to_string()).into();
    let losses = counts["losses"].as_object().unwrap();
    words.extend(losses.iter().map(|(reason, n)| format!("{reason}={n}")));
    words.join(" ")
}

/// Openings are counted beside the pages, so that none waits for a count.
async fn becomes(world: &World, wanted: &str) {
    world
        .until(wanted, || async {
            (totals(world).await == wanted).then_some(())
        })
        .await;
}

async fn chores(world: &World) {
    chores_once(&world.app).await.unwrap();
}

/// The link URL of a connection, as it is now.
async fn link_of(world: &World, company: &str, connection: &str) -> Url {
    let path = format!("/companies/{company}/connections/{connection}");
    let connection = world.get(&path).await.ok();
    connection["linkUrl"].as_str().unwrap().parse().unwrap()
}

/// Chooses a platform on a company's page: the link to the connection that was made.
async fn choose(customer: &mut Customer<'_>, page: &Url, key: &str) -> Url {
    let form = [("link.otp", &*password(page)), ("platformKey", key)];
    let answer = customer
        .submit(&format!("{}/connect", page.path()), &form)
        .await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("location").unwrap().parse().unwrap()
}

fn id_in(link: &Url) -> String {
    link.path().split('/').nth(4).unwrap().to_owned()
}

story!(
    each_step_of_a_link_is_counted_once_however_often_it_is_gone,
    |world| async move {
        assert_eq!(totals(&world).await, "0 0 0 0 0");
        let company = world.company("merchant-42").await;
        let page = overview_url(&world, &company).await;
        let mut customer = world.customer();
        for _ in 0..3 {
            customer.open(page.as_str()).await;
        }
        becomes(&world, "1 0 0 0 0").await;
        let link = choose(&mut customer, &page, "aiwb").await;
        assert_eq!(
            choose(&mut customer, &page, "aiwb").await.path(),
            link.path()
        );
        assert_eq!(totals(&world).await, "1 1 0 0 0");
        let connection = id_in(&link);

        let at_platform = customer.set_out(link.as_str()).await;
        assert_eq!(totals(&world).await, "1 1 1 0 0");
        assert_eq!(customer.set_out(link.as_str()).await, at_platform);
        let deny = json!({ "decision": "deny" });
        let back = customer.consent(&at_platform, deny.clone()).await;
        customer.open(&back).await;
        customer.open(&back).await;
        assert_eq!(totals(&world).await, "1 1 1 0 0 cancelled=1");

        // Tried again, by another link, on another day: the loss is that of the last try.
        chores(&world).await;
        world.pass(TimeDelta::days(1));
        let link = link_of(&world, &company, &connection).await;
        let at_platform = customer.set_out(link.as_str()).await;
        let back = customer.consent(&at_platform, deny).await;
        customer.open(&back).await;
        let told_by_day = funnel(&world, "").await;
        assert_eq!(told(&told_by_day["total"]), "1 1 1 0 0 cancelled=1");
        let days: Vec<String> = told_by_day["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| {
                let platform = line["platformKey"].as_str().unwrap_or("-");
                format!(
                    "{} {platform} {}",
                    line["day"].as_str().unwrap(),
                    told(line)
                )
            })
            .collect();
        assert_eq!(
            days,
            [
                "2026-06-15 - 1 0 0 0 0",
                "2026-06-15 aiwb 0 1 1 0 0",
                "2026-06-16 aiwb 0 0 0 0 0 cancelled=1",
            ]
        );

        // Linked after all: nothing is lost. The page of the end can be loaded again.
        let link = link_of(&world, &company, &connection).await;
        let end = customer.link(link.as_str(), "lindqvist-snickeri").await;
        let end = end.header("location").unwrap();
        assert!(end.contains("status=200"), "{end}");
        assert_eq!(totals(&world).await, "1 1 1 1 1");
        let path = format!("/companies/{company}/connections/{connection}");
        // Disconnected and connected again: another matter.
        world.disconnect(&path).await;
        let link = link_of(&world, &company, &connection).await;
        customer.open(link.as_str()).await;
        customer.link(link.as_str(), "lindqvist-snickeri").await;
        chores(&world).await;
        assert_eq!(totals(&world).await, "1 1 1 1 1");

        let of = async |query: &str| told(&funnel(&world, query).await["total"]);
        assert_eq!(of("?platformKey=aiwb").await, "0 1 1 1 1");
        assert_eq!(of("?platformKey=mqjo").await, "0 0 0 0 0");
        assert_eq!(of("?from=2026-06-16&to=2026-06-16").await, "0 0 0 1 1");
        assert_eq!(of("?to=2026-06-14").await, "0 0 0 0 0");
        // Counts stay when the company goes.
        world
            .client(Method::DELETE, &format!("/companies/{company}"), None)
            .await
            .ok();
        assert_eq!(totals(&world).await, "1 1 1 1 1");
    }
);

story!(
    the_component_and_links_of_the_clients_own_software_are_counted_too,
    |world| async move {
        set_profile(&world, json!({})).await;
        let origins = json!({ "allowedOrigins": ["https://lender.example"] });
        world.post("/corsSettings", origins).await.ok();
        let company = world.company("merchant-42").await;
        let token = world
            .get(&format!("/companies/{company}/accessToken"))
            .await;
        let token = token.ok()["accessToken"].as_str().unwrap().to_owned();
        let token = format!("Bearer {token}");
        let send = async |method: Method, path: &str, body: Value| {
            let headers = [
                ("authorization", token.as_str()),
                ("content-type", "application/json"),
                ("origin", "https://lender.example"),
            ];
            let path = format!("/companies/{company}{path}");
            let body = body.to_string().into_bytes();
            world.send(method, &path, &headers, body).await.ok()
        };
        for _ in 0..2 {
            send(Method::GET, "/link/view", Value::Null).await;
        }
        becomes(&world, "1 0 0 0 0").await;
        let body = json!({ "platformKey": "mqjo" });
        let begun = send(Method::POST, "/connections", body.clone()).await;
        let again = send(Method::POST, "/connections", body).await;
        assert_eq!(begun["id"], again["id"]);
        let link: Url = begun["linkUrl"].as_str().unwrap().parse().unwrap();
        let mut customer = world.customer();
        customer.open(link.as_str()).await;
        // "Not now", on our page.
        let leave = link.path().replace("/start", "/leave");
        let form = [("otp", &*password(&link))];
        customer.submit(&leave, &form).await;
        customer.submit(&leave, &form).await;
        assert_eq!(totals(&world).await, "1 1 0 0 0 declined=1");
        // The company's own token reads no numbers of all companies.
        let path = "/linkFunnel";
        let refused = world.authorized(&token, Method::GET, path, None).await;
        assert_eq!(refused.status, 403, "{}", refused.text());

        // A link that the client's software made: its customer opened it, and the platform was chosen.
        let (_, _, link) = new_link(&world, "aiwb").await;
        assert_eq!(totals(&world).await, "1 1 0 0 0 declined=1");
        for _ in 0..2 {
            world.customer().open(link.as_str()).await;
        }
        becomes(&world, "2 2 0 0 0 declined=1").await;
        let of_platform = funnel(&world, "?platformKey=aiwb").await;
        assert_eq!(told(&of_platform["total"]), "1 1 0 0 0");

        // A platform that isn't in the list.
        let page = overview_url(&world, &company).await;
        let missing = format!("{}/not-listed", page.path());
        let mut customer = world.customer();
        let form = [("link.otp", &*password(&page)), ("link.wanted", "Abacus")];
        customer.submit(&missing, &form).await;
        customer.submit(&missing, &form).await;
        let all = "2 2 0 0 0 declined=1 notListed=1";
        assert_eq!(totals(&world).await, all);

        // Set out and not come back: known a day later.
        let mut customer = world.customer();
        customer.set_out(link.as_str()).await;
        assert_eq!(totals(&world).await, "2 2 1 0 0 declined=1 notListed=1");
        world.pass(TimeDelta::hours(24));
        chores(&world).await;
        assert_eq!(totals(&world).await, "2 2 1 0 0 declined=1 notListed=1");
        world.pass(TimeDelta::hours(2));
        chores(&world).await;
        chores(&world).await;
        let all = "2 2 1 0 0 declined=1 left=1 notListed=1";
        assert_eq!(totals(&world).await, all);
    }
);

platform_story!(
    losses_at_the_platform_have_their_reasons,
    "Commerce",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let tokens = json!({ "access_token": "at-canary", "refresh_token": "rt-canary", "token_type": "bearer", "expires_in": 86_400 });
        let ids = stage.fresh().await;
        let mut customer = world.customer();
        stage.platform.answers("/token", 503, &[], json!({}));
        stage.come_back(&mut customer, &ids).await;
        // The page of the link was opened, and its platform chosen, before that.
        becomes(world, "1 1 1 0 0 platformFailed=1").await;

        stage.platform.answers("/token", 200, &[], tokens);
        stage.platform.answers("/links", 403, &[], json!({}));
        stage.come_back(&mut customer, &ids).await;
        let reasons = totals(world).await;
        assert!(
            ["permissionMissing=1", "platformFailed=1"]
                .iter()
                .any(|reason| reasons == format!("1 1 1 1 0 {reason}")),
            "{reasons}"
        );

        // Several businesses, and none that is meant.
        stage.platform.leads_to(&TENANTS);
        let question = stage.come_back_to(&mut customer, &ids).await;
        let question = Url::parse("http://a").unwrap().join(&question).unwrap();
        let (_, ticket) = question.query_pairs().next().unwrap();
        let form = [("ticket", &*ticket), ("answer", "leave")];
        customer.submit(question.path(), &form).await;
        assert_eq!(totals(world).await, "1 1 1 1 0 businessNotChosen=1");
        stage.platform.leads_to(&TENANTS[..1]);
        stage.come_back(&mut customer, &ids).await;
        assert_eq!(totals(world).await, "1 1 1 1 1");
        world.settled(&ids.0).await;
    }
);

story!(a_funnel_that_is_off_counts_nothing, |world| async move {
    let off = json!({ "funnel": false });
    let set = world
        .client(Method::PUT, "/profile/link", Some(off.clone()))
        .await
        .ok();
    assert_eq!(set, off);
    let (company, _) = world.linked("aiwb", "lindqvist-snickeri").await;
    let page = overview_url(&world, &company).await;
    world.customer().open(page.as_str()).await;
    let (_, _, link) = new_link(&world, "aiwb").await;
    let mut customer = world.customer();
    let at_platform = customer.set_out(link.as_str()).await;
    let deny = json!({ "decision": "deny" });
    let back = customer.consent(&at_platform, deny).await;
    customer.open(&back).await;
    world.app.detached_work_ended().await;
    let nothing = funnel(&world, "").await;
    assert_eq!(nothing["isCounted"], false);
    assert_eq!(told(&nothing["total"]), "0 0 0 0 0");
    assert_eq!(nothing["results"], json!([]));

    // On again: what was done before stays uncounted, what comes is counted.
    world
        .client(Method::PUT, "/profile/link", Some(json!({})))
        .await
        .ok();
    world.customer().open(page.as_str()).await;
    becomes(&world, "1 0 0 0 0").await;
    assert_eq!(funnel(&world, "").await["isCounted"], true);
    world.settled(&company).await;
});

story!(
    counts_are_a_clients_own_and_end_with_it_or_after_400_days,
    |world| async move {
        let (_, _, link) = new_link(&world, "aiwb").await;
        world.customer().open(link.as_str()).await;
        becomes(&world, "1 1 0 0 0").await;
        let key = world.other_client().await;
        let seen = world.with_key(&key, Method::GET, "/linkFunnel", None).await;
        assert_eq!(told(&seen.ok()["total"]), "0 0 0 0 0");

        for (query, reason) in [
            ("?from=yesterday", "from must be a day such as 2026-06-15."),
            ("?to=2026-02-30", "to must be a day such as 2026-06-15."),
            (
                "?from=2026-06-15T00:00:00Z",
                "from must be a day such as 2026-06-15.",
            ),
            (
                "?from=2026-06-16&to=2026-06-15",
                "from (2026-06-16) must not be after to (2026-06-15).",
            ),
            ("?from=2024-01-01&to=2026-06-15", "within 400 days"),
        ] {
            let text = world.get(&format!("/linkFunnel{query}")).await.refused(400);
            assert!(text.contains(reason), "{text}");
        }

        chores(&world).await;
        world.pass(TimeDelta::days(399));
        chores(&world).await;
        let day = "?from=2026-06-15&to=2026-06-15";
        assert_eq!(told(&funnel(&world, day).await["total"]), "1 1 0 0 0");
        world.pass(TimeDelta::days(2));
        chores(&world).await;
        assert_eq!(told(&funnel(&world, day).await["total"]), "0 0 0 0 0");

        // A client that is deleted takes its own with it.
        let other = store::clients::list(&world.app.db).await.unwrap();
        let first = world.first_client().await;
        let other = other.into_iter().find(|client| client.id != first).unwrap();
        let body = json!({ "name": "a company" });
        let company = world
            .with_key(&key, Method::POST, "/companies", Some(body))
            .await
            .ok();
        let page = company["redirect"].as_str().unwrap().to_owned();
        world.customer().open(&page).await;
        world.app.detached_work_ended().await;
        let rows = async || {
            let days = (0, i64::from(u16::MAX));
            let rows = store::funnel::of_client(&world.app.db, other.id, days, None).await;
            rows.unwrap().len()
        };
        assert_eq!(rows().await, 1);
        let path = format!("/companies/{}", company["id"].as_str().unwrap());
        world.with_key(&key, Method::DELETE, &path, None).await.ok();
        chores(&world).await;
        assert_eq!(rows().await, 1);
        clients::delete(&world.app, &other).await.unwrap();
        assert_eq!(rows().await, 0);
    }
);

/// On PostgreSQL: SQLite has one node.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_count_once_together_and_add_up_what_both_counted() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let node = Node::on_database_of(&world).await;
    let mut links = Vec::new();
    for _ in 0..6 {
        links.push(new_link(&world, "aiwb").await.2);
    }
    let company = world.company("merchant-7").await;
    links.push(overview_url(&world, &company).await);
    // Each page is opened on both nodes at once.
    let host = format!("localhost:{}", node.port);
    let own = world.platform.authority().to_owned();
    let door = Door::new(Policy {
        allow_private: [host.clone(), own].into(),
        ..Policy::default()
    });
    let open = async |link: &Url, port: Option<u16>| {
        let mut link = link.clone();
        if let Some(port) = port {
            link.set_port(Some(port)).unwrap();
        }
        let answer = world
            .send_through(&door, Method::GET, link.as_str(), &[], vec![])
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    };
    let visits = links
        .iter()
        .flat_map(|link| [open(link, None), open(link, Some(node.port))]);
    join_all(visits).await;
    world.app.detached_work_ended().await;
    node.app.detached_work_ended().await;
    assert_eq!(totals(&world).await, "7 6 0 0 0");
    let rounds = [&world.app, &node.app, &world.app, &node.app];
    for round in join_all(rounds.map(|app| chores_once(app))).await {
        round.unwrap();
    }
    assert_eq!(totals(&world).await, "7 6 0 0 0");
    assert!(!store::funnel::waits(&world.app.db).await.unwrap());
    node.stop().await;
    world.end().await;
}
