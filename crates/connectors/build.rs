//! Embeds `/integrations` into the program, without fixtures and read-me files.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"))
        .join("../../integrations")
        .canonicalize()
        .expect("the repository has a folder `integrations`");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    let mut code = String::from("&[\n");
    for file in files {
        let name = file.strip_prefix(&root).expect("it lies below");
        let name = name.to_str().expect("names are UTF-8").replace('\\', "/");
        writeln!(code, "    ({name:?}, include_bytes!({file:?})),").expect("memory");
    }
    code.push_str("]\n");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("builtin.rs");
    fs::write(out, code).expect("the build's folder can be written to");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "fixtures") {
                collect(&path, files);
            }
        } else if path.extension().is_some_and(|extension| extension != "md") {
            files.push(path);
        }
    }
}
