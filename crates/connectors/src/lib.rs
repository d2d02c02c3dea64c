//! How to speak to a platform: its manifest, OAuth, paging, limits and the mapping of its records to the standard ones.
//!
//! A platform is a folder of data (`manifest.toml`, jq maps, logos). This crate reads such folders into a [`Catalogue`]
//! of [`Integration`]s and does what they describe; no line of it knows a platform's name. It holds no state and
//! knows neither a database nor a web server: tokens, cursors and variables are handed in and handed back.

mod beyond;
mod catalogue;
mod coverage;
mod data;
mod difference;
mod fetch;
mod fixture;
mod folder;
mod identity;
mod integration;
mod manifest;
mod mapping;
mod oauth;
mod options;
mod paging;
pub mod pkce;
mod place;
mod raw;
mod revocation;
mod template;
mod words;
mod write;

pub use beyond::{CustomData, Supplement, SupplementalData};
pub use catalogue::{BUILTIN, Catalogue, LoadProblem};
pub use coverage::Coverage;
pub use difference::{Difference, differences};
pub use fetch::{Cursor, FetchError, Narrowing, Page, Remaining};
pub use fixture::{Fixture, Subject, Trial};
pub use identity::{Access, Identity};
pub use integration::{Asset, AssetRole, DataSupport, Integration};
pub use manifest::{Allowed, AuthKind, ClientAuthentication, Limit, Limits, Step};
pub use mapping::{MapError, MappedPage, Warning};
pub use oauth::{AuthorizationRequest, ClientCredentials, OAuthError, TokenHint, TokenSet};
pub use options::{OptionSource, OptionType, PushChoice, PushOption};
pub use records::{DataType, SourceType};
pub use revocation::{Grant, Revocation};
pub use write::{Lookups, Sent, Target, ValidationError, WriteError, WriteSupport};

/// The name that a manifest gives to how many months of a statement are wanted; the caller fills it in for each request
/// ([`Access::variables`]).
pub const MONTHS_TO_SYNC: &str = "months_to_sync";

/// The name of the day on which a pull was asked for (`YYYY-MM-DD`), which the caller fills in likewise.
pub const TODAY: &str = "today";
