//! The shop, its sites, shoppers and products.

use serde_json::{Value, json};

use super::lists::category_id_of;
use crate::api::resource::Resource;
use crate::api::words::{decimal, percent};
use crate::books::documents::Address;
use crate::books::ledger::Moment;
use crate::books::{Books, midnight};

fn own_address(books: &Books) -> Value {
    let registered = &books.trade.registered;
    json!({
        "line1": registered.street,
        "city": registered.town,
        "state": registered.region,
        "zip": registered.postcode,
        "countryCode": books.trade.business.country,
    })
}

pub(super) fn shop(books: &Books) -> Value {
    let trade = books.trade;
    let available = books.processor.last().map_or(0, |entry| entry.balance);
    let nothing = decimal(0, trade.exponent);
    let opened = midnight(books.opened);
    json!({
        "merchantId": trade.business.id,
        "displayName": trade.business.name,
        "legalName": trade.registered.name,
        "registrationNumber": trade.registered.company_number,
        "currencyCode": trade.business.currency,
        "address": own_address(books),
        "phone": trade.registered.phone,
        "website": trade.registered.website,
        "balances": [{
            "currencyCode": trade.business.currency,
            "available": decimal(available, trade.exponent),
            "pending": nothing,
            "reserved": nothing,
        }],
        "createdAt": opened,
        "updatedAt": books.processor.last().map_or(opened, |entry| entry.at),
    })
}

pub(super) fn site_id(position: usize) -> String {
    format!("site_{:02}", position + 1)
}

pub(super) const SITES: Resource = Resource {
    path: "/sites",
    noun: "site",
    len: |books| books.trade.shop.sites.len(),
    keep: |_, _, _| true,
    updated: |books, _| midnight(books.opened),
    id: |_, at| site_id(at),
    render: |books, at| {
        let (label, kind) = books.trade.shop.sites[at];
        let opened = midnight(books.opened);
        json!({
            "siteId": site_id(at),
            "label": label,
            "kind": kind,
            "address": (kind != "online").then(|| own_address(books)),
            "createdAt": opened,
            "updatedAt": opened,
        })
    },
    filters: &[],
};

pub(super) fn shopper_id(position: u32) -> String {
    format!("shp_{:06}", position + 1)
}

pub(super) const SHOPPERS: Resource = Resource {
    path: "/shoppers",
    noun: "shopper",
    len: |books| books.shoppers.len(),
    keep: |books, at, _| !books.shoppers[at].erased,
    updated: |books, at| books.shoppers[at].updated,
    id: |_, at| shopper_id(at as u32),
    render: shopper,
    filters: &[],
};

fn shopper(books: &Books, at: usize) -> Value {
    let shopper = &books.shoppers[at];
    json!({
        "shopperId": shopper_id(at as u32),
        "firstName": shopper.given,
        "lastName": shopper.family,
        "email": shopper.email,
        "phone": shopper.phone,
        "currencyCode": books.trade.business.currency,
        "addresses": [address(books, &shopper.address)],
        "note": shopper.note,
        "acceptsMarketing": shopper.marketing,
        "createdAt": shopper.created,
        "updatedAt": shopper.updated,
    })
}

fn address(books: &Books, address: &Address) -> Value {
    json!({
        "use": "shipping",
        "line1": address.street,
        "city": address.town,
        "state": address.region,
        "zip": address.postcode,
        "countryCode": books.trade.business.country,
    })
}

pub(super) fn product_id(position: u32) -> String {
    format!("prd_{:04}", position + 1)
}

pub(super) fn variant_id(item: u32) -> String {
    format!("var_{:04}", item + 1)
}

/// The items that are a product's variants.
fn variants(books: &Books, product: usize) -> impl Iterator<Item = usize> {
    let first = books
        .items
        .partition_point(|item| (item.product as usize) < product);
    let count = books.trade.products[product].variants.len();
    first..first + count
}

fn product_updated(books: &Books, at: usize) -> Moment {
    variants(books, at)
        .map(|item| books.items[item].updated)
        .max()
        .unwrap_or_default()
}

pub(super) const PRODUCTS: Resource = Resource {
    path: "/products",
    noun: "product",
    len: |books| books.trade.products.len(),
    // Goods that are only invoiced are not in the shop.
    keep: |books, at, _| books.trade.products[at].weight.1 > 0,
    updated: product_updated,
    id: |_, at| product_id(at as u32),
    render: product,
    filters: &[],
};

fn product(books: &Books, at: usize) -> Value {
    let product = &books.trade.products[at];
    let variants: Vec<Value> = variants(books, at)
        .map(|item| variant(books, item))
        .collect();
    json!({
        "productId": product_id(at as u32),
        "title": product.title,
        "bodyText": product.details,
        "productType": product.category,
        "categoryId": category_id_of(books, product.category),
        "giftCard": false,
        "variants": variants,
        "createdAt": midnight(books.opened),
        "updatedAt": product_updated(books, at),
    })
}

fn variant(books: &Books, at: usize) -> Value {
    let trade = books.trade;
    let item = &books.items[at];
    let product = &trade.products[item.product as usize];
    let rate = trade.taxes[product.tax.1].rate_bp;
    let online = trade.shop.sites.iter().any(|site| site.1 == "online");
    let stock = (trade.stocked && !product.service).then(|| {
        json!({
            "total": item.on_hand,
            "bySite": [{
                "siteId": site_id(0),
                "label": trade.shop.sites[0].0,
                "quantity": item.on_hand,
            }],
        })
    });
    json!({
        "variantId": variant_id(at as u32),
        "title": item.variant,
        "sku": item.sku,
        "ean": ean(at),
        "unit": "each",
        "taxable": rate > 0,
        "taxRate": percent(rate),
        "price": {
            "amount": decimal(item.shop_price, trade.exponent),
            "currencyCode": trade.business.currency,
        },
        "needsShipping": online && !product.service,
        "visibility": "published",
        "stock": stock,
        "createdAt": item.created,
        "updatedAt": item.updated,
    })
}

/// An EAN-13 of the range kept for use inside a shop (prefix 20), with its check digit.
fn ean(at: usize) -> String {
    let body = format!("20{:010}", (at + 1) * 7919);
    let sum: u32 = body
        .bytes()
        .enumerate()
        .map(|(place, digit)| u32::from(digit - b'0') * if place % 2 == 0 { 1 } else { 3 })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}
