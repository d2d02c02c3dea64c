//! The program itself: begun, checked, brought to the newest schema, run.

pub mod doctor;
pub mod init;
pub mod migrate;
pub mod serve;
