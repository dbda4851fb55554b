//! The encodings of a text in requests, responses and logs.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::alphabet::{Alphabet, STANDARD as STANDARD_ALPHABET, URL_SAFE as URL_ALPHABET};
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD, STANDARD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The fewest characters of a line that is searched for by itself.
const SHORTEST_LINE: usize = 16;

/// The fewest characters of base64 that identify a text.
const SHORTEST_CORE: usize = 4;

/// The sets of common encoders: of everything, of RFC 3986, of forms and of JavaScript's
/// `encodeURIComponent`, and of a query and a path.
static SETS: [AsciiSet; 6] = [
    all_but(""),
    all_but("-._~"),
    all_but("-._*"),
    all_but("-._~!'()*"),
    all_but("!$%&'()*+,-./:;=?@[\\]^_`{|}~"),
    all_but("!$&'()*+,-.:;=@[\\]^_|~"),
];

/// Returns the set that encodes everything but letters, digits and `kept`.
pub const fn all_but(kept: &str) -> AsciiSet {
    let (mut set, mut kept) = (NON_ALPHANUMERIC.add(b' '), kept.as_bytes());
    while let [byte, rest @ ..] = kept {
        (set, kept) = (set.remove(*byte), rest);
    }
    set
}

/// Returns a text as the component's templates escape it in HTML.
pub fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Returns the encodings of the whole text: HTML, JSON, percent-encoding, base64, hex and other
/// line breaks. The text itself is not among them.
pub fn encoded(text: &str) -> Vec<String> {
    let json = serde_json::to_string(text).unwrap_or_default();
    let json = json.get(1..json.len().saturating_sub(1)).unwrap_or_default();
    let html = html(text);
    let mut forms = vec![
        html.replace('\'', "&#39;"),
        html.replace('\'', "&#x27;"),
        html.replace('\'', "&apos;"),
        html.replace("&quot;", "&#34;").replace('\'', "&#39;"),
        html,
        json.replace('/', "\\/"),
        json.to_owned(),
        in_ascii(text),
        STANDARD.encode(text),
        hex(text.as_bytes()),
        hex(text.as_bytes()).to_uppercase(),
        hex(&utf_16(text)),
        hex(&utf_16(text)).to_uppercase(),
    ];
    forms.extend(percent(text));
    if text.trim_end().contains('\n') {
        let unix = text.replace("\r\n", "\n");
        let windows = unix.replace('\n', "\r\n");
        forms.push(unix.replace('\n', " "));
        forms.push(windows.replace(['\r', '\n'], " "));
        forms.extend([unix, windows]);
    }
    forms
}

/// Returns the long lines of a text of several, without the frame of a PEM key.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    let many = text.trim_end().contains('\n');
    text.lines()
        .filter(move |line| many && line.len() >= SHORTEST_LINE && !line.starts_with("-----"))
}

/// Returns the characters by which the base64 of a longer text reveals `text`, as UTF-8 and as
/// UTF-16. They depend on nothing around it, for each of the three positions at which it may
/// begin.
pub fn cores(text: &str) -> Vec<String> {
    let texts = [text.as_bytes().to_vec(), utf_16(text)];
    let places = texts.iter().flat_map(|bytes| (0..3).map(move |before| (bytes, before)));
    places
        .flat_map(|(bytes, before)| {
            [&STANDARD_ALPHABET, &URL_ALPHABET].map(|alphabet| core(bytes, before, alphabet))
        })
        .filter(|core| core.len() >= SHORTEST_CORE)
        .collect()
}

fn core(bytes: &[u8], before: usize, alphabet: &Alphabet) -> String {
    let padded: Vec<u8> = std::iter::repeat_n(0, before).chain(bytes.iter().copied()).collect();
    let text = GeneralPurpose::new(alphabet, NO_PAD).encode(&padded);
    // Each character holds six bits.
    let first = (before * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    text.get(first..last).unwrap_or_default().to_owned()
}

/// Percent-encodes with digits of both cases, and with a blank as `+`.
fn percent(text: &str) -> Vec<String> {
    let upper: Vec<String> =
        SETS.iter().map(|set| utf8_percent_encode(text, set).to_string()).collect();
    let forms = upper.into_iter().flat_map(|form| [with_lower_digits(&form), form]);
    forms.flat_map(|form| [form.replace("%20", "+"), form]).collect()
}

fn with_lower_digits(encoded: &str) -> String {
    let mut digits = 0;
    encoded
        .chars()
        .map(|c| {
            match c {
                '%' => digits = 2,
                _ if digits > 0 => {
                    digits -= 1;
                    return c.to_ascii_lowercase();
                }
                _ => {}
            }
            c
        })
        .collect()
}

/// Escapes as .NET does in JSON: everything with a meaning in HTML or scripts is `\uXXXX`.
fn in_ascii(text: &str) -> String {
    let mut units = [0; 2];
    text.chars()
        .map(|c| match c {
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            '\\' => "\\\\".to_owned(),
            '"' | '&' | '\'' | '+' | '<' | '>' | '`' => format!("\\u{:04X}", u32::from(c)),
            ' '..='~' => c.to_string(),
            _ => c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04X}")).collect(),
        })
        .collect()
}

/// Returns bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
