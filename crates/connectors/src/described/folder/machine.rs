//! `[machine]`, read and checked.

use std::sync::Arc;

use super::reader::Reader;
use crate::described::manifest::{MachineSection, Manifest, NOWHERE};
use crate::described::problem::LoadProblem;
use crate::machine::Machine;
use crate::machine::xml::Element;

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
