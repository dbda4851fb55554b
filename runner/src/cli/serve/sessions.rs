//! The state directory, and the directories of the sessions of `o365 mcp` in it.

use std::path::{Path, PathBuf};

use anyhow::Context;
use disk::lock::Lock;
use disk::private;
use disk::user_dir::UserDir;

use super::state::RUNS;
use crate::cli::failure::Failure;
use crate::journal::unfinished_in;
use crate::report::{Kind, Report};

/// The sessions of `o365 mcp` at a time.
const MAX_SESSIONS: u32 = 64;

/// Returns the state directory of the user.
pub fn user_directory() -> Result<PathBuf, Failure> {
    UserDir::State.path().map_err(|error| Failure::setup(&error, error.fix()))
}

/// Returns a directory for a session that no other session uses, and the lock on it: one with runs
/// that a crash has interrupted, or else the first.
pub fn directory() -> Result<(PathBuf, Lock), Failure> {
    let state = user_directory()?;
    private_directory(&state)?;
    let sessions = state.join("mcp");
    private_directory(&sessions)?;
    let mut free = None;
    for number in 1..=MAX_SESSIONS {
        let directory = sessions.join(number.to_string());
        let is_new = !directory.exists();
        let Some(lock) = locked(&directory)? else { continue };
        let left = || unfinished_in(&directory.join(RUNS)).is_ok_and(|it| !it.is_empty());
        if !is_new && left() {
            return Ok((directory, lock));
        }
        free.get_or_insert((directory, lock));
        if is_new {
            break;
        }
    }
    free.ok_or_else(|| {
        let message =
            format!("{MAX_SESSIONS} sessions use the directories below {}", sessions.display());
        Report::new(Kind::Environment, message, "End some of them.").into()
    })
}

/// Returns the lock on the directory of a session; `None` if another session has it.
fn locked(directory: &Path) -> Result<Option<Lock>, Failure> {
    private_directory(directory)?;
    let path = directory.join("lock");
    let file = private::file_options().read(true).write(true).create(true).open(&path);
    let lock = Lock::on(file.with_context(|| path.display().to_string())?);
    let taken = lock.try_take().with_context(|| path.display().to_string())?;
    Ok(taken.then_some(lock))
}

/// Opens a directory that only this user can access, and creates it if it does not exist.
pub fn private_directory(path: &Path) -> Result<(), Failure> {
    private::open_dir(path).map(drop).map_err(|error| {
        Failure::setup(&error, "Set O365_STATE_DIR to a private directory (chmod 700).")
    })
}
