//! Strict linking: an attacker's link that a victim finishes gives the attacker nothing.

use chrono::TimeDelta;
use http::Method;
use platform::work::chores_once;
use serde_json::{Value, json};
use url::Url;

use crate::harness::Answer;
use crate::harness::hostile::{Hostile, Play, hostile_story};

async fn set_strict(stage: &Hostile, strict: bool) -> Answer {
    let body = Some(json!({ "strict": strict }));
    stage
        .world
        .client(Method::PUT, "/profile/linking", body)
        .await
}

/// Links strictly, with a page at which the client knows its own users by their sessions.
async fn strict(stage: &Hostile) {
    let refused = set_strict(stage, true).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("redirectUrl"), "{}", refused.text());
    let profile = json!({
        "name": "Harbour Lending",
        "redirectUrl": "https://app.harbour.example/linked?s={statusCode}&company={companyId}",
    });
    let set = stage
        .world
        .client(Method::PUT, "/profile", Some(profile))
        .await;
    set.ok();
    assert_eq!(set_strict(stage, true).await.ok()["strict"], true);
    // Without that page, a customer would come back to nowhere: it stays, with all else, while links are strict.
    let emptied = json!({ "name": "Another", "redirectUrl": "" });
    let refused = stage
        .world
        .client(Method::PUT, "/profile", Some(emptied))
        .await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.text().contains("Strict linking"),
        "{}",
        refused.text()
    );
    let kept = stage.world.get("/profile").await.ok();
    assert_eq!(kept["name"], "Harbour Lending");
    assert!(kept["redirectUrl"].as_str().unwrap().contains("/linked?"));
}

/// The confirmation that a browser is sent to the client with.
fn confirmation(answer: &Answer) -> String {
    let address = Url::parse(answer.header("location").unwrap()).unwrap();
    assert_eq!(address.host_str(), Some("app.harbour.example"), "{address}");
    let query: Vec<(String, String)> = address.query_pairs().into_owned().collect();
    assert!(query.contains(&("s".into(), "202".into())), "{address}");
    let found = query.into_iter().find(|(name, _)| name == "confirmation");
    found.unwrap().1
}

async fn confirm(stage: &Hostile, ids: &(String, String), confirmation: &str) -> Answer {
    let path = format!("/companies/{}/connections/{}/confirmation", ids.0, ids.1);
    let body = json!({ "confirmation": confirmation });
    stage.world.post(&path, body).await
}

fn exchanges(stage: &Hostile) -> usize {
    let asked = stage.tenant().asked("token");
    asked.iter().filter(|asked| asked.is_exchange()).count()
}

hostile_story!(
    an_attackers_link_that_a_victim_finishes_gives_nothing,
    [Play::of("odda")],
    |stage| async move {
        let world = &stage.world;
        strict(&stage).await;
        // The attacker's own company; the victim follows its link in another browser, and agrees.
        let ids = stage.fresh().await;
        let mut victim = world.customer();
        let authorization = stage.set_out(&mut victim, &ids).await;
        let callback = stage.tenant().consent(&authorization, "victim");
        let first = confirmation(&victim.open(&callback).await);
        // A reload leads to the same, and the attacker's browser to nothing.
        assert_eq!(confirmation(&victim.open(&callback).await), first);
        let mut attacker = world.customer();
        let foreign = attacker.open(&callback).await;
        assert_eq!(foreign.status, 403, "{}", foreign.text());
        assert_eq!(exchanges(&stage), 0);
        // The victim isn't signed in at the client as one of that company: its server confirms nothing. Nor is anything else taken.
        let other = stage.fresh().await;
        for (ids, given) in [(&ids, "guessed"), (&ids, ""), (&other, first.as_str())] {
            assert_eq!(confirm(&stage, ids, given).await.status, 409);
        }
        chores_once(&world.app).await.unwrap();
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "PendingAuth");
        world.pass(TimeDelta::minutes(10));
        assert_eq!(confirm(&stage, &ids, &first).await.status, 409, "too late");
        chores_once(&world.app).await.unwrap();
        let shown = stage.shown(&ids).await;
        assert_eq!(shown["status"], "PendingAuth");
        let errors = shown["dataConnectionErrors"].to_string();
        assert!(errors.contains("did not confirm"), "{errors}");
        assert_eq!(exchanges(&stage), 0, "the code was never used");
        assert!(!world.everything().await.contains("victim"));
        // The page that the victim may still have open says so.
        let over = victim.open(&callback).await;
        assert!(over.header("location").unwrap().contains("s=500"));
    }
);

hostile_story!(
    a_link_that_its_own_user_finishes_takes_effect_with_the_confirmation,
    [Play::of("odda")],
    |stage| async move {
        let world = &stage.world;
        strict(&stage).await;
        let ids = stage.fresh().await;
        let mut customer = world.customer();
        let authorization = stage.set_out(&mut customer, &ids).await;
        let callback = stage.tenant().consent(&authorization, "a-1");
        let words = confirmation(&customer.open(&callback).await);
        let confirmed = confirm(&stage, &ids, &words).await.ok();
        assert_eq!(confirmed["statusCode"], 200, "{confirmed}");
        assert_eq!(confirmed["connection"]["status"], "Linked");
        assert_eq!(confirmed["continueUrl"], Value::Null);
        assert_eq!(exchanges(&stage), 1);
        // Once, and a reload of the platform's answer shows the end.
        assert_eq!(confirm(&stage, &ids, &words).await.status, 409);
        let again = customer.open(&callback).await;
        assert!(again.header("location").unwrap().contains("s=200"));
        assert_eq!(exchanges(&stage), 1);

        // A refusal at the platform needs no confirmation.
        let ids = stage.fresh().await;
        let mut customer = world.customer();
        let authorization = stage.set_out(&mut customer, &ids).await;
        let refused = [("error", "access_denied")];
        let callback = stage.tenant().send_back(&authorization, &refused);
        let answer = customer.open(&callback).await;
        assert!(answer.header("location").unwrap().contains("s=403"));

        // Without it, links take effect at once.
        set_strict(&stage, false).await.ok();
        let ids = stage.fresh().await;
        let answer = stage.come_back(&ids, "a-2").await;
        assert!(answer.header("location").unwrap().contains("s=200"));
    }
);
