//! Several businesses behind one sign-in, which were connected before, are many, or have names that no company can have; and what is on
//! record when the access that they share passes on or ends.

use std::sync::Arc;

use axum::http::Method;
use chrono::TimeDelta;
use platform::work::chores_once;
use serde_json::{Value, json};
use url::Url;

use super::all_businesses::{
    BUSINESSES, all_linked, asked, begun, enable, family, path_of, settled, several, statuses,
};
use crate::harness::World;
use crate::harness::own_platform::{PlatformOptions, Stage, platform_story};

async fn number_of_companies(world: &World) -> Value {
    world.get("/companies").await.ok()["totalResults"].clone()
}

/// A group's company and one below it, each with a connection that isn't linked yet, where several businesses may be.
async fn group_and_subsidiary(stage: &Stage) -> ((String, String), (String, String)) {
    let world = &stage.world;
    enable(world, several()).await;
    stage.platform.leads_to(&BUSINESSES);
    let ids = stage.fresh().await;
    let sister = json!({ "name": "a sister", "referenceParentCompany": { "id": ids.0 } });
    let sister = world.post("/companies", sister).await.ok();
    let sister = sister["id"].as_str().unwrap().to_owned();
    let connection = world.connection(&sister, "test").await;
    let other = (sister, connection["id"].as_str().unwrap().to_owned());
    (ids, other)
}

/// The ids in a connection's path.
fn ids_of(path: &str) -> (String, String) {
    let parts: Vec<&str> = path.split('/').collect();
    (parts[2].to_owned(), parts[4].to_owned())
}

async fn on_record(world: &World, kind: &str) -> Vec<Value> {
    let path = format!("/audit?pageSize=1000&kind={kind}");
    let listed = world.get(&path).await.ok();
    listed["results"].as_array().unwrap().clone()
}

platform_story!(
    a_business_that_was_connected_before_does_not_become_a_second_company,
    "Accounting",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let ids = all_linked(&stage).await;
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

        // The customer chooses the platform again, instead of connecting each again.
        let tokens = json!({ "access_token": "at2-canary", "refresh_token": "rt2-canary", "token_type": "bearer", "expires_in": 86_400 });
        stage.platform.answers("/token", 200, &[], tokens);
        let connection = world.connection(&ids.0, "test").await;
        let again = (ids.0.clone(), connection["id"].as_str().unwrap().to_owned());
        let mut customer = world.customer();
        let page = asked(&stage, &mut customer, &again).await.page;
        assert_eq!(page.matches("type=\"checkbox\"").count(), 0, "{page}");
        let notice = "Some of these businesses were connected before.";
        assert!(page.contains(notice), "{page}");

        // With two more behind the sign-in, those two can be ticked.
        let mut five = BUSINESSES.to_vec();
        five.push(("t-4", "l-4", "Wharf Ltd"));
        five.push(("t-5", "l-5", "Jetty Ltd"));
        stage.platform.leads_to(&five);
        let mut customer = world.customer();
        let question = asked(&stage, &mut customer, &again).await;
        let page = &question.page;
        assert_eq!(page.matches("type=\"checkbox\"").count(), 5, "{page}");
        assert_eq!(page.matches(" disabled").count(), 3, "{page}");
        assert_eq!(page.matches(" checked").count(), 2, "{page}");
        assert!(page.contains(notice), "{page}");
        // Not by a form that another program made, either.
        let all = ["t-1", "t-2", "t-3", "t-4", "t-5"];
        let (status, to) = question.choose(&mut customer, &all).await;
        assert_eq!(status, 303, "{to}");
        assert!(to.contains("status=200") && to.contains(&again.1), "{to}");
        assert_eq!(number_of_companies(world).await, 4);
        assert_eq!(
            statuses(world).await,
            [
                "Dock Ltd: Deauthorized",
                "Jetty Ltd: Linked",
                "Pier Ltd: Deauthorized",
                "Quay Ltd: Deauthorized",
                "Wharf Ltd: Linked"
            ]
        );

        // From its own connection a business is connected again as it was.
        let pier = ids_of(&path_of(world, "Pier Ltd").await);
        let own = json!({ "access_token": "at3-canary", "refresh_token": "rt3-canary", "token_type": "bearer", "expires_in": 86_400 });
        stage.platform.answers("/token", 200, &[], own);
        stage.platform.leads_to(&BUSINESSES[1..2]);
        let mut customer = world.customer();
        let end = stage.come_back_to(&mut customer, &pier).await;
        assert!(end.contains("status=200"), "{end}");
        assert_eq!(ids_of(&path_of(world, "Pier Ltd").await), pier);
        assert_eq!(number_of_companies(world).await, 4);
        settled(world).await;
    }
);

platform_story!(
    two_pages_of_a_family_do_not_make_the_same_companies,
    "Accounting",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let (ids, other) = group_and_subsidiary(&stage).await;
        let (mut one, mut another) = (world.customer(), world.customer());
        let first = asked(&stage, &mut one, &ids).await;
        let second = asked(&stage, &mut another, &other).await;
        let all = ["t-1", "t-2", "t-3"];
        let ((first, _), (second, _)) = tokio::join!(
            first.choose(&mut one, &all),
            second.choose(&mut another, &all)
        );
        assert!(first == 303 || second == 303, "{first}, {second}");
        // Both that there were, and two that one of the pages made: the other one came too late.
        assert_eq!(number_of_companies(world).await, 4);
        settled(world).await;
    }
);

platform_story!(
    a_groups_page_knows_what_a_subsidiarys_page_has_connected_below_itself,
    "Accounting",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let (ids, other) = group_and_subsidiary(&stage).await;
        let (mut one, mut another) = (world.customer(), world.customer());
        let of_group = asked(&stage, &mut one, &ids).await;
        let of_subsidiary = asked(&stage, &mut another, &other).await;
        let all = ["t-1", "t-2", "t-3"];
        let (status, to) = of_subsidiary.choose(&mut another, &all).await;
        assert_eq!(status, 303, "{to}");
        assert_eq!(number_of_companies(world).await, 4);
        of_group.choose(&mut one, &all).await;
        assert_eq!(number_of_companies(world).await, 4);
        settled(world).await;
    }
);

platform_story!(
    at_most_fifty_businesses_are_connected_at_once,
    "Accounting",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let many: Vec<[String; 3]> = (1..=52)
            .map(|at| {
                [
                    format!("t-{at}"),
                    format!("l-{at}"),
                    format!("Berth {at} Ltd"),
                ]
            })
            .collect();
        let lent: Vec<(&str, &str, &str)> = many
            .iter()
            .map(|[tenant, link, name]| (tenant.as_str(), link.as_str(), name.as_str()))
            .collect();
        let (_, mut customer, question) = begun(&stage, &lent).await;
        let page = &question.page;
        assert_eq!(page.matches("type=\"checkbox\"").count(), 52);
        assert_eq!(page.matches(" checked").count(), 50, "the first fifty");
        let sentence = "businesses at most: no more can be connected at once.";
        assert!(page.contains(sentence), "{page}");
        let all: Vec<&str> = lent.iter().map(|(tenant, _, _)| *tenant).collect();
        let (status, text) = question.choose(&mut customer, &all[..51]).await;
        assert_eq!(status, 422);
        assert!(text.contains(sentence), "{text}");
        assert_eq!(number_of_companies(world).await, 1);
        let (status, to) = question.choose(&mut customer, &all[..2]).await;
        assert_eq!(status, 303, "{to}");
        assert_eq!(number_of_companies(world).await, 2);
        settled(world).await;
    }
);

platform_story!(
    a_company_has_as_much_of_its_business_name_as_a_name_can_have,
    "Accounting",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let odd = [
            BUSINESSES[0],
            ("t-2", "l-2", "Pier\u{0} (Ltd) [x]"),
            ("t-3", "l-3", "((()))"),
        ];
        let (_, mut customer, question) = begun(&stage, &odd).await;
        let all = ["t-1", "t-2", "t-3"];
        let (status, to) = question.choose(&mut customer, &all).await;
        assert_eq!(status, 303, "{to}");
        let family = family(world).await;
        let names: Vec<(&str, &str)> = family
            .iter()
            .map(|(name, _, _, business, _)| (&**name, &**business))
            .collect();
        assert_eq!(
            names,
            [
                ("Pier Ltd x", "Pier (Ltd) [x]"),
                ("merchant-42", "Quay Ltd"),
                ("t-3", "((()))"),
            ]
        );
        settled(world).await;
    }
);

platform_story!(
    a_shared_grant_that_is_over_by_its_time_has_expired_for_all,
    "Accounting",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let brief =
            json!({ "access_token": "at-canary", "token_type": "bearer", "expires_in": 86_400 });
        stage.platform.answers("/token", 200, &[], brief);
        all_linked(&stage).await;
        settled(world).await;
        // Each is warned before, once, and told of the end, once.
        world.pass(TimeDelta::hours(13));
        for _ in 0..2 {
            chores_once(&world.app).await.unwrap();
        }
        let told = async |event: &str| {
            for business in ["Quay Ltd", "Pier Ltd", "Dock Ltd"] {
                let (company, connection) = ids_of(&path_of(world, business).await);
                let told = world.event_payloads(&company, event).await;
                assert_eq!(told.len(), 1, "{event} for {business}: {told:?}");
                assert_eq!(told[0]["connection"]["id"], connection, "{business}");
            }
        };
        told("connection.credential.expiring").await;
        world.pass(TimeDelta::hours(12));
        chores_once(&world.app).await.unwrap();
        assert_eq!(
            statuses(world).await,
            [
                "Dock Ltd: Deauthorized",
                "Pier Ltd: Deauthorized",
                "Quay Ltd: Deauthorized"
            ]
        );
        told("connection.credential.expiring").await;
        told("connection.disconnected").await;
        assert_eq!(on_record(world, "consent.expired").await.len(), 3);
        assert!(on_record(world, "consent.revoked").await.is_empty());
        settled(world).await;
    }
);

/// The question before a business disconnects on its own page.
async fn asked_to_disconnect(world: &World, path: &str) -> String {
    let (company, connection) = ids_of(path);
    let link = world
        .get(&format!("/companies/{company}/sharing"))
        .await
        .ok();
    let url: Url = link["sharingUrl"].as_str().unwrap().parse().unwrap();
    let otp = url.query_pairs().next().unwrap().1.into_owned();
    let mut owner = world.customer();
    owner.open(url.as_str()).await;
    let inside = owner.submit(url.path(), &[("otp", otp.as_str())]).await;
    assert_eq!(inside.status, 303, "{}", inside.text());
    let form = [("otp", otp.as_str()), ("connectionId", connection.as_str())];
    let disconnect = format!("{}/disconnect", url.path());
    owner.submit(&disconnect, &form).await.text()
}

platform_story!(
    a_shared_grant_that_passes_on_stays_on_the_record_of_both,
    "Accounting",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let ids = all_linked(&stage).await;
        settled(world).await;
        let quay = path_of(world, "Quay Ltd").await;
        let shared = "Other businesses share the access there";
        let question = asked_to_disconnect(world, &quay).await;
        assert!(question.contains(shared), "{question}");
        world.disconnect(&quay).await;

        let passed = on_record(world, "grant.passed").await;
        assert_eq!(passed.len(), 2, "{passed:?}");
        let grant = &passed[0]["details"]["target"]["grantId"];
        assert!(grant.is_string(), "{passed:?}");
        for entry in &passed {
            let details = &entry["details"];
            assert_eq!(&details["target"]["grantId"], grant);
            assert_eq!(details["before"]["companyId"], json!(ids.0));
            assert_ne!(details["after"]["companyId"], json!(ids.0));
        }
        let of = |company: &Value| passed.iter().any(|entry| &entry["companyId"] == company);
        assert!(of(&json!(ids.0)), "{passed:?}");
        assert!(of(&passed[0]["details"]["after"]["companyId"]));

        let pier = path_of(world, "Pier Ltd").await;
        let question = asked_to_disconnect(world, &pier).await;
        assert!(question.contains(shared), "{question}");
        world.client(Method::DELETE, &pier, None).await.ok();
        // The last one gives it back.
        let dock = path_of(world, "Dock Ltd").await;
        let question = asked_to_disconnect(world, &dock).await;
        assert!(!question.contains(shared), "{question}");
        assert!(
            question.contains("access is given back there"),
            "{question}"
        );
        world.disconnect(&dock).await;
        let ended = world
            .until("the grant's end is on record", || async {
                let ended = on_record(world, "grant.ended").await;
                (!ended.is_empty()).then_some(ended)
            })
            .await;
        for entry in &ended {
            assert_eq!(&entry["details"]["target"]["grantId"], grant, "{entry}");
            let businesses = entry["details"]["businesses"].as_array();
            assert_eq!(businesses.map(Vec::len), Some(3), "{entry}");
        }
        let is_of = |company: &str| {
            let mut all = ended.iter();
            all.any(|entry| entry["companyId"] == json!(company))
        };
        assert!(is_of(&ids.0), "the first holder's record: {ended:?}");
        assert!(is_of(&ids_of(&dock).0), "the last holder's: {ended:?}");
        settled(world).await;
    }
);

const APART: PlatformOptions = PlatformOptions {
    source: "Accounting",
    limits: "concurrent_requests = 2",
    every_hours: 0,
    writes: false,
    one_account: true,
    types: &[],
    reconciliation: "",
};

platform_story!(
    a_business_that_is_disconnected_is_taken_out_of_a_shared_grant_at_once_where_the_platform_can,
    APART,
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        all_linked(&stage).await;
        settled(world).await;
        let ended = |link: &str| {
            let path = format!("/links/{link}");
            stage.platform.seen(Method::DELETE, &path).len()
        };
        // Of the one that holds the grant, and of one that reads by it.
        let quay = path_of(world, "Quay Ltd").await;
        let question = asked_to_disconnect(world, &quay).await;
        assert!(!question.contains("Other businesses share"), "{question}");
        world.disconnect(&quay).await;
        let taken_out = async |number: usize| {
            world
                .until("the business is taken out", || async {
                    let all = on_record(world, "grant.businessEnded").await;
                    (all.len() == number).then_some(all)
                })
                .await
        };
        let first = taken_out(1).await;
        assert_eq!((ended("l-1"), ended("l-2"), ended("l-3")), (1, 0, 0));
        assert_eq!(first[0]["companyId"], json!(ids_of(&quay).0));
        assert_eq!(first[0]["details"]["business"]["name"], "Quay Ltd");

        // The platform is asked again until it has done so, with the grant going on meanwhile.
        stage.platform.answers("/links/l-2", 503, &[], Value::Null);
        let pier = path_of(world, "Pier Ltd").await;
        world.disconnect(&pier).await;
        world
            .until("the platform is asked", || async {
                (ended("l-2") > 0).then_some(())
            })
            .await;
        assert_eq!(on_record(world, "grant.businessEnded").await.len(), 1);
        stage.platform.answers("/links/l-2", 204, &[], Value::Null);
        world.pass(TimeDelta::minutes(5));
        taken_out(2).await;
        assert_eq!(ended("l-3"), 0);
        assert!(stage.platform.seen(Method::POST, "/revoke").is_empty());
        let dock = path_of(world, "Dock Ltd").await;
        assert_eq!(world.get(&dock).await.ok()["status"], "Linked");

        // The last one gives the grant back.
        world.disconnect(&dock).await;
        world
            .until("the grant is given back", || async {
                stage.platform.seen(Method::POST, "/revoke").pop()
            })
            .await;
        settled(world).await;
    }
);

platform_story!(
    a_business_that_is_connected_again_at_once_is_not_taken_out,
    APART,
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let ids = all_linked(&stage).await;
        settled(world).await;
        // With tokens of its own: at the platform, the link to the business is the same.
        let own = json!({ "access_token": "at2-canary", "refresh_token": "rt2-canary", "token_type": "bearer", "expires_in": 86_400 });
        stage.platform.answers("/token", 200, &[], own);
        stage.platform.leads_to(&BUSINESSES[..1]);
        let mut customer = world.customer();
        let end = stage.come_back_to(&mut customer, &ids).await;
        assert!(end.contains("status=200"), "{end}");
        settled(world).await;
        world
            .until("the job is done", || async {
                let jobs = store::jobs::list(&world.app.db, false, 1000).await.unwrap();
                jobs.iter().all(|job| job.kind != "takeOut").then_some(())
            })
            .await;
        assert!(stage.platform.seen(Method::DELETE, "/links/l-1").is_empty());
        assert_eq!(
            statuses(world).await,
            ["Dock Ltd: Linked", "Pier Ltd: Linked", "Quay Ltd: Linked"]
        );
    }
);

platform_story!(
    the_people_who_connected_several_businesses_see_each_and_end_any,
    "Accounting",
    |stage: Arc<Stage>| async move {
        let world = &stage.world;
        let (ids, mut customer, question) = begun(&stage, &BUSINESSES).await;
        let all = ["t-1", "t-2", "t-3"];
        let (status, to) = question.choose(&mut customer, &all).await;
        assert_eq!(status, 303, "{to}");
        let end = customer.open(&to).await.text();
        let named = "Quay Ltd, Dock Ltd and Pier Ltd now share their Quayside Books data";
        assert!(end.contains(named), "{end}");
        settled(world).await;

        let token = async |company: &str, kind: &str| {
            let answer = world.get(&format!("/companies/{company}/{kind}")).await;
            format!("Bearer {}", answer.ok()["accessToken"].as_str().unwrap())
        };
        let people = token(&ids.0, "accessToken").await;
        let as_people = async |method: Method, path: &str, body: Option<Value>| {
            let headers = [
                ("authorization", people.as_str()),
                ("content-type", "application/json"),
            ];
            let body = body.map(|body| body.to_string().into_bytes());
            world
                .send(method, path, &headers, body.unwrap_or_default())
                .await
        };
        let pier = path_of(world, "Pier Ltd").await;
        let (company, connection) = ids_of(&pier);
        for (path, number) in [("link/view", 3), ("connectionManagement/view", 3)] {
            let path = format!("/companies/{}/{path}", ids.0);
            let view = as_people(Method::GET, &path, None).await.ok();
            let seen = view["connections"].as_array().unwrap();
            assert_eq!(seen.len(), number, "{view}");
            let other = seen.iter().find(|one| one["id"] == json!(connection));
            assert_eq!(other.unwrap()["companyId"], json!(company));
            assert_eq!(other.unwrap()["connectedCompanyName"], "Pier Ltd");
            let own = seen.iter().find(|one| one["id"] == json!(ids.1)).unwrap();
            assert!(own.get("companyId").is_none(), "{own}");
        }
        // Of the other company they reach that connection, and nothing else.
        as_people(Method::GET, &pier, None).await.ok();
        as_people(Method::GET, &format!("{pier}/timeline"), None)
            .await
            .ok();
        for path in [
            "link/view",
            "connectionManagement/view",
            "connections",
            "files",
        ] {
            let path = format!("/companies/{company}/{path}");
            as_people(Method::GET, &path, None).await.refused(403);
        }
        // Neither does the other company's token reach back, nor that of a company which stands below for another reason.
        let sister = json!({ "name": "a sister", "referenceParentCompany": { "id": ids.0 } });
        let sister = world.post("/companies", sister).await.ok();
        for company in [&company, sister["id"].as_str().unwrap()] {
            let bearer = token(company, "accessToken").await;
            let own = format!("/companies/{}/connections/{}", ids.0, ids.1);
            let headers = [("authorization", bearer.as_str())];
            world
                .send(Method::GET, &own, &headers, vec![])
                .await
                .refused(403);
        }

        let unlink = json!({ "status": "Unlinked" });
        let ended = as_people(Method::PATCH, &pier, Some(unlink)).await.ok();
        assert_eq!(ended["status"], "Unlinked");
        assert_eq!(
            statuses(world).await,
            ["Dock Ltd: Linked", "Pier Ltd: Unlinked", "Quay Ltd: Linked"]
        );
        // A further connection of that company was not made by that sign-in.
        let second = world.connection(&company, "test").await;
        let second = format!(
            "/companies/{company}/connections/{}",
            second["id"].as_str().unwrap()
        );
        as_people(Method::GET, &second, None).await.refused(403);
        let record = world
            .get(&format!("/companies/{company}/consents"))
            .await
            .ok();
        assert_eq!(record["results"][0]["state"], "withdrawn");
        // A company that is taken out of the family is its own again.
        let alone = json!({ "referenceParentCompany": {} });
        let path = format!("/companies/{company}");
        world.client(Method::PATCH, &path, Some(alone)).await.ok();
        as_people(Method::GET, &pier, None).await.refused(403);
    }
);
