//! Refuses the requests that the action may not make.

use std::sync::Arc;

use http::Uri;
use tower::{Layer, ServiceExt};

use super::{EgressError, EgressStack, Request, Response, wrap};
use crate::context::Stop;
use crate::contract::Call;
use crate::network::port;

/// How much of an address from a guest a message shows, in characters.
const MAX_SHOWN: usize = 200;

/// The layer with the calls that a run may make.
#[derive(Clone, Debug)]
pub struct Authority {
    /// The action, for the message.
    pub action: Arc<str>,
    /// The calls of the action's policy.
    pub calls: Arc<[Call]>,
    /// The version root of the granted connection's Graph. Without one, no request passes.
    pub graph_url: Option<Uri>,
}

impl Layer<EgressStack> for Authority {
    type Service = EgressStack;

    fn layer(&self, inner: EgressStack) -> EgressStack {
        wrap(self, inner, Self::send)
    }
}

impl Authority {
    async fn send(self, request: Request, inner: EgressStack) -> Result<Response, EgressError> {
        self.check(&request)?;
        inner.oneshot(request).await
    }

    fn check(&self, request: &Request) -> Result<(), Stop> {
        let action = || self.action.to_string();
        let uri = request.uri();
        let Some(path) = self.graph_url.as_ref().and_then(|root| below(root, uri)) else {
            return Err(Stop::ForbiddenHost { action: action(), host: shown(&origin(uri)) });
        };
        if self.calls.iter().any(|call| call.matches(request.method(), path)) {
            return Ok(());
        }
        let call = shown(&format!("{} {path}", request.method()));
        Err(Stop::ForbiddenCall { action: action(), call })
    }
}

fn shown(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Returns the path below `root`, when scheme, host and port are the same.
pub(super) fn below<'a>(root: &Uri, uri: &'a Uri) -> Option<&'a str> {
    let same_origin = root.scheme() == uri.scheme()
        && root.host()?.eq_ignore_ascii_case(uri.host()?)
        && port(root)? == port(uri)?;
    let path = uri.path().strip_prefix(root.path().trim_end_matches('/'))?;
    (same_origin && path.starts_with('/')).then_some(path)
}

fn origin(uri: &Uri) -> String {
    match (uri.scheme_str(), uri.host(), uri.port_u16()) {
        (Some(scheme), Some(host), Some(port)) => format!("{scheme}://{host}:{port}"),
        (Some(scheme), Some(host), None) => format!("{scheme}://{host}"),
        _ => "an address without a host".to_owned(),
    }
}
