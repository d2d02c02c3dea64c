//! Pulls of platforms that call: a page is made of answers that the customer's machine has brought, and waits for those that are
//! to come, through any number of calls and nights.

use std::sync::Arc;

use chrono::TimeDelta;
use connectors::machine::{Answers, Outcome};
use egress::{Door, EgressError};

use super::super::PullError;
use super::Pull;
use crate::change::Change;
use crate::work::JobOutcome;
use store::clock::new_id;
use store::model::DatasetStatus;
use store::{News, StoreError};

/// A pull whose machine doesn't call is looked at this often, though nothing but an answer can bring it on.
const LOOK_AGAIN: TimeDelta = TimeDelta::hours(6);

/// The word of a pull that waits for a call.
const AWAITED: &str = "Waiting for the computer that has the books";

impl Pull<'_> {
    /// The door by which the page's requests go: for a platform that calls, a desk with the answers that are there.
    pub(super) async fn door(&mut self) -> Result<Door, StoreError> {
        let Some(machine) = self.integration.machine() else {
            return Ok(self.app.door.clone());
        };
        let known = store::machines::of_subject(&self.app.db, self.dataset.id.0).await?;
        let answers = Answers::new(known.into_iter().filter_map(|one| {
            let outcome = match one.state.as_str() {
                "answered" => Outcome::Answered(one.answer?),
                "refused" => Outcome::Refused(one.answer?),
                "over" => Outcome::HungUp,
                _ => return None,
            };
            Some((one.question, outcome))
        }));
        let door = self.app.door.with_desk(machine.desk(&answers));
        self.answers = Some(answers);
        Ok(door)
    }

    /// Asks what the page still needs, and leaves the pull to the call that brings the answer; or begins the data anew if the call
    /// is over in which it could go on. None if it goes on at once.
    pub(super) async fn await_machine(
        &mut self,
        why: &EgressError,
    ) -> Result<Option<JobOutcome>, PullError> {
        if *why == EgressError::HungUp {
            self.begin_anew().await?;
            return Ok(None);
        }
        let wanted = self.answers.as_ref().and_then(|answers| answers.wanted());
        let company = self.connection.company_id;
        let mut change = Change::begin(self.app, store::model::Actor::Moorline).await?;
        let at = change.now + LOOK_AGAIN;
        self.dataset.status = DatasetStatus::Fetching;
        self.dataset.status_description = Some(AWAITED.to_owned());
        let goes_on = store::datasets::update(&mut change, &self.dataset).await?;
        if let Some(question) = wanted.filter(|_| goes_on) {
            let (connection, subject) = (self.connection.id, self.dataset.id.0);
            let known = store::machines::of_subject(&self.app.db, subject).await?;
            // One that waits already, perhaps in the machine's hands, is left alone.
            if known.iter().all(|one| one.question != question.text) {
                let id = new_id(change.now);
                store::machines::ask(
                    &mut change,
                    connection,
                    subject,
                    id,
                    &question.text,
                    question.goes_on,
                )
                .await?;
            }
        }
        change.announce(News::Company(company));
        change.commit().await?;
        Ok(Some(JobOutcome::Again {
            at,
            fresh: true,
            reason: AWAITED.to_owned(),
        }))
    }

    /// Reads the data from its beginning, since a walk through it was cut off: a machine remembers none. What is stored stays.
    async fn begin_anew(&mut self) -> Result<(), StoreError> {
        tracing::info!(dataset = %self.dataset.id, "the machine's walk was cut off: reading from the beginning");
        self.dataset.next_page = None;
        self.dataset.records = 0;
        self.dataset.set_aside = 0;
        self.dataset.progress = 0;
        let mut change = Change::begin(self.app, store::model::Actor::Moorline).await?;
        store::machines::forget(&mut change, self.dataset.id).await?;
        store::datasets::update(&mut change, &self.dataset).await?;
        change.announce(News::Company(self.connection.company_id));
        change.commit().await
    }

    /// Forgets the answers that a page was made of, in the transaction that stores it.
    pub(super) async fn used(&self, change: &mut Change<'_>) -> Result<(), StoreError> {
        match &self.answers {
            Some(_) => store::machines::used(change, self.dataset.id).await,
            None => Ok(()),
        }
    }
}

/// The answers of a pull of a platform that calls.
pub(super) type Known = Option<Arc<Answers>>;
