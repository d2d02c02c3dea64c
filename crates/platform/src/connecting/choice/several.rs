//! Several businesses behind one sign-in, all of which are connected: the company that began keeps the first, and each other one
//! becomes a company of its own below it.

use std::collections::{BTreeMap, BTreeSet};

use connectors::Identity;
use serde_json::json;

use super::super::grant::{self, Granted};
use super::super::{LinkError, Outcome, create, unauthorised};
use super::{MOST_AT_ONCE, Question, ended, person_in, tokens_in};
use crate::app::App;
use crate::change::Change;
use crate::companies::link;
use crate::consents;
use crate::credentials::holding::{self, Account, Came};
use crate::disclosure::agreed::Consent;
use crate::events::Event;
use store::clock::new_id;
use store::companies::Company;
use store::connections::Connection;
use store::held;
use store::model::company::{MAX_NAME_CHARS, Tags, clean_name};
use store::model::{Actor, CompanyId, ConnectionId, ConnectionStatus, EventType};
use store::{StoreError, Tx};

/// The parameter by which a page that mounts Link says its wish.
const WISH: &str = "link.multiEntity";

/// The name of a company whose business has no name or id that could be one.
const NAMELESS: &str = "Unnamed business";

/// True if the customer may choose several: of a connection that was never authorised, where the client wants it.
pub(super) async fn may(app: &App, question: &Question) -> Result<bool, StoreError> {
    let (connection, businesses) = (&question.connection, &question.businesses);
    if connection.first_authorized.is_some() || businesses.len() < 2 {
        return Ok(false);
    }
    let settings = link::of_client(app, connection.client_id).await?;
    let wish = question.parameter(WISH);
    Ok(settings.takes_several(wish.as_deref()))
}

/// A company's connections, newest first, and those that were made beside them for further businesses behind the same sign-in.
///
/// # Errors
/// The database can't be read.
pub async fn seen_by(app: &App, company: CompanyId) -> Result<Vec<Seen>, StoreError> {
    let own = store::connections::of_companies(&app.db, &[company]).await?;
    let mut all: Vec<Seen> = own.into_iter().map(Seen::own).collect();
    let beside = store::choices::beside(&app.db, company).await?;
    if !beside.is_empty() {
        let ids: Vec<ConnectionId> = beside.iter().map(|one| one.connection_id).collect();
        let found = store::connections::with_ids(&app.db, &ids).await?;
        all.extend(found.into_iter().map(|connection| {
            Seen {
                beside: beside
                    .iter()
                    .find(|one| one.connection_id == connection.id)
                    .map(|one| one.beside_id),
                connection,
            }
        }));
    }
    Ok(all)
}

/// A connection that a company's people see.
#[derive(Clone, Debug)]
pub struct Seen {
    pub connection: Connection,
    /// Of another company below theirs: the connection beside which it was made.
    pub beside: Option<ConnectionId>,
}

impl Seen {
    fn own(connection: Connection) -> Self {
        Self {
            connection,
            beside: None,
        }
    }
}

/// The businesses at the platform that a company, its parent or its subsidiaries have a connection for, by their ids there.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// Those that are connected.
    pub(super) connected: BTreeSet<String>,
    /// Those that were, by a connection that still stands: it is the one to be connected again.
    pub(super) before: BTreeSet<String>,
}

impl Standing {
    fn is_free(&self, business: &Identity) -> bool {
        !self.connected.contains(&business.id) && !self.before.contains(&business.id)
    }
}

/// A company, and those above it up to the one that has none.
async fn line_of(tx: &mut Tx, company: CompanyId) -> Result<Vec<CompanyId>, StoreError> {
    let (mut line, mut at) = (vec![company], company);
    while let Some(own) = store::companies::find_in(tx, at).await?
        && let Some(parent) = own.parent_id.filter(|parent| !line.contains(parent))
    {
        line.push(parent);
        at = parent;
    }
    Ok(line)
}

/// The businesses that the family of a connection's company has connections for, but for this one if it isn't Linked. A family is all that
/// is below its topmost company: a subsidiary's page makes companies below the subsidiary.
pub(super) async fn standing(tx: &mut Tx, connection: &Connection) -> Result<Standing, StoreError> {
    let mut found = Standing::default();
    let line = line_of(tx, connection.company_id).await?;
    let mut family = BTreeSet::new();
    let mut heads: Vec<CompanyId> = line.last().copied().into_iter().collect();
    while let Some(head) = heads.pop() {
        if family.insert(head) {
            let below = store::companies::subsidiaries_in(tx, head).await?;
            heads.extend(below.into_iter().map(|company| company.id));
        }
    }
    for company in family {
        let all = store::connections::of_company_in(tx, company).await?;
        let of_platform = all
            .into_iter()
            .filter(|one| one.integration_key == connection.integration_key);
        for one in of_platform {
            let is_linked = one.status == ConnectionStatus::Linked;
            let is_this = one.id == connection.id;
            match one.account_id {
                Some(account) if is_linked => found.connected.insert(account),
                Some(account) if !is_this => found.before.insert(account),
                _ => false,
            };
        }
    }
    let connected = &found.connected;
    found.before.retain(|account| !connected.contains(account));
    Ok(found)
}

/// Connects the businesses with these numbers, each once, in one transaction. Gives the connection of the company that began.
pub(super) async fn link_all(
    app: &App,
    question: &Question,
    chosen: &[usize],
) -> Result<Connection, LinkError> {
    let (connection, choice) = (&question.connection, &question.choice);
    let key = &connection.integration_key;
    let integration = app
        .catalogue
        .get(key)
        .ok_or_else(|| LinkError::NoIntegration(key.clone()))?;
    let tokens = tokens_in(app, choice, connection).await?;
    let claims = person_in(app, choice, connection).await?;
    let common: BTreeMap<String, String> =
        serde_json::from_str(&choice.variables).unwrap_or_default();

    let mut change = of_family(app, connection.company_id).await?;
    if !store::choices::take(&mut change, &choice.ticket_hash).await? {
        return Err(LinkError::Spent);
    }
    // Another page may have been answered since this one was asked.
    let current = store::connections::find_in(&mut change, connection.id).await?;
    let is_fresh = current.is_some_and(|current| current.first_authorized.is_none());
    let standing = standing(&mut change, connection).await?;
    let mut wanted = chosen.iter().filter_map(|at| question.businesses.get(*at));
    if !is_fresh || chosen.len() > MOST_AT_ONCE || !wanted.all(|one| standing.is_free(one)) {
        return Err(LinkError::Raced);
    }
    let parent = store::companies::find_in(&mut change, connection.company_id).await?;
    let parent = parent.ok_or(LinkError::NoCompany)?;
    let shown = consents::shown_before_choice(&mut change, &choice.ticket_hash).await?;
    let grant = match choice.grant_id {
        Some(grant) => grant,
        None => holding::received_before(&mut change, connection, choice).await?,
    };
    let mut accounts = Vec::new();
    for (at, business) in in_order(question, chosen, &parent).into_iter().enumerate() {
        let variables: BTreeMap<String, String> = common
            .clone()
            .into_iter()
            .chain(business.variables.clone())
            .collect();
        let id = if at == 0 {
            connection.id
        } else {
            begun_below(&mut change, &parent, connection, business).await?
        };
        change.told.shown = shown.clone();
        let granted = Granted {
            tokens: &tokens,
            account: Some(&business.id),
            name: business.company_name.as_deref(),
            variables: &variables,
            came: if at == 0 {
                Came::Received(grant)
            } else {
                Came::Shared(grant)
            },
            consent: Consent {
                disclosure: choice.disclosure.as_deref(),
                person: claims.as_ref(),
            },
        };
        grant::link(&mut change, integration, id, granted).await?;
        if at > 0 {
            let first = (connection.company_id, connection.id);
            store::choices::note_beside(&mut change, id, first).await?;
        }
        if at == 0 {
            store::connections::set_shared_grant(&mut change, id, Some(grant)).await?;
        }
        accounts.push(Account {
            id: business.id.clone(),
            name: business.company_name.clone(),
            variables,
        });
    }
    note_accounts(&mut change, grant, &accounts).await?;
    ended(&mut change, choice, connection.id, (Outcome::Linked, "")).await?;
    change.commit().await?;
    let linked = store::connections::find(&app.db, connection.id).await?;
    linked.ok_or(LinkError::NoConnection)
}

/// A change to a company at which no other of its family connects several businesses: both would make the same companies.
async fn of_family(app: &App, company: CompanyId) -> Result<Change<'_>, StoreError> {
    let mut seen = app.db.snapshot().await?;
    let mut family = line_of(&mut seen, company).await?;
    drop(seen);
    // In the order of their ids, as an import locks them.
    family.sort_unstable();
    let mut change = Change::begin(app, Actor::Customer).await?;
    for company in family {
        change.lock(company).await?;
    }
    Ok(change)
}

/// Keeps all accounts of the grant with it: it is given back for all of them, when the last goes.
async fn note_accounts(
    tx: &mut Tx,
    grant: store::model::GrantId,
    accounts: &[Account],
) -> Result<(), StoreError> {
    let Some(first) = accounts.first() else {
        return Ok(());
    };
    let variables = json!(first.variables).to_string();
    let list = json!(accounts).to_string();
    held::set_accounts(tx, grant, &list, &variables).await
}

/// The chosen businesses; the one that bears the company's own name comes first.
fn in_order<'a>(question: &'a Question, chosen: &[usize], company: &Company) -> Vec<&'a Identity> {
    let chosen: BTreeSet<usize> = chosen.iter().copied().collect();
    let businesses = chosen.iter().filter_map(|at| question.businesses.get(*at));
    let mut businesses: Vec<&Identity> = businesses.collect();
    let own = |business: &&Identity| {
        let name = business.company_name.as_deref().unwrap_or_default();
        name.to_lowercase() == company.name.to_lowercase()
    };
    if let Some(at) = businesses.iter().position(own) {
        businesses[..=at].rotate_right(1);
    }
    businesses
}

/// A company's name for a business, by the rules that hold for every company's name: its own, or else its id.
fn name_of(business: &Identity) -> String {
    let own = business.company_name.as_deref().and_then(clean_name);
    let name = own
        .or_else(|| clean_name(&business.id))
        .unwrap_or_else(|| NAMELESS.to_owned());
    let cut: String = name.chars().take(MAX_NAME_CHARS).collect();
    cut.trim_end().to_owned()
}

/// A new company below `parent` for a business, with a connection that is still to be linked.
async fn begun_below(
    change: &mut Change<'_>,
    parent: &Company,
    beside: &Connection,
    business: &Identity,
) -> Result<ConnectionId, LinkError> {
    let now = change.now;
    let company = Company {
        id: CompanyId(new_id(now)),
        client_id: parent.client_id,
        name: name_of(business),
        description: None,
        created: now,
        last_sync: None,
        products: parent.products.clone(),
        parent_id: Some(parent.id),
    };
    store::companies::insert(change, &company, &Tags::new()).await?;
    store::companies::set_parent(change, company.id, Some(parent.id)).await?;
    let created = Event::Company(&company, EventType::CompanyCreated);
    change.event(created).await?;
    let key = &beside.integration_key;
    let integration = change.app.catalogue.get(key);
    let integration = integration.ok_or_else(|| LinkError::NoIntegration(key.clone()))?;
    let new = unauthorised(parent.client_id, company.id, integration, now);
    create::insert(change, &new).await?;
    Ok(new.id)
}
