//! The table of Entra's error codes.

use std::collections::BTreeSet;

use runner::connections::entra_codes::{Credential, Words, explanations};

#[test]
fn every_code_has_one_meaning_and_no_password_is_mentioned_where_none_is_configured() {
    let mut codes = BTreeSet::new();
    for explanation in explanations() {
        for code in explanation.codes {
            assert!(codes.insert(*code), "{code} is there twice");
        }
        let Words { message, fix } = explanation.words(Credential::Other);
        for text in [message, fix] {
            assert!(!text.to_lowercase().contains("password"), "{text}");
        }
    }
}
