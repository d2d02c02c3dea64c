//! A checked record of any data type.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use serde::de::{DeserializeOwned, Deserializer, Error};
use serde::ser::Serialize;

use crate::accounting::Metadata;
use crate::schema::{Described, Schemas};
use crate::{DataType, Timestamp};

/// A record that was read into its data type's model and written again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    data_type: DataType,
    id: String,
    source_modified: Option<DateTime<Utc>>,
    deleted: bool,
    json: String,
}

impl Record {
    pub fn data_type(&self) -> DataType {
        self.data_type
    }

    /// Unique within its connection and data type: the platform's own id if the contract shows one, otherwise a
    /// month, an account and a date, or the data type's key if there is one record only.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The time of the platform's last change to it.
    pub fn source_modified(&self) -> Option<DateTime<Utc>> {
        self.source_modified
    }

    /// The platform still lists it, but as gone (`metadata.isDeleted`).
    pub fn deleted(&self) -> bool {
        self.deleted
    }

    /// The record as the contract shows it, without `modifiedDate`. A statement is one month of it: see
    /// [`accounting::statements`].
    pub fn to_json(&self) -> String {
        self.json.clone()
    }

    pub fn into_json(self) -> String {
        self.json
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
        M::deserialize(self.deserializer).and_then(|model| checked(self.data_type, &model))
    }
}

struct Describing<'a>(&'a mut Schemas);

impl WithModel for Describing<'_> {
    type Out = serde_json::Value;

    fn with<M: Model>(self) -> Self::Out {
        M::describe(self.0)
    }
}

fn checked<M: Model, E: Error>(data_type: DataType, model: &M) -> Result<Record, E> {
    let id = model.record_id(data_type);
    if id.is_empty() {
        return Err(E::custom("the record's id is empty"));
    }
    Ok(Record {
        data_type,
        id,
        source_modified: model.modified().map(Timestamp::instant),
        deleted: model.metadata().is_some_and(|metadata| metadata.is_deleted),
        json: serde_json::to_string(model).map_err(E::custom)?,
    })
}

/// The facts that the store keeps beside a record.
pub(crate) trait Model: Serialize + DeserializeOwned + Described {
    fn record_id(&self, data_type: DataType) -> String;
    fn modified(&self) -> Option<Timestamp> {
        None
    }
    fn metadata(&self) -> Option<&Metadata> {
        None
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
        assert_eq!(record.id(), "RC-1");
        assert!(record.deleted());
        assert_eq!(
            record.source_modified().unwrap().to_rfc3339(),
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
        let id = |data_type, json| record(data_type, json).unwrap().id().to_owned();
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
