//! `--replay`: a recording as the backend.

use std::path::Path;

use super::ChosenBackend;
use crate::cli::failure::Failure;
use crate::contract::ActionPolicy;
use crate::recording::foreign::{self, Missing};
use crate::recording::{Recorded, RecordedError};
use crate::run::Backend;

/// Reads the recording of a run of `action`. `id` is the id of the connection in a file of another
/// program.
pub fn read(
    path: &Path,
    action: &str,
    policy: &ActionPolicy,
    id: Option<String>,
) -> Result<ChosenBackend, Failure> {
    let recorded = match Recorded::read(path) {
        // The file can be of another program.
        Err(RecordedError::NoRun { .. }) if !policy.calls.is_empty() => {
            let missing = Missing { connection: id, ..Missing::default() };
            foreign::read(path, action, policy, &missing)
                .map_err(|error| Failure::setup(&error, error.fix()))?
                .recorded
        }
        read => read.map_err(anyhow::Error::from)?,
    };
    let recorded_action = &recorded.run.action;
    if recorded_action != action {
        return Err(Failure::usage(
            format!("{} is a recording of {recorded_action}, not of {action}", path.display()),
            format!("Run {recorded_action}, or give a recording of {action}."),
        ));
    }
    let granted = recorded.granted(policy).map_err(anyhow::Error::from)?;
    let backend = Backend::Recorded(recorded.entries);
    Ok(ChosenBackend { granted, ..ChosenBackend::new(backend, "in the recording") })
}
