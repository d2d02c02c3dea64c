//! Profit and loss, balance sheet and cash flow: the requested periods, composed from the stored months.

use ::records::DataType;
use ::records::Timestamp;
use ::records::accounting::statements::{
    compose_balance_sheet, compose_cash_flow, compose_profit_and_loss,
};
use axum::extract::FromRequestParts;
use chrono::NaiveDate;
use http::request::Parts;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::around::errors::ApiError;
use store::StoreError;

/// A hundred years of months.
const MAX: u32 = 1_200;

pub(super) struct Periods {
    /// Months.
    length: u32,
    count: u32,
    /// Any day of the newest period's last month.
    start: Option<NaiveDate>,
}

impl<S: Sync> FromRequestParts<S> for Periods {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let (mut length, mut count, mut start) = (None, None, None);
        for (name, value) in
            url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
        {
            match name.as_ref() {
                "periodLength" => length = Some(number("periodLength", &value)?),
                "periodsToCompare" => count = Some(number("periodsToCompare", &value)?),
                "startMonth" if !value.is_empty() => {
                    let time = Timestamp::parse(&value).ok_or_else(|| {
                        ApiError::invalid(
                            "startMonth",
                            "startMonth must be a date, such as 2026-01-01T00:00:00Z.",
                        )
                    })?;
                    start = Some(time.date());
                }
                _ => {}
            }
        }
        let required = |name: &str| {
            ApiError::invalid(
                name,
                format!("{name} is required: a whole number from 1 to {MAX}."),
            )
        };
        Ok(Self {
            length: length.ok_or_else(|| required("periodLength"))?,
            count: count.ok_or_else(|| required("periodsToCompare"))?,
            start,
        })
    }
}

fn number(name: &str, text: &str) -> Result<u32, ApiError> {
    match text.parse() {
        Ok(number) if (1..=MAX).contains(&number) => Ok(number),
        _ => Err(ApiError::invalid(
            name,
            format!("{name} must be a whole number from 1 to {MAX}."),
        )),
    }
}

/// The contract's answer as JSON. None for a data type that isn't composed.
pub(super) fn compose(
    data_type: DataType,
    months: &[&str],
    periods: &Periods,
) -> Result<Option<Vec<u8>>, StoreError> {
    let &Periods {
        length,
        count,
        start,
    } = periods;
    match data_type {
        DataType::ProfitAndLoss => write(&compose_profit_and_loss(
            &read(months)?,
            length,
            count,
            start,
        ))
        .map(Some),
        DataType::BalanceSheet => {
            write(&compose_balance_sheet(&read(months)?, length, count, start)).map(Some)
        }
        DataType::CashFlowStatement => {
            write(&compose_cash_flow(&read(months)?, length, count, start)).map(Some)
        }
        _ => Ok(None),
    }
}

fn read<M: DeserializeOwned>(months: &[&str]) -> Result<Vec<M>, StoreError> {
    months
        .iter()
        .map(|month| serde_json::from_str(month).map_err(corrupt))
        .collect()
}

fn write(statement: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(statement).map_err(corrupt)
}

fn corrupt(error: serde_json::Error) -> StoreError {
    StoreError::Corrupt(format!("a month of a statement can't be read: {error}"))
}
