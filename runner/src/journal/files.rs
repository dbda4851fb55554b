//! The directory of journals, shared by all runs of a process.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::future::ready;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::group::{GroupCommit, Refused};
use disk::lock::Lock;
use disk::private;
use disk::replace::{Synced, replace};
use jiff::Timestamp;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::error::JournalError;
use super::reading::{Read, Unfinished, is_missing, read};
use super::run::{Appended, JournalStore, Pending, PlatformJournals, Records};
use super::writer::{Message, Writer};

/// The file with the time since which the journals are complete.
const SINCE: &str = "since";

/// The end of the name of a component.
const COMPONENT: &str = ".wasm";

/// The number of records that may wait for the disk.
const QUEUE: usize = 16_384;

/// The journals of a process. Clones share them; dropping the last one writes what is queued.
#[derive(Clone)]
pub struct Journals(Arc<Shared>);

struct Shared {
    directory: PathBuf,
    queue: GroupCommit<Message>,
    _lock: Lock,
}

/// What an earlier process has left.
#[derive(Debug)]
pub struct Recovered {
    /// The runs that did not end.
    pub unfinished: Vec<Unfinished>,
    /// The Unix time in milliseconds since which every other interrupted run sent no write.
    pub since: u64,
}

impl Journals {
    /// Opens the journals in a directory, which is created if it does not exist, and returns what
    /// an earlier process has left.
    ///
    /// # Errors
    /// Fails when the directory cannot be used, is in use, or has a file of another format.
    pub fn open(directory: &Path) -> Result<(Self, Recovered), JournalError> {
        let unusable = |error| JournalError::Directory(directory.to_owned(), Arc::new(error));
        private::open_dir(directory).map_err(unusable)?;
        let unopened = |reason| JournalError::Open(directory.into(), Arc::new(reason));
        let options = private::file_options();
        let file = options.open(directory.join("lock")).map_err(unopened)?;
        let lock = Lock::on(file);
        if !lock.try_take().map_err(unopened)? {
            return Err(JournalError::Locked(directory.to_owned()));
        }
        let Read { files, unfinished, whole } = read(directory)?;
        let since = since(&directory.join(SINCE), whole).map_err(unopened)?;
        remove_components(directory, &unfinished).map_err(unopened)?;
        let next = files.last().map_or(0, |last| last.saturating_add(1));
        let first: HashMap<Uuid, u64> =
            unfinished.iter().map(|run| (run.begun.run, run.first)).collect();
        let directory = directory.to_owned();
        let writer = Writer { directory: directory.clone(), segment: None, next, first, files };
        let queue = GroupCommit::start("journals", QUEUE, || writer).map_err(unopened)?;
        let journals = Self(Arc::new(Shared { directory, queue, _lock: lock }));
        Ok((journals, Recovered { unfinished, since }))
    }

    fn component_path(&self, digest: &str) -> PathBuf {
        self.0.directory.join(format!("{digest}{COMPONENT}"))
    }
}

impl JournalStore for Journals {
    fn append(&self, records: Records) -> Result<Appended, JournalError> {
        let (outcome, appended) = oneshot::channel();
        let sent = self.0.queue.send(Message { records, outcome });
        sent.map_err(|refused| match refused {
            Refused::Full => JournalError::Behind,
            Refused::Ended => JournalError::Closed,
        })?;
        Ok(appended)
    }
}

impl PlatformJournals for Journals {
    fn keep_component<'a>(&'a self, digest: &'a str, bytes: &'a [u8]) -> Pending<'a, ()> {
        let path = self.component_path(digest);
        let unwritten = |reason| JournalError::Write(path.as_path().into(), Arc::new(reason));
        let kept = path.try_exists().and_then(|exists| match exists {
            true => Ok(()),
            false => replace(&path, bytes, Synced::ContentAndName),
        });
        Box::pin(ready(kept.map_err(unwritten)))
    }

    fn component<'a>(&'a self, digest: &'a str) -> Pending<'a, Option<Vec<u8>>> {
        let path = self.component_path(digest);
        Box::pin(ready(match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(JournalError::Open(path.as_path().into(), Arc::new(error))),
        }))
    }

    fn keep_recording(&self, run: Uuid, bytes: &[u8]) -> Result<PathBuf, JournalError> {
        keep_recording(&self.0.directory, run, bytes)
    }
}

/// Keeps the recording of a run in a directory.
pub(super) fn keep_recording(
    directory: &Path,
    run: Uuid,
    bytes: &[u8],
) -> Result<PathBuf, JournalError> {
    let path = directory.join(format!("{run}.har"));
    let unwritten = |reason| JournalError::Write(path.as_path().into(), Arc::new(reason));
    replace(&path, bytes, Synced::ContentAndName).map_err(unwritten)?;
    Ok(path)
}

/// Returns the time since which the journals are complete, in milliseconds: from now on, if they
/// are new or a part of them cannot be read.
fn since(path: &Path, whole: bool) -> io::Result<u64> {
    let known = match fs::read_to_string(path) {
        Ok(text) => text.trim().parse().ok(),
        Err(error) if is_missing(&error) => None,
        Err(error) => return Err(error),
    };
    match known.filter(|_| whole) {
        Some(since) => Ok(since),
        None => {
            let now = Timestamp::now().as_millisecond();
            let now = u64::try_from(now).unwrap_or_default();
            replace(path, now.to_string().as_bytes(), Synced::ContentAndName)?;
            Ok(now)
        }
    }
}

/// Removes the components that no unfinished run needs.
fn remove_components(directory: &Path, unfinished: &[Unfinished]) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let digest = name.to_str().and_then(|name| name.strip_suffix(COMPONENT));
        let needed = |digest| unfinished.iter().any(|run| run.begun.component == digest);
        if digest.is_some_and(|digest| !needed(digest)) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

impl fmt::Debug for Journals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journals").field("directory", &self.0.directory).finish_non_exhaustive()
    }
}
