//! A record on its way from a platform to the table: the one form of it that the map makes and the store keeps.

pub(crate) mod sums;

use std::marker::PhantomData;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use serde::de::{DeserializeOwned, Deserializer, Error};
use serde::ser::Serialize;

use crate::accounting::Metadata;
use crate::schema::{Described, Schemas};
use crate::{DataType, Document, Timestamp};
use sums::Breach;

/// A record, and beside it the stamps that the table has columns for: they are not in its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Unique within its connection and data type: the platform's own id where the contract shows one, otherwise a name that
    /// tells records apart (a month, an account and a date, or the data type's key if there is one record only).
    pub id: String,
    /// The record as the contract shows it, without its stamps. A statement is one month of it: see
    /// [`accounting::statements`].
    pub document: Document,
    /// The time of the platform's last change to it, in microseconds, as PostgreSQL keeps it.
    pub source_modified: Option<DateTime<Utc>>,
    /// The platform still lists it, but as gone (`metadata.isDeleted`).
    pub deleted: bool,
    /// The sums that don't hold in it. A deleted record's aren't checked.
    pub breaches: Vec<Breach>,
    /// What it was made from; none if it can't be known to become the same again, or if it is to be looked at each time.
    pub source: Option<Source>,
    /// The stamps as they came, `metadata` and `sourceModifiedDate`.
    stamps: Stamps,
}

/// A digest of all that a record is made from: the platform's form of it, the map, what was looked up for it, and the program's own
/// part. What has the same becomes the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source([u8; 32]);

impl Source {
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Source {
    fn from(digest: [u8; 32]) -> Self {
        Self(digest)
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Stamps {
    metadata: Option<Metadata>,
    source_modified: Option<Timestamp>,
}

impl Record {
    /// Of a client's own data type, which has no model.
    pub fn custom(id: &str, document: Document, source_modified: Option<DateTime<Utc>>) -> Self {
        Self {
            // PostgreSQL's text holds no NUL.
            id: id.replace('\0', ""),
            document,
            source_modified: source_modified
                .and_then(|time| time.duration_trunc(TimeDelta::microseconds(1)).ok()),
            deleted: false,
            breaches: Vec::new(),
            source: None,
            stamps: Stamps::default(),
        }
    }

    /// The record as the contract shows it, with the stamps that the map gave it and without `modifiedDate`.
    pub fn to_json(&self) -> String {
        let mut whole = self.document.clone();
        if let Some(metadata) = &self.stamps.metadata {
            let deleted = metadata.is_deleted;
            whole.add("metadata", &format!("{{\"isDeleted\":{deleted}}}"));
        }
        if let Some(time) = self.stamps.source_modified {
            whole.add("sourceModifiedDate", &format!("\"{time}\""));
        }
        whole.as_str().to_owned()
    }
}

/// Reads a record into the model of `data_type`.
pub fn read<'de, D: Deserializer<'de>>(
    data_type: DataType,
    deserializer: D,
) -> Result<Record, D::Error> {
    data_type.with_model(Reading {
        data_type,
        deserializer,
        life: PhantomData,
    })
}

/// The schema of the answer that clients read: a record, or the statement that stored months are composed into.
pub fn describe(data_type: DataType, schemas: &mut Schemas) -> serde_json::Value {
    data_type.describe_answer(schemas)
}

/// The schema of one record of a data type, as a map makes it.
pub fn describe_record(data_type: DataType, schemas: &mut Schemas) -> serde_json::Value {
    data_type.with_model(Describing(schemas))
}

/// Work that is done with the model of a data type.
pub(crate) trait WithModel {
    type Out;
    fn with<M: Model>(self) -> Self::Out;
}

struct Reading<'de, D> {
    data_type: DataType,
    deserializer: D,
    life: PhantomData<&'de ()>,
}

impl<'de, D: Deserializer<'de>> WithModel for Reading<'de, D> {
    type Out = Result<Record, D::Error>;

    fn with<M: Model>(self) -> Self::Out {
        M::deserialize(self.deserializer).and_then(|model| checked(self.data_type, model))
    }
}

struct Describing<'a>(&'a mut Schemas);

impl WithModel for Describing<'_> {
    type Out = serde_json::Value;

    fn with<M: Model>(self) -> Self::Out {
        M::describe(self.0)
    }
}

fn checked<M: Model, E: Error>(data_type: DataType, mut model: M) -> Result<Record, E> {
    let id = model.record_id(data_type);
    if id.is_empty() {
        return Err(E::custom("the record's id is empty"));
    }
    let stamps = Stamps {
        source_modified: model.take_modified(),
        metadata: model.take_metadata(),
    };
    let deleted = (stamps.metadata.as_ref()).is_some_and(|metadata| metadata.is_deleted);
    let breaches = if deleted {
        Vec::new()
    } else {
        model.breaches()
    };
    if let Some(breach) = breaches.iter().find(|breach| breach.refuses) {
        return Err(E::custom(&breach.message));
    }
    let document = Document::of(&model).map_err(E::custom)?;
    let source_modified = stamps.source_modified.map(Timestamp::instant);
    Ok(Record {
        deleted,
        breaches,
        stamps,
        ..Record::custom(&id, document, source_modified)
    })
}

/// A model's record apart from its document.
pub(crate) trait Model: Serialize + DeserializeOwned + Described {
    fn record_id(&self, data_type: DataType) -> String;
    /// Takes out the time of the platform's last change, which has a column of its own.
    fn take_modified(&mut self) -> Option<Timestamp> {
        None
    }
    /// Takes out the mark of a deletion, which has a column of its own.
    fn take_metadata(&mut self) -> Option<Metadata> {
        None
    }
    /// The sums that don't hold in it.
    fn breaches(&self) -> Vec<Breach> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::{Record, read};
    use crate::DataType;

    fn record(data_type: DataType, json: &str) -> Result<Record, serde_json::Error> {
        read(data_type, &mut serde_json::Deserializer::from_str(json))
    }

    #[test]
    fn a_record_comes_out_with_its_digits_and_without_what_is_absent() {
        let record = record(
            DataType::Payments,
            r#"{"id":"RC-1","totalAmount":70.00,"note":null,"date":"2026-03-20",
                "sourceModifiedDate":"2026-03-20T11:00:00Z","metadata":{"isDeleted":true}}"#,
        )
        .unwrap();
        assert_eq!(
            record.to_json(),
            r#"{"id":"RC-1","totalAmount":70.00,"date":"2026-03-20T00:00:00","metadata":{"isDeleted":true},"sourceModifiedDate":"2026-03-20T11:00:00Z"}"#
        );
        assert_eq!(
            record.document.as_str(),
            r#"{"id":"RC-1","totalAmount":70.00,"date":"2026-03-20T00:00:00"}"#,
            "the table knows the stamps"
        );
        assert_eq!(record.id, "RC-1");
        assert!(record.deleted);
        assert_eq!(
            record.source_modified.unwrap().to_rfc3339(),
            "2026-03-20T11:00:00+00:00"
        );
    }

    #[test]
    fn a_member_or_a_value_that_the_contract_does_not_have_is_refused() {
        for json in [
            r#"{"id":"1","totalAmount":1,"totalAmout":1}"#,
            r#"{"id":"","totalAmount":1}"#,
            r#"{"totalAmount":1}"#,
            r#"{"id":"1","totalAmount":"many"}"#,
            r#"{"id":"1","totalAmount":1,"date":"yesterday"}"#,
            r#"{"id":"1","totalAmount":1,"lines":[{"amount":1,"links":[{"type":"Gift"}]}]}"#,
        ] {
            assert!(record(DataType::Payments, json).is_err(), "{json}");
        }
        for data_type in DataType::ALL {
            let refused = record(*data_type, r#"{"unknownMember":1}"#);
            assert!(refused.is_err(), "{data_type} has a model of its own");
        }
    }

    #[test]
    fn records_without_an_id_of_their_own_get_a_telling_one() {
        let id = |data_type, json| record(data_type, json).unwrap().id;
        assert_eq!(id(DataType::Company, "{}"), "company");
        assert_eq!(
            id(DataType::CommerceCompanyInfo, "{}"),
            "commerce-companyInfo"
        );
        assert_eq!(
            id(
                DataType::BankingAccountBalances,
                r#"{"accountId":"a","balance":{"current":1},"date":"2026-03-31"}"#
            ),
            "a:2026-03-31T00:00:00"
        );
    }
}
