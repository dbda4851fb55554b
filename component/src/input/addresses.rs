//! Mail addresses.

use super::Problems;
use super::text::breaks_or_turns;
use crate::search::has;

/// The longest address. Source: RFC 3696, erratum 1690.
const ADDRESS: usize = 254;
/// The longest part of an address before `@`. Source: RFC 5321, 4.5.3.1.
const LOCAL_PART: usize = 64;
/// The longest label of a domain. Source: RFC 1035, 2.3.4.
const LABEL: usize = 63;

/// What an address may hold before `@`, besides letters, digits and full stops: the rest of
/// `atext` in RFC 5322.
const LOCAL_MARKS: &[u8] = b"!#$%&'*+-/=?^_`{|}~";

/// What stands around an address, or between two.
const SEPARATORS: &[u8] = b"<>,;";

/// Checks the address that a mail goes to: one address and nothing beside it, in ASCII,
/// since a server in between may accept no other; a domain in other letters has its `xn--` form.
pub fn recipient(problems: &mut Problems, value: &str) {
    if let Some(message) = wrong_recipient(value) {
        problems.add("/recipient", message);
    }
}

fn wrong_recipient(value: &str) -> Option<&'static str> {
    let (local, domain) = value.split_once('@').unwrap_or((value, ""));
    if value.is_empty() {
        Some("it is empty; expected one address such as anna@fabrikam.com")
    } else if value.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        Some(
            "it holds a blank, a line break or another control character; expected one address such as anna@fabrikam.com",
        )
    } else if value.bytes().any(|byte| SEPARATORS.contains(&byte)) {
        Some(
            "it holds <, >, a comma or a semicolon; expected one address such as anna@fabrikam.com, without a name and without a second address",
        )
    } else if !value.is_ascii() {
        Some(
            "it holds a character that is not ASCII; expected an address in ASCII, its domain in the xn-- form",
        )
    } else if value.len() > ADDRESS {
        Some("it is too long; expected at most 254 characters")
    } else if !is_local_part(local) {
        Some(
            "what stands before @ is none of an address; expected one address such as anna@fabrikam.com",
        )
    } else if !is_domain(domain) {
        Some("what stands after @ is no domain; expected one address such as anna@fabrikam.com")
    } else {
        None
    }
}

/// A `dot-atom` of RFC 5322.
fn is_local_part(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || LOCAL_MARKS.contains(&byte);
    text.len() <= LOCAL_PART
        && text.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(fits))
}

fn is_domain(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_label = |label: &str| {
        let hyphen = label.starts_with('-') || label.ends_with('-');
        (1..=LABEL).contains(&label.len()) && !hyphen && label.bytes().all(fits)
    };
    has(text, '.') && text.split('.').all(is_label)
}

/// Checks the address or user principal name of the user that a mail is about. It is only
/// shown, so its form is checked no further than to know it for one: a guest's name has `#EXT#`.
pub fn user_email(problems: &mut Problems, value: &str) {
    let odd = |c: char| {
        breaks_or_turns(c)
            || c.is_whitespace()
            || u8::try_from(c).is_ok_and(|byte| SEPARATORS.contains(&byte))
    };
    let (name, domain) = value.split_once('@').unwrap_or((value, ""));
    if value.chars().any(odd) {
        problems.add("/userEmail", "it holds a blank, a control character or <, >, a comma or a semicolon; expected a name such as allen@contoso.onmicrosoft.com");
    } else if value.chars().count() > ADDRESS {
        problems.add("/userEmail", "it is too long; expected at most 254 characters");
    } else if name.is_empty() || domain.is_empty() || has(domain, '@') {
        problems.add("/userEmail", "it has not exactly one @ with something on both sides; expected a name such as allen@contoso.onmicrosoft.com");
    }
}
