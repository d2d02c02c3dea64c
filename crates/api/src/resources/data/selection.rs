//! A page of records: the filter and the order that a request gives, and the contract's envelope around the result.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;

use super::model;
use super::resources::Resource;
use crate::AppState;
use crate::around::errors::ApiError;
use crate::around::paging::Paging;
use store::query::{Condition, Expression, Order};
use store::records::{self, Scope, Stored};

/// The records of a resource that a read asks for, and their order.
#[derive(Default)]
pub(super) struct Selection {
    pub(super) filter: Option<Expression>,
    order: Option<Order>,
}

impl Selection {
    pub(super) fn read(paging: &Paging, resource: &Resource) -> Result<Self, ApiError> {
        let model = model::of(resource.data_type);
        let schema = records::schema(model.map_or(resource.path, |model| model.name));
        let mut selection = Self {
            filter: paging.filter(&schema)?,
            order: paging.order(&schema)?,
        };
        if let Some(model) = model {
            model.check(selection.filter.as_ref(), selection.order.as_ref())?;
        }
        if !resource.stamps.metadata {
            selection.only_present();
        }
        Ok(selection)
    }

    /// Leaves out what is gone at the platform, for schemas that have no member for it.
    pub(super) fn only_present(&mut self) {
        self.also(Condition::not_deleted());
    }

    pub(super) fn also(&mut self, condition: Condition) {
        let condition = Expression::Condition(condition);
        self.filter = Some(match self.filter.take() {
            Some(filter) => Expression::All(vec![condition, filter]),
            None => condition,
        });
    }
}

pub(super) async fn page(
    app: &AppState,
    scope: &Scope,
    paging: &Paging,
    resource: &Resource,
    selection: Selection,
) -> Result<Response, ApiError> {
    let Selection { filter, order } = selection;
    let total =
        records::count(&app.db, scope, resource.data_type.as_str(), filter.as_ref()).await?;
    let records = if paging.offset() < total {
        let (limit, offset) = (paging.page_size, paging.offset());
        records::list(
            &app.db,
            scope,
            resource.data_type.as_str(),
            filter.as_ref(),
            order.as_ref(),
            limit,
            offset,
        )
        .await?
    } else {
        Vec::new()
    };
    Ok(json(envelope(&records, resource, paging, total)))
}

/// The contract's paging envelope around documents that are already JSON.
fn envelope(records: &[Stored], resource: &Resource, paging: &Paging, total: i64) -> Vec<u8> {
    let size: usize = records
        .iter()
        .map(|record| record.document.len() + 160)
        .sum();
    let mut body = Vec::with_capacity(size + 512);
    body.extend_from_slice(b"{\"results\":[");
    for (at, record) in records.iter().enumerate() {
        if at > 0 {
            body.push(b',');
        }
        record.write(resource.stamps, &mut body);
    }
    let tail = serde_json::json!({
        "pageNumber": paging.page,
        "pageSize": paging.page_size,
        "totalResults": total,
        "_links": paging.links(total),
    });
    body.extend_from_slice(b"],");
    body.extend_from_slice(&tail.to_string().as_bytes()[1..]);
    body
}

pub(super) fn json(body: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "application/json")], Body::from(body)).into_response()
}
