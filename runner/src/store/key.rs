//! The keys of entries.

use std::fmt::{self, Write as _};

/// What an entry is about. It is the first part of its key.
///
/// A group is also what a process watches, so what one has to learn at once has a group of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// The store itself.
    About,
    /// The runs that nobody waits for.
    Runs,
    /// The runs that are to be cancelled.
    Cancelled,
    /// The callbacks that are due.
    Callbacks,
    /// The idempotency keys of calls.
    Keys,
    /// The processes, by their leases.
    Processes,
    /// The permits of tenants.
    Permits,
    /// How long Graph asked to wait.
    Throttled,
    /// The tokens of users, and who renews them.
    Tokens,
    /// The secrets that the host made up.
    Generated,
}

impl Group {
    /// Returns the first part of its keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::About => "about",
            Self::Runs => "runs",
            Self::Cancelled => "cancelled",
            Self::Callbacks => "callbacks",
            Self::Keys => "keys",
            Self::Processes => "processes",
            Self::Permits => "permits",
            Self::Throttled => "throttled",
            Self::Tokens => "tokens",
            Self::Generated => "generated",
        }
    }
}

/// The key of an entry: a group and parts of any text. It has no characters but ASCII letters,
/// digits, `-`, `_`, `=` and the `.` between its parts, so that it is a key of NATS, too.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// Creates a key.
    pub fn new(group: Group, parts: &[&str]) -> Self {
        let mut key = group.name().to_owned();
        for part in parts {
            key.push('.');
            escape(part, &mut key);
        }
        Self(key)
    }

    /// Returns the key with this text.
    pub fn of(text: String) -> Self {
        Self(text)
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether this is a key of a group that begins with these parts.
    pub fn begins_with(&self, group: Group, parts: &[&str]) -> bool {
        let prefix = Self::new(group, parts);
        self.0.strip_prefix(&prefix.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// Returns the last part, as it was given.
    pub fn last_part(&self) -> Option<String> {
        unescape(self.0.rsplit('.').next()?)
    }
}

/// Writes a part: `=` and two hex digits stand for each byte that a key cannot have. A part that
/// is empty is a single `=`.
fn escape(part: &str, key: &mut String) {
    if part.is_empty() {
        key.push('=');
    }
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            key.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(key, "={byte:02x}");
        }
    }
}

fn unescape(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'=' {
            bytes.push(byte);
        } else if rest.len() > 0 {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        }
    }
    String::from_utf8(bytes).ok()
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
