//! The header `Idempotency-Key`.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use thiserror::Error;

use crate::run::host::digest;

/// The length of a key, in characters.
const MAX: usize = 255;

/// An idempotency key: 1 to 255 visible ASCII characters, or derived from a call. The quoted form of the draft, `"abc"`,
/// and the plain form of most clients, `abc`, are the same key.
///
/// ```
/// # use http::HeaderValue;
/// # use runner::serve::idempotency::IdempotencyKey;
/// let quoted = IdempotencyKey::parse(&HeaderValue::from_static("\"abc\""))?;
/// assert_eq!(quoted, IdempotencyKey::parse(&HeaderValue::from_static("abc"))?);
/// # Ok::<(), runner::serve::idempotency::KeyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(Arc<str>);

/// What the key of a call begins with whose caller gave none. A given key has no space.
const DERIVED: &str = "derived ";

/// Why a header is not a valid key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The key is empty.
    #[error("the Idempotency-Key is empty")]
    Empty,
    /// The key is too long.
    #[error("the Idempotency-Key is longer than {MAX} characters")]
    TooLong,
    /// The key has a space, a control character or a character that is not ASCII.
    #[error("the Idempotency-Key has characters that are not visible ASCII")]
    Characters,
    /// The quotes do not end, or end too early.
    #[error("the quotes of the Idempotency-Key are not in pairs around it")]
    Quotes,
    /// The request has the header twice.
    #[error("there is more than one Idempotency-Key")]
    Several,
}

impl KeyError {
    /// Returns the fix, in one sentence.
    pub fn fix(self) -> &'static str {
        match self {
            Self::Empty | Self::TooLong | Self::Characters => {
                "Send a key of 1 to 255 visible ASCII characters, such as a random UUID."
            }
            Self::Quotes => {
                "Send the key without quotes, or as \"key\" with a backslash before each quote and backslash in it."
            }
            Self::Several => "Send the header Idempotency-Key once.",
        }
    }
}

impl IdempotencyKey {
    /// The name of the header.
    pub const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

    /// Returns the key of a request, if it has one.
    ///
    /// # Errors
    /// Fails when the header is invalid, or occurs twice.
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>, KeyError> {
        let mut values = headers.get_all(Self::HEADER).iter();
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(KeyError::Several),
            (value, None) => value.map(Self::parse).transpose(),
        }
    }

    /// Parses the value of the header.
    ///
    /// # Errors
    /// Fails when the value is not a valid key.
    pub fn parse(value: &HeaderValue) -> Result<Self, KeyError> {
        let text = value.to_str().map_err(|_| KeyError::Characters)?;
        let key = match text.strip_prefix('"') {
            Some(rest) => unquoted(rest)?,
            None => text.to_owned(),
        };
        valid(&key)?;
        Ok(Self(key.into()))
    }

    /// Returns the key whose text [`as_str`](Self::as_str) was stored.
    ///
    /// # Errors
    /// Fails when the text is of no key.
    pub fn stored(text: &str) -> Result<Self, KeyError> {
        valid(text.strip_prefix(DERIVED).unwrap_or(text))?;
        Ok(Self(text.into()))
    }

    /// Returns the key of a call whose caller gave none, by what it asks for: a repeat has the same.
    pub fn derived(request: &str) -> Self {
        Self(format!("{DERIVED}{}", digest(request)).into())
    }

    /// Returns whether the caller gave no key.
    pub fn is_derived(&self) -> bool {
        self.0.starts_with(DERIVED)
    }

    /// Returns the key, without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn valid(key: &str) -> Result<(), KeyError> {
    match key.len() {
        0 => Err(KeyError::Empty),
        length if length > MAX => Err(KeyError::TooLong),
        _ if !key.bytes().all(|byte| byte.is_ascii_graphic()) => Err(KeyError::Characters),
        _ => Ok(()),
    }
}

/// Parses the rest of a structured field's string after its first quote (RFC 9651, section 3.3.3).
fn unquoted(text: &str) -> Result<String, KeyError> {
    let mut key = String::new();
    let mut rest = text.chars();
    loop {
        match rest.next() {
            Some('"') if rest.as_str().is_empty() => return Ok(key),
            Some('\\') => match rest.next() {
                Some(escaped @ ('"' | '\\')) => key.push(escaped),
                _ => return Err(KeyError::Quotes),
            },
            None | Some('"') => return Err(KeyError::Quotes),
            Some(plain) => key.push(plain),
        }
    }
}
