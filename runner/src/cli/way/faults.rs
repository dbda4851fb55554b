//! `--faults`: a way on which calls fail as a script says.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use uuid::Uuid;

use super::{Opened, Way};
use crate::cli::failure::Failure;
use crate::connections::Connection;
use crate::egress::faults::{Faults, Script};
use crate::recording::Secrets;
use crate::sandbox::Clock;

/// The longest script, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// A way with faults on it.
pub struct Faulty {
    inner: Box<dyn Way>,
    script: Script,
}

impl Faulty {
    /// Puts the faults of a script on `inner`. What names a file is read from it; anything
    /// else is the script itself.
    pub fn new(inner: Box<dyn Way>, script: &str) -> Result<Self, Failure> {
        let path = Path::new(script);
        let text = if path.is_file() || !script.contains('@') {
            read(path).with_context(|| format!("the faults {}", path.display()))?
        } else {
            script.to_owned()
        };
        let script = text.parse().map_err(|error| {
            Failure::usage(
                format!("{error}"),
                "o365 faults lists the faults and explains how a script is written.",
            )
        })?;
        Ok(Self { inner, script })
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

impl Way for Faulty {
    fn lent(&self) -> Option<&(String, Connection)> {
        self.inner.lent()
    }

    fn clock(&self) -> Clock {
        self.inner.clock()
    }

    fn place(&self) -> &'static str {
        self.inner.place()
    }

    fn notice(&self) -> Option<String> {
        self.inner.notice()
    }

    fn only_reads(&mut self) {
        self.inner.only_reads();
    }

    fn time_limit(&mut self, limit: Duration) {
        self.inner.time_limit(limit);
    }

    fn run_id(&mut self, run: Uuid) {
        self.inner.run_id(run);
    }

    fn open(self: Box<Self>, secrets: &Secrets, clock: &Clock) -> Result<Opened, Failure> {
        let root = match self.lent() {
            Some((_, connection)) => connection.graph_root().map_err(anyhow::Error::from)?,
            None => http::Uri::default(),
        };
        let faults = Faults::new(self.script, root.path(), clock.clone());
        let Opened { way_out, close, faults: lost, known } = self.inner.open(secrets, clock)?;
        let way_out = faults.in_front_of(way_out);
        let close = Box::new(move || {
            let mut warnings = close()?;
            warnings.extend(faults.missed());
            Ok(warnings)
        });
        Ok(Opened { way_out, close, faults: lost, known })
    }
}
