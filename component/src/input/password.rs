//! Passwords.

use super::Problems;

/// The shortest and the longest password, in characters.
const LENGTH: core::ops::RangeInclusive<usize> = 8..=256;

/// How many of lower case, upper case, digits and symbols there must be. Entra asks for
/// three, and says so itself; fewer than two is refused here.
const CLASSES: usize = 2;

/// Checks a first password; a problem never repeats it. Entra takes ASCII only, a blank
/// among its symbols. Source: Entra's password policies.
pub fn password(problems: &mut Problems, value: &str) {
    let length = value.chars().count();
    if !LENGTH.contains(&length) {
        problems.add(
            "/password",
            format!("it has {length} characters; expected {} to {}", LENGTH.start(), LENGTH.end()),
        );
    }
    if !value.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
        problems.add("/password", "it holds a character that is not printable ASCII; expected the letters A to Z, digits, symbols and blanks only");
    }
    if classes(value) < CLASSES {
        problems.add("/password", "it is of one kind of character; expected at least two of lower case, upper case, digits and symbols");
    }
}

/// How many of the four classes `value` has.
fn classes(value: &str) -> usize {
    let kinds: [fn(char) -> bool; 4] = [
        |c| c.is_ascii_lowercase(),
        |c| c.is_ascii_uppercase(),
        |c| c.is_ascii_digit(),
        |c| c == ' ' || c.is_ascii_punctuation(),
    ];
    kinds.iter().filter(|kind| value.chars().any(**kind)).count()
}
