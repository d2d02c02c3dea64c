//! Which products there are, and a company's having them.

use connectors::DataType;

use crate::app::App;
use crate::app::config::Config;
use crate::data::pulling::{self, Cause, Order, settings};
use crate::events::{self, ProductChange};
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

async fn locked(tx: &mut Tx, client: ClientId, id: CompanyId) -> Result<Company, ProductError> {
    store::connections::lock_company(tx, id).await?;
    let company = store::companies::find_in(tx, id).await?;
    company
        .filter(|company| company.client_id == client)
        .ok_or(ProductError::NoCompany)
}

/// Gives a company a product. One that it has already changes nothing.
pub async fn add(
    app: &App,
    client: ClientId,
    company: CompanyId,
    product: &Product,
) -> Result<(), ProductError> {
    let mut tx = app.db.write().await?;
    let mut company = locked(&mut tx, client, company).await?;
    let mut ids = company.product_ids();
    if ids.contains(&product.id) {
        return Ok(());
    }
    ids.push(product.id.clone());
    ids.sort();
    let added = EventType::CompanyProductAdded;
    change(
        app,
        &mut tx,
        &mut company,
        ids,
        (&product.id, &product.name),
        added,
    )
    .await?;
    tx.commit().await?;
    app.live.wake(company.id);
    Ok(())
}

/// Takes a product from a company, the last one too; also one that the installation no longer knows.
pub async fn remove(
    app: &App,
    client: ClientId,
    company: CompanyId,
    id: &str,
) -> Result<(), ProductError> {
    let mut tx = app.db.write().await?;
    let mut company = locked(&mut tx, client, company).await?;
    let mut ids = company.product_ids();
    if !ids.iter().any(|own| own == id) {
        return Err(ProductError::NotEnabled(id.to_owned()));
    }
    ids.retain(|own| own != id);
    let known = find(&app.config, id);
    let name = known.map_or_else(|| id.to_owned(), |product| product.name);
    let removed = EventType::CompanyProductRemoved;
    change(app, &mut tx, &mut company, ids, (id, &name), removed).await?;
    tx.commit().await?;
    app.live.wake(company.id);
    Ok(())
}

async fn change(
    app: &App,
    tx: &mut Tx,
    company: &mut Company,
    ids: Vec<String>,
    (id, name): (&str, &str),
    kind: EventType,
) -> Result<(), StoreError> {
    company.set_product_ids(&ids);
    store::companies::set_products(tx, company).await?;
    let change = ProductChange {
        id,
        name,
        products: &ids,
    };
    events::of_product(tx, company, kind, &change, Actor::Client, app.clock.now()).await
}

/// Pulls a product's data types, or those of them that are wanted, through every Linked connection whose platform has
/// them. Nothing is queued where one of them is being pulled already.
pub async fn refresh(
    app: &App,
    client: ClientId,
    company: CompanyId,
    product: &Product,
    wanted: Option<&[String]>,
) -> Result<(), ProductError> {
    let mut tx = app.db.write().await?;
    let company = locked(&mut tx, client, company).await?;
    if !company.product_ids().contains(&product.id) {
        return Err(ProductError::NotEnabled(product.id.clone()));
    }
    if product.data_types.is_empty() {
        return Err(ProductError::NotRefreshable(product.name.clone()));
    }
    let types = wanted_types(product, wanted)?;
    let connections = store::connections::of_companies(&app.db, &[company.id]).await?;
    let settings = settings::of_company_in(app, &mut tx, client, company.id).await?;
    let batch = new_id(app.clock.now());
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
        if runs_already(&mut tx, connection, &own).await? {
            return Err(ProductError::InProgress);
        }
        let order = Order {
            settings: &settings,
            cause: Cause::Request,
            batch,
        };
        queued += pulling::queue_types(app, &mut tx, connection, integration, own, order).await?;
    }
    if queued == 0 {
        return Err(ProductError::NothingLinked(product.name.clone()));
    }
    tx.commit().await?;
    app.work.notify_one();
    app.live.wake(company.id);
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
