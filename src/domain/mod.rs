//! The vocabulary of the model: time, ids, units, instruments. No systems, no input or output; imports nothing of ours.

pub mod actors;
pub mod cleared;
pub mod exchange;
pub mod fields;
pub mod graph;
pub mod ids;
pub mod industry;
pub mod layout;
pub mod market;
pub mod maths;
pub mod policy;
pub mod rule;
pub mod start;
pub mod time;
pub mod units;
