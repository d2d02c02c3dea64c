//! Page, page size, query and order of a list, and the contract's envelope around its results.

use axum::extract::FromRequestParts;
use http::request::Parts;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::errors::ApiError;
use store::list::Wanted;
use store::query::{self, Expression, Order, Schema};

pub(crate) const DEFAULT_PAGE_SIZE: i64 = 100;
pub(crate) const MAX_PAGE_SIZE: i64 = 5_000;

/// The parameters of a list request; unknown ones are ignored, as the contract's servers do.
#[derive(Clone, Debug)]
pub(crate) struct Paging {
    pub(crate) page: i64,
    pub(crate) page_size: i64,
    pub(crate) query: Option<String>,
    pub(crate) order_by: Option<String>,
    pub(crate) tags: Option<String>,
    /// A list's own filters.
    further: Vec<(String, String)>,
    path: String,
}

impl Paging {
    /// Rows before the page.
    pub(crate) fn offset(&self) -> i64 {
        (self.page - 1).saturating_mul(self.page_size)
    }

    pub(crate) fn filter(&self, schema: &Schema) -> Result<Option<Expression>, ApiError> {
        match self.query.as_deref().filter(|text| !text.trim().is_empty()) {
            Some(text) => Ok(Some(query::parse(text, schema)?)),
            None => Ok(None),
        }
    }

    pub(crate) fn order(&self, schema: &Schema) -> Result<Option<Order>, ApiError> {
        match &self.order_by {
            Some(text) => Ok(query::parse_order(text, schema)?),
            None => Ok(None),
        }
    }

    /// The same, as the store takes it.
    pub(crate) fn wanted<'a>(
        &self,
        filter: &'a Option<Expression>,
        order: &'a Option<Order>,
    ) -> Wanted<'a> {
        Wanted {
            filter: filter.as_ref(),
            order: order.as_ref(),
            limit: self.page_size,
            offset: self.offset(),
        }
    }

    /// Keeps a list's own filters in the links to its other pages.
    pub(crate) fn keep(&mut self, filters: Vec<(String, String)>) {
        self.further = filters;
    }

    /// The envelope around a page of `total` results.
    pub(crate) fn envelope<T>(&self, results: Vec<T>, total: i64) -> Envelope<T> {
        Envelope {
            results,
            page_number: self.page,
            page_size: self.page_size,
            total_results: total,
            links: self.links(total),
        }
    }

    pub(crate) fn links(&self, total: i64) -> Links {
        let to = |page: i64| {
            let mut href = format!("{}?page={page}&pageSize={}", self.path, self.page_size);
            let own = [
                ("query", &self.query),
                ("orderBy", &self.order_by),
                ("tags", &self.tags),
            ];
            let own = own
                .iter()
                .filter_map(|(name, value)| Some((*name, value.as_deref()?)));
            let further = self.further.iter();
            let further = further.map(|(name, value)| (name.as_str(), value.as_str()));
            for (name, value) in own.chain(further) {
                href.push_str(&format!(
                    "&{name}={}",
                    utf8_percent_encode(value, NON_ALPHANUMERIC)
                ));
            }
            Href { href }
        };
        Links {
            own: Href {
                href: self.path.clone(),
            },
            current: to(self.page),
            next: (self.page.saturating_mul(self.page_size) < total).then(|| to(self.page + 1)),
            previous: (self.page > 1).then(|| to(self.page - 1)),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Paging {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut paging = Self {
            page: 1,
            page_size: DEFAULT_PAGE_SIZE,
            query: None,
            order_by: None,
            tags: None,
            further: Vec::new(),
            path: parts.uri.path().to_owned(),
        };
        for (name, value) in
            url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
        {
            // The contract's own documentation writes `orderby` too.
            match name.to_ascii_lowercase().as_str() {
                "page" => paging.page = number("page", &value, i64::from(i32::MAX))?,
                "pagesize" => paging.page_size = number("pageSize", &value, MAX_PAGE_SIZE)?,
                "query" => paging.query = Some(value.into_owned()),
                "orderby" => paging.order_by = Some(value.into_owned()),
                "tags" => paging.tags = Some(value.into_owned()),
                _ => {}
            }
        }
        Ok(paging)
    }
}

fn number(name: &str, text: &str, max: i64) -> Result<i64, ApiError> {
    match text.parse::<i64>() {
        Ok(number) if (1..=max).contains(&number) => Ok(number),
        _ => Err(ApiError::invalid(
            name,
            format!("{name} must be a whole number from 1 to {max}."),
        )),
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Envelope<T> {
    pub(crate) results: Vec<T>,
    pub(crate) page_number: i64,
    pub(crate) page_size: i64,
    pub(crate) total_results: i64,
    #[serde(rename = "_links")]
    pub(crate) links: Links,
}

/// Relative references, as the contract has them: `self` bare, the others with the page.
#[derive(Debug, Serialize)]
pub(crate) struct Links {
    #[serde(rename = "self")]
    pub(crate) own: Href,
    pub(crate) current: Href,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<Href>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) previous: Option<Href>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Href {
    pub(crate) href: String,
}
