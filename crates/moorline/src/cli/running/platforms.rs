//! `moorline doctor` on platforms: their folders, and whether a client can use them.

use std::path::{Path, PathBuf};

use connectors::{BUILTIN, Catalogue};

use super::findings::Findings;
use crate::cli::command;
use platform::app::App;
use platform::app::config::Config;
use platform::data::files::sources::source;

/// Checks the folders of integrations, and what they hold.
pub(super) fn folders(config: &Config, findings: &mut Findings) {
    for dir in &config.integrations.dirs {
        let named = dir.display();
        if !dir.is_dir() {
            findings.wrong(
                &format!("integrations.dirs: {named} is not a folder"),
                "name a folder that holds folders of integrations, each with its manifest.toml",
            );
        } else if !holds_manifest(dir) && !folders_of(dir).iter().any(|own| holds_manifest(own)) {
            findings.wrong(
                &format!("integrations.dirs: {named} is not a folder of integrations: no folder in it has a manifest.toml"),
                "name the folder above your integrations' own; `moorline pack new` makes a first one",
            );
        } else if !holds_manifest(dir) {
            for other in folders_of(dir).iter().filter(|own| !holds_manifest(own)) {
                findings.note(&format!(
                    "integrations.dirs: {} has no manifest.toml, and is passed over",
                    other.display()
                ));
            }
        }
    }
    let (catalogue, problems) = Catalogue::load(
        BUILTIN,
        &config.integrations.dirs,
        &config.integrations.variables,
    );
    findings.good(&format!(
        "{} integrations can be used",
        catalogue.iter().count()
    ));
    // A folder that isn't one was reported above, with the remedy for it.
    let dirs = &config.integrations.dirs;
    for problem in problems
        .iter()
        .filter(|problem| !dirs.contains(&problem.file))
    {
        findings.wrong(
            &format!("an integration is refused: {problem}"),
            "correct that file; `moorline pack check DIR` lists all that is wrong with a folder",
        );
    }
}

fn holds_manifest(folder: &Path) -> bool {
    folder.join("manifest.toml").is_file()
}

fn folders_of(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// Reports the client's enabled integrations that have no OAuth client.
pub(super) async fn unconfigured(
    app: &App,
    client: &store::clients::Client,
    findings: &mut Findings,
) {
    let Ok(settings) = store::integrations::list(&app.db, client.id).await else {
        return;
    };
    // Of some platforms a sign-in isn't the only way, and some call; files are uploaded without one.
    let needs_none = |key: &str| {
        let known = app.catalogue.get(key);
        let is_reached = known.is_some_and(|it| !it.ways().is_empty() || it.machine().is_some());
        is_reached || source(key).is_some()
    };
    if !settings.iter().any(|setting| setting.enabled) {
        findings.note(&format!(
            "no platform is enabled for {}: `{}` shows those there are",
            client.name,
            command("integrations list")
        ));
    }
    for setting in settings.iter().filter(|setting| {
        setting.enabled && setting.oauth_client_id.is_none() && !needs_none(&setting.key)
    }) {
        findings.wrong(
            &format!(
                "{} is enabled for {} but has no OAuth client",
                setting.key, client.name
            ),
            &format!(
                "{} < secret",
                command(&format!(
                    "integrations configure {} --client-id ID",
                    setting.key
                ))
            ),
        );
    }
}
