//! The certificates that are accepted.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use disk::regular;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{self, CryptoProvider, WebPkiSupportedAlgorithms, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, OtherError,
    RootCertStore, SignatureScheme,
};
use thiserror::Error;
use webpki::EndEntityCert;

/// The certificates that a connection trusts beside those of the platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Trust {
    /// PEM files with the certificates of private authorities.
    pub ca_certificates: Vec<PathBuf>,
    /// Whether every self-signed certificate is accepted.
    pub self_signed: bool,
}

/// The largest certificate file, in bytes. The whole store of a platform has a quarter of a
/// megabyte.
const LARGEST_FILE: u64 = 8 << 20;

/// Why a file of `ca-certificates` cannot be used.
#[derive(Debug, Error)]
pub enum CertificatesError {
    /// It cannot be read.
    #[error("the file {path} of ca-certificates cannot be read: {1}. Correct the path, or let this user read the file", path = .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    /// It is too large for a file of certificates.
    #[error("the file {path} of ca-certificates is larger than {LARGEST_FILE} bytes. Name a PEM file with the authorities' certificates alone", path = .0.display())]
    TooLarge(PathBuf),
    /// It contains no certificate in PEM form.
    #[error("the file {path} of ca-certificates contains no PEM certificate. It needs the text between -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----; convert a binary one with `openssl x509 -inform der -in FILE`", path = .0.display())]
    Empty(PathBuf),
    /// The certificate with this number, from 1, is damaged.
    #[error("certificate {1} in the file {path} of ca-certificates is damaged: {2}. Export it again from its source", path = .0.display())]
    Damaged(PathBuf, usize, String),
}

/// The certificates of this machine's store, which takes long to read.
static PLATFORM: LazyLock<Vec<CertificateDer<'static>>> = LazyLock::new(|| {
    let found = rustls_native_certs::load_native_certs();
    for error in found.errors {
        tracing::warn!(%error, "a certificate of this machine's store is ignored");
    }
    found.certs
});

/// Returns the warning for each run of a connection that accepts self-signed certificates.
pub fn warning(connection: &str, trust: &Trust) -> Option<String> {
    trust.self_signed.then(|| {
        format!(
            "connection {connection:?} accepts every self-signed certificate, so anyone on the \
             network path can read and change what is sent; name the server's authority in \
             ca-certificates, and remove trust-self-signed-certificates"
        )
    })
}

/// Creates a TLS configuration that offers `alpn`, in that order, and shares no session
/// tickets.
pub(super) fn configuration(
    verifier: Arc<Verifier>,
    alpn: &[&[u8]],
) -> Result<ClientConfig, TlsError> {
    let mut configuration = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    configuration.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(configuration)
}

fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: LazyLock<Arc<CryptoProvider>> =
        LazyLock::new(|| Arc::new(ring::default_provider()));
    Arc::clone(&PROVIDER)
}

/// The standard verification of a server's certificate, except that it distinguishes
/// self-signed certificates, and accepts them if configured.
#[derive(Debug)]
pub(super) struct Verifier {
    roots: RootCertStore,
    self_signed: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

/// The certificate is self-signed.
#[derive(Debug, Error)]
#[error("the certificate is signed by itself")]
pub(super) struct SelfSigned;

impl Verifier {
    /// Creates a verifier with the platform's authorities and those of `trust`.
    pub fn new(trust: &Trust) -> Result<Self, CertificatesError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(PLATFORM.iter().cloned());
        for path in &trust.ca_certificates {
            add(&mut roots, path)?;
        }
        let algorithms = provider().signature_verification_algorithms;
        Ok(Self { roots, self_signed: trust.self_signed, algorithms })
    }

    /// Returns whether there are no trusted authorities.
    pub fn has_no_roots(&self) -> bool {
        self.roots.is_empty()
    }

    fn verify(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), TlsError> {
        let certificate = ParsedCertificate::try_from(leaf)?;
        verify_server_cert_signed_by_trust_anchor(
            &certificate,
            &self.roots,
            intermediates,
            now,
            self.algorithms.all,
        )?;
        verify_server_name(&certificate, server_name)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let verified = ServerCertVerified::assertion();
        match self.verify(leaf, intermediates, server_name, now) {
            Ok(()) => Ok(verified),
            // The server chooses the names and dates itself, so they are not checked. The
            // handshake proves that the server has the key.
            Err(_) if self.self_signed && is_self_signed(leaf) => Ok(verified),
            Err(error) if is_unknown(&error) && is_self_signed(leaf) => {
                Err(CertificateError::Other(OtherError(Arc::new(SelfSigned))).into())
            }
            Err(error) => Err(error),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        crypto::verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Returns whether a certificate names itself as its issuer.
fn is_self_signed(certificate: &CertificateDer<'_>) -> bool {
    EndEntityCert::try_from(certificate)
        .is_ok_and(|certificate| certificate.issuer() == certificate.subject())
}

/// Returns whether the authority is the problem. A self-signed certificate may also claim to be
/// an authority's, which a server's must not, or have the name of a trusted authority.
fn is_unknown(error: &TlsError) -> bool {
    match error {
        TlsError::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        ) => true,
        TlsError::InvalidCertificate(CertificateError::Other(OtherError(other))) => {
            matches!(other.downcast_ref::<webpki::Error>(), Some(webpki::Error::CaUsedAsEndEntity))
        }
        _ => false,
    }
}

/// Adds the certificates of the PEM file `path`.
fn add(roots: &mut RootCertStore, path: &Path) -> Result<(), CertificatesError> {
    let damaged = |number, reason| CertificatesError::Damaged(path.into(), number, reason);
    let pem = regular::read_start(path, LARGEST_FILE + 1)
        .map_err(|source| CertificatesError::Unreadable(path.into(), source))?;
    if u64::try_from(pem.len()).is_ok_and(|length| length > LARGEST_FILE) {
        return Err(CertificatesError::TooLarge(path.into()));
    }
    let mut found = false;
    for (certificate, number) in CertificateDer::pem_slice_iter(&pem).zip(1..) {
        found = true;
        let certificate = certificate.map_err(|error| damaged(number, error.to_string()))?;
        roots.add(certificate).map_err(|error| damaged(number, error.to_string()))?;
    }
    if found { Ok(()) } else { Err(CertificatesError::Empty(path.into())) }
}
