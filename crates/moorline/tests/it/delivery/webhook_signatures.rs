//! Signed messages, as receivers' libraries verify them.

use http::Method;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use crate::harness::receiver::{Received, Receiver, subscribe};
use crate::harness::{World, story};

pub(super) async fn secret_of(world: &World, webhook: &str) -> String {
    let answer = world.get(&format!("/webhooks/{webhook}/secret")).await;
    answer.ok()["key"].as_str().unwrap().to_owned()
}

/// Sets the held clock to the real time: other parties' libraries refuse messages that are older than five minutes.
fn follow_real_time(world: &World) {
    world
        .clock
        .advance(store::clock::wall_now() - world.clock.now());
}

story!(
    a_connections_events_reach_the_consumer_signed_complete_and_in_order,
    |world| async move {
        follow_real_time(&world);
        let receiver = Receiver::start().await;
        let webhook = subscribe(&world, &receiver.url, &["*"]).await;
        let (company, connection) = world.synced("mqjo", "lindqvist-snickeri").await;
        let path = format!("/companies/{company}/connections/{connection}");
        receiver.of_kind(&world, "read.completed.initial").await;
        let shown = world.get(&path).await.ok();
        world.disconnect(&path).await;
        world.client(Method::DELETE, &path, None).await.ok();
        world
            .client(Method::DELETE, &format!("/companies/{company}"), None)
            .await
            .ok();
        // In order within the connection; the company's own messages go beside them.
        receiver.of_kind(&world, "connection.deleted").await;
        receiver.of_kind(&world, "company.deleted").await;
        let of_connection: Vec<String> = receiver
            .kinds()
            .into_iter()
            // A grant's end comes when its platform has answered.
            .filter(|kind| !kind.starts_with("company.") && kind != "connection.grant.ended")
            .collect();
        assert_eq!(
            of_connection,
            [
                "connection.created",
                "connection.connected",
                "read.completed.initial",
                "connection.disconnected",
                "connection.deleted"
            ]
        );
        let verifier = Webhook::new(&secret_of(&world, &webhook).await).unwrap();
        for message in receiver.received() {
            verifier.verify(&message.body, &message.headers).unwrap();
            let envelope = message.json();
            assert_eq!(envelope["id"], message.id());
            if envelope["eventType"] == "connection.grant.ended" {
                // It may come when the company has no name any more.
                continue;
            }
            let payload = &envelope["payload"];
            let of_company = payload.get("referenceCompany").unwrap_or(payload);
            assert_eq!(
                (&of_company["id"], &of_company["name"]),
                (&json!(company), &json!("merchant-42"))
            );
        }
        // The event has the connection as the API shows it, with a link that is valid now.
        let mut sent = receiver
            .of_kind(&world, "connection.disconnected")
            .await
            .json()["payload"]["connection"]
            .clone();
        let mut shown = shown;
        let link = sent["linkUrl"].as_str().unwrap().to_owned();
        assert!(
            link.starts_with(&format!(
                "{}companies/{company}/connections/{connection}/start?otp=",
                world.platform
            )),
            "{link}"
        );
        for value in [&mut sent, &mut shown] {
            let value = value.as_object_mut().unwrap();
            value.remove("linkUrl");
            value.remove("status");
        }
        assert_eq!(sent, shown);
        let created = receiver.of_kind(&world, "company.created").await.json();
        assert!(
            created["payload"]["redirect"]
                .as_str()
                .unwrap()
                .contains("link.otp=")
        );
    }
);

story!(
    the_receivers_library_refuses_messages_that_are_altered_or_old,
    |world| async move {
        follow_real_time(&world);
        let receiver = Receiver::start().await;
        let webhook = subscribe(&world, &receiver.url, &["company.created"]).await;
        world.company("merchant-42").await;
        let message = receiver.has(&world, 1).await.remove(0);
        let verifier = Webhook::new(&secret_of(&world, &webhook).await).unwrap();
        verifier.verify(&message.body, &message.headers).unwrap();
        let mut altered = message.body.to_vec();
        altered[10] ^= 1;
        verifier.verify(&altered, &message.headers).unwrap_err();
        for (name, value) in [("webhook-id", "another"), ("webhook-signature", "v1,AAAA")] {
            let mut headers = message.headers.clone();
            headers.insert(name, value.parse().unwrap());
            verifier.verify(&message.body, &headers).unwrap_err();
        }
        let other = Webhook::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        other.verify(&message.body, &message.headers).unwrap_err();
        // Signed rightly, but ten minutes ago.
        world.clock.advance(chrono::TimeDelta::minutes(-10));
        world.company("merchant-43").await;
        let old = receiver.has(&world, 2).await.remove(1);
        assert!(
            verifier
                .verify(&old.body, &old.headers)
                .unwrap_err()
                .to_string()
                .contains("too old")
        );
    }
);

story!(
    messages_verify_throughout_a_rotation_of_the_secret,
    |world| async move {
        follow_real_time(&world);
        let receiver = Receiver::start().await;
        let webhook = subscribe(&world, &receiver.url, &["company.created"]).await;
        let path = format!("/webhooks/{webhook}/secret");
        let first = secret_of(&world, &webhook).await;
        let second = world.post(&format!("{path}/rotate"), json!({})).await.ok()["key"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_ne!(first, second);
        assert_eq!(secret_of(&world, &webhook).await, second);
        let own = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        world
            .post(&format!("{path}/rotate"), json!({ "key": own }))
            .await
            .ok();
        world.company("merchant-42").await;
        let message = receiver.has(&world, 1).await.remove(0);
        for secret in [first.as_str(), &second, own] {
            Webhook::new(secret)
                .unwrap()
                .verify(&message.body, &message.headers)
                .unwrap();
        }
        // A day later the old ones are worth nothing.
        world.clock.advance(chrono::TimeDelta::hours(25));
        let made = world.company("merchant-43").await;
        let message = receiver.has(&world, 2).await.remove(1);
        assert_eq!(message.json()["payload"]["id"], made);
        assert_eq!(message.header("webhook-signature").split(' ').count(), 1);
        let body = message.body.clone();
        let signed = Webhook::new(own)
            .unwrap()
            .sign(
                message.id(),
                message.header("webhook-timestamp").parse().unwrap(),
                &body,
            )
            .unwrap();
        assert_eq!(message.header("webhook-signature"), signed);
        // One that leaked is dropped at once.
        world
            .post(&format!("{path}/rotate"), json!({ "atOnce": true }))
            .await
            .ok();
        world.company("merchant-44").await;
        let message = receiver.has(&world, 3).await.remove(2);
        assert_eq!(message.header("webhook-signature").split(' ').count(), 1);
        assert_ne!(
            message.header("webhook-signature"),
            Webhook::new(own)
                .unwrap()
                .sign(
                    message.id(),
                    message.header("webhook-timestamp").parse().unwrap(),
                    &message.body
                )
                .unwrap()
        );
    }
);

/// Verifies with PyPI's library, in a virtual environment that `cargo xtask test` makes. Skipped, visibly, without one.
fn verify_with_python(lines: &[Value]) -> Option<Vec<String>> {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let Some(python) = std::env::var_os("MOORLINE_TEST_PYTHON") else {
        eprintln!(
            "skipped: MOORLINE_TEST_PYTHON is not set (a Python that has standardwebhooks; cargo xtask test makes one)"
        );
        return None;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/delivery/verify.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    for line in lines {
        writeln!(input, "{line}").unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(str::to_owned).collect())
}

story!(
    pythons_library_accepts_signed_messages_and_refuses_altered_or_old_ones,
    |world| async move {
        follow_real_time(&world);
        let receiver = Receiver::start().await;
        let webhook = subscribe(&world, &receiver.url, &["company.created"]).await;
        world.company("Müller & Söhne").await;
        receiver.has(&world, 1).await;
        world.clock.advance(chrono::TimeDelta::minutes(-10));
        world.company("merchant-43").await;
        let received = receiver.has(&world, 2).await;
        let secret = secret_of(&world, &webhook).await;
        let line = |message: &Received, body: String| {
            let headers: serde_json::Map<String, Value> =
                ["webhook-id", "webhook-timestamp", "webhook-signature"]
                    .iter()
                    .map(|name| ((*name).to_owned(), json!(message.header(name))))
                    .collect();
            json!({ "secret": secret, "headers": headers, "body": body })
        };
        let body = |message: &Received| String::from_utf8(message.body.to_vec()).unwrap();
        let (good, old) = (&received[0], &received[1]);
        let lines = [
            line(good, body(good)),
            line(
                good,
                body(good).replacen("company.created", "company.deleted", 1),
            ),
            line(old, body(old)),
        ];
        if let Some(verdicts) = verify_with_python(&lines) {
            assert_eq!(verdicts[0], "taken");
            assert!(
                verdicts[1].starts_with("refused") && verdicts[2].contains("too old"),
                "{verdicts:?}"
            );
        }
    }
);
