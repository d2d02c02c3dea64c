//! Writes to platforms.

mod writes;
