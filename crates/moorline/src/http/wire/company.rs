//! `Company`.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{connection, time};
use crate::app::App;
use crate::linking;
use crate::model::CompanyId;
use crate::model::company::Tags;
use crate::store::companies as rows;
use crate::store::{self, StoreError};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Company {
    id: CompanyId,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Always empty: what it said before companies had several connections.
    platform: &'static str,
    redirect: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_sync: Option<String>,
    data_connections: Vec<connection::Connection>,
    created: String,
    products: [&'static str; 0],
    tags: Tags,
}

/// What creating and replacing take.
#[derive(Debug, Deserialize)]
pub struct CompanyIn {
    pub name: Option<String>,
    pub description: Option<String>,
    pub tags: Option<Tags>,
}

/// Reads the connections and tags of some companies.
pub async fn shape(app: &App, companies: Vec<rows::Company>) -> Result<Vec<Company>, StoreError> {
    let ids: Vec<CompanyId> = companies.iter().map(|company| company.id).collect();
    let mut tags: HashMap<CompanyId, Tags> = HashMap::new();
    for (company, key, value) in store::companies::tags(&app.db, &ids).await? {
        tags.entry(company).or_default().insert(key, value);
    }
    let connections = store::connections::of_companies(&app.db, &ids).await?;
    let owners: Vec<CompanyId> = connections
        .iter()
        .map(|connection| connection.company_id)
        .collect();
    let mut by_company: HashMap<CompanyId, Vec<connection::Connection>> = HashMap::new();
    for (owner, shaped) in owners
        .into_iter()
        .zip(connection::shape(app, connections).await?)
    {
        by_company.entry(owner).or_default().push(shaped);
    }
    Ok(companies
        .into_iter()
        .map(|company| Company {
            redirect: linking::company_url(app, company.id),
            data_connections: by_company.remove(&company.id).unwrap_or_default(),
            tags: tags.remove(&company.id).unwrap_or_default(),
            id: company.id,
            name: company.name,
            description: company.description,
            platform: "",
            last_sync: company.last_sync.map(time),
            created: time(company.created),
            products: [],
        })
        .collect())
}

/// One row.
pub async fn shape_one(app: &App, company: rows::Company) -> Result<Company, StoreError> {
    let mut shaped = shape(app, vec![company]).await?;
    Ok(shaped.remove(0))
}
