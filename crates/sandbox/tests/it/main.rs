//! The sandbox from outside: over HTTP, as the application and the person who meet it.

mod authorization;
mod control;
mod faults;
mod harness;
mod openid;
mod pages;
mod persistence;
mod tokens;
mod writing;
