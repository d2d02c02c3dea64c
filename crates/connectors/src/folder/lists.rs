//! The lists that data types are read from, read and checked.

use std::collections::{BTreeMap, BTreeSet};

use egress::HeaderName;
use records::DataType;

use super::own_names;
use super::reader::Reader;
use crate::catalogue::LoadProblem;
use crate::data::{Body, Data, Each, SINCE, Since, SincePlace, TIME};
use crate::manifest::{DataSection, EachSection, Manifest, ReadMethod, SinceSection, When};
use crate::paging;

/// What is wrong with the lists as they are written.
pub(super) fn check(manifest: &Manifest) -> Result<(), (String, String)> {
    let mut read = BTreeSet::new();
    for (index, section) in manifest.data.iter().enumerate() {
        let data_type = section.r#type;
        let at = |member: &str, message: String| Err((format!("data.{index}.{member}"), message));
        if section.when == When::Always {
            read.insert(data_type);
        }
        if let Some(since) = &section.since {
            let ways = [&since.query, &since.header, &since.body, &since.text];
            if ways.into_iter().flatten().count() != 1 {
                let message = format!(
                    "since of {data_type} needs exactly one of query, header, body and text"
                );
                return at("since", message);
            }
        }
        if section.method == ReadMethod::Get {
            let in_body = section.since.as_ref().is_some_and(|s| s.body.is_some());
            if section.body.is_some() || in_body {
                let message = format!("{data_type} has a body: method = \"POST\" is missing");
                return at("body", message);
            }
        }
        if section.body.as_ref().is_some_and(|body| !body.is_object()) {
            return at("body", format!("the body of {data_type} is no table"));
        }
        let each = section.each.as_ref().map(|each| each.name.as_str());
        let values = manifest.variables.keys();
        let values = values
            .chain(&manifest.auth.callback_parameters)
            .chain(&manifest.identity.variables);
        let mut known: BTreeSet<&str> = own_names().collect();
        known.extend(values.map(String::as_str));
        if each.is_some_and(|each| each.is_empty() || known.contains(each)) {
            return at(
                "each",
                format!("each of {data_type} needs a name of its own"),
            );
        }
    }
    if let Some(section) = manifest
        .data
        .iter()
        .find(|section| !read.contains(&section.r#type))
    {
        let message = format!(
            "no list of {} is read always: one without `when` is missing",
            section.r#type
        );
        return Err((format!("data.{}.when", section.r#type), message));
    }
    let mut unsupported = BTreeSet::new();
    for (index, section) in manifest.unsupported.iter().enumerate() {
        let data_type = section.r#type;
        let at =
            |member: &str, message: String| Err((format!("unsupported.{index}.{member}"), message));
        if data_type.source_type() != manifest.source_type {
            let message = format!(
                "unsupported data type {data_type} does not belong to source type {}",
                manifest.source_type
            );
            return at("type", message);
        }
        if read.contains(&data_type) || !unsupported.insert(data_type) {
            return at(
                "type",
                format!("{data_type} is unsupported, and listed elsewhere"),
            );
        }
        if section.reason.trim().is_empty() {
            return at("reason", format!("unsupported {data_type} needs a reason"));
        }
    }
    Ok(())
}

impl Reader<'_> {
    pub(super) fn data(
        &self,
        base: &str,
        sections: Vec<DataSection>,
    ) -> Result<BTreeMap<DataType, Vec<Data>>, LoadProblem> {
        let mut data: BTreeMap<DataType, Vec<Data>> = BTreeMap::new();
        for (index, section) in sections.into_iter().enumerate() {
            let data_type = section.r#type;
            // A further list of a type is told by its number.
            let place = match data.get(&data_type) {
                None => format!("data.{data_type}"),
                Some(_) => format!("data.{index}"),
            };
            let list = self.list(&place, base, section)?;
            data.entry(data_type).or_default().push(list);
        }
        Ok(data)
    }

    fn list(&self, place: &str, base: &str, section: DataSection) -> Result<Data, LoadProblem> {
        let each_name = section.each.as_ref().map(|each| each.name.clone());
        let of_place = self.with_names(each_name.as_deref());
        let texts = of_place.with_names(paging::NAMES.into_iter().chain([SINCE]));
        let query = section.query.iter().map(|(name, value)| {
            let value = texts.template(place, value)?;
            Ok((name.clone(), value))
        });
        let list = Data {
            when: section.when,
            method: section.method,
            url: of_place.url_template(place, base, &section.path)?,
            query: query.collect::<Result<_, LoadProblem>>()?,
            headers: texts.headers(place, &section.headers)?,
            body: section
                .body
                .map(|body| Body::read(body, &|text: &str| texts.template(place, text)))
                .transpose()?,
            since: section
                .since
                .map(|since| self.since(place, since))
                .transpose()?,
            each: section
                .each
                .map(|each| self.each(place, base, each))
                .transpose()?,
            paging: section.paging,
            items: section.items,
            may_be_absent: section.items_may_be_absent,
            map: self.program(&section.map, &format!("{place}.map"))?,
        };
        let by_text = |since: &Since| matches!(since.place, SincePlace::Text(_));
        let needed = [
            list.paging.needed_name(),
            list.since.as_ref().filter(|s| by_text(s)).map(|_| SINCE),
            each_name.as_deref(),
        ];
        for name in needed.into_iter().flatten() {
            if !list.uses(name) {
                let message = format!("{place}: ${{{name}}} stands in none of its texts");
                return Err(self.folder.problem_at(place, message));
            }
        }
        Ok(list)
    }

    fn since(&self, place: &str, section: SinceSection) -> Result<Since, LoadProblem> {
        let how = match section {
            SinceSection {
                query: Some(name), ..
            } => SincePlace::Query(name),
            SinceSection {
                header: Some(name), ..
            } => SincePlace::Header(HeaderName::try_from(&name).map_err(|_| {
                let message = format!("{place}: `{name}` is no header name");
                self.folder.problem_at(place, message)
            })?),
            SinceSection {
                body: Some(name), ..
            } => SincePlace::Body(name),
            SinceSection { text, .. } => {
                let text = text.unwrap_or_default();
                let reader = self.with_names([TIME]);
                SincePlace::Text(reader.template(place, &text)?)
            }
        };
        Ok(Since {
            place: how,
            format: section.format,
            otherwise: section.otherwise,
        })
    }

    fn each(&self, place: &str, base: &str, section: EachSection) -> Result<Each, LoadProblem> {
        Ok(Each {
            name: section.name,
            url: self.url_template(place, base, &section.path)?,
            items: section.items,
            value: section.value,
        })
    }
}
