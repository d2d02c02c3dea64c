//! A JSON object as a form: fields are read by name, and all faults are reported at once.

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::Fault;

/// The form, or a part of it; faults carry the whole path.
pub(super) struct Form<'a> {
    fields: &'a Map<String, Value>,
    path: String,
    known: Vec<&'static str>,
    faults: Vec<Fault>,
}

impl<'a> Form<'a> {
    pub(super) fn new(fields: &'a Map<String, Value>) -> Self {
        Self::at(fields, String::new())
    }

    fn at(fields: &'a Map<String, Value>, path: String) -> Self {
        Self {
            fields,
            path,
            known: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// All faults, unknown fields among them.
    pub(super) fn finish(mut self) -> Vec<Fault> {
        for name in self.fields.keys() {
            if !self.known.contains(&name.as_str()) {
                let place = self.place(name);
                self.faults.push(Fault {
                    field: place,
                    rule: "unknown_field",
                    message: format!("There is no field '{name}' here."),
                });
            }
        }
        self.faults
    }

    fn place(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    pub(super) fn fault(&mut self, name: &str, rule: &'static str, message: impl Into<String>) {
        let field = self.place(name);
        self.faults.push(Fault {
            field,
            rule,
            message: message.into(),
        });
    }

    /// The value, unless it is absent or null.
    fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.fields.get(name).filter(|value| !value.is_null())
    }

    /// The value; a missing one is a fault.
    pub(super) fn needed<T>(&mut self, name: &'static str, value: Option<T>) -> Option<T> {
        // A value that was present and wrong has been reported already.
        let absent = self.fields.get(name).is_none_or(Value::is_null);
        if value.is_none() && absent {
            self.fault(name, "required", format!("'{name}' is required."));
        }
        value
    }

    /// A text of at most `longest` characters, trimmed; an empty one is absent.
    pub(super) fn text(&mut self, name: &'static str, longest: usize) -> Option<String> {
        let value = self.value(name)?;
        let Some(text) = value.as_str().map(str::trim) else {
            self.fault(name, "not_a_text", format!("'{name}' must be a text."));
            return None;
        };
        if text.chars().count() > longest {
            let message = format!("'{name}' must have {longest} characters at most.");
            self.fault(name, "too_long", message);
            return None;
        }
        if text.chars().any(char::is_control) {
            let message = format!("'{name}' must not hold control characters.");
            self.fault(name, "control_character", message);
            return None;
        }
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// A whole number in bounds.
    pub(super) fn number(&mut self, name: &'static str, least: i64, most: i64) -> Option<i64> {
        let value = self.value(name)?;
        let Some(number) = value.as_i64() else {
            let message = format!("'{name}' must be a whole number, not {value}.");
            self.fault(name, "not_a_whole_number", message);
            return None;
        };
        if !(least..=most).contains(&number) {
            let message = format!("'{name}' must be {least} to {most}.");
            self.fault(name, "out_of_range", message);
            return None;
        }
        Some(number)
    }

    pub(super) fn day(&mut self, name: &'static str) -> Option<NaiveDate> {
        let value = self.value(name)?;
        let day = value
            .as_str()
            .and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
        if day.is_none() {
            let message = format!("'{name}' must be a date such as 2026-03-31.");
            self.fault(name, "not_a_date", message);
        }
        day
    }

    /// One of the given words.
    pub(super) fn word<T: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        let value = self.value(name)?;
        let found = words
            .iter()
            .find(|(word, _)| value.as_str() == Some(word))
            .map(|(_, meaning)| *meaning);
        if found.is_none() {
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            let message = format!("'{name}' must be one of {}.", known.join(", "));
            self.fault(name, "unknown_word", message);
        }
        found
    }

    /// The object of that name as a form of its own.
    pub(super) fn part<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Form<'a>) -> T,
    ) -> Option<T> {
        let value = self.value(name)?;
        let Some(fields) = value.as_object() else {
            self.fault(
                name,
                "not_an_object",
                format!("'{name}' must be an object."),
            );
            return None;
        };
        let place = self.place(name);
        Some(self.within(fields, place, read))
    }

    /// Each object of that name's list as a form of its own; none if there is no list.
    pub(super) fn parts<T>(
        &mut self,
        name: &'static str,
        most: usize,
        mut read: impl FnMut(&mut Form<'a>) -> T,
    ) -> Option<Vec<T>> {
        let value = self.value(name)?;
        let Some(items) = value.as_array() else {
            self.fault(name, "not_a_list", format!("'{name}' must be a list."));
            return None;
        };
        if items.len() > most {
            let message = format!("'{name}' must have {most} entries at most.");
            self.fault(name, "too_many", message);
            return None;
        }
        let mut parts = Vec::new();
        for (position, item) in items.iter().enumerate() {
            let place = self.place(&format!("{name}[{position}]"));
            match item.as_object() {
                Some(fields) => parts.push(self.within(fields, place, &mut read)),
                None => self.faults.push(Fault {
                    field: place,
                    rule: "not_an_object",
                    message: format!("Each of '{name}' must be an object."),
                }),
            }
        }
        Some(parts)
    }

    fn within<T>(
        &mut self,
        fields: &'a Map<String, Value>,
        place: String,
        read: impl FnOnce(&mut Form<'a>) -> T,
    ) -> T {
        let mut form = Form::at(fields, place);
        let read = read(&mut form);
        self.faults.extend(form.finish());
        read
    }
}
