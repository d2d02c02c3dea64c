//! A jq program that knows nothing but its input.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use jaq_core::{Ctx, Vars};
use jaq_json::Val;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::compile::{CompileError, Compiled, filter};
use super::failure::Failure;
use super::input::{object, parse};
use super::{functions, values};

/// A map. It cannot read the environment, files or the clock, and cannot end the process: [`functions`] lists all that it
/// may call.
pub(crate) struct Program {
    compiled: LazyLock<Compiled, Box<dyn FnOnce() -> Compiled + Send>>,
    digest: [u8; 32],
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Program")
    }
}

impl Program {
    /// Compiles when it is first run, for maps that tests have compiled: there are more than a hundred, and most nodes run
    /// few of them.
    pub(crate) fn later(common: &str, source: &str) -> Self {
        let digest = digest(common, source);
        let (common, source) = (common.to_owned(), source.to_owned());
        let compiled: Box<dyn FnOnce() -> Compiled + Send> =
            Box::new(move || filter(&common, &source).expect("tests have compiled it"));
        Self {
            compiled: LazyLock::new(compiled),
            digest,
        }
    }

    /// Compiles a map. `common` are definitions that the platform's maps share; [`Program::check_common`] reports the
    /// mistakes in them.
    pub(crate) fn compile(common: &str, source: &str) -> Result<Self, CompileError> {
        let compiled = filter(common, source)?;
        Ok(Self {
            compiled: LazyLock::new(Box::new(|| compiled)),
            digest: digest(common, source),
        })
    }

    /// Tells this map from any other.
    pub(crate) fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    pub(crate) fn check_common(common: &str) -> Result<(), CompileError> {
        Self::compile("", &format!("{common}\n.")).map(|_| ())
    }

    /// The program's outputs for one input.
    pub(crate) fn run(&self, input: Val) -> impl Iterator<Item = Result<Val, Failure>> {
        self.run_with(input, Val::Null)
    }

    /// The same with the values that were looked up for it, `$lookup`.
    pub(crate) fn run_with(
        &self,
        input: Val,
        lookup: Val,
    ) -> impl Iterator<Item = Result<Val, Failure>> {
        let context = Ctx::<functions::Data>::new(&self.compiled.lut, Vars::new([lookup]));
        self.compiled.id.run((context, input)).map(|output| {
            // A map has no `halt` to call, so that an output that isn't a value is an error.
            jaq_core::unwrap_valr(output).map_err(|error| {
                let reported = error.into_val();
                let message =
                    values::text(&reported).map_or_else(|| reported.to_string(), str::to_owned);
                Failure::new(without_objects(&message))
            })
        })
    }

    /// The first output for one body, as JSON with every digit in its place.
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
    pub(crate) fn read_all<T: DeserializeOwned>(
        &self,
        body: &[u8],
        lookup: &BTreeMap<String, Box<RawValue>>,
    ) -> Result<Vec<T>, String> {
        let input = parse(body).map_err(|failure| failure.message)?;
        let lookup = object(lookup).map_err(|failure| failure.message)?;
        let mut values = Vec::new();
        for output in self.run_with(input, lookup) {
            let output = output.map_err(|failure| failure.message)?;
            let read = |value: &Val| values::read(value).map_err(|failure| failure.message);
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

fn digest(common: &str, source: &str) -> [u8; 32] {
    Sha256::digest(format!("{common}\0{source}")).into()
}

/// A message with `{…}` in place of each object: jq's own errors quote what they were about, and with it all that the
/// platform sent.
fn without_objects(message: &str) -> String {
    let (mut shown, mut depth) = (String::with_capacity(message.len()), 0_usize);
    for letter in message.chars() {
        match letter {
            '{' => {
                if depth == 0 {
                    shown.push_str("{…}");
                }
                depth += 1;
            }
            '}' if depth > 0 => depth -= 1,
            _ if depth == 0 => shown.push(letter),
            _ => {}
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::super::value;
    use super::*;

    fn refused(source: &str) -> CompileError {
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
    fn what_is_wrong_in_a_map_is_reported_with_its_line() {
        assert_eq!(refused("{\n  id: .id,\n  name: ,\n}").line, Some(3));
        assert_eq!(refused("{id: $nothing}").line, Some(1));
        assert!(
            refused("\n\n{id: (.id | uppercase)}")
                .message
                .contains("uppercase")
        );
    }

    #[test]
    fn what_would_be_right_is_reported() {
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
            let reported = refused(map).message;
            assert!(reported.contains(words), "{map}: {reported}");
        }
    }

    #[test]
    fn an_error_does_not_quote_what_it_was_about() {
        let program = Program::compile("", "{id: (.card + 1)}").unwrap();
        let body = br#"{"id":"1","card":{"secret":"4111 1111","deep":{"x":[1]}}}"#;
        let input = value(body).unwrap();
        let failure = program.run(input).next().unwrap().unwrap_err();
        assert!(!failure.message.contains("4111"), "{}", failure.message);
        assert!(failure.message.contains("{…}"), "{}", failure.message);
    }

    #[test]
    fn maps_share_their_platforms_definitions() {
        let common = "def twice: dadd(.; .);\ndef wrong: nothing;";
        assert_eq!(Program::check_common(common).unwrap_err().line, Some(2));
        let program = Program::compile("def twice: dadd(.; .);", "{id: .id | twice}").unwrap();
        let input = value(b"{\"id\":0.20}").unwrap();
        let output = program.run(input).next().unwrap().unwrap();
        assert_eq!(output.to_string(), r#"{"id":0.40}"#);
    }

    #[test]
    fn a_program_is_shared_between_threads() {
        fn shareable<T: Send + Sync>() {}
        shareable::<Program>();
    }
}
