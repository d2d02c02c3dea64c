//! From a program's text to a compiled program, or to the line that is wrong.

use std::sync::LazyLock;

use jaq_core::load::parse::Def;
use jaq_core::load::{Arena, File, Loader, span};
use jaq_core::{Compiler, Filter, load};

use super::functions;
use crate::text::{closest, line_and_column};

pub(super) type Compiled = Filter<functions::Data>;

/// The first mistake in a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CompileError {
    /// From 1, as the column is.
    pub(crate) line: Option<usize>,
    pub(crate) column: Option<usize>,
    pub(crate) message: String,
}

pub(super) fn filter<'s>(common: &'s str, source: &'s str) -> Result<Compiled, CompileError> {
    let arena = Arena::default();
    let common = load::parse(common, |parser| parser.defs()).unwrap_or_default();
    let program = File {
        code: source,
        path: (),
    };
    let modules = Loader::new(prelude().into_iter().chain(common))
        .load(&arena, program)
        .map_err(|errors| never_closed(source, first(source, errors, misread)))?;
    // The loader reads no modules by itself; data files it leaves to its caller, who has none either.
    load::import(&modules, |_| {
        Err(
            "a map can't import anything: put shared definitions into the manifest's `common` file"
                .to_owned(),
        )
    })
    .map_err(|errors| first(source, errors, misread))?;
    Compiler::default()
        .with_global_vars(["$lookup"])
        .with_funs(functions::natives())
        .compile(modules)
        .map_err(|errors| {
            first(source, errors, |undefined| {
                let (name, kind) = undefined.into_iter().next()?;
                let mut message = format!("there is no {} `{name}` here", kind.as_str());
                if let Some(instead) = instead_of(name) {
                    message.push_str(": ");
                    message.push_str(&instead);
                }
                Some((name, message))
            })
        })
}

/// The definitions that every map may call, parsed once.
fn prelude<'s>() -> Vec<Def<&'s str>> {
    static PARSED: LazyLock<Vec<Def<&'static str>>> =
        LazyLock::new(|| functions::definitions().collect());
    PARSED.clone()
}

/// The part of a program at which the loader gave up, with the reason.
fn misread(error: load::Error<&str>) -> Option<(&str, String)> {
    match error {
        load::Error::Io(errors) => errors.into_iter().next(),
        load::Error::Lex(errors) => errors
            .into_iter()
            .map(|(expected, found)| (found, format!("{} is missing here", expected.as_str())))
            .next(),
        load::Error::Parse(errors) => errors
            .into_iter()
            .map(|(expected, found)| (found, format!("{} is missing here", expected.as_str())))
            .next(),
    }
}

/// The way of a map to do the work of a jq filter that it may not call.
fn instead_of(name: &str) -> Option<String> {
    match name {
        "test" | "match" | "capture" | "scan" | "sub" | "gsub" | "splits" => {
            Some("maps have no regular expressions; `split` and `join`, `startswith`, `ltrimstr` and `contains` do without".to_owned())
        }
        "tonumber" | "round" | "floor" | "ceil" => {
            Some("`decimal` reads an amount, and `dround($scale)` rounds it".to_owned())
        }
        "todate" | "fromdate" | "strptime" | "strftime" | "mktime" | "gmtime" | "dateadd" | "datesub" => {
            Some("`date($format)`, `from_epoch_s` and `from_epoch_ms` read dates".to_owned())
        }
        _ => closest(name, functions::names()).map(|right| format!("did you mean `{right}`?")),
    }
}

/// Moves the report of a bracket that nothing closes from the end of the text to the bracket.
fn never_closed(source: &str, error: CompileError) -> CompileError {
    let Some(offset) = innermost_open(source).filter(|_| error.message.starts_with("closing "))
    else {
        return error;
    };
    let (line, column) = line_and_column(source, offset);
    CompileError {
        line: Some(line),
        column: Some(column),
        message: "this is never closed".to_owned(),
    }
}

/// The offset of the innermost bracket that is open at the end, outside of texts and comments.
fn innermost_open(source: &str) -> Option<usize> {
    let mut open = Vec::new();
    let (mut in_text, mut escaped, mut in_comment) = (false, false, false);
    for (offset, letter) in source.char_indices() {
        match letter {
            '\n' => in_comment = false,
            _ if in_comment => {}
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            _ if in_text => {}
            '#' => in_comment = true,
            '(' | '[' | '{' => open.push(offset),
            ')' | ']' | '}' => {
                open.pop()?;
            }
            _ => {}
        }
    }
    open.pop()
}

/// The first of the errors, with its line.
fn first<'s, E>(
    source: &str,
    errors: load::Errors<&'s str, (), E>,
    tell: impl Fn(E) -> Option<(&'s str, String)>,
) -> CompileError {
    let reported = errors
        .into_iter()
        .find_map(|(file, error)| tell(error).map(|(part, message)| (file.code, part, message)));
    match reported {
        Some((code, part, message)) if code == source => {
            let (line, column) = line_and_column(code, span(code, part).start);
            CompileError {
                line: Some(line),
                column: Some(column),
                message,
            }
        }
        Some((_, _, message)) => CompileError {
            line: None,
            column: None,
            message,
        },
        None => CompileError {
            line: None,
            column: None,
            message: "the program is not understood".to_owned(),
        },
    }
}
