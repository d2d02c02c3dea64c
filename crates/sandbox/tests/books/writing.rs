//! Clients' writes: checked, balanced, and alive afterwards.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::balance::everything_adds_up;
use crate::reader::{EVENING, Platform, int, text};

const CAFE: &str = "harbour-lane-cafe";

fn customer(name: &str) -> Value {
    json!({"role": "CUSTOMER", "display_name": name, "email": "office@lighthouse.example",
        "person": {"given": "Ada", "family": "Marsh"}, "terms_days": 10,
        "addresses": [{"use": "BILLING", "street": "1 Pier Road", "town": "Whitby", "postcode": "YO21 1AA"}]})
}

fn invoice(contact: &Value) -> Value {
    json!({"kind": "INV", "state": "OPEN", "contact_id": contact["id"], "issued_on": "2026-11-18",
    "their_reference": "PO 77", "note": "Thank you.",
    "lines": [
        {"text": "Catering, one day", "qty_milli": 1500, "unit_price": 33_333, "tax_code_id": "TX-STD",
         "ledger_account_id": "LA-4000"},
        {"text": "Delivery", "qty_milli": 1000, "unit_price": 1200, "discount": 200, "tax_code_id": "TX-NONE",
         "ledger_account_id": "LA-4020"},
    ]})
}

fn bill(contact: &Value) -> Value {
    json!({"kind": "BILL", "state": "OPEN", "contact_id": contact["id"], "issued_on": "2026-11-17",
        "supplier_reference": "R-9", "lines": [
            {"text": "Shop window", "qty_milli": 2000, "unit_price": 15_000, "tax_code_id": "TX-STD",
             "ledger_account_id": "LA-6110"}]})
}

async fn written(platform: &Platform, path: &str, record: &Value) -> Value {
    let (status, mut body) = platform.write(CAFE, Method::POST, path, None, record).await;
    assert_eq!(status, StatusCode::CREATED, "{body}");
    body["data"].take()
}

/// The rules that were broken, by field.
fn broken(body: &Value) -> Vec<(&str, &str)> {
    assert_eq!(body["error"]["code"], "not_accepted", "{body}");
    let fields = body["error"]["fields"].as_array().expect("fields");
    fields
        .iter()
        .map(|one| (text(&one["field"]), text(&one["rule"])))
        .collect()
}

#[tokio::test]
async fn written_documents_post_to_the_books_and_everything_still_adds_up() {
    let platform = Platform::at(EVENING);
    let before = platform.accounting(CAFE, "/statements?months=1").await;
    let customer = written(&platform, "/contacts", &customer("Lighthouse Stays")).await;
    let mut supplier = json!({"role": "SUPPLIER", "display_name": "Whitby Glass"});
    supplier["terms_days"] = json!(14);
    let supplier = written(&platform, "/contacts", &supplier).await;
    let invoice = written(&platform, "/sales_documents", &invoice(&customer)).await;
    let bill = written(&platform, "/purchase_documents", &bill(&supplier)).await;

    assert_eq!(invoice["state"], "OPEN");
    assert!(text(&invoice["number"]).starts_with("INV-"));
    assert_eq!(invoice["due_on"], "2026-11-28", "by the contact's terms");
    assert_eq!(int(&invoice["lines"][0]["net"]), 50_000, "half up");
    assert_eq!(int(&invoice["gross_total"]), 50_000 + 10_000 + 1000);
    assert_eq!(int(&bill["gross_total"]), 36_000);
    assert_eq!(bill["supplier_reference"], "R-9");
    everything_adds_up(&platform, CAFE).await;

    let after = platform.accounting(CAFE, "/statements?months=1").await;
    let income = |statements: &Value| {
        int(&statements["months"][0]["profit_and_loss"]["sections"][0]["total"])
    };
    assert_eq!(income(&after) - income(&before), 51_000);
    let path = format!("/contacts/{}", text(&customer["id"]));
    let owed = platform.accounting(CAFE, &path).await;
    assert_eq!(int(&owed["open_balance"]), 61_000);
}

#[tokio::test]
async fn what_was_written_keeps_its_place_and_is_paid_in_time() {
    let platform = Platform::at(EVENING);
    let customer = written(&platform, "/contacts", &customer("Lighthouse Stays")).await;
    let sent = written(&platform, "/sales_documents", &invoice(&customer)).await;
    let all = platform.ledger(CAFE, "/sales_documents").await;

    platform.set_clock("2026-11-19T10:00:00Z");
    let next = platform.ledger(CAFE, "/sales_documents").await;
    for (then, now) in all.iter().zip(&next) {
        assert_eq!(then["id"], now["id"]);
        assert_eq!(then["created_at"], now["created_at"]);
    }
    let path = format!("/sales_documents/{}", text(&sent["id"]));
    assert_eq!(platform.accounting(CAFE, &path).await, sent);

    platform.set_clock("2027-01-15T23:30:00Z");
    let paid = platform.accounting(CAFE, &path).await;
    assert_eq!(paid["state"], "SETTLED", "{paid}");
    everything_adds_up(&platform, CAFE).await;
}

#[tokio::test]
async fn an_unpaid_document_can_be_changed_and_a_paid_one_cannot() {
    let platform = Platform::at(EVENING);
    let customer = written(&platform, "/contacts", &customer("Lighthouse Stays")).await;
    let mut form = invoice(&customer);
    form["state"] = json!("DRAFT");
    let draft = written(&platform, "/sales_documents", &form).await;
    assert_eq!(draft["number"], Value::Null);
    everything_adds_up(&platform, CAFE).await;

    let path = format!("/sales_documents/{}", text(&draft["id"]));
    let put = async |form: &Value| platform.write(CAFE, Method::PUT, &path, None, form).await;
    form["state"] = json!("OPEN");
    form["number"] = json!("W-2026-1");
    let (status, sent) = put(&form).await;
    assert_eq!(status, StatusCode::OK, "{sent}");
    assert_eq!(sent["data"]["number"], "W-2026-1");
    form["lines"][0]["unit_price"] = json!(20_000);
    form["lines"][0]["ledger_account_id"] = json!("LA-4010");
    let (status, changed) = put(&form).await;
    assert_eq!(status, StatusCode::OK, "{changed}");
    assert_eq!(int(&changed["data"]["gross_total"]), 30_000 + 6000 + 1000);
    everything_adds_up(&platform, CAFE).await;

    form["state"] = json!("DRAFT");
    let (status, body) = put(&form).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(broken(&body), [("state", "fixed")]);
    platform.set_clock("2027-01-15T23:30:00Z");
    form["state"] = json!("OPEN");
    form["issued_on"] = json!("2027-01-10");
    let (_, body) = put(&form).await;
    assert_eq!(broken(&body), [("state", "paid")]);
    let (status, _) = platform
        .write(
            CAFE,
            Method::PUT,
            "/sales_documents/SD-9999999",
            None,
            &form,
        )
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once_and_nothing_is_written() {
    let platform = Platform::at(EVENING);
    let before = platform.ledger(CAFE, "/ledger_entries").await;
    let form = json!({"kind": "INV", "state": "OPEN", "contact_id": "CT-09999", "issued_on": "2024-09-01",
        "currency": "EUR", "exponent": 3, "colour": "red", "lines": [
            {"qty_milli": 1.5, "unit_price": -1, "tax_code_id": "TX-FOO", "ledger_account_id": "LA-1000"}]});
    let (status, body) = platform
        .write(CAFE, Method::POST, "/sales_documents", None, &form)
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut found = broken(&body);
    found.sort();
    assert_eq!(
        found,
        [
            ("colour", "unknown_field"),
            ("contact_id", "unknown"),
            ("currency", "wrong_currency"),
            ("exponent", "wrong_exponent"),
            ("issued_on", "closed_period"),
            ("lines", "nothing_owed"),
            ("lines[0].ledger_account_id", "wrong_class"),
            ("lines[0].qty_milli", "not_a_whole_number"),
            ("lines[0].tax_code_id", "unknown"),
            ("lines[0].text", "required"),
            ("lines[0].unit_price", "out_of_range"),
        ]
    );
    for (path, form, expected) in [
        ("/contacts", json!({}), ("role", "required")),
        (
            "/contacts",
            json!({"role": "CUSTOMER"}),
            ("display_name", "required"),
        ),
        (
            "/sales_documents",
            json!({"kind": "CRN"}),
            ("kind", "unknown_word"),
        ),
        ("/purchase_documents", json!({}), ("kind", "required")),
    ] {
        let (status, body) = platform.write(CAFE, Method::POST, path, None, &form).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(broken(&body).contains(&expected), "{path} {form}: {body}");
    }
    let (status, _) = platform
        .write(CAFE, Method::POST, "/receipts", None, &json!({}))
        .await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    let after = platform.ledger(CAFE, "/ledger_entries").await;
    assert_eq!(before.len(), after.len());
}

#[tokio::test]
async fn the_same_key_writes_once_and_another_request_under_it_is_refused() {
    let platform = Platform::at(EVENING);
    let form = customer("Lighthouse Stays");
    let post = async |form: &Value| {
        let key = Some("5f1c");
        platform
            .write(CAFE, Method::POST, "/contacts", key, form)
            .await
    };
    let (status, first) = post(&form).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(post(&form).await, (StatusCode::CREATED, first));
    let (status, body) = post(&customer("Somebody Else")).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(body["error"]["code"], "key_reused");
    let contacts = platform.ledger(CAFE, "/contacts?role=CUSTOMER").await;
    let ours = contacts
        .iter()
        .filter(|one| one["display_name"] == "Lighthouse Stays");
    assert_eq!(ours.count(), 1);
    let (status, body) = platform
        .write(CAFE, Method::POST, "/contacts", Some("another"), &form)
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(broken(&body), [("display_name", "taken")]);
}
