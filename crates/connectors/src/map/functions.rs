//! Functions for maps: a list of jq's own, and exact decimals, dates and words.
//!
//! Natives beside jq's own; each gives null for a null input:
//!
//! | function | gives |
//! |---|---|
//! | `decimal` | the exact decimal in a number or a string |
//! | `minor($exponent)` | an integer of minor units as a decimal: `1234 \| minor(2)` is `12.34` |
//! | `units($exponent)` | a decimal as minor units: `12.34 \| units(2)` is `1234`; surplus digits stay behind the point |
//! | `dneg`, `dround($scale)` | the negative; rounded half away from zero |
//! | `dadd($a; $b)`, `dsub`, `dmul`, `dmin`, `dmax` | exact; a null argument gives null |
//! | `ddiv($a; $b; $scale)` | rounded half away from zero |
//! | `dscale` | the number of decimals that a number is written with |
//! | `date($format)` | a date written in chrono's notation (`%Y%m%d`) as `YYYY-MM-DDT00:00:00` |
//! | `month_date` | `YYYY-MM` as its first day |
//! | `from_epoch_ms`, `from_epoch_s`, `from_http_date` | an instant as RFC 3339 |
//! | `from_ms_date` | the same from `/Date(1518685950940+0000)/` |
//! | `date_of_ms_date` | its calendar date at its own offset |
//! | `currency_exponent($code)` | the number of decimals of a currency (ISO 4217) |
//!
//! and, defined in jq: `one_of($table)`, `ref($id; $name)`, `dsum`, `blank_to_null`, `gone($id)`.

use chrono::{DateTime, NaiveDate};
use jaq_core::data::JustLut;
use jaq_core::load::parse::Def;
use jaq_core::native::{Fun, bome, run, v};
use jaq_core::{Error, load};
use jaq_json::Val;
use rust_decimal::Decimal;

use super::dates::{instant, midnight, ms_date, on_epoch};
use super::decimals::{decimal, exact_product, minor, on_decimal, on_two, places, rounded, units};
use super::values::{ValR, text};

pub(super) type Data = JustLut<Val>;

/// jq's natives that neither reach outside nor parse text by recursion. `fromjson` is left out for the latter, and
/// `tonumber` with it: `decimal` does that work.
const NATIVES: &[&str] = &[
    "ascii_downcase",
    "ascii_upcase",
    "contains",
    "endswith",
    "error_empty",
    "first",
    "group_by",
    "has",
    "indices",
    "key_values",
    "keys_unsorted",
    "last",
    "length",
    "limit",
    "ltrim",
    "ltrimstr",
    "max_by_or_empty",
    "min_by_or_empty",
    "path",
    "path_value",
    "range",
    "reverse",
    "rtrim",
    "rtrimstr",
    "skip",
    "sort",
    "sort_by",
    "startswith",
    "tojson",
    "trim",
];

/// jq's definitions over those natives.
const DEFINITIONS: &[&str] = &[
    "abs",
    "add",
    "all",
    "any",
    "arrays",
    "booleans",
    "del",
    "delpaths",
    "empty",
    "error",
    "false",
    "first",
    "flatten",
    "from_entries",
    "getpath",
    "in",
    "index",
    "inside",
    "isarray",
    "isboolean",
    "isempty",
    "isnumber",
    "isobject",
    "isstring",
    "iterables",
    "join",
    "keys",
    "last",
    "map",
    "map_values",
    "max",
    "max_by",
    "min",
    "min_by",
    "not",
    "nth",
    "null",
    "nulls",
    "numbers",
    "objects",
    "paths",
    "pick",
    "range",
    "recurse",
    "rindex",
    "scalars",
    "select",
    "setpath",
    "split",
    "strings",
    "to_entries",
    "tostring",
    "true",
    "type",
    "unique",
    "unique_by",
    "values",
    "walk",
    "with_entries",
    "@json",
    "@text",
];

/// Our own, in jq.
const OWN: &str = r#"
def one_of($table): if . == null then null else ($table[tostring] // "Unknown: \(.)") end;
def ref($id; $name): if $id == null then null else {id: $id, name: $name} end;
def dsum: reduce .[] as $x (0; dadd(.; $x));
def gone($id): if $id == null then error("gone needs an id") else {gone: ($id | tostring)} end;
def blank_to_null: if . == "" then null else . end;
"#;

pub(super) fn definitions() -> impl Iterator<Item = Def<&'static str>> {
    let own = load::parse(OWN, |parser| parser.defs()).expect("they are tested");
    jaq_core::defs()
        .chain(jaq_std::defs())
        .chain(jaq_json::defs())
        // `split` with a regular expression needs natives that are not here.
        .filter(|def| {
            DEFINITIONS.contains(&def.name) && !(def.name == "split" && def.args.len() > 1)
        })
        .chain(own)
}

pub(super) fn natives() -> impl Iterator<Item = Fun<Data>> {
    jaq_core::funs::<Data>()
        .chain(jaq_std::base_funs())
        .chain(jaq_json::funs())
        .filter(|(name, _, _)| NATIVES.contains(name))
        .chain(own_natives())
}

/// The names of all functions that a map may call.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let defined = definitions().map(|definition| definition.name);
    defined.chain(natives().map(|(name, _, _)| name))
}

fn own_natives() -> impl Iterator<Item = Fun<Data>> {
    let natives: [Fun<Data>; 16] =
        [
            run(("decimal", v(0), |cv| bome(on_decimal(&cv.1, Ok)))),
            run(("dneg", v(0), |cv| {
                bome(on_decimal(&cv.1, |number| Ok(-number)))
            })),
            run(("dscale", v(0), |cv| {
                bome(match decimal(&cv.1) {
                    Ok(None) => Ok(Val::Null),
                    Ok(Some(number)) => Ok(Val::from(number.scale() as isize)),
                    Err(error) => Err(error),
                })
            })),
            run(("dround", v(1), |mut cv| {
                let scale = cv.0.pop_var();
                bome(on_decimal(&cv.1, |number| {
                    Ok(rounded(number, places(&scale)?))
                }))
            })),
            run(("minor", v(1), |mut cv| {
                let exponent = cv.0.pop_var();
                bome(on_decimal(&cv.1, |units| minor(units, places(&exponent)?)))
            })),
            run(("units", v(1), |mut cv| {
                let exponent = cv.0.pop_var();
                bome(on_decimal(&cv.1, |amount| {
                    units(amount, places(&exponent)?)
                }))
            })),
            run(("dadd", v(2), |mut cv| {
                let (b, a) = (cv.0.pop_var(), cv.0.pop_var());
                bome(on_two(&a, &b, Decimal::checked_add))
            })),
            run(("dsub", v(2), |mut cv| {
                let (b, a) = (cv.0.pop_var(), cv.0.pop_var());
                bome(on_two(&a, &b, Decimal::checked_sub))
            })),
            run(("dmul", v(2), |mut cv| {
                let (b, a) = (cv.0.pop_var(), cv.0.pop_var());
                bome(on_two(&a, &b, exact_product))
            })),
            run(("dmin", v(2), |mut cv| {
                let (b, a) = (cv.0.pop_var(), cv.0.pop_var());
                bome(on_two(&a, &b, |a, b| Some(a.min(b))))
            })),
            run(("dmax", v(2), |mut cv| {
                let (b, a) = (cv.0.pop_var(), cv.0.pop_var());
                bome(on_two(&a, &b, |a, b| Some(a.max(b))))
            })),
            run(("ddiv", v(3), |mut cv| {
                let (scale, b, a) = (cv.0.pop_var(), cv.0.pop_var(), cv.0.pop_var());
                bome(places(&scale).and_then(|scale| {
                    on_two(&a, &b, |a, b| Some(rounded(a.checked_div(b)?, scale)))
                }))
            })),
            run(("date", v(1), |mut cv| {
                let format = cv.0.pop_var();
                bome(on_text(&cv.1, "a date", |date| {
                    NaiveDate::parse_from_str(date, text(&format)?)
                        .ok()
                        .map(midnight)
                }))
            })),
            run(("month_date", v(0), |cv| {
                bome(on_text(&cv.1, "a month", |text| {
                    format!("{text}-01").parse().ok().map(midnight)
                }))
            })),
            run(("from_http_date", v(0), |cv| {
                bome(on_text(&cv.1, "a date as HTTP writes it", |text| {
                    let time = DateTime::parse_from_rfc2822(text).ok()?;
                    Some(instant(time.to_utc()))
                }))
            })),
            run(("from_epoch_ms", v(0), |cv| {
                bome(on_epoch(&cv.1, DateTime::from_timestamp_millis))
            })),
        ];
    let more: [Fun<Data>; 4] = [
        run(("from_epoch_s", v(0), |cv| {
            bome(on_epoch(&cv.1, |seconds| {
                DateTime::from_timestamp(seconds, 0)
            }))
        })),
        run(("from_ms_date", v(0), |cv| {
            bome(on_text(&cv.1, "a date in milliseconds", |text| {
                Some(instant(ms_date(text)?.to_utc()))
            }))
        })),
        run(("date_of_ms_date", v(0), |cv| {
            bome(on_text(&cv.1, "a date in milliseconds", |text| {
                Some(midnight(ms_date(text)?.date_naive()))
            }))
        })),
        run(("currency_exponent", v(1), |mut cv| {
            let code = cv.0.pop_var();
            bome(match &code {
                Val::Null => Ok(Val::Null),
                other => match text(other) {
                    Some(code) => Ok(Val::from(records::currency_exponent(code) as isize)),
                    None => Err(Error::str(format!(
                        "{other} is not a currency code of ISO 4217, such as \"GBP\""
                    ))),
                },
            })
        })),
    ];
    natives.into_iter().chain(more)
}

fn on_text(value: &Val, what: &str, f: impl FnOnce(&str) -> Option<String>) -> ValR {
    match value {
        Val::Null => Ok(Val::Null),
        other => match text(other).and_then(f) {
            Some(text) => Ok(Val::from(text)),
            None => Err(Error::str(format!("{other} is not {what}"))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Program, value};

    fn gives(program: &str, input: &str) -> String {
        let compiled = Program::compile("", program).unwrap_or_else(|error| panic!("{error:?}"));
        let input = value(input.as_bytes()).unwrap();
        match compiled.run(input).next() {
            Some(Ok(value)) => value.to_string(),
            Some(Err(failure)) => format!("error: {}", failure.message),
            None => "nothing".to_owned(),
        }
    }

    #[test]
    fn decimals_are_exact() {
        for (program, input, output) in [
            ("minor(2)", "1234", "12.34"),
            ("minor(2)", "-5", "-0.05"),
            ("minor(0)", "1240", "1240"),
            ("minor(3)", "12400", "12.400"),
            ("minor(2)", "null", "null"),
            (
                "minor(2)",
                "1.5",
                "error: 1.5 is not an integer of minor units",
            ),
            ("units(2)", "12.34", "1234"),
            ("units(2)", "\"-0.5\"", "-50"),
            ("units(0)", "1240", "1240"),
            ("units(2)", "12.345", "1234.5"),
            ("units(3)", "null", "null"),
            ("decimal", "\"12.40\"", "12.40"),
            ("minor(currency_exponent(\"JPY\"))", "500", "500"),
            ("minor(currency_exponent(\"kwd\"))", "1234", "1.234"),
            ("minor(currency_exponent(\"GBP\"))", "1234", "12.34"),
            ("currency_exponent(null)", "1", "null"),
            ("gone(.id)", "{\"id\":7}", r#"{"gone":"7"}"#),
            (
                "decimal",
                "\"\"",
                "error: `` is not a decimal: Invalid decimal: empty",
            ),
            ("dadd(.; \"0.20\")", "0.10", "0.30"),
            ("dsub(.; 1)", "0.10", "-0.90"),
            ("dmul(.; 3)", "0.10", "0.30"),
            ("dmul(.; null)", "0.10", "null"),
            ("dneg", "\"0.68\"", "-0.68"),
            ("dneg", "0.00", "0.00"),
            ("ddiv(.; 3; 2)", "2", "0.67"),
            ("ddiv(.; 0; 2)", "2", "error: 2 and 0 have no exact result"),
            ("dround(2)", "1.005", "1.01"),
            ("dround(2)", "-1.005", "-1.01"),
            ("dround(2)", "1", "1.00"),
            ("dscale", "\"12.400\"", "3"),
            ("dmin(.; 2)", "3.0", "2"),
            ("dmax(.; 2)", "3.0", "3.0"),
            (".x | dsum", r#"{"x":["0.10",0.20,1]}"#, "1.30"),
            (
                "dmul(.; .)",
                "1234567890123456.7890123",
                "error: 1234567890123456.7890123 and 1234567890123456.7890123 have no exact result",
            ),
            (
                ". + 0 | decimal",
                "0.1",
                "error: 0.1 is a float, which has lost its exact digits: use dadd, dsub, dmul or ddiv",
            ),
        ] {
            assert_eq!(gives(program, input), output, "{input} | {program}");
        }
    }

    #[test]
    fn dates_of_every_dialect_become_iso() {
        for (program, input, output) in [
            (
                "date(\"%Y%m%d\")",
                "\"20260331\"",
                "\"2026-03-31T00:00:00\"",
            ),
            (
                "date(\"%Y%m%d\")",
                "\"20260231\"",
                "error: \"20260231\" is not a date",
            ),
            (
                "date(\"%d/%m/%Y\")",
                "\"31/03/2026\"",
                "\"2026-03-31T00:00:00\"",
            ),
            ("month_date", "\"2026-03\"", "\"2026-03-01T00:00:00\""),
            ("from_epoch_ms", "1774948925000", "\"2026-03-31T09:22:05Z\""),
            (
                "from_epoch_ms",
                "1774948925120",
                "\"2026-03-31T09:22:05.120Z\"",
            ),
            ("from_epoch_s", "0", "\"1970-01-01T00:00:00Z\""),
            (
                "from_http_date",
                "\"Tue, 31 Mar 2026 10:22:05 GMT\"",
                "\"2026-03-31T10:22:05Z\"",
            ),
            ("from_http_date", "null", "null"),
            (
                "from_ms_date",
                "\"/Date(1518685950940+0000)/\"",
                "\"2018-02-15T09:12:30.940Z\"",
            ),
            (
                "from_ms_date",
                "\"/Date(-2208988800000)/\"",
                "\"1900-01-01T00:00:00Z\"",
            ),
            (
                "date_of_ms_date",
                "\"/Date(1518735600000+1300)/\"",
                "\"2018-02-16T00:00:00\"",
            ),
            (
                "date_of_ms_date",
                "\"/Date(-86400000-0500)/\"",
                "\"1969-12-30T00:00:00\"",
            ),
            (
                "from_ms_date",
                "\"/Date(yesterday)/\"",
                "error: \"/Date(yesterday)/\" is not a date in milliseconds",
            ),
            ("date_of_ms_date", "null", "null"),
            ("from_epoch_s", "-86400", "\"1969-12-31T00:00:00Z\""),
            (
                "date(\"%Y-%m-%d\")",
                "\"1911-02-28\"",
                "\"1911-02-28T00:00:00\"",
            ),
        ] {
            assert_eq!(gives(program, input), output, "{input} | {program}");
        }
    }

    #[test]
    fn every_function_on_the_list_exists() {
        for program in [
            "map(.) | add | not",
            "to_entries | from_entries",
            "with_entries(.)",
            "keys | length | tostring",
            "split(\",\") | join(\"-\")",
            "first(.[]), last(.[]), limit(1; .[])",
            "any(. == 1), all(. == 1)",
            "min, max, unique, flatten, sort_by(.), group_by(.)",
            "select(type == \"object\") | has(\"a\")",
            "ltrimstr(\"a\") | rtrimstr(\"b\") | trim | ascii_downcase | startswith(\"x\")",
            "[paths] | walk(.) | del(.a) | tojson",
            "one_of({}) | ref(.; .) | blank_to_null | error",
            "[.[]? | strings, numbers, arrays, objects, booleans, nulls, scalars, iterables, values]",
            "range(3) | abs | index(1), rindex(1), inside(1), in({})",
            "pick(.a) | setpath([\"a\"]; 1) | getpath([\"a\"]) | delpaths([]) | map_values(.)",
            "min_by(.), max_by(.), unique_by(.), nth(0), isempty(empty), recurse, @json, @text",
        ] {
            assert!(
                Program::compile("", program).is_ok(),
                "{program}: {:?}",
                Program::compile("", program).err()
            );
        }
    }
}
