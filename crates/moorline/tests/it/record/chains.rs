//! The chain: whatever is done to it in the database is found, and what is done at once makes one chain.

use std::process::Output;

use egress::{Door, Policy};
use futures_util::future::join_all;
use http::Method;
use platform::app::config::Config;
use platform::consents::verify::{Kept, verify};
use platform::credentials::vault::rotation;
use serde_json::json;

use crate::credentials::held_grants::grants;
use crate::harness::command_line::{self, assert_prints};
use crate::harness::{Node, World, story};

const BUSINESS: &str = "lindqvist-snickeri";

/// The faults of the first client's chain, as the command prints them.
async fn faults(world: &World, kept: Option<&Kept>) -> Vec<String> {
    let report = verify(&world.app, world.first_client().await, kept).await;
    let faults = report.unwrap().faults;
    faults.iter().map(ToString::to_string).collect()
}

async fn head(world: &World) -> Kept {
    let report = verify(&world.app, world.first_client().await, None).await;
    report.unwrap().head.unwrap()
}

/// A client with a consent that was given, renewed and ended, and with one that is in force.
async fn some_history(world: &World) -> (String, String) {
    let (company, connection) = world.linked("mqjo", BUSINESS).await;
    let path = format!("/companies/{company}/connections/{connection}");
    let found = world.get(&path).await.ok();
    world
        .customer()
        .link(found["linkUrl"].as_str().unwrap(), BUSINESS)
        .await;
    world.disconnect(&path).await;
    // The ends of its grants are entries, too, which no later look is to be surprised by.
    world
        .until("the grants have ended", || async {
            let held = grants(world, &company, &connection).await;
            held.iter()
                .all(|grant| grant["ended"].is_string())
                .then_some(())
        })
        .await;
    world.linked("qhnd", BUSINESS).await
}

/// Does one thing to the database, and expects the words among the faults.
macro_rules! found {
    ($name:ident, $sql:expr, $words:literal) => {
        story!($name, |world| async move {
            some_history(&world).await;
            assert_eq!(faults(&world, None).await, Vec::<String>::new());
            world.tamper($sql).await;
            world.grants_may_differ("the database was altered");
            let found = faults(&world, None).await;
            assert!(
                found.iter().any(|fault| fault.contains($words)),
                "no \"{}\" in {found:#?}",
                $words
            );
        });
    };
}

found!(
    an_edited_body_is_found,
    &[
        "update record_entry set body = replace(body, 'Harbour', 'Harbor') where kind = 'consent.given'"
    ],
    "its body was altered"
);
found!(
    an_edited_time_is_found,
    &[
        "update record_entry set at = (select min(at) from record_entry), actor = 'customer' where kind = 'consent.revoked'"
    ],
    "it was altered"
);
found!(
    an_entry_that_is_deleted_is_found,
    &["delete from record_entry where kind = 'consent.renewed'"],
    "is missing"
);
found!(
    an_entry_whose_followers_were_moved_up_is_found,
    &[
        "delete from record_entry where kind = 'consent.revoked'",
        // Into the place that is free now.
        "update record_entry set seq = (select min(one.seq) + 1 from record_entry one
             where not exists (select 1 from record_entry other where other.seq = one.seq + 1))
         where seq = (select max(seq) from record_entry)",
        "update record_head set seq = (select max(seq) from record_entry)",
    ],
    "moved to another place"
);
found!(
    two_entries_in_each_others_place_are_found,
    &[
        "update record_entry set seq = -seq where kind in ('consent.renewed', 'consent.revoked')",
        // Others may stand between the two.
        "update record_entry set seq = seq - (select sum(of_the_two.seq) from record_entry of_the_two where of_the_two.seq < 0)
         where seq < 0",
    ],
    "moved to another place"
);
found!(
    a_cut_tail_is_found,
    &["delete from record_entry where seq = (select max(seq) from record_entry)"],
    "the chain was cut"
);
found!(
    a_cut_tail_with_its_head_set_back_is_found,
    &[
        "delete from record_entry where seq = (select max(seq) from record_entry)",
        "update record_head set seq = seq - 1,
             hash = (select hash from record_entry order by seq desc limit 1)",
    ],
    "(table record_head) was altered"
);
found!(
    a_whole_chain_that_is_gone_is_found_by_what_lives,
    &[
        "delete from record_entry",
        "delete from record_head",
        "delete from consent"
    ],
    "is Linked, and no entry gives a consent for it"
);
found!(
    a_body_that_is_gone_without_an_entry_is_found,
    &["update record_entry set body = null where kind = 'consent.given'"],
    "no entry says that it was erased"
);
found!(
    a_listed_consent_that_its_entries_contradict_is_found,
    &["update consent set state = 'withdrawn' where state = 'revoked'"],
    "listed otherwise than its entries say"
);
found!(
    a_connection_that_was_linked_in_the_database_is_found,
    &["update connection set status = 'Linked' where status = 'Unlinked'"],
    "no entry gives a consent for it"
);

story!(
    a_record_that_was_altered_is_not_built_upon_in_silence,
    |world| async move {
        let (company, connection) = some_history(&world).await;
        world
            .tamper(&[
                "delete from record_entry where seq = (select max(seq) from record_entry)",
                "update record_head set seq = seq - 1,
                     hash = (select hash from record_entry order by seq desc limit 1)",
            ])
            .await;
        world
            .disconnect(&format!("/companies/{company}/connections/{connection}"))
            .await;
        let found = faults(&world, None).await;
        let told = |words: &str| found.iter().any(|fault| fault.contains(words));
        assert!(told("the end of the chain had been altered"), "{found:#?}");
    }
);

story!(
    a_database_that_was_set_back_is_found_by_a_head_kept_elsewhere,
    |world| async move {
        world.linked("mqjo", BUSINESS).await;
        let before = head(&world).await;
        world.linked("qhnd", BUSINESS).await;
        let kept = head(&world).await;
        assert_eq!(faults(&world, Some(&before)).await, Vec::<String>::new());
        assert_eq!(faults(&world, Some(&kept)).await, Vec::<String>::new());
        let other = Kept {
            hash: "0".repeat(64),
            ..before.clone()
        };
        let found = faults(&world, Some(&other)).await;
        assert!(found[0].contains("another one than the head"), "{found:?}");
        let later = Kept {
            seq: kept.seq + 1,
            ..kept
        };
        let found = faults(&world, Some(&later)).await;
        assert!(found[0].contains("is missing"), "{found:?}");
    }
);

story!(
    changes_at_once_on_two_nodes_make_one_chain,
    |world| async move {
        let other = Node::on_database_of(&world).await;
        let mut paths = Vec::new();
        for _ in 0..8 {
            let (company, connection) = world.linked("mqjo", BUSINESS).await;
            paths.push(format!("/companies/{company}/connections/{connection}"));
        }
        let began = head(&world).await.seq;
        let host = format!("localhost:{}", other.port);
        let door = Door::new(Policy {
            allow_private: [host.clone(), world.platform.authority().to_owned()].into(),
            ..Policy::default()
        });
        let answers = join_all(paths.iter().enumerate().map(|(at, path)| {
            let url = match at % 2 {
                0 => path.clone(),
                _ => format!("http://{host}{path}"),
            };
            let (world, door) = (&world, &door);
            async move {
                let authorization = format!("Basic {}", crate::harness::encoded(&world.key));
                let headers = [
                    ("authorization", authorization.as_str()),
                    ("content-type", "application/json"),
                ];
                let body = json!({ "status": "Unlinked" }).to_string().into_bytes();
                world
                    .send_through(door, Method::PATCH, &url, &headers, body)
                    .await
            }
        }))
        .await;
        for answer in &answers {
            answer.ok();
        }
        // Beside the eight withdrawals stand the ends of the grants that have been given back by now.
        assert!(head(&world).await.seq >= began + 8);
        let withdrawn = world.get("/consents?state=revoked").await.ok();
        assert_eq!(withdrawn["totalResults"], 8, "{withdrawn:#}");
        assert_eq!(faults(&world, None).await, Vec::<String>::new());
        other.stop().await;
    }
);

story!(
    a_change_whose_entry_cannot_be_written_does_not_happen,
    |world| async move {
        let (company, connection) = world.linked("mqjo", BUSINESS).await;
        let path = format!("/companies/{company}/connections/{connection}");
        world
            .tamper(&["alter table record_entry rename to record_entry_away"])
            .await;
        let unlinked = Some(json!({ "status": "Unlinked" }));
        world
            .client(Method::PATCH, &path, unlinked)
            .await
            .refused(500);
        assert_eq!(world.status_of(&company, &connection).await, "Linked");
        world
            .tamper(&["alter table record_entry_away rename to record_entry"])
            .await;
        world.disconnect(&path).await;
        assert_eq!(faults(&world, None).await, Vec::<String>::new());
    }
);

/// Runs the program on the world's database.
fn moorline(world: &World, arguments: &[&str]) -> Output {
    let config: &Config = &world.app.config;
    let folder = config.key_file.parent().unwrap();
    command_line::moorline(folder, arguments)
        .env("MOORLINE_DATABASE_URL", &config.database_url)
        .env("MOORLINE_KEY_FILE", &config.key_file)
        .output()
        .unwrap()
}

story!(
    the_command_verifies_a_chain_and_says_what_is_wrong,
    |world| async move {
        some_history(&world).await;
        let good = moorline(&world, &["consents", "verify"]);
        let told = assert_prints(&good, "all as written. Head ");
        assert!(good.status.success(), "{told}");
        let head = told.split("Head ").nth(1).unwrap().trim();
        let again = moorline(&world, &["consents", "verify", "--head", head]);
        assert!(again.status.success());
        let wrong = moorline(&world, &["consents", "verify", "--head", "42"]);
        assert_prints(&wrong, "is not a head; write it as");
        assert_eq!(wrong.status.code(), Some(1));

        let export = moorline(&world, &["consents", "export"]);
        let text = String::from_utf8(export.stdout).unwrap();
        let last: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        let (seq, hash) = head.split_once(':').unwrap();
        assert_eq!(last["seq"].to_string(), seq);
        assert_eq!(last["hash"], json!(hash));

        world
            .tamper(&["update record_entry set actor = 'platform' where kind = 'consent.renewed'"])
            .await;
        let bad = moorline(&world, &["consents", "verify"]);
        assert_prints(&bad, "it was altered");
        assert_eq!(bad.status.code(), Some(1));
    }
);

/// Seals a chain's end with the record's first key, as who has had that and can write to the database could.
async fn end_with_first_key(world: &World) {
    let client = world.first_client().await;
    let mut tx = world.app.db.write().await.unwrap();
    let last = store::entries::last(&mut tx, client)
        .await
        .unwrap()
        .unwrap();
    let seq = last.seq.to_be_bytes();
    let parts: [&[u8]; 3] = [client.0.as_bytes(), &seq, &last.hash];
    let head = store::entries::Head {
        seq: last.seq,
        seal: world.app.vault.sign("record: head", &parts).to_vec(),
        hash: last.hash.clone(),
    };
    store::entries::set_head(&mut tx, client, &head)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Changes the sealing key, and the record's with it.
async fn change_keys(world: &World) {
    let id = rotation::add(&world.app).await.unwrap();
    let known = world.app.vault.key_id();
    // Nodes note in a moment that they know it.
    world
        .until("the key is active", || async {
            rotation::activate(&world.app, &id).await.ok()
        })
        .await;
    assert_ne!(world.app.vault.key_id(), known);
}

story!(
    who_has_had_an_earlier_key_of_the_record_ends_no_chain_with_it,
    |world| async move {
        let app = &world.app;
        world.company("before").await;
        world.pass(chrono::TimeDelta::hours(1));
        // Another node, which learns of the key only from a chain that has gone on under it.
        let other = match app.config.database_url.starts_with("postgres") {
            true => Some(Node::on_database_of(&world).await),
            false => None,
        };
        some_history(&world).await;
        let before = head(&world).await;
        change_keys(&world).await;
        if let Some(node) = &other {
            moorline::cli::create_client(&node.app, "Meanwhile")
                .await
                .unwrap();
        }
        some_history(&world).await;
        let after = head(&world).await;
        assert!(after.seq > before.seq + 1, "{after} {before}");
        assert_eq!(faults(&world, Some(&before)).await, Vec::<String>::new());
        change_keys(&world).await;
        assert_eq!(faults(&world, Some(&after)).await, Vec::<String>::new());
        if let Some(node) = other {
            node.stop().await;
        }

        // Its last entry is under the newest key, and the end by the first: one that was cut off and sealed anew.
        end_with_first_key(&world).await;
        world.grants_may_differ("the database was altered");
        let found = faults(&world, None).await;
        let is_found = found
            .iter()
            .any(|fault| fault.contains("(table record_head) was altered"));
        assert!(is_found, "{found:#?}");
        // All that was written since the first change of keys is gone, and the end before it is sealed anew.
        world
            .tamper(&["delete from record_entry where seq >= (select min(seq) from record_entry where kind = 'sealingKey.activated')"])
            .await;
        end_with_first_key(&world).await;
        let found = faults(&world, None).await;
        let is_found = found
            .iter()
            .any(|fault| fault.contains("went on under another key"));
        assert!(is_found, "{found:#?}");
    }
);
