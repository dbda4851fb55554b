//! `--replay`: Graph's answers come from a recording.

use std::path::Path;

use super::{Opened, Way};
use crate::cli::failure::Failure;
use crate::connections::Connection;
use crate::contract::ActionPolicy;
use crate::egress::live::Faults;
use crate::egress::replay::Replay;
use crate::recording::foreign::{self, Missing};
use crate::recording::har::Entry;
use crate::recording::scan::OtherSecrets;
use crate::recording::{self, RecordedError, Secrets};
use crate::sandbox::Clock;

/// A recording as a run needs it.
pub struct Recorded {
    entries: Vec<Entry>,
    /// The connection that the recorded run was lent, under its id.
    lent: Option<(String, Connection)>,
    only_reads: bool,
}

impl Recorded {
    /// Reads the recording of a run of `action`. In the file of another program the
    /// connection is called `id`, if that was given.
    pub fn read(
        path: &Path,
        action: &str,
        policy: &ActionPolicy,
        id: Option<String>,
    ) -> Result<Self, Failure> {
        let recorded = match recording::Recorded::read(path) {
            // Of another program, perhaps.
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
        let lent = recorded.lent(policy).map_err(anyhow::Error::from)?;
        Ok(Self { entries: recorded.entries, lent, only_reads: false })
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

    /// The recorded writes are not waited for. What the run reads of its own writes does not
    /// come from the recording either, so that some of its reads may be left over.
    fn only_reads(&mut self) {
        self.entries.retain(|entry| entry.request.method == "GET");
        self.only_reads = true;
    }

    fn open(self: Box<Self>, secrets: &Secrets, clock: &Clock) -> Result<Opened, Failure> {
        let replay = Replay::new(self.entries, secrets.clone(), clock.clone());
        let way_out = replay.way_out();
        let only_reads = self.only_reads;
        let close = Box::new(move || {
            let unused = replay.unused().into_iter().filter(|_| !only_reads);
            Ok(unused
                .map(|request| {
                    format!(
                        "the recording holds a request that this run did not make: {} {}",
                        request.method, request.url
                    )
                })
                .collect())
        });
        Ok(Opened { way_out, close, faults: Faults::default(), known: OtherSecrets::default() })
    }
}
