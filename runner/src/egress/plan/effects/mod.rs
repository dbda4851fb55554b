//! The known writes: what each reads of the tenant, a description of its effect, and Graph's
//! response. Source: the pages of these calls in the Graph v1.0 reference; the rules and the
//! refusals are those of [`crate::graph`].
//!
//! - `accounts`: creating and deleting users
//! - `licenses`: assigning licences
//! - `mail`: sending mail

mod accounts;
mod licenses;
mod mail;

use http::StatusCode;
use serde_json::json;

use super::lookups::{Lookups, UserRef};
use super::responses::response;
use crate::egress::{EgressError, Response};
use crate::graph::{self, Media, Refusal};

pub struct Write<'a> {
    pub call: String,
    /// The path below the version root.
    pub path: &'a str,
    pub key: Option<&'a str>,
    pub body: &'a [u8],
    pub media: Media,
}

pub struct Effect {
    pub changes: String,
    /// The response.
    pub response: Response,
}

/// A write without effect.
pub enum NoEffect {
    /// Graph would refuse it. The text states what is not done, and why.
    Refused(String, Refusal),
    /// The run ends here.
    Ended(EgressError),
}

/// A write whose effect is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownWrite {
    Create,
    Assign,
    Delete,
    Send,
}

/// The known writes, as `actions.toml` names them.
pub const KNOWN: [(&str, KnownWrite); 5] = [
    ("POST /users", KnownWrite::Create),
    ("POST /users/{id}/assignLicense", KnownWrite::Assign),
    ("DELETE /users/{id}", KnownWrite::Delete),
    ("POST /users/{id}/sendMail", KnownWrite::Send),
    ("POST /me/sendMail", KnownWrite::Send),
];

impl KnownWrite {
    /// Reads the tenant, applies the write to the overlay, and returns its effect.
    pub async fn effect(
        self,
        lookups: &Lookups<'_>,
        write: &Write<'_>,
    ) -> Result<Effect, NoEffect> {
        graph::check_size(write.body)?;
        match self {
            Self::Create => accounts::create(lookups, write).await,
            Self::Assign => licenses::assign(lookups, write).await,
            Self::Delete => accounts::delete(lookups, write).await,
            Self::Send => mail::send(lookups, write).await,
        }
    }
}

pub fn unknown(write: &Write<'_>) -> Effect {
    Effect {
        changes: format!("does {}, of which no more is known", write.call),
        response: response(StatusCode::OK, Some(json!({}))),
    }
}

impl<'a> Write<'a> {
    fn target(&self) -> UserRef<'a> {
        let path = self.path.strip_suffix("/assignLicense").or(self.path.strip_suffix("/sendMail"));
        UserRef { key: self.key, path: path.unwrap_or(self.path) }
    }
}

impl UserRef<'_> {
    fn name(&self) -> String {
        self.key.unwrap_or("the signed-in user").to_owned()
    }

    fn absent(&self, what: &str) -> NoEffect {
        let name = self.name();
        NoEffect::Refused(format!("{what}: there is no user {name}"), Refusal::absent(&name))
    }
}

impl From<Refusal> for NoEffect {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.message.to_string(), refusal)
    }
}

impl From<EgressError> for NoEffect {
    fn from(error: EgressError) -> Self {
        Self::Ended(error)
    }
}
