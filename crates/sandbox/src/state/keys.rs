//! API keys: access that its owner copies out of the control page, and that no application asks for.

use std::io;

use chrono::TimeDelta;
use uuid::Uuid;

use super::grants::{AccessToken, Grant};
use super::{State, hash, random_token};
use crate::config::Product;
use crate::oauth::scope::Scopes;

/// The name that an API key's grant has in place of an application's.
pub(crate) const API_KEY: &str = "api-key";

/// A key has no end of its own.
const LIFETIME: TimeDelta = TimeDelta::days(36_500);

impl State {
    /// Makes a key that reads a business's data of a product: its grant, by which it is revoked, and the key, which is shown once.
    pub(crate) async fn make_key(
        &self,
        product: Product,
        business: &str,
    ) -> io::Result<(Uuid, String)> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the sandbox shares no code with the rest"
        )]
        let (now, id) = (self.now(), Uuid::new_v4());
        let key = format!("key-{}", random_token());
        let scopes = Scopes::parse(product.scope()).unwrap_or_default();
        let grant = Grant {
            id,
            client_id: API_KEY.to_owned(),
            product,
            business: business.to_owned(),
            email: String::new(),
            subject: String::new(),
            scopes: scopes.clone(),
            signed_in: now,
            created: now,
            last_refreshed: None,
            revoked: None,
            access: vec![AccessToken {
                hash: hash(&key),
                expires: now + LIFETIME,
                scopes,
            }],
            refresh: Vec::new(),
        };
        {
            let mut memory = self.memory();
            memory.owners.insert(hash(&key), id);
            memory.saved.grants.insert(id, grant);
            memory.revision += 1;
        }
        self.save().await?;
        Ok((id, key))
    }
}
