//! Transfer: an archive from which another machine is restored exactly, and plain lines that other services write.

pub mod archive;
pub mod backup;
pub mod export;
pub mod import;
mod lines;
pub mod portable;
pub mod putting_back;
pub mod restore;

/// Shows how far a long run has come.
pub trait Progress {
    /// `total` of `what`, as far as it is known.
    fn begin(&self, what: &str, total: u64);
    fn step(&self, by: u64);
    fn end(&self);
}

/// Shows nothing.
impl Progress for () {
    fn begin(&self, _: &str, _: u64) {}
    fn step(&self, _: u64) {}
    fn end(&self) {}
}

/// Something wrong on a line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// From 1.
    pub line: u64,
    pub message: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// The most faults that a file is read on for.
const MOST_PROBLEMS: usize = 1000;
