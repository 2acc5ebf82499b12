//! What recorded rows mean: metrics, concentration, networks, intervals, comparison. Reads rows, never a world.

pub mod bootstrap;
pub mod calibrate;
pub mod compare;
pub mod concentration;
pub mod cost;
pub mod explain;
pub mod game;
pub mod hindcast;
pub mod interval;
pub mod metrics;
pub mod network;
pub mod outcomes;
pub mod power;
pub mod rank;
pub mod sensitivity;
