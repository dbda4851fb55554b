//! Records every exchange as the guest sees it: above the credential, where no token exists.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use jiff::Timestamp;
use tower::{Layer, ServiceExt};

use super::{Body, EgressError, EgressStack, HttpError, Request, Response, wrap};
use crate::context::Clock;
use crate::recording::exchange::{Exchange, Exchanges, ResponseState};
use crate::recording::finished::VIRTUAL_EPOCH;
use crate::recording::har::{ClockKind, MAX_TEXT};

/// The recording of one run, while it is made.
#[derive(Clone)]
pub struct Recorder {
    notes: Arc<Mutex<Notes>>,
    clock: Clock,
    begun: Timestamp,
}

struct Notes {
    exchanges: Vec<Option<Exchange>>,
    /// How many more bytes of bodies may be kept.
    room: usize,
    too_large: bool,
}

/// An exchange that is not over.
#[derive(Clone)]
struct Note {
    recorder: Recorder,
    index: usize,
}

impl Recorder {
    /// Creates a recorder of a run on `clock`.
    pub fn new(clock: Clock) -> Self {
        let notes = Notes { exchanges: Vec::new(), room: MAX_TEXT, too_large: false };
        let begun = if clock.is_simulated() { VIRTUAL_EPOCH } else { Timestamp::now() };
        Self { notes: Arc::new(Mutex::new(notes)), clock, begun }
    }

    /// Returns the clock of the run.
    pub fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// Returns the exchanges so far, in the order of their requests.
    pub fn exchanges(&self) -> Exchanges {
        let notes = self.notes();
        Exchanges {
            list: notes.exchanges.iter().flatten().cloned().collect(),
            elapsed: self.clock.now(),
            begun: self.begun,
            clock: if self.clock.is_simulated() { ClockKind::Virtual } else { ClockKind::Real },
            too_large: notes.too_large,
        }
    }

    fn begin(&self, request: &Request) -> Note {
        let started = self.clock.now();
        let mut notes = self.notes();
        let index = notes.exchanges.len();
        let body = notes.kept(request.body()).then(|| request.body().clone());
        notes.exchanges.push(Some(Exchange {
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: request.headers().clone(),
            body: body.unwrap_or_default(),
            started,
            response: ResponseState::Pending,
        }));
        Note { recorder: self.clone(), index }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Layer<EgressStack> for Recorder {
    type Service = EgressStack;

    fn layer(&self, inner: EgressStack) -> EgressStack {
        wrap(self, inner, |recorder, request, inner| async move {
            let note = recorder.begin(&request);
            note.respond(inner.oneshot(request).await)
        })
    }
}

impl Notes {
    /// Takes room for these bytes, and returns whether there was enough.
    fn kept(&mut self, bytes: &[u8]) -> bool {
        match self.room.checked_sub(bytes.len()) {
            Some(room) => self.room = room,
            None => self.too_large = true,
        }
        !self.too_large
    }
}

impl Note {
    fn respond(self, response: Result<Response, EgressError>) -> Result<Response, EgressError> {
        let at = self.recorder.clock.now();
        match response {
            Ok(response) => {
                let (head, inner) = response.into_parts();
                self.set(ResponseState::Received {
                    status: head.status,
                    version: head.version,
                    headers: head.headers.clone(),
                    at,
                    body: Vec::new(),
                    end: None,
                });
                let tee = Tee { inner, note: self };
                tee.end_if_over();
                Ok(Response::from_parts(head, tee.boxed_unsync()))
            }
            Err(EgressError::Http(error)) => {
                self.set(ResponseState::Failed { error: (&error).into(), at });
                Err(EgressError::Http(error))
            }
            Err(EgressError::Stop(stop)) => {
                // It was never sent.
                self.change(|exchange| *exchange = None);
                Err(stop.into())
            }
        }
    }

    fn set(&self, response: ResponseState) {
        self.change(|exchange| {
            if let Some(exchange) = exchange {
                exchange.response = response;
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut Option<Exchange>)) {
        if let Some(exchange) = self.recorder.notes().exchanges.get_mut(self.index) {
            change(exchange);
        }
    }

    /// Keeps a part of the response's body.
    fn append(&self, part: &[u8]) {
        let mut notes = self.recorder.notes();
        if !notes.kept(part) {
            return;
        }
        if let Some(Some(Exchange { response: ResponseState::Received { body, .. }, .. })) =
            notes.exchanges.get_mut(self.index)
        {
            body.extend_from_slice(part);
        }
    }

    /// Records how the response's body ended; a second call has no effect.
    fn ended(&self, how: Result<(), &HttpError>) {
        let now = self.recorder.clock.now();
        self.change(|exchange| {
            if let Some(Exchange { response: ResponseState::Received { end, .. }, .. }) = exchange {
                end.get_or_insert((how.map_err(Into::into), now));
            }
        });
    }
}

/// A response's body that is recorded as it is read. Where its reader stops, the recorded body
/// breaks off.
struct Tee {
    inner: Body,
    note: Note,
}

impl Tee {
    fn end_if_over(&self) {
        if self.inner.is_end_stream() {
            self.note.ended(Ok(()));
        }
    }
}

impl HttpBody for Tee {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        let this = self.get_mut();
        let frame = ready!(Pin::new(&mut this.inner).poll_frame(context));
        Poll::Ready(match frame {
            Some(Ok(frame)) => {
                if let Some(part) = frame.data_ref() {
                    this.note.append(part);
                }
                this.end_if_over();
                Some(Ok(frame))
            }
            Some(Err(error)) => {
                this.note.ended(Err(&error));
                Some(Err(error))
            }
            None => {
                this.note.ended(Ok(()));
                None
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
