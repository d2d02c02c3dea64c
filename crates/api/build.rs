//! Puts the component's built file into the program. Without it (a plain `cargo build` on a machine that has not run
//! `npm run build`) the program serves a script that says so.

use std::path::Path;
use std::{env, fs};

fn main() {
    // Asked when it runs: a target folder may have been moved since this was compiled.
    let here = env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the manifest is");
    let root = Path::new(&here).join("../../web/connections");
    let built = root.join("dist/connections.js");
    println!("cargo::rerun-if-changed={}", built.display());
    println!(
        "cargo::rerun-if-changed={}",
        root.join("package.json").display()
    );
    let script = fs::read_to_string(&built).unwrap_or_else(|_| {
        println!("cargo::warning=web/connections is not built; run `npm ci && npm run build` there, or `cargo xtask demo`");
        "throw new Error('This Moorline was built without its component: run `npm run build` in web/connections.');\n".into()
    });
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("connections.js"), script).expect("OUT_DIR can be written");
    let package = fs::read_to_string(root.join("package.json")).unwrap_or_default();
    let version = package
        .lines()
        .find_map(|line| line.trim().strip_prefix("\"version\": \""))
        .and_then(|rest| rest.split('"').next())
        .unwrap_or("0.0.0");
    println!("cargo::rustc-env=COMPONENT_VERSION={version}");
}
