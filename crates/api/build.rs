//! Puts the component's built files into the program, each with its compressed forms. Without them (a plain `cargo build`
//! on a machine that has not run `npm run build`) the program serves a script that says so.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

const MISSING: &str = "throw new Error('This Moorline was built without its component: run `npm run build` in web/connections.');\n";

fn main() {
    // Asked when it runs: a target folder may have been moved since this was compiled.
    let here = env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the manifest is");
    let root = Path::new(&here).join("../../web/connections");
    let dist = root.join("dist");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let out = Path::new(&out);
    for read in ["dist/connections.js", "dist/words", "package.json"] {
        println!("cargo::rerun-if-changed={}", root.join(read).display());
    }

    let mut files = vec![("connections.js".to_owned(), dist.join("connections.js"))];
    let words = fs::read_dir(dist.join("words"));
    files.extend(words.into_iter().flatten().filter_map(|entry| {
        let path = entry.expect("a folder can be listed").path();
        let name = path.file_name()?.to_str()?.to_owned();
        name.ends_with(".json")
            .then(|| (format!("words/{name}"), path))
    }));
    files.sort();

    let mut code = String::from("&[\n");
    for (number, (name, path)) in files.iter().enumerate() {
        let plain = fs::read(path).unwrap_or_else(|_| {
            println!("cargo::warning=web/connections is not built; run `npm ci && npm run build` there, or `cargo xtask demo`");
            MISSING.into()
        });
        let include = |ending: &str, bytes: &[u8]| {
            let file = format!("component-{number}{ending}");
            fs::write(out.join(&file), bytes).expect("OUT_DIR can be written");
            format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{file}\"))")
        };
        let plain = include("", &plain);
        let compressed = |ending: &str| {
            let bytes = fs::read(format!("{}{ending}", path.display()));
            bytes.map_or_else(
                |_| "None".to_owned(),
                |bytes| format!("Some({})", include(ending, &bytes)),
            )
        };
        let (brotli, gzip) = (compressed(".br"), compressed(".gz"));
        writeln!(
            code,
            "Built {{ name: {name:?}, plain: {plain}, brotli: {brotli}, gzip: {gzip} }},"
        )
        .expect("memory");
    }
    code.push(']');
    fs::write(out.join("component.rs"), code).expect("OUT_DIR can be written");

    let package = fs::read_to_string(root.join("package.json")).unwrap_or_default();
    let version = package
        .lines()
        .find_map(|line| line.trim().strip_prefix("\"version\": \""))
        .and_then(|rest| rest.split('"').next())
        .unwrap_or("0.0.0");
    println!("cargo::rustc-env=COMPONENT_VERSION={version}");
}
