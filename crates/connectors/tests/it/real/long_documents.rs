//! Documents of a length that people don't write: no map may take more than its share of time for them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use bytes::Bytes;
use connectors::{BUILTIN, Catalogue, DataType, Page};

const LINES: usize = 10_000;
/// Some hundred times the time on an idle machine.
const LIMIT: Duration = Duration::from_secs(60);

fn lines(of: impl Fn(usize) -> String) -> String {
    (0..LINES).fold(String::new(), |mut text, number| {
        let comma = if number == 0 { "" } else { "," };
        write!(text, "{comma}{}", of(number)).expect("memory");
        text
    })
}

#[test]
fn a_document_of_ten_thousand_lines_keeps_every_one_of_them_to_the_last_digit() {
    let (catalogue, _) = Catalogue::load(BUILTIN, &[], &BTreeMap::new());
    let xero = format!(
        r#"{{"Invoices":[{{"Type":"ACCREC","InvoiceID":"long","Status":"AUTHORISED","Total":1000.10,"AmountDue":1000.10,"LineAmountTypes":"Exclusive","LineItems":[{}]}}]}}"#,
        lines(|number| format!(
            r#"{{"Description":"line {number}","Quantity":1.0000,"UnitAmount":0.10,"LineAmount":0.10,"TaxAmount":0.01}}"#
        ))
    );
    let quickbooks = format!(
        r#"{{"QueryResponse":{{"Invoice":[{{"Id":"long","TotalAmt":1000.00,"Balance":1000.00,"Line":[{}]}}]}}}}"#,
        lines(|number| format!(
            r#"{{"Description":"line {number}","Amount":0.10,"DetailType":"SalesItemLineDetail","SalesItemLineDetail":{{"Qty":1,"UnitPrice":0.10}}}}"#
        ))
    );
    for (key, body) in [("gbol", xero), ("qhyg", quickbooks)] {
        let integration = catalogue.get(key).expect(key);
        let page = Page {
            body: Bytes::from(body),
            ..Page::default()
        };
        let started = Instant::now();
        let mapped = integration.map_page(DataType::Invoices, &page).expect(key);
        assert!(started.elapsed() < LIMIT, "{key}: {:?}", started.elapsed());
        let record: serde_json::Value =
            serde_json::from_str(&mapped.records[0].to_json()).expect(key);
        let lines = record["lineItems"].as_array().expect("a list");
        assert_eq!(lines.len(), LINES, "{key}");
        assert_eq!(lines[LINES - 1]["description"], "line 9999", "{key}");
        // Read as a number the amount would have lost its last digit here.
        let exact = mapped.records[0]
            .to_json()
            .matches("\"subTotal\":0.10")
            .count();
        assert_eq!(exact, LINES, "{key}");
    }
}
