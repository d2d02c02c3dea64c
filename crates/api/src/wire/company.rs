//! `Company`.

use std::collections::HashMap;

use serde::{Deserialize, Deserializer, Serialize};

use super::{connection, time};
use platform::access::links;
use platform::app::App;
use store::StoreError;
use store::companies as rows;
use store::model::CompanyId;
use store::model::company::Tags;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Company {
    id: CompanyId,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Always empty: a member from before companies had several connections.
    platform: &'static str,
    redirect: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_sync: Option<String>,
    data_connections: Vec<connection::Connection>,
    created: String,
    products: Vec<String>,
    tags: Tags,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference_parent_company: Option<Reference>,
    reference_subsidiary_companies: Vec<Reference>,
}

/// One company as another refers to it.
#[derive(Clone, Debug, Serialize)]
struct Reference {
    id: CompanyId,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    tags: Tags,
}

/// The body of creating and replacing.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CompanyIn {
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) tags: Option<Tags>,
    /// On creating alone.
    pub(crate) products: Option<Vec<String>>,
    /// Absent, null and given are three things.
    #[serde(default, deserialize_with = "given")]
    pub(crate) reference_parent_company: Option<Option<ReferenceIn>>,
    pub(crate) reference_subsidiary_companies: Option<Vec<ReferenceIn>>,
}

/// Of a reference only the id counts: the rest is the other company's own.
#[derive(Debug, Deserialize)]
pub(crate) struct ReferenceIn {
    pub(crate) id: Option<String>,
}

fn given<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<ReferenceIn>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Reads the connections and tags of some companies.
pub(crate) async fn shape(
    app: &App,
    companies: Vec<rows::Company>,
) -> Result<Vec<Company>, StoreError> {
    let ids: Vec<CompanyId> = companies.iter().map(|company| company.id).collect();
    let relatives = store::companies::relatives(&app.db, &companies).await?;
    let tagged: Vec<CompanyId> = ids
        .iter()
        .copied()
        .chain(relatives.iter().map(|relative| relative.id))
        .collect();
    let mut tags: HashMap<CompanyId, Tags> = HashMap::new();
    for (company, key, value) in store::companies::tags(&app.db, &tagged).await? {
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
    let refer = |relative: &rows::Relative| Reference {
        id: relative.id,
        name: relative.name.clone(),
        description: relative.description.clone(),
        tags: tags.get(&relative.id).cloned().unwrap_or_default(),
    };
    Ok(companies
        .into_iter()
        .map(|company| Company {
            reference_parent_company: relatives
                .iter()
                .find(|relative| Some(relative.id) == company.parent_id)
                .map(refer),
            reference_subsidiary_companies: relatives
                .iter()
                .filter(|relative| relative.parent_id == Some(company.id))
                .map(refer)
                .collect(),
            products: company.product_ids(),
            redirect: links::company_url(app, company.id),
            data_connections: by_company.remove(&company.id).unwrap_or_default(),
            tags: tags.get(&company.id).cloned().unwrap_or_default(),
            id: company.id,
            name: company.name,
            description: company.description,
            platform: "",
            last_sync: company.last_sync.map(time),
            created: time(company.created),
        })
        .collect())
}

/// One row.
pub(crate) async fn shape_one(app: &App, company: rows::Company) -> Result<Company, StoreError> {
    let mut shaped = shape(app, vec![company]).await?;
    Ok(shaped.remove(0))
}
