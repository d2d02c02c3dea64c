//! `cargo xtask build`: the program for real use, with everything inside.

use std::process::ExitCode;

use anyhow::Result;

use crate::machine::children::Children;
use crate::machine::toolchain;
use crate::web;

/// Builds the components, then the program around them, and says where it is.
pub(crate) fn run(children: &Children) -> Result<ExitCode> {
    toolchain::check_node()?;
    let log = toolchain::scratch("logs")?.join("build.log");
    for component in web::COMPONENTS {
        eprintln!("Building web/{} …", component.name);
        component.build(children, &log)?;
    }
    if !toolchain::has_make() {
        eprintln!(
            "`make` is missing: the program gets the system's allocator, and syncs a quarter slower than with jemalloc."
        );
    }
    eprintln!("Building the program with optimizations (minutes) …");
    let program = toolchain::build_moorline(children, true, &log)?;
    println!("{}", program.display());
    Ok(ExitCode::SUCCESS)
}
