//! `[[auth.scope]]`: a scope, and what it is needed for.

use records::DataType;
use serde::{Deserialize, Serialize};

/// Details of the person who authorises, by OpenID's own groups of claims (OpenID Connect Core § 5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PersonDetail {
    /// The platform's own mark for the person.
    Identifier,
    /// The name, and what the person's profile shows.
    Profile,
    Email,
    Phone,
    Address,
}

impl PersonDetail {
    /// The claims that it stands for.
    pub const fn claims(self) -> &'static [&'static str] {
        match self {
            Self::Identifier => &["sub"],
            Self::Profile => &[
                "name",
                "given_name",
                "middle_name",
                "family_name",
                "nickname",
                "preferred_username",
                "gender",
                "birthdate",
                "locale",
                "zoneinfo",
                "profile",
                "picture",
                "website",
                "updated_at",
            ],
            Self::Email => &["email", "email_verified"],
            Self::Phone => &["phone_number", "phone_number_verified"],
            Self::Address => &["address"],
        }
    }
}

/// A scope that isn't needed for everything.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScopeSection {
    pub(crate) scope: String,
    /// Data types that can't be read without it.
    #[serde(default, rename = "for")]
    pub(crate) reads: Vec<DataType>,
    /// Data types that can't be written without it.
    #[serde(default, rename = "write")]
    pub(crate) writes: Vec<DataType>,
    /// Details of the person that it opens.
    #[serde(default)]
    pub(crate) identity: Vec<PersonDetail>,
}
