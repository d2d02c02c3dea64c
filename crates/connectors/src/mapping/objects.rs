//! Object literals, built in one go.
//!
//! jaq adds an object's members up one by one, and copies what there is each time: a literal of forty members costs
//! sixteen times one of ten. A literal whose keys are plain words becomes a call of a native instead, that is given the
//! members' values, and the number of the literal's keys in a list beside the program. The outputs are the same, and come
//! in the same order.

use std::sync::LazyLock;

use bytes::Bytes;
use jaq_core::data::{DataT, HasLut};
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{Def, Term};
use jaq_core::native::{Fun, bome, run, v};
use jaq_core::path::{Opt, Part, Path};
use jaq_core::{Cv, Lut, ValXs};
use jaq_json::{Map, Num, Val};

/// What a map is run with: its own terms, and the keys of its literals.
pub(crate) struct Data;

/// The keys of each literal, in their order.
pub(crate) type Keys = Vec<Box<[Bytes]>>;

#[derive(Clone, Copy)]
pub(crate) struct Beside<'a> {
    pub(crate) lut: &'a Lut<Data>,
    pub(crate) keys: &'a Keys,
}

impl DataT for Data {
    type V<'a> = Val;
    type Data<'a> = Beside<'a>;
}

impl<'a> HasLut<'a, Data> for Beside<'a> {
    fn lut(&self) -> &'a Lut<Data> {
        self.lut
    }
}

/// The native's name, which nobody can write in a map.
const OBJECT: &str = "{}";
/// Longer literals stay as they are.
const MOST: usize = 64;

/// One for each number of members: the values, then which literal's they are.
pub(super) fn natives() -> impl Iterator<Item = Fun<Data>> {
    (1..=MOST).map(|members| run::<Data>((OBJECT, v(members + 1), |cv| build(cv))))
}

fn build<'a>(mut cv: Cv<'a, Data>) -> ValXs<'a, Val> {
    let literal = match cv.0.pop_var() {
        Val::Num(Num::Int(literal)) => usize::try_from(literal).ok(),
        _ => None,
    };
    let beside = *cv.0.data();
    let keys: &[Bytes] = literal
        .and_then(|literal| beside.keys.get(literal))
        .map_or(&[], |keys| keys);
    // The last value was bound last.
    let mut values: Vec<Val> = keys.iter().map(|_| cv.0.pop_var()).collect();
    let mut members = Map::with_capacity_and_hasher(keys.len(), Default::default());
    for key in keys {
        members.insert(Val::utf8_str(key.clone()), values.pop().unwrap_or_default());
    }
    bome(Ok(Val::Obj(members.into())))
}

/// As many literals of one program are built so; further ones stay as they are.
const LITERALS: usize = 4_096;
/// How a program writes their numbers.
static NUMBERS: LazyLock<Vec<String>> =
    LazyLock::new(|| (0..LITERALS).map(|number| number.to_string()).collect());

pub(super) fn in_definition<'s>(definition: Def<&'s str>, keys: &mut Keys) -> Def<&'s str> {
    Def {
        body: in_term(definition.body, keys),
        ..definition
    }
}

/// The same term with its literals as calls; their keys are added to `keys`.
pub(super) fn in_term<'s>(term: Term<&'s str>, keys: &mut Keys) -> Term<&'s str> {
    let mut each = |term| in_term(term, keys);
    match term {
        Term::Id
        | Term::Recurse
        | Term::Num(_)
        | Term::Var(_)
        | Term::Break(_)
        | Term::Arr(None) => term,
        Term::Str(format, parts) => {
            let parts = parts.into_iter().map(|part| match part {
                StrPart::Term(term) => StrPart::Term(each(term)),
                other => other,
            });
            Term::Str(format, parts.collect())
        }
        Term::Arr(Some(inner)) => Term::Arr(Some(Box::new(each(*inner)))),
        Term::Obj(members) => literal(members, keys),
        Term::Neg(inner) => Term::Neg(Box::new(each(*inner))),
        Term::BinOp(left, op, right) => {
            Term::BinOp(Box::new(each(*left)), op, Box::new(each(*right)))
        }
        Term::Label(name, inner) => Term::Label(name, Box::new(each(*inner))),
        Term::Fold(name, from, pattern, steps) => Term::Fold(
            name,
            Box::new(each(*from)),
            pattern,
            steps.into_iter().map(each).collect(),
        ),
        Term::TryCatch(inner, catch) => Term::TryCatch(
            Box::new(each(*inner)),
            catch.map(|catch| Box::new(each(*catch))),
        ),
        Term::IfThenElse(branches, otherwise) => Term::IfThenElse(
            branches
                .into_iter()
                .map(|(condition, then)| (each(condition), each(then)))
                .collect(),
            otherwise.map(|otherwise| Box::new(each(*otherwise))),
        ),
        Term::Def(definitions, inner) => Term::Def(
            definitions
                .into_iter()
                .map(|definition| in_definition(definition, keys))
                .collect(),
            Box::new(in_term(*inner, keys)),
        ),
        Term::Call(name, arguments) => Term::Call(name, arguments.into_iter().map(each).collect()),
        Term::Path(from, path) => {
            let parts = path.0.into_iter().map(|(part, optional)| {
                let part = match part {
                    Part::Index(index) => Part::Index(each(index)),
                    Part::Range(from, to) => Part::Range(from.map(&mut each), to.map(&mut each)),
                };
                (part, optional)
            });
            let parts = parts.collect();
            Term::Path(Box::new(each(*from)), Path(parts))
        }
    }
}

fn literal<'s>(
    members: Vec<(Term<&'s str>, Option<Term<&'s str>>)>,
    keys: &mut Keys,
) -> Term<&'s str> {
    let plain: Option<Box<[Bytes]>> = members
        .iter()
        .map(|(key, value)| match key {
            Term::Str(None, parts) => match parts.as_slice() {
                [StrPart::Str(key)] => Some(Bytes::copy_from_slice(key.as_bytes())),
                _ => None,
            },
            // `{$name}`
            Term::Var(name) if value.is_none() => Some(Bytes::copy_from_slice(
                name.trim_start_matches('$').as_bytes(),
            )),
            _ => None,
        })
        .collect();
    let within = |(key, value): (Term<&'s str>, Option<Term<&'s str>>), keys: &mut Keys| {
        let value = value.map(|value| in_term(value, keys));
        (in_term(key, keys), value)
    };
    let Some(plain) = plain.filter(|plain| (1..=MOST).contains(&plain.len())) else {
        let members = members.into_iter().map(|member| within(member, keys));
        return Term::Obj(members.collect());
    };
    let number = keys.len();
    let Some(written) = NUMBERS.get(number) else {
        return Term::Obj(members);
    };
    keys.push(plain);
    let mut arguments: Vec<Term<&'s str>> = Vec::with_capacity(members.len() + 1);
    for member in members {
        arguments.push(match within(member, keys) {
            (_, Some(value)) => value,
            (Term::Var(name), None) => Term::Var(name),
            // `{name}` is `{name: .name}`
            (key, None) => Term::Path(
                Box::new(Term::Id),
                Path(vec![(Part::Index(key), Opt::Essential)]),
            ),
        });
    }
    arguments.push(Term::Num(written));
    Term::Call(OBJECT, arguments)
}

#[cfg(test)]
mod tests {
    use super::super::program::{Program, items};

    fn gives(program: &str) -> Vec<String> {
        let compiled = Program::compile("def three: {a: 1, b: 2, c: 3};", program)
            .unwrap_or_else(|error| panic!("{error:?}"));
        let input = items(br#"{"a":"x","b":[1,2]}"#, "").unwrap().unwrap();
        compiled
            .run(input.into_iter().next().unwrap())
            .map(|output| output.map_or_else(|failure| failure.message, |value| value.to_string()))
            .collect()
    }

    #[test]
    fn literals_are_what_jq_makes_of_them() {
        let long: Vec<String> = (0..80)
            .map(|number| format!("k{number}: {number}"))
            .collect();
        for (program, outputs) in [
            ("{}", vec!["{}"]),
            (
                "{a: 1, b: {c: .a}, \"d e\": [.b[] | {n: .}]}",
                vec![r#"{"a":1,"b":{"c":"x"},"d e":[{"n":1},{"n":2}]}"#],
            ),
            ("{a, b}", vec![r#"{"a":"x","b":[1,2]}"#]),
            (
                ". as $it | 7 as $seven | {$seven, it: $it.a}",
                vec![r#"{"seven":7,"it":"x"}"#],
            ),
            ("{(.a): 1, b: {c: 2}}", vec![r#"{"x":1,"b":{"c":2}}"#]),
            ("{\"k\\(.a)\": 1}", vec![r#"{"kx":1}"#]),
            ("{a: 1, a: 2}", vec![r#"{"a":2}"#]),
            // Several values make several objects, the first member's changing last.
            (
                "{a: (1, 2), b: (3, 4)}",
                vec![
                    r#"{"a":1,"b":3}"#,
                    r#"{"a":1,"b":4}"#,
                    r#"{"a":2,"b":3}"#,
                    r#"{"a":2,"b":4}"#,
                ],
            ),
            ("{a: 1, b: empty}", vec![]),
            ("{a: 1, b: error(\"no\")}", vec!["no"]),
            (
                "def own($v): {v: $v}; own(.a), three",
                vec![r#"{"v":"x"}"#, r#"{"a":1,"b":2,"c":3}"#],
            ),
            (
                "reduce .b[] as $n ({sum: 0}; {sum: ($n), before: .sum})",
                vec![r#"{"sum":2,"before":1}"#],
            ),
            (
                "try error({why: \"x\"}) catch {caught: .why}",
                vec![r#"{"caught":"x"}"#],
            ),
            (
                "if .a == \"x\" then {yes: true} else {no: true} end",
                vec![r#"{"yes":true}"#],
            ),
            ("{a: 1, b: 2} as {$a, b: $c} | [$a, $c]", vec!["[1,2]"]),
            (
                "({a: 1} | .b = {c: 2}) + {d: 4} | del(.a) | [.b.c, .d]",
                vec!["[2,4]"],
            ),
        ] {
            assert_eq!(gives(program), outputs, "{program}");
        }
        let all = gives(&format!("{{{}}} | [.k0, .k79, length]", long.join(", ")));
        assert_eq!(all, ["[0,79,80]"]);
    }
}
