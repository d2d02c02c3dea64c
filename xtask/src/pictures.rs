//! `cargo xtask screenshots`: the README's pictures, taken from a demo that runs.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Result, ensure};
use clap::Args;

use crate::machine::children::Children;
use crate::machine::{system, toolchain};
use crate::{demo, web};

#[derive(Args)]
pub(crate) struct Options {
    /// Use the program built with optimizations
    #[arg(long)]
    release: bool,
}

/// Starts a demo on free ports with fresh data and lets `web/e2e` walk through it with a camera.
pub(crate) fn run(options: &Options, children: &Children) -> Result<ExitCode> {
    let data = std::env::temp_dir().join(format!("moorline-pictures-{}", std::process::id()));
    std::fs::create_dir(&data)?;
    children.remove_at_end(&data);
    let running = demo::start(
        &demo::Options {
            json: false,
            platform_port: 0,
            sandbox_port: 0,
            lender_port: 0,
            data,
            release: options.release,
            program: None,
        },
        children,
    )?;
    let logs = toolchain::scratch("logs")?;
    let log = logs.join("screenshots.log");
    let chromium = system::chromium(children, &log)?;
    web::E2E.build(children, &log)?;

    let pictures = toolchain::root().join("docs/images");
    std::fs::create_dir_all(&pictures)?;
    let mut camera = Command::new("node");
    camera
        .arg("dist/screenshots.js")
        .arg(&pictures)
        .current_dir(web::E2E.folder())
        .env("CHROMIUM", chromium)
        .env("PLATFORM_URL", &running.platform)
        .env("SANDBOX_URL", &running.sandbox)
        .env("LENDER_URL", &running.lender)
        .env("MOORLINE_API_KEY", &running.api_key)
        .stdout(Stdio::inherit());
    let status = children.spawn(&mut camera)?.wait()?;
    ensure!(
        status.success(),
        "taking the pictures failed with {status}; the reason is above"
    );
    println!("The pictures are in {}", pictures.display());
    Ok(ExitCode::SUCCESS)
}
