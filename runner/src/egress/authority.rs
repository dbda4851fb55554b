//! Whether the action may make this request at all.

use std::sync::Arc;

use http::Uri;
use tower::{Layer, ServiceExt};

use super::{EgressStack, Request, wrap};
use crate::context::Stop;
use crate::contract::Call;
use crate::network::port;

/// How much is shown of an address that a guest made up, in characters.
const MAX_SHOWN: usize = 200;

/// What a run may ask for: these calls, below this one root.
#[derive(Clone, Debug)]
pub struct Authority {
    /// The action, for the message.
    pub action: String,
    /// The calls of the action's policy.
    pub calls: Vec<Call>,
    /// Graph's version root of the granted connection; none lets nothing pass.
    pub graph_url: Option<Uri>,
}

impl Layer<EgressStack> for Authority {
    type Service = EgressStack;

    fn layer(&self, inner: EgressStack) -> EgressStack {
        let authority = Arc::new(self.clone());
        wrap(inner, move |request, inner| {
            let refusal = authority.refusal(&request);
            async move {
                match refusal {
                    Some(stop) => Err(stop.into()),
                    None => inner.oneshot(request).await,
                }
            }
        })
    }
}

impl Authority {
    /// The reason why a request may not pass.
    fn refusal(&self, request: &Request) -> Option<Stop> {
        let uri = request.uri();
        let Some(path) = self.graph_url.as_ref().and_then(|root| below(root, uri)) else {
            return Some(Stop::ForbiddenHost {
                action: self.action.clone(),
                host: shown(&origin(uri)),
            });
        };
        if self.calls.iter().any(|call| call.matches(request.method(), path)) {
            return None;
        }
        Some(Stop::ForbiddenCall {
            action: self.action.clone(),
            call: shown(&format!("{} {path}", request.method())),
        })
    }
}

fn shown(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The path below `root`, when scheme, host and port are the same.
pub(super) fn below<'a>(root: &Uri, uri: &'a Uri) -> Option<&'a str> {
    let same_origin = root.scheme() == uri.scheme()
        && root
            .host()
            .is_some_and(|host| uri.host().is_some_and(|other| host.eq_ignore_ascii_case(other)))
        && port(root).is_some_and(|own| port(uri) == Some(own));
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
