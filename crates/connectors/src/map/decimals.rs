//! Exact decimals in maps.

use jaq_core::{Error, ValT as _};
use jaq_json::{Num, Val};
use rust_decimal::{Decimal, RoundingStrategy};

use super::values::{ValR, text};

/// The decimal in a number or a string; None for null. A float has already lost its digits, and is refused.
pub(super) fn decimal(value: &Val) -> Result<Option<Decimal>, Error<Val>> {
    let digits = match value {
        Val::Null => return Ok(None),
        Val::Num(Num::Int(integer)) => return Ok(Some(Decimal::from(*integer))),
        Val::Num(Num::BigInt(integer)) => integer.to_string(),
        Val::Num(Num::Dec(digits)) => digits.to_string(),
        Val::Num(Num::Float(float)) => {
            return Err(Error::str(format!(
                "{float} is a float, which has lost its exact digits: use dadd, dsub, dmul or ddiv"
            )));
        }
        other => match text(other) {
            Some(digits) => digits.trim().to_owned(),
            None => return Err(Error::str(format!("{other} is not a decimal"))),
        },
    };
    records::Money::parse(&digits)
        .map(|money| Some(money.0))
        .map_err(|error| Error::str(format!("`{digits}` is not a decimal: {error}")))
}

/// A zero has no sign.
pub(super) fn number(mut decimal: Decimal) -> ValR {
    if decimal.is_zero() {
        decimal.set_sign_positive(true);
    }
    Val::from_num(&decimal.to_string())
}

pub(super) fn on_decimal(
    value: &Val,
    f: impl FnOnce(Decimal) -> Result<Decimal, Error<Val>>,
) -> ValR {
    match decimal(value)? {
        None => Ok(Val::Null),
        Some(decimal) => number(f(decimal)?),
    }
}

pub(super) fn on_two(
    a: &Val,
    b: &Val,
    f: impl FnOnce(Decimal, Decimal) -> Option<Decimal>,
) -> ValR {
    match (decimal(a)?, decimal(b)?) {
        (Some(x), Some(y)) => match f(x, y) {
            Some(result) => number(result),
            None => Err(Error::str(format!("{x} and {y} have no exact result"))),
        },
        _ => Ok(Val::Null),
    }
}

pub(super) fn places(value: &Val) -> Result<u32, Error<Val>> {
    match value {
        Val::Num(Num::Int(places @ 0..=28)) => Ok(*places as u32),
        other => Err(Error::str(format!(
            "{other} is not a number of decimals (0 to 28)"
        ))),
    }
}

/// Rounds to exactly `scale` decimals, half away from zero.
pub(super) fn rounded(number: Decimal, scale: u32) -> Decimal {
    let mut rounded = number.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(scale);
    rounded
}

/// The product, or None if it needs more digits than `rust_decimal` has, which would round it in silence.
pub(super) fn exact_product(a: Decimal, b: Decimal) -> Option<Decimal> {
    let product = a.checked_mul(b)?;
    (product.scale() == a.scale() + b.scale() || product.is_zero()).then_some(product)
}

pub(super) fn minor(units: Decimal, exponent: u32) -> Result<Decimal, Error<Val>> {
    if units.scale() != 0 {
        return Err(Error::str(format!(
            "{units} is not an integer of minor units"
        )));
    }
    Decimal::try_from_i128_with_scale(units.mantissa(), exponent)
        .map_err(|error| Error::str(error.to_string()))
}

/// An amount in minor units. Digits beyond the exponent stay behind the point, for the platform to refuse.
pub(super) fn units(amount: Decimal, exponent: u32) -> Result<Decimal, Error<Val>> {
    10_i128
        .checked_pow(exponent)
        .and_then(|unit| Decimal::try_from_i128_with_scale(unit, 0).ok())
        .and_then(|unit| amount.checked_mul(unit))
        .map(|units| units.normalize())
        .ok_or_else(|| Error::str(format!("{amount} has no exact number of minor units")))
}
