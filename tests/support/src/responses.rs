//! A store of responses, and what attempts come to in it.

use std::path::Path;

use http::{HeaderMap, HeaderValue, StatusCode};
use runner::serve::idempotency::{
    Attempt, Begun, IdempotencyKey, Options, Reservation, ResponseStore, StoreError, StoredResponse,
};
use uuid::Uuid;

/// The tenant of the attempts.
pub const TENANT: &str = "contoso";

/// A store, and attempts of an action that may not be repeated.
#[derive(Clone)]
pub struct Store(pub ResponseStore);

impl Store {
    pub fn open(directory: &Path, options: Options) -> Result<Self, StoreError> {
        ResponseStore::open(directory, options).map(Self)
    }

    pub fn healthy(&self) -> bool {
        self.0.healthy()
    }

    pub async fn begin(&self, key: &str, request: &str) -> Begun {
        self.try_begin(key, request).await.unwrap()
    }

    pub async fn try_begin(&self, key: &str, request: &str) -> Result<Begun, StoreError> {
        self.attempt(TENANT, key, request, false).await
    }

    pub async fn begin_harmless(&self, key: &str, request: &str) -> Begun {
        self.attempt(TENANT, key, request, true).await.unwrap()
    }

    pub async fn attempt(
        &self,
        tenant: &str,
        key: &str,
        request: &str,
        harmless: bool,
    ) -> Result<Begun, StoreError> {
        let (key, run) = (self::key(key), run_of(request));
        let request = request.as_bytes();
        let (secrets, caller) = (&b"Any-passw0rd"[..], &b"o365_key"[..]);
        self.0.begin(Attempt { tenant, key: &key, request, secrets, caller, run, harmless }).await
    }

    /// Begins with a secret, under a key of the caller to the server.
    pub async fn begin_as(&self, caller: &str, key: &str, request: &str, secret: &str) -> Begun {
        let (key, run) = (self::key(key), run_of(request));
        let attempt = Attempt {
            tenant: TENANT,
            key: &key,
            request: request.as_bytes(),
            secrets: secret.as_bytes(),
            caller: caller.as_bytes(),
            run,
            harmless: false,
        };
        self.0.begin(attempt).await.unwrap()
    }

    /// Begins, which has to be the first time, and answers.
    pub async fn answer(&self, key: &str, request: &str, answer: &StoredResponse) {
        self.begin(key, request).await.first().finish(answer.clone()).await.unwrap();
    }
}

/// What an attempt has to come to.
pub trait Expect {
    fn first(self) -> Reservation;
    fn again(self) -> StoredResponse;
    fn interrupted(self) -> (Uuid, Reservation);
    fn not_kept(self) -> (StatusCode, Uuid);
    fn other_body(self);
    fn full(self);
}

impl Expect for Begun {
    #[track_caller]
    fn first(self) -> Reservation {
        let Self::First(reservation) = self else { panic!("not the first: {self:?}") };
        reservation
    }

    #[track_caller]
    fn again(self) -> StoredResponse {
        let Self::Again(answer) = self else { panic!("not again: {self:?}") };
        answer
    }

    #[track_caller]
    fn interrupted(self) -> (Uuid, Reservation) {
        let Self::Interrupted { run, reservation } = self else { panic!("not cut off: {self:?}") };
        (run, reservation)
    }

    #[track_caller]
    fn not_kept(self) -> (StatusCode, Uuid) {
        let Self::NotKept { status, run } = self else { panic!("it is kept: {self:?}") };
        (status, run)
    }

    #[track_caller]
    fn other_body(self) {
        assert!(matches!(self, Self::OtherBody), "not another body: {self:?}");
    }

    #[track_caller]
    fn full(self) {
        assert!(matches!(self, Self::Full), "there is room: {self:?}");
    }
}

pub fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(&HeaderValue::from_str(text).unwrap()).unwrap()
}

/// The run that a request of these tests has.
pub fn run_of(request: &str) -> Uuid {
    let mut bytes = [0; 16];
    request.bytes().zip(&mut bytes).for_each(|(from, to)| *to = from);
    Uuid::from_bytes(bytes)
}

/// An answer with headers, one of them twice.
pub fn answer(body: impl Into<Vec<u8>>) -> StoredResponse {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/problem+json"));
    headers.insert("retry-after", HeaderValue::from_static("17"));
    headers.append("warning", HeaderValue::from_static("one"));
    headers.append("warning", HeaderValue::from_bytes(b"tw\xf6").unwrap());
    StoredResponse { status: StatusCode::TOO_MANY_REQUESTS, headers, body: body.into().into() }
}
