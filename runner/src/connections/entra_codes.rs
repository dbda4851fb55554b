//! What Entra's error codes mean to whoever configured a connection, and what to do.
//!
//! Microsoft says that the numbers are for diagnosis and may change: they choose a sentence
//! here, which refusals are worth another try, and which end a refresh token, and nothing else.
//!
//! - `table`: the meanings, code by code; `users` is its part about a user's own credentials

mod table;
mod users;

use crate::report::{EntraError, Who};

/// How somebody signs in, as far as it matters to what is said of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// With the user name and the password of the connection.
    Password,
    /// Without: by a secret of the application, a code or a refresh token.
    Other,
}

/// What happened, and what to do; `{id}` stands for the connection's id.
#[derive(Clone, Copy)]
pub struct Words {
    /// What happened.
    pub message: &'static str,
    /// What to do.
    pub fix: &'static str,
}

/// One meaning, and the codes that have it.
pub struct Explanation {
    /// The numbers behind `AADSTS`.
    codes: &'static [u64],
    /// Who can do something about it.
    pub who: Who,
    words: Words,
    /// What is said instead to who configured no password.
    without_password: Option<Words>,
    /// Whether Microsoft says that it passes, so that another try is worth while.
    passes: bool,
    /// Whether a refresh token is dead that is refused so.
    ends_token: bool,
}

impl Explanation {
    const fn new(
        codes: &'static [u64],
        who: Who,
        message: &'static str,
        fix: &'static str,
    ) -> Self {
        let words = Words { message, fix };
        Self { codes, who, words, without_password: None, passes: false, ends_token: false }
    }

    const fn without_password(mut self, message: &'static str, fix: &'static str) -> Self {
        self.without_password = Some(Words { message, fix });
        self
    }

    const fn passing(mut self) -> Self {
        self.passes = true;
        self
    }

    const fn ending_token(mut self) -> Self {
        self.ends_token = true;
        self
    }

    /// What is said to who signs in this way.
    pub fn words(&self, way: Way) -> Words {
        match way {
            Way::Password => self.words,
            Way::Other => self.without_password.unwrap_or(self.words),
        }
    }
}

/// The explanation of a code, if it is a known one.
pub fn explanation(code: u64) -> Option<&'static Explanation> {
    table::EXPLANATIONS.into_iter().flatten().find(|explanation| explanation.codes.contains(&code))
}

/// Whether a failure with this code passes, as far as that is known.
pub fn passes(code: u64) -> Option<bool> {
    explanation(code).map(|explanation| explanation.passes)
}

/// What Entra says beside `invalid_grant` of a refresh token that is good no more. Of all other
/// refusals it is good again when their cause is gone, such as a policy, a missing consent or a
/// disabled account. Sources: `MSIDError` and `OAuth2SubErrorCode` in Microsoft's own
/// libraries; its library for Python keeps every refused token for the same reason.
const DEAD: [&str; 2] = ["bad_token", "token_expired"];

/// Whether a refresh token that Entra refused with this answer will never be good again.
pub fn ends_refresh_token(answer: &EntraError) -> bool {
    let suberror = answer.suberror.as_deref().unwrap_or_default();
    let ends = |code: &u64| explanation(*code).is_some_and(|explanation| explanation.ends_token);
    DEAD.contains(&suberror) || answer.codes.iter().any(ends)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_has_one_meaning_and_no_password_is_spoken_of_where_none_is_configured() {
        let mut codes = BTreeSet::new();
        for explanation in table::EXPLANATIONS.into_iter().flatten() {
            for code in explanation.codes {
                assert!(codes.insert(*code), "{code} is there twice");
            }
            let Words { message, fix } = explanation.words(Way::Other);
            for text in [message, fix] {
                assert!(!text.to_lowercase().contains("password"), "{text}");
            }
        }
    }
}
