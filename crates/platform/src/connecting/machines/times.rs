//! The times at which a machine is asked: a pause, and hours of its customer's own day.

use chrono::{DateTime, TimeDelta, Utc};
use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::app::App;
use crate::change::Change;
use crate::events::Event;
use store::StoreError;
use store::connections::Connection;
use store::machines::{self, Machine};
use store::model::{Actor, ConnectionStatus};

/// The longest pause. Who wants a longer one disconnects, which is said everywhere.
const LONGEST_PAUSE: TimeDelta = TimeDelta::days(31);

/// Hours of a day at the customer's. From an evening to a morning, they go over midnight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hours {
    /// By its name in the IANA's database.
    pub time_zone: String,
    /// `HH:MM`
    pub from: String,
    pub to: String,
    /// Saturdays and Sundays are free from midnight to midnight.
    pub whole_weekends: bool,
}

/// The times at which a machine may be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Times {
    #[serde(default, deserialize_with = "moment")]
    pub paused_until: Option<DateTime<Utc>>,
    pub hours: Option<Hours>,
}

/// A time, or the refusal that says how one is written.
fn moment<'de, D: Deserializer<'de>>(value: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let text: Option<String> = Option::deserialize(value)?;
    let read = |text: String| {
        text.parse().map_err(|_| {
            D::Error::custom(format!(
                "pausedUntil is `{text}`, which is no time; write one such as 2026-06-16T09:30:00Z"
            ))
        })
    };
    text.map(read).transpose()
}

/// The things that are known of a connection's machine.
#[derive(Debug)]
pub struct Known {
    /// The program there that calls.
    pub program: String,
    pub heard: Option<DateTime<Utc>>,
    /// A sentence: what is in the way there.
    pub trouble: Option<String>,
    pub times: Times,
}

/// The reasons for which times can't be set.
#[derive(Debug, thiserror::Error)]
pub enum TimesError {
    #[error("no program calls for this connection")]
    NoMachine,
    #[error("the connection is not Linked")]
    NotLinked,
    /// It is over, or longer than a month.
    #[error("a pause ends within {} days from now", LONGEST_PAUSE.num_days())]
    Pause,
    #[error("there is no time zone `{0}`")]
    TimeZone(String),
    #[error("`{0}` is not a time of the day")]
    Time(String),
    #[error("the hours are as long as the day")]
    NoHours,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Hours that can be reckoned with.
struct Read {
    zone: TimeZone,
    from: Time,
    to: Time,
    whole_weekends: bool,
}

impl Hours {
    fn read(&self) -> Result<Read, TimesError> {
        let zone = TimeZone::get(&self.time_zone)
            .map_err(|_| TimesError::TimeZone(self.time_zone.clone()))?;
        let time = |text: &str| {
            let (hour, minute) = text.split_once(':')?;
            let is_number =
                |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
            if !is_number(hour) || !is_number(minute) {
                return None;
            }
            Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
        };
        let time = |text: &str| time(text).ok_or_else(|| TimesError::Time(text.to_owned()));
        let (from, to) = (time(&self.from)?, time(&self.to)?);
        if from == to {
            return Err(TimesError::NoHours);
        }
        Ok(Read {
            zone,
            from,
            to,
            whole_weekends: self.whole_weekends,
        })
    }
}

impl Read {
    fn is_free(&self, date: Date, time: Time) -> bool {
        let (from, to) = (self.from, self.to);
        let in_hours = match from < to {
            true => from <= time && time < to,
            false => from <= time || time < to,
        };
        in_hours || (self.whole_weekends && is_weekend(date))
    }

    /// The beginning of the next free hours after a time that isn't free.
    fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let mut date = now.to_zoned(self.zone.clone()).date();
        // A weekend comes within a week, and a beginning within a day.
        for _ in 0..8 {
            let midnight = Time::midnight();
            for time in [midnight, self.from] {
                let begins = time == self.from || (self.whole_weekends && is_weekend(date));
                let at = date.to_datetime(time).to_zoned(self.zone.clone()).ok()?;
                if begins && at.timestamp() > now {
                    return Some(at.timestamp());
                }
            }
            date = date.tomorrow().ok()?;
        }
        None
    }
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

impl Times {
    /// The time for which nothing is to be asked, if there is one.
    pub(super) fn wait(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        let paused = self.paused_until.filter(|until| *until > now);
        let from = paused.unwrap_or(now);
        // After a pause, the hours count again.
        let free = self.free_from(from).unwrap_or(from);
        (free > now).then(|| (free - now).max(TimeDelta::seconds(1)))
    }

    /// The beginning of the next free hours, if a time isn't in some. Hours that can't be read hold nothing up: the zone may have had its name
    /// in another version.
    fn free_from(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let hours = self.hours.as_ref()?.read().ok()?;
        let now = Timestamp::from_second(at.timestamp()).ok()?;
        let local = now.to_zoned(hours.zone.clone());
        if hours.is_free(local.date(), local.time()) {
            return None;
        }
        DateTime::from_timestamp(hours.next(now)?.as_second(), 0)
    }

    /// The times, in a sentence.
    pub(super) fn sentence(&self, now: DateTime<Utc>) -> String {
        if let Some(until) = self.paused_until.filter(|until| *until > now) {
            return format!(
                "Nothing is read before {} UTC.",
                until.format("%-d %B %Y, %H:%M")
            );
        }
        match &self.hours {
            None => "It is read at any time.".to_owned(),
            Some(hours) => format!(
                "It is read from {} to {} ({}){}.",
                hours.from,
                hours.to,
                hours.time_zone,
                match hours.whole_weekends {
                    true => ", and at any time at weekends",
                    false => "",
                }
            ),
        }
    }
}

/// The times of a machine, if there are any.
pub(super) fn of(machine: &Machine) -> Option<Times> {
    let hours = machine.hours.as_deref();
    let times = Times {
        paused_until: machine.paused_until,
        hours: hours.and_then(|text| serde_json::from_str(text).ok()),
    };
    (times != Times::default()).then_some(times)
}

/// The things that are known of a connection's machine; none of a connection without one.
///
/// # Errors
/// The database can't be read.
pub async fn known(app: &App, connection: &Connection) -> Result<Option<Known>, StoreError> {
    let integration = app.catalogue.get(&connection.integration_key);
    let Some(machine) = integration.and_then(|integration| integration.machine()) else {
        return Ok(None);
    };
    let kept = machines::find(&app.db, connection.id).await?;
    let now = app.clock.now();
    Ok(kept.map(|kept| {
        let mut times = of(&kept).unwrap_or_default();
        times.paused_until = times.paused_until.filter(|until| *until > now);
        Known {
            program: machine.program().to_owned(),
            heard: kept.heard,
            trouble: kept.trouble,
            times,
        }
    }))
}

/// Sets the times at which a connection's machine is asked. A call that is under way ends, unless they allow it.
///
/// # Errors
/// There is no machine, it isn't connected, or the times can't be kept to.
pub async fn set_times(
    app: &App,
    connection: &Connection,
    times: &Times,
    actor: Actor,
) -> Result<(), TimesError> {
    let integration = app.catalogue.get(&connection.integration_key);
    if integration.and_then(|known| known.machine()).is_none() {
        return Err(TimesError::NoMachine);
    }
    if let Some(hours) = &times.hours {
        hours.read()?;
    }
    let mut change = Change::of_company(app, connection.company_id, actor).await?;
    let now = change.now;
    let is_pause = |until: DateTime<Utc>| until > now && until <= now + LONGEST_PAUSE;
    if !times.paused_until.is_none_or(is_pause) {
        return Err(TimesError::Pause);
    }
    let connection = store::connections::find_in(&mut change, connection.id).await?;
    let Some(connection) = connection else {
        return Err(TimesError::NoMachine);
    };
    if connection.status != ConnectionStatus::Linked {
        return Err(TimesError::NotLinked);
    }
    let Some(machine) = machines::find_in(&mut change, connection.id).await? else {
        return Err(TimesError::NoMachine);
    };
    if of(&machine).unwrap_or_default() == *times {
        return Ok(());
    }
    let hours = times.hours.as_ref();
    let hours = hours.map(|hours| serde_json::json!(hours).to_string());
    let until = times.paused_until;
    machines::set_times(&mut change, connection.id, until, hours.as_deref()).await?;
    let sentence = times.sentence(now);
    if times.wait(now).is_some() {
        for call in machines::open_calls(&mut change, connection.id).await? {
            machines::say(&mut change, call.id, &sentence).await?;
            machines::end_call(&mut change, call.id, connection.id, now).await?;
        }
    }
    change
        .event(Event::TimesChanged {
            connection: &connection,
            times,
            reason: &sentence,
        })
        .await?;
    change.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn nights(whole_weekends: bool) -> Times {
        Times {
            paused_until: None,
            hours: Some(Hours {
                time_zone: "America/New_York".into(),
                from: "19:00".into(),
                to: "07:00".into(),
                whole_weekends,
            }),
        }
    }

    #[test]
    fn hours_are_those_of_the_customers_day_across_midnight_weekends_and_clock_changes() {
        let hours = |text: &str, weekends: bool| {
            let wait = nights(weekends).wait(at(text));
            wait.map_or(0.0, |wait| wait.num_minutes() as f64 / 60.0)
        };
        // A Monday: 09:30 is 05:30 there, 12:00 is 08:00, 23:00 is 19:00.
        assert_eq!(hours("2026-06-15T09:30:00Z", true), 0.0);
        assert_eq!(hours("2026-06-15T12:00:00Z", true), 11.0);
        assert_eq!(hours("2026-06-15T23:00:00Z", true), 0.0);
        // A Saturday, 08:00 there.
        assert_eq!(hours("2026-06-20T12:00:00Z", true), 0.0);
        assert_eq!(hours("2026-06-20T12:00:00Z", false), 11.0);
        // In winter, 12:00 is 07:00 there: just over.
        assert_eq!(hours("2026-12-01T11:59:00Z", true), 0.0);
        assert_eq!(hours("2026-12-01T12:00:00Z", true), 12.0);
        // A Friday at 18:00 in a window of the day: the weekend begins at midnight.
        let day = Times {
            hours: Some(Hours {
                from: "09:00".into(),
                to: "17:00".into(),
                ..nights(true).hours.unwrap()
            }),
            ..Times::default()
        };
        assert_eq!(
            day.wait(at("2026-06-19T22:00:00Z")),
            Some(TimeDelta::hours(6))
        );
        // 02:30 doesn't exist on the night of the change: the hours begin when the clock says 03:30.
        let gap = Times {
            hours: Some(Hours {
                from: "02:30".into(),
                to: "05:00".into(),
                ..nights(false).hours.unwrap()
            }),
            ..Times::default()
        };
        assert_eq!(
            gap.wait(at("2026-03-08T06:00:00Z")),
            Some(TimeDelta::minutes(90))
        );
    }

    #[test]
    fn a_pause_ends_where_hours_allow_it() {
        let paused = Times {
            paused_until: Some(at("2026-06-16T15:00:00Z")),
            ..nights(true)
        };
        assert_eq!(
            paused.wait(at("2026-06-15T15:00:00Z")),
            Some(TimeDelta::hours(32))
        );
        assert_eq!(paused.wait(at("2026-06-17T00:00:00Z")), None);
    }

    #[test]
    fn hours_that_are_none_are_refused() {
        let of = |from: &str, to: &str, zone: &str| Hours {
            time_zone: zone.into(),
            from: from.into(),
            to: to.into(),
            whole_weekends: true,
        };
        assert!(of("19:00", "07:00", "Europe/Berlin").read().is_ok());
        for (from, to, zone) in [
            ("19:00", "19:00", "Europe/Berlin"),
            ("24:00", "07:00", "Europe/Berlin"),
            ("7:00", "19:00", "Europe/Berlin"),
            ("19:00", "07:00", "Mars/Olympus"),
            ("19:00", "+7:00", "Europe/Berlin"),
        ] {
            assert!(of(from, to, zone).read().is_err(), "{from} {to} {zone}");
        }
    }
}
