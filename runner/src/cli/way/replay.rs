//! `--replay`: Graph's answers come from a recording.

use std::path::Path;

use anyhow::{Context, anyhow};
use serde_json::Value;

use super::{CONNECTION_ID, Opened, Way};
use crate::cli::failure::Failure;
use crate::connections::Connection;
use crate::contract::ActionPolicy;
use crate::egress::live::Faults;
use crate::egress::replay::Replay;
use crate::recording::har::{Entry, Log};
use crate::recording::{Har, Secrets};
use crate::sandbox::Clock;

/// A recording as a run needs it.
pub struct Recorded {
    entries: Vec<Entry>,
    /// The connection that the recorded run was lent, under its id.
    lent: Option<(String, Connection)>,
}

impl Recorded {
    /// Reads the recording of a run of `action`.
    pub fn read(path: &Path, action: &str, policy: &ActionPolicy) -> Result<Self, Failure> {
        let Log { entries, run } = Har::read(path).map_err(anyhow::Error::from)?.log;
        let path = path.display();
        let run = run.ok_or_else(|| {
            anyhow!(
                "the recording {path} does not say which run it was made of: it has no log._o365"
            )
        })?;
        if run.action != action {
            return Err(Failure::usage(
                format!("{path} is a recording of {}, not of {action}", run.action),
                format!("Run {}, or give a recording of {action}.", run.action),
            ));
        }
        let id = run.input.get(CONNECTION_ID).and_then(Value::as_str);
        let lent = id.map(ToOwned::to_owned).zip(run.connection);
        if lent.is_none() && !policy.calls.is_empty() {
            return Err(anyhow!(
                "the recording {path} does not say which connection its run used: \
                 log._o365 needs connection, and connectionId in input"
            )
            .into());
        }
        if let Some((_, connection)) = &lent {
            connection.graph_root().with_context(|| format!("the recording {path}"))?;
        }
        Ok(Self { entries, lent })
    }
}

impl Way for Recorded {
    fn lent(&self) -> Option<&(String, Connection)> {
        self.lent.as_ref()
    }

    fn clock(&self) -> Clock {
        Clock::simulated()
    }

    fn place(&self) -> &'static str {
        "in the recording"
    }

    fn open(self: Box<Self>, secrets: &Secrets, clock: &Clock) -> Result<Opened, Failure> {
        let replay = Replay::new(self.entries, secrets.clone(), clock.clone());
        let way_out = replay.way_out();
        let close = Box::new(move || {
            let unused = replay.unused().into_iter();
            Ok(unused
                .map(|request| {
                    format!("the recording holds a request that this run did not make: {request}")
                })
                .collect())
        });
        Ok(Opened { way_out, close, faults: Faults::default() })
    }
}
