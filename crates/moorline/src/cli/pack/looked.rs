//! The outcome of `pack check`, and of a run of `pack try`, as JSON.

use std::path::{Path, PathBuf};

use connectors::{Coverage, Trial};
use serde_json::{Value, json};

/// Everything that was found in one folder.
pub(super) struct Looked {
    folder: PathBuf,
    pub(super) platform: Option<String>,
    pub(super) key: Option<String>,
    pub(super) is_beta: bool,
    pub(super) wrong: usize,
    pub(super) problems: Vec<Value>,
    pub(super) fixtures: Vec<Value>,
    /// Files that have to be there.
    pub(super) missing: Vec<String>,
    pub(super) notes: Vec<String>,
    pub(super) coverage: Vec<Coverage>,
}

impl Looked {
    pub(super) fn at(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            platform: None,
            key: None,
            is_beta: false,
            wrong: 0,
            problems: Vec::new(),
            fixtures: Vec::new(),
            missing: Vec::new(),
            notes: Vec::new(),
            coverage: Vec::new(),
        }
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "folder": self.folder,
            "platform": self.platform,
            "key": self.key,
            "beta": self.is_beta,
            "wrong": self.wrong,
            "problems": self.problems,
            "fixtures": self.fixtures,
            "missing": self.missing,
            "notes": self.notes,
            "coverage": self.coverage.iter().map(of_coverage).collect::<Vec<_>>(),
        })
    }
}

/// A fixture's run.
pub(super) fn of_trial(file: &str, trial: &Trial, is_rewritten: bool) -> Value {
    let differences = trial.differences.iter().map(|difference| {
        json!({
            "path": difference.path,
            "expected": difference.expected,
            "came": difference.came,
        })
    });
    json!({
        "file": file,
        "holds": trial.holds(),
        "rewritten": is_rewritten,
        "records": trial.records.len(),
        "refusal": trial.refusal,
        "differences": differences.collect::<Vec<_>>(),
        "warnings": trial.warnings,
    })
}

/// A data type's members that are filled, and those that never are.
pub(super) fn of_coverage(coverage: &Coverage) -> Value {
    json!({
        "dataType": coverage.data_type.as_str(),
        "filled": coverage.filled(),
        "members": coverage.members(),
        "never": coverage.never_filled(),
    })
}
