//! Orders to suppliers and from customers, and the goods that came in.

use serde_json::{Value, json};

use super::accounts::{address, contact_id};
use super::documents::{bill_id, document_line, sales_id};
use crate::api::resource::Resource;
use crate::api::words::rfc3339;
use crate::books::Books;
use crate::books::documents::{DocumentLine, OrderState, TradeOrder};

pub(super) fn purchase_order_id(position: u32) -> String {
    format!("PO-{:07}", position + 1)
}

pub(super) fn sales_order_id(position: u32) -> String {
    format!("SO-{:07}", position + 1)
}

fn goods_receipt_id(position: usize) -> String {
    format!("GR-{:07}", position + 1)
}

/// The printed number of an order to a supplier.
pub(super) fn purchase_order_number(position: u32) -> String {
    format!("P{}", position + 5001)
}

pub(super) const PURCHASE_ORDERS: Resource = Resource {
    path: "/purchase_orders",
    noun: "purchase order",
    len: |books| books.purchase_orders.len(),
    keep: |_, _, _| true,
    updated: |books, at| books.purchase_orders[at].updated,
    id: |_, at| purchase_order_id(at as u32),
    render: |books, at| {
        let order = &books.purchase_orders[at];
        let mut record = common(books, order, purchase_order_id(at as u32));
        record["number"] = json!(purchase_order_number(at as u32));
        record["delivered_on"] = json!(order.delivered);
        record["bill_ids"] = order.charged_by.iter().map(|bill| bill_id(*bill)).collect();
        record
    },
    filters: &[],
};

pub(super) const SALES_ORDERS: Resource = Resource {
    path: "/sales_orders",
    noun: "sales order",
    len: |books| books.sales_orders.len(),
    keep: |_, _, _| true,
    updated: |books, at| books.sales_orders[at].updated,
    id: |_, at| sales_order_id(at as u32),
    render: |books, at| {
        let order = &books.sales_orders[at];
        let invoiced = match order.state {
            OrderState::Closed => "ALL",
            _ if order.charged_by.is_empty() => "NONE",
            _ => "PART",
        };
        let invoices = order.charged_by.iter().map(|invoice| sales_id(*invoice));
        let mut record = common(books, order, sales_order_id(at as u32));
        record["number"] = json!(format!("S{}", at + 3001));
        record["their_reference"] = json!(format!("PO {}", order.their_reference));
        record["invoiced"] = json!(invoiced);
        record["invoice_ids"] = invoices.collect();
        let recipient = &order.deliver_to;
        record["deliver_to"] = json!({
            "person": recipient.person,
            "email": recipient.email,
            "phone": recipient.phone,
            "address": recipient.address.as_ref().map(|one| address(books, one)),
        });
        record
    },
    filters: &[],
};

fn lines(books: &Books, lines: &[DocumentLine]) -> Vec<Value> {
    let numbered = lines.iter().enumerate();
    numbered
        .map(|(number, line)| document_line(books, number, line))
        .collect()
}

fn common(books: &Books, order: &TradeOrder, id: String) -> Value {
    let state = match order.state {
        OrderState::Open => "OPEN",
        OrderState::Part => "PART",
        OrderState::Closed => "CLOSED",
        OrderState::Voided => "VOIDED",
    };
    json!({
        "id": id,
        "state": state,
        "contact_id": contact_id(order.contact),
        "contact_name": books.contacts[order.contact as usize].name,
        "ordered_on": order.ordered,
        "expected_on": order.expected,
        "lines": lines(books, &order.lines),
        "net_total": order.net(),
        "tax_total": order.tax(),
        "gross_total": order.net() + order.tax(),
        "discount_total": order.lines.iter().map(|line| line.discount).sum::<i64>(),
        "currency": books.trade.business.currency,
        "exponent": books.trade.exponent,
        "created_at": rfc3339(order.created),
        "updated_at": rfc3339(order.updated),
    })
}

pub(super) const GOODS_RECEIPTS: Resource = Resource {
    path: "/goods_receipts",
    noun: "goods receipt",
    len: |books| books.deliveries.len(),
    keep: |_, _, _| true,
    updated: |books, at| books.deliveries[at].created,
    id: |_, at| goods_receipt_id(at),
    render: |books, at| {
        let delivery = &books.deliveries[at];
        let contact = books.purchase_orders[delivery.order as usize].contact;
        json!({
            "id": goods_receipt_id(at),
            "number": format!("G{}", at + 7001),
            "purchase_order_id": purchase_order_id(delivery.order),
            "bill_id": bill_id(delivery.bill),
            "contact_id": contact_id(contact),
            "contact_name": books.contacts[contact as usize].name,
            "received_on": delivery.on,
            "lines": lines(books, &delivery.lines),
            "net_total": delivery.lines.iter().map(|line| line.net).sum::<i64>(),
            "currency": books.trade.business.currency,
            "exponent": books.trade.exponent,
            "created_at": rfc3339(delivery.created),
            "updated_at": rfc3339(delivery.created),
        })
    },
    filters: &[],
};
