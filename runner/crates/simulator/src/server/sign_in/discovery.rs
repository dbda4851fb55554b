//! What clients ask for before they sign in: the endpoints of a tenant, the clouds that exist, and
//! who authenticates a user.

use http::Uri;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use url::Url;

use super::error::SignInError;
use super::form::Form;
use crate::Tenant;
use crate::server::hosts::{Cloud, Host, LOCAL};

/// The names for any tenant.
const SHARED: [&str; 3] = ["common", "organizations", "consumers"];

/// The issuer's tenant where it depends on who signs in. Source: the discovery documents of
/// Entra's `common` and `organizations`.
const ANY_TENANT: &str = "{tenantid}";

/// The version of instance discovery where the request names none.
const INSTANCE_VERSION: &str = "1.1";

/// Checks that a path names this tenant.
pub fn check_tenant(tenant: &Tenant, name: &str) -> Result<(), SignInError> {
    let is_this = name.eq_ignore_ascii_case(&tenant.id.to_string())
        || tenant.has_verified(name)
        || is_shared(name);
    if is_this {
        return Ok(());
    }
    Err(SignInError::new(
        "invalid_request",
        90_002,
        format!(
            "Tenant '{name}' not found. The simulated one is {} ({}).",
            tenant.initial_domain(),
            tenant.id
        ),
    ))
}

fn is_shared(name: &str) -> bool {
    SHARED.iter().any(|shared| shared.eq_ignore_ascii_case(name))
}

/// Returns the issuer of the tenant's tokens.
pub fn issuer(tenant: &Tenant, host: &Host) -> String {
    format!("{}/{}/v2.0", host.issuer, tenant.id)
}

/// OpenID discovery. It leads from a domain to the tenant's id.
pub fn openid(tenant: &Tenant, host: &Host, name: &str) -> Value {
    let id = tenant.id.to_string();
    let (name, issuer) = match is_shared(name) {
        true => (name, format!("{}/{ANY_TENANT}/v2.0", host.issuer)),
        false => (id.as_str(), issuer(tenant, host)),
    };
    let below = |path: &str| format!("{}/{name}/{path}", host.base);
    json!({
        "issuer": issuer,
        "token_endpoint": below("oauth2/v2.0/token"),
        "authorization_endpoint": below("oauth2/v2.0/authorize"),
        "device_authorization_endpoint": below("oauth2/v2.0/devicecode"),
        "jwks_uri": below("discovery/v2.0/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["none"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "cloud_instance_name": instance_name(host.cloud),
        "msgraph_host": host.graph,
    })
}

/// Instance discovery: whether a sign-in host is one of Microsoft's or this one, and which names
/// are the same host.
pub fn instance(uri: &Uri) -> Result<Value, SignInError> {
    let query = Form::parse(uri.query().unwrap_or_default().as_bytes());
    let unknown = || SignInError::new("invalid_instance", 50_049, "Unknown or invalid instance.");
    let endpoint = query.need("authorization_endpoint")?;
    let url = Url::parse(endpoint).map_err(|_| unknown())?;
    let name = url.host_str().unwrap_or_default();
    let is_local = LOCAL.contains(&name);
    if url.scheme() != "https" || !(is_local || is_sign_in(name)) {
        return Err(unknown());
    }
    // The name of a local host depends on its port.
    let origin = url.origin().ascii_serialization();
    let tenant = url.path_segments().and_then(|mut path| path.next()).unwrap_or_default();
    let version = if url.path().contains("/v2.0/") { "/v2.0" } else { "" };
    let local = is_local.then(|| origin.trim_start_matches("https://"));
    let local = local.map(|name| names(name, name, &[name]));
    let clouds = clouds().map(|cloud| {
        let cached = match cloud {
            Cloud::Global => "login.windows.net",
            _ => cloud.authority(),
        };
        names(cloud.authority(), cached, cloud.sign_in())
    });
    // An authority without a path is that of `common`.
    let tenant = if tenant.is_empty() { "common" } else { tenant };
    Ok(json!({
        "tenant_discovery_endpoint": format!("{origin}/{tenant}{version}/.well-known/openid-configuration"),
        "api-version": query.get("api-version").unwrap_or(INSTANCE_VERSION),
        "metadata": local.into_iter().chain(clouds).collect::<Vec<_>>(),
    }))
}

/// One entry of instance discovery.
fn names(network: &str, cached: &str, aliases: &[&str]) -> Value {
    json!({ "preferred_network": network, "preferred_cache": cached, "aliases": aliases })
}

/// The clouds with sign-in hosts of their own.
fn clouds() -> impl Iterator<Item = Cloud> {
    Cloud::ALL.into_iter().filter(|cloud| *cloud != Cloud::UsDod)
}

fn is_sign_in(name: &str) -> bool {
    clouds().any(|cloud| cloud.sign_in().contains(&name))
}

/// User realm discovery: who authenticates a user. Source: what MSAL reads of its version 1.0.
pub fn user_realm(tenant: &Tenant, host: &Host, user: &str) -> Value {
    let user = percent_decode_str(user).decode_utf8_lossy();
    let domain = user.rsplit_once('@').map_or("", |(_, domain)| domain);
    let mut realm = json!({
        "ver": "1.0",
        "account_type": "Unknown",
        "cloud_instance_name": instance_name(host.cloud),
        "cloud_audience_urn": "urn:federation:MicrosoftOnline",
    });
    if let (Some(domain), Value::Object(realm)) = (tenant.verified(domain), &mut realm) {
        realm.insert("account_type".to_owned(), domain.authentication_type().into());
        realm.insert("domain_name".to_owned(), domain.name.as_str().into());
    }
    realm
}

/// The name of a cloud's sign-in domain.
fn instance_name(cloud: Cloud) -> &'static str {
    let host = cloud.authority();
    host.strip_prefix("login.").unwrap_or(host)
}
