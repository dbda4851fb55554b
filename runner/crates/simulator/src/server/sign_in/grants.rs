//! The grants of the token endpoint.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::SignInError;
use super::form::Form;
use super::memory::{DeviceStatus, Memory};
use super::resources::Resources;
use super::sealed::{self, SealedKind};
use super::token::{Grant, Scopes, Session};
use crate::{Guid, Tenant, Time};

/// The device code grant (RFC 8628).
const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Its name before the RFC, which MSAL for Node sends.
const EARLIER_DEVICE_CODE: &str = "device_code";

/// The type of an assertion (RFC 7523).
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The content of an authorization code.
#[derive(Debug, Serialize, Deserialize)]
pub struct Code {
    /// The id of the code.
    pub id: Guid,
    pub grant: Grant,
    pub redirect_uri: String,
    /// The code challenge and its method (RFC 7636), if there is one.
    pub challenge: Option<(String, String)>,
    /// The nonce for the id token.
    pub nonce: Option<String>,
    /// The expiry, as Unix time in seconds.
    pub expires: i64,
}

/// The content of a device code.
#[derive(Debug, Serialize, Deserialize)]
pub struct Device {
    /// The code that the user enters.
    pub user_code: String,
    /// The application.
    pub client_id: String,
    /// The requested scopes.
    pub scopes: Scopes,
    /// The expiry, as Unix time in seconds.
    pub expires: i64,
}

/// The grant of an accepted request.
#[derive(Debug)]
pub struct Granted {
    pub grant: Grant,
    /// The nonce for the id token.
    pub nonce: Option<String>,
}

/// The client of a request.
struct Client {
    id: String,
    /// Whether there is a secret or an assertion.
    has_proof: bool,
}

/// Decides on a request to the token endpoint; `shared` if its path names no specific tenant.
pub fn decide(
    tenant: &Tenant,
    memory: &Memory,
    form: &Form,
    basic: Option<&str>,
    resources: &Resources<'_>,
    shared: bool,
) -> Result<Granted, SignInError> {
    let client = Client::of(form, basic)?;
    let plain = |grant| Ok(Granted { grant, nonce: None });
    match form.need("grant_type")? {
        "client_credentials" => plain(client_credentials(client, form, resources)?),
        "password" if shared => Err(SignInError::new(
            "invalid_request",
            9_001_023,
            "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.",
        )),
        "password" => plain(password(tenant, client, form, resources)?),
        "refresh_token" => plain(refresh(tenant, &client, form, resources)?),
        "authorization_code" => code(tenant, memory, &client, form),
        DEVICE_CODE | EARLIER_DEVICE_CODE => plain(device(tenant, memory, &client, form)?),
        other => Err(SignInError::new(
            "unsupported_grant_type",
            70_003,
            format!("The app requested an unsupported grant type '{other}'."),
        )),
    }
}

impl Client {
    fn of(form: &Form, basic: Option<&str>) -> Result<Self, SignInError> {
        let (id, has_secret) = match basic.and_then(from_basic) {
            Some((id, secret)) => (id, !secret.is_empty()),
            None => (form.need("client_id")?.to_owned(), form.get("client_secret").is_some()),
        };
        is_application(&id)?;
        let has_proof = has_assertion(form)? || has_secret;
        Ok(Self { id, has_proof })
    }

    fn owns(&self, grant: &Grant) -> Result<(), SignInError> {
        if self.id.eq_ignore_ascii_case(&grant.client_id) {
            Ok(())
        } else {
            Err(SignInError::expired())
        }
    }
}

/// Checks the id of an application, which may be any GUID.
pub fn is_application(id: &str) -> Result<(), SignInError> {
    match id.parse::<Guid>() {
        Ok(_) => Ok(()),
        Err(_) => Err(SignInError::new(
            "unauthorized_client",
            700_016,
            format!(
                "Application with identifier '{id}' was not found in the directory; in a simulated one it is any GUID."
            ),
        )),
    }
}

/// Parses HTTP basic authentication. Source: RFC 6749, section 2.3.1: both parts are form-encoded.
fn from_basic(header: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(header.strip_prefix("Basic ")?).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decoded = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
    Some((decoded(id), decoded(secret)))
}

/// Returns whether the client has an assertion, which may be any JWT.
fn has_assertion(form: &Form) -> Result<bool, SignInError> {
    let Some(assertion) = form.get("client_assertion") else { return Ok(false) };
    if form.need("client_assertion_type")? != ASSERTION {
        return Err(SignInError::new(
            "invalid_request",
            90_011,
            format!("Unexpected client assertion type; it is '{ASSERTION}'."),
        ));
    }
    let is_part = |part: &str| !part.is_empty() && URL_SAFE_NO_PAD.decode(part).is_ok();
    let parts: Vec<&str> = assertion.split('.').collect();
    if parts.len() == 3 && parts.into_iter().all(is_part) {
        return Ok(true);
    }
    Err(SignInError::new(
        "invalid_request",
        50_027,
        "JWT token is invalid or malformed; in a simulated tenant any three parts in base64url are right.",
    ))
}

/// Accepts any secret or assertion, but requires one.
fn client_credentials(
    client: Client,
    form: &Form,
    resources: &Resources<'_>,
) -> Result<Grant, SignInError> {
    if !client.has_proof {
        return Err(SignInError::client(
            7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'; in a simulated tenant any secret or assertion is right.",
        ));
    }
    let scopes = Scopes::parse(form.need("scope")?, resources)?;
    if !scopes.is_default() {
        return Err(SignInError::new(
            "invalid_scope",
            1_002_012,
            "The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).",
        ));
    }
    Ok(Grant { client_id: client.id, user: None, scopes })
}

/// Accepts any password, but requires one, and an existing user.
fn password(
    tenant: &Tenant,
    client: Client,
    form: &Form,
    resources: &Resources<'_>,
) -> Result<Grant, SignInError> {
    let user = user(tenant, form.need("username")?)?;
    form.need("password")?;
    let scopes = Scopes::parse(form.get("scope").unwrap_or_default(), resources)?;
    Ok(Grant { client_id: client.id, user: Some(user), scopes })
}

/// Finds the user with this name, who must be enabled.
pub fn user(tenant: &Tenant, name: &str) -> Result<Guid, SignInError> {
    let user = tenant.users.find(name).and_then(|id| tenant.users.get(id));
    match user {
        Some(user) if user.account_enabled => Ok(user.id),
        Some(_) => Err(SignInError::new("invalid_grant", 50_057, "The user account is disabled.")),
        None => Err(SignInError::new(
            "invalid_grant",
            50_034,
            format!(
                "The user account {name} does not exist in the {} directory. To sign into this application, the account must be added to the directory.",
                tenant.id
            ),
        )),
    }
}

fn refresh(
    tenant: &Tenant,
    client: &Client,
    form: &Form,
    resources: &Resources<'_>,
) -> Result<Grant, SignInError> {
    let token = form.need("refresh_token")?;
    let session: Session =
        sealed::open(SealedKind::Refresh, tenant.id, token).ok_or_else(SignInError::expired)?;
    let before = session.grant;
    client.owns(&before)?;
    check_user(tenant, &before)?;
    let user = before.user.and_then(|id| tenant.users.get(id));
    let revoked = user.and_then(|user| user.sessions_revoked);
    if revoked.is_some_and(|revoked| session.issued <= revoked) {
        return Err(SignInError::new(
            "invalid_grant",
            50_173,
            "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
        ));
    }
    let scopes = match form.get("scope") {
        None => before.scopes,
        Some(scope) => Scopes::parse(scope, resources)?,
    };
    Ok(Grant { scopes, client_id: before.client_id, user: before.user })
}

fn code(
    tenant: &Tenant,
    memory: &Memory,
    client: &Client,
    form: &Form,
) -> Result<Granted, SignInError> {
    let code: Code = sealed::open(SealedKind::Code, tenant.id, form.need("code")?)
        .ok_or_else(SignInError::expired)?;
    client.owns(&code.grant)?;
    if code.expires <= Time::now().unix_seconds() {
        return Err(SignInError::expired());
    }
    if form.need("redirect_uri")? != code.redirect_uri {
        return Err(SignInError::new(
            "invalid_grant",
            50_011,
            "The redirect URI specified in the request does not match the one of the authorization request.",
        ));
    }
    if !is_verified(code.challenge.as_ref(), form.get("code_verifier")) {
        return Err(SignInError::new(
            "invalid_grant",
            501_481,
            "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
        ));
    }
    check_user(tenant, &code.grant)?;
    if !memory.redeem(code.id, code.expires) {
        return Err(SignInError::new(
            "invalid_grant",
            54_005,
            "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
        ));
    }
    Ok(Granted { grant: code.grant, nonce: code.nonce })
}

fn is_verified(challenge: Option<&(String, String)>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some((challenge, method)), Some(verifier)) => match method.as_str() {
            "S256" => URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == *challenge,
            _ => verifier == challenge,
        },
        _ => false,
    }
}

fn device(
    tenant: &Tenant,
    memory: &Memory,
    client: &Client,
    form: &Form,
) -> Result<Grant, SignInError> {
    let device: Option<Device> =
        sealed::open(SealedKind::Device, tenant.id, form.need("device_code")?);
    let refused = |error, code, message: &str| Err(SignInError::new(error, code, message));
    let Some(device) = device.filter(|device| device.client_id.eq_ignore_ascii_case(&client.id))
    else {
        return refused("bad_verification_code", 70_018, "The device code is not known.");
    };
    if device.expires <= Time::now().unix_seconds() {
        return refused("expired_token", 70_020, "The provided device code has expired.");
    }
    match memory.outcome(&device.user_code) {
        DeviceStatus::Pending => refused(
            "authorization_pending",
            70_016,
            "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
        ),
        DeviceStatus::Used => refused("bad_verification_code", 70_018, "The device code was used."),
        DeviceStatus::SignedIn(user) => {
            let (client_id, scopes) = (device.client_id, device.scopes);
            Ok(Grant { client_id, user: Some(user), scopes })
        }
    }
}

/// Checks that the user of a grant still exists and is enabled.
fn check_user(tenant: &Tenant, grant: &Grant) -> Result<(), SignInError> {
    match grant.user {
        Some(id) => user(tenant, &id.to_string()).map(|_| ()),
        None => Ok(()),
    }
}
