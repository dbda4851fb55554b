//! The writes whose effects are known: what each has to know of the tenant, what it would
//! change, in words, and what Graph would answer. Source: the pages of these calls in the
//! Graph v1.0 reference; the rules and the refusals are those of [`crate::graph`].
//!
//! - `accounts`: users created and deleted
//! - `licenses`: licences given and taken
//! - `mail`: mail sent

mod accounts;
mod licenses;
mod mail;

use http::StatusCode;
use serde_json::json;

use super::answers::answer;
use super::looks::{Looks, Whom};
use crate::egress::{EgressError, Response};
use crate::graph::{self, Refusal};

/// A write that was asked for.
pub struct Write<'a> {
    /// Method and path, for a call that is not known.
    pub call: String,
    /// The path below the version root.
    pub path: &'a str,
    /// The user in it, if there is one.
    pub key: Option<&'a str>,
    /// Its body.
    pub body: &'a [u8],
}

/// What a write would change, and what Graph would answer.
pub struct Effect {
    /// The change, in words.
    pub changes: String,
    /// The response.
    pub answer: Response,
}

/// A write that would have no effect.
pub enum Undone {
    /// Graph would refuse it.
    Refused {
        /// What so is not done, and why, in words.
        reason: String,
        /// The response.
        refusal: Refusal,
    },
    /// The run ends here.
    Ended(EgressError),
}

/// A write that the plan knows the effect of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// A user is created.
    Create,
    /// Licences are given and taken.
    Assign,
    /// A user is deleted.
    Delete,
    /// A mail is sent.
    Send,
}

/// The known writes, as `actions.toml` names them.
pub const KNOWN: [(&str, Known); 5] = [
    ("POST /users", Known::Create),
    ("POST /users/{id}/assignLicense", Known::Assign),
    ("DELETE /users/{id}", Known::Delete),
    ("POST /users/{id}/sendMail", Known::Send),
    ("POST /me/sendMail", Known::Send),
];

impl Known {
    /// Looks at the tenant, notes the effect in the plan's overlay, and answers.
    pub async fn effect(self, looks: &Looks<'_>, write: &Write<'_>) -> Result<Effect, Undone> {
        graph::check_size(write.body)?;
        match self {
            Self::Create => accounts::create(looks, write).await,
            Self::Assign => licenses::assign(looks, write).await,
            Self::Delete => accounts::delete(looks, write).await,
            Self::Send => mail::send(looks, write).await,
        }
    }
}

/// The effect of a write that the table does not have.
pub fn unknown(write: &Write<'_>) -> Effect {
    Effect {
        changes: format!("does {}, of which no more is known", write.call),
        answer: answer(StatusCode::OK, Some(json!({}))),
    }
}

impl<'a> Write<'a> {
    /// The user that it is about.
    fn whom(&self) -> Whom<'a> {
        let path = self.path.strip_suffix("/assignLicense").or(self.path.strip_suffix("/sendMail"));
        Whom { key: self.key, path: path.unwrap_or(self.path) }
    }
}

impl Whom<'_> {
    fn name(&self) -> String {
        self.key.unwrap_or("the signed-in user").to_owned()
    }

    /// There is no such user.
    fn absent(&self, what: &str) -> Undone {
        let name = self.name();
        Undone::Refused {
            reason: format!("{what}: there is no user {name}"),
            refusal: Refusal::absent(&name),
        }
    }
}

impl From<Refusal> for Undone {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { reason: refusal.message.to_string(), refusal }
    }
}

impl From<EgressError> for Undone {
    fn from(error: EgressError) -> Self {
        Self::Ended(error)
    }
}
