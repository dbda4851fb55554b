//! The journal of one run: repeats what it has, and writes what comes after.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, BodyStream, StreamBody};
use hyper::body::Frame;
use jiff::Timestamp;

use crate::context::{Cancellation, Clock, Stop, WriteNumber};
use crate::egress::faults::body::breaking_off;
use crate::egress::throttle::NotSent;
use crate::egress::{Body, EgressError, HttpError, Request, Response, error_code, whole};
use crate::journal::{
    Failed, PastExchange, Record, RequestMessage, RequestRecord, ResponseMessage, ResponseRecord,
    RunJournal,
};
use crate::recording::exchange::TransferError;

/// The largest body of a response that a journal holds, in bytes. A run with a larger one does not
/// go on after a crash.
const LARGEST_BODY: usize = 8 << 20;

/// How much of a wait is lost at most when a process ends.
const WAIT: Duration = Duration::from_secs(1);

/// The journal of one run. Clones share it.
#[derive(Clone)]
pub struct Durable {
    journal: RunJournal,
    clock: Clock,
    cancellation: Cancellation,
    progress: Arc<Mutex<Progress>>,
}

struct Progress {
    /// What the run has yet to repeat.
    past: VecDeque<PastExchange>,
    /// The index of the next request.
    next: usize,
}

/// What happens to a request.
pub(super) enum Next {
    /// The journal has its response.
    Repeated(Result<Response, EgressError>),
    /// It is a read without a response, which is sent again in its place.
    Again(usize),
    /// The journal does not have it.
    New,
}

impl Durable {
    /// Creates the journal of a run on `clock`, with the exchanges that it is to repeat.
    pub fn new(
        journal: RunJournal,
        past: Vec<PastExchange>,
        clock: Clock,
        cancellation: Cancellation,
    ) -> Self {
        let readings = past.iter().filter_map(|exchange| exchange.request.readings.as_ref());
        clock.repeat(readings.flatten().copied().map(Duration::from));
        let progress = Progress { past: past.into(), next: 0 };
        Self { journal, clock, cancellation, progress: Arc::new(Mutex::new(progress)) }
    }

    /// Returns the journal.
    pub fn journal(&self) -> RunJournal {
        self.journal.clone()
    }

    /// Decides what happens to a request.
    ///
    /// # Errors
    /// Fails when the request is not the one of the journal.
    pub(super) async fn next(&self, request: &Request) -> Result<Next, EgressError> {
        let Some((exchange, is_last)) = self.take(request)? else {
            self.clock.go_on();
            return Ok(Next::New);
        };
        // A run that was cancelled ends when it has repeated its past.
        let _repeated = is_last.then(|| self.cancellation.repeated());
        let PastExchange { request, response, waited } = exchange;
        let is_write = request.write.is_some();
        if response.is_none() && !is_last {
            return self.give_up().await;
        }
        let at = match &response {
            Some(response) => response.at,
            None if is_write => request.at.max(waited),
            None => request.at,
        };
        let left = Duration::from(at).saturating_sub(self.clock.now());
        self.clock.sleep_while_busy(left).await;
        if is_last {
            let is_over = response.is_some() || is_write;
            self.clock.go_on_after(if is_over { waited } else { at }.into());
        }
        match response {
            Some(response) => repeated(response).map(Next::Repeated),
            None if is_write => Ok(Next::Repeated(self.lose(request.index).await)),
            None => Ok(Next::Again(request.index)),
        }
    }

    /// Waits for the guest to give up a request, as it did before: it went on without the response.
    async fn give_up<T>(&self) -> T {
        self.clock.sleep_while_busy(Duration::MAX).await;
        std::future::pending().await
    }

    /// Takes the next exchange of the past, and whether it is the last one.
    fn take(&self, request: &Request) -> Result<Option<(PastExchange, bool)>, EgressError> {
        let mut progress = self.progress();
        let Some(exchange) = progress.past.pop_front() else { return Ok(None) };
        check(&exchange, request)?;
        progress.next = progress.next.saturating_add(1);
        let is_last = progress.past.is_empty();
        Ok(Some((exchange, is_last)))
    }

    /// Notes that a write has lost its response: whether Graph received it is not known.
    async fn lose(&self, index: usize) -> Result<Response, EgressError> {
        let lost = HttpError::ConnectionTerminated;
        let error = Some(TransferError::from(&lost).into());
        self.note(index, None, error, true).await;
        Err(EgressError::Http(lost))
    }

    /// Writes a request ahead, and returns its index. A write is on the disk then.
    pub(super) async fn intend(
        &self,
        number: Option<WriteNumber>,
        request: &Request,
    ) -> Result<usize, EgressError> {
        let index = {
            let mut progress = self.progress();
            let index = progress.next;
            progress.next = index.saturating_add(1);
            index
        };
        let readings = self.clock.take_readings();
        let readings = readings.map(|all| all.into_iter().map(Into::into).collect());
        let record = Record::Request(RequestRecord {
            index,
            write: number.map(|WriteNumber(number)| number),
            message: RequestMessage::of(request),
            at: self.clock.now().into(),
            readings,
            sent_at: Timestamp::now(),
        });
        match number {
            Some(_) => {
                self.journal.intend(&record).await.map_err(Stop::from)?;
            }
            // Without it, no later write can be written ahead.
            None => drop(self.journal.note(&record).await),
        }
        Ok(index)
    }

    /// Waits until a request may be sent: this process holds the run.
    ///
    /// # Errors
    /// Fails when another process holds it.
    pub(super) async fn may_send(&self) -> Result<(), EgressError> {
        self.journal.may_send().await.map_err(|error| Stop::from(error).into())
    }

    /// Writes the response to a request, and returns it.
    pub(super) async fn keep(
        &self,
        index: usize,
        response: Result<Response, EgressError>,
    ) -> Result<Response, EgressError> {
        match response {
            Ok(response) => Ok(self.keep_response(index, response).await),
            Err(EgressError::Http(error)) => {
                let failed = TransferError::from(&error).into();
                self.note(index, None, Some(failed), true).await;
                Err(EgressError::Http(error))
            }
            // The run ends.
            Err(stop) => Err(stop),
        }
    }

    async fn keep_response(&self, index: usize, response: Response) -> Response {
        let sent = !NotSent::marks(&response);
        let (head, body) = response.into_parts();
        let (bytes, ended) = match self.clock.idle_during(read(body)).await {
            Read::Whole(bytes, ended) => (bytes, ended),
            Read::TooLarge(body) => {
                self.note(index, None, None, sent).await;
                return Response::from_parts(head, body);
            }
        };
        let message = ResponseMessage::of(&head, bytes.clone());
        let error = ended.as_ref().err().map(|error| TransferError::from(error).into());
        self.note(index, Some(message), error, sent).await;
        let body = match ended {
            Ok(()) => whole(bytes),
            Err(error) => breaking_off(bytes, error),
        };
        Response::from_parts(head, body)
    }

    /// Writes the record of a response. A failure is told by the next write of the run.
    async fn note(
        &self,
        index: usize,
        message: Option<ResponseMessage>,
        error: Option<Failed>,
        sent: bool,
    ) {
        let at = self.clock.now().into();
        let record = ResponseRecord { index, at, message, error, sent };
        let _ = self.journal.note(&Record::Response(record)).await;
    }

    /// Notes each second that the run waits, so that it need not wait again after a crash.
    pub async fn note_waits(&self) -> Infallible {
        loop {
            tokio::time::sleep(WAIT).await;
            if !self.clock.is_virtual_now() && self.journal.is_held() {
                let at = self.clock.now().into();
                let _ = self.journal.note(&Record::Waited { at }).await;
            }
        }
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The body of a response.
enum Read {
    /// It fits, up to its end or an error.
    Whole(Bytes, Result<(), HttpError>),
    /// It does not fit.
    TooLarge(Body),
}

async fn read(mut body: Body) -> Read {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => {
                if let Some(part) = frame.data_ref() {
                    bytes.extend_from_slice(part);
                }
            }
            Err(error) => return Read::Whole(bytes.freeze(), Err(error)),
        }
        if bytes.len() > LARGEST_BODY {
            return Read::TooLarge(preceded(bytes.freeze(), body));
        }
    }
    Read::Whole(bytes.freeze(), Ok(()))
}

/// Returns a body whose beginning was read.
fn preceded(first: Bytes, rest: Body) -> Body {
    let first = stream::once(ready(Ok(Frame::data(first))));
    StreamBody::new(first.chain(BodyStream::new(rest))).boxed_unsync()
}

/// Checks that a request is the one of the journal.
fn check(past: &PastExchange, request: &Request) -> Result<(), EgressError> {
    let position = past.request.index.saturating_add(1);
    let differs = |why: &str| {
        let call = format!("{} {}", request.method(), request.uri());
        Err(Stop::Journal(format!("request {position}, {call}, {why}")).into())
    };
    if past.request.readings.is_none() {
        return differs("comes after more readings of the clock than a journal holds");
    }
    match past.request.message == RequestMessage::of(request) {
        true => Ok(()),
        false => differs("is not the one in the journal"),
    }
}

/// Returns the response that the journal has.
fn repeated(record: ResponseRecord) -> Result<Result<Response, EgressError>, EgressError> {
    let error = record.error.map(|error| {
        let code = error_code::with_words(&error.name, error.words.as_deref());
        code.unwrap_or(HttpError::ConnectionTerminated)
    });
    let message = match (record.message, error) {
        (Some(message), error) => (message, error),
        (None, Some(error)) => return Ok(Err(EgressError::Http(error))),
        (None, None) => {
            let reason =
                format!("the response to request {} was too large", record.index.saturating_add(1));
            return Err(Stop::Journal(reason).into());
        }
    };
    let (ResponseMessage { status, headers, body, .. }, error) = message;
    let invalid = || Stop::Journal(format!("status {status} is not valid"));
    let status = http::StatusCode::from_u16(status).map_err(|_| invalid())?;
    let body = match error {
        None => whole(body.0),
        Some(error) => breaking_off(body.0, error),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers.0;
    if !record.sent {
        response.extensions_mut().insert(NotSent);
    }
    Ok(Ok(response))
}
