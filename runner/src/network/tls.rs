//! The TLS handshake and its faults.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::rt::{Read, Write};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{CertificateError, ClientConfig, Error as TlsError, OtherError};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Host;

use super::fault::Fault;
use super::trust::{self, CertificatesError, SelfSigned, Verifier};
use crate::network::Trust;
use crate::recording::HttpError;

/// HTTP/2, then HTTP/1.1.
const EITHER: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The protocols to offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// HTTP/2 first, then HTTP/1.1.
    Either,
    /// HTTP/1.1 alone.
    Http1,
}

/// Makes TLS connections for one client.
pub(super) struct Tls {
    either: Arc<ClientConfig>,
    http1: Arc<ClientConfig>,
    no_roots: bool,
    /// The time limit of a handshake.
    limit: Duration,
}

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsSetupError {
    /// A file of `ca-certificates` cannot be used.
    #[error(transparent)]
    Certificates(#[from] CertificatesError),
    /// The library refuses its own protocol versions.
    #[error("TLS cannot be set up: {0}")]
    Library(#[from] TlsError),
}

impl Tls {
    /// Sets up TLS with this trust.
    pub fn new(trust: &Trust, limit: Duration) -> Result<Self, TlsSetupError> {
        let verifier = Arc::new(Verifier::new(trust)?);
        let [_, http1] = EITHER;
        Ok(Self {
            no_roots: verifier.has_no_roots(),
            either: Arc::new(trust::configuration(Arc::clone(&verifier), &EITHER)?),
            http1: Arc::new(trust::configuration(verifier, &[http1])?),
            limit,
        })
    }

    /// Performs the handshake with `host` over `stream`.
    pub async fn handshake<S: Read + Write + Unpin>(
        &self,
        host: &Host,
        offer: Offer,
        stream: S,
    ) -> Result<TlsStream<TokioIo<S>>, Fault> {
        let name = match host {
            Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|_| {
                Fault::new(
                    HttpError::HttpRequestUriInvalid,
                    format!("{name} cannot be the name in a certificate"),
                )
            })?,
            Host::Ipv4(address) => ServerName::from(std::net::IpAddr::from(*address)),
            Host::Ipv6(address) => ServerName::from(std::net::IpAddr::from(*address)),
        };
        let configuration = match offer {
            Offer::Either => &self.either,
            Offer::Http1 => &self.http1,
        };
        let connector = TlsConnector::from(Arc::clone(configuration));
        match timeout(self.limit, connector.connect(name, TokioIo::new(stream))).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(self.fault(host, &error)),
            Err(_) => Err(Fault::unsent(format!(
                "{host} did not finish the TLS handshake within {:?}",
                self.limit
            ))),
        }
    }

    fn fault(&self, host: &Host, error: &io::Error) -> Fault {
        match error.get_ref().and_then(|error| error.downcast_ref::<TlsError>()) {
            Some(TlsError::InvalidCertificate(error)) => self.certificate_fault(host, error),
            Some(TlsError::AlertReceived(alert)) => {
                Fault::unsent(format!("{host} ended the TLS handshake with the alert {alert:?}"))
            }
            Some(error) => Fault::unsent(format!("the TLS handshake with {host} failed: {error}"))
                .fix("Check that the address and its port are an https server's."),
            None => Fault::unsent(format!("{host} broke off the TLS handshake: {error}")),
        }
    }

    fn certificate_fault(&self, host: &Host, error: &CertificateError) -> Fault {
        let fault = |message| Fault::new(HttpError::TlsCertificateError, message);
        match error {
            CertificateError::UnknownIssuer if self.no_roots => fault(format!(
                "the certificate of {host} cannot be checked: this machine's store of authorities is empty"
            ))
            .fix("Install this system's package of authorities, often named ca-certificates, or name a PEM file in ca-certificates of the connection."),
            CertificateError::UnknownIssuer => fault(format!(
                "the certificate of {host} is of an authority that is not trusted"
            ))
            .fix("If the authority is a private one, or a proxy's that inspects TLS, name its PEM file in ca-certificates of the connection."),
            CertificateError::BadSignature => fault(format!(
                "the certificate of {host} names an authority that is trusted, and has another one's signature"
            ))
            .fix("If the authority has a new key, name its new PEM file in ca-certificates of the connection; otherwise somebody is on the way."),
            CertificateError::Other(OtherError(other)) if other.is::<SelfSigned>() => fault(format!(
                "the certificate of {host} is signed by the server itself"
            ))
            .fix("If the server is known and no other certificate can be had, set trust-self-signed-certificates = true in the connection."),
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                fault(format!("the certificate of {host} has expired"))
                    .fix("Have the server's certificate renewed; if it is not expired, correct this machine's clock.")
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                fault(format!("the certificate of {host} is not valid yet"))
                    .fix("Correct this machine's clock; if it is right, have the server's certificate replaced.")
            }
            CertificateError::NotValidForNameContext { presented, .. } => {
                wrong_name(fault(format!("the certificate is not for {host}, but for {}", names(presented))))
            }
            CertificateError::NotValidForName => {
                wrong_name(fault(format!("the certificate is not for {host}")))
            }
            error => fault(format!("the certificate of {host} is not acceptable: {error}")),
        }
    }
}

fn wrong_name(fault: Fault) -> Fault {
    fault.fix("Correct graph-url or login-url to a name that the certificate is for.")
}

fn names(presented: &[String]) -> String {
    if presented.is_empty() { "no name at all".to_owned() } else { presented.join(", ") }
}
