//! How the settings say to sign in, and the form that is sent.

use alloc::borrow::ToOwned;
use alloc::string::String;

use adapter::address::{self, Address};
use adapter::connection::url;
use adapter::settings::{
    CLIENT_ASSERTION, CLIENT_ID, CLIENT_SECRET, LOGIN_URL, REFRESH_TOKEN, Settings, invalid,
};
use adapter::{Access, Connection};

/// The type of an assertion. Source: RFC 7523, section 2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A sign-in that the settings describe.
pub struct SignIn {
    login_url: String,
    tenant: String,
    client_id: String,
    /// What proves who the application is; none for a public client.
    proof: Option<Proof>,
    grant: Grant,
}

enum Proof {
    Secret(String),
    Assertion(String),
}

enum Grant {
    /// The application itself, for this scope.
    ClientCredentials(String),
    /// A user who has signed in elsewhere.
    RefreshToken(String),
}

impl SignIn {
    /// Reads the settings.
    ///
    /// # Errors
    /// Fails for a missing or invalid setting, and for settings that contradict each other.
    pub fn read(settings: &Settings<'_>, connection: &Connection) -> Result<Self, String> {
        let client_id = settings.required(CLIENT_ID)?;
        let proof = match (settings.secret(CLIENT_SECRET)?, settings.secret(CLIENT_ASSERTION)?) {
            (Some(_), Some(_)) => {
                return Err(invalid(CLIENT_ASSERTION, "stands beside client-secret; keep one"));
            }
            (Some(secret), None) => Some(Proof::Secret(secret)),
            (None, Some(assertion)) => Some(Proof::Assertion(assertion)),
            (None, None) => None,
        };
        let grant = match (settings.secret(REFRESH_TOKEN)?, &proof) {
            (Some(token), _) => Grant::RefreshToken(token),
            // The scope names the cloud's Graph, whatever `graph-url` is.
            (None, Some(_)) => {
                Grant::ClientCredentials(format!("{}/.default", connection.cloud.graph))
            }
            (None, None) => return Err(nothing_set()),
        };
        let login_url = settings.parsed(LOGIN_URL, url)?;
        Ok(Self {
            login_url: login_url.unwrap_or_else(|| connection.cloud.login.to_owned()),
            tenant: connection.tenant.clone(),
            client_id,
            proof,
            grant,
        })
    }

    /// Returns the identity that the token is for.
    pub fn access(&self) -> Access {
        match self.grant {
            Grant::ClientCredentials(_) => Access::AppOnly,
            Grant::RefreshToken(_) => Access::Delegated,
        }
    }

    /// Returns the address of the sign-in host.
    pub fn host(&self) -> Result<Address<'_>, String> {
        address::parse(&self.login_url).ok_or_else(|| invalid(LOGIN_URL, "cannot be used"))
    }

    /// Returns the path of the token endpoint, below that of the host. Source: Microsoft Learn,
    /// "OAuth 2.0 client credentials flow".
    pub fn path(&self) -> String {
        format!("/{}/oauth2/v2.0/token", self.tenant)
    }

    /// Returns the body of the request.
    pub fn form(&self) -> String {
        let mut form = String::new();
        field(&mut form, "client_id", &self.client_id);
        match &self.proof {
            Some(Proof::Secret(secret)) => field(&mut form, "client_secret", secret),
            Some(Proof::Assertion(assertion)) => {
                field(&mut form, "client_assertion_type", ASSERTION_TYPE);
                field(&mut form, "client_assertion", assertion);
            }
            None => {}
        }
        match &self.grant {
            Grant::ClientCredentials(scope) => {
                field(&mut form, "grant_type", "client_credentials");
                field(&mut form, "scope", scope);
            }
            Grant::RefreshToken(token) => {
                field(&mut form, "grant_type", "refresh_token");
                field(&mut form, "refresh_token", token);
            }
        }
        form
    }
}

fn nothing_set() -> String {
    "no setting says how to sign in; set client-secret or client-assertion for the application \
     itself, or refresh-token for a user (in the environment O365_CLIENT_SECRET and so on)"
        .to_owned()
}

/// Adds a field to a form.
fn field(form: &mut String, name: &str, value: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    if !form.is_empty() {
        form.push('&');
    }
    form.push_str(name);
    form.push('=');
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                form.push(char::from(byte));
            }
            _ => {
                form.push('%');
                for half in [byte >> 4, byte & 15] {
                    form.push(DIGITS.get(usize::from(half)).copied().map_or('0', char::from));
                }
            }
        }
    }
}
