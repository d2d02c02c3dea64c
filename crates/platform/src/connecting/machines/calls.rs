//! A call of a machine's program, from its password to its goodbye. Each part of it is a request of its own, which any node may get;
//! one that is lost half-way leaves the questions as they were, and the next call asks them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use connectors::machine::{Fault, Machine};
use connectors::{Integration, presentable_to_customers};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::books::{self, Seen};
use super::call_of;
use super::times;
use crate::access::random_text;
use crate::app::App;
use crate::change::Change;
use crate::connecting::grant::info_of;
use store::StoreError;
use store::clock::new_id;
use store::connections::Connection;
use store::machines::{self, Call};
use store::model::{Actor, ConnectionId, ConnectionStatus};

/// A call without a sign of life for so long is over, and with a question in the machine's hands for so long: reports take minutes.
const SILENT: TimeDelta = TimeDelta::minutes(2);
const BUSY: TimeDelta = TimeDelta::minutes(15);
/// The time for which another machine is sent away while a call is under way, in seconds.
const ANOTHER: u32 = 120;
/// The member of a connection's information that says when its machine last called.
const LAST_HEARD: &str = "lastHeardFrom";
/// Ended calls are kept for so long.
const KEPT: TimeDelta = TimeDelta::days(7);

/// The answer to a wrong password takes so long.
const WRONG_COSTS: Duration = Duration::from_millis(400);
/// Wrong passwords in a row after which they are not counted for a while, and the longest while.
const WRONG: i64 = 5;
const FIRST_SHUT: TimeDelta = TimeDelta::seconds(30);
const LONGEST_SHUT: TimeDelta = TimeDelta::minutes(30);

/// A call waits this long for the next question, looking this often: pulls are making it from the answer before.
const PATIENCE: Duration = Duration::from_secs(8);
const LOOK_EVERY: Duration = Duration::from_millis(60);
/// Of so many looks one writes.
const WAKE_EVERY: u32 = 5;
/// A pull that is put off for less than this is still at work.
const SOON: TimeDelta = TimeDelta::seconds(2);

/// The outcome of a program's password.
#[derive(Debug)]
pub enum Admitted {
    /// It, or the name, is wrong, or is not to be looked at now.
    No,
    /// Nothing is to be asked now; not before so many seconds, if that is known.
    Nothing { again: Option<u32> },
    Call {
        ticket: String,
        /// The place of the books to open; none for those that are open.
        place: Option<String>,
    },
}

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Per cent, below 100.
    At(i32),
    Done,
    /// It ends here; [`last_word`] says why.
    Broken,
}

/// The answer to a program that asks why it got no question.
#[derive(Debug, PartialEq, Eq)]
pub enum LastWord {
    /// There may be one in a moment.
    Wait,
    Said(String),
}

/// Looks at a program's password. The user's name is the connection's id.
///
/// # Errors
/// The database can't be reached.
pub async fn admit(
    app: &App,
    key: &str,
    user: &str,
    password: &str,
) -> Result<Admitted, StoreError> {
    let Ok(id) = user.trim().parse::<ConnectionId>() else {
        return Ok(Admitted::No);
    };
    let connection = store::connections::find(&app.db, id).await?;
    let Some(connection) = connection.filter(|connection| connection.integration_key == key) else {
        return Ok(Admitted::No);
    };
    let mut change = Change::of_company(app, connection.company_id, Actor::Platform).await?;
    let now = change.now;
    let Some(machine) = machines::find_in(&mut change, id).await? else {
        return Ok(Admitted::No);
    };
    let given = Sha256::digest(password.trim());
    let fits = |verifier: &Option<Vec<u8>>| {
        let own = verifier.as_ref();
        own.is_some_and(|own| bool::from(own.as_slice().ct_eq(&given)))
    };
    let (by_next, by_known) = (fits(&machine.next_verifier), fits(&machine.verifier));
    // The right one is taken whatever came before it: the user's name is no secret, and a stranger must not keep the program away.
    if !by_next && !by_known {
        if machine.shut_until.is_none_or(|until| until <= now) {
            let shut = shut_until(machine.failures + 1, now);
            machines::note_failure(&mut change, id, shut).await?;
            change.commit().await?;
        } else {
            drop(change);
        }
        tokio::time::sleep(WRONG_COSTS).await;
        return Ok(Admitted::No);
    }
    let newest = by_next || machine.next_verifier.is_none();
    let Some(connection) = store::connections::find_in(&mut change, id).await? else {
        return Ok(Admitted::No);
    };
    if connection.status != ConnectionStatus::Linked && machine.state_hash.is_none() {
        return Ok(Admitted::No);
    }
    // For the client to see: a computer that is off can't say so.
    let mut info = info_of(&connection);
    info.insert(
        LAST_HEARD.into(),
        json!(now.to_rfc3339_opts(SecondsFormat::Secs, true)),
    );
    let info = Value::Object(info).to_string();
    store::connections::set_info(&mut change, id, &info).await?;
    machines::heard_from(&mut change, id, now).await?;
    machines::tidy(&mut change, id, now - KEPT).await?;
    // A customer who waits for the first call has begun it, whatever the hour.
    let waits_for_it = machine.state_hash.is_some() && newest;
    let mut again = times::of(&machine)
        .filter(|_| !waits_for_it)
        .and_then(|times| times.wait(now))
        .map(|wait| u32::try_from(wait.num_seconds()).unwrap_or(u32::MAX));
    for other in machines::open_calls(&mut change, id).await? {
        let patience = if other.question_id.is_some() {
            BUSY
        } else {
            SILENT
        };
        if now - other.heard < patience {
            again = again.or(Some(ANOTHER));
        } else {
            machines::end_call(&mut change, other.id, id, now).await?;
        }
    }
    let waits_for_it = machine.state_hash.is_some();
    if again.is_some() || (!waits_for_it && machines::under_way_in(&mut change, id).await? == 0) {
        change.commit().await?;
        return Ok(Admitted::Nothing { again });
    }
    let ticket = random_text(40);
    machines::begin_call(
        &mut change,
        id,
        new_id(now),
        &Sha256::digest(&ticket),
        newest,
        now,
    )
    .await?;
    change.commit().await?;
    Ok(Admitted::Call {
        ticket,
        place: machine.place,
    })
}

fn shut_until(failures: i64, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let beyond = u32::try_from(failures - WRONG).ok()?;
    let length = FIRST_SHUT * (1_i32 << beyond.min(10));
    Some(now + length.min(LONGEST_SHUT))
}

/// False once a call has ended, or has been silent for longer than any question takes.
fn is_live(call: &Call, now: DateTime<Utc>) -> bool {
    call.ended.is_none() && now - call.heard <= BUSY
}

/// A call that is under way, with all that it is about.
struct Live<'a> {
    app: &'a App,
    integration: &'a Integration,
    machine: &'a Arc<Machine>,
    connection: Connection,
    call: Call,
}

impl<'a> Live<'a> {
    /// None if the ticket is unknown, or its call has ended.
    async fn of(app: &'a App, key: &str, ticket: &str) -> Result<Option<Self>, StoreError> {
        let now = app.clock.now();
        let call = call_of(app, ticket).await?;
        let call = call.filter(|call| is_live(call, now));
        let integration = app.catalogue.get(key);
        let machine = integration.and_then(|integration| integration.machine());
        let (Some(call), Some(integration), Some(machine)) = (call, integration, machine) else {
            return Ok(None);
        };
        let connection = store::connections::find(&app.db, call.connection_id).await?;
        let connection = connection.filter(|connection| connection.integration_key == key);
        Ok(connection.map(|connection| Self {
            app,
            integration,
            machine,
            connection,
            call,
        }))
    }

    /// Sees whose the books are, if that isn't known yet. False if the call ends for it.
    async fn looks_good(&mut self) -> Result<bool, StoreError> {
        if self.call.known {
            return Ok(true);
        }
        let (integration, machine) = (self.integration, self.machine);
        match books::look(self.app, integration, machine, &self.connection, &self.call).await? {
            Seen::Known => {
                self.call.known = true;
                let linked = store::connections::find(&self.app.db, self.connection.id).await?;
                self.connection = linked.unwrap_or_else(|| self.connection.clone());
                Ok(true)
            }
            Seen::Asks => Ok(true),
            Seen::Not(reason) => {
                self.obstruct(&reason).await?;
                Ok(false)
            }
        }
    }

    /// Ends the call if the customer's hours have ended since it was last heard of. One that came outside of them was let in.
    async fn hours_are_over(&self) -> Result<bool, StoreError> {
        let (app, id) = (self.app, self.connection.id);
        let times = machines::find(&app.db, id)
            .await?
            .as_ref()
            .and_then(times::of);
        let now = app.clock.now();
        let over = times
            .filter(|times| times.wait(self.call.heard).is_none() && times.wait(now).is_some());
        let Some(times) = over else {
            return Ok(false);
        };
        let mut change = Change::begin(app, Actor::Platform).await?;
        machines::say(&mut change, self.call.id, &times.sentence(now)).await?;
        machines::end_call(&mut change, self.call.id, id, now).await?;
        change.commit().await?;
        Ok(true)
    }

    async fn obstruct(&self, reason: &str) -> Result<(), StoreError> {
        books::obstruct(self.app, &self.connection, &self.call, reason).await
    }

    /// The reason for which a question has no answer, if it is over with that; none if the call ends for it. What a program says before the
    /// books are known to be the connection's may be of others, and takes nothing back.
    async fn fault(&self, code: &str, message: &str) -> Result<Option<String>, StoreError> {
        let reason = match self.machine.fault(code) {
            Some(Fault::Refused(reason)) => return Ok(Some(reason.to_owned())),
            Some(Fault::Withdrawn(reason)) if self.call.known => {
                books::withdraw(self.app, &self.connection, &self.call, reason).await?;
                return Ok(None);
            }
            Some(Fault::Obstructed(reason) | Fault::Withdrawn(reason)) => reason.to_owned(),
            None => {
                let reason = format!(
                    "{} reported: {} ({}).",
                    self.machine.program(),
                    presentable_to_customers(message.trim()).trim_end_matches('.'),
                    presentable_to_customers(code.trim())
                );
                // A question that is in the way time and again must not keep others from being asked.
                if self.is_odd_again().await? {
                    return Ok(Some(reason));
                }
                reason
            }
        };
        self.obstruct(&reason).await?;
        Ok(None)
    }

    async fn is_odd_again(&self) -> Result<bool, StoreError> {
        let Some(question) = self.call.question_id.filter(|_| self.call.known) else {
            return Ok(false);
        };
        let mut change = Change::begin(self.app, Actor::Platform).await?;
        let oddities = machines::note_oddity(&mut change, question).await?;
        change.commit().await?;
        Ok(oddities > 1)
    }

    /// Takes the next question into the machine's hands, if there is one.
    async fn take(&self) -> Result<Option<String>, StoreError> {
        let app = self.app;
        let id = self.connection.id;
        let mut seen = app.db.snapshot().await?;
        if machines::next_question(&mut seen, id, &self.call)
            .await?
            .is_none()
        {
            return Ok(None);
        }
        drop(seen);
        let mut change = Change::begin(app, Actor::Platform).await?;
        let now = change.now;
        let question = machines::next_question(&mut change, id, &self.call).await?;
        let in_hand = question.as_ref().map(|question| question.id);
        if !machines::heard(&mut change, &self.call, in_hand, now).await? {
            return Ok(None);
        }
        machines::wake(&mut change, id, now).await?;
        change.commit().await?;
        Ok(question.map(|question| question.question))
    }

    /// Lets pulls go on whose questions have an outcome: one may have been at its end when the answer came.
    async fn wake(&self) -> Result<(), StoreError> {
        let mut change = Change::begin(self.app, Actor::Platform).await?;
        let now = change.now;
        machines::wake(&mut change, self.connection.id, now).await?;
        change.commit().await
    }

    async fn notes(&self, words: &str) -> Result<(), StoreError> {
        let mut change = Change::begin(self.app, Actor::Platform).await?;
        machines::say(&mut change, self.call.id, words).await?;
        change.commit().await
    }

    /// True if a question may come in a moment.
    async fn may_ask(&self) -> Result<bool, StoreError> {
        let (db, id) = (&self.app.db, self.connection.id);
        let soon = self.app.clock.now() + SOON;
        Ok(machines::at_work(db, id, soon).await? > 0)
    }
}

/// The next question; none if there is none at the moment, or the call has ended: [`last_word`] tells. `place` is that of the books
/// that are open, as far as the program says it.
///
/// # Errors
/// The database can't be reached.
pub async fn next(
    app: &App,
    key: &str,
    ticket: &str,
    place: &str,
) -> Result<Option<String>, StoreError> {
    let Some(mut live) = Live::of(app, key, ticket).await? else {
        return Ok(None);
    };
    if live.hours_are_over().await? || !live.looks_good().await? {
        return Ok(None);
    }
    let place = Some(place.trim()).filter(|place| !place.is_empty() && place.len() <= 1000);
    if live.call.known && place.is_some() {
        let mut change = Change::begin(app, Actor::Platform).await?;
        machines::set_place(&mut change, live.connection.id, place).await?;
        change.commit().await?;
    }
    let began = Instant::now();
    let mut looks = 0;
    loop {
        if let Some(question) = live.take().await? {
            return Ok(Some(question));
        }
        if !live.may_ask().await? {
            // One that came in between is asked.
            let question = live.take().await?;
            if question.is_none() {
                live.notes("Everything that was asked for has been read.")
                    .await?;
            }
            return Ok(question);
        }
        if began.elapsed() >= PATIENCE {
            // A program that waits with us is no silent one.
            let mut change = Change::begin(app, Actor::Platform).await?;
            let now = change.now;
            machines::heard(&mut change, &live.call, None, now).await?;
            change.commit().await?;
            return Ok(None);
        }
        tokio::time::sleep(LOOK_EVERY).await;
        looks += 1;
        if looks % WAKE_EVERY == 0 {
            live.wake().await?;
        }
    }
}

/// Takes the answer to the question that the machine had, or the program's own code and message in place of one.
///
/// # Errors
/// The database can't be reached.
pub async fn receive(
    app: &App,
    key: &str,
    ticket: &str,
    answer: &str,
    (code, message): (&str, &str),
) -> Result<Progress, StoreError> {
    let Some(mut live) = Live::of(app, key, ticket).await? else {
        return Ok(Progress::Broken);
    };
    let Some(question) = live.call.question_id else {
        return live.progress().await;
    };
    let goes_on = machines::goes_on(&app.db, question).await?;
    let (state, answer) = if code.trim().is_empty() {
        // It ends the call, so that a list that is always lost isn't begun without end.
        if let Some(reason) = live.machine.lost(answer).filter(|_| goes_on) {
            let reason = reason.to_owned();
            live.obstruct(&reason).await?;
            return Ok(Progress::Broken);
        }
        ("answered", answer.to_owned())
    } else {
        match live.fault(code, message).await? {
            Some(reason) => ("refused", reason),
            None => return Ok(Progress::Broken),
        }
    };
    let mut change = Change::begin(app, Actor::Platform).await?;
    let now = change.now;
    machines::answer(&mut change, question, live.call.id, state, &answer).await?;
    if !machines::heard(&mut change, &live.call, None, now).await? {
        return Ok(Progress::Broken);
    }
    machines::wake(&mut change, live.connection.id, now).await?;
    change.commit().await?;
    if !live.looks_good().await? {
        return Ok(Progress::Broken);
    }
    live.progress().await
}

impl Live<'_> {
    /// Waits until there is another question, or it is plain that there won't be one.
    async fn progress(&self) -> Result<Progress, StoreError> {
        let (app, id) = (self.app, self.connection.id);
        let began = Instant::now();
        let mut looks = 0;
        loop {
            // In this order: a pull leaves its question before it is no longer at work.
            let may_ask = self.may_ask().await?;
            let mut seen = app.db.snapshot().await?;
            let question = machines::next_question(&mut seen, id, &self.call).await?;
            drop(seen);
            if question.is_none() && !may_ask {
                return Ok(Progress::Done);
            }
            if question.is_some() || began.elapsed() >= PATIENCE {
                let all = i64::try_from(self.integration.data().len())
                    .unwrap_or(1)
                    .max(1);
                let left = machines::under_way(&app.db, id).await?;
                let done = (100 - 100 * left / all).clamp(1, 99);
                return Ok(Progress::At(i32::try_from(done).unwrap_or(1)));
            }
            tokio::time::sleep(LOOK_EVERY).await;
            looks += 1;
            if looks % WAKE_EVERY == 0 {
                self.wake().await?;
            }
        }
    }
}

/// Notes that the program could not open the books.
///
/// # Errors
/// The database can't be reached.
pub async fn failed(
    app: &App,
    key: &str,
    ticket: &str,
    (code, message): (&str, &str),
) -> Result<(), StoreError> {
    let Some(live) = Live::of(app, key, ticket).await? else {
        return Ok(());
    };
    if let Some(reason) = live.fault(code, message).await? {
        live.obstruct(&reason).await?;
    }
    // They may have been moved: the next call takes those that are open.
    let mut change = Change::begin(app, Actor::Platform).await?;
    machines::set_place(&mut change, live.connection.id, None).await?;
    change.commit().await
}

/// The last thing to be said in a call.
///
/// # Errors
/// The database can't be read.
pub async fn last_word(app: &App, ticket: &str) -> Result<LastWord, StoreError> {
    let over = || LastWord::Said("This call has ended. Please update again.".into());
    let Some(call) = call_of(app, ticket).await? else {
        return Ok(over());
    };
    Ok(match call.said {
        Some(words) => LastWord::Said(words),
        None if is_live(&call, app.clock.now()) => LastWord::Wait,
        None => over(),
    })
}

/// Ends a call. What its user is told.
///
/// # Errors
/// The database can't be reached.
pub async fn close(app: &App, ticket: &str) -> Result<String, StoreError> {
    let Some(call) = call_of(app, ticket).await? else {
        return Ok("This call had ended.".into());
    };
    if call.ended.is_none() {
        let mut change = Change::begin(app, Actor::Platform).await?;
        let now = change.now;
        machines::end_call(&mut change, call.id, call.connection_id, now).await?;
        change.commit().await?;
    }
    Ok(call.said.unwrap_or_else(|| "Finished".into()))
}
