//! HTTPS on loopback: the certificate and the listener.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::serve::Listener;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CidrSubnet, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::hosts::Cloud;

/// The names of this machine in the certificate.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The validity of the certificate in days: the maximum of Apple's clients.
const DAYS: u32 = 397;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The time for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The number of concurrent TLS handshakes.
const HANDSHAKES: usize = 256;

/// A certificate for loopback, created at each start.
pub struct Certificate {
    /// The issuing authority in PEM, which clients must trust.
    pub authority: String,
    config: Arc<ServerConfig>,
}

impl Certificate {
    /// Creates an authority and a certificate that it signs, and drops the authority's key. The
    /// names are those of this machine, and of the hosts of `cloud`. The authority can sign for no
    /// others, for the case that a person trusts it for longer.
    pub fn generate(
        cloud: Option<Cloud>,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let hosts: Vec<&str> = cloud.into_iter().flat_map(Cloud::hosts).collect();
        let mut params = dated(CertificateParams::new([])?);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, "o365 simulate");
        params.name_constraints = Some(constraints(&hosts));
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let names = NAMES.iter().chain(&hosts).map(|name| (*name).to_owned());
        let mut params = dated(CertificateParams::new(names.collect::<Vec<_>>())?);
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.distinguished_name.push(DnType::CommonName, "localhost");
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &authority)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der())?,
            )?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { authority: authority.pem(), config: Arc::new(config) })
    }
}

/// Limits an authority to the names of this machine and to `hosts`.
fn constraints(hosts: &[&str]) -> NameConstraints {
    let local = [
        GeneralSubtree::DnsName("localhost".to_owned()),
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(Ipv4Addr::LOCALHOST.into(), 32)),
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(Ipv6Addr::LOCALHOST.into(), 128)),
    ];
    let hosts = hosts.iter().map(|host| GeneralSubtree::DnsName((*host).to_owned()));
    NameConstraints {
        permitted_subtrees: local.into_iter().chain(hosts).collect(),
        excluded_subtrees: Vec::new(),
    }
}

/// Sets the validity, from yesterday because clocks differ.
fn dated(mut params: CertificateParams) -> CertificateParams {
    let now = SystemTime::now();
    params.not_before = now.checked_sub(DAY).unwrap_or(now).into();
    params.not_after = now.checked_add(DAY * DAYS).unwrap_or(now).into();
    params
}

/// A listener that returns connections after their TLS handshake. Slow handshakes delay no other
/// client.
pub struct TlsListener {
    streams: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
    accepting: AbortHandle,
}

impl TlsListener {
    /// Starts to accept connections from `listener`.
    pub fn new(listener: TcpListener, certificate: &Certificate) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let acceptor = TlsAcceptor::from(Arc::clone(&certificate.config));
        let (sender, streams) = mpsc::channel(HANDSHAKES);
        let accepting = tokio::spawn(accept(listener, acceptor, sender)).abort_handle();
        Ok(Self { streams, address, accepting })
    }
}

async fn accept(
    mut listener: TcpListener,
    acceptor: TlsAcceptor,
    sender: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let permits = Arc::new(Semaphore::new(HANDSHAKES));
    while let Ok(permit) = Arc::clone(&permits).acquire_owned().await {
        let (stream, address) = Listener::accept(&mut listener).await;
        let (acceptor, sender) = (acceptor.clone(), sender.clone());
        tokio::spawn(async move {
            // Avoids the delay of small responses.
            let _ = stream.set_nodelay(true);
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                let _ = sender.send((stream, address)).await;
            }
            drop(permit);
        });
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.streams.recv().await {
            Some(accepted) => accepted,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
