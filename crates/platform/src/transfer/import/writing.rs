//! Writing a file that was checked, a batch in a transaction.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use connectors::TokenSet;

use super::super::Progress;
use super::super::lines::{self, Item};
use super::{ImportError, Lines, Names, integration};
use crate::app::App;
use crate::change::Change;
use crate::connecting;
use crate::credentials::holding::{self, Came, Taken};
use crate::data::pulling;
use crate::events::Event;
use store::model::connection::{self, transition};
use store::model::{Actor, ClientId, CompanyId, ConnectionId, ConnectionStatus, EventType};
use store::{StoreError, companies, connections};

/// Things written in one transaction.
const BATCH: usize = 200;

/// One reading of the file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    Companies,
    Connections,
    Tokens,
}

pub(super) struct Writing<'a> {
    pub(super) app: &'a App,
    pub(super) client: ClientId,
    pub(super) names: &'a Names,
    /// The connections whose tokens are in the file.
    pub(super) with_tokens: &'a BTreeSet<ConnectionId>,
}

impl Writing<'_> {
    /// Writes what isn't there yet. What others refer to comes first, wherever it stands in the file.
    pub(super) async fn run(
        &self,
        file: &Path,
        progress: &impl Progress,
    ) -> Result<(), ImportError> {
        for pass in [Pass::Companies, Pass::Connections, Pass::Tokens] {
            self.pass(file, pass, progress).await?;
        }
        Ok(())
    }

    async fn pass(
        &self,
        file: &Path,
        pass: Pass,
        progress: &impl Progress,
    ) -> Result<(), ImportError> {
        let mut lines = Lines::open(file)?;
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let next = lines.next()?;
            let last = next.is_none();
            if let Some((line, text)) = next {
                let items = lines::read(self.client, &text)
                    .map_err(|message| ImportError::Raced { line, message })?;
                let own = items.into_iter().filter(|item| pass.is_of(item));
                batch.extend(own.map(|item| (line, item)));
            }
            if batch.is_empty() || (batch.len() < BATCH && !last) {
                if last {
                    return Ok(());
                }
                continue;
            }
            let mut change = Change::begin(self.app, Actor::Client).await?;
            let done = batch.len() as u64;
            // In the order of their ids, before anything is written: others hold one company's lock and wait for the client's count.
            let companies: BTreeSet<CompanyId> =
                batch.iter().map(|(_, item)| item.company()).collect();
            for company in companies {
                change.lock(company).await?;
            }
            for (line, item) in batch.drain(..) {
                self.write(&mut change, item)
                    .await
                    .map_err(|error| match error {
                        StoreError::Conflict => ImportError::Raced {
                            line,
                            message: "another change came in between".to_owned(),
                        },
                        error => error.into(),
                    })?;
            }
            change.commit().await?;
            progress.step(done);
        }
    }

    async fn write(&self, change: &mut Change<'_>, item: Item) -> Result<(), StoreError> {
        match item {
            Item::Company(company) => self.company(change, company).await,
            Item::Connection(connection) => self.connection(change, connection).await,
            Item::Tokens(tokens) => self.tokens(change, tokens).await,
        }
    }

    async fn company(
        &self,
        change: &mut Change<'_>,
        line: lines::Company,
    ) -> Result<(), StoreError> {
        if companies::find_in(change, line.id).await?.is_some() {
            return Ok(());
        }
        let now = change.now;
        let company = companies::Company {
            id: line.id,
            client_id: self.client,
            name: line.name,
            description: line.description,
            created: line.created.unwrap_or(now),
            last_sync: None,
            products: "[]".to_owned(),
            parent_id: None,
        };
        companies::insert(change, &company, &line.tags).await?;
        let created = Event::Company(&company, EventType::CompanyCreated);
        change.event(created).await
    }

    async fn connection(
        &self,
        change: &mut Change<'_>,
        line: lines::Connection,
    ) -> Result<(), StoreError> {
        if connections::find_in(change, line.id).await?.is_some() {
            return Ok(());
        }
        let Some(integration) = integration(self.app, self.names, &line.platform) else {
            return Err(StoreError::Corrupt(format!(
                "no integration {}",
                line.platform
            )));
        };
        let now = change.now;
        let mut connection = connections::Connection {
            id: line.id,
            account_name: line.account,
            created: line.created.unwrap_or(now),
            ..connecting::unauthorised(self.client, line.company, integration, now)
        };
        connections::insert(change, &connection).await?;
        change
            .event(Event::Connection {
                connection: &connection,
                kind: EventType::ConnectionCreated,
                from: None,
                reason: Some("Imported."),
            })
            .await?;
        // A consent whose tokens didn't come along can't be used; the customer gives it anew.
        let status = match line.status {
            ConnectionStatus::Linked => ConnectionStatus::Deauthorized,
            other => other,
        };
        if status == ConnectionStatus::PendingAuth || self.with_tokens.contains(&line.id) {
            return Ok(());
        }
        let attention = (status == ConnectionStatus::Deauthorized).then_some((
            "expired",
            "This connection was moved here without its access. Please connect again.",
        ));
        let from = connection.status;
        connections::set_status(change, line.id, from, status, attention).await?;
        let (account, created) = (connection.account_name.as_deref(), connection.created);
        connections::set_authorized(change, line.id, None, account, "{}", created).await?;
        connection.status = status;
        change
            .event(Event::Connection {
                connection: &connection,
                kind: EventType::ConnectionDisconnected,
                from: Some(from),
                reason: Some("Imported without its tokens."),
            })
            .await
    }

    async fn tokens(&self, change: &mut Change<'_>, line: lines::Tokens) -> Result<(), StoreError> {
        let Some(mut connection) = connections::find_in(change, line.connection).await? else {
            return Err(StoreError::Conflict);
        };
        if store::credentials::is_there(change, line.connection).await?
            || connection.status == ConnectionStatus::Unlinked
        {
            return Ok(());
        }
        let now = change.now;
        let from = connection.status;
        let to = transition(from, connection::Transition::Authorized)
            .map_err(|_| StoreError::Conflict)?;
        if !connections::set_status(change, line.connection, from, to, None).await? {
            return Err(StoreError::Conflict);
        }
        let variables = serde_json::to_string(&line.variables)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let (account, name) = (
            connection.account_id.clone(),
            connection.account_name.clone(),
        );
        let id = line.connection;
        connections::set_authorized(
            change,
            id,
            account.as_deref(),
            name.as_deref(),
            &variables,
            now,
        )
        .await?;
        let left = line.expires.map(|expires| (expires - now).to_std());
        let granted = TokenSet {
            access_token: line.access,
            refresh_token: line.refresh,
            expires_in: left.map(|left| left.unwrap_or(Duration::ZERO)),
            expires_at: None,
            refresh_expires_in: None,
            refresh_expires_at: None,
            scope: line.scope,
            id_token: None,
            extra: serde_json::Map::new(),
        };
        let refresh_token = granted.refresh_token.as_ref();
        let fingerprint = refresh_token.map(|token| holding::fingerprint(self.app, id, token));
        let taken = Taken {
            tokens: &granted,
            came: Came::Brought(fingerprint),
            account: account.as_deref(),
            name: name.as_deref(),
            variables: &variables,
        };
        holding::keep(change, &connection, taken).await?;
        pulling::follow(change, id).await?;
        connection.status = to;
        let kind = match from {
            ConnectionStatus::PendingAuth => EventType::ConnectionConnected,
            _ => EventType::ConnectionReconnected,
        };
        change
            .event(Event::Connection {
                connection: &connection,
                kind,
                from: Some(from),
                reason: Some("Imported with its tokens."),
            })
            .await
    }
}

impl Pass {
    fn is_of(self, item: &Item) -> bool {
        matches!(
            (self, item),
            (Self::Companies, Item::Company(_))
                | (Self::Connections, Item::Connection(_))
                | (Self::Tokens, Item::Tokens(_))
        )
    }
}
