//! Fixtures: a platform's answers, and the records that a folder's maps must make of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use records::DataType;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::difference::{Difference, differences, laid_out};
use crate::ask::page::Page;
use crate::ask::write::{Lookups, Target};
use crate::described::integration::Integration;
use crate::described::problem::{LoadProblem, with_suggestion, without_position};
use crate::text::closest;

/// The subject of a fixture, which its file's name says: `invoices.json`, `invoices.voided.json`, `invoices.2.json` for the
/// second list that the type is read from, `bills.write.json`, `identity.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Identity,
    /// A data type, and the number of the list that it is read from, from 0.
    Data(DataType, usize),
    Write(DataType),
}

/// One file of a folder's `fixtures/`.
#[derive(Debug)]
pub struct Fixture {
    pub file: PathBuf,
    pub subject: Subject,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Identity(IdentityFixture),
    Data(DataFixture),
    Write(WriteFixture),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentityFixture {
    /// The platform's answer.
    page: Box<RawValue>,
    /// The element of the list that it was read for.
    #[serde(default)]
    lookup: Lookups,
    #[serde(default)]
    identity: Box<RawValue>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DataFixture {
    page: Box<RawValue>,
    /// The values that the map needs beside the records.
    #[serde(default)]
    lookup: Lookups,
    #[serde(default)]
    records: Vec<Box<RawValue>>,
    /// The map's warnings.
    #[serde(default)]
    warnings: Vec<String>,
    /// Words of the reason for which the page must be refused.
    refusal: Option<String>,
}

impl DataFixture {
    fn page(&self, list: usize) -> Page {
        Page {
            body: Bytes::copy_from_slice(self.page.get().as_bytes()),
            list,
            lookups: self.lookup.clone(),
            ..Page::default()
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WriteFixture {
    input: WriteInput,
    #[serde(default)]
    output: Box<RawValue>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WriteInput {
    record: Box<RawValue>,
    id: Option<String>,
    #[serde(default)]
    lookup: Lookups,
}

/// The outcome of a fixture.
#[derive(Debug, Default)]
pub struct Trial {
    /// The standard records that the map made, as JSON; then `{"gone": "…"}` for each that the platform reports as
    /// deleted.
    pub records: Vec<String>,
    pub warnings: Vec<String>,
    /// The message of the map or the model that refused its input.
    pub refusal: Option<String>,
    /// The differences between the expected and the actual outcome; without any, the fixture holds.
    pub differences: Vec<Difference>,
}

impl Fixture {
    /// Reads every fixture of the folder `dir`, in the order of their names. A broken one doesn't hinder the others.
    pub fn all(dir: &Path) -> (Vec<Self>, Vec<LoadProblem>) {
        let folder = dir.join("fixtures");
        let (mut fixtures, mut problems) = (Vec::new(), Vec::new());
        let mut files: Vec<PathBuf> = match fs::read_dir(&folder) {
            Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                problems.push(LoadProblem::of(&folder, error.to_string()));
                Vec::new()
            }
        };
        files.retain(|file| {
            file.extension()
                .is_some_and(|extension| extension == "json")
        });
        files.sort();
        for file in files {
            match Self::read(&file) {
                Ok(fixture) => fixtures.push(fixture),
                Err(problem) => problems.push(problem),
            }
        }
        (fixtures, problems)
    }

    /// Reads one fixture, whose name says its subject.
    pub fn read(file: &Path) -> Result<Self, LoadProblem> {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let mut words = name.split('.');
        let first = words.next().unwrap_or_default();
        let subject = match (first, words.next()) {
            ("identity", _) => Subject::Identity,
            (key, second) => {
                let data_type = key.parse().map_err(|_| {
                    let keys = DataType::ALL.iter().map(|data_type| data_type.as_str());
                    let mut message = format!("unknown data type `{key}`");
                    if let Some(meant) = closest(key, keys) {
                        message.push_str(&format!(": did you mean `{meant}`?"));
                    }
                    LoadProblem::of(file, message)
                })?;
                match second {
                    Some("write") => Subject::Write(data_type),
                    other => {
                        let number = other.and_then(|word| word.parse::<usize>().ok());
                        Subject::Data(
                            data_type,
                            number.map_or(0, |number| number.saturating_sub(1)),
                        )
                    }
                }
            }
        };
        let text =
            fs::read_to_string(file).map_err(|error| LoadProblem::of(file, error.to_string()))?;
        let content = match subject {
            Subject::Identity => serde_json::from_str(&text).map(Content::Identity),
            Subject::Data(..) => serde_json::from_str(&text).map(Content::Data),
            Subject::Write(_) => serde_json::from_str(&text).map(Content::Write),
        };
        let content = content.map_err(|error| LoadProblem {
            line: Some(error.line()),
            column: Some(error.column()),
            ..LoadProblem::of(file, with_suggestion(&without_position(&error)))
        })?;
        Ok(Self {
            file: file.to_owned(),
            subject,
            content,
        })
    }

    /// The platform's answer that is mapped.
    pub fn page(&self) -> Option<&str> {
        match &self.content {
            Content::Identity(fixture) => Some(fixture.page.get()),
            Content::Data(fixture) => Some(fixture.page.get()),
            Content::Write(_) => None,
        }
    }

    /// The platform's answer as a page, if the fixture is about data that is read.
    pub fn data_page(&self) -> Option<(DataType, Page)> {
        match (&self.content, self.subject) {
            (Content::Data(fixture), Subject::Data(data_type, list)) => {
                Some((data_type, fixture.page(list)))
            }
            _ => None,
        }
    }

    /// Runs the map that the fixture is about, and compares to the last digit.
    pub fn run(&self, integration: &Integration) -> Trial {
        match &self.content {
            Content::Identity(fixture) => {
                let body = fixture.page.get().as_bytes();
                let came = integration.read_identity(body, &fixture.lookup);
                one(&fixture.identity, came)
            }
            Content::Write(fixture) => {
                let Subject::Write(data_type) = self.subject else {
                    return Trial::default();
                };
                let id = fixture.input.id.as_deref();
                let came = integration
                    .compose(
                        Target { data_type, id },
                        fixture.input.record.get(),
                        &fixture.input.lookup,
                    )
                    .map(|body| String::from_utf8_lossy(&body).into_owned());
                one(&fixture.output, came)
            }
            Content::Data(fixture) => {
                let Subject::Data(data_type, list) = self.subject else {
                    return Trial::default();
                };
                data(integration, data_type, &fixture.page(list), fixture)
            }
        }
    }

    /// True if the outcome may be accepted as right. A refusal may not, unless the fixture expects one: mostly the map is wrong.
    pub fn may_accept(&self, trial: &Trial) -> bool {
        let must_be_refused = match &self.content {
            Content::Data(fixture) => fixture.refusal.is_some(),
            Content::Identity(_) | Content::Write(_) => false,
        };
        must_be_refused || trial.refusal.is_none()
    }

    /// The fixture's file with the actual outcome instead of the expected one. The page stays as it is written.
    pub fn accepting(&self, trial: &Trial) -> String {
        let pretty = |json: &str| {
            serde_json::from_str::<Box<RawValue>>(json)
                .map_or_else(|_| json.to_owned(), |json| laid_out(&json, 1))
        };
        match &self.content {
            Content::Data(fixture) => {
                let mut text = format!("{{\n  \"page\": {}", fixture.page.get());
                if !fixture.lookup.is_empty() {
                    let lookup = serde_json::to_string(&fixture.lookup).unwrap_or_default();
                    text.push_str(&format!(",\n  \"lookup\": {lookup}"));
                }
                match &trial.refusal {
                    Some(refusal) => {
                        text.push_str(&format!(",\n  \"refusal\": {}", quoted(refusal)));
                    }
                    None => {
                        let records: Vec<_> =
                            trial.records.iter().map(|json| pretty(json)).collect();
                        text.push_str(&format!(",\n  \"records\": [{}]", records.join(", ")));
                    }
                }
                if !trial.warnings.is_empty() {
                    let warnings: Vec<_> = trial.warnings.iter().map(|text| quoted(text)).collect();
                    text.push_str(&format!(",\n  \"warnings\": [{}]", warnings.join(", ")));
                }
                text + "\n}\n"
            }
            Content::Identity(fixture) => {
                let mut text = format!("{{\n  \"page\": {}", fixture.page.get());
                if !fixture.lookup.is_empty() {
                    let lookup = serde_json::to_string(&fixture.lookup).unwrap_or_default();
                    text.push_str(&format!(",\n  \"lookup\": {lookup}"));
                }
                let identity = trial.records.first();
                let identity = identity.map_or("null".to_owned(), |json| pretty(json));
                text + &format!(",\n  \"identity\": {identity}\n}}\n")
            }
            Content::Write(fixture) => {
                let input = &fixture.input;
                let id = input.id.as_deref().map_or("null".to_owned(), quoted);
                let lookup = serde_json::to_string(&input.lookup).unwrap_or_default();
                format!(
                    "{{\n  \"input\": {{\n    \"record\": {},\n    \"id\": {id},\n    \"lookup\": {lookup}\n  }},\n  \"output\": {}\n}}\n",
                    input.record.get(),
                    trial
                        .records
                        .first()
                        .map_or("null".to_owned(), |json| pretty(json)),
                )
            }
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The outcome of a map that gives one value.
fn one(expected: &RawValue, came: Result<String, String>) -> Trial {
    let mut trial = Trial::default();
    match came {
        Ok(came) => {
            trial.differences = differences("", expected.get(), &came);
            trial.records.push(came);
        }
        Err(refusal) => trial.refuse(refusal),
    }
    trial
}

fn data(
    integration: &Integration,
    data_type: DataType,
    page: &Page,
    fixture: &DataFixture,
) -> Trial {
    let mut trial = Trial::default();
    let mapped = match integration.map_page(data_type, page) {
        Ok(mapped) => mapped,
        Err(error) => {
            let refusal = error.to_string();
            match &fixture.refusal {
                Some(words) if refusal.contains(words.as_str()) => trial.refusal = Some(refusal),
                _ => trial.refuse(refusal),
            }
            return trial;
        }
    };
    if let Some(words) = &fixture.refusal {
        trial.differences.push(Difference {
            path: "refusal".to_owned(),
            expected: Some(quoted(words)),
            came: None,
        });
    }
    trial.warnings = mapped.warnings.iter().map(|w| w.message.clone()).collect();
    trial.records = mapped
        .records
        .into_iter()
        .map(|record| record.to_json())
        .collect();
    let gone = mapped
        .gone
        .iter()
        .map(|id| format!("{{\"gone\": {}}}", quoted(id)));
    trial.records.extend(gone);
    let expected: Vec<&str> = fixture.records.iter().map(|json| json.get()).collect();
    if fixture.refusal.is_none() {
        trial.compare(&expected);
    }
    let warnings: Vec<_> = trial.warnings.iter().map(|text| quoted(text)).collect();
    let wanted: Vec<_> = fixture.warnings.iter().map(|text| quoted(text)).collect();
    for index in 0..warnings.len().max(wanted.len()) {
        let (came, expected) = (warnings.get(index), wanted.get(index));
        if came != expected {
            trial.differences.push(Difference {
                path: format!("warnings[{index}]"),
                expected: expected.cloned(),
                came: came.cloned(),
            });
        }
    }
    trial
}

impl Trial {
    /// True if the outcome is the expected one.
    pub fn holds(&self) -> bool {
        self.differences.is_empty()
    }

    fn refuse(&mut self, refusal: String) {
        self.differences.push(Difference {
            path: String::new(),
            expected: None,
            came: Some(format!("refused: {refusal}")),
        });
        self.refusal = Some(refusal);
    }

    /// Compares records by their ids, if they have any, so that one too many doesn't shift all the others.
    fn compare(&mut self, expected: &[&str]) {
        let ids = |records: &[&str]| -> Option<Vec<String>> {
            let ids: Vec<_> = records
                .iter()
                .map(|json| id_of(json))
                .collect::<Option<_>>()?;
            let mut unique = ids.clone();
            unique.sort();
            unique.dedup();
            (unique.len() == ids.len()).then_some(ids)
        };
        let came: Vec<&str> = self.records.iter().map(String::as_str).collect();
        let mut found = Vec::new();
        match (ids(expected), ids(&came)) {
            (Some(wanted), Some(given)) => {
                let path_of = |id: &str| format!("{id}:");
                let by_id: BTreeMap<&str, &str> = given
                    .iter()
                    .map(String::as_str)
                    .zip(came.iter().copied())
                    .collect();
                for (id, json) in wanted.iter().zip(expected) {
                    match by_id.get(id.as_str()) {
                        Some(came) => found.extend(differences(&path_of(id), json, came)),
                        None => found.push(Difference {
                            path: path_of(id),
                            expected: Some((*json).to_owned()),
                            came: None,
                        }),
                    }
                }
                for (id, json) in given.iter().zip(&came) {
                    if !wanted.contains(id) {
                        found.push(Difference {
                            path: path_of(id),
                            expected: None,
                            came: Some((*json).to_owned()),
                        });
                    }
                }
                if found.is_empty() && wanted != given {
                    found.push(Difference {
                        path: "the order".to_owned(),
                        expected: Some(wanted.join(", ")),
                        came: Some(given.join(", ")),
                    });
                }
            }
            _ => {
                for index in 0..expected.len().max(came.len()) {
                    let path = format!("records[{index}]");
                    match (expected.get(index), came.get(index)) {
                        (Some(wanted), Some(came)) => {
                            found.extend(differences(&path, wanted, came));
                        }
                        (wanted, came) => found.push(Difference {
                            path,
                            expected: wanted.map(|json| (*json).to_owned()),
                            came: came.map(|json| (*json).to_owned()),
                        }),
                    }
                }
            }
        }
        self.differences.extend(found);
    }
}

fn id_of(json: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Id {
        id: Option<String>,
    }
    serde_json::from_str::<Id>(json).ok()?.id
}
