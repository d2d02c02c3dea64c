//! Speaking to a platform: its manifest, OAuth, paging, limits and the mapping of its records to the standard ones.
//!
//! A platform is a folder of data (`manifest.toml`, jq maps, logos). This crate reads such folders into a [`Catalogue`]
//! of [`Integration`]s and does what they describe; no line of it knows a platform's name. It holds no state and
//! knows neither a database nor a web server: the caller hands in tokens, cursors and variables, and gets them back.
//!
//! Its rooms, each of which imports only those below it:
//!
//! - `check`: a folder's maps tried on fixtures
//! - `ask`: operations on a platform: grant, read, write, revoke
//! - `machine`: platforms that call, and XML
//! - `described`: the folder as data
//! - `map`: jq programs
//!
//! `catalogue` collects the folders of a deployment, and stands beside `ask` on `described`.

mod ask;
mod catalogue;
mod check;
mod described;
pub mod machine;
mod map;
mod text;

pub use ask::errors::FetchError;
pub use ask::identity::{Identity, Lack};
pub use ask::mapped::{Apart, Candidate, MapError, MappedPage, READ_IN_PART, SetAside, Warning};
pub use ask::oauth::assertion::{Signing, SigningKey};
pub use ask::oauth::proof::typed_secrets;
pub use ask::oauth::revoke::{Grant, Revocation, RevocationError, Said};
pub use ask::oauth::{
    AuthorizationRequest, ClientCredentials, OAuthError, TokenSet, Unread, pkce, scopes_in,
};
pub use ask::page::{Cursor, Cut, Narrowing, Page, Remaining};
pub use ask::presentable::presentable_to_customers;
pub use ask::send::Access;
pub use ask::supplemental::custom::CustomData;
pub use ask::supplemental::{Supplement, SupplementalData};
pub use ask::write::{Lookups, Sent, Target, ValidationError, WriteError};
pub use catalogue::{BUILTIN, Catalogue};
pub use check::coverage::Coverage;
pub use check::difference::Difference;
pub use check::fixture::{Fixture, Subject, Trial};
pub use check::paths::lost_members;
pub use described::access::way::{Algorithm, LONGEST_VALUE, NotTaken, Way, WayField};
pub use described::branding::{Asset, AssetRole};
pub use described::integration::{DataSupport, Integration};
pub use described::manifest::{
    Allowed, ClientAuthentication, Limit, Limits, PersonDetail, Reconciling, RevocationReach, Step,
};
pub use described::names::{MONTHS_TO_SYNC, OWNER, TODAY, WAY};
pub use described::options::{OptionSource, OptionType, PushChoice, PushOption};
pub use described::problem::LoadProblem;
pub use described::write::WriteSupport;
pub use records::{DataType, SourceType};
