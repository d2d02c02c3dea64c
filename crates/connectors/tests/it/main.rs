//! Platforms as folders describe them: loaded, asked and mapped.

mod addresses_and_queries;
mod emulator;
mod folders;
mod larger_platforms;
mod maps;
mod platform;
mod reading;
mod real;
mod rows_by_number;
mod stand;
mod sums;
mod typed_access;
