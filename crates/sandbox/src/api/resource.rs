//! A list of records in any dialect: those that exist, those that match, and the form of one.

use std::collections::HashMap;

use serde_json::Value;

use crate::books::Books;
use crate::books::ledger::Moment;

/// In milliseconds, as a [`Moment`] is.
const HOUR: Moment = 3_600_000;

/// The query string. A name given twice counts once.
pub(super) type Params = HashMap<String, String>;

/// One kind of record; records are named by their position.
pub(super) struct Resource {
    pub(super) path: &'static str,
    /// In error messages: "no such …".
    pub(super) noun: &'static str,
    pub(super) len: fn(&Books) -> usize,
    /// True if the record exists now and passes the filters.
    pub(super) keep: fn(&Books, usize, &Params) -> bool,
    pub(super) updated: fn(&Books, usize) -> Moment,
    pub(super) id: fn(&Books, usize) -> String,
    pub(super) render: fn(&Books, usize) -> Value,
    /// Filters with the values they accept; none listed means any.
    pub(super) filters: &'static [(&'static str, &'static [&'static str])],
}

impl Resource {
    /// The first filter with a value that is not one of its own.
    pub(super) fn bad_filter(&self, params: &Params) -> Option<&'static str> {
        self.filters.iter().find_map(|(name, allowed)| {
            let value = params.get(*name)?;
            let known = allowed.is_empty() || allowed.contains(&value.as_str());
            (!known).then_some(*name)
        })
    }

    /// Positions of all records that match and have changed at `since` or later, or earlier in its hour: the books show a change
    /// only from the next full hour on, so a caller who asked within the hour hasn't seen it.
    pub(super) fn select(
        &self,
        books: &Books,
        params: &Params,
        since: Option<Moment>,
    ) -> Vec<usize> {
        let since = since.map(|since| since - since.rem_euclid(HOUR));
        (0..(self.len)(books))
            .filter(|position| {
                since.is_none_or(|since| (self.updated)(books, *position) >= since)
                    && (self.keep)(books, *position, params)
            })
            .collect()
    }

    pub(super) fn find(&self, books: &Books, id: &str) -> Option<usize> {
        let none = Params::new();
        let len = (self.len)(books);
        let is_it = |position: &usize| {
            (self.id)(books, *position) == id && (self.keep)(books, *position, &none)
        };
        // Most ids end in their position, counted from one.
        let tail = id.rsplit(|sign: char| !sign.is_ascii_digit()).next()?;
        let guess = tail
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1));
        guess
            .filter(|position| *position < len)
            .filter(is_it)
            .or_else(|| (0..len.min(1000)).find(is_it))
    }
}

/// A parameter as a number from 1 to `most`; `usual` if it is absent, and its name as the error if it is anything else.
pub(super) fn number(
    params: &Params,
    name: &'static str,
    usual: usize,
    most: usize,
) -> Result<usize, &'static str> {
    let Some(value) = params.get(name) else {
        return Ok(usual);
    };
    value
        .parse()
        .ok()
        .filter(|number| (1..=most).contains(number))
        .ok_or(name)
}

/// A record without its absent fields, as the commerce and banking APIs answer.
pub(super) fn present(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, present(value)))
            .collect(),
        Value::Array(values) => values.into_iter().map(present).collect(),
        other => other,
    }
}

/// True if the filter is absent or has this value.
pub(super) fn passes(params: &Params, name: &str, value: &str) -> bool {
    params.get(name).is_none_or(|wanted| wanted == value)
}
