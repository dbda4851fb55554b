//! Forms of a text: HTML, JSON, percent-encoding and base64, as common programs write them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use runner::recording::forms::{cores, encoded};

#[test]
fn a_text_is_seen_in_the_base64_of_a_longer_one() {
    let secret = "S3cret<1>";
    let cores = cores(secret);
    for before in ["", "a", "ab", "abc", "abcd"] {
        let text = STANDARD.encode(format!("{before}{secret} and more"));
        assert!(cores.iter().any(|core| text.contains(core)), "{text}");
    }
    let wide: Vec<u8> = format!("x{secret}y").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide = STANDARD.encode(wide);
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
