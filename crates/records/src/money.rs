//! An amount of money, a quantity or a rate: an exact decimal on its way through.

use std::fmt;

use rust_decimal::Decimal;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

/// The name of the newtype that [`Money`] asks a deserialiser for. A deserialiser that keeps its numbers as decimal text
/// (jq's values do) answers with `visit_str` and refuses a binary float; `serde_json` answers with the raw number.
pub const DECIMAL: &str = "$decimal";

/// An exact decimal of up to 28 digits. It is read from a JSON number or a string that holds one, and written as a bare
/// JSON number with its scale kept: `0.10` stays `0.10`. It is never a float on the way, and a float is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(pub Decimal);

impl Money {
    pub const ZERO: Money = Money(Decimal::ZERO);

    /// Reads decimal text, with an exponent or without. More digits than can be kept exactly are an error.
    pub fn parse(text: &str) -> Result<Self, rust_decimal::Error> {
        match text.find(['e', 'E']) {
            None => Decimal::from_str_exact(text),
            Some(_) => Decimal::from_scientific(text),
        }
        .map(Money)
    }
}

/// The number of decimals of a currency, by its code (ISO 4217): most have two.
pub fn currency_exponent(code: &str) -> u32 {
    match code.trim().to_ascii_uppercase().as_str() {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

/// The smallest amount of a currency: a cent, if the currency isn't known.
pub fn currency_unit(code: Option<&str>) -> Decimal {
    Decimal::new(1, code.map_or(2, currency_exponent))
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Money(amounts.map(|amount| amount.0).sum())
    }
}

impl std::ops::Add for Money {
    type Output = Money;

    fn add(self, other: Money) -> Money {
        Money(self.0 + other.0)
    }
}

impl std::ops::Sub for Money {
    type Output = Money;

    fn sub(self, other: Money) -> Money {
        Money(self.0 - other.0)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.to_string())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(DECIMAL, MoneyVisitor)
    }
}

struct MoneyVisitor;

impl<'de> Visitor<'de> for MoneyVisitor {
    type Value = Money;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an exact decimal")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Money, E> {
        Money::parse(text).map_err(|error| E::custom(format!("`{text}` is not a decimal: {error}")))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Money, E> {
        Ok(Money(number.into()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Money, E> {
        Ok(Money(number.into()))
    }

    /// `serde_json` comes this way.
    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Money, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        let text = raw
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(raw);
        self.visit_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Money;

    fn through(json: &str) -> Result<String, serde_json::Error> {
        serde_json::from_str::<Money>(json).map(|money| serde_json::to_string(&money).unwrap())
    }

    #[test]
    fn an_amount_keeps_every_digit_and_its_scale() {
        for text in [
            "0.10",
            "-1234567.80",
            "1",
            "0",
            "100.00",
            "1234567890123456789012345.678",
        ] {
            assert_eq!(through(text).unwrap(), text);
        }
        assert_eq!(through("\"19.90\"").unwrap(), "19.90");
        assert_eq!(through("1.5e3").unwrap(), "1500");
    }

    #[test]
    fn what_is_no_exact_decimal_is_refused() {
        for text in [
            "\"ten\"",
            "\"\"",
            "null",
            "true",
            "[]",
            "0.12345678901234567890123456789012345",
        ] {
            assert!(through(text).is_err(), "{text}");
        }
    }
}
