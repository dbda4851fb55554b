//! Reads the configuration, the certificate and the component again, while runs continue.

use jiff::{SignedDuration, Timestamp};

use super::{Options, with_address};
use crate::api_key::AcceptedKey;
use crate::audit::AuditLog;
use crate::cli::failure::Failure;
use crate::cli::{Global, log, output, source};
use crate::connections::config::{ServeConfig, TlsFiles};
use crate::connections::file::{ConfigError, ConfigProblem, Connections};
use crate::connections::verification::{self, Verdict};
use crate::platform::{Link, Platform, Tenant};
use crate::serve::tls::Tls;
use crate::serve::{Service, configured};
use crate::simulator::{Simulator, Tenant as Directory};

/// How long before the end of the last key the log warns of it.
const WARNING_TIME: SignedDuration = SignedDuration::from_hours(14 * 24);

/// The parts of a server that SIGHUP renews.
pub struct Reloading<'a> {
    pub global: &'a Global,
    pub options: &'a Options,
    /// The configuration of the server.
    pub config: &'a ServeConfig,
    pub platform: &'a Platform,
    pub service: &'a Service,
    pub audit: &'a AuditLog,
    /// `None` for plain HTTP.
    pub tls: Option<&'a Tls>,
}

impl Reloading<'_> {
    /// Reads the component, the audit log and the configuration again. One that cannot be used
    /// causes a warning, and remains as it was.
    pub async fn reload(&self) {
        self.warn(self.reload_component().await, "the component is unchanged");
        let opened = self.audit.reopen().await.map_err(anyhow::Error::from);
        self.warn(opened.map_err(Failure::from), "the audit log is not opened again");
        let reloaded = match source::configuration(self.global) {
            Ok(None) if self.options.simulate => self.reload_certificate(self.config.tls.as_ref()),
            _ => self.reload_configuration(),
        };
        if self.warn(reloaded, "the configuration is unchanged") {
            tracing::info!("the configuration was read again");
        }
    }

    /// Warns of a failure. Returns whether there is none.
    fn warn(&self, result: Result<(), Failure>, consequence: &str) -> bool {
        let Err(failure) = result else { return true };
        let warn = |message: &str| warn(self.global, message);
        warn(&format!("{consequence}: {}", failure.message()));
        if let problems @ [_, _, ..] = failure.config_problems() {
            for ConfigProblem { line, key, message, fix } in problems {
                warn(&format!("line {line}: {key} {message}. {fix}"));
            }
        }
        false
    }

    async fn reload_component(&self) -> Result<(), Failure> {
        if self.global.component.is_some() {
            let component = source::component(self.global)?.into_owned();
            self.service.reload(component).await.map_err(anyhow::Error::from)?;
        }
        Ok(())
    }

    fn reload_configuration(&self) -> Result<(), Failure> {
        let file = source::served(self.global)?.ok_or_else(ConfigError::not_found)?;
        has_tenant(&file)?;
        let directory = self.options.simulate.then(Directory::built_in).transpose();
        let directory = directory.map_err(anyhow::Error::from)?;
        let tenants = configured::tenants(&file, |tenant, one| match &directory {
            None => Link::live(one.clone()),
            Some(directory) => self.simulated(tenant, &one.id, directory),
        });
        if let Some(short) = short_of_places(&tenants, self.config.max_runs) {
            warn(self.global, &short);
        }
        let asked = with_address(self.options, file.serve().clone())?;
        self.reload_certificate(asked.tls.as_ref())?;
        if !self.options.simulate {
            warn_of_secrets(self.global, &file);
        }
        let public_url = asked.public_url.clone();
        warn_of_expiry(self.global, &file);
        if !self.takes_effect(asked) {
            let message = "[serve] has changed; only its operator-keys, its public-url and its certificate take effect before a restart";
            warn(self.global, message);
        }
        self.platform.register_all(tenants);
        self.service.admit(configured::keys(&file));
        self.service.call_back(configured::callbacks(&file)).map_err(anyhow::Error::from)?;
        self.service.announce(public_url);
        Ok(())
    }

    /// Returns a simulated connection of a tenant, with what was done in it, or a new one.
    fn simulated(&self, tenant: &str, id: &str, directory: &Directory) -> Link {
        let known = self.platform.tenant(tenant).and_then(|tenant| tenant.link(id).cloned());
        known.unwrap_or_else(|| Link::simulated(id, Simulator::new(directory.clone())))
    }

    /// Reads the certificate again, which may have been renewed.
    fn reload_certificate(&self, files: Option<&TlsFiles>) -> Result<(), Failure> {
        match self.tls.zip(files) {
            Some((tls, files)) => {
                tls.renew(files).map_err(|error| Failure::setup(&error, error.fix()))
            }
            None => Ok(()),
        }
    }

    /// Returns whether all changes take effect without a restart.
    fn takes_effect(&self, asked: ServeConfig) -> bool {
        let operator_keys = self.config.operator_keys.clone();
        let public_url = self.config.public_url.clone();
        let tls = match (&self.config.tls, &asked.tls) {
            (Some(started), Some(_)) => Some(started.clone()),
            (_, asked) => asked.clone(),
        };
        ServeConfig { operator_keys, tls, public_url, ..asked } == *self.config
    }
}

/// Warns the operator of a running server: in the log, whose queue a blocked stderr does not hold up,
/// or where the log is off, from a thread that may be held up.
pub fn warn(global: &Global, message: &str) {
    if log::is_on() {
        tracing::warn!("{message}");
        return;
    }
    let (json, message) = (global.json, message.to_owned());
    std::thread::spawn(move || output::warn(json, &message));
}

/// Warns of connections with missing secrets, whose runs will fail.
pub fn warn_of_secrets(global: &Global, file: &Connections) {
    for connection in file.iter() {
        let found = verification::secrets(connection);
        if found.verdict == Verdict::Failed {
            let fix = found.fix.unwrap_or_default();
            let message = format!("connection {}: {} {fix}", connection.id, found.message);
            warn(global, message.trim_end());
        }
    }
}

/// Warns of callers whose last key expires soon.
pub fn warn_of_expiry(global: &Global, file: &Connections) {
    let warn = |whose: &str, keys: &[AcceptedKey], command: &str| {
        if let Some(end) = end_of_access(keys, Timestamp::now()) {
            let message = format!(
                "the last key of {whose} expires at {end}; o365 tenant rotate {command} makes another one"
            );
            warn(global, &message);
        }
    };
    for tenant in file.tenants() {
        warn(&format!("tenant {}", tenant.id), &tenant.keys, &tenant.id);
    }
    warn("the operator", &file.serve().operator_keys, "--operator");
}

/// Returns the time from which on none of the valid keys is valid any more, if that is soon.
fn end_of_access(keys: &[AcceptedKey], now: Timestamp) -> Option<Timestamp> {
    let ends = keys.iter().filter(|key| !key.is_expired(now)).map(|key| key.expires);
    let ends: Option<Vec<Timestamp>> = ends.collect();
    ends?.into_iter().max().filter(|end| end.duration_since(now) <= WARNING_TIME)
}

/// Returns a warning when the tenants together may have more runs at a time than `max_runs`.
pub fn short_of_places(tenants: &[Tenant], max_runs: u32) -> Option<String> {
    let wanted: usize = tenants.iter().map(|tenant| tenant.limits.concurrent_runs).sum();
    (wanted > usize::try_from(max_runs).unwrap_or(usize::MAX)).then(|| {
        format!(
            "the tenants may have {wanted} runs at a time together, and max-runs is {max_runs}: while Graph is slow, runs of one tenant can wait for those of another"
        )
    })
}

/// Refuses a configuration without a tenant.
pub fn has_tenant(file: &Connections) -> Result<(), Failure> {
    if file.tenants().next().is_none() {
        return Err(Failure::usage(
            format!("{} has no tenant", file.path().display()),
            "Run o365 tenant add ID to add one with a key.",
        ));
    }
    Ok(())
}
