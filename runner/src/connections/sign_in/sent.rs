//! The secrets of a request to the sign-in host, so that no answer brings one back.

use url::form_urlencoded;

use super::grant::SECRET_FIELDS;
use crate::recording::forms;
use crate::recording::redaction::{Redaction, SHORTEST, Writer};

/// The secrets that one request has sent.
pub struct Sent {
    redaction: Redaction,
    /// Those that occur in other texts by chance, in every form.
    short: Vec<String>,
}

impl Sent {
    /// Those of a form.
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

    /// Whether one of them stands in a text that the sign-in host wrote, in any form and
    /// cut off or not; or something that looks like a token. A text that only looks as if it
    /// had a short one counts as well.
    pub fn shows_in(&self, text: &str) -> bool {
        let mut clean = text.to_owned();
        self.redaction.clean_text(&mut clean, Writer::Server);
        clean != text || self.short.iter().any(|secret| text.contains(secret))
    }
}
