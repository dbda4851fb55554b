//! The egress stack of a run.

use tower::layer::layer_fn;
use tower::{Layer, ServiceBuilder};

use crate::egress::EgressStack;
use crate::egress::authority::Authority;
use crate::egress::correlation::Correlation;
use crate::egress::credential::Credential;
use crate::egress::faults::FaultLayer;
use crate::egress::journal::Journal;
use crate::egress::observer::Observer;
use crate::egress::plan::Plan;
use crate::egress::record::Recorder;
use crate::egress::register::Register;
use crate::egress::throttle::Throttle;

/// The layers of one run, from the outermost to the innermost.
pub(super) struct Stack {
    pub authority: Authority,
    pub register: Register,
    /// For a plan.
    pub plan: Option<Plan>,
    /// For a recorded run. Above the journal, so that a write that was not sent for want of a log
    /// is not recorded.
    pub recorder: Option<Recorder>,
    /// For a run in the audit log. Above the throttle, which may send nothing.
    pub journal: Option<Journal>,
    /// For a live connection.
    pub throttle: Option<Throttle>,
    /// For a tenant that is simulated or recorded.
    pub faults: Option<FaultLayer>,
    /// For a backend that is not a recording. Below the faults, so that it logs what reached the
    /// tenant.
    pub observer: Option<Observer>,
    /// For a run on a real clock. Below the recording, which no id of a run belongs into.
    pub correlation: Option<Correlation>,
    /// Innermost, so that no other layer sees a token.
    pub credential: Option<Credential>,
}

impl Stack {
    /// Returns the stack over `innermost`.
    pub fn over(self, innermost: EgressStack) -> EgressStack {
        ServiceBuilder::new()
            .layer(self.authority)
            .layer(self.register)
            .layer(optional(self.plan))
            .layer(optional(self.recorder))
            .layer(optional(self.journal))
            .layer(optional(self.throttle))
            .layer(optional(self.faults))
            .layer(optional(self.observer))
            .layer(optional(self.correlation))
            .layer(optional(self.credential))
            .service(innermost)
    }
}

/// Returns `layer`, or one that does nothing.
fn optional(
    layer: Option<impl Layer<EgressStack, Service = EgressStack>>,
) -> impl Layer<EgressStack, Service = EgressStack> {
    layer_fn(move |inner| match &layer {
        Some(layer) => layer.layer(inner),
        None => inner,
    })
}
