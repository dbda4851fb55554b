//! The certificate of HTTPS, and the authority that signs it.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use disk::replace::{self, Synced};
use disk::{private, regular};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CidrSubnet, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints,
    SerialNumber,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use thiserror::Error;
use uuid::Uuid;

use super::hosts::Cloud;

/// The names of this machine in the certificate.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The name of the authority.
const AUTHORITY: &str = "o365 simulate";

/// The validity of the certificate in days: the maximum of Apple's clients.
const DAYS: u32 = 397;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The length of the largest file that is taken for a key, in bytes.
const MAX_KEY: u64 = 64 << 10;

/// A certificate for loopback, created at each start.
pub struct Certificate {
    /// The issuing authority in PEM, which clients must trust.
    pub authority: String,
    pub config: Arc<ServerConfig>,
}

/// Why there is no certificate.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// The certificate cannot be created.
    #[error("a certificate cannot be created: {0}")]
    Creation(Box<dyn std::error::Error + Send + Sync>),
    /// The file with the key of the authority cannot be read or created.
    #[error("the key of the authority in {} cannot be used: {reason}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: io::Error,
    },
    /// Others can read the key of the authority, and sign with it.
    #[error(
        "others have access to the key of the authority in {path}; remove {path}, for they may have seen it, and trust the certificate of the new one",
        path = .0.display()
    )]
    Exposed(PathBuf),
    /// The file of the key has something else in it.
    #[error(
        "{} has no private key in PEM, and is left unchanged; remove it, or name another file",
        .0.display()
    )]
    Foreign(PathBuf),
}

impl Certificate {
    /// Creates a certificate for the names of this machine and the hosts of `cloud`, and the
    /// authority that signs it with the key in `file`. Without a file, the key is dropped.
    pub fn generate(cloud: Option<Cloud>, file: Option<&Path>) -> Result<Self, CertificateError> {
        let created = |error: rcgen::Error| CertificateError::Creation(error.into());
        let key = match file {
            Some(path) => kept(path)?,
            None => KeyPair::generate().map_err(created)?,
        };
        let hosts: Vec<&str> = cloud.into_iter().flat_map(Cloud::hosts).collect();
        let authority = authority(cloud, &hosts, key).map_err(created)?;
        let config = config(&authority, &hosts).map_err(CertificateError::Creation)?;
        Ok(Self { authority: authority.pem(), config: Arc::new(config) })
    }
}

/// Creates the authority. It can sign for these names alone, since a person may trust it for longer
/// than the server runs.
fn authority(
    cloud: Option<Cloud>,
    hosts: &[&str],
    key: KeyPair,
) -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = dated(CertificateParams::new([])?);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // Clients look an authority up by its name, and those of other names cannot replace it.
    let name = cloud.map(|cloud| format!("{AUTHORITY} as Microsoft ({})", cloud.name()));
    params.distinguished_name.push(DnType::CommonName, name.as_deref().unwrap_or(AUTHORITY));
    // Stores refuse a second certificate with the number of the first.
    params.serial_number = Some(SerialNumber::from_slice(Uuid::new_v4().as_bytes()));
    params.name_constraints = Some(constraints(hosts));
    CertifiedIssuer::self_signed(params, key)
}

/// Creates a certificate for the names of this machine and `hosts`, and the configuration with it.
fn config(
    authority: &CertifiedIssuer<'_, KeyPair>,
    hosts: &[&str],
) -> Result<ServerConfig, Box<dyn std::error::Error + Send + Sync>> {
    let names = NAMES.iter().chain(hosts).map(|name| (*name).to_owned());
    let mut params = dated(CertificateParams::new(names.collect::<Vec<_>>())?);
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.distinguished_name.push(DnType::CommonName, "localhost");
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, authority)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der())?,
        )?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
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

/// Returns the key in the file at `path`, which is created with mode 0600 if it does not exist.
fn kept(path: &Path) -> Result<KeyPair, CertificateError> {
    let failed = |reason| CertificateError::Key { path: path.to_owned(), reason };
    let file = match regular::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key =
                KeyPair::generate().map_err(|error| CertificateError::Creation(error.into()))?;
            let pem = key.serialize_pem();
            replace::replace(path, pem.as_bytes(), Synced::Content).map_err(failed)?;
            return Ok(key);
        }
        Err(error) => return Err(failed(error)),
    };
    if private::exposure(&file.metadata().map_err(failed)?).is_some() {
        return Err(CertificateError::Exposed(path.to_owned()));
    }
    let mut pem = String::new();
    let foreign = || CertificateError::Foreign(path.to_owned());
    io::Read::read_to_string(&mut io::Read::take(file, MAX_KEY), &mut pem)
        .map_err(|_| foreign())?;
    KeyPair::from_pem(&pem).map_err(|_| foreign())
}
