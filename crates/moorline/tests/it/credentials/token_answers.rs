//! Answers of token endpoints, as odd as platforms give them.

use chrono::TimeDelta;
use http::Method;
use platform::app::App;
use platform::work::chores_once;
use serde_json::{Value, json};

use crate::harness::hostile::{Asked, Hostile, Play, Reply, access_by, hostile_story};

/// Packs a body as gzip does, in one stored block (RFC 1952, RFC 1951 § 3.2.4).
fn gzipped(body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap();
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    packed.extend(length.to_le_bytes());
    packed.extend((!length).to_le_bytes());
    packed.extend(body);
    packed.extend([0; 8]);
    packed
}

fn as_form(reply: &Reply) -> String {
    let value = reply.value();
    let members = value.as_object().unwrap().iter();
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(members.map(|(name, value)| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            (name, text)
        }))
        .finish()
}

type Dress = fn(&Asked, Reply) -> Reply;

/// A success in other clothes.
const DRESSES: [(&str, Dress); 9] = [
    ("a token_type with a space behind it", |_, reply| {
        with(reply, "token_type", json!("bearer "))
    }),
    ("a token_type of the platform's own", |_, reply| {
        with(reply, "token_type", json!("User Access Token"))
    }),
    ("no token_type", |_, reply| {
        with(reply, "token_type", Value::Null)
    }),
    ("a form", |_, reply| {
        let form = as_form(&reply);
        reply.header("content-type", "text/plain").body(form)
    }),
    ("a byte order mark", |_, reply| {
        let body = [b"\xef\xbb\xbf".as_slice(), &reply.body].concat();
        reply.body(body)
    }),
    ("gzip that was not asked for", |_, reply| {
        let body = gzipped(&reply.body);
        reply.header("content-encoding", "gzip").body(body)
    }),
    ("scopes in an array", |_, reply| {
        with(reply, "scope", json!(["read", "offline_access"]))
    }),
    ("a lifetime as a text", |_, reply| {
        with(reply, "expires_in", json!("1800"))
    }),
    ("no lifetime", |_, reply| {
        with(reply, "expires_in", json!(-1))
    }),
];

/// The same with another member; a token endpoint's refusal stays as it is.
fn with(reply: Reply, member: &str, value: Value) -> Reply {
    if reply.status != 200 {
        return reply;
    }
    reply.changed(|answer| match value {
        Value::Null => drop(answer.as_object_mut().unwrap().remove(member)),
        value => answer[member] = value,
    })
}

const LIVES_BY_MANIFEST: Play = Play {
    client_authentication: "basic-raw",
    auth: "revoke_url = \"${host}/revoke\"\naccess_token_seconds = 1800",
    ..Play::of("odda")
};

hostile_story!(
    an_oddly_dressed_token_answer_is_a_token_answer,
    [LIVES_BY_MANIFEST],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        for (at, (what, dress)) in DRESSES.into_iter().enumerate() {
            tenant.unsteer();
            tenant.dress("token", dress);
            let ids = stage.linked(&format!("a-{at}")).await;
            world.settled(&ids.0).await;
            let before = tenant.renewals();
            world.pass(TimeDelta::minutes(31));
            let pulled = stage.pulled(&ids, "customers").await;
            assert_eq!(pulled["status"], "Complete", "{what}: {pulled}");
            assert_eq!(tenant.renewals() - before, 1, "{what}");
            world.assert_grants_match().await;
        }
        // Raw Basic: the secret has a colon and a plus, and is sent as it is.
        let sent = tenant.asked("token").pop().unwrap().basic().unwrap();
        assert_eq!(sent, "me:a secret: of the platform+");
    }
);

const REFUSES_IN_ITS_OWN_WAY: Play = Play {
    api: r#"token_refused = [
        { status = 403, path = "error", values = ["token_expired"] },
        { status = 200, path = "error.code", values = ["190"] },
    ]"#,
    ..Play::of("odda")
};

hostile_story!(
    an_expired_token_is_known_by_the_answer_that_the_manifest_names,
    [REFUSES_IN_ITS_OWN_WAY],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let ids = stage.synced("a-1").await;
        let answers = [
            Reply::refusal(403, "token_expired"),
            Reply::json(200, &json!({ "error": { "code": 190 } })),
        ];
        for (at, answer) in answers.into_iter().enumerate() {
            tenant.unsteer();
            for path in ["v1/customers", "v1/new-customers"] {
                let answer = answer.clone();
                tenant.dress(path, move |_, reply| match reply.status {
                    401 => answer.clone(),
                    _ => reply,
                });
            }
            world.pass(TimeDelta::minutes(5));
            tenant.expire_tokens();
            let pulled = stage.pulled(&ids, "customers").await;
            assert_eq!(pulled["status"], "Complete", "{pulled}");
            world.pass(TimeDelta::minutes(5));
            tenant.expire_tokens();
            let push = push(&stage, &ids).await;
            assert_eq!(push["status"], "Success", "{push}");
            assert_eq!(tenant.renewals(), 2 * (at + 1));
        }
        // Another 403 is no expired token.
        tenant.unsteer();
        tenant.instead("v1/customers", |_| Some(Reply::refusal(403, "forbidden")));
        let pulled = stage.pulled(&ids, "customers").await;
        assert_eq!(pulled["status"], "PermissionsError", "{pulled}");
        assert_eq!(tenant.renewals(), 4);
        world.assert_grants_match().await;
    }
);

/// Writes a customer, and waits for the end while time passes.
pub(super) async fn push(stage: &Hostile, (company, connection): &(String, String)) -> Value {
    let path = format!(
        "/companies/{company}/connections/{connection}/push/customers?allowSyncOnPushComplete=false"
    );
    let queued = stage
        .world
        .post(&path, json!({ "customerName": "Quay" }))
        .await
        .ok();
    let key = queued["pushOperationKey"].as_str().unwrap();
    let path = format!("/companies/{company}/push/{key}");
    stage.ended_at(&path, "completedOnUtc").await
}

fn wrapped(asked: &Asked, reply: Reply) -> Reply {
    if asked.is_renewal() && reply.status == 200 {
        let whole = reply.value();
        return reply.body(json!({ "data": whole }).to_string());
    }
    reply
}

hostile_story!(
    a_rotated_token_in_an_answer_that_cannot_be_read_waits_for_a_manifest_that_can,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let ids = stage.synced("a-1").await;
        tenant.dress("token", wrapped);
        world.pass(TimeDelta::minutes(31));
        assert!(stage.access(&ids).await.is_err());
        // The spent token isn't sent again: that would end the grant.
        for _ in 0..6 {
            world.pass(TimeDelta::minutes(20));
            chores_once(&world.app).await.unwrap();
            assert!(stage.access(&ids).await.is_err());
        }
        assert_eq!(tenant.renewals(), 1);
        assert_eq!(tenant.living(), ["a-1"]);
        assert_eq!(world.status_of(&ids.0, &ids.1).await, "Linked");
        let everything = world.everything().await;
        assert!(!everything.contains("canary"), "everything is sealed");
        assert!(everything.contains("has no access_token"), "{everything}");
        let failing = world
            .event_payloads(&ids.0, "connection.tokenRefresh.failing")
            .await;
        assert_eq!(failing.len(), 1, "{failing:?}");
        assert!(
            failing[0].to_string().contains("can't be read"),
            "{failing:?}"
        );
        assert!(
            world
                .app
                .metrics
                .text()
                .contains("moorline_unread_answers 1")
        );

        // A corrected manifest, read by a program that starts anew.
        let corrected = Play {
            auth: "revoke_url = \"${host}/revoke\"\ntoken_answer = \"data\"",
            ..Play::of("odda")
        };
        corrected.write(&stage.folder.path().join("odda"));
        let anew = App::start(world.app.config.clone(), world.clock.clone())
            .await
            .unwrap();
        world.pass(TimeDelta::minutes(20));
        access_by(&anew, &ids.1).await.unwrap();
        // One renewal with the token of the kept answer, whose own access token had ended meanwhile.
        assert_eq!(tenant.renewals(), 2);
        assert_eq!(tenant.living(), ["a-1"]);
        let recovered = "connection.tokenRefresh.recovered";
        assert_eq!(world.event_payloads(&ids.0, recovered).await.len(), 1);
        world.assert_grants_match().await;
        anew.db.close().await;
    }
);

hostile_story!(
    a_page_in_place_of_a_renewal_is_no_lost_token_and_the_renewal_is_tried_again,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let ids = stage.synced("a-1").await;
        for page in ["<!doctype html><title>Maintenance", "", "null"] {
            tenant.instead("token", move |asked| {
                asked
                    .is_renewal()
                    .then(|| Reply::text(200, "text/html", page))
            });
            world.pass(TimeDelta::minutes(31));
            assert!(stage.access(&ids).await.is_err(), "{page}");
            tenant.unsteer();
            world.pass(TimeDelta::minutes(1));
            stage.access(&ids).await.unwrap();
        }
        world.assert_grants_match().await;
    }
);

hostile_story!(
    an_exchange_whose_answer_cannot_be_read_fails_and_says_so,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let ids = stage.fresh().await;
        tenant.dress("token", |_, reply| reply.body("at-canary and rt-canary"));
        let answer = stage.come_back(&ids, "a-1").await;
        let result = answer.header("location").unwrap();
        assert!(result.contains("status=500"), "{result}");
        let shown = stage.shown(&ids).await;
        let error = &shown["dataConnectionErrors"][0];
        let message = error["errorMessage"].as_str().unwrap();
        assert_eq!(error["statusCode"], "502", "{error}");
        assert!(message.contains("can't be read"), "{message}");
        assert!(!message.contains("canary"), "{message}");
        assert_eq!(shown["status"], "PendingAuth");
        // Nothing can be given back without its token: the business ends it at the platform.
        tenant.withdraw("a-1");
        world.assert_grants_match().await;
        tenant.unsteer();
        let answer = stage.come_back(&ids, "a-1").await;
        assert!(answer.header("location").unwrap().contains("status=200"));
        world.assert_grants_match().await;
    }
);

hostile_story!(
    an_answer_that_moorline_lost_is_told_as_lost_whatever_came_in_between,
    [Play::of("odda")],
    |stage| async move {
        let (world, tenant) = (&stage.world, stage.tenant());
        let ids = stage.synced("a-1").await;
        tenant.dress("token", |asked, reply| match asked.is_renewal() {
            true => reply.lost(),
            false => reply,
        });
        world.pass(TimeDelta::minutes(31));
        assert!(stage.access(&ids).await.is_err());
        tenant.unsteer();
        tenant.instead("token", |_| Some(Reply::refusal(503, "busy")));
        world.pass(TimeDelta::minutes(1));
        assert!(stage.access(&ids).await.is_err());
        tenant.unsteer();
        world.pass(TimeDelta::minutes(5));
        assert!(stage.access(&ids).await.is_err());
        let shown = stage.shown(&ids).await;
        assert_eq!(shown["status"], "Deauthorized");
        let error = &shown["dataConnectionErrors"][0];
        assert_eq!(error["statusText"], "Renewal interrupted", "{error}");
        let message = error["errorMessage"].as_str().unwrap();
        assert!(message.contains("did not receive the answer"), "{message}");
        let told = world
            .event_payloads(&ids.0, "connection.disconnected")
            .await;
        assert!(
            !format!("{told:?} {shown}").contains("withdrawn"),
            "{told:?}"
        );
        world.assert_grants_match().await;

        // A grant that its owner ended is told as that.
        let other = stage.synced("a-2").await;
        tenant.withdraw("a-2");
        world.pass(TimeDelta::minutes(31));
        assert!(stage.access(&other).await.is_err());
        let shown = stage.shown(&other).await;
        assert!(shown.to_string().contains("withdrawn"), "{shown}");
        let path = format!("/companies/{}/connections/{}", other.0, other.1);
        world.client(Method::DELETE, &path, None).await.ok();
        world.assert_grants_match().await;
    }
);
