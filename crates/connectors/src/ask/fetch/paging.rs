//! Paging: the parameters of a page, and the start of the next one.

use std::collections::BTreeMap;

use bytes::Bytes;
use chrono::{Datelike as _, Days, Months, NaiveDate};
use serde_json::Value;
use serde_json::value::RawValue;
use url::Url;

use crate::ask::errors::FetchError;
use crate::ask::json;
use crate::ask::send::same_origin;
use crate::described::manifest::Paging;
use crate::described::names::{MONTHS_TO_SYNC, TODAY};
use crate::machine::xml::escaped;

impl Paging {
    /// The parameters of a page; numbers as numbers.
    pub(crate) fn pairs(&self, page: Option<&str>) -> Vec<(&str, Value)> {
        let number = |text: String| {
            let number = text.parse::<i64>().map(Value::from);
            number.unwrap_or(Value::from(text))
        };
        let mut pairs = Vec::new();
        match self {
            Self::None { .. } | Self::Link { .. } | Self::Months { .. } | Self::Iterator { .. } => {
            }
            Self::Page {
                parameter, first, ..
            }
            | Self::Offset {
                parameter, first, ..
            } => {
                let page = page.map_or_else(|| first.to_string(), str::to_owned);
                pairs.extend(parameter.as_deref().map(|name| (name, number(page))));
            }
            Self::Cursor { parameter, .. } => {
                let named = parameter.as_deref().zip(page);
                pairs.extend(named.map(|(name, page)| (name, Value::from(page))));
            }
        }
        if let (Some(parameter), Some(size)) = self.size() {
            pairs.push((parameter, Value::from(size)));
        }
        pairs
    }

    /// The values of the manifest's names for a page. `known` are the caller's values: months need [`TODAY`] and [`MONTHS_TO_SYNC`].
    pub(crate) fn names(
        &self,
        page: Option<&str>,
        known: &BTreeMap<String, String>,
    ) -> Result<Vec<(&'static str, String)>, FetchError> {
        let mut names = Vec::new();
        match self {
            Self::None { .. } | Self::Link { .. } => {}
            Self::Page { first, .. } | Self::Offset { first, .. } => {
                let name = match self {
                    Self::Page { .. } => "page",
                    _ => "offset",
                };
                names.push((name, page.map_or_else(|| first.to_string(), str::to_owned)));
            }
            Self::Cursor { .. } => names.push(("cursor", page.unwrap_or_default().to_owned())),
            Self::Iterator { first, then, .. } => {
                let text = match page {
                    None => first.clone(),
                    // Behind the number of records that were left.
                    Some(page) => {
                        let id = page.split_once(' ').map_or(page, |(_, id)| id);
                        then.replace("${id}", &escaped(id))
                    }
                };
                names.push(("cursor", text));
            }
            Self::Months { size, last_day, .. } => {
                let window = Window::at(page, size.get(), *last_day, known)?;
                let day = |day: NaiveDate| day.format("%Y-%m-%d").to_string();
                names.extend([
                    ("first_day", day(window.first_day)),
                    ("last_day", day(window.last_day)),
                    ("last_month", day(window.last_month)),
                    ("months", window.count.to_string()),
                    ("months_before", (window.count - 1).to_string()),
                    ("day_before", day(window.first_day - Days::new(1))),
                ]);
            }
        }
        names.extend(self.size().1.map(|size| ("size", size.to_string())));
        Ok(names)
    }
}

/// Months of a statement that are requested together.
struct Window {
    first_day: NaiveDate,
    last_day: NaiveDate,
    /// The first day of the last month.
    last_month: NaiveDate,
    count: u32,
    /// True if earlier ones are left.
    more: bool,
}

impl Window {
    fn at(
        page: Option<&str>,
        size: u32,
        last_day: Option<u32>,
        known: &BTreeMap<String, String>,
    ) -> Result<Self, FetchError> {
        let unknown = |name: &str| FetchError::Malformed(format!("no value for ${{{name}}}"));
        let read = |name: &str| known.get(name).ok_or_else(|| unknown(name));
        let today: NaiveDate = read(TODAY)?.parse().map_err(|_| unknown(TODAY))?;
        let total = read(MONTHS_TO_SYNC)?.parse::<u32>();
        let total = total.map_err(|_| unknown(MONTHS_TO_SYNC))?.max(1);
        let index: u32 = page.unwrap_or("0").parse().map_err(|_| no_number())?;
        let window = |before: u32| {
            let last_month = today.with_day(1)?.checked_sub_months(Months::new(before))?;
            let ends = last_month
                .checked_add_months(Months::new(1))?
                .checked_sub_days(Days::new(1))?;
            let alone = last_day.is_some_and(|day| ends.day() < day);
            let count = if alone { 1 } else { size }.min(total - before);
            Some(Self {
                first_day: last_month.checked_sub_months(Months::new(count - 1))?,
                last_day: ends,
                last_month,
                count,
                more: before + count < total,
            })
        };
        // Windows differ in their length, so that each one's place is known by those before it.
        let mut before = 0;
        let mut found = window(before).ok_or_else(no_number)?;
        for _ in 0..index {
            if !found.more {
                return Err(no_number());
            }
            before += found.count;
            found = window(before).ok_or_else(no_number)?;
        }
        Ok(found)
    }
}

fn no_number() -> FetchError {
    FetchError::Malformed("the stored cursor is not a page number".to_owned())
}

/// The request that a page answers.
pub(crate) struct PageContext<'a> {
    pub(crate) paging: &'a Paging,
    /// Dotted path to the records in the answer.
    pub(crate) items: &'a str,
    pub(crate) may_be_absent: bool,
    /// The day before which there is nothing, if that is known: months that end before it aren't requested.
    pub(crate) earliest: Option<NaiveDate>,
    /// Paths in a row, by which rows that follow each other are one record.
    pub(crate) fold: &'a [String],
    pub(crate) url: Url,
    pub(crate) page: Option<&'a str>,
    pub(crate) known: &'a BTreeMap<String, String>,
}

/// The next page, and the number of records on all pages, as an answer states them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) next: Option<String>,
    pub(crate) total: Option<u64>,
    /// The rows of the records that the page has wholly, if the last one may go on beyond its end. If there are none, `next` is
    /// behind the rows that the page has.
    pub(crate) whole: Option<usize>,
}

impl PageContext<'_> {
    pub(crate) fn read(&self, body: &Bytes) -> Result<Found, FetchError> {
        let items = value(body, self.items)?;
        if items.is_none() && !self.may_be_absent {
            return Err(FetchError::Malformed(format!(
                "it has nothing at `{}`",
                self.items
            )));
        }
        let whole = self.whole(items);
        let next = self.next(body, items, whole.filter(|whole| *whole > 0))?;
        if next.is_some() && next.as_deref() == self.page {
            return Err(FetchError::Malformed(
                "the next page is the same page again".to_owned(),
            ));
        }
        let total = match self.paging.total() {
            Some(path) => text(body, path)?.and_then(|total| total.parse().ok()),
            None => None,
        };
        Ok(Found { next, total, whole })
    }

    /// The number of rows before the last record's, if that one's rows may go on on the next page.
    fn whole(&self, items: Option<&RawValue>) -> Option<usize> {
        let size = self.paging.rows_of_folded()?;
        let rows = items.map(json::each).unwrap_or_default();
        if self.fold.is_empty() || rows.len() < size {
            return None;
        }
        let count = rows.len();
        let last = json::groups(rows, self.fold).pop().unwrap_or_default();
        Some(count - last.len())
    }

    fn next(
        &self,
        body: &[u8],
        items: Option<&RawValue>,
        whole: Option<usize>,
    ) -> Result<Option<String>, FetchError> {
        let count = items.map_or(0, json::count);
        Ok(match self.paging {
            Paging::None { full } => match full {
                Some(full) if count >= *full as usize => return Err(FetchError::Cut(*full)),
                _ => None,
            },
            Paging::Page {
                first, size, pages, ..
            } => {
                let page = self.number(*first)?;
                let last = match pages {
                    Some(path) => text(body, path)?.and_then(|pages| pages.parse::<i64>().ok()),
                    None => None,
                };
                let more = match (last, size) {
                    (Some(pages), _) => page + 1 < pages + first,
                    (None, Some(size)) => count >= *size as usize,
                    (None, None) => count > 0,
                };
                more.then(|| (page + 1).to_string())
            }
            Paging::Offset {
                first, size, last, ..
            } => {
                let more = count > 0 && size.is_none_or(|size| count >= size as usize);
                match (more, last) {
                    (false, _) => None,
                    (true, None) => {
                        // The rows of a record that goes on come again.
                        let taken = whole.unwrap_or(count) as i64;
                        Some((self.number(*first)? + taken).to_string())
                    }
                    (true, Some(member)) => {
                        Some(self.last(items, whole.unwrap_or(count), member)?)
                    }
                }
            }
            Paging::Cursor { next, more, .. } => {
                let more = match more {
                    Some(path) => text(body, path)?.as_deref() == Some("true"),
                    None => true,
                };
                let next = text(body, next)?.filter(|next| !next.is_empty());
                if more { next } else { None }
            }
            Paging::Iterator {
                next, remaining, ..
            } => {
                let left = text(body, remaining)?.and_then(|left| left.parse::<u64>().ok());
                let left = left.filter(|left| *left > 0);
                // Its name may stay the same all along: with the number, no page is like the one before it.
                let id = text(body, next)?.filter(|id| !id.is_empty());
                left.zip(id).map(|(left, id)| format!("{left} {id}"))
            }
            Paging::Link { next, .. } => match text(body, next)?.filter(|next| !next.is_empty()) {
                Some(link) => Some(same_origin(&self.url, &link)?.into()),
                None => None,
            },
            Paging::Months { size, last_day, .. } => {
                let window = Window::at(self.page, size.get(), *last_day, self.known)?;
                let index: u32 = self.page.unwrap_or("0").parse().map_err(|_| no_number())?;
                let has_earlier = self.earliest.is_none_or(|day| window.first_day > day);
                (window.more && has_earlier).then(|| (index + 1).to_string())
            }
        })
    }

    fn number(&self, first: i64) -> Result<i64, FetchError> {
        match self.page {
            None => Ok(first),
            Some(page) => page.parse().map_err(|_| no_number()),
        }
    }

    /// The member of the last of `count` records, behind which the next page starts.
    fn last(
        &self,
        items: Option<&RawValue>,
        count: usize,
        member: &str,
    ) -> Result<String, FetchError> {
        let records = items.map(json::each).unwrap_or_default();
        let member_of = |record: &&RawValue| {
            let found = json::at(record.get().as_bytes(), member).ok().flatten()?;
            json::scalar(found)
        };
        let last = records.get(..count).and_then(<[_]>::last);
        last.and_then(member_of).ok_or_else(|| {
            FetchError::Malformed(format!("the page's last record has nothing at `{member}`"))
        })
    }
}

fn value<'a>(body: &'a [u8], path: &str) -> Result<Option<&'a RawValue>, FetchError> {
    json::at(body, path).map_err(|_| FetchError::Malformed("it is not JSON".to_owned()))
}

fn text(body: &[u8], path: &str) -> Result<Option<String>, FetchError> {
    Ok(value(body, path)?.and_then(json::scalar))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_asked_for_in_windows_back_from_the_current_one() {
        let paging: Paging = toml::from_str("style = \"months\"\nsize = 12").unwrap();
        let known = |months: &str| {
            BTreeMap::from([
                (TODAY.to_owned(), "2026-03-31".to_owned()),
                (MONTHS_TO_SYNC.to_owned(), months.to_owned()),
            ])
        };
        let names = |page, months| -> Vec<String> {
            let names = paging.names(page, &known(months)).unwrap();
            names.into_iter().map(|(_, value)| value).collect()
        };
        assert_eq!(
            names(None, "14"),
            [
                "2025-04-01",
                "2026-03-31",
                "2026-03-01",
                "12",
                "11",
                "2025-03-31"
            ]
        );
        assert_eq!(
            names(Some("1"), "14"),
            [
                "2025-02-01",
                "2025-03-31",
                "2025-03-01",
                "2",
                "1",
                "2025-01-31"
            ]
        );
        assert!(paging.names(Some("2"), &known("14")).is_err());
        let next = |page, months| {
            let context = PageContext {
                paging: &paging,
                items: "",
                may_be_absent: false,
                earliest: None,
                fold: &[],
                url: Url::parse("http://a.example").unwrap(),
                page,
                known: &known(months),
            };
            context.read(&Bytes::from_static(b"{}")).unwrap().next
        };
        assert_eq!(next(None, "14").as_deref(), Some("1"));
        assert_eq!(next(Some("1"), "14"), None);
        assert_eq!(next(None, "12"), None);
    }

    /// The first and the last day of each request for `months` months up to the month of `today`.
    fn requests(today: &str, months: &str) -> Vec<(String, String)> {
        let paging: Paging =
            toml::from_str("style = \"months\"\nsize = 12\nlast_day = 31").unwrap();
        let known = BTreeMap::from([
            (TODAY.to_owned(), today.to_owned()),
            (MONTHS_TO_SYNC.to_owned(), months.to_owned()),
        ]);
        let mut found = Vec::new();
        let mut page = None;
        loop {
            let names: BTreeMap<_, _> = paging
                .names(page.as_deref(), &known)
                .unwrap()
                .into_iter()
                .collect();
            found.push((names["first_day"].clone(), names["last_day"].clone()));
            let context = PageContext {
                paging: &paging,
                items: "",
                may_be_absent: false,
                earliest: None,
                fold: &[],
                url: Url::parse("http://a.example").unwrap(),
                page: page.as_deref(),
                known: &known,
            };
            match context.read(&Bytes::from_static(b"{}")).unwrap().next {
                Some(next) => page = Some(next),
                None => return found,
            }
        }
    }

    #[test]
    fn months_are_compared_with_one_of_thirty_one_days_and_each_is_requested_once() {
        let days = |first: &str, last: &str| (first.to_owned(), last.to_owned());
        assert_eq!(
            requests("2026-03-02", "24"),
            [
                days("2025-04-01", "2026-03-31"),
                days("2024-04-01", "2025-03-31")
            ]
        );
        assert_eq!(
            requests("2026-09-30", "24"),
            [
                days("2026-09-01", "2026-09-30"),
                days("2025-09-01", "2026-08-31"),
                days("2024-10-01", "2025-08-31"),
            ]
        );
        for month in 1..=12 {
            for months in 1..=25 {
                let found = requests(&format!("2024-{month:02}-15"), &months.to_string());
                let mut next = NaiveDate::from_ymd_opt(2024, month, 1).unwrap() + Months::new(1);
                let mut count = 0;
                for (first, last) in &found {
                    let (first, last): (NaiveDate, NaiveDate) =
                        (first.parse().unwrap(), last.parse().unwrap());
                    assert_eq!(last + Days::new(1), next, "{found:?}");
                    let whole = first.year() == last.year() && first.month() == last.month();
                    assert!(whole || last.day() == 31, "{found:?}");
                    count += (next.year() - first.year()) * 12 + next.month() as i32
                        - first.month() as i32;
                    next = first;
                }
                assert_eq!(count, months, "{found:?}");
            }
        }
    }
}
