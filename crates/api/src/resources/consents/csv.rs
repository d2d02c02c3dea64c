//! A list as a table of comma-separated values (RFC 4180) that no spreadsheet takes for formulas.

use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

use crate::around::errors::ApiError;

/// The two forms of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Csv,
}

impl Form {
    /// The form that `format` names, or else the one that the `Accept` header asks for.
    pub(super) fn wanted(format: Option<&str>, headers: &HeaderMap) -> Result<Self, ApiError> {
        match format {
            Some("json") => Ok(Self::Json),
            Some("csv") => Ok(Self::Csv),
            Some(other) => Err(ApiError::unknown(
                "format",
                "format",
                other,
                ["json", "csv"],
            )),
            None => {
                let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
                let accepted = accept.unwrap_or_default().split(',');
                let mut kinds = accepted.map(|kind| kind.split(';').next().unwrap_or_default());
                let csv = kinds.any(|kind| kind.trim().eq_ignore_ascii_case("text/csv"));
                Ok(if csv { Self::Csv } else { Self::Json })
            }
        }
    }
}

/// Answers with a table.
pub(super) fn table(
    file: &'static str,
    columns: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Response {
    let mut text = String::new();
    line(&mut text, columns.iter().copied());
    for row in rows {
        line(&mut text, row.iter().map(String::as_str));
    }
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static(file));
    response
}

fn line<'a>(text: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            text.push(',');
        }
        push_cell(text, cell);
    }
    text.push_str("\r\n");
}

/// A business or a person may be called `=HYPERLINK(…)`: a cell that a spreadsheet would calculate begins with an apostrophe,
/// which it takes for text.
fn push_cell(text: &mut String, cell: &str) {
    text.push('"');
    if cell.trim_start().starts_with(['=', '+', '-', '@']) || cell.starts_with(['\t', '\r', '\n']) {
        text.push('\'');
    }
    text.push_str(&cell.replace('"', "\"\""));
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> String {
        let mut made = String::new();
        push_cell(&mut made, text);
        made
    }

    #[test]
    fn no_cell_is_calculated() {
        assert_eq!(cell("Harbour Lane Café"), "\"Harbour Lane Café\"");
        assert_eq!(cell("say \"hi\", twice"), "\"say \"\"hi\"\", twice\"");
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1"] {
            assert_eq!(cell(formula), format!("\"'{formula}\""));
        }
    }
}
