//! Many runs of one configuration: which, in parallel, kept one by one, joined into a result directory.

pub mod part;
pub mod plan;
pub mod results;
pub mod runner;
pub mod seeds;
pub mod simulate;
