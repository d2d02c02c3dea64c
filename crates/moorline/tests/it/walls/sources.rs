//! Sources and manifests, as the rules read them.

use std::fs;
use std::path::{Path, PathBuf};

/// One Rust file: where it lies below the project's root, its text, and its text without comments and tests.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) text: String,
    pub(super) code: String,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code: code_of(text),
        }
    }

    pub(super) fn is_below(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.starts_with(folder))
    }

    pub(super) fn is_test(&self) -> bool {
        self.path.contains("/tests/")
            || self.path.contains("/benches/")
            || self.path.contains("/examples/")
    }
}

pub(super) fn name_at(text: &str) -> String {
    text.chars()
        .take_while(|letter| is_name_letter(*letter))
        .collect()
}

pub(super) fn is_name_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

pub(super) fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(is_name_letter)
            && !text[at + word.len()..].starts_with(is_name_letter)
    })
}

/// True if a crate is used: `name::` at the start of a path, or `use name`.
pub(super) fn has_path_root(code: &str, name: &str) -> bool {
    let path = format!("{name}::");
    let starts_path = code.match_indices(&path).any(|(at, _)| {
        !code[..at].ends_with(is_name_letter) && !code[..at].ends_with([':', '.', '$'])
    });
    starts_path
        || code
            .match_indices("use ")
            .any(|(at, _)| name_at(&code[at + 4..]) == name)
        || code
            .match_indices("extern crate ")
            .any(|(at, _)| name_at(&code[at + 13..]) == name)
}

/// The text without comments and without the tests at its end; string literals stay.
pub(super) fn code_of(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            let end = rest.find('\n').unwrap_or(rest.len());
            rest = &rest[end..];
            continue;
        } else if rest.starts_with("/*") {
            let end = rest.find("*/").map_or(rest.len(), |end| end + 2);
            rest = &rest[end..];
            continue;
        } else if letter == '"' {
            string_length(rest)
        } else if let Some(fence) = raw_fence(rest).filter(|_| !code.ends_with(is_name_letter)) {
            rest[fence.len() + 1..]
                .find(&format!("\"{}", &fence[1..fence.len() - 1]))
                .map_or(rest.len(), |end| end + 2 * fence.len())
        } else if rest.starts_with("'\"'") {
            3
        } else {
            letter.len_utf8()
        };
        code.push_str(&rest[..length.min(rest.len())]);
        rest = &rest[length.min(rest.len())..];
    }
    code
}

/// The length of the literal at the start of the text, with both its quotes.
pub(super) fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// `r##"` for a raw string at the start of the text.
pub(super) fn raw_fence(text: &str) -> Option<&str> {
    let hashes = text.strip_prefix('r')?;
    let count = hashes.len() - hashes.trim_start_matches('#').len();
    hashes[count..].starts_with('"').then(|| &text[..count + 2])
}

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(super) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(super) fn sources() -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    let mut left = vec![root.join("crates"), root.join("xtask")];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if path
                    .file_name()
                    .is_some_and(|name| name != "target" && name != "node_modules")
                {
                    left.push(path);
                }
            } else if path.extension().is_some_and(|end| end == "rs") {
                let name = path
                    .strip_prefix(&root)
                    .unwrap()
                    .to_string_lossy()
                    .replace('\\', "/");
                found.push(Source::new(&name, &read(&path)));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Every crate of the workspace and xtask, each with its manifest's text.
pub(super) fn manifests() -> Vec<(String, String)> {
    let root = root();
    let crates = fs::read_dir(root.join("crates")).unwrap();
    let mut found: Vec<(String, String)> = crates
        .map(|entry| entry.unwrap().path())
        .chain([root.join("xtask")])
        .map(|folder| {
            let name = folder.file_name().unwrap().to_string_lossy().into_owned();
            (name, read(&folder.join("Cargo.toml")))
        })
        .collect();
    found.sort();
    found
}

/// A folder of sources, and the number of files and folders in it.
pub(super) struct Room {
    pub(super) path: String,
    pub(super) entries: usize,
}

/// Every folder that holds Rust sources of a crate, but for tests and examples.
pub(super) fn rooms() -> Vec<Room> {
    let root = root();
    let mut found = Vec::new();
    let mut left: Vec<PathBuf> = fs::read_dir(root.join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().path().join("src"))
        .collect();
    while let Some(folder) = left.pop() {
        let entries: Vec<PathBuf> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        if entries
            .iter()
            .any(|path| path.extension().is_some_and(|end| end == "rs"))
        {
            let path = folder.strip_prefix(&root).unwrap().to_string_lossy();
            found.push(Room {
                path: path.replace('\\', "/"),
                entries: entries.len(),
            });
        }
        left.extend(entries.into_iter().filter(|path| path.is_dir()));
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Every platform's key, as its manifest says.
pub(super) fn platform_keys() -> Vec<String> {
    let keys: Vec<String> = fs::read_dir(root().join("integrations"))
        .unwrap()
        .map(|entry| entry.unwrap().path().join("manifest.toml"))
        .filter(|manifest| manifest.is_file())
        .map(|manifest| {
            let manifest: toml::Table = toml::from_str(&read(&manifest)).unwrap();
            manifest["key"].as_str().unwrap().to_owned()
        })
        .collect();
    assert!(!keys.is_empty(), "no integration was found");
    keys
}
