//! Companies, connections and tokens of other services into an installation that is in use.
//!
//! The file is read to its end and everything that is wrong is told before anything is changed. Each thing is skipped where it is
//! there already, so that a run that was killed is simply begun again; tokens are never put over those that a connection has,
//! since ours may have been renewed meanwhile. No platform is asked anything.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use connectors::{Integration, TokenSet};

use super::lines::{self, Item};
use super::{MOST_PROBLEMS, Problem, Progress};
use crate::app::App;
use crate::{
    connecting,
    credentials::{self, oauth_clients},
    events,
};
use store::model::connection::{Change, transition};
use store::model::{
    Actor, ClientId, CompanyId, ConnectionId, ConnectionStatus, EventType, SourceType,
};
use store::{StoreError, Tx, companies, connections};

/// Things written in one transaction.
const BATCH: usize = 200;

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the file can't be read: {0}")]
    File(#[from] std::io::Error),
    /// What is wrong with it, line by line; nothing was written.
    #[error("the file can't be imported; nothing was changed")]
    Problems(Vec<Problem>),
    /// Something changed between the check and the writing.
    #[error(
        "line {line}: {message}; what stands before it was imported, and running the import again goes on from there"
    )]
    Raced { line: u64, message: String },
}

/// How many of a kind are new, and how many are there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub new: u64,
    pub there: u64,
}

/// What an import would do, or did.
#[derive(Debug, Default)]
pub struct Report {
    pub companies: Tally,
    pub connections: Tally,
    pub tokens: Tally,
    /// What works and yet deserves a look.
    pub warnings: Vec<Problem>,
}

/// Which of our integrations is meant by the other service's names.
pub type Names = BTreeMap<String, String>;

/// Checks the file and, unless it is a dry run, imports it for the client.
pub async fn run(
    app: &App,
    client: ClientId,
    file: &Path,
    names: &Names,
    dry_run: bool,
    progress: &impl Progress,
) -> Result<Report, ImportError> {
    let bytes = std::fs::metadata(file)?.len();
    progress.begin("bytes checked", bytes);
    let mut check = Check {
        app,
        client,
        names,
        report: Report::default(),
        problems: Vec::new(),
        companies: HashMap::new(),
        connections: HashMap::new(),
        tokens: HashMap::new(),
        unconfigured: BTreeSet::new(),
    };
    let mut lines = Lines::open(file)?;
    while let Some((line, text)) = lines.next()? {
        progress.step(text.len() as u64 + 1);
        match lines::read(client, &text) {
            Ok(items) => {
                for item in items {
                    check.item(line, item).await?;
                }
            }
            Err(message) => check.problem(line, message),
        }
        if check.problems.len() >= MOST_PROBLEMS {
            break;
        }
    }
    progress.end();
    check.together().await?;
    if !check.problems.is_empty() {
        check.problems.sort_by_key(|problem| problem.line);
        return Err(ImportError::Problems(check.problems));
    }
    check.report.warnings.sort_by_key(|warning| warning.line);
    if !dry_run {
        let with_tokens = check.tokens.keys().copied().collect();
        let report = &check.report;
        let total = [report.companies, report.connections, report.tokens];
        progress.begin("imported", total.iter().map(|of| of.new + of.there).sum());
        // What others refer to comes first, wherever it stands in the file.
        for turn in [Turn::Companies, Turn::Connections, Turn::Tokens] {
            let writing = Writing {
                app,
                client,
                names,
                with_tokens: &with_tokens,
            };
            writing.turn(file, turn, progress).await?;
        }
        progress.end();
    }
    Ok(check.report)
}

/// The lines that say something, with their numbers.
struct Lines {
    reader: BufReader<File>,
    number: u64,
}

impl Lines {
    fn open(file: &Path) -> std::io::Result<Self> {
        Ok(Self {
            reader: BufReader::with_capacity(1 << 20, File::open(file)?),
            number: 0,
        })
    }

    fn next(&mut self) -> std::io::Result<Option<(u64, String)>> {
        loop {
            let mut bytes = Vec::new();
            if self.reader.read_until(b'\n', &mut bytes)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            // What is no UTF-8 is no JSON either, and is told so with its line.
            let text = String::from_utf8_lossy(&bytes);
            let text = text.trim_start_matches('\u{feff}').trim();
            if !text.is_empty() {
                return Ok(Some((self.number, text.to_owned())));
            }
        }
    }
}

fn integration<'a>(app: &'a App, names: &Names, platform: &str) -> Option<&'a Arc<Integration>> {
    let key = names.get(platform).map_or(platform, String::as_str);
    app.catalogue.get(key)
}

struct Seen {
    line: u64,
    name: String,
}

struct SeenConnection {
    line: u64,
    company: CompanyId,
    accounting: bool,
    status: ConnectionStatus,
}

struct Check<'a> {
    app: &'a App,
    client: ClientId,
    names: &'a Names,
    report: Report,
    problems: Vec<Problem>,
    companies: HashMap<CompanyId, Seen>,
    connections: HashMap<ConnectionId, SeenConnection>,
    tokens: HashMap<ConnectionId, (u64, CompanyId)>,
    unconfigured: BTreeSet<String>,
}

impl Check<'_> {
    fn problem(&mut self, line: u64, message: impl Into<String>) {
        let message = message.into();
        self.problems.push(Problem { line, message });
    }

    fn warn(&mut self, line: u64, message: impl Into<String>) {
        let message = message.into();
        self.report.warnings.push(Problem { line, message });
    }

    async fn item(&mut self, line: u64, item: Item) -> Result<(), StoreError> {
        match item {
            Item::Company(company) => self.company(line, company).await,
            Item::Connection(connection) => self.connection(line, connection).await,
            Item::Tokens(tokens) => self.tokens(line, tokens).await,
        }
    }

    async fn company(&mut self, line: u64, company: lines::Company) -> Result<(), StoreError> {
        let id = company.id;
        if let Some(before) = self.companies.get(&id) {
            // Several connections of Nango's may be one company's.
            if before.name != company.name {
                let first = before.line;
                self.problem(
                    line,
                    format!("company {id} stands on line {first}, with another name"),
                );
            }
            return Ok(());
        }
        match companies::owner(&self.app.db, id).await? {
            None => self.report.companies.new += 1,
            Some(owner) if owner == self.client => self.report.companies.there += 1,
            Some(_) => self.problem(line, format!("company {id} is another client's")),
        }
        let name = company.name;
        self.companies.insert(id, Seen { line, name });
        Ok(())
    }

    async fn connection(
        &mut self,
        line: u64,
        connection: lines::Connection,
    ) -> Result<(), StoreError> {
        let id = connection.id;
        if let Some(before) = self.connections.get(&id) {
            let first = before.line;
            self.problem(
                line,
                format!("connection {id} stands on line {first} already"),
            );
            return Ok(());
        }
        let Some(integration) = integration(self.app, self.names, &connection.platform) else {
            let platform = &connection.platform;
            let message = format!(
                "there is no integration '{platform}' here; say which of ours it is with --map {platform}=KEY (moorline \
                 integrations list shows them)"
            );
            self.problem(line, message);
            return Ok(());
        };
        let (key, accounting) = (
            integration.key().to_owned(),
            integration.source_type().as_str() == SourceType::Accounting.as_str(),
        );
        let configured = oauth_clients::credentials(self.app, self.client, integration).await?;
        if configured.is_none() && self.unconfigured.insert(key.clone()) {
            let message = format!(
                "{key} has no OAuth client yet: tokens can't be renewed until `moorline integrations configure {key}`"
            );
            self.warn(line, message);
        }
        match connections::find(&self.app.db, id).await? {
            None => self.report.connections.new += 1,
            Some(known)
                if known.company_id == connection.company && known.client_id == self.client =>
            {
                self.report.connections.there += 1;
            }
            Some(_) => self.problem(line, format!("connection {id} is another company's")),
        }
        let seen = SeenConnection {
            line,
            company: connection.company,
            accounting,
            status: connection.status,
        };
        self.connections.insert(id, seen);
        Ok(())
    }

    async fn tokens(&mut self, line: u64, tokens: lines::Tokens) -> Result<(), StoreError> {
        let id = tokens.connection;
        if let Some((first, _)) = self.tokens.get(&id) {
            let message = format!("the tokens of connection {id} stand on line {first} already");
            self.problem(line, message);
            return Ok(());
        }
        if store::credentials::get(&self.app.db, id).await?.is_some() {
            self.report.tokens.there += 1;
        } else {
            self.report.tokens.new += 1;
        }
        let now = self.app.clock.now();
        if tokens.refresh.is_none() && tokens.expires.is_some_and(|expires| expires <= now) {
            let message = format!(
                "the access token of connection {id} has expired, and there is no refresh token: its customer will have to \
                 authorise again"
            );
            self.warn(line, message);
        }
        self.tokens.insert(id, (line, tokens.company));
        Ok(())
    }

    /// What only the whole file can tell.
    async fn together(&mut self) -> Result<(), StoreError> {
        let db = &self.app.db;
        let mut problems = Vec::new();
        let mut problem = |line, message| problems.push(Problem { line, message });
        for (id, seen) in &self.connections {
            let company = seen.company;
            let known = self.companies.contains_key(&company)
                || companies::owner(db, company).await? == Some(self.client);
            if !known {
                let message = format!("connection {id} is of company {company}, which isn't there");
                problem(seen.line, message);
            }
        }
        let mut accounting: HashMap<CompanyId, u64> = HashMap::new();
        let mut in_order: Vec<_> = self.tokens.iter().collect();
        in_order.sort_by_key(|(_, (line, _))| *line);
        for (id, (line, company)) in in_order {
            let (owner, is_accounting, status) = match self.connections.get(id) {
                Some(seen) => (seen.company, seen.accounting, seen.status),
                None => match connections::find(db, *id).await? {
                    Some(known) if known.client_id == self.client => (
                        known.company_id,
                        known.source_type == SourceType::Accounting,
                        known.status,
                    ),
                    _ => {
                        problem(*line, format!("there is no connection {id}"));
                        continue;
                    }
                },
            };
            if owner != *company {
                problem(*line, format!("connection {id} is another company's"));
            }
            if status == ConnectionStatus::Unlinked {
                let message = format!(
                    "connection {id} is Unlinked: somebody withdrew the consent, so that its tokens are not taken"
                );
                problem(*line, message);
            }
            if !is_accounting {
                continue;
            }
            if let Some(first) = accounting.insert(owner, *line) {
                let message = format!(
                    "company {owner} would have a second accounting connection; the first has its tokens on line {first}"
                );
                problem(*line, message);
            }
            for other in connections::of_companies(db, &[owner]).await? {
                if other.id != *id
                    && other.source_type == SourceType::Accounting
                    && other.status == ConnectionStatus::Linked
                {
                    let message = format!(
                        "company {owner} would have a second accounting connection beside {}",
                        other.id
                    );
                    problem(*line, message);
                }
            }
        }
        let mut warnings = Vec::new();
        for (id, seen) in &self.connections {
            if seen.status == ConnectionStatus::Linked && !self.tokens.contains_key(id) {
                warnings.push((
                    seen.line,
                    format!("connection {id} comes without tokens: its customer will have to authorise again"),
                ));
            }
        }
        self.problems.extend(problems);
        for (line, message) in warnings {
            self.warn(line, message);
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Companies,
    Connections,
    Tokens,
}

struct Writing<'a> {
    app: &'a App,
    client: ClientId,
    names: &'a Names,
    with_tokens: &'a BTreeSet<ConnectionId>,
}

impl Writing<'_> {
    async fn turn(
        &self,
        file: &Path,
        turn: Turn,
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
                let own = items.into_iter().filter(|item| turn.is_of(item));
                batch.extend(own.map(|item| (line, item)));
            }
            if batch.is_empty() || (batch.len() < BATCH && !last) {
                if last {
                    return Ok(());
                }
                continue;
            }
            let mut tx = self.app.db.write().await?;
            let done = batch.len() as u64;
            // In the order of their ids, before anything is written: others hold one company's lock and wait for the client's count.
            let companies: BTreeSet<CompanyId> =
                batch.iter().map(|(_, item)| item.company()).collect();
            for company in companies {
                connections::lock_company(&mut tx, company).await?;
            }
            for (line, item) in batch.drain(..) {
                self.write(&mut tx, item)
                    .await
                    .map_err(|error| match error {
                        StoreError::Conflict => ImportError::Raced {
                            line,
                            message: "another change came in between".to_owned(),
                        },
                        error => error.into(),
                    })?;
            }
            tx.commit().await?;
            progress.step(done);
        }
    }

    async fn write(&self, tx: &mut Tx, item: Item) -> Result<(), StoreError> {
        match item {
            Item::Company(company) => self.company(tx, company).await,
            Item::Connection(connection) => self.connection(tx, connection).await,
            Item::Tokens(tokens) => self.tokens(tx, tokens).await,
        }
    }

    async fn company(&self, tx: &mut Tx, line: lines::Company) -> Result<(), StoreError> {
        if companies::find_in(tx, line.id).await?.is_some() {
            return Ok(());
        }
        let now = self.app.clock.now();
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
        companies::insert(tx, &company, &line.tags).await?;
        let kind = EventType::CompanyCreated;
        events::of_company(tx, &company, kind, Actor::Client, now).await
    }

    async fn connection(&self, tx: &mut Tx, line: lines::Connection) -> Result<(), StoreError> {
        if connections::find_in(tx, line.id).await?.is_some() {
            return Ok(());
        }
        let Some(integration) = integration(self.app, self.names, &line.platform) else {
            return Err(StoreError::Corrupt(format!(
                "no integration {}",
                line.platform
            )));
        };
        let now = self.app.clock.now();
        let mut connection = connections::Connection {
            id: line.id,
            account_name: line.account,
            created: line.created.unwrap_or(now),
            ..connecting::unauthorised(self.client, line.company, integration, now)
        };
        connections::insert(tx, &connection).await?;
        let kind = EventType::ConnectionCreated;
        let reason = Some("Imported.");
        events::of_connection(tx, &connection, kind, None, Actor::Client, reason, now).await?;
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
        connections::set_status(tx, line.id, from, status, attention).await?;
        let variables = "{}";
        let account = connection.account_name.clone();
        connections::set_authorized(
            tx,
            line.id,
            None,
            account.as_deref(),
            variables,
            connection.created,
        )
        .await?;
        connection.status = status;
        let kind = EventType::ConnectionDisconnected;
        let reason = Some("Imported without its tokens.");
        events::of_connection(
            tx,
            &connection,
            kind,
            Some(from),
            Actor::Client,
            reason,
            now,
        )
        .await
    }

    async fn tokens(&self, tx: &mut Tx, line: lines::Tokens) -> Result<(), StoreError> {
        let Some(mut connection) = connections::find_in(tx, line.connection).await? else {
            return Err(StoreError::Conflict);
        };
        if store::credentials::is_there(tx, line.connection).await?
            || connection.status == ConnectionStatus::Unlinked
        {
            return Ok(());
        }
        let now = self.app.clock.now();
        let from = connection.status;
        let to = transition(from, Change::Authorized).map_err(|_| StoreError::Conflict)?;
        if !connections::set_status(tx, line.connection, from, to, None).await? {
            return Err(StoreError::Conflict);
        }
        let variables = serde_json::to_string(&line.variables)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let (account, name) = (
            connection.account_id.clone(),
            connection.account_name.clone(),
        );
        let id = line.connection;
        connections::set_authorized(tx, id, account.as_deref(), name.as_deref(), &variables, now)
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
        credentials::keep(self.app, tx, &connection, &granted).await?;
        connection.status = to;
        let kind = match from {
            ConnectionStatus::PendingAuth => EventType::ConnectionConnected,
            _ => EventType::ConnectionReconnected,
        };
        let reason = Some("Imported with its tokens.");
        events::of_connection(
            tx,
            &connection,
            kind,
            Some(from),
            Actor::Client,
            reason,
            now,
        )
        .await
    }
}

impl Turn {
    fn is_of(self, item: &Item) -> bool {
        matches!(
            (self, item),
            (Self::Companies, Item::Company(_))
                | (Self::Connections, Item::Connection(_))
                | (Self::Tokens, Item::Tokens(_))
        )
    }
}
