//! A company's parent and its subsidiaries, as a request gives them.

use crate::around::errors::ApiError;
use crate::around::path_id;
use crate::wire::company::ReferenceIn;
use platform::companies::{Family, Relation};

/// The member of a request that gives relatives of a kind.
pub(crate) const fn member(relation: Relation) -> &'static str {
    match relation {
        Relation::Parent => "referenceParentCompany",
        Relation::Subsidiary => "referenceSubsidiaryCompanies",
    }
}

/// Reads both members. Null, and an object without an id, stand for no parent.
pub(super) fn read(
    parent: Option<Option<ReferenceIn>>,
    subsidiaries: Option<Vec<ReferenceIn>>,
) -> Result<Family, ApiError> {
    let parent = match parent {
        None => None,
        Some(reference) => Some(
            reference
                .and_then(|reference| reference.id)
                .map(|id| path_id(member(Relation::Parent), &id))
                .transpose()?,
        ),
    };
    let id_of = |reference: ReferenceIn| {
        let name = member(Relation::Subsidiary);
        let id = reference
            .id
            .ok_or_else(|| ApiError::invalid(name, "Each subsidiary is an object with an id."))?;
        path_id(name, &id)
    };
    let subsidiaries = subsidiaries
        .map(|references| references.into_iter().map(id_of).collect())
        .transpose()?;
    Ok(Family {
        parent,
        subsidiaries,
    })
}
