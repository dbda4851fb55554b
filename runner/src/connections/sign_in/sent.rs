//! The secrets of a request to the sign-in host, which no message may repeat.

use url::form_urlencoded;

use super::grant::SECRET_FIELDS;
use crate::recording::forms;
use crate::recording::redaction::{Redaction, SHORTEST, Writer};

/// The secrets of one request.
pub struct Sent {
    redaction: Redaction,
    /// The short secrets, which other texts contain by chance, in every form.
    short: Vec<String>,
}

impl Sent {
    /// Returns the secrets of a form.
    pub fn in_form(body: &[u8]) -> Self {
        let secrets = form_urlencoded::parse(body)
            .filter(|(name, _)| SECRET_FIELDS.contains(&name.as_ref()))
            .map(|(name, secret)| (name.into_owned(), secret.into_owned()))
            .collect();
        let redaction = Redaction::new(&secrets);
        let short = secrets
            .into_values()
            .filter(|secret| !secret.is_empty() && secret.len() < SHORTEST)
            .flat_map(|secret| forms::encoded(&secret).into_iter().chain([secret]))
            .collect();
        Self { redaction, short }
    }

    /// Returns whether a text from the sign-in host contains a secret, in any form and even
    /// truncated, or something that looks like a token. A short secret counts wherever it occurs.
    pub fn shows_in(&self, text: &str) -> bool {
        let mut clean = text.to_owned();
        self.redaction.clean_text(&mut clean, Writer::Server);
        clean != text || self.short.iter().any(|secret| text.contains(secret))
    }
}
