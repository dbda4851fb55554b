//! A Graph of one answer with faults in front of it, and what a caller sees of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http_body_util::BodyExt;
use runner::context::{Clock, StopSignal};
use runner::egress::faults::Faults;
use runner::egress::{EgressError, EgressStack, HttpError, Request, whole};
use serde_json::{Value, json};
use tower::util::BoxCloneSyncService;
use tower::{Layer, ServiceExt, service_fn};

pub const USER: &str = "5b2c7e1a-0d3f-4a6b-9c8d-7e6f5a4b3c2d";
pub const UPN: &str = "allen@contoso.onmicrosoft.com";

const ROOT: &str = "https://graph.microsoft.com/v1.0";

/// A Graph that answers everything with success, and counts; with faults in front of it.
pub struct Tenant {
    pub faults: Faults,
    pub clock: Clock,
    carried_out: Arc<AtomicUsize>,
    runtime: tokio::runtime::Runtime,
}

/// What a caller sees of an answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Result<String, String>,
}

impl Tenant {
    pub fn with(script: &str) -> Self {
        let clock = Clock::simulated();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self {
            faults: Faults::new(script.parse().unwrap()),
            clock,
            carried_out: Arc::default(),
            runtime,
        }
    }

    pub fn call(&self, method: &str, path: &str, body: &str) -> Result<Answer, HttpError> {
        let carried_out = Arc::clone(&self.carried_out);
        let graph: EgressStack = BoxCloneSyncService::new(service_fn(move |request: Request| {
            carried_out.fetch_add(1, Ordering::SeqCst);
            std::future::ready(Ok::<_, EgressError>(success(&request)))
        }));
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{ROOT}{path}"))
            .header("client-request-id", "2f1c0d3e-0000-4000-8000-000000000001")
            .body(body.to_owned().into())
            .unwrap();
        self.runtime.block_on(async {
            let (clock, stop) = (self.clock.clone(), StopSignal::default());
            match self.faults.within("/v1.0", clock, stop).layer(graph).oneshot(request).await {
                Ok(response) => Ok(seen(response).await),
                Err(EgressError::Http(error)) => Err(error),
                Err(stop) => panic!("{stop}"),
            }
        })
    }

    pub fn carried_out(&self) -> usize {
        self.carried_out.load(Ordering::SeqCst)
    }
}

/// A user, or nothing where Graph documents a success without a body.
fn success(request: &Request) -> runner::egress::Response {
    let user = json!({"id": USER, "userPrincipalName": UPN}).to_string();
    let (status, body) = match request.method().as_str() {
        "DELETE" => (204, String::new()),
        "POST" if request.uri().path().ends_with("/sendMail") => (202, String::new()),
        "POST" => (201, user),
        _ => (200, user),
    };
    let answer = http::Response::builder().status(status);
    answer.header("content-length", body.len()).body(whole(body)).unwrap()
}

async fn seen(response: runner::egress::Response) -> Answer {
    let (head, body) = response.into_parts();
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    let body = match body.collect().await {
        Ok(body) => Ok(String::from_utf8(body.to_bytes().to_vec()).unwrap()),
        Err(error) => Err(error.to_string()),
    };
    Answer { status: head.status.as_u16(), headers, body }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(self.body.as_ref().unwrap()).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}
