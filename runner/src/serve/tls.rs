//! The TLS certificate of the server, which can be replaced at runtime.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use disk::regular;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::ExposeSecret;
use thiserror::Error;
use tokio_rustls::TlsAcceptor;

use crate::connections::config::TlsFiles;
use crate::connections::secret::{SecretError, SecretSource};

/// The largest file of certificates, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Why TLS cannot be set up.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The certificate cannot be read.
    #[error("the certificate {path} cannot be read: {reason}", path = .path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: io::Error,
    },
    /// The file contains no certificate.
    #[error("the file {path} has no certificate in PEM", path = .path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// The private key cannot be read.
    #[error("the private key of the certificate cannot be read: {0}")]
    Key(#[from] SecretError),
    /// The file contains no private key.
    #[error("the private key's {0} has no private key in PEM")]
    NoKey(SecretSource),
    /// The certificate and the key do not match, or TLS does not support them.
    #[error("the certificate and its key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

impl TlsError {
    /// Returns the fix, in one sentence.
    pub fn fix(&self) -> String {
        match self {
            Self::Certificate { path, .. } => {
                format!("Put the certificate into {}, readable for this user.", path.display())
            }
            Self::NoCertificate { path } => format!(
                "Put the certificate into {}, followed by the intermediate certificates.",
                path.display()
            ),
            Self::Key(error) => error.fix(),
            Self::NoKey(source) => format!("Put the certificate's key into the {source}, as PEM."),
            Self::Unusable(_) => {
                "Set in [serve] a certificate and the private key that belongs to it.".to_owned()
            }
        }
    }
}

/// TLS for HTTP/2 and HTTP/1.1. Clones share the certificate.
#[derive(Clone, Debug)]
pub struct Tls(Arc<ArcSwap<ServerConfig>>);

impl Tls {
    /// Loads the certificate and its key.
    ///
    /// # Errors
    /// Fails when they cannot be read or used.
    pub fn open(files: &TlsFiles) -> Result<Self, TlsError> {
        Ok(Self(Arc::new(ArcSwap::new(config(files)?))))
    }

    /// Loads the certificate and its key again, for new connections.
    ///
    /// # Errors
    /// Fails when they cannot be read or used. The current ones then stay.
    pub fn renew(&self, files: &TlsFiles) -> Result<(), TlsError> {
        self.0.store(config(files)?);
        Ok(())
    }

    /// Returns an acceptor with the current certificate.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.0.load_full())
    }
}

fn config(files: &TlsFiles) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = certificates(&files.certificate)?;
    let key = files.private_key.read()?;
    let key = PrivateKeyDer::from_pem_slice(key.expose_secret().as_bytes())
        .map_err(|_| TlsError::NoKey(files.private_key.clone()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let failed = |reason| TlsError::Certificate { path: path.to_owned(), reason };
    let pem = regular::read_start(path, MAX_BYTES).map_err(failed)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match chain {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        _ => Err(TlsError::NoCertificate { path: path.to_owned() }),
    }
}
