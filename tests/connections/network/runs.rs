//! The HTTP connections of whole runs: each tenant of a platform has its own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use runner::connections::cloud::Cloud;
use runner::connections::config::{Configured, Grant, TokenStore};
use runner::connections::secret::SecretSource;
use runner::network::Trust;
use runner::platform::{Call, Link, Platform, Tenant, TenantLimits};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::certificates::{Authority, HTTP1, HTTP2};
use super::server::Server;

/// What Graph says of the tenant's licences.
const SKUS: &str = r#"{"value":[{"skuId":"06ebc4ee-1bb5-47dd-8120-11324bc54e06","skuPartNumber":"SPE_E5","appliesTo":"User","capabilityStatus":"Enabled","consumedUnits":11,"prepaidUnits":{"enabled":25,"suspended":0,"warning":0,"lockedOut":0}}]}"#;

/// A sign-in host and a Graph in one server, which take a while, so that runs do overlap. The
/// token of an application is its id.
fn microsoft() -> Router {
    Router::new().fallback(|request: Request| async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let is_token = request.uri().path().ends_with("/token");
        let (_, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        let answer = if is_token { token(&body) } else { SKUS.to_owned() };
        ([(CONTENT_TYPE, "application/json")], answer).into_response()
    })
}

fn token(form: &Bytes) -> String {
    let mut fields = url::form_urlencoded::parse(form);
    let (_, client) = fields.find(|(name, _)| name == "client_id").unwrap();
    json!({"access_token": client, "token_type": "Bearer", "expires_in": 3600}).to_string()
}

/// A platform whose tenants all use one server.
struct Place {
    server: Server,
    authority: Authority,
    platform: Platform,
    directory: TempDir,
}

impl Place {
    async fn start(protocols: &[&[u8]], max_runs: u32) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let secret = directory.path().join("secret");
        fs::write(&secret, "app-secret").unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
        let authority = Authority::new();
        let server = Server::speaking(&authority.sign("127.0.0.1"), protocols, microsoft()).await;
        let state = directory.path().join("state");
        let platform =
            Platform::builder().max_runs(max_runs).token_directory(state).build().unwrap();
        Self { server, authority, platform, directory }
    }

    /// The connection of a tenant.
    fn connection(&self, tenant: &str, trust: Trust) -> Configured {
        let url: http::Uri = self.server.url().trim_end_matches('/').parse().unwrap();
        Configured {
            id: "main".to_owned(),
            tenant: "contoso.onmicrosoft.com".to_owned(),
            client_id: tenant.to_owned(),
            grant: Grant::ClientCredentials {
                client_secret: SecretSource::File(self.directory.path().join("secret")),
            },
            cloud: Cloud::Global,
            graph_url: format!("{}v1.0", url).parse().unwrap(),
            login_url: url.clone(),
            own_addresses: vec![url],
            sender: None,
            trust,
            token_store: TokenStore::File,
        }
    }

    /// Registers a tenant, which trusts the server's authority.
    fn register(&self, tenant: &str) {
        let link = Link::live(self.connection(tenant, self.authority.trust()));
        let limits = TenantLimits { concurrent_runs: 200, queue_length: 200, ..Default::default() };
        self.platform.register(Tenant::new(tenant).with_link(link).with_limits(limits));
    }

    /// Makes `count` runs for each tenant at once, all of which do what they are asked.
    async fn at_once(&self, count: usize, tenants: &[&str]) {
        let mut runs = JoinSet::new();
        for _ in 0..count {
            for tenant in tenants {
                let (platform, call) = (self.platform.clone(), call(tenant));
                runs.spawn(async move { platform.run(call).await.outcome });
            }
        }
        for outcome in runs.join_all().await {
            assert!(outcome.unwrap().read::<bool>().unwrap());
        }
    }

    /// The connections that calls of a tenant to Graph came over.
    fn connections(&self, tenant: &str) -> std::collections::BTreeSet<usize> {
        self.server.connections_with("authorization", &format!("Bearer {tenant}"))
    }
}

fn call(tenant: &str) -> Call {
    let input: Value = json!({ "serviceId": "06ebc4ee-1bb5-47dd-8120-11324bc54e06" });
    Call::new(tenant, "is-license-available", input)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tenants_never_share_a_connection() {
    for protocols in [HTTP2, HTTP1] {
        let place = Place::start(protocols, 400).await;
        let tenants = ["contoso", "fabrikam"];
        for tenant in tenants {
            place.register(tenant);
        }
        place.at_once(200, &tenants).await;
        // Again, over connections that are there.
        place.at_once(20, &tenants).await;
        let [contoso, fabrikam] = tenants.map(|tenant| place.connections(tenant));
        assert!(!contoso.is_empty() && !fabrikam.is_empty());
        assert!(contoso.is_disjoint(&fabrikam), "{contoso:?} {fabrikam:?}");
        if protocols == HTTP2 {
            assert!(contoso.len() <= 2 && fabrikam.len() <= 2, "{contoso:?} {fabrikam:?}");
            assert!(place.server.most_busy() > 10, "they did run at once");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_runs_in_turn_take_two_connections_at_most() {
    for protocols in [HTTP1, HTTP2] {
        let place = Place::start(protocols, 1).await;
        place.register("contoso");
        for _ in 0..200 {
            place.at_once(1, &["contoso"]).await;
        }
        assert!(place.server.accepted() <= 2, "{}", place.server.accepted());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_tenants_have_fifty_connections() {
    let place = Place::start(HTTP2, 200).await;
    let names: Vec<String> = (0..50).map(|number| format!("tenant-{number}")).collect();
    for name in &names {
        place.register(name);
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    place.at_once(4, &names).await;
    assert_eq!(place.server.accepted(), 50);
    for name in names {
        assert_eq!(place.connections(name).len(), 1, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_connection_is_kept_while_it_is_configured_alike() {
    let place = Place::start(HTTP2, 4).await;
    for _ in 0..3 {
        // Read again, as a server does when its configuration may have changed.
        place.register("contoso");
        place.at_once(1, &["contoso"]).await;
    }
    assert_eq!(place.server.accepted(), 1);
    // What was trusted no longer is: a connection that is there does not count.
    let link = Link::live(place.connection("contoso", Trust::default()));
    place.platform.register(Tenant::new("contoso").with_link(link));
    let answer = place.platform.run(call("contoso")).await;
    let report = answer.outcome.unwrap_err().report();
    assert_eq!(report.kind_name(), "transport", "{report}");
    assert!(report.message.contains("certificate"), "{report}");
}
