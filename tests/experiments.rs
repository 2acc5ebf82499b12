//! Experiments: what their files may say, which runs they make, and what becomes of runs that are killed, damaged or split.

mod command;
#[path = "experiments/damage.rs"]
mod damage;
#[path = "experiments/draws.rs"]
mod draws;
#[path = "experiments/files.rs"]
mod files;
#[path = "experiments/kill.rs"]
mod kill;
#[path = "experiments/shards.rs"]
mod shards;
