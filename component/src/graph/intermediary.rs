//! Answers that Graph did not make: of a proxy, a firewall, a captive portal, a gateway.
//! RFC 9110, section 3.7, calls them intermediaries.

use alloc::borrow::ToOwned;
use alloc::string::String;

use super::transport::Response;
use crate::search;

/// How much of a page's title or text is shown, in characters.
const SHOWN: usize = 80;

/// How far into a page its title is looked for, in bytes.
const HEAD: usize = 16 * 1024;

/// A response that is not JSON of Graph.
#[derive(Clone, Debug)]
pub struct Page {
    /// What it is, to be put in parentheses. Never markup: only its title is shown.
    pub words: String,
    /// Whether it is nothing that Graph makes: neither JSON nor an empty body.
    pub is_foreign: bool,
}

/// Whether the status alone says that an intermediary responded: 407 is for proxies alone
/// (RFC 9110, section 15.5.8), and an origin server must not send 511 (RFC 6585, section 6).
pub fn answers_with(status: u16) -> bool {
    matches!(status, 407 | 511)
}

/// Describes a response that is not JSON of Graph; `is_json` is set for other JSON.
pub fn describe(response: &Response, body: &[u8], is_json: bool) -> Page {
    let body = body.trim_ascii();
    let declared = response.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let page = |words: &str, is_foreign| Page { words: words.to_owned(), is_foreign };
    if body.is_empty() {
        return page("without a body", false);
    }
    if is_json {
        return page("JSON that is not Graph's", false);
    }
    if body.first() == Some(&b'<') || declared.contains("html") {
        return match title(body) {
            Some(title) => page(&format!("HTML, title \"{title}\""), true),
            None => page("HTML without a title", true),
        };
    }
    if matches!(body.first(), Some(b'{' | b'[')) {
        return page("JSON that cannot be read", false);
    }
    match line(&String::from_utf8_lossy(body)) {
        // Markup, or bytes that are no text, such as gzip.
        text if text.is_empty() || text.contains(['<', char::REPLACEMENT_CHARACTER]) => {
            page("neither JSON nor text", true)
        }
        text => page(&format!("text \"{text}\""), true),
    }
}

/// Returns the title of an HTML page.
fn title(page: &[u8]) -> Option<String> {
    let head = page.get(..HEAD).unwrap_or(page);
    let lower = head.to_ascii_lowercase();
    let tag = search::find(&lower, b"<title")?;
    let text = tag + search::find(lower.get(tag..)?, b">")? + 1;
    let rest = head.get(text..)?;
    let end = search::find(rest, b"<").unwrap_or(rest.len());
    let title = String::from_utf8_lossy(rest.get(..end)?);
    let title = line(&unescaped(&title));
    (!title.is_empty()).then_some(title)
}

/// The character references that titles have; any other stays as it is.
fn unescaped(text: &str) -> String {
    let named = [("&lt;", ""), ("&gt;", ""), ("&quot;", "'"), ("&#39;", "'"), ("&nbsp;", " ")];
    let text = named.iter().fold(text.to_owned(), |text, (name, sign)| text.replace(name, sign));
    text.replace("&amp;", "&")
}

/// How `text` begins, on one line.
fn line(text: &str) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if !word.is_empty() && line.len() < SHOWN {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    line.replace('"', "'").chars().take(SHOWN).collect()
}
