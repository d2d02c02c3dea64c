//! Days, hours and the working week.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Weekday};

use crate::books::dice::Dice;
use crate::books::ledger::Moment;

pub(super) const MINUTE: Moment = 60_000;
pub(super) const DAY: Moment = 24 * 60 * MINUTE;

/// The first moment of a day.
pub(crate) fn midnight(day: NaiveDate) -> Moment {
    day.and_time(NaiveTime::MIN).and_utc().timestamp_millis()
}

/// The day that a moment falls on.
pub(crate) fn day_of(moment: Moment) -> NaiveDate {
    DateTime::from_timestamp_millis(moment)
        .expect("the books keep to years that chrono knows")
        .date_naive()
}

/// The day itself, or the first working day after it.
pub(super) fn working_day(day: NaiveDate) -> NaiveDate {
    match day.weekday() {
        Weekday::Sat => day + Days::new(2),
        Weekday::Sun => day + Days::new(1),
        _ => day,
    }
}

/// A moment in the office hours of a day, to the second.
pub(super) fn office_hours(day: NaiveDate, dice: &mut Dice) -> Moment {
    midnight(day) + dice.range(8 * 3600, 17 * 3600) * 1000
}

/// A moment while shops are open, busiest at midday and in the late afternoon.
pub(super) fn opening_hours(day: NaiveDate, dice: &mut Dice) -> Moment {
    let around = [8, 9, 11, 12, 12, 13, 13, 15, 16, 17, 17, 18, 20];
    let hour = *dice.pick(&around);
    midnight(day) + (hour * 3600 + dice.range(0, 3599)) * 1000
}

/// True if a period of `months` begins in this month, counted from the first month of the year.
pub(super) fn falls_due(month: u32, year_starts: u32, every_months: u32) -> bool {
    (month + 12 - year_starts).is_multiple_of(every_months)
}
