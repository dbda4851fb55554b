//! Names in WIT and in JSON.

use proptest::prelude::*;
use runner::values::json_name;

#[test]
fn names_of_every_kind() {
    for (wit, json) in [
        ("ip", "ip"),
        ("service-id", "serviceId"),
        ("user-principal-name", "userPrincipalName"),
        ("key1", "key1"),
        ("key-1", "key-1"),
        ("key-1-old", "key-1-old"),
        ("key1-old", "key1Old"),
        ("user-ID", "user-ID"),
        ("user-i-d", "userID"),
        ("URL-path", "URL-path"),
    ] {
        assert_eq!(json_name(wit), json);
    }
}

/// The WIT name of a JSON name: what must be possible if no two may share one.
fn wit_name(json: &str) -> String {
    let words = json.split('-').map(|part| {
        let is_camel = part
            .chars()
            .find(char::is_ascii_alphabetic)
            .is_some_and(|letter| letter.is_ascii_lowercase());
        if !is_camel {
            return part.to_owned();
        }
        let mut words = String::new();
        for letter in part.chars() {
            if letter.is_ascii_uppercase() {
                words.push('-');
            }
            words.push(letter.to_ascii_lowercase());
        }
        words
    });
    words.collect::<Vec<_>>().join("-")
}

proptest! {
    /// No name is lost: each JSON name leads back to the one WIT name that it came from.
    #[test]
    fn every_name_leads_back(name in "([a-z][a-z0-9]{0,3}|[A-Z][A-Z0-9]{0,3})(-([a-z0-9]{1,4}|[A-Z0-9]{1,4})){0,5}") {
        prop_assert_eq!(wit_name(&json_name(&name)), name);
    }
}
