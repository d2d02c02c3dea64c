//! The text with which a demo begins: the addresses, and a walk through the journey to paste into another terminal.

use std::path::Path;

/// The walk, word for word as README.md has it.
const WALK: &str = include_str!("walk.sh");

pub(super) fn introduction(platform: &str, sandbox: &str, data: &Path, api_key: &str) -> String {
    format!(
        r#"
Moorline is running.

  platform   {platform}
  sandbox    {sandbox}   (a platform to practise on; faults on demand at {sandbox}/control)
  data       {data}

A walk through the journey. Paste these step by step into another terminal:

{walk}
Ctrl-C stops it; the next start finds the data and the key again. The operator's commands find them with
  moorline connections list --config {data}/moorline.toml
"#,
        data = data.display(),
        walk = filled(platform, api_key),
    )
}

/// The walk with this demo's address and API key.
fn filled(platform: &str, api_key: &str) -> String {
    let line = |line: &str| match line.split_once('=') {
        Some(("export PLATFORM", _)) => format!("export PLATFORM={platform}\n"),
        Some(("export KEY", _)) => format!("export KEY={api_key}\n"),
        _ => format!("{line}\n"),
    };
    WALK.lines().map(line).collect()
}
