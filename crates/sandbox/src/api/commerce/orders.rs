//! Orders, charges and the card processor's account.

use serde_json::{Value, json};

use super::lists::tax_parts;
use super::people::{product_id, shopper_id, site_id, variant_id};
use crate::api::resource::Resource;
use crate::api::words::{decimal, percent};
use crate::books::Books;
use crate::books::shop::{Charge, Movement, Order, OrderLine, Tender};

fn order_id(position: u32) -> String {
    format!("ord_{:06}", position + 1)
}

pub(super) fn charge_id(position: u32) -> String {
    format!("chg_{:07}", position + 1)
}

pub(super) const ORDERS: Resource = Resource {
    path: "/orders",
    noun: "order",
    len: |books| books.orders.len(),
    keep: |_, _, _| true,
    updated: |books, at| books.orders[at].updated,
    id: |_, at| order_id(at as u32),
    render: order,
    filters: &[],
};

fn status(order: &Order) -> &'static str {
    match (order.closed, order.refunded) {
        (None, _) => "open",
        (Some(_), 0) => "closed",
        (Some(_), refunded) if refunded < order.total => "part_refunded",
        _ => "refunded",
    }
}

fn order(books: &Books, at: usize) -> Value {
    let trade = books.trade;
    let order = &books.orders[at];
    let money = |amount| decimal(amount, trade.exponent);
    let id = order_id(at as u32);
    let lines: Vec<Value> = order
        .lines
        .iter()
        .enumerate()
        .map(|(number, line)| order_line(books, &id, number, line))
        .collect();
    let shipping: Vec<Value> = order
        .shipping
        .iter()
        .map(|shipping| {
            json!({
                "label": shipping.label,
                "amount": money(shipping.amount),
                "taxRate": percent(trade.taxes[shipping.tax_code].rate_bp),
                "taxAmount": money(shipping.tax),
                "taxParts": tax_parts(books, shipping.tax_code),
            })
        })
        .collect();
    let subtotal = order.lines.iter().map(|line| line.total).sum();
    let discount = order
        .lines
        .iter()
        .filter_map(|line| line.discount)
        .map(|(_, amount)| amount)
        .sum();
    let tax = order.lines.iter().map(|line| line.tax).sum::<i64>()
        + order.shipping.map_or(0, |shipping| shipping.tax);
    let charges: Vec<Value> = order
        .charges
        .iter()
        .map(|position| {
            let charge = &books.charges[*position as usize];
            json!({
                "chargeId": charge_id(*position),
                "kind": kind(charge),
                "amount": money(charge.amount),
                "currencyCode": trade.business.currency,
                "method": method(charge.tender).0,
                "state": state(charge),
                "processor": processor(books, charge),
                "createdAt": charge.at,
                "updatedAt": charge.at,
            })
        })
        .collect();
    let shopper = order
        .shopper
        .map(|shopper| &books.shoppers[shopper as usize]);
    json!({
        "orderId": id,
        "orderNumber": format!("#{}", at + 1001),
        "channel": if order.web { "web" } else { "pos" },
        "countryCode": trade.registered.country3,
        "currencyCode": trade.business.currency,
        "taxesIncluded": trade.shop.taxes_included,
        "placedAt": order.placed,
        "closedAt": order.closed,
        "status": status(order),
        "siteId": site_id(order.site),
        "siteLabel": trade.shop.sites[order.site].0,
        "shopperId": order.shopper.map(shopper_id),
        "shopperName": shopper.map(|shopper| format!("{} {}", shopper.given, shopper.family)),
        "lines": lines,
        "shipping": shipping,
        "tip": money(order.tip),
        "subtotal": money(subtotal),
        "discountTotal": money(discount),
        "taxTotal": money(tax),
        "refundTotal": money(order.refunded),
        "grandTotal": money(order.total),
        "charges": charges,
        "createdAt": order.placed,
        "updatedAt": order.updated,
    })
}

fn order_line(books: &Books, order: &str, number: usize, line: &OrderLine) -> Value {
    let trade = books.trade;
    let item = &books.items[line.item as usize];
    let product = &trade.products[item.product as usize];
    let discounts: Vec<Value> = line
        .discount
        .iter()
        .map(|(label, amount)| json!({"label": label, "amount": decimal(*amount, trade.exponent)}))
        .collect();
    json!({
        "lineId": format!("{order}-{}", number + 1),
        "productId": product_id(item.product),
        "productTitle": product.title,
        "variantId": variant_id(line.item),
        "variantTitle": item.variant,
        "quantity": line.qty,
        "unitPrice": decimal(line.unit_price, trade.exponent),
        "discounts": discounts,
        "taxRate": percent(trade.taxes[line.tax_code].rate_bp),
        "taxAmount": decimal(line.tax, trade.exponent),
        "taxParts": tax_parts(books, line.tax_code),
        "lineTotal": decimal(line.total, trade.exponent),
    })
}

fn kind(charge: &Charge) -> &'static str {
    if charge.refund { "refund" } else { "sale" }
}

fn state(charge: &Charge) -> &'static str {
    if charge.declined {
        "declined"
    } else {
        "captured"
    }
}

pub(super) fn method(tender: Tender) -> (&'static str, &'static str) {
    match tender {
        Tender::CardPresent => ("card_present", "Card at the till"),
        Tender::CardOnline => ("card_online", "Card online"),
        Tender::Wallet => ("wallet", "Phone wallet"),
        Tender::Cash => ("cash", "Cash"),
    }
}

fn processor(books: &Books, charge: &Charge) -> Option<&'static str> {
    (charge.tender != Tender::Cash).then_some(books.trade.shop.processor)
}

pub(super) const CHARGES: Resource = Resource {
    path: "/charges",
    noun: "charge",
    len: |books| books.charges.len(),
    keep: |_, _, _| true,
    updated: |books, at| books.charges[at].at,
    id: |_, at| charge_id(at as u32),
    render: |books, at| {
        let charge = &books.charges[at];
        let (code, label) = method(charge.tender);
        json!({
            "chargeId": charge_id(at as u32),
            "orderId": order_id(charge.order),
            "kind": kind(charge),
            "amount": decimal(charge.amount, books.trade.exponent),
            "currencyCode": books.trade.business.currency,
            "method": {"code": code, "label": label},
            "state": state(charge),
            "processor": processor(books, charge),
            "createdAt": charge.at,
            "updatedAt": charge.at,
        })
    },
    filters: &[],
};

fn entry_id(position: usize) -> String {
    format!("ble_{:07}", position + 1)
}

pub(super) const BALANCE_ENTRIES: Resource = Resource {
    path: "/balanceEntries",
    noun: "balance entry",
    len: |books| books.processor.len(),
    keep: |_, _, _| true,
    updated: |books, at| books.processor[at].at,
    id: |_, at| entry_id(at),
    render: |books, at| {
        let entry = &books.processor[at];
        let (kind, detail) = match entry.movement {
            Movement::Charge => ("charge", "Payment"),
            Movement::Refund => ("refund", "Refund"),
            Movement::Fee => ("fee", "Processing fee"),
            Movement::Payout => ("payout", "Payout to the bank"),
        };
        let source = entry
            .charge
            .map(|charge| json!({"type": "charge", "id": charge_id(charge)}));
        json!({
            "entryId": entry_id(at),
            "type": kind,
            "amount": decimal(entry.amount, books.trade.exponent),
            "currencyCode": books.trade.business.currency,
            "balanceAfter": decimal(entry.balance, books.trade.exponent),
            "detail": detail,
            "source": source,
            "createdAt": entry.at,
            "updatedAt": entry.at,
        })
    },
    filters: &[],
};
