//! Ctrl-C: the first asks to stop at the next safe place, the second stops at once.

use super::Failure;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A flag that Ctrl-C sets.
pub fn flag() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let handler = Arc::clone(&stop);
    let interrupt = move || {
        if handler.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    };
    ctrlc::set_handler(interrupt)
        .map_err(|error| Failure::Io(format!("cannot listen to Ctrl-C: {error}")))?;
    Ok(stop)
}
