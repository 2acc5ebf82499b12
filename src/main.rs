//! The `monazite` program.
fn main() {}
