//! A page of a list, and how many rows the whole list has.

use sqlx::FromRow;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::columns::row;
use super::db::{Bind, Db, Dynamic, StoreError, query};
use super::filter::{Resolver, push_filter, push_order};
use crate::query::{Expression, Order};

/// Some rows of a list.
pub struct Slice<T> {
    pub rows: Vec<T>,
    /// How many the whole list has.
    pub total: i64,
}

/// What is asked of a list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    pub filter: Option<&'a Expression>,
    pub order: Option<&'a Order>,
    pub limit: i64,
    pub offset: i64,
}

/// The fixed words of one table's list; each ends where a value is bound.
pub(super) struct Listing {
    /// `select count(*) as number from … where … = `
    pub(super) count: &'static str,
    /// `select … from … where … = `
    pub(super) select: &'static str,
    /// The order where none is wanted, and behind any that is: unique, so that pages never overlap.
    pub(super) order: &'static str,
}

row! { struct Number { number: i64 } }

/// The page of the rows in `scope` that answer `wanted.filter` and every one of `further`.
pub(super) async fn page<T>(
    db: &Db,
    listing: &Listing,
    scope: Uuid,
    wanted: Wanted<'_>,
    resolver: &Resolver<'_>,
    further: &[(&Expression, &Resolver<'_>)],
) -> Result<Slice<T>, StoreError>
where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let narrowed = |words: &'static str| {
        let mut sql = Dynamic::new(words);
        sql.bind(Bind::Id(scope));
        let own = wanted.filter.map(|filter| (filter, resolver));
        for (filter, resolver) in own.iter().chain(further) {
            sql.push(" and ");
            push_filter(db, filter, resolver, &mut sql);
        }
        sql
    };
    let total = query!(db, all Number, narrowed(listing.count))?;
    let mut sql = narrowed(listing.select);
    sql.push(" order by ");
    if let Some(order) = wanted.order {
        push_order(db, order, resolver, &mut sql);
        sql.push(", ");
    }
    sql.push(listing.order);
    sql.push(" limit ").bind(Bind::Int(wanted.limit));
    sql.push(" offset ").bind(Bind::Int(wanted.offset));
    Ok(Slice {
        rows: query!(db, all T, sql)?,
        total: total.first().map_or(0, |row| row.number),
    })
}
