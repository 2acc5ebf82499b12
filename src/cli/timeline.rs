//! `timeline`: the acts of a quarter, printed from the schedule of a world that was really built.

use super::{Failure, args::Timeline, input::Input, terminal};
use crate::experiment::simulate::timeline as acts;

pub fn timeline(args: &Timeline) -> Result<(), Failure> {
    let input = Input::load(&args.file, &args.changes.sets)?;
    let text = acts(&input.arms[0].1).map_err(Failure::Usage)?;
    terminal::say(&text)
}
