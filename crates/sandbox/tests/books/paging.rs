//! Pages cover a list exactly once, and bad requests are refused in each dialect.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use sandbox::Product;
use serde_json::{Value, json};

use crate::change::LISTS;
use crate::reader::{EVENING, Platform, text};

const JOINER: &str = "lindqvist-snickeri";

fn ids(records: &[Value], name: &str) -> Vec<String> {
    records
        .iter()
        .map(|record| text(&record[name]).to_owned())
        .collect()
}

fn unique(ids: &[String]) {
    let mut sorted = ids.to_vec();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted.len(), ids.len(), "an id came twice");
}

#[tokio::test]
async fn numbered_pages_cover_each_accounting_list_once() {
    let platform = Platform::at(EVENING);
    for path in LISTS {
        let whole = ids(&platform.ledger(JOINER, path).await, "id");
        unique(&whole);
        let mut paged = Vec::new();
        for page in 1.. {
            let uri = format!("/accounting/v2{path}?page={page}&per_page=37");
            let (_, body) = platform.send(JOINER, Product::Accounting, &uri).await;
            let data = body["data"].as_array().expect("data");
            assert_eq!(body["per_page"], 37);
            assert_eq!(body["total_pages"], whole.len().div_ceil(37));
            if data.is_empty() {
                break;
            }
            paged.extend(ids(data, "id"));
        }
        assert_eq!(paged, whole, "{path}");
    }
}

#[tokio::test]
async fn cursors_cover_each_commerce_list_once() {
    let platform = Platform::at(EVENING);
    for (path, id) in [
        ("/sites", "siteId"),
        ("/shoppers", "shopperId"),
        ("/products", "productId"),
        ("/orders", "orderId"),
        ("/charges", "chargeId"),
        ("/balanceEntries", "entryId"),
    ] {
        let whole = ids(&platform.shop(JOINER, path, 250).await, id);
        unique(&whole);
        assert_eq!(
            ids(&platform.shop(JOINER, path, 1).await, id),
            whole,
            "{path}"
        );
        assert_eq!(
            ids(&platform.shop(JOINER, path, 7).await, id),
            whole,
            "{path}"
        );
    }
}

#[tokio::test]
async fn links_cover_each_banking_list_once_and_keep_the_filters() {
    let platform = Platform::at(EVENING);
    for (path, id) in [
        ("/accounts", "accountId"),
        ("/balances", "balanceId"),
        ("/categories", "categoryId"),
        ("/entries", "entryId"),
    ] {
        let whole = ids(
            &platform.bank(JOINER, &format!("{path}?limit=500")).await,
            id,
        );
        unique(&whole);
        assert_eq!(
            ids(&platform.bank(JOINER, &format!("{path}?limit=3")).await, id),
            whole
        );
    }
    let filters = "/entries?account=acc-1000&dateFrom=20260301&dateTo=20260331&limit=4";
    let march = platform.bank(JOINER, filters).await;
    assert!(march.len() > 4);
    for entry in &march {
        assert_eq!(entry["accountId"], "acc-1000");
        assert!(text(&entry["bookedOn"]).starts_with("202603"), "{entry}");
    }
    let all = platform.bank(JOINER, "/entries?limit=500").await;
    let expected = all.iter().filter(|entry| {
        entry["accountId"] == "acc-1000" && text(&entry["bookedOn"]).starts_with("202603")
    });
    assert_eq!(march.len(), expected.count());
}

#[tokio::test]
async fn a_cursor_outlives_records_that_go() {
    let platform = Platform::at(EVENING);
    let uri = "/commerce/api/shoppers?limit=10";
    let (_, first) = platform.send(JOINER, Product::Commerce, uri).await;
    let cursor = text(&first["pageInfo"]["nextCursor"]).to_owned();
    platform.library.advance(JOINER, 14);
    let uri = format!("/commerce/api/shoppers?limit=10&after={cursor}");
    let (status, second) = platform.send(JOINER, Product::Commerce, &uri).await;
    assert_eq!(status, StatusCode::OK);
    let last = text(&first["items"][9]["shopperId"]);
    assert!(text(&second["items"][0]["shopperId"]) > last);
}

#[tokio::test]
async fn every_listed_record_can_be_read_by_its_id() {
    let platform = Platform::at(EVENING);
    for path in LISTS {
        for record in platform.ledger(JOINER, path).await.iter().take(30) {
            let one = platform
                .accounting(JOINER, &format!("{path}/{}", text(&record["id"])))
                .await;
            assert_eq!(one, *record);
        }
    }
    let order = &platform.shop(JOINER, "/orders", 50).await[3];
    let uri = format!("/commerce/api/orders/{}", text(&order["orderId"]));
    assert_eq!(
        platform.send(JOINER, Product::Commerce, &uri).await.1,
        *order
    );
    let account = &platform.bank(JOINER, "/accounts").await[1];
    let uri = format!("/banking/v1/accounts/{}", text(&account["accountId"]));
    let (_, body) = platform.send(JOINER, Product::Banking, &uri).await;
    assert_eq!(body["account"], *account);
}

#[tokio::test]
async fn filters_narrow_lists() {
    let platform = Platform::at(EVENING);
    for (path, name, value) in [
        ("/contacts?role=SUPPLIER", "roles", json!(["SUPPLIER"])),
        ("/contacts?role=CUSTOMER", "roles", json!(["CUSTOMER"])),
        ("/sales_documents?kind=CRN", "kind", json!("CRN")),
        (
            "/sales_documents?kind=INV&state=VOIDED",
            "state",
            json!("VOIDED"),
        ),
        (
            "/bank_lines?bank_account_id=BA-1010",
            "bank_account_id",
            json!("BA-1010"),
        ),
        (
            "/bank_accounts/BA-2050/lines",
            "bank_account_id",
            json!("BA-2050"),
        ),
    ] {
        let records = platform.ledger(JOINER, path).await;
        assert!(!records.is_empty(), "{path}");
        assert!(records.iter().all(|record| record[name] == value), "{path}");
    }
}

#[tokio::test]
async fn each_api_names_the_business() {
    let platform = Platform::at(EVENING);
    for business in platform.businesses() {
        let books = platform.accounting(business, "/whoami").await;
        let (_, shop) = platform
            .send(business, Product::Commerce, "/commerce/api/me")
            .await;
        let (_, bank) = platform
            .send(business, Product::Banking, "/banking/v1/party")
            .await;
        assert_eq!(books["organisation_id"], business);
        assert_eq!(shop["merchantId"], business);
        assert_eq!(bank["party"]["partyId"], business);
        assert_eq!(books["organisation_name"], shop["merchantName"]);
        assert_eq!(books["organisation_name"], bank["party"]["name"]);
    }
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused_in_each_dialect() {
    let platform = Platform::at(EVENING);
    let code = |product: Product, body: &Value| match product {
        Product::Accounting => body["error"]["code"].clone(),
        Product::Commerce => body["errors"][0]["code"].clone(),
        Product::Banking => body["tppMessages"][0]["code"].clone(),
    };
    use Product::{Accounting, Banking, Commerce};
    for (product, uri, status, expected) in [
        (
            Accounting,
            "/accounting/v2/receipts?page=0",
            400,
            "bad_parameter",
        ),
        (
            Accounting,
            "/accounting/v2/receipts?per_page=251",
            400,
            "bad_parameter",
        ),
        (
            Accounting,
            "/accounting/v2/receipts?updated_since=monday",
            400,
            "bad_parameter",
        ),
        (
            Accounting,
            "/accounting/v2/contacts?role=FRIEND",
            400,
            "bad_parameter",
        ),
        (
            Accounting,
            "/accounting/v2/statements?months=0",
            400,
            "bad_parameter",
        ),
        (
            Accounting,
            "/accounting/v2/receipts/RC-9999999",
            404,
            "not_found",
        ),
        (
            Accounting,
            "/accounting/v2/receipts/%F0%9F%8D%B5",
            404,
            "not_found",
        ),
        (Accounting, "/accounting/v2/nothing", 404, "not_found"),
        (
            Accounting,
            "/accounting/v2/bank_accounts/BA-1/lines",
            404,
            "not_found",
        ),
        (Banking, "/accounting/v2/receipts", 403, "wrong_product"),
        (
            Commerce,
            "/commerce/api/orders?limit=x",
            400,
            "BAD_PARAMETER",
        ),
        (
            Commerce,
            "/commerce/api/orders?after=%21",
            400,
            "BAD_PARAMETER",
        ),
        (
            Commerce,
            "/commerce/api/orders?updatedAtMin=2026-01-01",
            400,
            "BAD_PARAMETER",
        ),
        (Commerce, "/commerce/api/orders/ord_0", 404, "NOT_FOUND"),
        (Accounting, "/commerce/api/orders", 403, "WRONG_PRODUCT"),
        (
            Banking,
            "/banking/v1/entries?limit=501",
            400,
            "FORMAT_ERROR",
        ),
        (
            Banking,
            "/banking/v1/entries?dateFrom=2026-01-01",
            400,
            "FORMAT_ERROR",
        ),
        (
            Banking,
            "/banking/v1/accounts/acc-9",
            404,
            "RESOURCE_UNKNOWN",
        ),
        (Commerce, "/banking/v1/entries", 403, "CONSENT_INVALID"),
    ] {
        let (answered, body) = platform.send(JOINER, product, uri).await;
        let dialect = Product::of_path(uri).expect("a product");
        assert_eq!(answered.as_u16(), status, "{uri}: {body}");
        assert_eq!(code(dialect, &body), expected, "{uri}: {body}");
    }
    for (uri, expected) in [
        ("/accounting/v2/receipts", "unauthorised"),
        ("/commerce/api/orders", "UNAUTHENTICATED"),
        ("/banking/v1/entries", "TOKEN_INVALID"),
    ] {
        let request = Request::get(uri).body(Body::empty()).expect("a request");
        let (status, body) = platform.answer(request).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert_eq!(
            code(Product::of_path(uri).expect("a product"), &body),
            expected
        );
    }
}
