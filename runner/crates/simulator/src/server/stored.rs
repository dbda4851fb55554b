//! The tenant and its file: what was acknowledged is in the file.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::Request;
use crate::refusal::Refusal;
use crate::state::{StateError, StateFile};
use crate::{Caller, Simulator, Time};

/// A tenant that is written to its file, if it has one, before a change is acknowledged.
#[derive(Clone)]
pub struct StoredTenant {
    /// The tenant.
    pub simulator: Simulator,
    file: Option<Arc<Mutex<StateFile>>>,
}

impl StoredTenant {
    /// Writes the file once, so that it is there and can be written.
    pub fn new(simulator: Simulator, file: Option<StateFile>) -> Result<Self, StateError> {
        let kept = Self { simulator, file: file.map(|file| Arc::new(Mutex::new(file))) };
        kept.save()?;
        Ok(kept)
    }

    /// Writes the tenant as it is now.
    pub fn save(&self) -> Result<(), StateError> {
        let Some(file) = &self.file else { return Ok(()) };
        let file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write(&self.simulator.tenant())
    }

    /// Graph's answer. A change is in the file when it comes, or was not made.
    pub async fn answer(&self, request: Request, caller: Caller) -> http::Response<Bytes> {
        let Some(file) = self.file.clone().filter(|_| !request.method().is_safe()) else {
            return self.simulator.respond(&request, &caller, Time::now());
        };
        let kept = self.clone();
        // On a thread of its own it also goes on to its end when the client hangs up.
        let change = move || kept.change(&file, &request, &caller);
        match tokio::task::spawn_blocking(change).await {
            Ok(response) => response,
            Err(error) => self.failed(&HeaderMap::new(), error.to_string()),
        }
    }

    /// One change at a time: what is undone is this one alone.
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
        tracing::error!(message, "a change of the simulated tenant is not kept");
        let refusal = Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "generalException", message);
        self.simulator.refuse(headers, refusal, Time::now())
    }
}
