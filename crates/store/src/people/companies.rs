//! Companies and their tags.

use chrono::{DateTime, Utc};

use super::counts;
use crate::Bind;
use crate::model::company::Tags;
use crate::model::{ClientId, CompanyId, ConnectionStatus, SourceType};
use crate::query::{Expression, Kind, Operator, Schema};
use crate::sql::columns::row;
use crate::sql::db::{Db, Dynamic, StoreError, Tx, query};
use crate::sql::dialect;
use crate::sql::filter::{Resolved, Resolver, push_filter, push_order};
use crate::sql::list::{self, Kept, Listing, Slice, Wanted};

row! {
    #[derive(Clone, Debug)]
    pub struct Company {
        pub id: CompanyId,
        pub client_id: ClientId,
        pub name: String,
        pub description: Option<String>,
        pub created: DateTime<Utc>,
        pub last_sync: Option<DateTime<Utc>>,
        /// JSON array of product identifiers, in order.
        pub products: String,
        pub parent_id: Option<CompanyId>,
    }
}

impl Company {
    pub fn product_ids(&self) -> Vec<String> {
        serde_json::from_str(&self.products).unwrap_or_default()
    }

    pub fn set_product_ids(&mut self, ids: &[String]) {
        self.products = serde_json::Value::from(ids).to_string();
    }
}

row! {
    /// The part of a company that another company's reference shows.
    #[derive(Clone, Debug)]
    pub struct Relative {
        pub id: CompanyId,
        pub name: String,
        pub description: Option<String>,
        pub parent_id: Option<CompanyId>,
    }
}

row! { struct Tag { company_id: CompanyId, key: String, value: String } }

pub async fn insert(tx: &mut Tx, company: &Company, tags: &Tags) -> Result<(), StoreError> {
    query!(
        tx,
        "insert into company (id, client_id, name, description, created, products) values ($1, $2, $3, $4, $5, $6)",
        company.id,
        company.client_id,
        &company.name,
        &company.description,
        company.created,
        &company.products
    )?;
    insert_tags(tx, company, tags).await?;
    counts::company_added(tx, company.client_id).await
}

pub async fn update(tx: &mut Tx, company: &Company) -> Result<bool, StoreError> {
    let rows = query!(
        tx,
        "update company set name = $3, description = $4 where client_id = $1 and id = $2",
        company.client_id,
        company.id,
        &company.name,
        &company.description
    )?;
    Ok(rows == 1)
}

pub async fn set_products(tx: &mut Tx, company: &Company) -> Result<(), StoreError> {
    query!(
        tx,
        "update company set products = $3 where client_id = $1 and id = $2",
        company.client_id,
        company.id,
        &company.products
    )?;
    Ok(())
}

pub async fn set_parent(
    tx: &mut Tx,
    id: CompanyId,
    parent: Option<CompanyId>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update company set parent_id = $2 where id = $1",
        id,
        parent
    )?;
    Ok(())
}

/// A company's subsidiaries, oldest first.
pub async fn subsidiaries_in(tx: &mut Tx, id: CompanyId) -> Result<Vec<Relative>, StoreError> {
    query!(
        tx,
        all Relative,
        "select id, name, description, parent_id from company where parent_id = $1 order by created, id",
        id
    )
}

/// The parents and the subsidiaries of some companies, oldest first.
pub async fn relatives(db: &Db, companies: &[Company]) -> Result<Vec<Relative>, StoreError> {
    let mut rows: Vec<Relative> = Vec::new();
    for some in companies.chunks(500) {
        let mut text = Dynamic::new(
            "select id, name, description, parent_id from company where parent_id in (",
        );
        for (at, company) in some.iter().enumerate() {
            if at > 0 {
                text.push(", ");
            }
            text.bind(Bind::Id(company.id.0));
        }
        text.push(") or id in (null");
        for parent in some.iter().filter_map(|company| company.parent_id) {
            text.push(", ").bind(Bind::Id(parent.0));
        }
        text.push(") order by created, id");
        for row in query!(db, all Relative, text)? {
            if !rows.iter().any(|known| known.id == row.id) {
                rows.push(row);
            }
        }
    }
    Ok(rows)
}

pub async fn replace_tags(tx: &mut Tx, company: &Company, tags: &Tags) -> Result<(), StoreError> {
    query!(
        tx,
        "delete from company_tag where company_id = $1",
        company.id
    )?;
    insert_tags(tx, company, tags).await
}

async fn insert_tags(tx: &mut Tx, company: &Company, tags: &Tags) -> Result<(), StoreError> {
    for (key, value) in tags {
        query!(
            tx,
            "insert into company_tag (client_id, key, value, created, company_id) values ($1, $2, $3, $4, $5)",
            company.client_id,
            key,
            value,
            company.created,
            company.id
        )?;
    }
    Ok(())
}

/// Removes a company and, through the foreign keys, all that hangs on it.
pub async fn delete(tx: &mut Tx, client: ClientId, id: CompanyId) -> Result<bool, StoreError> {
    query!(
        tx,
        "delete from company_tag where company_id in (select id from company where client_id = $1 and id = $2)",
        client,
        id
    )?;
    counts::company_goes(tx, client, id).await?;
    let gone = query!(
        tx,
        "delete from company where client_id = $1 and id = $2",
        client,
        id
    )?;
    Ok(gone == 1)
}

pub async fn get(db: &Db, client: ClientId, id: CompanyId) -> Result<Option<Company>, StoreError> {
    query!(
        db,
        opt Company,
        "select id, client_id, name, description, created, last_sync, products, parent_id from company where client_id = $1 and id = $2",
        client,
        id
    )
}

/// A company by its id alone, inside a transaction. Unscoped: for callers that hold the company already, or compare its
/// client themselves.
pub async fn find_in(tx: &mut Tx, id: CompanyId) -> Result<Option<Company>, StoreError> {
    query!(
        tx,
        opt Company,
        "select id, client_id, name, description, created, last_sync, products, parent_id from company where id = $1",
        id
    )
}

/// One company's tags as they are inside a transaction.
pub async fn tags_in(tx: &mut Tx, id: CompanyId) -> Result<Tags, StoreError> {
    let rows = query!(
        tx,
        all Tag,
        "select company_id, key, value from company_tag where company_id = $1",
        id
    )?;
    Ok(rows.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

pub async fn set_last_sync(
    tx: &mut Tx,
    id: CompanyId,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    query!(
        tx,
        "update company set last_sync = $2 where id = $1",
        id,
        at
    )?;
    Ok(())
}

/// The properties that queries for companies can name.
pub const SCHEMA: Schema = Schema {
    name: "Company",
    fields: &[
        ("id", Kind::Id),
        ("name", Kind::Text),
        ("description", Kind::Text),
        ("created", Kind::Time),
        ("lastSync", Kind::Time),
        ("dataConnections.id", Kind::Id),
        (
            "dataConnections.status",
            Kind::Word(ConnectionStatus::WORDS),
        ),
        ("dataConnections.sourceType", Kind::Word(SourceType::WORDS)),
        ("dataConnections.platformName", Kind::Text),
        ("dataConnections.integrationKey", Kind::Text),
        ("dataConnections.integrationId", Kind::Id),
        ("dataConnections.sourceId", Kind::Id),
        ("dataConnections.lastSync", Kind::Time),
        ("dataConnections.created", Kind::Time),
    ],
    open: false,
};

fn resolve(field: &str) -> Option<Resolved> {
    const CONNECTIONS: &str = "connection c where c.company_id = company.id";
    Some(match field {
        "id" => Resolved::column("company.id"),
        "name" => Resolved::column("company.name"),
        "description" => Resolved::nullable("company.description"),
        "created" => Resolved::column("company.created"),
        "lastSync" => Resolved::nullable("company.last_sync"),
        "dataConnections.id" => Resolved::each(CONNECTIONS, "c.id"),
        "dataConnections.status" => Resolved::each(CONNECTIONS, "c.status"),
        "dataConnections.sourceType" => Resolved::each(CONNECTIONS, "c.source_type"),
        "dataConnections.platformName" => Resolved::each(CONNECTIONS, "c.platform_name"),
        "dataConnections.integrationKey" => Resolved::each(CONNECTIONS, "c.integration_key"),
        "dataConnections.integrationId" => Resolved::each(CONNECTIONS, "c.integration_id"),
        "dataConnections.sourceId" => Resolved::each(CONNECTIONS, "c.source_id"),
        "dataConnections.lastSync" => Resolved::each(CONNECTIONS, "c.last_sync"),
        "dataConnections.created" => Resolved::each(CONNECTIONS, "c.created"),
        _ => return None,
    })
}

/// A tag of the client's companies: any key.
fn resolve_tag(client: ClientId, key: &str) -> Resolved {
    Resolved::among(
        "company.id in (select t.company_id from ",
        "company_tag t where t.client_id = ",
        vec![
            (Bind::Id(client.0), " and t.key = "),
            (Bind::Text(key.to_owned()), ""),
        ],
        "t.value",
    )
}

const LISTING: Listing = Listing {
    count: "select count(*) as number from company where client_id = ",
    select: "select id, client_id, name, description, created, last_sync, products, parent_id from company where client_id = ",
    order: "company.created, company.id",
    kept: Some(Kept {
        number: "select number from company_count where client_id = ",
        backwards: "company.created desc, company.id desc",
    }),
};

/// A client's companies, oldest first. `tags` narrows by their tags as `wanted` does by their own properties.
pub async fn list(
    db: &Db,
    client: ClientId,
    wanted: Wanted<'_>,
    tags: Option<&Expression>,
) -> Result<Slice<Company>, StoreError> {
    if let (Some((key, value)), None, None) = (tags.and_then(one_tag), wanted.filter, wanted.order)
    {
        return with_tag(db, client, (key, value), wanted).await;
    }
    let resolve_tag = |key: &str| Some(resolve_tag(client, key));
    let tags = tags.map(|tags| (tags, &resolve_tag as &Resolver<'_>));
    let tags = tags.as_slice();
    if let Some(named) = (wanted.filter)
        .and_then(name_part)
        .and_then(|part| dialect::companies_named(db, part))
        && are_few(db, &named).await?
    {
        return along_names(db, client, &named, wanted, tags).await;
    }
    list::page(db, &LISTING, client.0, wanted, &resolve, tags).await
}

/// A text that the names of all that a query finds have in them.
fn name_part(filter: &Expression) -> Option<&str> {
    match filter {
        Expression::All(parts) => parts.iter().find_map(name_part),
        Expression::Any(parts) => match parts.as_slice() {
            [part] => name_part(part),
            _ => None,
        },
        Expression::Condition(condition) => (condition.operator == Operator::Contains
            && condition.field == "name")
            .then_some(&condition.value.text),
    }
}

/// True if looking at each of them costs less than a walk through all companies in their order.
async fn are_few(db: &Db, named: &Dynamic) -> Result<bool, StoreError> {
    const FEW: i64 = 20_000;
    let mut sql = Dynamic::new("select count(*) as number from (select 1 from ");
    sql.append(named)
        .push(" limit ")
        .bind(Bind::Int(FEW))
        .push(")");
    let rows = query!(db, all Number, sql)?;
    Ok(rows.first().is_some_and(|row| row.number < FEW))
}

/// A page of those whose names have a text in them, read along the index of names.
async fn along_names(
    db: &Db,
    client: ClientId,
    named: &Dynamic,
    wanted: Wanted<'_>,
    tags: &[(&Expression, &Resolver<'_>)],
) -> Result<Slice<Company>, StoreError> {
    let narrowed = |words: &'static str| {
        let mut sql = Dynamic::new(words);
        sql.append(named).push(" where company.client_id = ");
        sql.bind(Bind::Id(client.0));
        let own = wanted
            .filter
            .map(|filter| (filter, &resolve as &Resolver<'_>));
        for (filter, resolver) in own.iter().chain(tags) {
            sql.push(" and ");
            push_filter(db, filter, resolver, &mut sql);
        }
        sql
    };
    let counted = query!(db, all Number, narrowed("select count(*) as number from "))?;
    let mut sql = narrowed(
        "select company.id, company.client_id, company.name, company.description, company.created, company.last_sync,
                company.products, company.parent_id from ",
    );
    sql.push(" order by ");
    if let Some(order) = wanted.order {
        push_order(db, order, &resolve, &mut sql);
        sql.push(", ");
    }
    sql.push(LISTING.order);
    sql.push(" limit ").bind(Bind::Int(wanted.limit));
    sql.push(" offset ").bind(Bind::Int(wanted.offset));
    Ok(Slice {
        rows: query!(db, all Company, sql)?,
        total: counted.first().map_or(0, |row| row.number),
    })
}

/// The key and the value, if one tag is all that a query names.
fn one_tag(tags: &Expression) -> Option<(&str, &str)> {
    match tags {
        Expression::All(parts) | Expression::Any(parts) => match parts.as_slice() {
            [part] => one_tag(part),
            _ => None,
        },
        Expression::Condition(condition) => (condition.operator == Operator::Equal
            && condition.kind == Kind::Exact)
            .then_some((&condition.field, &condition.value.text)),
    }
}

row! { struct Number { number: i64 } }

/// A page of those with one tag, read along the tags: they stand in the order of their companies, which may be few among very
/// many or nearly all.
async fn with_tag(
    db: &Db,
    client: ClientId,
    (key, value): (&str, &str),
    wanted: Wanted<'_>,
) -> Result<Slice<Company>, StoreError> {
    let total = query!(
        db,
        one Number,
        "select count(*) as number from company_tag where client_id = $1 and key = $2 and value = $3",
        client,
        key,
        value
    )?;
    let rows = query!(
        db,
        all Company,
        "select company.id, company.client_id, company.name, company.description, company.created, company.last_sync,
                company.products, company.parent_id
         from company_tag t join company on company.id = t.company_id
         where t.client_id = $1 and t.key = $2 and t.value = $3
         order by t.created, t.company_id limit $4 offset $5",
        client,
        key,
        value,
        wanted.limit,
        wanted.offset
    )?;
    Ok(Slice {
        rows,
        total: total.number,
    })
}

/// The tags of some companies.
pub async fn tags(
    db: &Db,
    companies: &[CompanyId],
) -> Result<Vec<(CompanyId, String, String)>, StoreError> {
    let mut rows = Vec::new();
    for some in companies.chunks(500) {
        let mut text =
            Dynamic::new("select company_id, key, value from company_tag where company_id in (");
        for (at, id) in some.iter().enumerate() {
            if at > 0 {
                text.push(", ");
            }
            text.bind(Bind::Id(id.0));
        }
        text.push(") order by key");
        rows.extend(
            query!(db, all Tag, text)?
                .into_iter()
                .map(|tag| (tag.company_id, tag.key, tag.value)),
        );
    }
    Ok(rows)
}

/// Some of a client's companies in the order of their ids, behind `after`.
pub async fn after(
    db: &Db,
    client: ClientId,
    after: uuid::Uuid,
    limit: i64,
) -> Result<Vec<Company>, StoreError> {
    query!(
        db,
        all Company,
        "select id, client_id, name, description, created, last_sync, products, parent_id from company
         where client_id = $1 and id > $2 order by id limit $3",
        client,
        after,
        limit
    )
}

row! { struct Owner { client_id: ClientId } }

/// The client that a company belongs to. Unscoped: link pages and preflights carry no credentials, and find the client by
/// the company of their path.
pub async fn owner(db: &Db, id: CompanyId) -> Result<Option<ClientId>, StoreError> {
    Ok(
        query!(db, opt Owner, "select client_id from company where id = $1", id)?
            .map(|row| row.client_id),
    )
}
