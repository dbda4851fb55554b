//! The configuration, the certificate and the component, read again while runs go on.

use super::{Options, at};
use crate::audit::AuditLog;
use crate::cli::failure::Failure;
use crate::cli::{Global, output, source};
use crate::connections::config::{ServeConfig, TlsFiles};
use crate::connections::file::Connections;
use crate::platform::{Link, Platform, Tenant};
use crate::serve::tls::Tls;
use crate::serve::{Service, configured};

/// What is read again on SIGHUP, and by whom it is taken.
pub struct Reloading<'a> {
    pub global: &'a Global,
    pub options: &'a Options,
    /// What the server was started with.
    pub config: &'a ServeConfig,
    pub platform: &'a Platform,
    pub service: &'a Service,
    pub audit: &'a AuditLog,
    /// None where plain HTTP is spoken.
    pub tls: Option<&'a Tls>,
}

impl Reloading<'_> {
    /// Takes the configuration and the component as they are now. What is wrong with them is
    /// told, and changes nothing.
    pub async fn take(&self) {
        match self.taken().await {
            Ok(()) => tracing::info!("the configuration was read again"),
            Err(failure) => output::warn(
                self.global.json,
                &format!("the configuration is not taken: {}", failure.message()),
            ),
        }
    }

    async fn taken(&self) -> Result<(), Failure> {
        if !self.options.simulate {
            self.take_tenants()?;
        }
        if self.global.component.is_some() {
            let component = source::component(self.global)?.into_owned();
            self.service.reload(component).await.map_err(anyhow::Error::from)?;
        }
        Ok(self.audit.reopen().await.map_err(anyhow::Error::from)?)
    }

    fn take_tenants(&self) -> Result<(), Failure> {
        let file = source::connections(self.global)?;
        callable(self.global, &file)?;
        let tenants = configured::tenants(&file, |one| Link::live(one.clone()));
        if let Some(short) = short_of_places(&tenants, self.config.max_runs) {
            output::warn(self.global.json, &short);
        }
        let asked = at(self.options, file.serve().clone())?;
        self.take_certificate(asked.tls.as_ref())?;
        if !self.takes_all_of(asked) {
            let message = "[serve] has changed, and only its operator-keys and another certificate are taken before the server is started again";
            output::warn(self.global.json, message);
        }
        self.platform.register_all(tenants);
        self.service.admit(configured::keys(&file));
        Ok(())
    }

    /// Takes the certificate as it is now: it may have been renewed.
    fn take_certificate(&self, files: Option<&TlsFiles>) -> Result<(), Failure> {
        match self.tls.zip(files) {
            Some((tls, files)) => {
                tls.renew(files).map_err(|error| Failure::setup(&error, error.fix()))
            }
            None => Ok(()),
        }
    }

    /// Whether nothing has changed but what can be taken while it serves.
    fn takes_all_of(&self, asked: ServeConfig) -> bool {
        let operator_keys = self.config.operator_keys.clone();
        let tls = asked.tls.and(self.config.tls.clone());
        ServeConfig { operator_keys, tls, ..asked } == *self.config
    }
}

/// What there is to warn of where the tenants may have more runs at a time than there are
/// places: when those are all taken, whoever comes waits for the runs of others.
pub fn short_of_places(tenants: &[Tenant], max_runs: u32) -> Option<String> {
    let wanted: usize = tenants.iter().map(|tenant| tenant.limits.concurrent_runs).sum();
    (wanted > usize::try_from(max_runs).unwrap_or(usize::MAX)).then(|| {
        format!(
            "the tenants may have {wanted} runs at a time together, and max-runs is {max_runs}: where so many wait for a slow Graph, the others wait for them"
        )
    })
}

/// Refuses a configuration by which nobody could call, or that allows an action that there is
/// not.
pub fn callable(global: &Global, file: &Connections) -> Result<(), Failure> {
    if file.tenants().next().is_none() {
        return Err(Failure::usage(
            format!("{} has no tenant who could call", file.path().display()),
            "Run o365 tenant add ID, which makes one with a key.",
        ));
    }
    let allowed = file.tenants().flat_map(|tenant| tenant.actions.iter().flatten());
    source::actions_exist(global, allowed)
}
