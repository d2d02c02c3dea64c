//! The program itself: begun, checked, brought to the newest schema, run.

pub mod doctor;
mod findings;
pub mod init;
pub mod migrate;
mod platforms;
mod scanner;
pub mod serve;
