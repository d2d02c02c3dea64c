//! `moorline export` and `import` with their progress bar; `backup` and `restore`.

pub mod backup;
pub mod bar;
pub mod export;
pub mod import;
