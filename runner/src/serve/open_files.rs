//! The limit of open files, and thus of connections.

/// Raises the soft limit to the hard limit. The usual soft limit of 1,024 is too small for a
/// server.
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
