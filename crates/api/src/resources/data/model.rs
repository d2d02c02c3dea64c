//! The names of the standard models' members, asked of the models themselves.

use ::records::DataType;
use serde::de::{Deserializer, Error as _, Visitor, value::Error};
use serde::forward_to_deserialize_any;

use store::query::{Expression, Order, QueryError};

/// A data type's model: its name, and its members as the contract spells them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Model {
    pub(super) name: &'static str,
    members: &'static [&'static str],
}

/// None for a data type without a model.
pub(super) fn of(data_type: DataType) -> Option<Model> {
    let mut model = None;
    // A deserialiser hears the name and the members before it gives a value; this one has none to give.
    let nothing = ::records::read(data_type, Listener(&mut model));
    debug_assert!(nothing.is_err());
    model
}

impl Model {
    /// Refuses a property that no record of the type can have. Only the first name of a path is known.
    pub(super) fn check(
        self,
        filter: Option<&Expression>,
        order: Option<&Order>,
    ) -> Result<(), QueryError> {
        if let Some(filter) = filter {
            self.check_expression(filter)?;
        }
        match order {
            Some(order) => self.check_field(&order.field),
            None => Ok(()),
        }
    }

    fn check_expression(self, expression: &Expression) -> Result<(), QueryError> {
        match expression {
            Expression::All(parts) | Expression::Any(parts) => parts
                .iter()
                .try_for_each(|part| self.check_expression(part)),
            Expression::Condition(condition) => self.check_field(&condition.field),
        }
    }

    fn check_field(self, field: &str) -> Result<(), QueryError> {
        /// The members that the table adds to each document.
        const STAMPS: [&str; 3] = ["modifiedDate", "sourceModifiedDate", "metadata"];

        let name = field.split('.').next().unwrap_or_default();
        if STAMPS.contains(&name) || self.members.contains(&name) {
            return Ok(());
        }
        Err(QueryError::UnknownProperty {
            property: field.to_owned(),
            schema: self.name,
        })
    }
}

struct Listener<'a>(&'a mut Option<Model>);

impl<'de> Deserializer<'de> for Listener<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        members: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        *self.0 = Some(Model { name, members });
        Err(Error::custom("listening only"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("listening only"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_names_itself_and_its_members() {
        let invoice = of(DataType::Invoices).expect("a model");
        assert_eq!(invoice.name, "Invoice");
        assert!(invoice.members.contains(&"totalAmount"));
        assert_eq!(invoice.check_field("customerRef.id"), Ok(()));
        assert_eq!(invoice.check_field("metadata.isDeleted"), Ok(()));
        assert_eq!(
            invoice
                .check_field("totlAmount")
                .expect_err("a typing error")
                .to_string(),
            "Error parsing query - Could not resolve property totlAmount on Invoice"
        );
        for data_type in DataType::ALL {
            assert!(of(*data_type).is_some(), "{data_type}");
        }
    }
}
