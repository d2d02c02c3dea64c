//! Stories: tests that act from outside, through HTTP, on both databases.

mod companies;
mod connecting;
mod credentials;
mod delivery;
mod faults;
mod harness;
mod limits;
mod machines;
mod operating;
mod pulling;
mod pushing;
mod reading;
mod record;
mod surface;
mod walls;
