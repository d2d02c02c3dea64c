//! A jq program that knows nothing but its input.

use std::fmt;
use std::sync::LazyLock;

use jaq_core::load::{Arena, File, Loader, span};
use jaq_core::{Compiler, Ctx, Filter, Vars, load};
use jaq_json::Val;
use serde::de::DeserializeOwned;

use super::needed::needed;
use super::{functions, value};
use crate::place::closest;

/// A map. It cannot read the environment, files or the clock, and cannot end the process: see
/// [`functions`] for the list of what it may call.
pub(crate) struct Program(LazyLock<Compiled, Box<dyn FnOnce() -> Compiled + Send>>);

type Compiled = Filter<functions::Data>;

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Program")
    }
}

/// Why a program was not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProgramError {
    /// From 1.
    pub(crate) line: Option<usize>,
    pub(crate) column: Option<usize>,
    pub(crate) message: String,
}

/// Why a value did not become a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) id: Option<String>,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            id: None,
            message: message.into(),
        }
    }
}

/// A page longer than this is not mapped, in bytes: nothing interrupts a running program.
const LONGEST_PAGE: usize = 32 * 1024 * 1024;

/// No record nests deeper; the parser recurses, and must not be led through the stack's end.
const DEEPEST: usize = 64;

impl Program {
    /// Compiled when it is first run: for maps that tests have compiled. There are more than a hundred, and most machines run few.
    pub(crate) fn later(common: &str, source: &str) -> Self {
        let (common, source) = (common.to_owned(), source.to_owned());
        Self(LazyLock::new(Box::new(move || {
            filter(&common, &source).expect("tests have compiled it")
        })))
    }

    /// `common` are definitions that the platform's maps share; [`Program::check_common`] tells what is wrong in them.
    pub(crate) fn compile(common: &str, source: &str) -> Result<Self, ProgramError> {
        let compiled = filter(common, source)?;
        Ok(Self(LazyLock::new(Box::new(|| compiled))))
    }

    pub(crate) fn check_common(common: &str) -> Result<(), ProgramError> {
        Self::compile("", &format!("{common}\n.")).map(|_| ())
    }

    /// The program's outputs for one input.
    pub(crate) fn run(&self, input: Val) -> impl Iterator<Item = Result<Val, Failure>> {
        let context = Ctx::<functions::Data>::new(&self.0.lut, Vars::new([]));
        self.0.id.run((context, input)).map(|output| {
            // A map has no `halt` to call, so that whatever is no value is an error.
            jaq_core::unwrap_valr(output).map_err(|error| {
                let told = error.into_val();
                Failure::new(value::text(&told).map_or_else(|| told.to_string(), str::to_owned))
            })
        })
    }

    /// The one output for one body, as JSON with every digit in its place.
    pub(crate) fn run_one(&self, body: &[u8]) -> Result<String, String> {
        let input = parse(body).map_err(|failure| failure.message)?;
        let mut outputs = self.run(input);
        let output = outputs
            .next()
            .ok_or_else(|| "the map gives nothing".to_owned())?
            .map_err(|failure| failure.message)?;
        Ok(output.to_string())
    }

    /// Reads one body as values: every output is one, or an array of them.
    pub(crate) fn read_all<T: DeserializeOwned>(&self, body: &[u8]) -> Result<Vec<T>, String> {
        let input = parse(body).map_err(|failure| failure.message)?;
        let mut values = Vec::new();
        for output in self.run(input) {
            let output = output.map_err(|failure| failure.message)?;
            let read = |value: &Val| value::read(value).map_err(|failure| failure.message);
            match &output {
                Val::Arr(items) => {
                    for item in items.iter() {
                        values.push(read(item)?);
                    }
                }
                one => values.push(read(one)?),
            }
        }
        Ok(values)
    }
}

fn filter<'s>(common: &'s str, source: &'s str) -> Result<Compiled, ProgramError> {
    let arena = Arena::default();
    let common = load::parse(common, |parser| parser.defs()).unwrap_or_default();
    let program = File {
        code: source,
        path: (),
    };
    let (definitions, natives) = needed(source, common);
    let modules = Loader::new(definitions)
        .load(&arena, program)
        .map_err(|errors| never_closed(source, first(source, errors, misread)))?;
    // The loader reads no modules by itself; data files it leaves to its caller, who has none either.
    load::import(&modules, |_| Err("a map imports nothing".to_owned()))
        .map_err(|errors| first(source, errors, misread))?;
    Compiler::default()
        .with_funs(natives)
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

/// The elements of the array at a dotted path of a body, or the one object there; None where nothing is there.
pub(crate) fn items(body: &[u8], path: &str) -> Result<Option<Vec<Val>>, Failure> {
    let mut value = parse(body)?;
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let next = match &value {
            Val::Obj(members) => members.get(&Val::from(step.to_owned())).cloned(),
            Val::Arr(items) => {
                let index = step.parse().ok();
                index.and_then(|index: usize| items.get(index).cloned())
            }
            _ => None,
        };
        match next {
            Some(next) if !(matches!(next, Val::Null)) => value = next,
            _ => return Ok(None),
        }
    }
    Ok(Some(match value {
        Val::Arr(items) => {
            std::rc::Rc::try_unwrap(items).unwrap_or_else(|items| items.as_ref().clone())
        }
        one => vec![one],
    }))
}

fn parse(body: &[u8]) -> Result<Val, Failure> {
    if body.len() > LONGEST_PAGE {
        return Err(Failure::new("the page is too long"));
    }
    if depth(body) > DEEPEST {
        return Err(Failure::new("the page is nested too deeply"));
    }
    jaq_json::read::parse_single(body)
        .map_err(|error| Failure::new(format!("the page is not JSON: {error}")))
}

/// How deep brackets nest outside of strings.
fn depth(body: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Where a program stops being one, and why.
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

/// What a map does where jq has a filter that it may not call.
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

/// A bracket that nothing closes is missed where the text ends: of more use is where it stands.
fn never_closed(source: &str, error: ProgramError) -> ProgramError {
    let Some(offset) = innermost_open(source).filter(|_| error.message.starts_with("closing "))
    else {
        return error;
    };
    let (line, column) = crate::place::line_and_column(source, offset);
    ProgramError {
        line: Some(line),
        column: Some(column),
        message: "this is never closed".to_owned(),
    }
}

/// Where the last bracket stands that is open at the end, outside of texts and comments.
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
) -> ProgramError {
    let told = errors
        .into_iter()
        .find_map(|(file, error)| tell(error).map(|(part, message)| (file.code, part, message)));
    match told {
        Some((code, part, message)) if code == source => {
            let (line, column) = crate::place::line_and_column(code, span(code, part).start);
            ProgramError {
                line: Some(line),
                column: Some(column),
                message,
            }
        }
        Some((_, _, message)) => ProgramError {
            line: None,
            column: None,
            message,
        },
        None => ProgramError {
            line: None,
            column: None,
            message: "the program is not understood".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(source: &str) -> ProgramError {
        Program::compile("", source).expect_err(source)
    }

    #[test]
    fn a_map_cannot_reach_beyond_its_input() {
        for name in [
            "env",
            "$ENV",
            "halt",
            "halt_error",
            "input",
            "inputs",
            "debug",
            "stderr",
            "now",
            "localtime",
            "input_line_number",
            "$__loc__",
            "repeat(.)",
            "fromjson",
            "getpath([0]) | env.PATH",
        ] {
            let error = refused(&format!("{{id: .id,\n note: {name}}}"));
            assert_eq!(error.line, Some(2), "{name}: {}", error.message);
        }
        assert!(Program::compile("", "include \"x\"; .").is_err());
        assert!(Program::compile("", "import \"/etc/passwd\" as $x; .").is_err());
    }

    #[test]
    fn what_is_wrong_in_a_map_is_told_with_its_line() {
        assert_eq!(refused("{\n  id: .id,\n  name: ,\n}").line, Some(3));
        assert_eq!(refused("{id: $nothing}").line, Some(1));
        assert!(
            refused("\n\n{id: (.id | uppercase)}")
                .message
                .contains("uppercase")
        );
    }

    #[test]
    fn what_would_be_right_is_told() {
        let unclosed = refused("{\n  id: .id,\n  lines: (.lines | map({a: .b}\n}\n");
        assert_eq!((unclosed.line, unclosed.column), (Some(3), Some(10)));
        assert_eq!(unclosed.message, "this is never closed");
        for (map, words) in [
            ("{id: (.id | sub(\"a\"; \"b\"))}", "no regular expressions"),
            ("{id: (.id | tonumber)}", "`decimal` reads an amount"),
            ("{id: (.id | strptime(\"%Y\"))}", "`date($format)`"),
            (
                "{id: (.id | blank_to_nul)}",
                "did you mean `blank_to_null`?",
            ),
            ("{id: (.id | to_string)}", "did you mean `tostring`?"),
        ] {
            let told = refused(map).message;
            assert!(told.contains(words), "{map}: {told}");
        }
    }

    #[test]
    fn maps_share_their_platforms_definitions() {
        let common = "def twice: dadd(.; .);\ndef wrong: nothing;";
        assert_eq!(Program::check_common(common).unwrap_err().line, Some(2));
        let program = Program::compile("def twice: dadd(.; .);", "{id: .id | twice}").unwrap();
        let input = items(b"{\"id\":0.20}", "").unwrap().unwrap().remove(0);
        let output = program.run(input).next().unwrap().unwrap();
        assert_eq!(output.to_string(), r#"{"id":0.40}"#);
    }

    #[test]
    fn a_program_is_shared_between_threads() {
        fn shareable<T: Send + Sync>() {}
        shareable::<Program>();
    }

    #[test]
    fn a_page_that_nests_without_end_is_refused_before_it_is_parsed() {
        let body = "[".repeat(1_000_000);
        let error = items(body.as_bytes(), "").unwrap_err();
        assert_eq!(error.message, "the page is nested too deeply");
        assert_eq!(depth(br#"{"a":"[[[\"[[","b":[{}]}"#), 3);
    }
}
