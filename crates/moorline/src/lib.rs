//! The program: its command line.

pub mod cli;
