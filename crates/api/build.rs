//! Puts the components' built files into the program, each with its compressed forms. Without them (a plain `cargo build`
//! on a machine that has not run `npm run build`) the program serves scripts that say so.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The components: each is a package below `web/`, and a script of that name.
const COMPONENTS: [&str; 2] = ["connections", "link"];

fn main() {
    // Asked when it runs: a target folder may have been moved since this was compiled.
    let here = env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the manifest is");
    let web = Path::new(&here).join("../../web");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let out = Path::new(&out);

    let mut files: Vec<(String, PathBuf, &str)> = Vec::new();
    for component in COMPONENTS {
        let root = web.join(component);
        let script = format!("{component}.js");
        let script_path = format!("dist/{script}");
        for read in [&script_path, "dist/words", "dist/parts", "package.json"] {
            let path = root.join(read);
            // A folder that isn't there would have this run every time; one that comes changes the script, too.
            if read != "dist/parts" || path.exists() {
                println!("cargo::rerun-if-changed={}", path.display());
            }
        }
        for (folder, ending) in [("words", ".json"), ("parts", ".js")] {
            let entries = fs::read_dir(root.join("dist").join(folder));
            files.extend(entries.into_iter().flatten().filter_map(|entry| {
                let path = entry.expect("a folder can be listed").path();
                let name = path.file_name()?.to_str()?.to_owned();
                name.ends_with(ending)
                    .then(|| (format!("{folder}/{name}"), path, component))
            }));
        }
        let path = root.join("dist").join(&script);
        files.push((script, path, component));

        let package = fs::read_to_string(root.join("package.json")).unwrap_or_default();
        let version = package
            .lines()
            .find_map(|line| line.trim().strip_prefix("\"version\": \""))
            .and_then(|rest| rest.split('"').next())
            .unwrap_or("0.0.0");
        let name = component.to_uppercase();
        println!("cargo::rustc-env={name}_VERSION={version}");
    }
    files.sort();

    let mut code = String::from("&[\n");
    for (number, (name, path, component)) in files.iter().enumerate() {
        let plain = fs::read(path).unwrap_or_else(|_| {
            println!("cargo::warning=web/{component} is not built; run `npm ci && npm run build` there, or `cargo xtask demo`");
            format!("throw new Error('This Moorline was built without its component: run `npm run build` in web/{component}.');\n").into()
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
    fs::write(out.join("components.rs"), code).expect("OUT_DIR can be written");
}
