//! A company's parent and its subsidiaries.

use super::CompanyError;
use crate::change::Change;
use store::companies::{self as rows, Company};
use store::model::CompanyId;
use store::{StoreError, Tx};

/// The relatives that a request gives a company; a member that is none changes nothing.
#[derive(Debug, Default)]
pub struct Family {
    /// `Some(None)` takes the parent away.
    pub parent: Option<Option<CompanyId>>,
    /// All of them: those that are no longer named lose their parent.
    pub subsidiaries: Option<Vec<CompanyId>>,
}

/// The side of a family that a company stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    Parent,
    Subsidiary,
}

impl Family {
    fn is_nothing(&self) -> bool {
        self.parent.is_none() && self.subsidiaries.is_none()
    }

    /// Lets the families of one client change one after the other, so that no two changes close a circle together. Taken
    /// before any company's row is written or locked.
    pub(super) async fn lock(&self, tx: &mut Tx, company: &Company) -> Result<(), StoreError> {
        if !self.is_nothing() {
            store::clients::lock(tx, company.client_id).await?;
        }
        Ok(())
    }

    /// Writes what is given. A subsidiary of another parent becomes this company's.
    pub(super) async fn write(
        self,
        change: &mut Change<'_>,
        company: &mut Company,
    ) -> Result<(), CompanyError> {
        if let Some(parent) = self.parent {
            if let Some(parent) = parent {
                check(change, company, parent, Relation::Parent).await?;
                not_above(change, parent, company.id, Relation::Parent).await?;
            }
            rows::set_parent(change, company.id, parent).await?;
            company.parent_id = parent;
        }
        if let Some(wanted) = self.subsidiaries {
            for known in rows::subsidiaries_in(change, company.id).await? {
                if !wanted.contains(&known.id) {
                    rows::set_parent(change, known.id, None).await?;
                }
            }
            for child in wanted {
                check(change, company, child, Relation::Subsidiary).await?;
                not_above(change, company.id, child, Relation::Subsidiary).await?;
                rows::set_parent(change, child, Some(company.id)).await?;
            }
        }
        Ok(())
    }
}

/// A relative is a company of the same client.
async fn check(
    tx: &mut Tx,
    company: &Company,
    id: CompanyId,
    relation: Relation,
) -> Result<(), CompanyError> {
    let found = rows::find_in(tx, id).await?;
    if found.is_some_and(|found| found.client_id == company.client_id) {
        return Ok(());
    }
    Err(CompanyError::NoRelative { relation, id })
}

/// Refuses a company that is `start` itself or stands somewhere above it.
async fn not_above(
    tx: &mut Tx,
    start: CompanyId,
    company: CompanyId,
    relation: Relation,
) -> Result<(), CompanyError> {
    let mut at = Some(start);
    while let Some(id) = at {
        if id == company {
            return Err(CompanyError::AboveItself(relation));
        }
        at = rows::find_in(tx, id)
            .await?
            .and_then(|above| above.parent_id);
    }
    Ok(())
}
