//! Grants under faults: nodes that are killed, frozen or stopped, databases that are lost, clocks that are wrong.

mod answers;
mod batches;
mod chores;
mod dead_nodes;
