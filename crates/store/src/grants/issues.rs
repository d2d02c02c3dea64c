//! Issues that validation noticed in the records of a pull.

use crate::model::DatasetId;
use crate::sql::columns::row;
use crate::sql::db::{Db, StoreError, Tx, query};

row! {
    #[derive(Clone, Debug)]
    pub struct Issue {
        pub is_error: bool,
        pub rule_id: String,
        pub item_id: String,
        pub message: String,
        pub validator: String,
    }
}

/// Adds issues from a place on; those that were there before stand in front.
pub async fn insert(
    tx: &mut Tx,
    dataset: DatasetId,
    first_place: i64,
    issues: &[Issue],
) -> Result<(), StoreError> {
    for (place, issue) in (first_place..).zip(issues) {
        query!(
            tx,
            "insert into dataset_issue (dataset_id, place, is_error, rule_id, item_id, message, validator)
             values ($1, $2, $3, $4, $5, $6, $7)",
            dataset,
            place,
            issue.is_error,
            &issue.rule_id,
            &issue.item_id,
            &issue.message,
            &issue.validator
        )?;
    }
    Ok(())
}

/// A dataset's issues in the order in which they were noticed. Unscoped: callers pass a dataset that they have loaded.
pub async fn list(db: &Db, dataset: DatasetId) -> Result<Vec<Issue>, StoreError> {
    query!(
        db,
        all Issue,
        "select is_error, rule_id, item_id, message, validator from dataset_issue where dataset_id = $1 order by place",
        dataset
    )
}

row! { struct Noticed { is_error: bool, number: i64 } }

/// The number of errors and of warnings of a pull.
pub async fn tally_in(tx: &mut Tx, dataset: DatasetId) -> Result<(i64, i64), StoreError> {
    let rows = query!(
        tx,
        all Noticed,
        "select is_error, count(*) as number from dataset_issue where dataset_id = $1 group by is_error",
        dataset
    )?;
    let of = |is_error| {
        let found = rows.iter().find(|row| row.is_error == is_error);
        found.map_or(0, |row| row.number)
    };
    Ok((of(true), of(false)))
}
