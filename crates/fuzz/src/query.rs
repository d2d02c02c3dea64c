//! The query language, tags and orders.

use std::sync::LazyLock;

use serde_json::{Value, json};
use store::query::{
    Condition, Expression, MAX_CHARS, Operator, Schema, parse, parse_order, parse_tags,
};
use store::{companies, connections, datasets, pushes, records};

/// The schema of every resource that can be queried.
const SCHEMAS: [Schema; 5] = [
    companies::SCHEMA,
    connections::SCHEMA,
    datasets::SCHEMA,
    pushes::SCHEMA,
    records::schema("Invoice"),
];

/// Has some of each resource's fields, of every kind.
static VALUE: LazyLock<Value> = LazyLock::new(|| {
    json!({
        "id": "61",
        "name": "Müller",
        "status": "Complete",
        "created": "2026-02-01T00:00:00Z",
        "progress": 61,
        "isErrored": false,
        "amountDue": -1.5,
        "note": null,
        "customerRef": { "id": "61" },
        "dataConnections": [{ "status": "Linked" }, { "status": "Unlinked" }],
    })
});

/// Reads a text without a panic, and consistently: `&&` of a query with itself changes nothing, and `!=` matches exactly if
/// `=` doesn't. True if it was a query of any resource.
pub fn holds(text: &str) -> bool {
    let _ = parse_tags(text);
    let mut read = false;
    for schema in &SCHEMAS {
        let _ = parse_order(text, schema);
        let Ok(expression) = parse(text, schema) else {
            continue;
        };
        read = true;
        let matches = expression.matches(&VALUE);
        // Blank text, perhaps only after decoding, is the empty query, which has no form in braces.
        if expression != Expression::All(Vec::new()) {
            match parse(&format!("{{{text}}}&&{{{text}}}"), schema) {
                Ok(doubled) => assert_eq!(doubled.matches(&VALUE), matches, "{text:?} twice"),
                Err(error) => assert!(
                    text.chars().count() >= MAX_CHARS / 2 - 3 || text.matches('{').count() >= 64,
                    "{text:?} twice: {error}"
                ),
            }
        }
        if let Expression::Condition(condition) = expression
            && let Some(opposite) = opposite(condition)
        {
            assert_ne!(opposite.matches(&VALUE), matches, "not {text:?}");
        }
    }
    read
}

fn opposite(condition: Condition) -> Option<Expression> {
    let operator = match condition.operator {
        Operator::Equal => Operator::NotEqual,
        Operator::NotEqual => Operator::Equal,
        _ => return None,
    };
    Some(Expression::Condition(Condition {
        operator,
        ..condition
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts made of the language's own pieces and of foreign ones.
    fn gibberish(seed: u64) -> String {
        const PIECES: [&str; 28] = [
            "id",
            "status",
            "customerRef.id",
            "=",
            "!=",
            "~",
            ">",
            "<=",
            "&&",
            "||",
            "{",
            "}",
            " ",
            "&",
            "|",
            "!",
            "%",
            "%3D",
            "%ff",
            "61",
            "-1.5",
            "2026-02-01",
            "true",
            "null",
            "\0",
            "\u{1f}",
            "Mü",
            "'; drop table company; --",
        ];
        let mut state = seed;
        let mut roll = |sides: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap_or_default() % sides
        };
        (0..1 + roll(14))
            .map(|_| PIECES[roll(PIECES.len())])
            .collect()
    }

    #[test]
    fn the_parser_survives_any_text() {
        let read = (0..20_000).filter(|seed| holds(&gibberish(*seed))).count();
        assert!(read > 100, "only {read} were queries");
    }
}
