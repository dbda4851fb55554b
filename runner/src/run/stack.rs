//! The layers that each request of a run passes.

use tower::layer::layer_fn;
use tower::{Layer, ServiceBuilder};

use crate::egress::EgressStack;
use crate::egress::authority::Authority;
use crate::egress::correlation::Correlation;
use crate::egress::credential::Credential;
use crate::egress::faults::Faults;
use crate::egress::journal::Journal;
use crate::egress::observer::Observer;
use crate::egress::plan::Plan;
use crate::egress::record::Recorder;
use crate::egress::register::Register;
use crate::egress::throttle::Passage;

/// The layers of one run, in the order in which a request passes them.
pub(super) struct Stack {
    /// What may leave the sandbox.
    pub authority: Authority,
    /// The run's register of writes.
    pub register: Register,
    /// Of a dry run.
    pub plan: Option<Plan>,
    /// Of a run that is recorded: above the journal, so that what could not be noted, and was
    /// not sent, is not in the recording either.
    pub recorder: Option<Recorder>,
    /// Of a run that the audit log has: above the gate, since waiting there sends nothing.
    pub journal: Option<Journal>,
    /// Of a live connection.
    pub throttle: Option<Passage>,
    /// Of a tenant that is simulated or recorded.
    pub faults: Option<Faults>,
    /// The log: below the faults, so that it has what reached the tenant.
    pub observer: Observer,
    /// Of a run on a real clock: below the recording, so that a recording is the
    /// same whoever made it.
    pub correlation: Option<Correlation>,
    /// Lowest, so that no other layer sees a token.
    pub credential: Option<Credential>,
}

impl Stack {
    /// The stack on top of `innermost`.
    pub fn over(self, innermost: EgressStack) -> EgressStack {
        ServiceBuilder::new()
            .layer(self.authority)
            .layer(self.register)
            .layer(optional(self.plan))
            .layer(optional(self.recorder))
            .layer(optional(self.journal))
            .layer(optional(self.throttle))
            .layer(optional(self.faults))
            .layer(self.observer)
            .layer(optional(self.correlation))
            .layer(optional(self.credential))
            .service(innermost)
    }
}

/// A layer that not every run has.
fn optional(
    layer: Option<impl Layer<EgressStack, Service = EgressStack>>,
) -> impl Layer<EgressStack, Service = EgressStack> {
    layer_fn(move |inner| match &layer {
        Some(layer) => layer.layer(inner),
        None => inner,
    })
}
