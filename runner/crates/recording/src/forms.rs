//! The ways in which a text may be written on its way through requests, answers and logs.

use base64::Engine as _;
use base64::alphabet::{Alphabet, STANDARD as STANDARD_ALPHABET, URL_SAFE as URL_ALPHABET};
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD, STANDARD};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// A part of a text must be this long to be looked for by itself, in characters.
const SHORTEST_LINE: usize = 16;

/// The fewest characters of a text in base64 that say what is encoded: fewer occur by chance.
const SHORTEST_CORE: usize = 4;

/// What RFC 3986 leaves as it is, what a form does, and what JavaScript's
/// `encodeURIComponent` does.
const COMPONENTS: [&AsciiSet; 4] = [
    NON_ALPHANUMERIC,
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~'),
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'*'),
    &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~')
        .remove(b'!')
        .remove(b'\'')
        .remove(b'(')
        .remove(b')')
        .remove(b'*'),
];

/// What must be encoded in the query of an address, and in its path.
const PARTS: [&AsciiSet; 2] = [
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>'),
    &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'<')
        .add(b'>')
        .add(b'?')
        .add(b'`')
        .add(b'{')
        .add(b'}')
        .add(b'%')
        .add(b'/'),
];

/// As HTML writes a text, the way the component's templates do.
pub fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Everything that stands for the whole text: HTML, JSON, percent-encoding, base64, hex,
/// and other line breaks. The text itself is not among it.
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

/// The long lines of a text of many; those that frame a key say nothing.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    let many = text.trim_end().contains('\n');
    text.lines()
        .filter(move |line| many && line.len() >= SHORTEST_LINE && !line.starts_with("-----"))
}

/// What shows a text inside the base64 of a longer one, as UTF-8 and as UTF-16: the
/// characters that depend on nothing else, for each place at which it may begin.
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
    // Six bits make a character.
    let first = (before * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    text.get(first..last).unwrap_or_default().to_owned()
}

/// Percent-encoded as anyone may: with digits of both cases, and a blank as `+`.
fn percent(text: &str) -> Vec<String> {
    let sets = COMPONENTS.into_iter().chain(PARTS);
    let upper: Vec<String> = sets.map(|set| utf8_percent_encode(text, set).to_string()).collect();
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

/// As .NET writes JSON: everything that HTML or a script could take for its own is `\uXXXX`.
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_seen_in_the_base64_of_a_longer_one() {
        let secret = "S3cret<1>";
        let cores = cores(secret);
        for before in ["", "a", "ab", "abc", "abcd"] {
            let text = STANDARD.encode(format!("{before}{secret} and more"));
            assert!(cores.iter().any(|core| text.contains(core)), "{text}");
        }
        let wide = STANDARD.encode(utf_16(&format!("x{secret}y")));
        assert!(cores.iter().any(|core| wide.contains(core)), "{wide}");
    }

    #[test]
    fn forms_are_those_of_common_programs() {
        let forms = encoded("a b<'é\"/");
        for form in [
            "a b&lt;&#39;é&quot;/",
            "a b<'é\\\"/",
            "a b<'é\\\"\\/",
            "a b\\u003C\\u0027\\u00E9\\u0022/",
            "a%20b%3C%27%C3%A9%22%2F",
            "a+b%3c%27%c3%a9%22%2f",
            "a%20b%3C'%C3%A9%22%2F",
            "6120623c27c3a9222f",
        ] {
            assert!(forms.iter().any(|given| given == form), "{form}: {forms:?}");
        }
        let secret = "a~b.c-d_e*f g&(h)";
        let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        assert!(encoded(secret).contains(&form), "{form}");
    }
}
