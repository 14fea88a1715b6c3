//! Parse, load, open, run.

use std::process::ExitCode;

fn main() -> ExitCode {
    deskside::cli::main()
}
