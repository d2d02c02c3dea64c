//! The applications that may request access.

use std::io;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use url::Url;

use super::{State, TokenHash, hash};
use crate::config::{Client, Product};

/// A client as stored: its secret only as a hash.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Registered {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) product: Product,
    pub(crate) redirect_uris: Vec<Url>,
    secret_hash: TokenHash,
}

impl From<&Client> for Registered {
    fn from(client: &Client) -> Self {
        Self {
            id: client.id.clone(),
            name: client.name.clone(),
            product: client.product,
            redirect_uris: client.redirect_uris.clone(),
            secret_hash: hash(&client.secret),
        }
    }
}

impl Registered {
    /// Takes the same time for every wrong secret.
    pub(crate) fn secret_is(&self, secret: &str) -> bool {
        hash(secret)
            .as_bytes()
            .ct_eq(self.secret_hash.as_bytes())
            .into()
    }
}

impl State {
    pub(crate) fn client(&self, id: &str) -> Option<Registered> {
        let memory = self.memory();
        memory
            .configured
            .get(id)
            .or_else(|| memory.saved.clients.get(id))
            .cloned()
    }

    /// Every client, by id.
    pub(crate) fn clients(&self) -> Vec<Registered> {
        let memory = self.memory();
        let mut clients: Vec<_> = memory
            .configured
            .values()
            .chain(memory.saved.clients.values())
            .cloned()
            .collect();
        clients.sort_by(|a, b| a.id.cmp(&b.id));
        clients
    }

    /// Adds a client or replaces one registered before; `false` if the id is taken by a configured one.
    pub(crate) async fn register(&self, client: &Client) -> io::Result<bool> {
        {
            let mut memory = self.memory();
            if memory.configured.contains_key(&client.id) {
                return Ok(false);
            }
            memory
                .saved
                .clients
                .insert(client.id.clone(), Registered::from(client));
            memory.revision += 1;
        }
        self.save().await?;
        Ok(true)
    }

    /// Removes a client registered at run time and revokes its grants.
    pub(crate) async fn unregister(&self, id: &str) -> io::Result<bool> {
        {
            let now = self.now();
            let mut memory = self.memory();
            if memory.saved.clients.remove(id).is_none() {
                return Ok(false);
            }
            memory.revoke_all_of(id, now);
            memory.revision += 1;
        }
        self.save().await?;
        Ok(true)
    }
}
