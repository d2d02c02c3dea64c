//! jq programs: compiling a platform's maps, and running them over its answers.

mod compile;
mod dates;
mod decimals;
mod failure;
mod functions;
mod input;
mod places;
mod program;
mod values;

pub(crate) use compile::CompileError;
pub(crate) use failure::Failure;
pub(crate) use input::{LONGEST_PAGE, check_length, object, value};
pub(crate) use jaq_json::Val;
pub(crate) use places::{COMPARED, number, place_of_ids, scalar_at};
pub(crate) use program::Program;
pub(crate) use values::{gone, record};
