//! The one check at the end of every story: each grant that lives at a platform is a connection that is Linked, and each
//! connection that is Linked has a living grant. [`World::end`] makes it; a story that ends otherwise on purpose says why.

use std::sync::Arc;

use http::Method;
use uuid::Uuid;

use super::World;
use store::model::ConnectionStatus;

/// The keys of the sandbox's integrations, by the products that its grants name.
const SANDBOX: [(&str, &str); 3] = [
    ("accounting", "mqjo"),
    ("commerce", "aiwb"),
    ("banking", "qhnd"),
];

/// A platform's list of the accounts of its living grants.
pub type Living = Arc<dyn Fn() -> Vec<String> + Send + Sync>;

impl World {
    /// Includes another platform's grants in [`World::assert_grants_match`].
    pub fn watch_grants(&self, key: &str, living: Living) {
        let mut further = self.further_grants.lock().unwrap();
        further.push((key.to_owned(), living));
    }

    /// Excuses this story from the check at its end.
    pub fn grants_may_differ(&self, why: &'static str) {
        *self.grants_may_differ.lock().unwrap() = Some(why);
    }

    /// Waits until the living grants at all platforms are the connections that are Linked, account by account: grants are given
    /// back by jobs. Fails with both lists if that doesn't come about.
    pub async fn assert_grants_match(&self) {
        let began = std::time::Instant::now();
        loop {
            let (living, linked) = (self.living_grants().await, self.linked_accounts().await);
            if living == linked {
                return;
            }
            assert!(
                began.elapsed() < std::time::Duration::from_secs(30),
                "grants that live at the platforms: {living:?}\nconnections that are Linked: {linked:?}"
            );
            // A platform that didn't answer in time is asked again after a pause.
            if began.elapsed() > std::time::Duration::from_secs(10) {
                self.clock.advance(chrono::TimeDelta::seconds(2));
            }
            self.app.work.notify_one();
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    async fn living_grants(&self) -> Vec<(String, String)> {
        let grants = self.provider(Method::GET, "grants", None).await;
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let mut living: Vec<(String, String)> = grants
            .as_array()
            .unwrap()
            .iter()
            .filter(|grant| grant["revoked_at"].is_null())
            .map(|grant| {
                let product = text(&grant["product"]);
                let known = SANDBOX.iter().find(|(known, _)| *known == product);
                let (_, key) = known.expect("a product of the sandbox");
                ((*key).to_owned(), text(&grant["business"]))
            })
            .collect();
        let further = self.further_grants.lock().unwrap();
        for (key, list) in further.iter() {
            living.extend(list().into_iter().map(|account| (key.clone(), account)));
        }
        living.sort();
        living
    }

    async fn linked_accounts(&self) -> Vec<(String, String)> {
        let db = &self.app.db;
        // A platform of canned answers keeps no list.
        let mut listed: Vec<String> = SANDBOX.iter().map(|(_, key)| (*key).to_owned()).collect();
        let further = self.further_grants.lock().unwrap().clone();
        listed.extend(further.into_iter().map(|(key, _)| key));
        let mut linked = Vec::new();
        for client in store::clients::list(db).await.unwrap() {
            let companies = store::companies::after(db, client.id, Uuid::nil(), 10_000).await;
            let ids: Vec<_> = companies
                .unwrap()
                .iter()
                .map(|company| company.id)
                .collect();
            let connections = store::connections::of_companies(db, &ids).await.unwrap();
            linked.extend(
                connections
                    .into_iter()
                    .filter(|connection| {
                        connection.status == ConnectionStatus::Linked
                            && listed.contains(&connection.integration_key)
                    })
                    .map(|connection| {
                        let account = connection.account_id.unwrap_or_default();
                        (connection.integration_key, account)
                    }),
            );
        }
        linked.sort();
        linked
    }
}
