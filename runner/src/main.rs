//! The binary `o365`; all of it is in [`runner::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    runner::cli::main()
}
