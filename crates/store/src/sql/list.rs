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
    /// The number of rows of the whole list.
    pub total: i64,
}

/// The rows that a caller wants of a list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    pub filter: Option<&'a Expression>,
    pub order: Option<&'a Order>,
    pub limit: i64,
    pub offset: i64,
}

/// The fixed words of one table's list; each ends where a value is bound.
pub(crate) struct Listing {
    /// `select count(*) as number from … where … = `
    pub(crate) count: &'static str,
    /// `select … from … where … = `
    pub(crate) select: &'static str,
    /// The order if the caller wants none, and behind any that it wants: unique, so that pages never overlap.
    pub(crate) order: &'static str,
    /// The count of a scope's rows, if one is kept as they come and go.
    pub(crate) kept: Option<Kept>,
}

/// A count that is kept, so that no reader counts, and the shorter way to the last pages that it allows.
pub(crate) struct Kept {
    /// `select … from … where … = `
    pub(crate) number: &'static str,
    /// [`Listing::order`] from its other end.
    pub(crate) backwards: &'static str,
}

row! { struct Number { number: i64 } }

/// The page of the rows in `scope` that answer `wanted.filter` and every one of `further`.
pub(crate) async fn page<T>(
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
    let whole = wanted.filter.is_none() && further.is_empty();
    let kept = listing.kept.as_ref().filter(|_| whole);
    let counting = kept.map_or(listing.count, |kept| kept.number);
    let total = query!(db, all Number, narrowed(counting))?
        .first()
        .map_or(0, |row| row.number);
    let mut sql = narrowed(listing.select);
    sql.push(" order by ");
    match kept.filter(|_| wanted.order.is_none() && wanted.offset > total / 2) {
        Some(kept) => {
            push_from_the_end(kept, scope, wanted, &mut sql);
            let mut rows = query!(db, all T, sql)?;
            rows.reverse();
            return Ok(Slice { rows, total });
        }
        None => {
            if let Some(order) = wanted.order {
                push_order(db, order, resolver, &mut sql);
                sql.push(", ");
            }
            sql.push(listing.order);
            sql.push(" limit ").bind(Bind::Int(wanted.limit));
            sql.push(" offset ").bind(Bind::Int(wanted.offset));
        }
    }
    let rows = query!(db, all T, sql)?;
    Ok(Slice { rows, total })
}

/// A page of the rows that `narrow` leaves, in the order of `listing`, and the number of all of them: for readers whose wishes
/// are typed, not a query of the API. `narrow` binds the scope first.
pub(crate) async fn narrowed<T>(
    db: &Db,
    listing: &Listing,
    narrow: impl Fn(&mut Dynamic),
    (limit, offset): (i64, i64),
) -> Result<(Vec<T>, i64), StoreError>
where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let mut counting = Dynamic::new(listing.count);
    narrow(&mut counting);
    let total = query!(db, all Number, counting)?
        .first()
        .map_or(0, |row| row.number);
    let mut sql = Dynamic::new(listing.select);
    narrow(&mut sql);
    sql.push(" order by ").push(listing.order);
    sql.push(" limit ").bind(Bind::Int(limit));
    sql.push(" offset ").bind(Bind::Int(offset));
    Ok((query!(db, all T, sql)?, total))
}

/// A database steps over every row that stands before a page, so a page of the second half is taken from the end. How many
/// rows there are is looked up by the same statement: a row that comes meanwhile must not move the page.
fn push_from_the_end(kept: &Kept, scope: Uuid, wanted: Wanted<'_>, sql: &mut Dynamic) {
    let left = |sql: &mut Dynamic| {
        sql.push("((").push(kept.number).bind(Bind::Id(scope));
        sql.push(") - ").bind(Bind::Int(wanted.offset)).push(")");
    };
    let limit = || Bind::Int(wanted.limit);
    sql.push(kept.backwards).push(" limit case when ");
    left(sql);
    sql.push(" < ").bind(limit()).push(" then ");
    // Below nothing both databases would understand something else.
    sql.push("(case when ");
    left(sql);
    sql.push(" < 0 then 0 else ");
    left(sql);
    sql.push(" end) else ")
        .bind(limit())
        .push(" end offset case when ");
    left(sql);
    sql.push(" < ").bind(limit()).push(" then 0 else ");
    left(sql);
    sql.push(" - ").bind(limit()).push(" end");
}
