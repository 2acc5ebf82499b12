//! Many runs of one configuration: which, in parallel, kept one by one, joined into a result directory, read back from it.

pub mod calibrate;
pub mod design;
pub mod keep;
pub mod open;
pub mod part;
pub mod plan;
pub mod quantiles;
pub mod results;
pub mod runner;
pub mod seeds;
pub mod simulate;
pub mod study;

pub use open::{OpenFault, Opened, open};
