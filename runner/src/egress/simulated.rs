//! The innermost layer of a run on a simulated tenant.

use tower::service_fn;
use tower::util::BoxCloneSyncService;

use super::{EgressError, EgressStack, Request, whole};
use crate::context::Clock;
use crate::simulator::{Caller, Simulator, Tenant};

/// Returns the stack over the tenant of `simulator`, whose time passes with `clock`.
pub fn egress(simulator: &Simulator, caller: Caller, clock: Clock) -> EgressStack {
    let simulator = simulator.clone();
    let (start, began) = (simulator.look(|tenant: &Tenant| tenant.time), clock.now());
    BoxCloneSyncService::new(service_fn(move |request: Request| {
        let at = start.after(clock.now().saturating_sub(began));
        let (head, body) = simulator.respond(&request, &caller, at).into_parts();
        async move { Ok::<_, EgressError>(http::Response::from_parts(head, whole(body))) }
    }))
}
