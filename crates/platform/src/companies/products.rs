//! The products that there are, and those that a company has.

use connectors::DataType;

use crate::app::App;
use crate::app::config::Config;
use crate::change::Change;
use crate::data::pulling::{self, Batch, Cause, settings};
use crate::disclosure;
use crate::events::{Event, ProductChange};
use store::clock::new_id;
use store::companies::Company;
use store::connections::Connection;
use store::model::{Actor, ClientId, CompanyId, ConnectionStatus, EventType, Product};
use store::{StoreError, Tx};

#[derive(Debug, thiserror::Error)]
pub enum ProductError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no such company")]
    NoCompany,
    #[error("the company does not have the product {0}")]
    NotEnabled(String),
    /// It reads no data.
    #[error("{0} doesn't support data refreshing")]
    NotRefreshable(String),
    #[error("{unknown} is not a data type of {product}; there are: {valid}")]
    NoDataType {
        product: String,
        unknown: String,
        valid: String,
    },
    #[error("a read operation is in progress")]
    InProgress,
    #[error("the company has no Linked connection that has data of {0}")]
    NothingLinked(String),
}

/// The standard ones, then the installation's own, each by its identifier.
pub fn all(config: &Config) -> Vec<Product> {
    let own = config.products.iter().map(|(id, product)| Product {
        id: id.clone(),
        name: product.name.clone(),
        data_types: product.data_types.clone(),
    });
    Product::standard().chain(own).collect()
}

pub fn find(config: &Config, id: &str) -> Option<Product> {
    all(config).into_iter().find(|product| product.id == id)
}

/// Begins a change to a company of the client's.
async fn begin(
    app: &App,
    client: ClientId,
    id: CompanyId,
) -> Result<(Change<'_>, Company), ProductError> {
    let mut change = Change::of_company(app, id, Actor::Client).await?;
    let company = store::companies::find_in(&mut change, id).await?;
    let company = company.filter(|company| company.client_id == client);
    Ok((change, company.ok_or(ProductError::NoCompany)?))
}

/// Gives a company a product. One that it has already changes nothing.
pub async fn add(
    app: &App,
    client: ClientId,
    company: CompanyId,
    product: &Product,
) -> Result<(), ProductError> {
    let (mut change, mut company) = begin(app, client, company).await?;
    let mut ids = company.product_ids();
    if ids.contains(&product.id) {
        return Ok(());
    }
    ids.push(product.id.clone());
    ids.sort();
    let added = EventType::CompanyProductAdded;
    let product = (product.id.as_str(), product.name.as_str());
    set(&mut change, &mut company, ids, product, added).await?;
    change.commit().await?;
    Ok(())
}

/// Takes a product from a company, the last one too; also one that the installation has no longer.
pub async fn remove(
    app: &App,
    client: ClientId,
    company: CompanyId,
    id: &str,
) -> Result<(), ProductError> {
    let (mut change, mut company) = begin(app, client, company).await?;
    let mut ids = company.product_ids();
    if !ids.iter().any(|own| own == id) {
        return Err(ProductError::NotEnabled(id.to_owned()));
    }
    ids.retain(|own| own != id);
    let known = find(&app.config, id);
    let name = known.map_or_else(|| id.to_owned(), |product| product.name);
    let removed = EventType::CompanyProductRemoved;
    set(&mut change, &mut company, ids, (id, &name), removed).await?;
    change.commit().await?;
    Ok(())
}

async fn set(
    change: &mut Change<'_>,
    company: &mut Company,
    ids: Vec<String>,
    (id, name): (&str, &str),
    kind: EventType,
) -> Result<(), StoreError> {
    company.set_product_ids(&ids);
    store::companies::set_products(change, company).await?;
    disclosure::queue_reconsideration(change, disclosure::Whose::Company(company.id)).await?;
    let products = &ids;
    let changed = ProductChange { id, name, products };
    change.event(Event::Product(company, kind, changed)).await
}

/// Pulls a product's data types, or the `wanted` ones of them, through every Linked connection whose platform has them.
/// Nothing is queued if one of them is being pulled already.
pub async fn refresh(
    app: &App,
    client: ClientId,
    company: CompanyId,
    product: &Product,
    wanted: Option<&[String]>,
) -> Result<(), ProductError> {
    let (mut change, company) = begin(app, client, company).await?;
    if !company.product_ids().contains(&product.id) {
        return Err(ProductError::NotEnabled(product.id.clone()));
    }
    if product.data_types.is_empty() {
        return Err(ProductError::NotRefreshable(product.name.clone()));
    }
    let types = wanted_types(product, wanted)?;
    let connections = store::connections::of_companies(&app.db, &[company.id]).await?;
    let settings = settings::of_company_in(&mut change, client, company.id).await?;
    let batch = Batch {
        id: new_id(change.now),
        settings: &settings,
        cause: Cause::Request,
    };
    let mut queued = 0;
    for connection in &connections {
        let Some(integration) = app.catalogue.get(&connection.integration_key) else {
            continue;
        };
        if connection.status != ConnectionStatus::Linked {
            continue;
        }
        let own: Vec<DataType> = integration
            .data()
            .iter()
            .map(|support| support.data_type)
            .filter(|data_type| types.contains(data_type))
            .collect();
        if runs_already(&mut change, connection, &own).await? {
            return Err(ProductError::InProgress);
        }
        queued += pulling::queue_types(&mut change, connection, integration, own, batch).await?;
    }
    if queued == 0 {
        return Err(ProductError::NothingLinked(product.name.clone()));
    }
    change.commit().await?;
    Ok(())
}

fn wanted_types(
    product: &Product,
    wanted: Option<&[String]>,
) -> Result<Vec<DataType>, ProductError> {
    let Some(wanted) = wanted else {
        return Ok(product.data_types.clone());
    };
    let known = |name: &String| {
        let found = product
            .data_types
            .iter()
            .find(|data_type| data_type.as_str() == name);
        found.copied().ok_or_else(|| {
            let valid: Vec<_> = product.data_types.iter().map(|own| own.as_str()).collect();
            ProductError::NoDataType {
                product: product.name.clone(),
                unknown: name.chars().take(60).collect(),
                valid: valid.join(", "),
            }
        })
    };
    wanted.iter().map(known).collect()
}

async fn runs_already(
    tx: &mut Tx,
    connection: &Connection,
    types: &[DataType],
) -> Result<bool, StoreError> {
    for data_type in types {
        let running = store::datasets::running(tx, connection.id, data_type.as_str()).await?;
        if running.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
