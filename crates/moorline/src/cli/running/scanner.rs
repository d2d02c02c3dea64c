//! `doctor`'s look at the virus scanner.

use super::findings::Findings;
use platform::app::config::Config;
use platform::data::files::scan;

pub(super) async fn scanner(config: &Config, findings: &mut Findings) {
    if !config.files.are_scanned() {
        findings.note(
            "files that businesses upload are not scanned for viruses; [files] names a scanner",
        );
        return;
    }
    match scan::is_there(&config.files).await {
        Ok(()) => findings.good("the virus scanner answers"),
        Err(error) => findings.wrong(
            &format!(
                "the virus scanner gives no verdict: {error}; files are refused until it does"
            ),
            "start it, or correct files.clamd or files.scan_command in the settings",
        ),
    }
}
