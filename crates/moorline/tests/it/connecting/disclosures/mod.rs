//! Disclosures to customers, their agreement, and that nothing goes beyond it.

mod further;
mod people;
mod scopes;
mod told;
mod wording;

use http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use super::every_start_page::{Said, come_back, every_platform, read_only, scopes_of};
use crate::harness::command_line;
use crate::harness::{World, story};

const BUSINESS: &str = "lindqvist-snickeri";
const SETTINGS: &str = "/profile/disclosure";
const REQUIRED: &str = "connection.consent.required";

async fn set(world: &World, settings: Value) {
    world
        .client(Method::PUT, SETTINGS, Some(settings))
        .await
        .ok();
}

fn path_of(company: &str, connection: &str) -> String {
    format!("/companies/{company}/connections/{connection}")
}

/// The company's customer opens the connection's link and agrees to what is asked for now.
async fn agree(world: &World, company: &str, connection: &str) {
    let link = world.get(&path_of(company, connection)).await.ok();
    let link = link["linkUrl"].as_str().unwrap().to_owned();
    world.customer().link(&link, BUSINESS).await;
    world.settled(company).await;
}

/// Requests a pull, and returns it once it has ended.
async fn pull(world: &World, company: &str, data_type: &str) -> Value {
    let queued = world.queue_pull(company, data_type).await;
    world.settled(company).await;
    let path = format!(
        "/companies/{company}/data/history/{}",
        queued["id"].as_str().unwrap()
    );
    world.get(&path).await.ok()
}

async fn until_consent_is_required(world: &World, company: &str, connection: &str) -> Value {
    world
        .until("consent is required", || async {
            let found = world.get(&path_of(company, connection)).await.ok();
            (found["requiresReconsent"] == true).then_some(found)
        })
        .await
}

/// A disclosure without the members that are only words.
fn facts_of(told: &Value) -> Value {
    let mut facts = told.clone();
    for member in ["version", "language", "business", "scopesNote"] {
        facts.as_object_mut().unwrap().remove(member);
    }
    let mut forget = |path: &str, members: &[&str]| {
        let Some(part) = facts.pointer_mut(path) else {
            return;
        };
        let parts = match part {
            Value::Array(items) => items.iter_mut().collect(),
            one => vec![one],
        };
        for part in parts {
            for member in members {
                part.as_object_mut().unwrap().remove(*member);
            }
        }
    };
    forget("/client", &["links"]);
    forget("/client/support", &["url"]);
    forget("/purpose", &["text", "language"]);
    forget("/reads", &["group", "name"]);
    forget("/writes", &["name"]);
    forget("/person", &["name"]);
    forget("/access", &["lasts", "ends"]);
    forget("/stays/words", &["text", "language"]);
    for read in facts["reads"].as_array_mut().unwrap() {
        let history = read["history"].as_object_mut().unwrap();
        history.remove("words");
    }
    facts
}
