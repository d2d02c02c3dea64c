//! Ids, each a type of its own so that a company's can't be given where a connection's is wanted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoId;

impl fmt::Display for NoId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is not an id, which is a UUID such as 8a210b68-6988-4fed-a1eb-0242ac120002; `list` shows those there are")
    }
}

impl std::error::Error for NoId {}

macro_rules! id {
    ($($(#[$meta:meta])* $name:ident),* $(,)?) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl FromStr for $name {
            type Err = NoId;
            fn from_str(text: &str) -> Result<Self, NoId> { Uuid::from_str(text).map($name).map_err(|_| NoId) }
        }
    )* };
}

id! {
    ApiKeyId,
    /// A client organisation (the tenant).
    ClientId,
    CompanyId,
    ConnectionId,
    /// A consent on record.
    ConsentId,
    /// A business's request about its own data.
    DataRequestId,
    DatasetId,
    /// A file that a business has uploaded.
    FileId,
    /// A grant that was ever held.
    GrantId,
    JobId,
    /// A push operation (the contract's `pushOperationKey`).
    PushId,
    /// A webhook consumer.
    WebhookId,
}
