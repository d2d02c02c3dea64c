//! The npm packages under `web/`: installed and built if their sources changed.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::machine::children::Children;
use crate::machine::toolchain;

/// The vendors' public specifications that Prism serves: the variable with the path of one, and its name beside the clone
/// (`web/e2e/src/emulators/prism.ts`).
const SPECIFICATIONS: [(&str, &str); 2] = [
    ("XERO_OPENAPI", "xero_accounting.yaml"),
    ("SQUARE_OPENAPI", "square_api.json"),
];

/// True if there is a specification for Prism to serve.
pub(crate) fn has_specification() -> bool {
    SPECIFICATIONS.iter().any(|(variable, file)| {
        std::env::var_os(variable)
            .map_or_else(
                || toolchain::root().join("../shared/specs").join(file),
                PathBuf::from,
            )
            .exists()
    })
}

#[derive(Clone, Copy)]
pub(crate) struct Package {
    /// Its folder under `web/`.
    pub(crate) name: &'static str,
    /// The output of `npm run build`; missing output is built again.
    output: &'static str,
    /// Another package whose sources it bundles.
    bundles: Option<&'static str>,
}

pub(crate) const CONNECTIONS: Package = Package {
    name: "connections",
    output: "dist/connections.js",
    bundles: None,
};
pub(crate) const LINK: Package = Package {
    name: "link",
    output: "dist/link.js",
    bundles: Some("connections"),
};
pub(crate) const DEMO: Package = Package {
    name: "demo",
    output: "dist/server.js",
    bundles: None,
};
pub(crate) const E2E: Package = Package {
    name: "e2e",
    output: "dist",
    bundles: None,
};
/// Only installed; on its own, because it is large and no other package needs it.
pub(crate) const PRISM: Package = Package {
    name: "e2e/prism",
    output: "node_modules",
    bundles: None,
};
/// Built and checked.
pub(crate) const ALL: [Package; 4] = [CONNECTIONS, LINK, DEMO, E2E];
/// Their files are carried by the program, and come before the first build of it.
pub(crate) const COMPONENTS: [Package; 2] = [CONNECTIONS, LINK];

impl Package {
    pub(crate) fn folder(self) -> PathBuf {
        toolchain::root().join("web").join(self.name)
    }

    /// A command of npm's, in the package's folder.
    pub(crate) fn npm(self, arguments: &[&str]) -> Command {
        let mut command = Command::new("npm");
        command
            .args(arguments)
            .current_dir(self.folder())
            .env("npm_config_fund", "false")
            .env("npm_config_audit", "false")
            .env("npm_config_update_notifier", "false");
        command
    }

    /// Brings `node_modules` up to the lock file, unless they are already.
    pub(crate) fn install(self, children: &Children, log: &Path) -> Result<bool> {
        let folder = self.folder();
        let wanted = hash(
            &[
                folder.join("package.json"),
                folder.join("package-lock.json"),
            ],
            &folder,
        )?;
        let stamp = self.stamp("modules")?;
        if folder.join("node_modules").is_dir() && is_stamped(&stamp, &wanted) {
            return Ok(false);
        }
        self.run(children, &["ci", "--no-progress"], log)?;
        fs::write(stamp, wanted)?;
        Ok(true)
    }

    /// Installs and builds, unless neither sources nor dependencies changed since the last time.
    pub(crate) fn build(self, children: &Children, log: &Path) -> Result<bool> {
        let installed = self.install(children, log)?;
        let folder = self.folder();
        let web = toolchain::root().join("web");
        let mut files = sources(&folder)?;
        if let Some(other) = self.bundles {
            files.extend(sources(&web.join(other))?);
        }
        let wanted = hash(&files, &web)?;
        let stamp = self.stamp("built")?;
        if !installed && folder.join(self.output).exists() && is_stamped(&stamp, &wanted) {
            return Ok(false);
        }
        self.run(children, &["run", "build"], log)?;
        if !folder.join(self.output).exists() {
            bail!(
                "`npm run build` in web/{} succeeded, yet did not write {}",
                self.name,
                self.output
            );
        }
        fs::write(stamp, wanted)?;
        Ok(true)
    }

    fn run(self, children: &Children, arguments: &[&str], log: &Path) -> Result<()> {
        if children.run_logged(&mut self.npm(arguments), log)? {
            return Ok(());
        }
        bail!(
            "`npm {}` failed in web/{}:\n{}",
            arguments.join(" "),
            self.name,
            toolchain::tail(log, 60)
        )
    }

    fn stamp(self, step: &str) -> Result<PathBuf> {
        Ok(toolchain::scratch("stamps")?.join(format!("{}-{step}", self.name.replace('/', "-"))))
    }
}

fn is_stamped(stamp: &Path, wanted: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|found| found == wanted)
}

/// Every file of a package that its build may read, in a fixed order.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(here) = left.pop() {
        let entries =
            fs::read_dir(&here).with_context(|| format!("cannot read {}", here.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_output = matches!(&*name, "node_modules" | "dist" | "out" | "coverage");
            if is_output || name.starts_with('.') {
                continue;
            }
            if entry.file_type()?.is_dir() {
                left.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// One hash over names and contents.
fn hash(files: &[PathBuf], folder: &Path) -> Result<String> {
    let mut hasher = Sha256::new();
    for file in files {
        let content = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.strip_prefix(folder).unwrap_or(file).to_string_lossy();
        hasher.update((name.len() as u64).to_be_bytes());
        hasher.update(name.as_bytes());
        hasher.update((content.len() as u64).to_be_bytes());
        hasher.update(&content);
    }
    let mut text = String::new();
    for byte in hasher.finalize() {
        write!(text, "{byte:02x}")?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_of(folder: &Path) -> String {
        hash(&sources(folder).unwrap(), folder).unwrap()
    }

    #[test]
    fn a_changed_a_moved_and_a_new_source_each_change_the_hash_but_outputs_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("src")).unwrap();
        fs::write(at("src/a.ts"), "1").unwrap();
        let first = hash_of(folder.path());

        fs::create_dir(at("dist")).unwrap();
        fs::write(at("dist/a.js"), "1").unwrap();
        assert_eq!(hash_of(folder.path()), first);

        fs::write(at("src/a.ts"), "2").unwrap();
        let changed = hash_of(folder.path());
        assert_ne!(changed, first);

        fs::rename(at("src/a.ts"), at("src/b.ts")).unwrap();
        let moved = hash_of(folder.path());
        assert_ne!(moved, changed);

        fs::write(at("src/c.ts"), "").unwrap();
        assert_ne!(hash_of(folder.path()), moved);
    }
}
