//! What recorded rows mean: metrics, concentration, networks, intervals, comparison. Reads rows, never a world.

pub mod compare;
pub mod concentration;
pub mod explain;
pub mod interval;
pub mod metrics;
pub mod network;
