//! `[machine]`, read and checked.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::reader::Reader;
use crate::described::list::{Body, List, SinceIn};
use crate::described::manifest::{FaultMeaning, MachineSection, Manifest, NOWHERE, Paging};
use crate::described::names::SINCE;
use crate::described::problem::LoadProblem;
use crate::described::template::{Address, Template};
use crate::machine::Machine;
use crate::machine::xml::{Element, XmlError};

/// The longest file of a folder's that is read as XML, in bytes.
const LONGEST: usize = 256 * 1024;

/// The first contradiction between `[machine]` and what a platform without one needs.
pub(super) fn check(manifest: &Manifest) -> Result<(), (String, String)> {
    let at = |member: &str, message: &str| Err((member.to_owned(), message.to_owned()));
    let Some(machine) = &manifest.machine else {
        let lies_nowhere = |url: &String| url.starts_with(NOWHERE);
        if manifest
            .auth
            .authorize_url
            .as_ref()
            .is_some_and(lies_nowhere)
        {
            return at("", "missing field `auth`");
        }
        if manifest.api.base_url == NOWHERE {
            return at("api", "missing field `base_url`");
        }
        if manifest.identity.path.starts_with(NOWHERE) {
            return at("identity", "missing field `path`");
        }
        let lacks = manifest
            .data
            .iter()
            .position(|data| data.path.starts_with(NOWHERE));
        return match lacks {
            Some(index) => at(&format!("data.{index}"), "missing field `path`"),
            None => Ok(()),
        };
    };
    if machine.envelope.matches("${request}").count() != 1 {
        return at(
            "machine.envelope",
            "machine.envelope: ${request} must stand in it once, where a request stands",
        );
    }
    let sample = machine.envelope.trim().replace("${request}", "<r/>");
    if let Err(error) = Element::read(&sample, LONGEST, 10_000) {
        return at("machine.envelope", &format!("machine.envelope: {error}"));
    }
    let nobody = format!("{NOWHERE}/");
    if manifest.auth.authorize_url.as_ref() != Some(&nobody) {
        return at(
            "auth",
            "no customer signs in at a machine that calls: leave [auth] out. The way to end access is machine.manage_access",
        );
    }
    if manifest.api.base_url != NOWHERE {
        return at(
            "api.base_url",
            "api.base_url: a machine that calls is never reached: leave it out",
        );
    }
    if let Err(error) = Address::whole(&machine.program_url) {
        return at(
            "machine.program_url",
            &format!("machine.program_url: {error}"),
        );
    }
    check_faults(machine)?;
    if machine.good.is_empty() {
        return at(
            "machine.good",
            "machine.good: give the codes of answers that aren't refusals",
        );
    }
    if !manifest.write.is_empty() {
        return at(
            "write",
            "a machine that calls is only read from: leave [[write]] out",
        );
    }
    let asks = |body: &Option<serde_json::Value>| {
        let text = body.as_ref().and_then(|body| body.get("xml")?.as_str());
        text.is_some_and(|text| !text.trim().is_empty())
    };
    if !asks(&manifest.identity.body) {
        return at(
            "identity",
            "identity.body: give the request to the machine, as `xml`",
        );
    }
    for (index, data) in manifest.data.iter().enumerate() {
        if !asks(&data.body) {
            let message = format!(
                "{} needs a body with its request to the machine, as `xml`",
                data.r#type
            );
            return Err((format!("data.{index}"), message));
        }
    }
    Ok(())
}

/// The first code that two faults claim. Codes of answers are other ones than those of the program.
fn check_faults(machine: &MachineSection) -> Result<(), (String, String)> {
    let mut seen = BTreeSet::new();
    for (index, fault) in machine.faults.iter().enumerate() {
        for (place, code) in fault.codes.iter().enumerate() {
            let of_answers = fault.means == FaultMeaning::Lost;
            if !seen.insert((of_answers, code.trim().to_ascii_lowercase())) {
                let member = format!("machine.faults.{index}.codes.{place}");
                let message =
                    format!("machine.faults: the code `{code}` has a meaning already: keep one");
                return Err((member, message));
            }
        }
    }
    Ok(())
}

/// The first of a list's requests that is not XML, by its place: the request as it begins, as it goes on, and of changes.
pub(super) fn check_list(
    reader: &Reader<'_>,
    member: &str,
    list: &List,
) -> Result<(), LoadProblem> {
    check_body(reader, &format!("{member}.body"), list.body.as_ref())?;
    for (index, plainer) in list.plainer.iter().enumerate() {
        let member = format!("{member}.plainer.{index}.body");
        check_body(reader, &member, plainer.body.as_ref())?;
    }
    let Some(xml) = list.body.as_ref().and_then(Body::xml) else {
        return Ok(());
    };
    if let Some(since) = &list.since {
        if let SinceIn::Text(text) = &since.sent_in {
            let text = text.sample(&|_| "2026-01-01T00:00:00".to_owned());
            well_formed(reader, &format!("{member}.since.text"), xml, "", &text)?;
        }
        let place = format!("{member}.since.otherwise");
        well_formed(reader, &place, xml, "", &since.otherwise)?;
    }
    if let Paging::Iterator { first, then, .. } = &list.paging {
        well_formed(reader, &format!("{member}.paging.first"), xml, first, "")?;
        let then = then.replace("${id}", "1");
        well_formed(reader, &format!("{member}.paging.then"), xml, &then, "")?;
    }
    Ok(())
}

/// Refuses a machine's request that is not XML. `member` is the place of the body.
pub(super) fn check_body(
    reader: &Reader<'_>,
    member: &str,
    body: Option<&Body>,
) -> Result<(), LoadProblem> {
    match body.and_then(Body::xml) {
        Some(xml) if reader.calls => well_formed(reader, &format!("{member}.xml"), xml, "", ""),
        _ => Ok(()),
    }
}

fn well_formed(
    reader: &Reader<'_>,
    member: &str,
    xml: &Template,
    cursor: &str,
    since: &str,
) -> Result<(), LoadProblem> {
    const BEFORE: &str = "<r>";
    let text = xml.sample(&|name| match name {
        "cursor" => cursor.to_owned(),
        SINCE => since.to_owned(),
        _ => "1".to_owned(),
    });
    let why = match Element::read(&format!("{BEFORE}{text}</r>"), LONGEST, 10_000) {
        Ok(request) if request.children.is_empty() => "there is no element in it".to_owned(),
        Ok(_) => return Ok(()),
        Err(XmlError::Malformed(at)) => {
            let at = at.saturating_sub(BEFORE.len() as u64);
            format!("the request is not well-formed XML, at byte {at}")
        }
        Err(error) => error.to_string(),
    };
    Err(reader.folder.problem_at(member, format!("{member}: {why}")))
}

pub(super) fn machine(
    reader: &Reader<'_>,
    section: Option<MachineSection>,
) -> Result<Option<Arc<Machine>>, LoadProblem> {
    let Some(section) = section else {
        return Ok(None);
    };
    let setup = reader
        .folder
        .text(&section.setup, "machine.setup")?
        .to_owned();
    let service = reader
        .folder
        .text(&section.service, "machine.service")?
        .to_owned();
    let broken = |name: &str, why: String| LoadProblem::of(reader.folder.path_of(name), why);
    if let Err(error) = Element::read(&setup, LONGEST, 10_000) {
        return Err(broken(&section.setup, error.to_string()));
    }
    let description = Element::read(&service, LONGEST, 10_000);
    let description = description.map_err(|error| broken(&section.service, error.to_string()))?;
    let Some(namespace) = description.attribute("targetNamespace") else {
        return Err(broken(
            &section.service,
            "it has no targetNamespace".to_owned(),
        ));
    };
    Ok(Some(Arc::new(Machine {
        lists: section.lists.iter().cloned().collect(),
        namespace: namespace.to_owned(),
        setup,
        service,
        section,
    })))
}
