//! `o365 simulate --port`: serves the tenant on local ports.

use std::fs;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;

use anstyle::{AnsiColor, Style};
use anyhow::Context;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Builder;

use super::started::Started;
use crate::cli::backend::simulate;
use crate::cli::failure::Failure;
use crate::cli::job::{interrupted, runtime};
use crate::cli::{Global, output, source};
use crate::simulator::Simulator;
use crate::simulator::server::{Cloud, Ports, ServedRequest, Server, ServerOptions};

#[derive(Debug, Args)]
pub struct ServeOptions {
    /// Serve Graph and the sign-in host of the tenant over HTTP, on this port of 127.0.0.1. Port 0
    /// takes a free one.
    #[arg(long)]
    port: Option<u16>,
    /// The port for HTTPS; by default the next one.
    #[arg(long, value_name = "PORT", requires = "port", conflicts_with = "show")]
    https_port: Option<u16>,
    /// Serve over HTTPS under the host names of Graph and of the sign-in hosts, too, those of this
    /// cloud. --port is then the port for HTTPS, and the next one that for HTTP, unless
    /// --https-port is given.
    #[arg(
        long,
        value_name = "CLOUD",
        requires = "port",
        conflicts_with = "show",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = Cloud::Global.name(),
        value_parser = clouds()
    )]
    as_microsoft: Option<Cloud>,
    /// Serve Graph's beta version, too, as v1.0 is.
    #[arg(long, requires = "port", conflicts_with = "show")]
    beta: bool,
    /// The file for the certificate that HTTPS clients must trust; by default in a temporary
    /// directory.
    #[arg(long, value_name = "FILE", requires = "port", conflicts_with = "show")]
    certificate: Option<PathBuf>,
    /// The file for the key of the certificate's authority, so that clients that trust it trust the
    /// next server, too. It is created if it does not exist; by default each server has its own.
    #[arg(long, value_name = "FILE", requires = "port", conflicts_with = "show")]
    authority_key: Option<PathBuf>,
}

/// Serves until Ctrl-C.
pub fn run(
    global: &Global,
    state: Option<&Path>,
    users: Option<u32>,
    options: &ServeOptions,
) -> Result<(), Failure> {
    let file = state.map(simulate::open).transpose()?;
    let tenant = simulate::tenant(file.as_ref(), users)?;
    let policy = source::policy()?;
    let ports = options.ports()?;
    let server_options = ServerOptions {
        cloud: options.as_microsoft,
        beta: options.beta,
        authority_key: options.authority_key.clone(),
    };
    let json = global.json;
    let watcher = Arc::new(move |served: &ServedRequest| output::note(&line(json, served)));
    runtime(Builder::new_multi_thread())?.block_on(async {
        let mut end = pin!(interrupted());
        // The first poll installs the signal handlers, before Ctrl-C is announced.
        tokio::select! {
            biased;
            () = &mut end => return Ok(()),
            () = std::future::ready(()) => {}
        }
        let simulator = Simulator::new(tenant);
        let server =
            Server::bind(simulator.clone(), file, policy, ports, server_options, watcher).await;
        let server = server.map_err(anyhow::Error::from)?;
        let certificate =
            CertificateFile::write(server.certificate(), options.certificate.clone())?;
        let addresses = server.addresses().map_err(anyhow::Error::from)?;
        let started =
            Started { addresses, cloud: options.as_microsoft, certificate: &certificate.path };
        simulator.look(|tenant| started.announce(global, tenant))?;
        server.run(end).await.map_err(anyhow::Error::from)?;
        Ok(())
    })
}

impl ServeOptions {
    fn ports(&self) -> Result<Ports, Failure> {
        let port = self.port.unwrap_or_default();
        let next = || match port {
            0 => Ok(0),
            _ => port.checked_add(1).ok_or_else(|| {
                Failure::usage(
                    "there is no port after 65535",
                    "Name one with --https-port, or a smaller one with --port.",
                )
            }),
        };
        match (self.https_port, self.as_microsoft) {
            (Some(https), _) => Ok(Ports { http: port, https }),
            (None, None) => Ok(Ports { http: port, https: next()? }),
            // Microsoft's hosts have HTTPS alone.
            (None, Some(_)) => Ok(Ports { http: next()?, https: port }),
        }
    }
}

/// The values of `--as-microsoft`.
fn clouds() -> impl TypedValueParser<Value = Cloud> {
    PossibleValuesParser::new(Cloud::ALL.map(Cloud::name))
        .map(|name| Cloud::named(&name).unwrap_or(Cloud::Global))
}

/// The file with the certificate.
struct CertificateFile {
    path: PathBuf,
    /// The temporary directory of the file, if no other place is named.
    _directory: Option<TempDir>,
}

impl CertificateFile {
    fn write(pem: &str, named: Option<PathBuf>) -> Result<Self, Failure> {
        let (path, directory) = match named {
            Some(path) => (path, None),
            None => {
                let directory = tempfile::Builder::new().prefix("o365-simulate-").tempdir();
                let directory = directory.context("there is no temporary directory")?;
                (directory.path().join("simulate.pem"), Some(directory))
            }
        };
        let failed = || format!("the certificate {} cannot be written", path.display());
        fs::write(&path, pem).with_context(failed)?;
        // A configuration that names it can be anywhere.
        let path = std::path::absolute(&path).with_context(failed)?;
        Ok(Self { path, _directory: directory })
    }
}

/// Returns the log line of one request.
fn line(json: bool, served: &ServedRequest) -> String {
    let ServedRequest { method, path, status, elapsed, throttled, request_id } = served;
    let ms = elapsed.as_secs_f64() * 1_000.0;
    if json {
        let request: Value = json!({
            "method": method.as_str(),
            "path": path,
            "status": status.as_u16(),
            "ms": (ms * 10.0).round() / 10.0,
            "throttled": throttled,
            "requestId": request_id,
        });
        return request.to_string();
    }
    let color = match status.as_u16() {
        ..300 => AnsiColor::Green,
        300..400 => AnsiColor::Cyan,
        400..500 => AnsiColor::Yellow,
        _ => AnsiColor::Red,
    };
    let style = Style::new().fg_color(Some(color.into()));
    let throttled = if *throttled { "  throttled" } else { "" };
    let id = request_id.as_deref().unwrap_or("-");
    let path = output::printable(path);
    format!("{style}{}{style:#} {method:6} {path}  {ms:.1} ms{throttled}  {id}", status.as_u16())
}
