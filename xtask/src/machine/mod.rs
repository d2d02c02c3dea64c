//! The machine that a command runs on: its processes, ports and installed programs.

pub(crate) mod children;
pub(crate) mod http;
pub(crate) mod ports;
pub(crate) mod system;
pub(crate) mod toolchain;
