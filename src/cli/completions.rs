//! `completions`: a script that completes verbs and flags in a shell.

use super::{
    Failure,
    args::{Cli, Completions},
    terminal,
};
use clap::CommandFactory;

pub fn completions(args: &Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "monazite", &mut script);
    terminal::say(&String::from_utf8_lossy(&script))
}
