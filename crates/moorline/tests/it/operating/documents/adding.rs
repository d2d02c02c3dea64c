//! The commands that take a new platform from its folder into use.

use std::path::Path;
use std::process::{Command, Stdio};

use super::{ADDING, AS_PRINTED, blocks};
use crate::harness::command_line::assert_prints;
use crate::harness::ports;

/// What the page tells its reader to have before each block: a repository, a folder of platforms that the settings name,
/// the OAuth client's secret, and the API key as an `Authorization` header.
const BEFORE_CHECKING: &str =
    "git init -q . && git config user.email a@b.example && git config user.name a";
const BEFORE_USING: &str = r#"
cp -R integrations platforms
printf '[integrations]\ndirs = ["%s/platforms"]\n' "$PWD" > moorline.toml
printf 'a secret' > secret
"#;
const BEFORE_ASKING: &str = r#"
KEY=$(grep -Eo 'API key [^ ]+' printed | cut -d ' ' -f 3)
AUTH="Authorization: Basic $(printf %s "$KEY" | base64 | tr -d '\n')"
curl() { command curl -f "$@"; }
"#;
/// Nothing was pulled, and so no answer is kept: that is what the last block has to say.
const BEFORE_MENDING: &str = r#"
moorline() {
  if [ "$1 $2" != "pack remap" ]; then command moorline "$@"; return; fi
  if command moorline "$@" 2> said; then return 1; fi
  grep -q "no answer of FreeAgent is kept" said
}
"#;

#[test]
fn a_new_platform_is_checked_used_and_mended_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    let known = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integrations");
    let copied = Command::new("cp")
        .arg("-R")
        .arg(known)
        .arg(folder.path())
        .status()
        .unwrap();
    assert!(copied.success());
    let port = ports::free();
    let blocks = blocks(ADDING);
    // The third asks a platform, which the stories of `pack try` have.
    let [_, checking, _, using, asking, mending] = blocks[..] else {
        panic!("another number of blocks: {blocks:?}");
    };
    let asking = asking.replace("http://localhost:7400", "$ADDRESS");
    let script = format!(
        "{AS_PRINTED}{BEFORE_CHECKING}\n{checking}\n{BEFORE_USING}\n{{\n{using}\n}} > printed\n{BEFORE_ASKING}\n{asking}\n{BEFORE_MENDING}\n{mending}"
    );
    let program = Path::new(env!("CARGO_BIN_EXE_moorline"));
    let path = std::env::var("PATH").unwrap();
    let ran = Command::new("sh")
        .args(["-e", "-c", &script])
        .current_dir(folder.path())
        .env(
            "PATH",
            format!("{}:{path}", program.parent().unwrap().display()),
        )
        .env("ADDRESS", format!("http://127.0.0.1:{port}"))
        .env("no_proxy", "127.0.0.1")
        .env("MOORLINE_LISTEN", format!("127.0.0.1:{port}"))
        .env_remove("MOORLINE_CONFIG")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{script}\n{ran:?}");
    assert_prints(&ran, "\"key\":\"fbrh\"");
    let printed = std::fs::read_to_string(folder.path().join("printed")).unwrap();
    let redirect = "/oauth/fbrh/callback";
    assert!(
        printed.contains("API key ") && printed.contains(redirect),
        "{printed}"
    );
}
