//! The characters of a secret. An invalid one, such as an invisible byte order mark, is reported
//! before the secret is sent: Entra would only report a wrong secret.
//!
//! Source: RFC 6749, Appendix A: a client secret, a code and a refresh token are of `VSCHAR`
//! (%x20-7E), a user name and a password of `UNICODECHARNOCRLF`.

use std::fmt;

/// The characters that a secret can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// Printable ASCII: a client secret, an authentication code.
    Ascii,
    /// Any text of one line: a password.
    Text,
}

/// An invalid character of a secret, and where it is. It shows nothing of the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCharacter {
    class: Class,
    position: Position,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Mark,
    LineFeed,
    CarriageReturn,
    Control,
    NotAscii,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    Beginning,
    Within,
    End,
}

impl Alphabet {
    /// Returns the first invalid character of `text`, if there is one.
    pub fn check(self, text: &str) -> Option<InvalidCharacter> {
        let (at, class) = text.char_indices().find_map(|(at, c)| Some((at, self.invalid(c)?)))?;
        // At the end if only invalid characters follow.
        let rest = text.get(at..).unwrap_or_default();
        let position = match at {
            0 => Position::Beginning,
            _ if rest.chars().all(|c| self.invalid(c).is_some()) => Position::End,
            _ => Position::Within,
        };
        Some(InvalidCharacter { class, position })
    }

    fn invalid(self, c: char) -> Option<Class> {
        match c {
            '\u{feff}' => Some(Class::Mark),
            '\n' => Some(Class::LineFeed),
            '\r' => Some(Class::CarriageReturn),
            '\t' if self == Self::Text => None,
            // U+FFFE and U+FFFF are not characters.
            c if c.is_ascii_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                Some(Class::Control)
            }
            c if self == Self::Ascii && !c.is_ascii() => Some(Class::NotAscii),
            _ => None,
        }
    }
}

impl fmt::Display for InvalidCharacter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = match self.position {
            Position::Beginning => "begins with",
            Position::Within => "has within it",
            Position::End => "ends with",
        };
        let class = match self.class {
            Class::Mark => "a byte order mark (U+FEFF)",
            Class::LineFeed => "a line break (LF)",
            Class::CarriageReturn => "a carriage return (CR)",
            Class::Control => "a control character",
            Class::NotAscii => "a character that is not ASCII, as this secret must be",
        };
        write!(f, "{position} {class}")
    }
}
