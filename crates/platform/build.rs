//! Names the program's part of what becomes of a platform's record: a digest of the sources that read, map and check it. Records that
//! were stored by another version of any of them are mapped again by the next pull that meets them.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// From this crate's folder. `Cargo.lock` pins the engine of the maps.
const READ: [&str; 4] = [
    "../../Cargo.lock",
    "../connectors/src",
    "../records/src",
    "src/data/pulling/validation",
];

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let mut files = BTreeMap::new();
    for name in READ {
        println!("cargo::rerun-if-changed={name}");
        collect(&here.join(name), name.to_owned(), &mut files)?;
    }
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    println!("cargo::rustc-env=MOORLINE_READING={:016x}", hasher.finish());
    Ok(())
}

fn collect(path: &Path, name: String, files: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    if !path.is_dir() {
        files.insert(name, fs::read(path)?);
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        collect(&entry.path(), name, files)?;
    }
    Ok(())
}
