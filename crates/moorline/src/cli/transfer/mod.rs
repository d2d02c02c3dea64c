//! `moorline export` and `moorline import`, and the progress bar that both show.

pub mod bar;
pub mod export;
pub mod import;
