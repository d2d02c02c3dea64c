//! The accounts that a grant leads to, for platforms that take back everything of an account.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use connectors::Access;

use super::super::holding::Account;
use super::{Giving, Outcome, words};
use crate::change::Change;
use store::StoreError;
use store::held::{self, Answer};
use store::model::{Actor, GrantState};

/// The pause until a link that is under way has come to something.
pub(super) const LINKING: TimeDelta = TimeDelta::seconds(15);
/// The longest that a link is taken to be under way.
pub(super) const LONGEST_LINK: TimeDelta = TimeDelta::minutes(5);

impl Giving<'_> {
    /// For a platform that takes back everything of an account: the values of the accounts that no connection uses. If all are in use,
    /// or it isn't known whose they are, that is the outcome.
    pub(super) async fn accounts(
        &mut self,
    ) -> Result<Result<Vec<BTreeMap<String, String>>, Outcome>, StoreError> {
        let (db, held) = (&self.app.db, self.held);
        let (client, key) = (held.client_id, held.integration_key.as_str());
        // Their accounts are still in use to whoever looks: what is given back now would leave those out for good.
        if store::connections::is_shared(db, held.id).await? {
            return Ok(Err(Outcome::Waits {
                words: "the connections that shared it are being told that it has ended".into(),
                pause: LINKING,
            }));
        }
        let since = self.app.clock.now() - LONGEST_LINK;
        if held::link_is_under_way(db, client, key, since, (held.id, held.connection_id)).await? {
            return Ok(Err(Outcome::Waits {
                words: "a customer is just being linked to the platform".into(),
                pause: LINKING,
            }));
        }
        let mut known: Vec<Account> = serde_json::from_str(&held.accounts).unwrap_or_default();
        if let (true, Some(id)) = (known.is_empty(), &held.account_id) {
            known.push(Account {
                id: id.clone(),
                name: held.account_name.clone(),
                variables: self.own_variables(),
            });
        }
        if known.is_empty() {
            if !held::account_is_in_use(db, client, key, None).await? {
                return Ok(Ok(vec![self.own_variables()]));
            }
            match self.learn_accounts().await? {
                Ok(accounts) => known = accounts,
                Err(outcome) => return Ok(Err(outcome)),
            }
        }
        let mut free = Vec::new();
        for account in known {
            if !held::account_is_in_use(db, client, key, Some(&account.id)).await? {
                free.push(account.variables);
            }
        }
        if free.is_empty() {
            let answer = Answer::default();
            return Ok(Err(Outcome::Ended(GrantState::Superseded, answer)));
        }
        Ok(Ok(free))
    }

    /// Asks the platform whose grant it is.
    async fn learn_accounts(&mut self) -> Result<Result<Vec<Account>, Outcome>, StoreError> {
        if self.is_stale
            && let Err(outcome) = self.renew().await?
        {
            return Ok(Err(outcome));
        }
        let variables = self.own_variables();
        let access = Access {
            token: &self.access,
            variables: &variables,
        };
        let found = match self.integration.identities(&self.app.door, &access).await {
            Ok(found) => found,
            Err(error) => {
                return Ok(Err(Outcome::NotYet {
                    answer: words(format!("it isn't known whose account it is: {error}")),
                    retry_after: None,
                    clients_fault: false,
                    failure: None,
                }));
            }
        };
        let accounts: Vec<Account> = found
            .into_iter()
            .map(|identity| Account {
                id: identity.id,
                name: identity.company_name,
                variables: variables
                    .clone()
                    .into_iter()
                    .chain(identity.variables)
                    .collect(),
            })
            .collect();
        let mut change = Change::begin(self.app, Actor::Platform).await?;
        let list = serde_json::json!(accounts).to_string();
        held::set_accounts(&mut change, self.held.id, &list, &self.held.variables).await?;
        if let [one] = accounts.as_slice() {
            let variables = serde_json::json!(one.variables).to_string();
            let name = one.name.as_deref();
            held::set_account(&mut change, self.held.id, &one.id, name, &variables).await?;
        }
        change.commit().await?;
        Ok(Ok(accounts))
    }
}
