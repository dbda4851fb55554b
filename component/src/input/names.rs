//! The names of users. Limits are those of Entra's user name policies.

use alloc::borrow::ToOwned;
use alloc::string::String;

use super::{Problems, ids};
use crate::search::has;

/// The longest display name, in characters.
const DISPLAY_NAME: usize = 256;
/// The longest part of a user principal name before `@`, and the longest mail nickname.
const LOCAL_PART: usize = 64;
/// The longest part of a user principal name after `@`.
const DOMAIN_PART: usize = 48;
/// The longest user principal name.
const WHOLE_NAME: usize = 113;

/// What a new user principal name may hold before `@`, besides letters and digits.
const NICKNAME_MARKS: &str = "'.-_!#^~";

/// What no user principal name holds and what a URL would give a meaning to.
const NEVER_IN_NAME: &str = "/\\?%";

/// Checks a display name: 1 to 256 characters, not blank, on one line.
pub fn display_name(problems: &mut Problems, value: &str) {
    let length = value.chars().count();
    if value.trim().is_empty() {
        problems.add("/displayName", "it is empty; expected a name of 1 to 256 characters");
    } else if length > DISPLAY_NAME {
        problems.add(
            "/displayName",
            format!("it has {length} characters; expected at most {DISPLAY_NAME}"),
        );
    } else if value.chars().any(char::is_control) {
        problems.add("/displayName", "it holds a control character, such as a line break; expected printable characters only");
    }
}

/// Checks a mail nickname, which becomes the new user's principal name before `@`.
pub fn mail_nickname(problems: &mut Problems, value: &str) {
    let length = value.chars().count();
    let fits = |c: char| c.is_ascii_alphanumeric() || has(NICKNAME_MARKS, c);
    if value.is_empty() {
        problems.add("/mailNickname", "it is empty; expected 1 to 64 characters");
    } else if length > LOCAL_PART {
        problems.add(
            "/mailNickname",
            format!("it has {length} characters; expected at most {LOCAL_PART}"),
        );
    } else if !value.chars().all(fits) {
        problems.add(
            "/mailNickname",
            format!("it holds a character that a user name cannot have; expected the letters A to Z, digits and {NICKNAME_MARKS} only"),
        );
    } else if value.starts_with('.') || value.ends_with('.') {
        problems.add(
            "/mailNickname",
            "it begins or ends with a full stop; expected another character there",
        );
    }
}

/// The user principal name of a new user, checked as a whole.
pub fn new_principal_name(problems: &mut Problems, nickname: &str, tenant: &str) -> String {
    let name = format!("{nickname}@{tenant}");
    let (whole, domain) = (name.chars().count(), tenant.chars().count());
    if ids::is_guid(tenant) {
        problems.add(
            "/connectionId",
            "it names the tenant by its id, and new users need a domain; expected the connection's `tenant` to be a verified domain of the tenant, such as contoso.onmicrosoft.com",
        );
    } else if domain > DOMAIN_PART || domain == 0 {
        problems.add(
            "/connectionId",
            format!(
                "it leads to a tenant domain of {domain} characters; expected 1 to {DOMAIN_PART}"
            ),
        );
    } else if whole > WHOLE_NAME {
        problems.add(
            "/mailNickname",
            format!("it makes a user principal name of {whole} characters; expected at most {WHOLE_NAME} with the tenant's domain"),
        );
    }
    name
}

/// Checks the user principal name of a user that exists. It is checked for its form only:
/// a guest's name has `#EXT#`, and older names hold more than new ones may.
pub fn principal_name(problems: &mut Problems, value: &str) {
    let mut add = |message: String| problems.add("/userPrincipalName", message);
    let length = value.chars().count();
    let odd = |c: char| c.is_control() || c.is_whitespace() || has(NEVER_IN_NAME, c);
    let parts = value.split_once('@').filter(|(_, domain)| !has(domain, '@'));
    let Some((local, domain)) = parts else {
        add("it has not exactly one @; expected a name such as allen@contoso.onmicrosoft.com"
            .to_owned());
        return;
    };
    let (local, domain) = (local.chars().count(), domain.chars().count());
    if value.chars().any(odd) {
        add(format!(
            "it holds a blank, a control character or one of {NEVER_IN_NAME}; expected a name such as allen@contoso.onmicrosoft.com"
        ));
    } else if !(1..=LOCAL_PART).contains(&local) {
        add(format!("it has {local} characters before @; expected 1 to {LOCAL_PART}"));
    } else if domain == 0 {
        add("it has nothing after @; expected a domain such as contoso.onmicrosoft.com".to_owned());
    } else if length > WHOLE_NAME {
        add(format!("it has {length} characters; expected at most {WHOLE_NAME}"));
    }
}
