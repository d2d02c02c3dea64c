//! The steps that a platform's manifest asks for before the redirect: shown, and their answers read.

use connectors::Step;

use super::fields::{Fields, STEP};
use super::markdown;
use super::reader::words;
use super::views::{self, Problem, StepKind};

/// In characters.
const MAX_NAME: usize = 200;

/// The customer's answers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) confirmed_name: Option<String>,
    pub(crate) problems: Vec<Problem>,
}

fn field(at: usize) -> String {
    format!("{STEP}{}", at + 1)
}

pub(crate) fn read(steps: &[Step], fields: &Fields) -> Answers {
    let mut answers = Answers::default();
    for (at, step) in steps.iter().enumerate() {
        let field = field(at);
        let answer = fields.get(&field).unwrap_or_default();
        match step {
            Step::Instructions { title, confirm, .. } => {
                if answer != "yes" {
                    let message = words()
                        .say("step-tick")
                        .with("title", title)
                        .with("confirm", confirm)
                        .to_string();
                    answers.problems.push(Problem { field, message });
                }
            }
            Step::ConfirmCompanyName => match company_name(answer) {
                Ok(name) => answers.confirmed_name = Some(name),
                Err(message) => answers.problems.push(Problem { field, message }),
            },
        }
    }
    answers
}

/// A name as its owner writes it: in any script, on one line.
fn company_name(answer: &str) -> Result<String, String> {
    let name: String = answer
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if !name.chars().any(char::is_alphanumeric) {
        return Err(words().say("step-name-missing").to_string());
    }
    let chars = name.chars().count();
    if chars > MAX_NAME {
        let w = words();
        let long = w.say("step-name-long").with("most", MAX_NAME);
        return Err(long.with("count", chars).to_string());
    }
    Ok(name)
}

/// The steps as the page shows them, with what was answered so far.
pub(crate) fn shown(
    steps: &[Step],
    fields: &Fields,
    company: &str,
    problems: &[Problem],
) -> Vec<views::Step> {
    let show = |(at, step): (usize, &Step)| {
        let field = field(at);
        let problem = problems
            .iter()
            .find(|problem| problem.field == field)
            .map(|problem| problem.message.clone());
        let kind = match step {
            Step::Instructions {
                title,
                body,
                confirm,
            } => StepKind::Instructions {
                title: title.clone(),
                body: markdown::to_html(body),
                confirm: confirm.clone(),
                confirmed: fields.get(&field) == Some("yes"),
            },
            Step::ConfirmCompanyName => StepKind::CompanyName {
                value: fields.get(&field).unwrap_or(company).to_owned(),
            },
        };
        views::Step {
            field,
            kind,
            problem,
        }
    };
    steps.iter().enumerate().map(show).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps() -> [Step; 2] {
        let instructions = Step::Instructions {
            title: "Before you start".into(),
            body: "*Do* this.".into(),
            confirm: "I did".into(),
        };
        [instructions, Step::ConfirmCompanyName]
    }

    #[test]
    fn every_step_wants_its_answer() {
        let answers = read(&steps(), &Fields::read(b"step.2=%20%20"));
        let messages: Vec<&str> = answers
            .problems
            .iter()
            .map(|problem| problem.message.as_str())
            .collect();
        assert_eq!(
            messages,
            [
                "Read “Before you start” and tick “I did”.",
                "Enter your company’s name."
            ]
        );
        let answers = read(
            &steps(),
            &Fields::read("step.1=yes&step.2= Müller%0A &amp; Söhne ".as_bytes()),
        );
        assert_eq!(answers.confirmed_name.as_deref(), Some("Müller"));
        assert!(answers.problems.is_empty());
        let long = format!("step.1=yes&step.2={}", "é".repeat(201));
        assert_eq!(
            read(&steps(), &Fields::read(long.as_bytes()))
                .problems
                .len(),
            1
        );
    }

    #[test]
    fn the_page_keeps_what_was_answered() {
        let fields = Fields::read(b"step.1=yes&step.2=");
        let answers = read(&steps(), &fields);
        let shown = shown(&steps(), &fields, "Acme", &answers.problems);
        assert!(matches!(
            &shown[0].kind,
            StepKind::Instructions {
                confirmed: true,
                ..
            }
        ));
        assert!(shown[0].problem.is_none() && shown[1].problem.is_some());
        assert!(matches!(&shown[1].kind, StepKind::CompanyName { value } if value.is_empty()));
    }
}
