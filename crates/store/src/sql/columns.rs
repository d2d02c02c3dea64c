//! The model's ids and words in columns, written by hand: derives took a third of the build time.

use sqlx::{Database, Decode, Encode, Type};
use uuid::Uuid;

use crate::model::*;

/// A struct that is read from the columns of the same names.
macro_rules! row {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$field_meta:meta])* $field_vis:vis $field:ident : $ty:ty),* $(,)? }) => {
        $(#[$meta])*
        $vis struct $name { $($(#[$field_meta])* $field_vis $field: $ty),* }
        impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for $name
        where
            &'static str: sqlx::ColumnIndex<R>,
            $($ty: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>),*
        {
            fn from_row(row: &'r R) -> sqlx::Result<Self> {
                Ok($name { $($field: row.try_get(stringify!($field))?),* })
            }
        }
    };
}
pub(crate) use row;

macro_rules! ids {
    ($($name:ident),* $(,)?) => { $(
        impl<DB: Database> Type<DB> for $name where Uuid: Type<DB> {
            fn type_info() -> DB::TypeInfo { <Uuid as Type<DB>>::type_info() }
            fn compatible(ty: &DB::TypeInfo) -> bool { <Uuid as Type<DB>>::compatible(ty) }
        }
        impl<'r, DB: Database> Decode<'r, DB> for $name where Uuid: Decode<'r, DB> {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                Uuid::decode(value).map($name)
            }
        }
        impl<'q, DB: Database> Encode<'q, DB> for $name where Uuid: Encode<'q, DB> {
            fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                self.0.encode_by_ref(buffer)
            }
        }
    )* };
}
ids!(
    ApiKeyId,
    ClientId,
    CompanyId,
    ConnectionId,
    ConsentId,
    DataRequestId,
    DatasetId,
    FileId,
    GrantId,
    JobId,
    PushId,
    WebhookId
);

/// Words are stored as the contract spells them, so that a row can be read by a person.
macro_rules! words {
    ($($name:ident),* $(,)?) => { $(
        impl<DB: Database> Type<DB> for $name where str: Type<DB> {
            fn type_info() -> DB::TypeInfo { <str as Type<DB>>::type_info() }
            fn compatible(ty: &DB::TypeInfo) -> bool { <str as Type<DB>>::compatible(ty) }
        }
        impl<'r, DB: Database> Decode<'r, DB> for $name where &'r str: Decode<'r, DB> {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                let word = <&str>::decode(value)?;
                $name::from_word(word).ok_or_else(|| format!("unknown {}: {word}", stringify!($name)).into())
            }
        }
        impl<'q, DB: Database> Encode<'q, DB> for $name where &'static str: Encode<'q, DB> {
            fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                self.as_str().encode_by_ref(buffer)
            }
        }
    )* };
}
words!(
    Actor,
    ConnectionStatus,
    ConsentState,
    DataRequestKind,
    DataRequestStatus,
    DatasetStatus,
    EventType,
    GrantOrigin,
    GrantReason,
    GrantState,
    JobKind,
    MessageState,
    PushStatus,
    SourceType
);
