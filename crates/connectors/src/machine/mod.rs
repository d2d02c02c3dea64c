//! Platforms that call: a program on the customer's machine asks for questions, and brings the answers.
//!
//! A question is made as every request is, and ends at a [desk](egress::Desk): the answer is there already, or the request ends as
//! [`Awaited`](egress::EgressError::Awaited), and is made again once the machine has brought it.

pub mod xml;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use egress::{Desk, EgressError, HeaderMap, Request, Response, StatusCode};
use serde_json::{Value, json};

use self::xml::{Element, XmlError, escaped};
use crate::ask::json::{self, plain};
use crate::described::integration::Integration;
use crate::described::manifest::{FaultMeaning, FaultSection, MachineSection};
use crate::text::steps;

/// The longest answer that is read, in bytes.
pub const LONGEST_ANSWER: usize = 24 * 1024 * 1024;

/// The most elements of an answer.
const MOST_ELEMENTS: usize = 400_000;

/// The part of a manifest that describes such a platform, checked.
#[derive(Debug, Clone)]
pub struct Machine {
    pub(crate) section: MachineSection,
    pub(crate) lists: BTreeSet<String>,
    pub(crate) setup: String,
    pub(crate) service: String,
    /// The namespace of the service's messages.
    pub(crate) namespace: String,
}

/// A question for the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub text: String,
    /// It goes on with the one before it, and can be asked in the same call alone.
    pub goes_on: bool,
}

/// The outcome of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The answer as it came.
    Answered(String),
    /// The machine's program refused it: a sentence.
    Refused(String),
    /// The call is over in which it could have been asked.
    HungUp,
}

/// The answers that are there, by their questions, and the question that isn't answered yet.
#[derive(Debug, Default)]
pub struct Answers {
    known: BTreeMap<String, Outcome>,
    wanted: Mutex<Option<Question>>,
}

/// The meaning of an outcome of the program's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault<'a> {
    /// Something at the machine is in the way, for the reason given: a sentence.
    Obstructed(&'a str),
    /// The question was not understood.
    Refused(&'a str),
    /// The business has taken the permission back.
    Withdrawn(&'a str),
}

impl Answers {
    pub fn new(known: impl IntoIterator<Item = (String, Outcome)>) -> Arc<Self> {
        Arc::new(Self {
            known: known.into_iter().collect(),
            wanted: Mutex::default(),
        })
    }

    /// The question that was asked and isn't answered yet.
    pub fn wanted(&self) -> Option<Question> {
        self.wanted.lock().ok()?.clone()
    }
}

impl Machine {
    /// The desk at which this machine's answers lie.
    pub fn desk(self: &Arc<Self>, answers: &Arc<Answers>) -> Arc<Desk> {
        let (machine, answers) = (Arc::clone(self), Arc::clone(answers));
        Arc::new(move |request: &Request| machine.answer(&answers, request))
    }

    fn answer(&self, answers: &Answers, request: &Request) -> Result<Response, EgressError> {
        let text = self.question(&request.body);
        match answers.known.get(&text) {
            Some(Outcome::Answered(answer)) => Ok(match self.read(answer) {
                Ok(answer) => answer,
                Err(error) => self.refusal(&format!("its answer can't be read: {error}")),
            }),
            Some(Outcome::Refused(reason)) => Ok(self.refusal(reason)),
            Some(Outcome::HungUp) => Err(EgressError::HungUp),
            None => {
                if let Ok(mut wanted) = answers.wanted.lock() {
                    *wanted = Some(Question {
                        text,
                        goes_on: !request.repeatable,
                    });
                }
                Err(EgressError::Awaited)
            }
        }
    }

    /// The document of a request, whose body is `{"xml": "…"}`.
    fn question(&self, body: &[u8]) -> String {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let request = body.get("xml").map(plain).unwrap_or_default();
        self.section
            .envelope
            .trim()
            .replace("${request}", request.trim())
    }

    /// An answer as JSON, with a status: 200, or 422 if its code isn't one of the good ones.
    fn read(&self, answer: &str) -> Result<Response, XmlError> {
        let (body, code) = self.parts(answer)?;
        let status = if self.section.good.contains(&code) {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        Ok(with(status, body))
    }

    /// The part of an answer that lists begin at, and its code.
    fn parts(&self, answer: &str) -> Result<(String, String), XmlError> {
        let document = Element::read(answer, LONGEST_ANSWER, MOST_ELEMENTS)?;
        // The path begins at the document's own element.
        let mut at = &Element {
            children: vec![document],
            ..Element::default()
        };
        for step in steps(&self.section.answer) {
            let found = match step.as_str() {
                "*" => at.children.first().filter(|_| at.children.len() == 1),
                name => at.child(name),
            };
            at = found.ok_or(XmlError::Malformed(0))?;
        }
        let body = at.to_json(&self.lists)?.to_string();
        let code = json::at(body.as_bytes(), &self.section.status)
            .ok()
            .flatten();
        let code = code.and_then(json::scalar).unwrap_or_default();
        Ok((body, code))
    }

    /// The reason for which the answer to a question that goes on with another is none: its place in the list was lost.
    pub fn lost(&self, answer: &str) -> Option<&str> {
        let (_, code) = self.parts(answer).ok()?;
        let of_lists = |fault: &&FaultSection| fault.means == FaultMeaning::Lost;
        let mut faults = self.section.faults.iter().filter(of_lists);
        let fault = faults.find(|fault| fault.codes.contains(&code))?;
        Some(&fault.reason)
    }

    fn refusal(&self, reason: &str) -> Response {
        let body = json!({ self.section.message.as_str(): reason });
        with(StatusCode::UNPROCESSABLE_ENTITY, body.to_string())
    }

    /// The meaning of the program's own code, in any spelling of its letters.
    pub fn fault(&self, code: &str) -> Option<Fault<'_>> {
        let code = code.trim();
        let of_programs = |fault: &&FaultSection| fault.means != FaultMeaning::Lost;
        let mut faults = self.section.faults.iter().filter(of_programs);
        let fault =
            faults.find(|fault| fault.codes.iter().any(|own| own.eq_ignore_ascii_case(code)))?;
        Some(match fault.means {
            FaultMeaning::Obstructed | FaultMeaning::Lost => Fault::Obstructed(&fault.reason),
            FaultMeaning::Refused => Fault::Refused(&fault.reason),
            FaultMeaning::Withdrawn => Fault::Withdrawn(&fault.reason),
        })
    }

    /// The file that the customer opens in the program.
    pub fn setup(&self, values: &[(&str, &str)]) -> String {
        filled(&self.setup, values)
    }

    pub fn setup_name(&self) -> &str {
        &self.section.setup_name
    }

    /// The description of the service at an address.
    pub fn service(&self, address: &str) -> String {
        filled(&self.service, &[("address", address)])
    }

    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The program's name.
    pub fn program(&self) -> &str {
        &self.section.program
    }

    pub fn program_url(&self) -> &str {
        &self.section.program_url
    }
}

impl Integration {
    /// The machine that calls, if the platform is reached by none.
    pub fn machine(&self) -> Option<&Arc<Machine>> {
        self.machine.as_ref()
    }
}

fn with(status: StatusCode, body: String) -> Response {
    Response {
        status,
        headers: HeaderMap::new(),
        body: Bytes::from(body),
    }
}

fn filled(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = template.to_owned();
    for (name, value) in values {
        text = text.replace(&format!("${{{name}}}"), &escaped(value));
    }
    text
}
