//! Free text: what a person wrote, to be shown to another.

use super::Problems;

/// The longest name to log in with, in characters.
pub const LOGIN: usize = 256;

/// Checks a text of one line at `pointer`: 1 to `longest` characters, not blank, none of
/// them a control character. A problem never repeats it: it may be a secret.
pub fn line(problems: &mut Problems, pointer: &str, value: &str, longest: usize) {
    if fits(problems, pointer, value, longest) && value.chars().any(breaks_or_turns) {
        problems.add(
            pointer,
            "it holds a line break or another control character; expected one line of printable characters",
        );
    }
}

/// Checks a text of one or more lines at `pointer`: 1 to `longest` characters, not blank,
/// lines ending in LF or CRLF, and no other control character.
pub fn lines(problems: &mut Problems, pointer: &str, value: &str, longest: usize) {
    let odd = |line: &str| line.chars().any(breaks_or_turns);
    if fits(problems, pointer, value, longest) && value.lines().any(odd) {
        problems.add(
            pointer,
            "it holds a control character other than a line break; expected lines of printable characters",
        );
    }
}

fn fits(problems: &mut Problems, pointer: &str, value: &str, longest: usize) -> bool {
    let length = value.chars().count();
    if value.trim().is_empty() {
        problems.add(pointer, format!("it is empty; expected 1 to {longest} characters"));
        return false;
    }
    if length > longest {
        problems.add(pointer, format!("it has {length} characters; expected at most {longest}"));
        return false;
    }
    true
}

/// Whether `c` is a control character, one of Unicode's line breaks, or one that turns the
/// direction of what follows, by which a text can be made to read as another.
pub fn breaks_or_turns(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
