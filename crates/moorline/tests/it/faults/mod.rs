//! Grants under faults: nodes that are killed, frozen or stopped, databases that are lost, clocks that are wrong.

mod answers;
mod backups;
mod batches;
mod chores;
mod clocks;
mod dead_nodes;
mod frozen;
mod keepers;
mod rotation;
mod sealed;
