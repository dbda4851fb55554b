//! The addresses that a token or a secret may be sent to.

/// An address in its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address<'a> {
    /// Whether the scheme is `https`.
    pub secure: bool,
    /// The host, with the port if one is stated.
    pub authority: &'a str,
    /// The path, empty or with a slash at its beginning.
    pub path: &'a str,
}

/// Parses an address of the form of `graph-url` and `login-url`: https, or http on loopback, a
/// host, and no slash at its end. Everything that two parsers could read in two ways is refused.
pub fn parse(url: &str) -> Option<Address<'_>> {
    let (secure, rest) = match url.strip_prefix("https://") {
        Some(rest) => (true, rest),
        None => (false, url.strip_prefix("http://")?),
    };
    let (authority, path) = rest.split_once('/').map_or((rest, ""), |(authority, _)| {
        rest.split_at_checked(authority.len()).unwrap_or((rest, ""))
    });
    let host = host(authority)?;
    let plain = url.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":/.-_~[]".contains(&byte));
    let normal = !path.ends_with('/') && !path.contains("//") && !path.contains("/.");
    let allowed = secure || matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    (plain && normal && allowed).then_some(Address { secure, authority, path })
}

/// Returns the host of an authority; `None` if its form is wrong.
fn host(authority: &str) -> Option<&str> {
    let end = match authority.strip_prefix('[') {
        Some(rest) => rest.find(']')?.saturating_add(2),
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, port) = authority.split_at_checked(end)?;
    let bracketed = host.starts_with('[');
    let named = !host.is_empty() && (bracketed || !host.contains(['[', ']']));
    let numbered = match port.strip_prefix(':') {
        Some(port) => port.parse::<u16>().is_ok_and(|number| number != 0),
        None => port.is_empty(),
    };
    (named && numbered).then_some(host)
}
