//! Tokens: their content, and the callers that they identify.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::error::SignInError;
use super::resources::Resources;
use super::sealed::{self, SealedKind};
use crate::caller;
use crate::refusal::Refusal;
use crate::{Caller, Guid, Tenant, Time};
use contract::{Access, Policy};

/// The lifetime of an access token, in seconds.
const LIFETIME: i64 = 3_599;

/// The scopes that are not permissions. Source: "Scopes and permissions in the Microsoft
/// identity platform".
const OPEN_ID: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// The type of a token without a user.
const APPLICATION: &str = "app";

/// The scope of all granted permissions.
const DEFAULT: &str = ".default";

/// A grant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Grant {
    /// The application.
    pub client_id: String,
    /// The id of the signed-in user; `None` for the application itself.
    pub user: Option<Guid>,
    pub scopes: Scopes,
}

/// The content of a refresh token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    pub grant: Grant,
    /// The time of its issue, as Unix time in milliseconds.
    pub issued: i64,
}

/// The requested scopes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scopes {
    resource: String,
    /// The permissions, without the resource.
    permissions: BTreeSet<String>,
    /// The scopes of OpenID.
    open_id: BTreeSet<String>,
}

/// The claims that Graph uses.
#[derive(Debug, Deserialize)]
struct Claims {
    appid: String,
    exp: i64,
    idtyp: String,
    oid: Option<Guid>,
    scp: Option<String>,
}

impl Scopes {
    /// Parses the parameter `scope`. The default is all of Graph.
    pub fn parse(text: &str, resources: &Resources<'_>) -> Result<Self, SignInError> {
        let mut scopes = Self {
            resource: Resources::unnamed().to_owned(),
            permissions: BTreeSet::new(),
            open_id: BTreeSet::new(),
        };
        for scope in text.split_whitespace() {
            if OPEN_ID.contains(&scope) {
                scopes.open_id.insert(scope.to_owned());
                continue;
            }
            let (resource, name) = scope.rsplit_once('/').unwrap_or(("", scope));
            let resource = resource.trim_end_matches('/');
            if resources.has(resource) {
                scopes.resource = resource.to_owned();
            } else if !resource.is_empty() {
                return Err(SignInError::new(
                    "invalid_resource",
                    500_011,
                    format!(
                        "The resource principal named {resource} was not found in the tenant; there is Microsoft Graph alone, also as {}.",
                        resources.base
                    ),
                ));
            }
            scopes.permissions.insert(name.to_owned());
        }
        if scopes.permissions.is_empty() {
            scopes.permissions.insert(DEFAULT.to_owned());
        }
        Ok(scopes)
    }

    /// Returns whether the OpenID scope `name` is included.
    pub fn has(&self, name: &str) -> bool {
        self.open_id.contains(name)
    }

    /// Returns whether the only scope is `.default`.
    pub fn is_default(&self) -> bool {
        self.permissions.len() == 1 && self.permissions.contains(DEFAULT)
    }

    fn names(&self, policy: &Policy, access: Access) -> BTreeSet<String> {
        if self.permissions.contains(DEFAULT) {
            return caller::permissions(policy, access);
        }
        self.permissions.clone()
    }
}

impl Grant {
    /// Returns the response of the token endpoint.
    pub fn response(
        &self,
        tenant: &Tenant,
        policy: &Policy,
        issuer: &str,
        nonce: Option<&str>,
    ) -> Value {
        let access = if self.user.is_some() { Access::Delegated } else { Access::AppOnly };
        let names = self.scopes.names(policy, access);
        let mut response = Map::new();
        let mut put = |name: &str, value: Value| response.insert(name.to_owned(), value);
        put("token_type", "Bearer".into());
        put("expires_in", LIFETIME.into());
        put("ext_expires_in", LIFETIME.into());
        put("access_token", self.access_token(tenant, issuer, &names).into());
        if let Some(user) = self.user {
            let all: Vec<String> = names
                .iter()
                .map(|name| format!("{}/{name}", self.scopes.resource))
                .chain(self.scopes.open_id.iter().cloned())
                .collect();
            put("scope", all.join(" ").into());
            if self.scopes.has("offline_access") {
                let issued = Time::now().unix_milliseconds();
                let session = Session { grant: self.clone(), issued };
                put("refresh_token", sealed::seal(SealedKind::Refresh, tenant.id, &session).into());
            }
            if self.scopes.has("openid") {
                put("id_token", self.id_token(tenant, issuer, user, nonce).into());
            }
            let info = json!({ "uid": user, "utid": tenant.id });
            put("client_info", sealed::encoded(&info).into());
        }
        response.into()
    }

    fn access_token(&self, tenant: &Tenant, issuer: &str, names: &BTreeSet<String>) -> String {
        let now = Time::now().unix_seconds();
        let mut claims = json!({
            "aud": self.scopes.resource,
            "iss": issuer,
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME,
            "app_displayname": format!("Application {}", self.client_id),
            "appid": self.client_id,
            "tid": tenant.id,
            "uti": Uuid::new_v4().simple().to_string(),
            "ver": "1.0",
        });
        let further = match self.user {
            None => {
                let id = self.service_principal(tenant);
                json!({ "idtyp": APPLICATION, "oid": id, "sub": id, "roles": names })
            }
            Some(id) => {
                let scp = names.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
                let upn = tenant.users.get(id).map(|user| &user.user_principal_name);
                json!({ "idtyp": "user", "oid": id, "sub": id, "upn": upn, "scp": scp })
            }
        };
        if let (Value::Object(claims), Value::Object(further)) = (&mut claims, further) {
            claims.extend(further);
        }
        sealed::seal(SealedKind::Access, tenant.id, &claims)
    }

    /// Returns the object id of the application in the tenant.
    fn service_principal(&self, tenant: &Tenant) -> Guid {
        let client_id = self.client_id.to_ascii_lowercase();
        Guid::of(&[b"service principal", tenant.id.to_string().as_bytes(), client_id.as_bytes()])
    }

    fn id_token(&self, tenant: &Tenant, issuer: &str, id: Guid, nonce: Option<&str>) -> String {
        let now = Time::now().unix_seconds();
        let user = tenant.users.get(id);
        let mut claims = json!({
            "aud": self.client_id,
            "iss": issuer,
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME,
            "name": user.map(|user| &user.display_name),
            "preferred_username": user.map(|user| &user.user_principal_name),
            "oid": id,
            "sub": id,
            "tid": tenant.id,
            "ver": "2.0",
        });
        // MSAL for Node takes null for the nonce of another request.
        if let (Value::Object(claims), Some(nonce)) = (&mut claims, nonce) {
            claims.insert("nonce".to_owned(), nonce.into());
        }
        sealed::seal(SealedKind::Id, tenant.id, &claims)
    }
}

/// Returns the caller that a token identifies.
pub fn caller(tenant: &Tenant, policy: &Policy, token: Option<&str>) -> Result<Caller, Refusal> {
    let token = token
        .filter(|token| !token.is_empty())
        .ok_or_else(|| Refusal::unauthenticated("Access token is empty."))?;
    let claims: Claims = sealed::open(SealedKind::Access, tenant.id, token).ok_or_else(|| {
        Refusal::unauthenticated("CompactToken parsing failed with error code: 80049217")
    })?;
    if claims.exp <= Time::now().unix_seconds() {
        return Err(Refusal::unauthenticated("Lifetime validation failed, the token is expired."));
    }
    let Some(user) = claims.oid.filter(|_| claims.idtyp != APPLICATION) else {
        return Ok(Caller::application().through(claims.appid));
    };
    let names: Vec<&str> = claims.scp.iter().flat_map(|scp| scp.split(' ')).collect();
    let user = Caller::signed_in(user.to_string()).through(claims.appid);
    Ok(user.granted(policy.clone(), names))
}
