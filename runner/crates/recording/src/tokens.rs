//! Texts that look like tokens. A run holds none, so one that is there came from elsewhere,
//! and is nobody's to keep.

/// What stands where a token stood.
pub const REMOVED: &str = "(token removed)";

/// How a JWT begins: the base64 of `{"`.
const JWT: &str = "eyJ";

/// The shortest part of a JWT and the shortest bearer token, in characters.
const SHORTEST: usize = 16;

/// `text` without the tokens in it; none when there are none.
pub fn removed(text: &str) -> Option<String> {
    let bearer = without_bearers(text);
    without_jwts(bearer.as_deref().unwrap_or(text)).or(bearer)
}

/// Whatever follows the word `Bearer` and is long enough for a token.
fn without_bearers(text: &str) -> Option<String> {
    without(text, "bearer ", |after| {
        let length = after.find(|c: char| !in_token(c)).unwrap_or(after.len());
        let enough = length >= SHORTEST;
        enough.then_some(("bearer ".len(), length))
    })
}

/// JSON Web Tokens: base64 of JSON, and two more parts of which the last may be empty, or
/// four more when it is encrypted.
fn without_jwts(text: &str) -> Option<String> {
    without(text, "eyj", |after| {
        let length = after.find(|c: char| !in_token(c)).unwrap_or(after.len());
        let token = after.get(..length)?;
        let mut parts = token.split('.');
        let long = parts.next()?.len() + JWT.len() >= SHORTEST && parts.next()?.len() >= SHORTEST;
        (long && parts.next().is_some()).then_some((0, length))
    })
}

/// Takes out what `told` says of the text behind `mark`: how much of the mark stays, and how
/// much of the text goes. Case is not looked at.
fn without(
    text: &str,
    mark: &str,
    told: impl Fn(&str) -> Option<(usize, usize)>,
) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let mut clean = String::new();
    let mut from = 0;
    let mut kept = 0;
    while let Some(found) = lower.get(from..)?.find(mark) {
        let begin = from + found;
        let behind = begin + mark.len();
        from = behind;
        if let Some((stays, goes)) = told(text.get(behind..)?) {
            clean.push_str(text.get(kept..begin + stays)?);
            clean.push_str(REMOVED);
            kept = behind + goes;
            from = kept;
        }
    }
    clean.push_str(text.get(kept..)?);
    (kept > 0).then_some(clean)
}

/// The characters of a bearer token. Source: RFC 6750, section 2.1.
fn in_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~+/=".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_taken_out() {
        let jwt = "eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJjb250b3NvIn0.c2lnbmF0dXJl";
        for (text, expected) in [
            (format!("a {jwt} b"), format!("a {REMOVED} b")),
            (
                format!("Authorization: Bearer {jwt}, x"),
                format!("Authorization: Bearer {REMOVED}, x"),
            ),
            (format!("{jwt} and {jwt}"), format!("{REMOVED} and {REMOVED}")),
            ("BEARER 0123456789abcdef".to_owned(), format!("BEARER {REMOVED}")),
        ] {
            assert_eq!(removed(&text), Some(expected));
        }
    }

    #[test]
    fn what_is_no_token_stays() {
        for text in ["the bearer of this", "Bearer realm=\"\"", "eyJ", "eyJhIjoxfQ", "ﬁ eyJx.y.z"]
        {
            assert_eq!(removed(text), None, "{text}");
        }
    }
}
