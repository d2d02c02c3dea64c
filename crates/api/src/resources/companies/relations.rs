//! A company's parent and its subsidiaries, as a request gives them.

use crate::around::errors::ApiError;
use crate::around::path_id;
use crate::wire::company::ReferenceIn;
use store::Tx;
use store::model::CompanyId;
use store::{companies as rows, companies::Company};

/// The changes of a request; a member that isn't given changes nothing.
#[derive(Debug, Default)]
pub(super) struct Relations {
    parent: Option<Option<CompanyId>>,
    subsidiaries: Option<Vec<CompanyId>>,
}

const PARENT: &str = "referenceParentCompany";
const SUBSIDIARIES: &str = "referenceSubsidiaryCompanies";

impl Relations {
    /// Null, and an object without an id, stand for no parent.
    pub(super) fn read(
        parent: Option<Option<ReferenceIn>>,
        subsidiaries: Option<Vec<ReferenceIn>>,
    ) -> Result<Self, ApiError> {
        let parent = match parent {
            None => None,
            Some(reference) => Some(
                reference
                    .and_then(|reference| reference.id)
                    .map(|id| path_id(PARENT, &id))
                    .transpose()?,
            ),
        };
        let id_of = |reference: ReferenceIn| {
            let id = reference.id.ok_or_else(|| {
                ApiError::invalid(SUBSIDIARIES, "Each subsidiary is an object with an id.")
            })?;
            path_id(SUBSIDIARIES, &id)
        };
        let subsidiaries = subsidiaries
            .map(|references| references.into_iter().map(id_of).collect())
            .transpose()?;
        Ok(Self {
            parent,
            subsidiaries,
        })
    }

    fn is_nothing(&self) -> bool {
        self.parent.is_none() && self.subsidiaries.is_none()
    }

    /// Families of one client change one after the other, so that no two changes close a circle together. Taken before any
    /// company's row is written.
    pub(super) async fn lock(&self, tx: &mut Tx, company: &Company) -> Result<(), ApiError> {
        if !self.is_nothing() {
            store::clients::lock(tx, company.client_id).await?;
        }
        Ok(())
    }

    /// Writes the given members. A subsidiary of another parent becomes this one's; subsidiaries that are no longer named are
    /// left without a parent.
    pub(super) async fn write(self, tx: &mut Tx, company: &mut Company) -> Result<(), ApiError> {
        if let Some(parent) = self.parent {
            if let Some(parent) = parent {
                find(tx, company, parent, PARENT).await?;
                not_above(tx, parent, company.id, PARENT).await?;
            }
            rows::set_parent(tx, company.id, parent).await?;
            company.parent_id = parent;
        }
        if let Some(named) = self.subsidiaries {
            for known in rows::subsidiaries_in(tx, company.id).await? {
                if !named.contains(&known.id) {
                    rows::set_parent(tx, known.id, None).await?;
                }
            }
            for child in named {
                find(tx, company, child, SUBSIDIARIES).await?;
                not_above(tx, company.id, child, SUBSIDIARIES).await?;
                rows::set_parent(tx, child, Some(company.id)).await?;
            }
        }
        Ok(())
    }
}

async fn find(tx: &mut Tx, company: &Company, id: CompanyId, member: &str) -> Result<(), ApiError> {
    let found = rows::find_in(tx, id).await?;
    if found.is_some_and(|found| found.client_id == company.client_id) {
        return Ok(());
    }
    Err(ApiError::invalid(
        member,
        format!("No company was found with ID {id}"),
    ))
}

/// Refuses a company that is `start` itself or stands somewhere above it.
async fn not_above(
    tx: &mut Tx,
    start: CompanyId,
    company: CompanyId,
    member: &str,
) -> Result<(), ApiError> {
    let mut at = Some(start);
    while let Some(id) = at {
        if id == company {
            return Err(ApiError::invalid(
                member,
                "A company can't be its own parent, directly or through others.",
            ));
        }
        at = rows::find_in(tx, id)
            .await?
            .and_then(|above| above.parent_id);
    }
    Ok(())
}
