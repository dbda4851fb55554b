//! The service with what is below it, for the HTTP server and for a session with one client.

use super::ServerFiles;
use super::state::{Left, State};
use crate::audit::AuditLog;
use crate::cli::failure::Failure;
use crate::connections::config::ServeConfig;
use crate::platform::{Platform, Tenant};
use crate::serve::{Keys, Service};

/// A service that answers nobody yet.
pub struct Assembled {
    pub audit: AuditLog,
    pub platform: Platform,
    pub service: Service,
    /// The runs that others did not end.
    pub left: Left,
}

impl Assembled {
    /// Opens the files, and loads the component.
    pub async fn of(
        config: &ServeConfig,
        files: &ServerFiles,
        component: &[u8],
        tenants: Vec<Tenant>,
        keys: Keys,
    ) -> Result<Self, Failure> {
        let audit = AuditLog::open(&files.audit_log)
            .map_err(|error| Failure::setup(&error, error.fix()))?;
        let builder = Platform::builder()
            .max_runs(config.max_runs)
            .component(component.to_owned())
            .audit(audit.clone());
        let (state, builder) = State::open(config, files, builder).await?;
        let platform = builder.build().map_err(anyhow::Error::from)?;
        platform.keep_component(platform.host().component(), component).await;
        platform.register_all(tenants);
        let State { responses, runs, left } = state;
        let (log, below) = (audit.clone(), platform.clone());
        let service = Service::new(below, component, log, responses, runs, keys);
        let service = service.map_err(anyhow::Error::from)?;
        Ok(Self { audit, platform, service, left })
    }
}
