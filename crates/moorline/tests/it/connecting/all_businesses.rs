//! Several businesses behind one sign-in, all connected: companies below one, each with a connection of its own, and one grant that is
//! renewed for all and given back with the last.

use std::sync::Arc;

use axum::http::Method;
use chrono::TimeDelta;
use platform::work::chores_once;
use serde_json::{Value, json};
use url::Url;

use crate::harness::own_platform::{Stage, platform_story};
use crate::harness::{Customer, World};

pub(super) const BUSINESSES: [(&str, &str, &str); 3] = [
    ("t-1", "l-1", "Quay Ltd"),
    ("t-2", "l-2", "Pier Ltd"),
    ("t-3", "l-3", "Dock Ltd"),
];

pub(super) async fn enable(world: &World, setting: Value) {
    world
        .client(Method::PUT, "/profile/link", Some(setting))
        .await
        .ok();
}

pub(super) fn several() -> Value {
    json!({ "enableMultiEntityLinking": true })
}

/// The question about the businesses, and the form that answers it.
pub(super) struct Question {
    pub(super) page: String,
    path: String,
    ticket: String,
}

pub(super) async fn asked(
    stage: &Stage,
    customer: &mut Customer<'_>,
    ids: &(String, String),
) -> Question {
    let location = stage.come_back_to(customer, ids).await;
    let url = Url::parse("http://a").unwrap().join(&location).unwrap();
    let (_, ticket) = url
        .query_pairs()
        .find(|(name, _)| name == "ticket")
        .unwrap();
    Question {
        page: customer.open(&location).await.text(),
        path: url.path().to_owned(),
        ticket: ticket.into_owned(),
    }
}

impl Question {
    pub(super) async fn choose(&self, customer: &mut Customer<'_>, ids: &[&str]) -> (u16, String) {
        let mut form = vec![("ticket", self.ticket.as_str()), ("answer", "choose")];
        form.extend(ids.iter().map(|id| ("business", *id)));
        let answer = customer.submit(&self.path, &form).await;
        let to = answer.header("location").map(str::to_owned);
        (answer.status.as_u16(), to.unwrap_or_else(|| answer.text()))
    }
}

/// Each company of the client: its name, its parent, and its connection's id, business and status.
pub(super) async fn family(world: &World) -> Vec<(String, Option<String>, String, String, String)> {
    let companies = world.get("/companies?orderBy=created").await.ok();
    let mut family = Vec::new();
    for company in companies["results"].as_array().unwrap() {
        let id = company["id"].as_str().unwrap();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let whole = world.get(&format!("/companies/{id}")).await.ok();
        let view = world
            .get(&format!("/companies/{id}/connections"))
            .await
            .ok();
        for connection in view["results"].as_array().unwrap() {
            let info = &connection["connectionInfo"]["companyName"];
            family.push((
                text(&company["name"]).unwrap(),
                text(&whole["referenceParentCompany"]["id"]),
                format!("{id}/connections/{}", connection["id"].as_str().unwrap()),
                text(info).unwrap_or_default(),
                text(&connection["status"]).unwrap(),
            ));
        }
    }
    family.sort();
    family
}

/// The statuses of the family by business.
pub(super) async fn statuses(world: &World) -> Vec<String> {
    let all = family(world).await;
    let mut all: Vec<String> = all
        .into_iter()
        .map(|(_, _, _, business, status)| format!("{business}: {status}"))
        .collect();
    all.sort();
    all
}

pub(super) async fn path_of(world: &World, business: &str) -> String {
    let all = family(world).await;
    let found = all.into_iter().find(|(_, _, _, name, _)| name == business);
    format!("/companies/{}", found.unwrap().2)
}

/// A client that wants several businesses to be connected, and a customer whose sign-in has led to these.
pub(super) async fn begun<'a>(
    stage: &'a Stage,
    businesses: &[(&str, &str, &str)],
) -> ((String, String), Customer<'a>, Question) {
    enable(&stage.world, several()).await;
    stage.platform.leads_to(businesses);
    stage.platform.answers("/links/l-3", 204, &[], Value::Null);
    let ids = stage.fresh().await;
    let mut customer = stage.world.customer();
    let question = asked(stage, &mut customer, &ids).await;
    (ids, customer, question)
}

/// All three businesses, connected by one sign-in.
pub(super) async fn all_linked(stage: &Stage) -> (String, String) {
    let (ids, mut customer, question) = begun(stage, &BUSINESSES).await;
    let (status, to) = question.choose(&mut customer, &["t-1", "t-2", "t-3"]).await;
    assert_eq!(status, 303, "{to}");
    assert!(to.contains("status=200"), "{to}");
    assert!(
        to.contains(&ids.1),
        "the result is that of the connection that began: {to}"
    );
    ids
}

/// Waits for the pulls of what is connected.
pub(super) async fn settled(world: &World) {
    for (_, _, path, _, status) in family(world).await {
        if status != "Linked" {
            continue;
        }
        world.settled(path.split('/').next().unwrap()).await;
    }
}

platform_story!(
    every_business_that_stays_ticked_becomes_a_company_below_the_one_that_began,
    "Accounting",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let (ids, mut customer, question) = begun(&stage, &BUSINESSES).await;
        let page = &question.page;
        assert_eq!(page.matches("type=\"checkbox\"").count(), 3, "{page}");
        assert_eq!(
            page.matches(" checked").count(),
            3,
            "all are ticked: {page}"
        );
        assert!(page.contains("Which businesses do you want to connect?"));

        // None, or none that is on offer.
        for none in [&[][..], &["t-9"][..]] {
            let (status, text) = question.choose(&mut customer, none).await;
            assert_eq!(status, 422);
            assert!(text.contains("Tick one business at least."), "{text}");
        }
        let (status, to) = question.choose(&mut customer, &["t-2", "t-3"]).await;
        assert_eq!(status, 303, "{to}");
        assert!(to.contains("status=200") && to.contains(&ids.1), "{to}");
        let family_then = family(world).await;
        // A second click, or another browser, changes nothing more.
        let (_, again) = question.choose(&mut customer, &["t-1", "t-2"]).await;
        assert!(again.contains("status=200"), "{again}");
        assert_eq!(family(world).await, family_then);
        let names: Vec<(&str, Option<&str>, &str)> = family_then
            .iter()
            .map(|(name, parent, _, business, _)| (&**name, parent.as_deref(), &**business))
            .collect();
        assert_eq!(
            names,
            [
                ("Dock Ltd", Some(ids.0.as_str()), "Dock Ltd"),
                ("merchant-42", None, "Pier Ltd"),
            ]
        );
        assert_eq!(
            statuses(world).await,
            ["Dock Ltd: Linked", "Pier Ltd: Linked"]
        );

        // Events of the new company and its connection; consent is on record for each.
        let child = path_of(world, "Dock Ltd").await;
        let child = child.split('/').nth(2).unwrap();
        for event in [
            "company.created",
            "connection.created",
            "connection.connected",
        ] {
            assert_eq!(world.event_payloads(child, event).await.len(), 1, "{event}");
        }
        for company in [child, &ids.0] {
            let consents = world
                .get(&format!("/companies/{company}/consents"))
                .await
                .ok();
            let consents = consents["results"].as_array().unwrap().clone();
            assert_eq!(consents.len(), 1, "{consents:?}");
            assert_eq!(consents[0]["state"], "given", "{}", consents[0]);
        }
        settled(world).await;
        let requests = stage.platform.seen(Method::GET, "/v1/customers");
        let mut tenants: Vec<&str> = requests
            .iter()
            .filter_map(|request| request.tenant.as_deref())
            .collect();
        tenants.sort_unstable();
        tenants.dedup();
        assert_eq!(tenants, ["t-2", "t-3"]);

        // Begun once more, in the same family: what is connected can't be ticked again.
        let sister = json!({ "name": "a sister", "referenceParentCompany": { "id": ids.0 } });
        let sister = world.post("/companies", sister).await.ok();
        let sister = sister["id"].as_str().unwrap().to_owned();
        let connection = world.connection(&sister, "test").await;
        let other = (sister, connection["id"].as_str().unwrap().to_owned());
        let mut four = BUSINESSES.to_vec();
        four.push(("t-4", "l-4", "Wharf Ltd"));
        stage.platform.leads_to(&four);
        let mut customer = world.customer();
        let question = asked(&stage, &mut customer, &other).await;
        let page = &question.page;
        assert_eq!(page.matches("type=\"checkbox\"").count(), 4, "{page}");
        assert_eq!(page.matches(" disabled").count(), 2, "{page}");
        assert_eq!(page.matches(" checked").count(), 2, "{page}");
        assert_eq!(page.matches("Connected already").count(), 2, "{page}");
        // Not by a form that another program made, either.
        let all = ["t-1", "t-2", "t-3"];
        let (status, to) = question.choose(&mut customer, &all).await;
        assert_eq!(status, 303, "{to}");
        assert!(to.contains("status=200"), "{to}");
        assert_eq!(
            statuses(world).await,
            ["Dock Ltd: Linked", "Pier Ltd: Linked", "Quay Ltd: Linked"]
        );
    }
);

platform_story!(
    one_token_is_renewed_for_all_and_goes_back_with_the_last,
    "Accounting",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let _ids = all_linked(&stage).await;
        settled(world).await;
        let kept = world.everything().await;
        assert!(!kept.contains("-canary"), "sealed");

        // A renewal: one request for all three.
        let renewals = || {
            let all = stage.platform.seen(Method::POST, "/token");
            let renewals = all
                .iter()
                .filter(|seen| seen.body.contains("refresh_token"));
            renewals.map(|seen| seen.body.clone()).collect::<Vec<_>>()
        };
        assert_eq!(renewals().len(), 0);
        let second = json!({ "access_token": "at2-canary", "refresh_token": "rt2-canary", "token_type": "bearer", "expires_in": 86_400 });
        stage.platform.answers("/token", 200, &[], second);
        world.pass(TimeDelta::hours(24));
        chores_once(&world.app).await.unwrap();
        for (_, _, path, _, _) in family(world).await {
            let company = path.split('/').next().unwrap().to_owned();
            world.queue_pull(&company, "customers").await;
        }
        settled(world).await;
        let sent = renewals();
        assert_eq!(sent.len(), 1, "one renewal for all: {sent:?}");
        assert!(sent[0].contains("rt-canary"), "{sent:?}");

        // The one that began goes first: the others keep their access, and nothing is given back.
        let gone = path_of(world, "Quay Ltd").await;
        world.disconnect(&gone).await;
        chores_once(&world.app).await.unwrap();
        assert_eq!(
            statuses(world).await,
            ["Dock Ltd: Linked", "Pier Ltd: Linked", "Quay Ltd: Unlinked"]
        );
        let third = json!({ "access_token": "at3-canary", "refresh_token": "rt3-canary", "token_type": "bearer", "expires_in": 86_400 });
        stage.platform.answers("/token", 200, &[], third);
        world.pass(TimeDelta::hours(24));
        chores_once(&world.app).await.unwrap();
        let sent = renewals();
        assert_eq!(sent.len(), 2, "{sent:?}");
        assert!(sent[1].contains("rt2-canary"), "{sent:?}");
        assert_eq!(stage.platform.seen(Method::POST, "/revoke").len(), 0);

        let pier = path_of(world, "Pier Ltd").await;
        world.client(Method::DELETE, &pier, None).await.ok();
        chores_once(&world.app).await.unwrap();
        assert_eq!(stage.platform.seen(Method::POST, "/revoke").len(), 0);
        assert_eq!(
            statuses(world).await,
            ["Dock Ltd: Linked", "Quay Ltd: Unlinked"]
        );
        let dock = path_of(world, "Dock Ltd").await;
        world.disconnect(&dock).await;
        let given_back = world
            .until("the grant is given back", || async {
                stage.platform.seen(Method::POST, "/revoke").pop()
            })
            .await;
        assert_eq!(given_back.body, "token=rt3-canary");
        settled(world).await;
        // Each business's link is taken away, and every request has the newest token.
        for link in ["/links/l-1", "/links/l-2", "/links/l-3"] {
            world
                .until(link, || async {
                    stage.platform.seen(Method::DELETE, link).pop()
                })
                .await;
        }
        world
            .until("the tokens are shredded", || async {
                let grants = world.get(&format!("{}/grants", dock)).await.ok();
                let all = grants["results"].as_array().unwrap().clone();
                let over = all.iter().all(|grant| grant["state"] == "givenBack");
                (over && !all.is_empty()).then_some(())
            })
            .await;
        let revoked = stage.platform.seen(Method::POST, "/revoke");
        assert!(
            revoked.iter().all(|seen| seen.body == "token=rt3-canary"),
            "{revoked:?}"
        );
        let credentials = world.everything().await;
        assert!(!credentials.contains("-canary"));
    }
);

platform_story!(
    a_shared_grant_that_the_platform_ends_ends_for_all,
    "Accounting",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        all_linked(&stage).await;
        settled(world).await;
        stage
            .platform
            .answers("/token", 400, &[], json!({ "error": "invalid_grant" }));
        world.pass(TimeDelta::hours(24));
        chores_once(&world.app).await.unwrap();
        assert_eq!(
            statuses(world).await,
            [
                "Dock Ltd: Deauthorized",
                "Pier Ltd: Deauthorized",
                "Quay Ltd: Deauthorized"
            ]
        );
        for business in ["Quay Ltd", "Pier Ltd", "Dock Ltd"] {
            let path = path_of(world, business).await;
            let company = path.split('/').nth(2).unwrap();
            let told = world
                .event_payloads(company, "connection.disconnected")
                .await;
            assert_eq!(told.len(), 1, "{business}");
        }
        settled(world).await;
    }
);

platform_story!(
    each_business_is_connected_again_on_its_own_and_only_as_itself,
    "Accounting",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let ids = all_linked(&stage).await;
        settled(world).await;
        let tokens = |name: &str| json!({ "access_token": format!("at-{name}-canary"), "refresh_token": format!("rt-{name}-canary"), "token_type": "bearer", "expires_in": 86_400 });
        let ids_of = |path: &str| {
            let parts: Vec<&str> = path.split('/').collect();
            (parts[2].to_owned(), parts[4].to_owned())
        };
        // The wrong business, for one that was made.
        let dock = ids_of(&path_of(world, "Dock Ltd").await);
        stage.platform.answers("/token", 200, &[], tokens("dock"));
        stage.platform.leads_to(&BUSINESSES[..1]);
        let mut customer = world.customer();
        let question = asked(&stage, &mut customer, &dock).await;
        assert!(question.page.contains("Quay Ltd"), "{}", question.page);
        assert!(!question.page.contains("type=\"checkbox\""));
        let leave = [("ticket", question.ticket.as_str()), ("answer", "leave")];
        let left = customer.submit(&question.path, &leave).await;
        assert!(left.header("location").unwrap().contains("status=201"));
        // Its own: it has a grant of its own from then on, and the shared one goes on for the others.
        stage.platform.leads_to(&BUSINESSES[2..]);
        let mut customer = world.customer();
        let end = stage.come_back_to(&mut customer, &dock).await;
        assert!(end.contains("status=200"), "{end}");
        // The holder, connected again with new tokens: the shared grant passes to what is left of it.
        stage.platform.answers("/token", 200, &[], tokens("quay"));
        stage.platform.leads_to(&BUSINESSES[..1]);
        let mut customer = world.customer();
        let end = stage.come_back_to(&mut customer, &ids).await;
        assert!(end.contains("status=200"), "{end}");
        chores_once(&world.app).await.unwrap();
        assert_eq!(
            statuses(world).await,
            ["Dock Ltd: Linked", "Pier Ltd: Linked", "Quay Ltd: Linked"]
        );
        settled(world).await;
        // Nothing of the shared grant was given back.
        let revoked = stage.platform.seen(Method::POST, "/revoke");
        assert!(
            revoked
                .iter()
                .all(|seen| !seen.body.ends_with("token=rt-canary")),
            "{revoked:?}"
        );
        let pier = path_of(world, "Pier Ltd").await;
        world.disconnect(&pier).await;
        world
            .until("the shared grant is given back", || async {
                let all = stage.platform.seen(Method::POST, "/revoke");
                all.into_iter().find(|seen| seen.body == "token=rt-canary")
            })
            .await;
        assert_eq!(
            statuses(world).await,
            ["Dock Ltd: Linked", "Pier Ltd: Unlinked", "Quay Ltd: Linked"]
        );
    }
);

platform_story!(
    one_business_is_chosen_where_the_client_wants_it_so,
    "Commerce",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        stage.platform.leads_to(&BUSINESSES);
        for (setting, wish, boxes) in [
            (json!({}), "", 0),
            (json!({}), "&link.multiEntity=true", 0),
            (several(), "&link.multiEntity=true", 3),
            (several(), "&link.multiEntity=false", 0),
            (
                json!({ "enableMultiEntityLinking": false }),
                "&link.multiEntity=true",
                0,
            ),
        ] {
            enable(world, setting.clone()).await;
            let ids = stage.fresh().await;
            let path = format!("/companies/{}/connections/{}", ids.0, ids.1);
            let link = world.get(&path).await.ok()["linkUrl"].clone();
            let link = format!("{}{wish}", link.as_str().unwrap());
            let mut customer = world.customer();
            let authorization = customer.set_out(&link).await;
            let authorization = Url::parse(&authorization).unwrap();
            let (_, state) = authorization
                .query_pairs()
                .find(|(name, _)| name == "state")
                .unwrap();
            let callback = format!("/oauth/test/callback?code=c&state={state}");
            let question = customer.open(&callback).await;
            let page = customer.open(question.header("location").unwrap()).await;
            let page = page.text();
            let found = page.matches("type=\"checkbox\"").count();
            assert_eq!(found, boxes, "{setting} {wish}: {page}");
        }
    }
);

platform_story!(
    all_businesses_are_connected_or_none_is,
    "Accounting",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let (ids, mut customer, question) = begun(&stage, &BUSINESSES).await;
        // The first and the second are written; the third can't be, as a second company below the same one.
        world
            .tamper(&["create unique index struck on company (parent_id)"])
            .await;
        let (status, _) = question.choose(&mut customer, &["t-1", "t-2", "t-3"]).await;
        assert!(status >= 400, "{status}");
        world.tamper(&["drop index struck"]).await;
        assert_eq!(statuses(world).await, [": PendingAuth"]);
        let companies = world.get("/companies").await.ok();
        assert_eq!(companies["totalResults"], 1);
        let told = world.event_payloads(&ids.0, "connection.connected").await;
        assert!(told.is_empty(), "{told:?}");
        // The question is there still, and answered as if nothing had been.
        let (status, to) = question.choose(&mut customer, &["t-1", "t-2", "t-3"]).await;
        assert_eq!(status, 303, "{to}");
        assert_eq!(
            statuses(world).await,
            ["Dock Ltd: Linked", "Pier Ltd: Linked", "Quay Ltd: Linked"]
        );
        settled(world).await;
    }
);

platform_story!(
    a_shared_grant_whose_newest_token_is_in_doubt_ends_with_its_holder,
    "Accounting",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        all_linked(&stage).await;
        settled(world).await;
        // A gateway's answer doesn't say if the platform renewed.
        stage.platform.answers("/token", 502, &[], json!({}));
        world.pass(TimeDelta::hours(24));
        chores_once(&world.app).await.unwrap();
        let fresh = json!({ "access_token": "at9-canary", "refresh_token": "rt9-canary", "token_type": "bearer", "expires_in": 86_400 });
        stage.platform.answers("/token", 200, &[], fresh);
        let quay = path_of(world, "Quay Ltd").await;
        world.disconnect(&quay).await;
        assert_eq!(
            statuses(world).await,
            [
                "Dock Ltd: Deauthorized",
                "Pier Ltd: Deauthorized",
                "Quay Ltd: Unlinked"
            ]
        );
        // The token endpoint is left alone for a while after it failed.
        world.pass(TimeDelta::hours(1));
        world
            .until("the grant is given back", || async {
                stage.platform.seen(Method::POST, "/revoke").pop()
            })
            .await;
        settled(world).await;
    }
);
