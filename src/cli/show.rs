//! `show`: the resolved configuration, or a part of it, with the file that each value comes from.

use super::{Failure, args::Show, input, terminal};
use crate::config;

pub fn show(args: &Show) -> Result<(), Failure> {
    let text = config::show(&args.file, &args.changes.sets, args.path.as_deref());
    terminal::say(&text.map_err(|report| input::refusal(&args.file, &report))?)
}
