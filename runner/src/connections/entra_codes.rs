//! The meanings of Entra's error codes, with fixes.
//!
//! Microsoft documents that the codes are for diagnosis and may change. Here they select a
//! message, which refusals are retried, and which end a refresh token, and nothing else.
//!
//! - `table`: the meanings, code by code

mod table;

use crate::report::{EntraError, Who};

/// How a connection signs in, as far as the messages depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// With the user name and the password of the connection.
    Password,
    /// With a secret of the application, a code or a refresh token.
    Other,
}

/// A message and its fix; `{id}` stands for the connection's id.
#[derive(Clone, Copy)]
pub struct Words {
    /// What happened.
    pub message: &'static str,
    /// The fix.
    pub fix: &'static str,
}

/// What follows from a refusal, beside the message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// It is temporary by Microsoft's documentation, and is retried.
    Passes,
    /// The refused refresh token will never be accepted again.
    EndsToken,
}

/// One meaning, and the codes that have it.
pub struct Explanation {
    /// The numbers behind `AADSTS`.
    pub codes: &'static [u64],
    /// Who can correct it.
    pub who: Who,
    words: Words,
    /// The words for connections without a password, if they differ.
    without_password: &'static [Words],
    effects: &'static [Effect],
}

impl Explanation {
    /// Returns the words for a connection that signs in with this credential.
    pub fn words(&self, credential: Credential) -> Words {
        match (credential, self.without_password) {
            (Credential::Other, [words, ..]) => *words,
            _ => self.words,
        }
    }
}

/// Returns all explanations.
pub fn explanations() -> &'static [Explanation] {
    table::EXPLANATIONS
}

/// Returns the explanation of a code, if it is known.
pub fn explanation(code: u64) -> Option<&'static Explanation> {
    explanations().iter().find(|explanation| explanation.codes.contains(&code))
}

/// Returns whether a failure with this code is temporary, if the code is known.
pub fn passes(code: u64) -> Option<bool> {
    explanation(code).map(|explanation| explanation.effects.contains(&Effect::Passes))
}

/// The suberrors of `invalid_grant` that end a refresh token. After all others the token is
/// accepted again when the cause is gone, such as a policy, a missing consent or a disabled
/// account. Sources: `MSIDError` and `OAuth2SubErrorCode` in Microsoft's own libraries; its
/// library for Python keeps every refused token for the same reason.
const ENDING_SUBERRORS: [&str; 2] = ["bad_token", "token_expired"];

/// Returns whether a refresh token that Entra refused with this error will never be accepted
/// again.
pub fn ends_refresh_token(error: &EntraError) -> bool {
    let suberror = error.suberror.as_deref().unwrap_or_default();
    let ends = |code: &u64| {
        explanation(*code).is_some_and(|known| known.effects.contains(&Effect::EndsToken))
    };
    ENDING_SUBERRORS.contains(&suberror) || error.codes.iter().any(ends)
}
