//! The documented examples, and what must be refused.

use serde_json::{Value, json};

use super::*;

const COMPANY: Schema = Schema {
    name: "Company",
    fields: &[
        ("id", Kind::Id),
        ("name", Kind::Text),
        ("created", Kind::Time),
        (
            "dataConnections.status",
            Kind::Word(&["PendingAuth", "Linked", "Unlinked", "Deauthorized"]),
        ),
    ],
    open: false,
};
const DATASET: Schema = Schema {
    name: "Dataset",
    fields: &[
        (
            "status",
            Kind::Word(&["Complete", "NotSupported", "Fetching"]),
        ),
        ("progress", Kind::Number),
        ("requested", Kind::Time),
        ("isErrored", Kind::Bool),
    ],
    open: false,
};
const INVOICE: Schema = Schema {
    name: "Invoice",
    fields: &[
        ("id", Kind::Exact),
        ("modifiedDate", Kind::Time),
        ("metadata.isDeleted", Kind::Bool),
    ],
    open: true,
};

fn company(text: &str, value: &Value) -> bool {
    parse(text, &COMPANY)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
        .matches(value)
}

fn invoice(text: &str, value: &Value) -> bool {
    parse(text, &INVOICE)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
        .matches(value)
}

fn refusal(text: &str, schema: &Schema) -> String {
    parse(text, schema)
        .map(|expression| format!("{expression:?}"))
        .expect_err(text)
        .to_string()
}

const MALFORMED: &str = "Error parsing query - Malformed query.";

#[test]
fn the_documented_examples_find_what_they_say() {
    let of = |total: f64, status: &str| {
        json!({"id": "81be41e9-5c2c-4064-829c-bca43b5e6f59", "totalAmount": total, "amountDue": total / 2.0, "currency": "GBP",
               "status": status, "dueDate": "2021-01-29T00:00:00", "customerRef": {"id": "61"}, "metadata": {"isDeleted": true}})
    };
    let invoice_of_200 = of(200.0, "Submitted");
    for text in [
        "amountDue > 0",
        "amountDue>0",
        "currency = GBP",
        "currency=gbp",
        "customerRef.id = 61",
        "amountDue > 0 && totalAmount < 1000",
        "amountDue>0&&totalAmount<1000",
        "dueDate > 2021-01-28",
        "dueDate=2021-01-29",
        "dueDate<2021-01-29T00:00:01Z",
        "{totalAmount > 100 || totalAmount < 50} && status != paid",
        "id=81be41e9-5c2c-4064-829c-bca43b5e6f59",
        "id%3D81be41e9-5c2c-4064-829c-bca43b5e6f59",
        "status~sub",
        "status=Submitted&&currency=GBP",
        "metadata.isDeleted=true",
    ] {
        assert!(invoice(text, &invoice_of_200), "{text}");
    }
    for text in [
        "amountDue<0",
        "dueDate > 2021-01-29",
        "customerRef.id!=61",
        "metadata.isDeleted!=true",
    ] {
        assert!(!invoice(text, &invoice_of_200), "{text}");
    }
    let example = "{totalAmount > 100 || totalAmount < 50} && status != paid";
    assert!(!invoice(example, &of(200.0, "Paid")));
    assert!(!invoice(example, &of(75.0, "Submitted")));
    assert!(invoice(example, &of(20.0, "Submitted")));
}

#[test]
fn not_equal_of_a_list_means_that_no_element_is() {
    let with = |statuses: &[&str]| json!({"dataConnections": statuses.iter().map(|status| json!({"status": status})).collect::<Vec<_>>()});
    assert!(company(
        "dataConnections.status=PendingAuth",
        &with(&["Linked", "PendingAuth"])
    ));
    assert!(!company(
        "dataConnections.status!=Linked",
        &with(&["Linked", "PendingAuth"])
    ));
    assert!(company(
        "dataConnections.status!=Linked",
        &with(&["PendingAuth"])
    ));
    let none = "dataConnections.status!=PendingAuth&&dataConnections.status!=Linked&&dataConnections.status!=Deauthorized&&dataConnections.status!=Unlinked";
    assert!(company(none, &with(&[])));
    assert!(!company(none, &with(&["Unlinked"])));
}

#[test]
fn lists_inside_a_record_cannot_be_asked() {
    let with_lines = json!({"lineItems": [{"unitAmount": 700}]});
    assert!(!invoice("lineItems.unitAmount=700", &with_lines));
    assert_eq!(refusal("lineItems.0.unitAmount=700", &INVOICE), MALFORMED);
}

#[test]
fn and_binds_tighter_than_or() {
    let value = json!({"a": 1, "b": 0, "c": 0});
    assert!(invoice("a=1||b=1&&c=1", &value));
    assert!(!invoice("{a=1||b=1}&&c=1", &value));
    assert!(invoice("{a=1||b=1}&&{c=0}", &value));
    assert!(invoice("{{a=1}&&{b=0||c=1}}", &value));
}

#[test]
fn values_keep_their_spaces_and_single_signs() {
    let value = json!({"name": "Marks & Spencer = M|S", "id": null});
    assert!(company("name = Marks & Spencer = M|S ", &value));
    assert!(company("NAME~spencer", &value));
    assert!(company("name!=Marks", &value));
}

#[test]
fn an_unknown_property_is_named_and_so_is_the_schema() {
    assert_eq!(
        refusal("isCompleted=true", &DATASET),
        "Error parsing query - Could not resolve property isCompleted on Dataset"
    );
    assert_eq!(
        refusal("{a.b=1}", &DATASET),
        "Error parsing query - Could not resolve property a.b on Dataset"
    );
    assert_eq!(
        parse_order("-isCompleted", &DATASET)
            .expect_err("unknown")
            .to_string(),
        "Error parsing query - Could not resolve property isCompleted on Dataset"
    );
    assert!(parse("status!=Complete&&status!=NotSupported", &DATASET).is_ok());
}

#[test]
fn what_is_no_query_is_refused() {
    for text in [
        "status",
        "=",
        "=Complete",
        "status=",
        "status= ",
        "status=Complete&&",
        "&&status=Complete",
        "status=Complete||",
        "{status=Complete",
        "status=Complete}",
        "{}",
        "{status=Complete}{status=Complete}",
        "{status=Complete}status=Complete",
        "status=Complete{",
        "status!Complete",
        "sta tus=Complete",
        "(status=Complete)",
        "status>Complete",
        "progress~5",
        "progress=many",
        "progress=1_000",
        "requested>yesterday",
        "requested~2020-01-01",
        "isErrored=maybe",
        "isErrored>true",
        "status=a\0b",
        "%",
        "%3D",
        "%ff",
    ] {
        assert_eq!(refusal(text, &DATASET), MALFORMED, "{text}");
    }
    assert_eq!(refusal("dueDate>tomorrow", &INVOICE), MALFORMED);
    assert_eq!(refusal("dueDate!=null", &INVOICE), MALFORMED);
    assert_eq!(refusal("id=5", &COMPANY), MALFORMED);
    assert_eq!(refusal(&"{".repeat(2_000), &INVOICE), MALFORMED);
}

#[test]
fn a_malformed_query_is_refused_at_its_character() {
    for (text, at, words) in [
        ("status", 7, "an operator is missing"),
        ("status=Complete&&", 18, "a condition is missing"),
        ("status=", 8, "a value is missing"),
        (
            "status = Complete && progress = many",
            33,
            "progress takes a number",
        ),
        ("=Complete", 1, "a property's name is missing"),
        ("status!Complete", 7, "an operator is missing"),
        ("{status=Complete", 17, "a } is missing"),
        ("status=Complete}", 16, "joined by && or ||"),
        ("status=Fühlbar&&(status=Complete)", 17, "letters, digits"),
    ] {
        let Err(QueryError::Malformed(fault)) = parse(text, &DATASET) else {
            panic!("{text} was read");
        };
        assert_eq!(fault.at, at, "{text}: {fault}");
        assert!(fault.to_string().contains(words), "{text}: {fault}");
    }
}

#[test]
fn a_query_of_2048_characters_is_too_long() {
    let of = |chars: usize| format!("name={}", "é".repeat(chars - 5));
    assert!(parse(&of(2_047), &COMPANY).is_ok());
    assert_eq!(parse(&of(2_048), &COMPANY), Err(QueryError::TooLong));
}

#[test]
fn a_blank_query_and_a_blank_order_ask_for_nothing() {
    assert!(company("  ", &json!({})));
    assert_eq!(parse_order(" ", &COMPANY), Ok(None));
}

#[test]
fn an_order_is_one_property_and_a_direction() {
    let order = parse_order("-modifiedDate", &INVOICE)
        .expect("an order")
        .expect("one");
    assert_eq!(
        (order.field.as_str(), order.kind, order.descending),
        ("modifiedDate", Kind::Time, true)
    );
    let order = parse_order("customerRef.companyName", &INVOICE)
        .expect("an order")
        .expect("one");
    assert_eq!(
        (order.field.as_str(), order.kind, order.descending),
        ("customerRef.companyName", Kind::Any, false)
    );
    let at = |text| match parse_order(text, &INVOICE) {
        Err(QueryError::Malformed(fault)) => (fault.parameter, fault.at),
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(at("a,b"), ("orderBy", 1));
    assert_eq!(at("--a"), ("orderBy", 2));
}

#[test]
fn tags_know_equal_not_equal_and_contains() {
    for text in [
        "uid=abc",
        "region!=uk",
        "region=uk && owningTeam=invoice-finance",
        "owning team~Fin",
    ] {
        assert!(parse_tags(text).is_ok(), "{text}");
    }
    for text in ["uid>1", "uid<=1", "uid", "=1"] {
        let refused = parse_tags(text).expect_err(text);
        assert_eq!(refused.to_string(), MALFORMED, "{text}");
    }
}

#[test]
fn numbers_are_compared_exactly_and_times_as_instants() {
    assert!(invoice("n=0.10", &json!({"n": 0.1})));
    assert!(invoice("n>=100.00&&n<=100", &json!({"n": 100})));
    assert!(!invoice("n>0", &json!({"n": "5"})));
    assert!(invoice(
        "t=2026-01-01T01:00:00+01:00",
        &json!({"t": "2026-01-01T00:00:00Z"})
    ));
    assert!(invoice("t>2025-12-31", &json!({"t": "2026-01-01"})));
    assert!(invoice("reference=00123", &json!({"reference": "00123"})));
    assert!(!invoice("reference=123", &json!({"reference": "00123"})));
}
