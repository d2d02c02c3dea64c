//! Ids, each a type of its own so that a company's can't be given where a connection's is wanted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

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
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> { Uuid::from_str(text).map($name) }
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
    /// A grant that was ever held.
    GrantId,
    JobId,
    /// A push operation (the contract's `pushOperationKey`).
    PushId,
    /// A webhook consumer.
    WebhookId,
}
