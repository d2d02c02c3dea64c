//! What `doctor` finds, as it is printed.

use std::process::ExitCode;

use serde_json::{Value, json};

/// Findings, printed as they are made, or all at the end as JSON. Those counted as wrong turn the exit code into a failure.
pub(super) struct Findings {
    wrong: usize,
    json: bool,
    all: Vec<Value>,
}

impl Findings {
    pub(super) fn new(json: bool) -> Self {
        Self {
            wrong: 0,
            json,
            all: Vec::new(),
        }
    }

    pub(super) fn good(&mut self, what: &str) {
        self.add("ok", what, None);
    }

    pub(super) fn note(&mut self, what: &str) {
        self.add("note", what, None);
    }

    pub(super) fn wrong(&mut self, what: &str, mend: &str) {
        self.wrong += 1;
        self.add("wrong", what, Some(mend));
    }

    fn add(&mut self, state: &'static str, what: &str, mend: Option<&str>) {
        if self.json {
            let mut finding = json!({ "state": state, "what": what });
            if let Some(mend) = mend {
                finding["mend"] = json!(mend);
            }
            self.all.push(finding);
            return;
        }
        let word = if mend.is_some() { "WRONG" } else { state };
        println!("{word:6} {what}");
        if let Some(mend) = mend {
            println!("       mend: {mend}");
        }
    }

    pub(super) fn conclude(self) -> ExitCode {
        match (self.json, self.wrong) {
            (true, wrong) => println!("{:#}", json!({ "wrong": wrong, "findings": self.all })),
            (false, 0) => println!("Nothing is wrong."),
            (false, 1) => println!("One thing is wrong."),
            (false, number) => println!("{number} things are wrong."),
        }
        match self.wrong {
            0 => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        }
    }
}
