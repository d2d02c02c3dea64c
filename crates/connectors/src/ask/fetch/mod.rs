//! Fetching the pages of a data type, from all of its lists in turn.

mod long;
mod paging;
mod request;

use std::collections::BTreeMap;

use bytes::Bytes;
use chrono::NaiveDate;
use egress::{Door, Request, StatusCode};
use records::DataType;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub(crate) use self::paging::PageContext;
use self::request::PageRequest;
use super::errors::{FetchError, says_empty};
use super::json;
use super::page::{Cursor, Cut, Narrowing, Page, Remaining};
use super::send::{Access, fill_url, question, same_origin};
use super::write::Lookups;
use crate::described::integration::Integration;
use crate::described::list::{Each, List, LookupSource, ReadLookup};
use crate::described::manifest::{Paging, When};
use crate::described::names::SINCE;
use crate::map::LONGEST_PAGE;

/// The most bytes of look-ups that a map can do without, together with those that it can't.
const LONGEST_OPTIONAL: usize = LONGEST_PAGE / 4 * 3;

/// The most pages of a look-up.
const MOST_PAGES: usize = 1_000;

/// A page of one list.
#[derive(Default)]
struct Fetched {
    body: Bytes,
    next: Option<String>,
    total: Option<u64>,
    remaining: Remaining,
    cut: Option<Cut>,
}

/// A position in the lists of a data type, which are read one after the other.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Position {
    #[serde(default)]
    list: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    each: Option<Values>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page: Option<String>,
    /// The number of the list's requests that were refused, in whose place a plainer one is made.
    #[serde(default, skip_serializing_if = "is_none")]
    refused: usize,
}

fn is_none(number: &usize) -> bool {
    *number == 0
}

/// The values for each of which a list is read once, and the number of the current one.
#[derive(Debug, Serialize, Deserialize)]
struct Values {
    values: Vec<String>,
    at: usize,
}

impl Values {
    fn current(&self) -> Option<&str> {
        self.values.get(self.at).map(String::as_str)
    }
}

impl Position {
    fn of(cursor: Option<&Cursor>, first: usize) -> Self {
        let Some(Cursor(text)) = cursor else {
            return Self {
                list: first,
                ..Self::default()
            };
        };
        // A plain word is a page of the only list.
        let structured = text.starts_with('{').then(|| serde_json::from_str(text));
        match structured {
            Some(Ok(position)) => position,
            _ => Self {
                page: Some(text.clone()),
                ..Self::default()
            },
        }
    }

    fn cursor(self) -> Cursor {
        match self {
            Self {
                list: 0,
                each: None,
                page: Some(page),
                refused: 0,
            } if !page.starts_with('{') => Cursor(page),
            position => Cursor(serde_json::to_string(&position).expect("plain JSON")),
        }
    }

    /// The position after this one: the list's next page, its first page for the next value, or the next list's first page.
    fn next(self, page: Option<String>, next_list: impl FnOnce() -> Option<usize>) -> Option<Self> {
        if page.is_some() {
            return Some(Self { page, ..self });
        }
        match self.each {
            Some(each) if each.at + 1 < each.values.len() => Some(Self {
                list: self.list,
                each: Some(Values {
                    at: each.at + 1,
                    ..each
                }),
                page: None,
                refused: self.refused,
            }),
            _ => next_list().map(|list| Self {
                list,
                ..Self::default()
            }),
        }
    }
}

impl Integration {
    /// Fetches the page at `cursor` (the first if None). `narrowing` leaves out unchanged records if the platform can do so;
    /// if it can't, everything comes.
    pub async fn fetch_page(
        &self,
        door: &Door,
        access: &Access<'_>,
        data_type: DataType,
        cursor: Option<&Cursor>,
        narrowing: impl Into<Narrowing>,
    ) -> Result<Page, FetchError> {
        let narrowing = narrowing.into();
        let lists = self.data.get(&data_type).ok_or(FetchError::NotSupported)?;
        let read = |list: &List| match list.when {
            When::Always => true,
            When::Changes => narrowing.only_changes,
            When::Whole => !narrowing.only_changes,
        };
        let list_from = |from: usize| {
            let mut later = lists.iter().enumerate().skip(from);
            later.find(|(_, list)| read(list)).map(|(at, _)| at)
        };
        let mut position = Position::of(cursor, list_from(0).ok_or(FetchError::NotSupported)?);
        let list = lists.get(position.list).ok_or_else(|| {
            FetchError::Malformed("the stored cursor leads to a list that isn't there".to_owned())
        })?;
        if let (Some(each), None) = (&list.each, &position.each) {
            let since = list.since_text(narrowing.since)?;
            let values = self.each(door, access, each, &since).await?;
            position.each = Some(Values { values, at: 0 });
        }
        let mut page = PageRequest {
            each: position.each.as_ref().and_then(Values::current),
            page: position.page.as_deref(),
            since: narrowing.since,
            refused: position.refused,
        };
        let (fetched, lookups) = if list.each.is_some() && page.each.is_none() {
            // No value, no request.
            (Fetched::default(), Lookups::new())
        } else {
            let names = list.names(access.variables, &page)?;
            let lookups = self.looked_up(door, access, &list.lookups, &names).await?;
            let fetched = loop {
                match self.fetch_of(door, access, list, &page, &lookups).await {
                    Err(error)
                        if error.is_of_the_request() && page.refused < list.plainer.len() =>
                    {
                        page.refused += 1;
                    }
                    answer => break answer?,
                }
            };
            (fetched, lookups)
        };
        let refused = page.refused;
        position.refused = refused;
        let alone = lists.len() == 1 && list.each.is_none();
        let at = position.list;
        let next = position.next(fetched.next, || list_from(at + 1));
        Ok(Page {
            body: fetched.body,
            next: next.map(|position| position.cursor()),
            total: fetched.total.filter(|_| alone),
            list: at,
            lookups,
            remaining: fetched.remaining,
            cut: fetched.cut,
        })
    }

    /// Fetches a page of one list.
    async fn fetch_of(
        &self,
        door: &Door,
        access: &Access<'_>,
        list: &List,
        page: &PageRequest<'_>,
        lookups: &Lookups,
    ) -> Result<Fetched, FetchError> {
        let names = list.names(access.variables, page)?;
        let request = list.request(&names, page)?;
        let url = request.url.clone();
        let response = self.send(door, access, request).await?;
        let remaining = self.remaining(&response.headers);
        let nothing = Fetched {
            remaining,
            ..Fetched::default()
        };
        if response.status == StatusCode::NOT_MODIFIED {
            return Ok(nothing);
        }
        if !self.succeeded(&response) {
            let error = self.refusal_of(&list.refusals, &response, access);
            let absent = list.empty_statuses.contains(&response.status.as_u16())
                || says_empty(&list.refusals, &response);
            // A refusal of the token or for a while says nothing of the list, whatever its status; nor does one while there are plainer
            // requests to make.
            let told = error.is_of_the_request() && page.refused == list.plainer.len();
            return if absent && told {
                Ok(nothing)
            } else {
                Err(error)
            };
        }
        let context = PageContext {
            paging: &list.paging,
            items: &list.items,
            may_be_absent: list.may_be_absent,
            earliest: list.earliest(lookups),
            fold: &list.fold,
            url,
            page: page.page,
            known: &names,
        };
        let found = context.read(&response.body)?;
        let body = match found.whole {
            Some(0) => {
                let long = long::Long {
                    list,
                    access,
                    page,
                    body: response.body,
                    next: found.next,
                };
                let fetched = long.read(self, door).await?;
                return Ok(Fetched {
                    total: found.total,
                    ..fetched
                });
            }
            // The rest comes again with the next page.
            Some(whole) => {
                let rows = json::at(&response.body, &list.items).ok().flatten();
                let rows = rows.map(json::each).unwrap_or_default();
                let rows = rows.get(..whole).unwrap_or_default();
                json::wrapped(&list.items, json::listed(rows)).into()
            }
            None => response.body,
        };
        Ok(Fetched {
            body,
            next: found.next,
            total: found.total,
            remaining,
            cut: None,
        })
    }

    /// The number of requests for the values that the map of one of a data type's lists needs beside the records.
    pub fn lookups_of(&self, data_type: DataType, list: usize) -> usize {
        let lists = self.data.get(&data_type);
        let list = lists.and_then(|lists| lists.get(list));
        list.map_or(0, List::requested_lookups)
    }

    /// Reads those values, for records of that list that have come before.
    ///
    /// # Errors
    /// A value doesn't come.
    pub async fn look_up_for(
        &self,
        door: &Door,
        access: &Access<'_>,
        data_type: DataType,
        list: usize,
    ) -> Result<Lookups, FetchError> {
        let lists = self.data.get(&data_type).ok_or(FetchError::NotSupported)?;
        let list = lists.get(list).ok_or(FetchError::NotSupported)?;
        self.looked_up(door, access, &list.lookups, access.variables)
            .await
    }

    /// Reads the values that a map needs beside the records. `names` are the values of the names in their texts.
    async fn looked_up(
        &self,
        door: &Door,
        access: &Access<'_>,
        wanted: &[ReadLookup],
        names: &BTreeMap<String, String>,
    ) -> Result<Lookups, FetchError> {
        let ask = |request| async move { Ok(self.ask(door, access, request).await?.0) };
        look_up(wanted, names, ask).await
    }

    /// Fetches the values for each of which a list is read once.
    async fn each(
        &self,
        door: &Door,
        access: &Access<'_>,
        each: &Each,
        since: &str,
    ) -> Result<Vec<String>, FetchError> {
        let mut known = access.variables.clone();
        known.insert(SINCE.to_owned(), since.to_owned());
        let outer: Vec<Option<(&Each, String)>> = match &each.within {
            Some(within) => {
                let outer = Box::pin(self.each(door, access, within, since)).await?;
                let of = |value| Some((within.as_ref(), value));
                outer.into_iter().map(of).collect()
            }
            None => vec![None],
        };
        let mut values = Vec::new();
        for outer in outer {
            if let Some((within, value)) = outer {
                known.insert(within.name.clone(), value);
            }
            let mut page: Option<String> = None;
            loop {
                let url = fill_url(&each.url, &known)?;
                let mut request = question(url, &each.query, None, &known)?;
                if let (Some((parameter, _)), Some(page)) = (&each.next, &page) {
                    let mut pairs = request.url.query_pairs_mut();
                    pairs.append_pair(parameter, page);
                }
                let (body, _) = self.ask(door, access, request).await?;
                let elements = each.elements(&body)?;
                values.extend(elements.into_iter().map(|(value, _)| value));
                let next = match &each.next {
                    Some((_, path)) => json::at(&body, path).ok().flatten().and_then(json::scalar),
                    None => None,
                };
                if next.is_none() {
                    break;
                }
                if next == page {
                    return Err(FetchError::Malformed(
                        "the next page is the same page again".to_owned(),
                    ));
                }
                page = next;
            }
        }
        Ok(values)
    }
}

/// Reads the values that a map needs; `ask` gives the body of a successful answer.
pub(crate) async fn look_up<F: Future<Output = Result<Bytes, FetchError>>>(
    wanted: &[ReadLookup],
    names: &BTreeMap<String, String>,
    ask: impl Fn(Request) -> F,
) -> Result<Lookups, FetchError> {
    let mut lookups = Lookups::new();
    let mut taken = 0;
    for lookup in wanted {
        let url = match &lookup.source {
            LookupSource::Text(text) => {
                let text = match text.fill(names, str::to_owned) {
                    Ok(text) => text,
                    Err(_) if lookup.may_be_refused => continue,
                    Err(missing) => return Err(missing.into()),
                };
                let text = serde_json::Value::from(text);
                let text = serde_json::value::to_raw_value(&text).expect("a text is JSON");
                lookups.insert(lookup.name.clone(), text);
                continue;
            }
            LookupSource::Url(url) => fill_url(url, names)?,
        };
        let request = question(url, &lookup.query, lookup.body.as_ref(), names)?;
        let value = match read_lookup(lookup, request, &ask).await {
            Ok(value) => value,
            Err(error) if lookup.may_be_refused && error.is_of_the_request() => continue,
            // Too many to be gathered before each page.
            Err(FetchError::Cut(_)) if lookup.may_be_refused && lookup.next.is_some() => continue,
            Err(error) => return Err(error),
        };
        // What the map can do without leaves room for the rest: the map gets all of them as one text, of a limited length.
        let length = value.get().len();
        if lookup.may_be_refused && taken + length > LONGEST_OPTIONAL {
            continue;
        }
        taken += length;
        lookups.insert(lookup.name.clone(), value);
    }
    Ok(lookups)
}

/// Reads one value, with all of its pages.
async fn read_lookup<F: Future<Output = Result<Bytes, FetchError>>>(
    lookup: &ReadLookup,
    first: Request,
    ask: impl Fn(Request) -> F,
) -> Result<Box<RawValue>, FetchError> {
    let mut url = first.url.clone();
    let mut body = ask(first).await?;
    let mut pages = Vec::new();
    let mut count = 0;
    loop {
        let found = found_at(&body, &lookup.items)?;
        count += found.map_or(0, json::count);
        if let Some(full) = lookup.full
            && count >= full as usize
        {
            return Err(FetchError::Cut(full));
        }
        let next = match &lookup.next {
            Some(path) => found_at(&body, path)?.and_then(json::scalar),
            None => None,
        };
        let Some(next) = next.filter(|next| !next.is_empty()) else {
            if pages.is_empty() {
                return Ok(found.unwrap_or(RawValue::NULL).to_owned());
            }
            pages.push(body);
            break;
        };
        let next = same_origin(&url, &next)?;
        if next == url {
            return Err(FetchError::Malformed(
                "the next page is the same page again".to_owned(),
            ));
        }
        // Pages without records, or some that lead to each other, would never be too many records.
        if pages.len() + 1 >= MOST_PAGES {
            return Err(FetchError::Malformed(format!(
                "a look-up has more than {MOST_PAGES} pages"
            )));
        }
        url = next;
        pages.push(std::mem::replace(
            &mut body,
            ask(Request::get(url.clone())).await?,
        ));
    }
    let mut values = Vec::new();
    for page in &pages {
        values.extend(
            found_at(page, &lookup.items)?
                .map(json::each)
                .unwrap_or_default(),
        );
    }
    RawValue::from_string(json::listed(&values))
        .map_err(|_| FetchError::Malformed("it is not JSON".to_owned()))
}

fn found_at<'a>(body: &'a Bytes, path: &str) -> Result<Option<&'a RawValue>, FetchError> {
    json::at(body, path).map_err(|_| FetchError::Malformed("it is not JSON".to_owned()))
}

impl List {
    /// The day before which a list of months has nothing, if it looks that up: the end of time if there is nothing at all.
    fn earliest(&self, lookups: &Lookups) -> Option<NaiveDate> {
        let Paging::Months {
            earliest: Some(name),
            ..
        } = &self.paging
        else {
            return None;
        };
        let text = lookups.get(name).and_then(|found| json::scalar(found));
        let day = text.and_then(|text| text.get(..10)?.parse().ok());
        Some(day.unwrap_or(NaiveDate::MAX))
    }
}

impl Each {
    /// The elements of an answer, each with its value.
    pub(crate) fn elements<'a>(
        &self,
        body: &'a Bytes,
    ) -> Result<Vec<(String, &'a RawValue)>, FetchError> {
        let found = json::at(body, &self.items)
            .map_err(|_| FetchError::Malformed("it is not JSON".to_owned()))?;
        let value_of = |element: &'a RawValue| {
            let value = json::at(element.get().as_bytes(), &self.value)
                .ok()
                .flatten();
            value.and_then(json::scalar).map(|value| (value, element))
        };
        let elements = found.map(json::each).unwrap_or_default();
        let values: Option<Vec<_>> = elements.into_iter().map(value_of).collect();
        values.ok_or_else(|| {
            FetchError::Malformed(format!("`{}` has nothing at `{}`", self.items, self.value))
        })
    }
}
