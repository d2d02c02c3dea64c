//! Orders, charges, the processor's account, the ledger and the bank agree.

use std::collections::HashMap;

use serde_json::Value;

use crate::reader::{EVENING, Platform, int, minor, text};

fn rows<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().expect("a list")
}

#[tokio::test]
async fn orders_and_charges_and_payouts_add_up() {
    let platform = Platform::at(EVENING);
    // Prices with and without tax, and currencies of no, two and three decimals.
    for business in [
        "alder-ridge-wholesale",
        "studio-veldhuis",
        "kawabe-tea",
        "dilmun-spice-trading",
        "lindqvist-snickeri",
    ] {
        let organisation = platform.accounting(business, "/organisation").await;
        let exponent = int(&organisation["exponent"]) as usize;
        let amount = |value: &Value| minor(value, exponent);
        let orders = platform.shop(business, "/orders", 250).await;
        let charges = platform.shop(business, "/charges", 250).await;
        let shoppers = platform.shop(business, "/shoppers", 250).await;
        let known: HashMap<&str, &Value> = shoppers
            .iter()
            .map(|shopper| (text(&shopper["shopperId"]), shopper))
            .collect();
        assert!(orders.len() > 50, "{business} has orders");

        let mut taken: HashMap<&str, (i64, i64)> = HashMap::new();
        for charge in charges
            .iter()
            .filter(|charge| charge["state"] == "captured")
        {
            let (paid, refunded) = taken.entry(text(&charge["orderId"])).or_default();
            match text(&charge["kind"]) {
                "sale" => *paid += amount(&charge["amount"]),
                _ => *refunded += amount(&charge["amount"]),
            }
        }
        let mut cash = 0;
        for order in &orders {
            order_adds_up(order, &amount);
            let paid = (amount(&order["grandTotal"]), amount(&order["refundTotal"]));
            assert_eq!(taken[text(&order["orderId"])], paid, "{order}");
            if let Some(shopper) = order["shopperId"].as_str() {
                assert!(known.contains_key(shopper), "{shopper} of {order}");
            }
            if order["charges"][0]["method"] == "cash" {
                cash += paid.0 - paid.1;
            }
        }

        let entries = platform.shop(business, "/balanceEntries", 250).await;
        let mut balance = 0;
        let mut sums: HashMap<&str, i64> = HashMap::new();
        for entry in &entries {
            balance += amount(&entry["amount"]);
            assert_eq!(amount(&entry["balanceAfter"]), balance, "{entry}");
            *sums.entry(text(&entry["type"])).or_insert(0) += amount(&entry["amount"]);
        }
        let captured: i64 = taken.values().map(|(paid, refunded)| paid - refunded).sum();
        assert_eq!(
            sums["charge"] + sums.get("refund").unwrap_or(&0),
            captured - cash
        );

        // The ledger's clearing account is the processor's; payouts are the bank's receipts.
        let accounts = platform.ledger(business, "/ledger_accounts").await;
        let of = |code: &str| {
            let account = accounts.iter().find(|account| account["code"] == code);
            int(&account.expect("an account")["balance"])
        };
        assert_eq!(of("1060"), balance, "clearing of {business}");
        assert_eq!(of("6210"), -sums["fee"], "fees of {business}");
        let paid_out: i64 = platform
            .bank(business, "/entries?limit=500")
            .await
            .iter()
            .filter(|entry| entry["transactionCode"] == "PMNT-RCDT-DMCT")
            .map(|entry| amount(&entry["amount"]))
            .sum();
        assert_eq!(paid_out, -sums["payout"], "payouts of {business}");
    }
}

fn order_adds_up(order: &Value, amount: &dyn Fn(&Value) -> i64) {
    let included = order["taxesIncluded"] == true;
    let (mut subtotal, mut taxes, mut discounts) = (0, 0, 0);
    for line in rows(order, "lines") {
        let discount: i64 = rows(line, "discounts")
            .iter()
            .map(|part| amount(&part["amount"]))
            .sum();
        let full = amount(&line["unitPrice"]) * int(&line["quantity"]) - discount;
        let tax = amount(&line["taxAmount"]);
        let total = if included { full } else { full + tax };
        assert_eq!(amount(&line["lineTotal"]), total, "{order}");
        subtotal += total;
        taxes += tax;
        discounts += discount;
    }
    let mut shipping = 0;
    for part in rows(order, "shipping") {
        shipping += amount(&part["amount"]);
        taxes += amount(&part["taxAmount"]);
    }
    assert_eq!(amount(&order["subtotal"]), subtotal, "{order}");
    assert_eq!(amount(&order["discountTotal"]), discounts, "{order}");
    assert_eq!(amount(&order["taxTotal"]), taxes, "{order}");
    let total = subtotal + shipping + amount(&order["tip"]);
    assert_eq!(amount(&order["grandTotal"]), total, "{order}");
    let refunded = amount(&order["refundTotal"]);
    assert!((0..=total).contains(&refunded), "{order}");
}

#[tokio::test]
async fn orders_name_products_variants_and_sites_that_exist() {
    let platform = Platform::at(EVENING);
    let business = "kawabe-tea";
    let products = platform.shop(business, "/products", 250).await;
    let sites = platform.shop(business, "/sites", 250).await;
    let variants: HashMap<&str, &str> = products
        .iter()
        .flat_map(|product| {
            rows(product, "variants")
                .iter()
                .map(|variant| (text(&variant["variantId"]), text(&product["productId"])))
        })
        .collect();
    for order in platform.shop(business, "/orders", 250).await {
        assert!(
            sites.iter().any(|site| site["siteId"] == order["siteId"]),
            "{order}"
        );
        for line in rows(&order, "lines") {
            assert_eq!(
                variants[text(&line["variantId"])],
                line["productId"],
                "{order}"
            );
        }
    }
}
