//! A company's life. Its end takes its connections with it: see [`crate::connecting::delete_company`].

use super::family::{Family, Relation};
use crate::app::App;
use crate::change::Change;
use crate::events::Event;
use store::StoreError;
use store::clock::new_id;
use store::companies::{self as rows, Company};
use store::model::company::Tags;
use store::model::{Actor, ClientId, CompanyId, EventType};

#[derive(Debug, thiserror::Error)]
pub enum CompanyError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no such company")]
    NoCompany(CompanyId),
    /// A relative that the client doesn't have.
    #[error("No company was found with ID {id}")]
    NoRelative { relation: Relation, id: CompanyId },
    #[error("A company can't stand above itself, directly or through others.")]
    AboveItself(Relation),
}

/// A company that a client asks for, checked.
#[derive(Debug)]
pub struct New {
    pub name: String,
    pub description: Option<String>,
    pub tags: Tags,
    /// Ids of products that the installation has, sorted.
    pub products: Vec<String>,
    pub family: Family,
}

/// Makes a company.
///
/// # Errors
/// Its relatives can't be its relatives, or the database can't be written to.
pub async fn create(app: &App, client: ClientId, new: New) -> Result<Company, CompanyError> {
    let mut change = Change::begin(app, Actor::Client).await?;
    let now = change.now;
    let mut company = Company {
        id: CompanyId(new_id(now)),
        client_id: client,
        name: new.name,
        description: new.description,
        created: now,
        last_sync: None,
        products: String::new(),
        parent_id: None,
    };
    company.set_product_ids(&new.products);
    new.family.lock(&mut change, &company).await?;
    rows::insert(&mut change, &company, &new.tags).await?;
    new.family.write(&mut change, &mut company).await?;
    let created = Event::Company(&company, EventType::CompanyCreated);
    change.event(created).await?;
    change.commit().await?;
    Ok(company)
}

/// Writes a company that was read and altered: its name and description, its tags if they are given, and its relatives as
/// far as they are.
///
/// # Errors
/// It was deleted meanwhile, its relatives can't be its relatives, or the database can't be written to.
pub async fn update(
    app: &App,
    mut company: Company,
    tags: Option<Tags>,
    family: Family,
) -> Result<Company, CompanyError> {
    let mut change = Change::begin(app, Actor::Client).await?;
    family.lock(&mut change, &company).await?;
    change.lock(company.id).await?;
    if !rows::update(&mut change, &company).await? {
        return Err(CompanyError::NoCompany(company.id));
    }
    if let Some(tags) = tags {
        rows::replace_tags(&mut change, &company, &tags).await?;
    }
    family.write(&mut change, &mut company).await?;
    let updated = Event::Company(&company, EventType::CompanyUpdated);
    change.event(updated).await?;
    change.commit().await?;
    Ok(company)
}
