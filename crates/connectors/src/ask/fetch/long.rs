//! A record with as many rows as a page has, or more: its rows are read on, page by page, until it ends.

use bytes::Bytes;
use egress::Door;
use serde_json::value::RawValue;

use super::super::page::Cut;
use super::request::PageRequest;
use super::{Fetched, PageContext};
use crate::ask::errors::FetchError;
use crate::ask::json;
use crate::ask::send::Access;
use crate::described::integration::Integration;
use crate::described::list::List;
use crate::map::LONGEST_PAGE;

/// The most bytes of one record: beside it, a page's other records need room.
const LONGEST: usize = LONGEST_PAGE / 2;

/// The most pages that one record's rows are looked for on.
const MOST_PAGES: usize = 1_000;

/// A page that one record fills, and the position behind its rows.
pub(super) struct Long<'a> {
    pub(super) list: &'a List,
    pub(super) access: &'a Access<'a>,
    pub(super) page: &'a PageRequest<'a>,
    pub(super) body: Bytes,
    pub(super) next: Option<String>,
}

impl Long<'_> {
    /// Reads on, and gives the record with those that stand behind it on its last page. It is cut if the platform can't
    /// be asked for the rest of a record, or if it gets too long.
    pub(super) async fn read(
        self,
        integration: &Integration,
        door: &Door,
    ) -> Result<Fetched, FetchError> {
        let list = self.list;
        if !list.goes_on_within_a_record() {
            return Ok(Fetched {
                cut: rows_of(&self.body, list).first().map(|first| Cut {
                    first: json::listed(&[first]).into(),
                    rows: rows_of(&self.body, list).len(),
                }),
                body: json::wrapped(&list.items, "[]".to_owned()).into(),
                next: self.next,
                ..Fetched::default()
            });
        }
        // Of use only if rows are counted.
        let page = self.page.page.and_then(|page| page.parse().ok());
        let start: u64 = page.unwrap_or_else(|| list.paging.first_row());
        let mut bodies = vec![self.body];
        // Rows of the record that were let go because there are too many.
        let mut dropped = 0;
        let mut length = 0;
        let mut next = self.next;
        for _ in 0..MOST_PAGES {
            let page = PageRequest {
                each: self.page.each,
                page: next.as_deref(),
                since: self.page.since,
                refused: self.page.refused,
            };
            let names = list.names(self.access.variables, &page)?;
            let request = list.request(&names, &page)?;
            let url = request.url.clone();
            let response = integration.send(door, self.access, request).await?;
            let remaining = integration.remaining(&response.headers);
            if !integration.succeeded(&response) {
                return Err(integration.refusal_of(&list.refusals, &response, self.access));
            }
            let context = PageContext {
                paging: &list.paging,
                items: &list.items,
                may_be_absent: true,
                earliest: None,
                fold: &list.fold,
                url,
                page: page.page,
                known: &names,
            };
            let found = context.read(&response.body)?;
            let is_last = found.whole.is_none();
            length += response.body.len();
            bodies.push(response.body);
            let parts: Vec<Vec<&RawValue>> =
                bodies.iter().map(|body| rows_of(body, list)).collect();
            let rows: Vec<&RawValue> = parts.iter().flatten().copied().collect();
            let count = rows.len();
            let groups = json::groups(rows.clone(), &list.fold);
            if groups.len() > 1 || is_last {
                // The last record may go on, too.
                let open = groups.last().filter(|_| !is_last).map_or(0, Vec::len);
                let whole = count - open;
                let next = match (is_last, list.paging.last_member()) {
                    (true, _) => None,
                    (false, None) => Some((start + (dropped + whole) as u64).to_string()),
                    (false, Some(member)) => Some(behind(rows.get(..whole), member)?),
                };
                let long = groups.first().map_or(0, Vec::len);
                let cut = (dropped > 0).then(|| Cut {
                    first: rows
                        .first()
                        .map(|first| json::listed(&[first]))
                        .unwrap_or_default()
                        .into(),
                    rows: dropped + long,
                });
                let from = if cut.is_some() { long } else { 0 };
                let kept = rows.get(from..whole).unwrap_or_default();
                return Ok(Fetched {
                    body: json::wrapped(&list.items, json::listed(kept)).into(),
                    next,
                    remaining,
                    cut,
                    ..Fetched::default()
                });
            }
            next = match list.paging.last_member() {
                None => Some((start + (dropped + count) as u64).to_string()),
                Some(member) => Some(behind(Some(&rows), member)?),
            };
            if length > LONGEST {
                // One page of it is enough to know it by.
                let last = parts.last().map_or(0, Vec::len);
                dropped += count - last;
                length = 0;
                let body = bodies.pop();
                bodies = body.into_iter().collect();
            }
        }
        Err(FetchError::Malformed(format!(
            "a record has rows on more than {MOST_PAGES} pages: its end can't be seen"
        )))
    }
}

fn rows_of<'a>(body: &'a Bytes, list: &List) -> Vec<&'a RawValue> {
    let rows = json::at(body, &list.items).ok().flatten();
    rows.map(json::each).unwrap_or_default()
}

/// The member of the last row, behind which the next page starts.
fn behind(rows: Option<&[&RawValue]>, member: &str) -> Result<String, FetchError> {
    let last = rows.and_then(<[_]>::last);
    let found = last.and_then(|row| json::at(row.get().as_bytes(), member).ok().flatten());
    found.and_then(json::scalar).ok_or_else(|| {
        FetchError::Malformed(format!("the page's last record has nothing at `{member}`"))
    })
}

impl List {
    /// True if the next page can start within a record: behind a row by its number, or by a member that tells it from the
    /// record's other rows.
    fn goes_on_within_a_record(&self) -> bool {
        let of_the_record = |member: &str| self.fold.iter().any(|path| path == member);
        self.paging
            .last_member()
            .is_none_or(|member| !of_the_record(member))
    }
}
