//! Paths as careless clients write them: in other letter case, or with a slash at the end.

use std::borrow::Cow;
use std::sync::LazyLock;

use http::Uri;
use http::uri::PathAndQuery;
use matchit::Router;

use crate::openapi::document;
use connectors::DataType;

/// A part of a path.
#[derive(Clone, Copy)]
enum Segment {
    Literal(&'static str),
    /// A data type's key, in any letter case.
    DataType,
    /// An id, or another value that counts as it is.
    Value,
}

impl Segment {
    fn of(text: &'static str) -> Self {
        match text {
            "{dataType}" => Self::DataType,
            text if text.contains('{') => Self::Value,
            text => Self::Literal(text),
        }
    }

    /// The text that should stand in place of one that is given.
    fn meant(self, given: &str) -> &str {
        match self {
            Self::Literal(word) => word,
            Self::DataType => {
                let keys = DataType::ALL.iter().map(|data_type| data_type.as_str());
                let mut keys = keys.filter(|key| key.eq_ignore_ascii_case(given));
                keys.next().unwrap_or(given)
            }
            Self::Value => given,
        }
    }
}

/// Every path of the document in lower case, with its segments.
static KNOWN: LazyLock<Router<Vec<Segment>>> = LazyLock::new(|| {
    let mut known = Router::new();
    let paths = document()["paths"].as_object().into_iter().flatten();
    for (path, _) in paths {
        let segments = path.split('/');
        let lower: Vec<String> = segments
            .clone()
            .map(|segment| match Segment::of(segment) {
                Segment::Literal(word) => word.to_ascii_lowercase(),
                _ => segment.to_owned(),
            })
            .collect();
        known
            .insert(lower.join("/"), segments.map(Segment::of).collect())
            .expect("the document's paths differ by more than letter case");
    }
    known
});

/// Gives a request the path that its operation has, if it is written otherwise. Values in it stay as they are, but for data types.
pub(crate) fn correct(uri: &mut Uri) {
    let Some(path) = canonical(uri.path()) else {
        return;
    };
    let text = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let mut parts = uri.clone().into_parts();
    let corrected = PathAndQuery::try_from(text).ok();
    if let Some(corrected) = corrected {
        parts.path_and_query = Some(corrected);
        if let Ok(changed) = Uri::from_parts(parts) {
            *uri = changed;
        }
    }
}

/// The path of the operation that is meant. None if it is written so, or if no operation is meant.
fn canonical(path: &str) -> Option<String> {
    let given = path.strip_suffix('/').filter(|rest| !rest.is_empty());
    let given = given.unwrap_or(path);
    // Most paths are in lower case as they are, and most of the others are right: those cost no copy.
    let lower = match given.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(given.to_ascii_lowercase()),
        false => Cow::Borrowed(given),
    };
    let words = KNOWN.at(&lower).ok()?.value;
    let segments = || given.split('/').zip(words);
    let is_right = |(given, segment): (&str, &Segment)| segment.meant(given) == given;
    if given == path && segments().all(is_right) {
        return None;
    }
    let written: Vec<&str> = segments()
        .map(|(given, segment)| segment.meant(given))
        .collect();
    Some(written.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_parts_are_corrected_and_values_stay() {
        for (given, meant) in [
            ("/companies/", Some("/companies")),
            (
                "/Companies/ABC/datastatus",
                Some("/companies/ABC/dataStatus"),
            ),
            (
                "/companies/A/data/billpayments/X-1",
                Some("/companies/A/data/billPayments/X-1"),
            ),
            (
                "/integrations/MQJO/datatypes/invoices/supplementaldataconfig",
                Some("/integrations/MQJO/dataTypes/invoices/supplementalDataConfig"),
            ),
            (
                "/companies/A/data/queue/billpayments",
                Some("/companies/A/data/queue/billPayments"),
            ),
            ("/companies/A/connections/B/push/Nothing/bills", None),
            ("/companies", None),
            ("/companies/A/data/billPayments/X-1", None),
            (
                "/companies/A/data/Bills/Bills",
                Some("/companies/A/data/bills/Bills"),
            ),
            ("/nowhere/", None),
            ("/", None),
            ("//", Some("/")),
        ] {
            assert_eq!(canonical(given).as_deref(), meant, "{given}");
        }
    }

    #[test]
    fn the_query_is_kept() {
        let mut uri: Uri = "/Companies/?query=name%3DA/&page=2".parse().unwrap();
        correct(&mut uri);
        assert_eq!(uri, "/companies?query=name%3DA/&page=2");
    }
}
