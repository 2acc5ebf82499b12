//! Configurations as users meet them: the shipped files load, and bad ones are explained.

use monazite::config::{self, Loaded};
use std::path::Path;

#[test]
fn the_baseline_loads() {
    match config::load(Path::new("configs/baseline.ron"), &[]) {
        Ok(loaded) => println!("{}", config::summary(&loaded)),
        Err(report) => panic!("{report}"),
    }
    let _ = Loaded::Scenario;
}
