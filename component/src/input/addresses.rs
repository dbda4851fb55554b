//! Mail addresses.

use super::Problems;
use super::text::breaks_or_turns;

/// The longest address. Source: RFC 3696, erratum 1690.
const ADDRESS: usize = 254;
/// The longest part of an address before `@`. Source: RFC 5321, 4.5.3.1.
const LOCAL_PART: usize = 64;
/// The longest label of a domain. Source: RFC 1035, 2.3.4.
const LABEL: usize = 63;

/// What an address may hold before `@`, besides letters and digits: `atext` of RFC 5322 and
/// the full stop.
const LOCAL_MARKS: &str = "!#$%&'*+-/=?^_`{|}~.";

/// What begins a display name, or another address.
const SEPARATORS: &str = "<>,;";

/// Checks the address that a mail goes to: one address and nothing beside it, in ASCII,
/// since a server on the way may take no other; a domain in other letters has its `xn--` form.
pub fn recipient(problems: &mut Problems, value: &str) {
    if let Some(message) = wrong_recipient(value) {
        problems.add("/recipient", message);
    }
}

fn wrong_recipient(value: &str) -> Option<String> {
    const EXPECTED: &str = "expected one address such as anna@fabrikam.com";
    if value.is_empty() {
        return Some(format!("it is empty; {EXPECTED}"));
    }
    if value.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Some(format!(
            "it holds a blank, a line break or another control character; {EXPECTED}"
        ));
    }
    if value.contains(|c| SEPARATORS.contains(c)) {
        return Some(format!(
            "it holds one of {SEPARATORS}; {EXPECTED}, without a name and without a second address"
        ));
    }
    if !value.is_ascii() {
        return Some("it holds a character that is not ASCII; expected an address in ASCII, its domain in the xn-- form".to_owned());
    }
    let length = value.len();
    if length > ADDRESS {
        return Some(format!("it has {length} characters; expected at most {ADDRESS}"));
    }
    let Some((local, domain)) = value.split_once('@') else {
        return Some(format!("it has no @; {EXPECTED}"));
    };
    if !is_local_part(local) {
        return Some(format!("the part before @ is none of an address; {EXPECTED}"));
    }
    (!is_domain(domain)).then(|| format!("the part after @ is no domain; {EXPECTED}"))
}

/// A `dot-atom` of RFC 5322.
fn is_local_part(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || LOCAL_MARKS.contains(c);
    text.len() <= LOCAL_PART
        && text.chars().all(fits)
        && text.split('.').all(|atom| !atom.is_empty())
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=LABEL).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.contains('.') && text.split('.').all(is_label)
}

/// Checks the address or user principal name of the user that a mail is about. It is only
/// shown, so its form is checked no further than to know it for one: a guest's name has `#EXT#`.
pub fn user_email(problems: &mut Problems, value: &str) {
    const EXPECTED: &str = "expected a name such as allen@contoso.onmicrosoft.com";
    let mut add = |message: String| problems.add("/userEmail", message);
    let length = value.chars().count();
    let odd = |c: char| breaks_or_turns(c) || c.is_whitespace() || SEPARATORS.contains(c);
    let parts = value.split_once('@').filter(|(_, domain)| !domain.contains('@'));
    if value.chars().any(odd) {
        add(format!("it holds a blank, a control character or one of {SEPARATORS}; {EXPECTED}"));
    } else if length > ADDRESS {
        add(format!("it has {length} characters; expected at most {ADDRESS}"));
    } else if !parts.is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty()) {
        add(format!("it has not exactly one @ with something on both sides; {EXPECTED}"));
    }
}
