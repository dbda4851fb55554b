//! The configuration, the certificate and the component, read again while runs go on.

use super::{Options, at};
use crate::audit::AuditLog;
use crate::cli::failure::Failure;
use crate::cli::{Global, output, source};
use crate::connections::config::{ServeConfig, TlsFiles};
use crate::connections::file::{ConfigProblem, Connections};
use crate::connections::verification::{self, Verdict};
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
    /// Takes the component, the audit log and the configuration as they are now. What is wrong
    /// with one of them is told, and leaves that one as it was.
    pub async fn take(&self) {
        self.tell(self.take_component().await, "the component is not taken");
        let opened = self.audit.reopen().await.map_err(anyhow::Error::from);
        let goes_on = "the audit log is not opened again, and what was open goes on";
        self.tell(opened.map_err(Failure::from), goes_on);
        let taken = match self.options.simulate {
            true => self.take_certificate(self.config.tls.as_ref()),
            false => self.take_configuration(),
        };
        if self.tell(taken, "the configuration is not taken") {
            tracing::info!("the configuration was read again");
        }
    }

    /// Says what is wrong, if something is; whether nothing is.
    fn tell(&self, taken: Result<(), Failure>, is_not: &str) -> bool {
        let warn = |message: &str| output::warn(self.global.json, message);
        if let Err(failure) = &taken {
            warn(&format!("{is_not}: {}", failure.message()));
        }
        if let Err(failure) = &taken
            && let problems @ [_, _, ..] = failure.config_problems()
        {
            for ConfigProblem { line, key, message, fix } in problems {
                warn(&format!("line {line}: {key} {message}. {fix}"));
            }
        }
        taken.is_ok()
    }

    async fn take_component(&self) -> Result<(), Failure> {
        if self.global.component.is_some() {
            let component = source::component(self.global)?.into_owned();
            self.service.reload(component).await.map_err(anyhow::Error::from)?;
        }
        Ok(())
    }

    fn take_configuration(&self) -> Result<(), Failure> {
        let file = source::connections(self.global)?;
        callable(self.global, &file)?;
        let tenants = configured::tenants(&file, |one| Link::live(one.clone()));
        if let Some(short) = short_of_places(&tenants, self.config.max_runs) {
            output::warn(self.global.json, &short);
        }
        let asked = at(self.options, file.serve().clone())?;
        self.take_certificate(asked.tls.as_ref())?;
        warn_of_secrets(self.global, &file);
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
        let tls = match (&self.config.tls, &asked.tls) {
            (Some(started), Some(_)) => Some(started.clone()),
            (_, asked) => asked.clone(),
        };
        ServeConfig { operator_keys, tls, ..asked } == *self.config
    }
}

/// Warns of connections whose secrets are not there: their runs will fail.
pub fn warn_of_secrets(global: &Global, file: &Connections) {
    for connection in file.iter() {
        let found = verification::secrets(connection);
        if found.verdict == Verdict::Failed {
            let fix = found.fix.unwrap_or_default();
            let message = format!("connection {}: {} {fix}", connection.id, found.message);
            output::warn(global.json, message.trim_end());
        }
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
