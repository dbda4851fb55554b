//! A Graph call such as `POST /users/{id}/assignLicense`.

use std::fmt;
use std::str::FromStr;

use http::Method;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use thiserror::Error;

/// A method and a path below Graph's version root, in which `{id}` stands for the
/// key of one object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Call(String);

/// A text that is not of the form `METHOD /path`.
#[derive(Debug, Error)]
#[error("{0:?} is not a Graph call; write METHOD /path, such as GET /users/{{id}}")]
pub struct InvalidCall(String);

impl FromStr for Call {
    type Err = InvalidCall;

    fn from_str(text: &str) -> Result<Self, InvalidCall> {
        let well_formed = text.split_once(' ').is_some_and(|(method, path)| {
            method.bytes().all(|byte| byte.is_ascii_uppercase())
                && !method.is_empty()
                && path.strip_prefix('/').is_some_and(|rest| {
                    rest.split('/').all(|segment| segment == "{id}" || is_literal(segment))
                })
        });
        if well_formed { Ok(Self(text.to_owned())) } else { Err(InvalidCall(text.to_owned())) }
    }
}

impl TryFrom<String> for Call {
    type Error = InvalidCall;

    fn try_from(text: String) -> Result<Self, InvalidCall> {
        text.parse()
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Call {
    /// Returns the path, such as `/users/{id}`.
    pub fn path(&self) -> &str {
        self.0.split_once(' ').map_or("", |(_, path)| path)
    }

    /// Returns whether the call changes nothing.
    pub fn reads(&self) -> bool {
        self.0.split_once(' ').is_some_and(|(method, _)| method == Method::GET.as_str())
    }

    /// Returns whether a request is this call. `path` is the path below the version root,
    /// percent-encoded and without the query.
    pub fn matches(&self, method: &Method, path: &str) -> bool {
        let Some((own_method, own_path)) = self.0.split_once(' ') else { return false };
        let Some(segments) = segments(path) else { return false };
        let own: Vec<&str> = own_path.split('/').skip(1).collect();
        own_method == method.as_str()
            && own.len() == segments.len()
            && own.iter().zip(&segments).all(|(own, given)| match (*own, given) {
                ("{id}", Segment::Key) => true,
                ("{id}", Segment::Plain(text)) => is_key(text),
                (own, Segment::Plain(text)) => own == *text,
                (_, Segment::Key) => false,
            })
    }
}

/// Returns the key of the user that a path names, as `/users/KEY` or `/users('KEY')`, decoded.
/// `path` is the path below the version root.
pub fn user_key(path: &str) -> Option<String> {
    let rest = path.strip_prefix("/users")?;
    let key = match rest.strip_prefix('/') {
        Some(rest) => percent_decode_str(rest.split('/').next()?).decode_utf8().ok()?.into_owned(),
        None => unquoted(rest.split('/').next()?.strip_prefix("('")?.strip_suffix("')")?)?,
    };
    (!key.is_empty()).then_some(key)
}

/// Decodes the text between the quotes of `('...')`. Fails if a quote in it is not doubled,
/// which would end the text.
fn unquoted(key: &str) -> Option<String> {
    let decoded = percent_decode_str(key).decode_utf8().ok()?;
    let has_end = decoded.replace("''", "").contains('\'');
    (!has_end).then(|| decoded.replace("''", "'"))
}

enum Segment<'a> {
    Plain(&'a str),
    /// The key in the quoted form, `users('...')`.
    Key,
}

/// Returns the segments of a path, or `None` for a path that Graph might read in two ways: no
/// key needs empty segments, `.` or `..`, encoded slashes or an incomplete quoted form.
fn segments(path: &str) -> Option<Vec<Segment<'_>>> {
    let mut segments = Vec::new();
    for segment in path.strip_prefix('/')?.split('/') {
        match segment.split_once("('") {
            None => segments.push(Segment::Plain(unambiguous(segment)?)),
            Some((name, key)) => {
                let key = key.strip_suffix("')").filter(|key| !key.contains('\''))?;
                segments.push(Segment::Plain(unambiguous(name)?));
                unambiguous(key)?;
                unquoted(key)?;
                segments.push(Segment::Key);
            }
        }
    }
    Some(segments)
}

fn unambiguous(segment: &str) -> Option<&str> {
    let decoded = percent_decode_str(segment).decode_utf8().ok()?;
    let ambiguous = matches!(&*decoded, "" | "." | "..")
        || decoded.contains(['/', '\\', '?'])
        || decoded.contains("('")
        || decoded.chars().any(char::is_control);
    (!ambiguous).then_some(segment)
}

/// Returns whether a segment names one object: a GUID or a user principal name. Other
/// segments, such as `$count` or `delta`, belong to other calls of Graph.
fn is_key(segment: &str) -> bool {
    let decoded = percent_decode_str(segment).decode_utf8_lossy();
    is_guid(&decoded) || (decoded.contains('@') && !decoded.starts_with('$'))
}

/// Returns whether a text is a GUID as Entra writes it.
pub fn is_guid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_literal(segment: &str) -> bool {
    // The dot is for types, such as `microsoft.graph.user`.
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'$' | b'.');
    !segment.is_empty() && segment.bytes().all(allowed)
}
