//! The lists that data types are read from, read and checked.

use std::collections::BTreeMap;

use egress::HeaderName;
use records::DataType;
use serde_json::Value;

use super::machine;
use super::reader::Reader;
use crate::described::list::{
    Body, Each, List, LookupSource, Place, Plainer, ReadLookup, Since, SinceIn,
};
use crate::described::manifest::{
    DataSection, EachSection, Paging, PlainerSection, ReadLookupSection, SinceSection,
};
use crate::described::names::{MONTHS, PAGING, SINCE, TIME};
use crate::described::problem::LoadProblem;
use crate::described::template::Template;
use crate::text::closest;

/// The addresses below which the paths of lists stand.
pub(super) struct Bases<'a> {
    pub(super) usual: &'a str,
    /// `[api.bases]`
    pub(super) named: &'a BTreeMap<String, String>,
}

impl Bases<'_> {
    /// The address of a list at `member`, which may name one.
    fn of(
        &self,
        reader: &Reader<'_>,
        member: &str,
        name: Option<&str>,
    ) -> Result<&str, LoadProblem> {
        let Some(name) = name else {
            return Ok(self.usual);
        };
        if let Some(base) = self.named.get(name) {
            return Ok(base.trim_end_matches('/'));
        }
        let mut message = format!("there is no base `{name}` in [api.bases]");
        if let Some(meant) = closest(name, self.named.keys().map(String::as_str)) {
            message.push_str(&format!(": did you mean `{meant}`?"));
        }
        Err(reader.folder.problem_at(&format!("{member}.base"), message))
    }
}

pub(super) fn data(
    reader: &Reader<'_>,
    bases: &Bases<'_>,
    sections: Vec<DataSection>,
) -> Result<BTreeMap<DataType, Vec<List>>, LoadProblem> {
    let mut data: BTreeMap<DataType, Vec<List>> = BTreeMap::new();
    for (index, section) in sections.into_iter().enumerate() {
        let data_type = section.r#type;
        // A further list of a type is found by its number.
        let member = match data.get(&data_type) {
            None => format!("data.{data_type}"),
            Some(_) => format!("data.{index}"),
        };
        let list = list(reader, &member, bases, section)?;
        data.entry(data_type).or_default().push(list);
    }
    Ok(data)
}

fn list(
    reader: &Reader<'_>,
    member: &str,
    bases: &Bases<'_>,
    section: DataSection,
) -> Result<List, LoadProblem> {
    let base = bases.of(reader, member, section.base.as_deref())?;
    let each_name = section.each.as_ref().map(|each| each.name.clone());
    let of_member = reader.with_names(each_name.as_deref());
    let texts = of_member.with_names(PAGING.into_iter().chain([SINCE]));
    let at = |name: &str| format!("{member}.{name}");
    let parameters =
        |name: &str, section: &BTreeMap<String, String>| parameters_of(&texts, &at(name), section);
    // Records that were set aside are mapped again without their page: only a list of months, which isn't narrowed to changes, has
    // its names in look-ups.
    let of_lookups = match &section.paging {
        Paging::Months { .. } if section.since.is_none() => reader.with_names(MONTHS),
        _ => reader.with_names([]),
    };
    let compared = match &section.paging {
        Paging::Months { compared, .. } => parameters("paging.compared", compared)?,
        _ => Vec::new(),
    };
    let list = List {
        when: section.when,
        method: section.method,
        url: of_member.url_template(&at("path"), base, &section.path)?,
        query: parameters("query", &section.query)?,
        compared,
        headers: texts.headers(&at("headers"), &section.headers)?,
        body: body_of(&texts, &at("body"), section.body)?,
        plainer: plainer_of(&texts, &at("plainer"), section.plainer)?,
        since: section
            .since
            .map(|since| since_of(reader, &at("since"), since))
            .transpose()?,
        each: section
            .each
            .map(|each| each_of(reader, &at("each"), bases, each))
            .transpose()?,
        lookups: section
            .lookup
            .into_iter()
            .map(|(name, lookup)| lookup_of(&of_lookups, member, bases, name, lookup))
            .collect::<Result<_, LoadProblem>>()?,
        paging: section.paging,
        items: section.items,
        may_be_absent: section.items_may_be_absent,
        fold: section.fold,
        empty_statuses: section.empty_statuses,
        refusals: section.refusals,
        map: reader.program(&section.map, &format!("{member}.map"))?,
        place: Place::default(),
    };
    let by_text = |since: &Since| matches!(since.sent_in, SinceIn::Text(_));
    let needed = [
        ("paging", list.paging.needed_name()),
        (
            "since",
            list.since.as_ref().filter(|s| by_text(s)).map(|_| SINCE),
        ),
        ("each", each_name.as_deref()),
    ];
    for (place, name) in needed {
        if let Some(name) = name
            && !list.uses(name)
        {
            let message =
                format!("{member}: ${{{name}}} must stand in its path, query, headers or body");
            return Err(reader.folder.problem_at(&at(place), message));
        }
    }
    if reader.calls {
        machine::check_list(reader, member, &list)?;
    }
    Ok(list)
}

/// A section's parameters.
pub(super) fn parameters_of(
    reader: &Reader<'_>,
    member: &str,
    section: &BTreeMap<String, String>,
) -> Result<Vec<(String, Template)>, LoadProblem> {
    let parameters = section.iter().map(|(name, value)| {
        let value = reader.template(&format!("{member}.{name}"), value)?;
        Ok((name.clone(), value))
    });
    parameters.collect()
}

pub(super) fn body_of(
    reader: &Reader<'_>,
    member: &str,
    body: Option<Value>,
) -> Result<Option<Body>, LoadProblem> {
    let read = |body| {
        Body::read(member, body, &|member: &str, text: &str| {
            reader.template(member, text)
        })
    };
    body.map(read).transpose()
}

pub(super) fn plainer_of(
    reader: &Reader<'_>,
    member: &str,
    sections: Vec<PlainerSection>,
) -> Result<Vec<Plainer>, LoadProblem> {
    let read = |(index, section): (usize, PlainerSection)| {
        let query = section.query.as_ref();
        let query =
            query.map(|query| parameters_of(reader, &format!("{member}.{index}.query"), query));
        Ok(Plainer {
            query: query.transpose()?,
            body: body_of(reader, &format!("{member}.{index}.body"), section.body)?,
        })
    };
    sections.into_iter().enumerate().map(read).collect()
}

fn since_of(
    reader: &Reader<'_>,
    member: &str,
    section: SinceSection,
) -> Result<Since, LoadProblem> {
    let how = match section {
        SinceSection {
            query: Some(name), ..
        } => SinceIn::Query(name),
        SinceSection {
            header: Some(name), ..
        } => SinceIn::Header(HeaderName::try_from(&name).map_err(|_| {
            let message = format!("{member}: `{name}` is not a header name");
            reader
                .folder
                .problem_at(&format!("{member}.header"), message)
        })?),
        SinceSection {
            body: Some(name), ..
        } => SinceIn::Body(name),
        SinceSection { text, .. } => {
            let text = text.unwrap_or_default();
            let reader = reader.with_names([TIME]);
            SinceIn::Text(reader.template(&format!("{member}.text"), &text)?)
        }
    };
    Ok(Since {
        sent_in: how,
        format: section.format,
        otherwise: section.otherwise,
    })
}

fn each_of(
    reader: &Reader<'_>,
    member: &str,
    bases: &Bases<'_>,
    section: EachSection,
) -> Result<Each, LoadProblem> {
    let base = bases.of(reader, member, section.base.as_deref())?;
    let within = section
        .within
        .map(|within| each_of(reader, &format!("{member}.within"), bases, *within));
    let within = within.transpose()?;
    let reader = reader.with_names(within.as_ref().map(|within| within.name.as_str()));
    let texts = reader.with_names([SINCE]);
    Ok(Each {
        url: reader.url_template(&format!("{member}.path"), base, &section.path)?,
        query: parameters_of(&texts, &format!("{member}.query"), &section.query)?,
        name: section.name,
        items: section.items,
        value: section.value,
        next: section.parameter.zip(section.next),
        within: within.map(Box::new),
    })
}

pub(super) fn lookup_of(
    reader: &Reader<'_>,
    member: &str,
    bases: &Bases<'_>,
    name: String,
    section: ReadLookupSection,
) -> Result<ReadLookup, LoadProblem> {
    let member = format!("{member}.lookup.{name}");
    let at = |name: &str| format!("{member}.{name}");
    let base = bases.of(reader, &member, section.base.as_deref())?;
    if section.text.is_some() && section.body.is_some() {
        let message = format!("the look-up `{name}` is a text, and makes no request with a body");
        return Err(reader.folder.problem_at(&at("body"), message));
    }
    if section.next.is_some() && (section.text.is_some() || section.body.is_some()) {
        let message = format!("the look-up `{name}` has a next page only if it is a GET");
        return Err(reader.folder.problem_at(&at("next"), message));
    }
    if section.next.is_some() && section.full.is_none() {
        let message = format!(
            "the look-up `{name}` has a next page, and needs the most records that are gathered (`full`)"
        );
        return Err(reader.folder.problem_at(&at("next"), message));
    }
    let source = match (section.path, section.text) {
        (Some(path), None) => LookupSource::Url(reader.url_template(&at("path"), base, &path)?),
        (None, Some(text)) => LookupSource::Text(match section.may_be_refused {
            true => reader.optional(&at("text"), &text)?,
            false => reader.template(&at("text"), &text)?,
        }),
        _ => {
            let message = format!("the look-up `{name}` needs either a path or a text");
            return Err(reader.folder.problem_at(&member, message));
        }
    };
    Ok(ReadLookup {
        name,
        source,
        query: parameters_of(reader, &at("query"), &section.query)?,
        body: {
            let body = body_of(reader, &at("body"), section.body)?;
            machine::check_body(reader, &at("body"), body.as_ref())?;
            body
        },
        items: section.items,
        full: section.full,
        next: section.next,
        may_be_refused: section.may_be_refused,
    })
}
