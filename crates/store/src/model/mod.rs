//! The words of the house: plain types without I/O.

pub mod company;
pub mod connection;
pub mod dataset;
pub mod event;
pub mod ids;
pub mod job;
pub mod product;
pub mod push;
pub mod source;
pub mod sync_setting;
pub mod webhook;

pub use company::{DataRequestKind, DataRequestStatus};
pub(crate) use company::{MAX_TAG_KEY_CHARS, MAX_TAG_VALUE_CHARS};
pub use connection::{ConnectionStatus, GrantOrigin, GrantReason, GrantState};
pub use dataset::DatasetStatus;
pub use event::{Actor, ConsentState, EventType, RecordKind};
pub use ids::{
    ApiKeyId, ClientId, CompanyId, ConnectionId, ConsentId, DataRequestId, DatasetId, FileId,
    GrantId, JobId, PushId, WebhookId,
};
pub use job::JobKind;
pub use product::Product;
pub use push::PushStatus;
pub use source::SourceType;
pub use sync_setting::{SyncSetting, SyncSettings};
pub use webhook::MessageState;

/// An enum whose variants are words of the contract, spelled there as here unless `=>` says otherwise.
macro_rules! words {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident => $word:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $vis enum $name { $($(#[$variant_meta])* $variant),* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Reads the exact word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;
