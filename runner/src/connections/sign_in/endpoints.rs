//! The addresses of the sign-in host, and the scopes to request.

use http::Uri;
use oauth2::basic::BasicClient;
use oauth2::{
    AuthType, AuthUrl, ClientId, ClientSecret, DeviceAuthorizationUrl, EndpointNotSet, EndpointSet,
    Scope, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::connections::config::Configured;
use crate::report::{Kind, Report};

/// The permissions for a connection with a signed-in user: enough for every action. A test
/// compares them with `actions.toml`.
pub const DELEGATED_PERMISSIONS: [&str; 4] =
    ["User.ReadWrite.All", "LicenseAssignment.ReadWrite.All", "Organization.Read.All", "Mail.Send"];

/// The OAuth client of one connection.
pub type Client =
    BasicClient<EndpointSet, EndpointSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// The addresses of one tenant at the sign-in host. Source: Microsoft Learn, "Endpoints of
/// the Microsoft identity platform".
#[derive(Clone, Debug)]
pub struct Endpoints {
    authorize: Url,
    token: Url,
    device_code: Url,
    /// OpenID discovery.
    pub discovery: Url,
}

impl Endpoints {
    /// Returns the addresses of `tenant` at the authority `login`.
    pub fn new(login: &Uri, tenant: &str) -> Result<Self, Report> {
        let invalid = || {
            Report::new(
                Kind::Configuration,
                format!("{login} is not the address of a sign-in host"),
                "Correct `login-url` of the connection, such as https://login.microsoftonline.com.",
            )
        };
        let base = Url::parse(&login.to_string()).map_err(|_| invalid())?;
        let below = |path: &[&str]| {
            let mut url = base.clone();
            url.path_segments_mut()
                .map_err(|()| invalid())?
                .pop_if_empty()
                .push(tenant)
                .extend(path);
            Ok::<_, Report>(url)
        };
        Ok(Self {
            authorize: below(&["oauth2", "v2.0", "authorize"])?,
            token: below(&["oauth2", "v2.0", "token"])?,
            device_code: below(&["oauth2", "v2.0", "devicecode"])?,
            discovery: below(&["v2.0", ".well-known", "openid-configuration"])?,
        })
    }

    /// Creates an OAuth client for the addresses. Entra expects the secret in the body.
    pub fn client(&self, client_id: &str, secret: Option<&SecretString>) -> Client {
        let client = BasicClient::new(ClientId::new(client_id.to_owned()))
            .set_auth_uri(AuthUrl::from_url(self.authorize.clone()))
            .set_token_uri(TokenUrl::from_url(self.token.clone()))
            .set_device_authorization_url(DeviceAuthorizationUrl::from_url(
                self.device_code.clone(),
            ))
            .set_auth_type(AuthType::RequestBody);
        match secret {
            Some(secret) => {
                client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()))
            }
            None => client,
        }
    }
}

/// Returns the scopes for a signed-in user, with the address of the cloud's Graph: a bare name
/// means the worldwide one. `offline_access` requests the refresh token.
pub fn delegated(configured: &Configured) -> Vec<Scope> {
    let graph = configured.cloud.graph();
    std::iter::once("offline_access".to_owned())
        .chain(DELEGATED_PERMISSIONS.iter().map(|name| format!("{graph}/{name}")))
        .map(Scope::new)
        .collect()
}

/// Returns the scope for the application itself: all permissions granted to it. It names the
/// cloud's Graph, whatever `graph-url` is.
pub fn application(configured: &Configured) -> Scope {
    Scope::new(format!("{}/.default", configured.cloud.graph()))
}
