//! Which certificates are accepted, and what is said of the others.

use std::fs;

use rcgen::{BasicConstraints, IsCa};
use runner::egress::HttpError;
use runner::network::Trust;
use runner::network::{Client, ClientOptions, Fault, trust};

use super::certificates::{Authority, HTTP1, HTTP2, Identity, expired, not_yet};
use super::server::{Server, ok};
use super::{get, options};

const SELF_SIGNED: Trust = Trust { ca_certificates: Vec::new(), self_signed: true };

/// The answer of a server with `identity`, asked with `trust`.
async fn ask(identity: &Identity, trust: Trust) -> Result<u16, Fault> {
    let server = Server::start(identity).await;
    let client = Client::new(&ClientOptions { trust, ..options([server.url()]) }).unwrap();
    let answer = get(&client, &server.url()).await.map(|(status, _)| status);
    let requests = usize::from(answer.is_ok());
    assert_eq!(server.seen().len(), requests, "a server that is not trusted gets no request");
    answer
}

/// What is said of the certificate.
#[track_caller]
fn said(answer: Result<u16, Fault>) -> (String, String) {
    let fault = super::fault(answer);
    assert!(matches!(fault.http, HttpError::TlsCertificateError), "{fault:?}");
    (fault.message, fault.fix.unwrap_or_default())
}

#[tokio::test]
async fn a_private_authority_is_trusted_by_its_file() {
    let authority = Authority::new();
    let identity = authority.sign("127.0.0.1");
    assert_eq!(ask(&identity, authority.trust()).await.unwrap(), 200);
    for protocols in [HTTP1, HTTP2, &[]] {
        let server = Server::speaking(&identity, protocols, ok()).await;
        let trust = authority.trust();
        let client = Client::new(&ClientOptions { trust, ..options([server.url()]) }).unwrap();
        assert_eq!(get(&client, &server.url()).await.unwrap().0, 200);
    }
    // One of several certificates in one of several files.
    let (first, second) = (Authority::new(), Authority::new());
    let file = first.file().with_file_name("both.pem");
    let both = [&first, &second].map(|authority| fs::read_to_string(authority.file()).unwrap());
    fs::write(&file, format!("A note\n{}\n{}", both[0], both[1])).unwrap();
    let trust = Trust { ca_certificates: vec![authority.file(), file], self_signed: false };
    assert_eq!(ask(&second.sign("127.0.0.1"), trust).await.unwrap(), 200);
}

#[tokio::test]
async fn a_private_authority_without_its_file_names_the_option() {
    let authority = Authority::new();
    let identity = authority.sign("127.0.0.1");
    // The option for servers that sign themselves is not for this one.
    for trust in [Trust::default(), SELF_SIGNED, Authority::new().trust()] {
        let (message, fix) = said(ask(&identity, trust).await);
        assert!(message.contains("127.0.0.1"), "{message}");
        assert!(fix.contains("ca-certificates of the connection"), "{fix}");
        assert!(!fix.contains("trust-self-signed"), "{fix}");
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_accepted_by_its_own_option_alone() {
    let authority = |params: &mut rcgen::CertificateParams| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    };
    let others = Authority::new();
    for identity in [
        Identity::self_signed("127.0.0.1"),
        Identity::self_signed("proxy.contoso.com"),
        Identity::self_signed_changed("127.0.0.1", authority),
        Identity::self_signed_changed("127.0.0.1", expired),
    ] {
        assert_eq!(ask(&identity, SELF_SIGNED).await.unwrap(), 200);
    }
    for identity in
        [Identity::self_signed("127.0.0.1"), Identity::self_signed_changed("127.0.0.1", authority)]
    {
        for trust in [Trust::default(), others.trust()] {
            let (message, fix) = said(ask(&identity, trust).await);
            assert!(message.contains("signed by the server itself"), "{message}");
            assert!(fix.contains("trust-self-signed-certificates = true"), "{fix}");
        }
    }
}

#[tokio::test]
async fn a_server_without_the_key_of_its_certificate_is_refused() {
    let authority = Authority::new();
    let trusted = Trust { self_signed: true, ..authority.trust() };
    for identity in [Identity::self_signed("127.0.0.1"), authority.sign("127.0.0.1")] {
        let fault = super::fault(ask(&identity.stolen(), trusted.clone()).await);
        let http = &fault.http;
        assert!(
            matches!(http, HttpError::TlsCertificateError | HttpError::DestinationUnavailable),
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_said() {
    let authority = Authority::new();
    // The option for servers that sign themselves changes nothing here.
    let self_signed = Trust { self_signed: true, ..authority.trust() };
    for trust in [authority.trust(), self_signed] {
        let old = authority.sign_changed("127.0.0.1", expired);
        let (message, fix) = said(ask(&old, trust.clone()).await);
        assert!(message.contains("has expired"), "{message}");
        assert!(fix.contains("clock"), "{fix}");

        let new = authority.sign_changed("127.0.0.1", not_yet);
        let (message, fix) = said(ask(&new, trust.clone()).await);
        assert!(message.contains("is not valid yet"), "{message}");
        assert!(fix.contains("clock"), "{fix}");

        let other = authority.sign("graph.fabrikam.com");
        let (message, fix) = said(ask(&other, trust).await);
        assert!(message.contains("is not for 127.0.0.1"), "{message}");
        assert!(message.contains("graph.fabrikam.com"), "{message}");
        assert!(fix.contains("graph-url"), "{fix}");
    }
}

#[test]
fn a_file_that_is_no_certificate_is_named_before_anything_is_sent() {
    let authority = Authority::new();
    let path = |name: &str| authority.file().with_file_name(name);
    let pem = fs::read_to_string(authority.file()).unwrap();
    let lines: Vec<&str> = pem.lines().collect();
    for (name, content, words) in [
        ("missing.pem", None, "cannot be read"),
        ("empty.pem", Some(String::new()), "contains no PEM certificate"),
        ("binary.der", Some("\u{30}\u{82}\u{3}".to_owned()), "contains no PEM certificate"),
        ("cut.pem", Some(lines[..3].join("\n")), "cut.pem"),
        (
            "broken.pem",
            Some(format!("{pem}\n{}\nAAAA\n{}\n", lines[0], lines[lines.len() - 1])),
            "certificate 2 in the file",
        ),
        ("large.pem", Some(" ".repeat((8 << 20) + 1)), "is larger than"),
    ] {
        if let Some(content) = content {
            fs::write(path(name), content).unwrap();
        }
        let files = vec![authority.file(), path(name)];
        let trust = Trust { ca_certificates: files, self_signed: false };
        let error = Client::new(&ClientOptions { trust, ..options(["https://127.0.0.1:9/"]) });
        let message = error.unwrap_err().to_string();
        assert!(message.contains(words), "{name}: {message}");
        assert!(message.contains(&path(name).display().to_string()), "{message}");
        assert!(message.contains("ca-certificates") && message.contains(". "), "{message}");
    }
}

#[test]
fn the_warning_is_for_who_trusts_self_signed_certificates() {
    assert_eq!(trust::warning("contoso", &Trust::default()), None);
    assert_eq!(trust::warning("contoso", &Authority::new().trust()), None);
    let warning = trust::warning("contoso", &SELF_SIGNED).unwrap();
    assert!(warning.contains("\"contoso\"") && warning.contains("trust-self-signed-certificates"));
}
