//! What a secret cannot hold, told before it is sent: Entra would say that it is wrong, and
//! nobody sees a byte order mark.
//!
//! Source: RFC 6749, Appendix A: a client secret, a code and a refresh token are of `VSCHAR`
//! (%x20-7E), a user name and a password of `UNICODECHARNOCRLF`.

use std::fmt;

/// What a secret is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// Printable ASCII: a client secret, an authentication code.
    Ascii,
    /// Any text of one line: a password.
    Text,
}

/// What is odd about a secret, and where. It shows nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Odd {
    what: What,
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Mark,
    LineFeed,
    CarriageReturn,
    Control,
    NotAscii,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Beginning,
    Within,
    End,
}

impl Alphabet {
    /// The first thing in `text` that no such secret can hold.
    pub fn oddity(self, text: &str) -> Option<Odd> {
        let (at, what) = text.char_indices().find_map(|(at, c)| Some((at, self.odd(c)?)))?;
        // At the end is what has nothing but its like behind it.
        let rest = text.get(at..).unwrap_or_default();
        let place = match at {
            0 => Place::Beginning,
            _ if rest.chars().all(|c| self.odd(c).is_some()) => Place::End,
            _ => Place::Within,
        };
        Some(Odd { what, place })
    }

    fn odd(self, c: char) -> Option<What> {
        match c {
            '\u{feff}' => Some(What::Mark),
            '\n' => Some(What::LineFeed),
            '\r' => Some(What::CarriageReturn),
            '\t' if self == Self::Text => None,
            // The last of what has no character: U+FFFE and U+FFFF.
            c if c.is_ascii_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                Some(What::Control)
            }
            c if self == Self::Ascii && !c.is_ascii() => Some(What::NotAscii),
            _ => None,
        }
    }
}

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match self.place {
            Place::Beginning => "begins with",
            Place::Within => "has within it",
            Place::End => "ends with",
        };
        let what = match self.what {
            What::Mark => "a byte order mark (U+FEFF)",
            What::LineFeed => "a line break (LF)",
            What::CarriageReturn => "a carriage return (CR)",
            What::Control => "a control character",
            What::NotAscii => "a character that is not ASCII, as those of such a secret are",
        };
        write!(f, "{place} {what}")
    }
}
