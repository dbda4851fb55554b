//! The tenant and its file, which contains every acknowledged change.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::Request;
use crate::refusal::Refusal;
use crate::state::{StateError, StateFile};
use crate::{Caller, Simulator, Time};

/// A tenant. If it has a file, each change is written before it is acknowledged.
#[derive(Clone)]
pub struct StoredTenant {
    /// The tenant.
    pub simulator: Simulator,
    file: Option<Arc<Mutex<StateFile>>>,
}

impl StoredTenant {
    /// Writes the file, to verify that it is writable.
    pub fn new(simulator: Simulator, file: Option<StateFile>) -> Result<Self, StateError> {
        let stored = Self { simulator, file: file.map(|file| Arc::new(Mutex::new(file))) };
        stored.save()?;
        Ok(stored)
    }

    /// Writes the tenant.
    pub fn save(&self) -> Result<(), StateError> {
        let Some(file) = &self.file else { return Ok(()) };
        let file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write(&self.simulator.tenant())
    }

    /// Responds to a request for Graph. A change is in the file before the response, or undone.
    pub async fn respond(&self, request: Request, caller: Caller) -> http::Response<Bytes> {
        let Some(file) = self.file.clone().filter(|_| !request.method().is_safe()) else {
            return self.simulator.respond(&request, &caller, Time::now());
        };
        let stored = self.clone();
        // On a blocking thread, it completes even if the client disconnects.
        let change = move || stored.change(&file, &request, &caller);
        match tokio::task::spawn_blocking(change).await {
            Ok(response) => response,
            Err(error) => self.failed(&HeaderMap::new(), error.to_string()),
        }
    }

    /// Makes a change, under the lock of the file, so that undoing it affects no other change.
    fn change(
        &self,
        file: &Mutex<StateFile>,
        request: &Request,
        caller: &Caller,
    ) -> http::Response<Bytes> {
        let file = file.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.simulator.tenant();
        let response = self.simulator.respond(request, caller, Time::now());
        if !response.status().is_success() {
            return response;
        }
        match file.write(&self.simulator.tenant()) {
            Ok(()) => response,
            Err(error) => {
                self.simulator.change(|tenant| *tenant = before);
                self.failed(request.headers(), error.to_string())
            }
        }
    }

    fn failed(&self, headers: &HeaderMap, message: String) -> http::Response<Bytes> {
        // Under the name that the runner's log passes.
        tracing::error!(target: "runner::simulator", message, "a change of the simulated tenant could not be stored");
        let refusal = Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "generalException", message);
        self.simulator.refuse(headers, refusal, Time::now())
    }
}
