//! Experiments: what their files may say, which runs they make, and what becomes of runs that are killed, damaged or split.

#[path = "experiments/files.rs"]
mod files;
