use crate::reader::*;
#[tokio::test]
async fn tune() {
    let p = Platform::at(EVENING);
    for b in p.businesses() {
        let t = std::time::Instant::now();
        let who = p.accounting(b, "/whoami").await;
        println!("\n=== {b} {:?} {}", t.elapsed(), who["organisation_name"]);
        for path in [
            "/sales_documents?kind=INV",
            "/sales_documents?kind=CRN",
            "/sales_documents?state=VOIDED",
            "/sales_documents?state=DRAFT",
            "/sales_documents?state=OPEN",
            "/receipts",
            "/purchase_documents",
            "/remittances",
            "/ledger_entries",
            "/bank_lines",
            "/contacts",
        ] {
            let j = if path.contains('?') { '&' } else { '?' };
            let (_, v) = p
                .send(
                    b,
                    sandbox::Product::Accounting,
                    &format!("/accounting/v2{path}{j}per_page=1"),
                )
                .await;
            print!("{path}={} ", v["total_records"]);
        }
        println!();
        let st = p.accounting(b, "/statements?months=30").await;
        for m in st["months"].as_array().unwrap() {
            let pl = &m["profit_and_loss"];
            let bs = &m["balance_sheet"];
            let row = |title: &str| -> i64 {
                fn find(rows: &serde_json::Value, t: &str) -> Option<i64> {
                    for r in rows.as_array()? {
                        if r["title"] == t {
                            return r["total"].as_i64();
                        }
                        if let Some(x) = find(&r["rows"], t) {
                            return Some(x);
                        }
                    }
                    None
                }
                bs["sections"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .find_map(|s| find(&s["rows"], title))
                    .unwrap_or(0)
            };
            println!(
                "{} inc {:>10} cos {:>10} exp {:>10} op {:>10} net {:>10} | bank&cash {:>10} AR {:>9} inv {:>9} stock {:>9} AP {:>9} owner {:>8} div {:>9} NA {:>10}",
                m["month"],
                pl["sections"][0]["total"],
                pl["sections"][1]["total"],
                pl["sections"][2]["total"],
                pl["operating_profit"],
                pl["net_profit"],
                row("Bank and cash"),
                row("Accounts receivable"),
                row("Inventory"),
                row("Stock") + row("Merchandise"),
                row("Accounts payable"),
                row("Owner's loan")
                    + row("Director's loan")
                    + row("Shareholder loan")
                    + row("Partners' current account"),
                row("Dividends paid"),
                bs["net_assets"]
            );
        }
        println!(
            "orders {} charges {} ble {}",
            p.shop(b, "/orders", 250).await.len(),
            p.shop(b, "/charges", 250).await.len(),
            p.shop(b, "/balanceEntries", 250).await.len()
        );
    }
}
