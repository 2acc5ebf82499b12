//! The `monazite` program: parses the command line, does what it says, returns the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    monazite::cli::main()
}
