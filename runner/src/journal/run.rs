//! The journal of one run, in any store.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use uuid::Uuid;

use super::error::JournalError;
use super::lines::Chain;
use super::reading::Unfinished;
use super::record::{Begun, Record};
use crate::audit::Durability;
use crate::store::process::Term;

/// The most bytes of records that a run keeps in memory before its first write.
const MOST_WAITING: usize = 16 << 20;

/// What a [`JournalStore`] returns when it is done.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, JournalError>> + Send + 'a>>;

/// Where journals are kept.
pub trait JournalStore: Send + Sync + fmt::Debug {
    /// Appends records, in the order of the calls. They are kept also if the returned receiver is
    /// dropped.
    ///
    /// # Errors
    /// Fails when the records are not kept.
    fn append(&self, records: Records) -> Result<Appended, JournalError>;

    /// Returns the term in which this process holds its runs; `None` without a term, or if it
    /// holds none at present.
    fn term(&self) -> Option<Term> {
        None
    }

    /// Waits until this process holds its runs, and returns the term.
    ///
    /// # Errors
    /// Fails when that cannot be found out.
    fn held(&self) -> Pending<'_, Option<Term>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Returns whether records can be kept at present, as far as is known.
    fn is_available(&self) -> bool {
        true
    }
}

/// The journals of a platform.
pub trait PlatformJournals: JournalStore {
    /// Keeps a component for the runs that need it after a crash.
    ///
    /// # Errors
    /// Fails when it cannot be kept.
    fn keep_component<'a>(&'a self, digest: &'a str, bytes: &'a [u8]) -> Pending<'a, ()>;

    /// Returns the component with this digest; `None` if it was not kept.
    ///
    /// # Errors
    /// Fails when it cannot be read.
    fn component<'a>(&'a self, digest: &'a str) -> Pending<'a, Option<Vec<u8>>>;

    /// Keeps the recording of a run that cannot go on, and returns its path.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    fn keep_recording(&self, run: Uuid, bytes: &[u8]) -> Result<PathBuf, JournalError>;
}

/// Receives whether records are kept.
pub type Appended = oneshot::Receiver<Result<(), JournalError>>;

/// Records of one run.
#[derive(Clone, Debug)]
pub struct Records {
    /// The run.
    pub run: Uuid,
    /// The records, one in each line. None of them are a claim: the process holds the run.
    pub lines: Vec<u8>,
    /// When they count as kept.
    pub durability: Durability,
    /// Whether they are the first ones of the run.
    pub is_first: bool,
    /// Whether they are the last ones of the run.
    pub ended: bool,
    /// Whether any process may take the run over from here on.
    pub offers: bool,
}

/// The journal of one run. Clones share it.
#[derive(Clone)]
pub struct RunJournal {
    store: Arc<dyn JournalStore>,
    run: Uuid,
    state: Arc<Mutex<State>>,
}

struct State {
    chain: Chain,
    /// The lines before the first write; `None` once they are queued.
    waiting: Option<Vec<u8>>,
    /// The term in which this process has held the run for certain.
    term: Option<Term>,
    /// Whether a record is missing, so that none may follow.
    broken: bool,
}

impl RunJournal {
    /// Begins the journal of a run. Nothing is written before the first write of the run.
    ///
    /// # Errors
    /// Fails when the run cannot be written as JSON.
    pub fn begin(store: Arc<dyn JournalStore>, begun: Begun) -> Result<Self, JournalError> {
        let run = begun.run;
        let mut chain = Chain::new(run);
        let line = chain.line(&Record::Begun(Box::new(begun))).map_err(unwritten)?;
        Ok(Self::of(store, run, State { chain, waiting: Some(line), term: None, broken: false }))
    }

    /// Begins the journal of a run that goes on also if it has sent nothing. The beginning is on the
    /// disk when this returns.
    ///
    /// # Errors
    /// Fails when the beginning is not, or perhaps not, in the journal.
    pub async fn begin_synced(
        store: Arc<dyn JournalStore>,
        begun: Begun,
    ) -> Result<Self, JournalError> {
        let journal = Self::begin(store, begun)?;
        let lines = journal.state().waiting.take().unwrap_or_default();
        let records = Records { is_first: true, ..journal.records(lines, Durability::Synced) };
        let begun = journal.store.append(records).map(Some);
        journal.written(begun).await?;
        Ok(journal)
    }

    /// Continues the journal of an unfinished run.
    pub fn continued(store: Arc<dyn JournalStore>, unfinished: &Unfinished) -> Self {
        let chain = unfinished.chain.clone();
        Self::of(
            store,
            unfinished.begun.run,
            State { chain, waiting: None, term: None, broken: false },
        )
    }

    fn of(store: Arc<dyn JournalStore>, run: Uuid, state: State) -> Self {
        let state = State { term: store.term(), ..state };
        Self { store, run, state: Arc::new(Mutex::new(state)) }
    }

    /// Writes the record of a write, and waits until it and all earlier ones are on the disk.
    ///
    /// # Errors
    /// Fails when the record is not, or perhaps not, in the journal. The write must not be sent.
    pub async fn intend(&self, record: &Record) -> Result<(), JournalError> {
        self.written(self.queue(record, Durability::Synced, true)).await
    }

    /// Waits until a request of the run may be sent: this process holds the run.
    ///
    /// # Errors
    /// Fails when another process holds it, or may begin it again. Nothing may be sent any more.
    pub async fn may_send(&self) -> Result<(), JournalError> {
        let (known, has_begun) = {
            let state = self.state();
            (state.term, state.waiting.is_none())
        };
        if self.store.term() == known {
            return Ok(());
        }
        if !has_begun {
            return Err(JournalError::Lapsed);
        }
        self.claim().await
    }

    /// Lets any process that shares the store take over a run that has sent nothing. Before it
    /// sends anything here, it has to be claimed.
    ///
    /// # Errors
    /// Fails when the offer is not, or perhaps not, in the journal.
    pub async fn offer(&self) -> Result<(), JournalError> {
        let records = self.records(Vec::new(), Durability::Synced);
        let offer = self.store.append(Records { offers: true, ..records }).map(Some);
        self.written(offer).await
    }

    /// Takes back a run that was offered, or that this process may have lost.
    ///
    /// # Errors
    /// Fails when another process has taken it.
    pub async fn claim(&self) -> Result<(), JournalError> {
        let term = self.store.held().await?;
        let claim = self.store.append(self.records(Vec::new(), Durability::Synced)).map(Some);
        self.written(claim).await?;
        self.state().term = term;
        Ok(())
    }

    /// Returns whether the journal has begun, and this process holds the run as far as it knows.
    pub fn is_held(&self) -> bool {
        let state = self.state();
        state.waiting.is_none() && state.term == self.store.term() && self.store.is_available()
    }

    /// Writes a record, and waits until the operating system has it.
    ///
    /// # Errors
    /// Fails when the record is not in the journal. Later writes of the run fail then.
    pub async fn note(&self, record: &Record) -> Result<(), JournalError> {
        self.written(self.queue(record, Durability::Written, false)).await
    }

    /// Ends the journal. If this cannot be written, the run is repeated after a crash, without any
    /// request to Graph.
    pub fn end(&self) {
        let _ = self.queue(&Record::Ended, Durability::Written, false);
    }

    /// Queues a record. Before the first write, a record that is no write stays in memory.
    fn queue(
        &self,
        record: &Record,
        durability: Durability,
        is_write: bool,
    ) -> Result<Option<Appended>, JournalError> {
        let mut state = self.state();
        if state.broken {
            return Err(JournalError::Broken);
        }
        let first = state.waiting.is_some();
        let line = state.chain.line(record).map_err(unwritten);
        let line = line.inspect_err(|_| state.broken = true)?;
        let mut lines = state.waiting.take().unwrap_or_default();
        let waits = first && !is_write;
        lines.extend_from_slice(&line);
        if waits {
            state.broken = lines.len() > MOST_WAITING;
            state.waiting = Some(lines);
            return Ok(None);
        }
        let ended = matches!(record, Record::Ended);
        // Under the lock, so that the records of a run are appended in their order.
        let records = Records { is_first: first, ended, ..self.records(lines, durability) };
        self.store.append(records).map(Some).inspect_err(|_| state.broken = true)
    }

    fn records(&self, lines: Vec<u8>, durability: Durability) -> Records {
        Records { run: self.run, lines, durability, is_first: false, ended: false, offers: false }
    }

    async fn written(
        &self,
        queued: Result<Option<Appended>, JournalError>,
    ) -> Result<(), JournalError> {
        let Some(receiver) = queued? else { return Ok(()) };
        let written = receiver.await.unwrap_or(Err(JournalError::Closed));
        written.inspect_err(|_| self.state().broken = true)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the error of a record that is no JSON.
fn unwritten(error: serde_json::Error) -> JournalError {
    JournalError::Record(Arc::new(io::Error::from(error)))
}

impl fmt::Debug for RunJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunJournal").field("run", &self.run).finish_non_exhaustive()
    }
}
