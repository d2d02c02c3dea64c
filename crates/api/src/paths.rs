//! Paths as careless clients write them: in other letter case, or with a slash at the end.

use std::borrow::Cow;
use std::sync::LazyLock;

use http::Uri;
use http::uri::PathAndQuery;
use matchit::Router;

use crate::openapi::document;

/// Every path of the document in lower case, with its segments: the words of literal ones, none for values.
static KNOWN: LazyLock<Router<Vec<Option<&'static str>>>> = LazyLock::new(|| {
    let mut known = Router::new();
    let paths = document()["paths"].as_object().into_iter().flatten();
    for (path, _) in paths {
        let literal = |segment: &&str| !segment.contains('{');
        let segments = path.split('/');
        let words = segments
            .clone()
            .map(|segment| Some(segment).filter(literal));
        let lower: Vec<String> = segments
            .map(|segment| match literal(&segment) {
                true => segment.to_ascii_lowercase(),
                false => segment.to_owned(),
            })
            .collect();
        known
            .insert(lower.join("/"), words.collect())
            .expect("the document's paths differ by more than letter case");
    }
    known
});

/// Gives a request the path that its operation has, if it is written otherwise. Values in it, such as ids, stay as they are.
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
    let is_right = |(segment, word): (&str, &Option<&str>)| word.is_none_or(|word| word == segment);
    if given == path && segments().all(is_right) {
        return None;
    }
    let written: Vec<&str> = segments()
        .map(|(segment, word)| word.unwrap_or(segment))
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
