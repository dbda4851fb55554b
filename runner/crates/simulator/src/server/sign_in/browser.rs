//! The pages of the sign-in host: a list of users, in place of passwords.

use http::Uri;
use url::form_urlencoded;
use uuid::Uuid;

use super::error::SignInError;
use super::form::Form;
use super::grants::{self, Code};
use super::memory::Memory;
use super::resources::Resources;
use super::sealed::{self, SealedKind};
use super::token::{Grant, Scopes};
use crate::{Guid, Tenant, Time};

/// The lifetime of a code, in seconds. Source: "about 10 minutes", in Microsoft's description of the
/// flow.
const LIFETIME: i64 = 600;

/// The number of listed users.
const LISTED: usize = 50;

/// The parameter with the user.
const USER: &str = "login_hint";

/// A response to a browser.
#[derive(Debug)]
pub enum BrowserResponse {
    Page(String),
    /// A redirect to a URL.
    Redirect(String),
}

/// The authorization endpoint: a code for the user in the query, or the list of users. A code goes
/// to the application as its `response_mode` says.
pub fn authorize(
    tenant: &Tenant,
    query: &Form,
    resources: &Resources<'_>,
) -> Result<BrowserResponse, SignInError> {
    let client_id = query.need("client_id")?;
    grants::is_application(client_id)?;
    if query.need("response_type")? != "code" {
        return Err(SignInError::new(
            "unsupported_response_type",
            700_054,
            "Here response_type is 'code'.",
        ));
    }
    let redirect_uri = query.need("redirect_uri")?;
    let target = redirect(redirect_uri, resources.base)?;
    let mode = ResponseMode::of(query)?;
    let scopes = Scopes::parse(query.get("scope").unwrap_or_default(), resources)?;
    let Some(name) = query.get(USER) else {
        return Ok(BrowserResponse::Page(choice(tenant, "", query)));
    };
    let user = grants::user(tenant, name)?;
    let challenge = query.get("code_challenge").map(|challenge| {
        let method = query.get("code_challenge_method").unwrap_or("plain");
        (challenge.to_owned(), method.to_owned())
    });
    let code = Code {
        id: Guid::of(&[Uuid::new_v4().as_bytes()]),
        grant: Grant { client_id: client_id.to_owned(), user: Some(user), scopes },
        redirect_uri: redirect_uri.to_owned(),
        challenge,
        nonce: query.get("nonce").map(ToOwned::to_owned),
        expires: Time::now().unix_seconds() + LIFETIME,
    };
    let code = sealed::seal(SealedKind::Code, tenant.id, &code);
    let state = query.get("state").map(|state| ("state", state));
    let fields: Vec<(&str, &str)> = [("code", &*code)].into_iter().chain(state).collect();
    Ok(mode.response(target, &fields))
}

/// How the code comes back to the application.
#[derive(Clone, Copy, Debug)]
enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

impl ResponseMode {
    fn of(query: &Form) -> Result<Self, SignInError> {
        match query.get("response_mode") {
            None | Some("query") => Ok(Self::Query),
            Some("fragment") => Ok(Self::Fragment),
            Some("form_post") => Ok(Self::FormPost),
            Some(other) => Err(SignInError::new(
                "invalid_request",
                70_007,
                format!(
                    "'{other}' is not a supported value of 'response_mode' when requesting a token; it is 'query', 'fragment' or 'form_post'."
                ),
            )),
        }
    }

    /// Returns the response that sends `fields` to `target`.
    fn response(self, mut target: url::Url, fields: &[(&str, &str)]) -> BrowserResponse {
        match self {
            Self::Query => {
                target.query_pairs_mut().extend_pairs(fields);
            }
            Self::Fragment => {
                let fields =
                    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                target.set_fragment(Some(&fields));
            }
            Self::FormPost => return BrowserResponse::Page(posting(&target, fields)),
        }
        BrowserResponse::Redirect(target.into())
    }
}

/// Returns the page that posts `fields` to `target`: by itself, or without scripts by its button.
fn posting(target: &url::Url, fields: &[(&str, &str)]) -> String {
    let mut form = format!("<form method=\"post\" action=\"{}\">", escaped(target.as_str()));
    for (name, value) in fields {
        let value = escaped(value);
        form.push_str(&format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"));
    }
    form.push_str("<button>Continue</button></form><script>document.forms[0].submit()</script>");
    page("Signed in", &form)
}

/// The page of native applications at the sign-in host, which take the code from its address.
/// Source: "Desktop app that calls web APIs: App registration".
const NATIVE_CLIENT: &str = "/common/oauth2/nativeclient";

/// Returns the page to which a code for a native application leads.
pub fn native_client() -> String {
    page("Signed in", "<p>The application finds the code in the address of this page.</p>")
}

/// Parses a redirect address, which must be on this machine or the page of native applications.
fn redirect(address: &str, base: &str) -> Result<url::Url, SignInError> {
    let url = url::Url::parse(address).ok();
    let here = |url: &url::Url| {
        let is_loopback = matches!(url.scheme(), "http" | "https")
            && matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        is_loopback || address.strip_prefix(base) == Some(NATIVE_CLIENT)
    };
    url.filter(here).ok_or_else(|| {
        SignInError::new(
            "invalid_request",
            50_011,
            format!(
                "The redirect URI '{address}' does not match the redirect URIs configured for the application; in a simulated tenant it is on localhost."
            ),
        )
    })
}

/// The page for entering the code of a device.
pub fn device(tenant: &Tenant, memory: &Memory, uri: &Uri) -> Result<BrowserResponse, SignInError> {
    let query = Form::parse(uri.query().unwrap_or_default().as_bytes());
    let Some(code) = query.get("user_code").map(str::to_ascii_uppercase) else {
        let form = "<form><label>The code: <input name=\"user_code\" autofocus></label> <button>Next</button></form>";
        return Ok(BrowserResponse::Page(page("Enter the code that your device shows", form)));
    };
    if !memory.waits(&code) {
        return Err(SignInError::new("invalid_request", 70_018, "No device waits with this code."));
    }
    let Some(name) = query.get(USER) else {
        return Ok(BrowserResponse::Page(choice(tenant, "device", &query)));
    };
    memory.sign_in(&code, grants::user(tenant, name)?);
    Ok(BrowserResponse::Page(page("Signed in", "<p>You can go back to your device.</p>")))
}

/// Returns the page with the list of users. Each links to the same page with the user's name.
fn choice(tenant: &Tenant, path: &str, query: &Form) -> String {
    let mut list = String::from("<ul>");
    for user in tenant.users.iter().filter(|user| user.account_enabled).take(LISTED) {
        let link = escaped(&format!("{path}?{}", query.with(USER, &user.user_principal_name)));
        let name = escaped(&user.user_principal_name);
        list.push_str(&format!("<li><a href=\"{link}\">{name}</a></li>"));
    }
    list.push_str("</ul>");
    page("Sign in as", &list)
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title><h1>{title}</h1><p>This tenant is simulated: there are no passwords.</p>{body}</html>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
