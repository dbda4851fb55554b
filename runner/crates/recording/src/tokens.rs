//! Finds texts that look like tokens. A run holds no token, so any that it shows comes from
//! elsewhere.

/// The text that replaces a token.
pub const REMOVED: &str = "(token removed)";

/// The first characters of a JWT: the base64 of `{"`.
const JWT: &str = "eyJ";

/// The fewest characters of a part of a JWT, and of a bearer token.
const SHORTEST: usize = 16;

/// Returns `text` without its tokens, or `None` where it has none.
pub fn removed(text: &str) -> Option<String> {
    let bearer = without_bearers(text);
    without_jwts(bearer.as_deref().unwrap_or(text)).or(bearer)
}

/// Removes what follows the word `Bearer`, if it is as long as a token.
fn without_bearers(text: &str) -> Option<String> {
    without(text, "bearer ", |after| {
        let length = after.find(|c: char| !in_token(c)).unwrap_or(after.len());

        (length >= SHORTEST).then_some(("bearer ".len(), length))
    })
}

/// Removes JSON Web Tokens: base64 of JSON, followed by two parts of which the last may be empty,
/// or by four where the token is encrypted.
fn without_jwts(text: &str) -> Option<String> {
    without(text, "eyj", |after| {
        let length = after.find(|c: char| !in_token(c)).unwrap_or(after.len());
        let token = after.get(..length)?;
        let mut parts = token.split('.');
        let long = parts.next()?.len() + JWT.len() >= SHORTEST && parts.next()?.len() >= SHORTEST;
        (long && parts.next().is_some()).then_some((0, length))
    })
}

/// Removes a token behind each `mark`, in any case. `token` returns how many bytes of the mark
/// stay and how many bytes behind it go.
fn without(
    text: &str,
    mark: &str,
    token: impl Fn(&str) -> Option<(usize, usize)>,
) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let mut clean = String::new();
    let mut from = 0;
    let mut kept = 0;
    while let Some(found) = lower.get(from..)?.find(mark) {
        let begin = from + found;
        let behind = begin + mark.len();
        from = behind;
        if let Some((stays, goes)) = token(text.get(behind..)?) {
            clean.push_str(text.get(kept..begin + stays)?);
            clean.push_str(REMOVED);
            kept = behind + goes;
            from = kept;
        }
    }
    clean.push_str(text.get(kept..)?);
    (kept > 0).then_some(clean)
}

/// Whether `c` can be part of a bearer token. Source: RFC 6750, section 2.1.
fn in_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~+/=".contains(c)
}
