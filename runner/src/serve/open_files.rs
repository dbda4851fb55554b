//! How many files, and so connections, the process may have open.

/// Raises the limit as far as the system lets everybody raise it. Where nothing else is set it
/// is 1,024, for the sake of programs that this is not one of, and a server that has run into
/// it lets nobody in.
pub fn raise() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        if current != maximum
            && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
        {
            tracing::warn!(%error, "the limit of open files cannot be raised");
        }
    }
}
