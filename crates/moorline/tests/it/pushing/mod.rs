//! Writes to platforms.

mod lost_leases;
mod writes;
