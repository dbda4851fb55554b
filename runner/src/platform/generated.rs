//! The secrets that the host makes up for a run.

use uuid::Uuid;

use super::Inner;
use super::call::{Admissible, Call};
use super::failure::{Failure, Refusal};
use super::run::Ended;
use crate::report::{Kind, Report};
use crate::run;
use crate::store::generated::Generated;
use crate::values::Problem;

/// Whether a run has secrets that are kept for the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HasGenerated(bool);

impl Inner {
    /// Keeps the secrets of a run before it begins: what it creates with them must not outlive
    /// them.
    pub(super) async fn keep_generated(
        &self,
        run: Uuid,
        call: &Call,
        admissible: &Admissible,
    ) -> Result<HasGenerated, Failure> {
        let secrets = &admissible.made;
        if secrets.is_empty() || call.plan {
            return Ok(HasGenerated(false));
        }
        let Some(place) = &self.generated else {
            let problem = |name: &String| Problem {
                pointer: format!("/{name}"),
                message: "cannot be made up, since nothing keeps it for the operator".to_owned(),
            };
            return Err(Refusal::Input(secrets.keys().map(problem).collect()).into());
        };
        let generated = Generated::now(run, &call.tenant, &call.action, secrets.clone());
        place.keep(&generated).await.map_err(|error| {
            let message = format!("what was made up for the run cannot be kept: {error}");
            let report = Report::new(Kind::Environment, message, error.fix());
            Failure::Run(run::Failure::Action(report))
        })?;
        Ok(HasGenerated(true))
    }

    /// Says where the secrets of a run are, or removes them if it did nothing with them and does not
    /// go on.
    pub(super) async fn settle_generated(
        &self,
        run: Uuid,
        HasGenerated(has): HasGenerated,
        ended: &mut Ended,
        goes_on: bool,
    ) {
        let Some(place) = self.generated.as_ref().filter(|_| has && !goes_on) else { return };
        let report = ended.0.as_ref().err().map(Failure::report);
        match place.settle(run, report.as_ref()).await {
            Ok(notice) => ended.1.extend(notice),
            Err(error) => {
                tracing::warn!(%run, %error, "secrets that nothing uses are still kept");
            }
        }
    }

    /// Returns whether secrets of a run are kept that an earlier process began.
    pub(super) async fn has_generated(&self, run: Uuid) -> HasGenerated {
        let Some(place) = &self.generated else { return HasGenerated(false) };
        // If it is not known, `o365 secrets list` tells.
        HasGenerated(place.has(run).await.unwrap_or_default())
    }
}
