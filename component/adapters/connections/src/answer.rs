//! What the sign-in host responded. No message repeats a text of a response: it may contain
//! parts of the request.

use alloc::string::String;

use serde::Deserialize;

use crate::http::Response;

/// A response of Entra: a token or an error. Sources: RFC 6749, sections 5.1 and 5.2, and
/// Microsoft Learn, "Microsoft Entra authentication and authorization error codes".
#[derive(Deserialize)]
struct Fields {
    access_token: Option<String>,
    token_type: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// The longest token that is taken, in bytes: that of the connector.
const LONGEST_TOKEN: usize = 32 * 1024 - "Bearer ".len();

/// Returns the access token.
pub fn token(response: &Response) -> Result<String, String> {
    let fields = serde_json::from_slice(&response.body).unwrap_or(Fields {
        access_token: None,
        token_type: None,
        error: None,
        error_description: None,
    });
    if let Some(error) = &fields.error {
        return Err(refusal(error, fields.error_description.as_deref().unwrap_or_default()));
    }
    let bearer = fields.token_type.is_some_and(|name| name.eq_ignore_ascii_case("bearer"));
    let size = 1..=LONGEST_TOKEN;
    let usable =
        |token: &String| size.contains(&token.len()) && token.bytes().all(|b| b.is_ascii_graphic());
    match fields.access_token.filter(usable) {
        Some(token) if bearer && response.status == 200 => Ok(token),
        _ => Err(format!(
            "the sign-in host responded with status {} and no token; something else may have \
             responded in its place, so check login-url and the proxies before it",
            response.status
        )),
    }
}

/// Explains a refusal: by Entra's code, which its page explains, or else by OAuth's error.
fn refusal(error: &str, description: &str) -> String {
    match code(description) {
        Some(code) => format!(
            "the sign-in host refused the sign-in with AADSTS{code}{}; \
             https://login.microsoftonline.com/error?code={code} explains the code",
            meaning(code)
        ),
        None => format!("the sign-in host refused the sign-in with the error {}", known(error)),
    }
}

/// Returns the number after `AADSTS`.
fn code(description: &str) -> Option<u32> {
    let (_, rest) = description.split_once("AADSTS")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// Returns what the most frequent codes mean. Source: Microsoft Learn, as above.
fn meaning(code: u32) -> &'static str {
    match code {
        7_000_215 => ": the client secret is wrong; set client-secret to its value, not its id",
        7_000_222 => ": the client secret has expired; add a new one to the app registration",
        700_016 => ": the tenant has no application with this client-id",
        90_002 | 900_023 => ": there is no such tenant; correct the setting tenant",
        700_082 | 50_173 | 70_008 | 70_000 => {
            ": the refresh token is not valid any more; sign in again"
        }
        700_213 | 700_024 | 700_211 => {
            ": the client assertion fits no federated credential, or it has expired"
        }
        _ => "",
    }
}

/// Returns an error of OAuth; a word that is none could be anything.
fn known(error: &str) -> &str {
    const ERRORS: [&str; 9] = [
        "access_denied",
        "interaction_required",
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
    ];
    ERRORS.into_iter().find(|known| *known == error).unwrap_or("that OAuth does not define")
}
