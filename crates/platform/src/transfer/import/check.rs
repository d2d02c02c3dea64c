//! Everything that may be wrong with a file, found before anything is changed.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use super::super::lines::{self, Item};
use super::super::{MOST_PROBLEMS, Problem, Progress};
use super::{ImportError, Lines, Names, Report, integration};
use crate::app::App;
use crate::credentials::oauth_clients;
use store::model::{ClientId, CompanyId, ConnectionId, ConnectionStatus, SourceType};
use store::{StoreError, companies, connections};

struct SeenCompany {
    line: u64,
    name: String,
}

struct SeenTokens {
    line: u64,
    company: CompanyId,
}

struct SeenConnection {
    line: u64,
    company: CompanyId,
    accounting: bool,
    status: ConnectionStatus,
}

pub(super) struct Check<'a> {
    app: &'a App,
    client: ClientId,
    names: &'a Names,
    report: Report,
    problems: Vec<Problem>,
    companies: HashMap<CompanyId, SeenCompany>,
    connections: HashMap<ConnectionId, SeenConnection>,
    tokens: HashMap<ConnectionId, SeenTokens>,
    unconfigured: BTreeSet<String>,
}

/// A file in which nothing is wrong.
pub(super) struct Checked {
    pub(super) report: Report,
    /// The connections whose tokens are in it.
    pub(super) with_tokens: BTreeSet<ConnectionId>,
}

impl<'a> Check<'a> {
    pub(super) fn new(app: &'a App, client: ClientId, names: &'a Names) -> Self {
        Self {
            app,
            client,
            names,
            report: Report::default(),
            problems: Vec::new(),
            companies: HashMap::new(),
            connections: HashMap::new(),
            tokens: HashMap::new(),
            unconfigured: BTreeSet::new(),
        }
    }

    /// Reads the file to its end, or until enough is wrong with it.
    pub(super) async fn run(
        mut self,
        file: &Path,
        progress: &impl Progress,
    ) -> Result<Checked, ImportError> {
        let mut lines = Lines::open(file)?;
        while let Some((line, text)) = lines.next()? {
            progress.step(text.len() as u64 + 1);
            match lines::read(self.client, &text) {
                Ok(items) => {
                    for item in items {
                        self.item(line, item).await?;
                    }
                }
                Err(message) => self.problem(line, message),
            }
            if self.problems.len() >= MOST_PROBLEMS {
                break;
            }
        }
        progress.end();
        self.parents().await?;
        self.owners_of_tokens().await?;
        self.missing_tokens();
        if !self.problems.is_empty() {
            self.problems.sort_by_key(|problem| problem.line);
            return Err(ImportError::Problems(self.problems));
        }
        self.report.warnings.sort_by_key(|warning| warning.line);
        Ok(Checked {
            report: self.report,
            with_tokens: self.tokens.into_keys().collect(),
        })
    }

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
        if let Some(given) = &company.renamed_from {
            self.report.renamed += 1;
            let name = &company.name;
            self.warn(
                line,
                format!("the name '{given}' becomes '{name}': some of its characters may not stand in one"),
            );
        }
        let name = company.name;
        self.companies.insert(id, SeenCompany { line, name });
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
        if configured.is_none() && integration.signs_in() && self.unconfigured.insert(key.clone()) {
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
        if let Some(before) = self.tokens.get(&id) {
            let first = before.line;
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
        let company = tokens.company;
        self.tokens.insert(id, SeenTokens { line, company });
        Ok(())
    }

    /// Each connection's company is in the file, or here.
    async fn parents(&mut self) -> Result<(), StoreError> {
        let mut problems = Vec::new();
        for (id, seen) in &self.connections {
            let company = seen.company;
            let known = self.companies.contains_key(&company)
                || companies::owner(&self.app.db, company).await? == Some(self.client);
            if !known {
                problems.push(Problem {
                    line: seen.line,
                    message: format!("connection {id} is of company {company}, which isn't there"),
                });
            }
        }
        self.problems.extend(problems);
        Ok(())
    }

    /// Tokens belong to a connection that may have them, and no company comes to a second accounting connection.
    async fn owners_of_tokens(&mut self) -> Result<(), StoreError> {
        let db = &self.app.db;
        let mut problems = Vec::new();
        let mut problem = |line, message| problems.push(Problem { line, message });
        let mut accounting: HashMap<CompanyId, u64> = HashMap::new();
        let mut in_order: Vec<_> = self.tokens.iter().collect();
        in_order.sort_by_key(|(_, seen)| seen.line);
        for (id, &SeenTokens { line, company }) in in_order {
            let (owner, is_accounting, status) = match self.connections.get(id) {
                Some(seen) => (seen.company, seen.accounting, seen.status),
                None => match connections::find(db, *id).await? {
                    Some(known) if known.client_id == self.client => (
                        known.company_id,
                        known.source_type == SourceType::Accounting,
                        known.status,
                    ),
                    _ => {
                        problem(line, format!("there is no connection {id}"));
                        continue;
                    }
                },
            };
            if owner != company {
                problem(line, format!("connection {id} is another company's"));
            }
            if status == ConnectionStatus::Unlinked {
                let message = format!(
                    "connection {id} is Unlinked: its consent was withdrawn, so that its tokens are not taken"
                );
                problem(line, message);
            }
            if !is_accounting {
                continue;
            }
            if let Some(first) = accounting.insert(owner, line) {
                let message = format!(
                    "company {owner} would have a second accounting connection; the first has its tokens on line {first}"
                );
                problem(line, message);
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
                    problem(line, message);
                }
            }
        }
        self.problems.extend(problems);
        Ok(())
    }

    fn missing_tokens(&mut self) {
        let missing = self.connections.iter().filter(|(id, seen)| {
            seen.status == ConnectionStatus::Linked && !self.tokens.contains_key(id)
        });
        let warnings = missing.map(|(id, seen)| Problem {
            line: seen.line,
            message: format!(
                "connection {id} comes without tokens: its customer will have to authorise again"
            ),
        });
        self.report.warnings.extend(warnings);
    }
}
