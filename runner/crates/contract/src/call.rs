//! A Graph call such as `POST /users/{id}/assignLicense`.

use std::fmt;
use std::str::FromStr;

use http::Method;
use percent_encoding::percent_decode_str;
use thiserror::Error;

/// A method and a path below Graph's version root, in which `{id}` stands for the
/// key of one object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    text: String,
}

/// A call that is not written as `METHOD /path`.
#[derive(Debug, Error)]
#[error("{0:?} is no Graph call; write METHOD /path, such as GET /users/{{id}}")]
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
        if well_formed {
            Ok(Self { text: text.to_owned() })
        } else {
            Err(InvalidCall(text.to_owned()))
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Call {
    /// Its path, such as `/users/{id}`.
    pub fn path(&self) -> &str {
        self.text.split_once(' ').map_or("", |(_, path)| path)
    }

    /// Whether a request is this call. `path` is what follows the version root, still
    /// percent-encoded and without the query.
    pub fn matches(&self, method: &Method, path: &str) -> bool {
        let Some((own_method, own_path)) = self.text.split_once(' ') else { return false };
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

/// The key of the user that a path is about: what follows `/users/`, or stands in
/// `/users('...')`, decoded. `path` is what follows the version root.
pub fn user_key(path: &str) -> Option<String> {
    let rest = path.strip_prefix("/users")?;
    let key = match rest.strip_prefix('/') {
        Some(rest) => percent_decode_str(rest.split('/').next()?).decode_utf8().ok()?.into_owned(),
        None => unquoted(rest.split('/').next()?.strip_prefix("('")?.strip_suffix("')")?)?,
    };
    (!key.is_empty()).then_some(key)
}

/// What stands between the quotes of `('...')`, decoded; none if a quote in it is not doubled,
/// and so ends it.
fn unquoted(key: &str) -> Option<String> {
    let decoded = percent_decode_str(key).decode_utf8().ok()?;
    let ends = decoded.replace("''", "").contains('\'');
    (!ends).then(|| decoded.replace("''", "'"))
}

enum Segment<'a> {
    Plain(&'a str),
    /// The key of the quoted form `users('...')`, which is one object's as `users/...` is.
    Key,
}

/// The segments of a path, or none for one that Graph might read in two ways: empty
/// segments, `.` and `..`, encoded slashes and half a quoted form are nothing that a key needs.
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
    let strange = decoded.is_empty()
        || decoded == "."
        || decoded == ".."
        || decoded.contains(['/', '\\', '?'])
        || decoded.contains("('")
        || decoded.chars().any(char::is_control);
    (!strange).then_some(segment)
}

/// Whether a segment names one object: a GUID or a user principal name. Anything
/// else, such as `$count` or `delta`, is another call of Graph's.
fn is_key(segment: &str) -> bool {
    let decoded = percent_decode_str(segment).decode_utf8_lossy();
    is_guid(&decoded) || (decoded.contains('@') && !decoded.starts_with('$'))
}

/// Whether a text is a GUID as Entra writes one.
pub fn is_guid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_literal(segment: &str) -> bool {
    // A type stands in a path as `microsoft.graph.user`.
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'$' | b'.');
    !segment.is_empty() && segment.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_matched_by_method_and_whole_path() {
        let id = "/users/5b2c7e1a-0d3f-4a6b-9c8d-7e6f5a4b3c2d";
        let table = [
            ("GET /users/{id}", "GET", id.to_owned(), true),
            ("GET /users/{id}", "DELETE", id.to_owned(), false),
            ("GET /users/{id}", "GET", "/users/allen@contoso.com".to_owned(), true),
            ("GET /users/{id}", "GET", "/users/o%27neil%23EXT%23@contoso.com".to_owned(), true),
            ("GET /users/{id}", "GET", "/users('%24allen@contoso.com')".to_owned(), true),
            ("GET /users/{id}", "GET", "/users('$allen@contoso.com')".to_owned(), true),
            ("GET /users/{id}", "GET", "/users('%24o%27%27neil@contoso.com')".to_owned(), true),
            ("GET /users/{id}", "GET", "/users('%24o%27neil@contoso.com')".to_owned(), false),
            ("GET /users/{id}", "GET", "/users/a@b(%27c%27)".to_owned(), false),
            ("GET /users/{id}", "GET", "/users('a@b')/x('c')".to_owned(), false),
            ("GET /users/{id}", "GET", "/users('a@b'')".to_owned(), false),
            ("GET /users/{id}", "GET", "/users('')".to_owned(), false),
            ("GET /users/{id}", "GET", "/users/$count".to_owned(), false),
            ("GET /users/{id}", "GET", "/users/delta".to_owned(), false),
            ("GET /users/{id}", "GET", "/users/$x@y.com".to_owned(), false),
            ("GET /users/{id}", "GET", format!("{id}/"), false),
            ("GET /users/{id}", "GET", format!("{id}/messages"), false),
            ("GET /users/{id}", "GET", "/users/a@b%2Fmessages".to_owned(), false),
            ("GET /users/{id}", "GET", "/users/a@b%5Cmessages".to_owned(), false),
            ("GET /users/{id}", "GET", "/users/%2e%2e".to_owned(), false),
            ("GET /users/{id}", "GET", "/users/".to_owned(), false),
            ("GET /users/{id}", "GET", "/users".to_owned(), false),
            ("GET /subscribedSkus", "GET", "/subscribedSkus".to_owned(), true),
            ("GET /subscribedSkus", "GET", "//subscribedSkus".to_owned(), false),
            ("GET /subscribedSkus", "GET", "/SUBSCRIBEDSKUS".to_owned(), false),
            ("POST /users/{id}/assignLicense", "POST", format!("{id}/assignLicense"), true),
            ("POST /users/{id}/assignLicense", "POST", format!("{id}/sendMail"), false),
        ];
        for (call, method, path, expected) in table {
            let call: Call = call.parse().unwrap();
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            assert_eq!(call.matches(&method, &path), expected, "{call} against {method} {path}");
        }
    }

    #[test]
    fn a_path_is_about_the_user_that_graph_takes_it_for() {
        for (path, key) in [
            ("/users/o%27neil@contoso.com/sendMail", Some("o'neil@contoso.com")),
            ("/users('%24o%27%27neil@contoso.com')", Some("$o'neil@contoso.com")),
            ("/users('$allen@contoso.com')/assignLicense", Some("$allen@contoso.com")),
            ("/users('%24o%27neil@contoso.com')", None),
            ("/users('a@b", None),
            ("/users('')", None),
            ("/users/", None),
            ("/users", None),
            ("/me", None),
        ] {
            assert_eq!(user_key(path).as_deref(), key, "{path}");
        }
    }

    #[test]
    fn what_is_no_call_is_refused() {
        for text in
            ["", "GET", "GET users", "get /users", "GET /users/{name}", "GET /a//b", "GET /"]
        {
            assert!(text.parse::<Call>().is_err(), "{text:?}");
        }
    }
}
