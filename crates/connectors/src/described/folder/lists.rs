//! The lists that data types are read from, read and checked.

use std::collections::BTreeMap;

use egress::HeaderName;
use records::DataType;

use super::reader::Reader;
use crate::described::list::{Body, Each, List, Since, SinceIn};
use crate::described::manifest::{DataSection, EachSection, Paging, SinceSection};
use crate::described::names::{PAGING, SINCE, TIME};
use crate::described::problem::LoadProblem;

pub(super) fn data(
    reader: &Reader<'_>,
    base: &str,
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
        let list = list(reader, &member, base, section)?;
        data.entry(data_type).or_default().push(list);
    }
    Ok(data)
}

fn list(
    reader: &Reader<'_>,
    member: &str,
    base: &str,
    section: DataSection,
) -> Result<List, LoadProblem> {
    let each_name = section.each.as_ref().map(|each| each.name.clone());
    let of_member = reader.with_names(each_name.as_deref());
    let texts = of_member.with_names(PAGING.into_iter().chain([SINCE]));
    let parameters = |section: &BTreeMap<String, String>| {
        let parameters = section.iter().map(|(name, value)| {
            let value = texts.template(member, value)?;
            Ok((name.clone(), value))
        });
        parameters.collect::<Result<Vec<_>, LoadProblem>>()
    };
    let compared = match &section.paging {
        Paging::Months { compared, .. } => parameters(compared)?,
        _ => Vec::new(),
    };
    let list = List {
        when: section.when,
        method: section.method,
        url: of_member.url_template(member, base, &section.path)?,
        query: parameters(&section.query)?,
        compared,
        headers: texts.headers(member, &section.headers)?,
        body: section
            .body
            .map(|body| Body::read(body, &|text: &str| texts.template(member, text)))
            .transpose()?,
        since: section
            .since
            .map(|since| since_of(reader, member, since))
            .transpose()?,
        each: section
            .each
            .map(|each| each_of(reader, member, base, each))
            .transpose()?,
        paging: section.paging,
        items: section.items,
        may_be_absent: section.items_may_be_absent,
        map: reader.program(&section.map, &format!("{member}.map"))?,
    };
    let by_text = |since: &Since| matches!(since.sent_in, SinceIn::Text(_));
    let needed = [
        list.paging.needed_name(),
        list.since.as_ref().filter(|s| by_text(s)).map(|_| SINCE),
        each_name.as_deref(),
    ];
    for name in needed.into_iter().flatten() {
        if !list.uses(name) {
            let message =
                format!("{member}: ${{{name}}} must stand in its path, query, headers or body");
            return Err(reader.folder.problem_at(member, message));
        }
    }
    Ok(list)
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
            reader.folder.problem_at(member, message)
        })?),
        SinceSection {
            body: Some(name), ..
        } => SinceIn::Body(name),
        SinceSection { text, .. } => {
            let text = text.unwrap_or_default();
            let reader = reader.with_names([TIME]);
            SinceIn::Text(reader.template(member, &text)?)
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
    base: &str,
    section: EachSection,
) -> Result<Each, LoadProblem> {
    Ok(Each {
        name: section.name,
        url: reader.url_template(member, base, &section.path)?,
        items: section.items,
        value: section.value,
    })
}
