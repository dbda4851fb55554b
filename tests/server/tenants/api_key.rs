//! API keys and their hashes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use runner::api_key::{ApiKey, InvalidKeyHash, KeyHash, PREFIX};

#[test]
fn a_key_is_known_by_its_form_and_never_made_twice() {
    let [one, other] = [ApiKey::generate().unwrap(), ApiKey::generate().unwrap()];
    assert_ne!(one.expose(), other.expose());
    let chance = one.expose().strip_prefix("o365_").unwrap();
    assert_eq!(URL_SAFE_NO_PAD.decode(chance).unwrap().len(), 32);
    assert!(chance.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
}

#[test]
fn a_hash_matches_its_own_key_and_nothing_else() {
    let key = ApiKey::generate().unwrap();
    let hash = key.hash();
    assert!(hash.matches(key.expose()));
    for other in [
        "",
        "o365_",
        &key.expose()["o365_".len()..],
        &format!("{} ", key.expose()),
        &key.expose()[..key.expose().len() - 1],
        &hash.to_string(),
        ApiKey::generate().unwrap().expose(),
    ] {
        assert!(!hash.matches(other));
    }
}

#[test]
fn hashes_are_the_same_only_in_every_digit() {
    let hash = KeyHash::of("one");
    let text = hash.to_string();
    for place in "sha256:".len()..text.len() {
        let other = if &text[place..=place] == "0" { "1" } else { "0" };
        let changed = format!("{}{other}{}", &text[..place], &text[place + 1..]);
        assert_ne!(changed.parse::<KeyHash>().unwrap(), hash, "{place}");
    }
}

#[test]
fn the_text_form_is_that_of_sha256sum() {
    let text = "sha256:2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6";
    assert_eq!(KeyHash::of("c").to_string(), text);
    assert_eq!(text.parse::<KeyHash>().unwrap(), KeyHash::of("c"));
    let upper = format!("sha256:{}", text["sha256:".len()..].to_uppercase());
    assert_eq!(upper.parse::<KeyHash>().unwrap(), KeyHash::of("c"));
}

#[test]
fn what_is_no_hash_is_refused() {
    let digits = "a".repeat(64);
    for text in [
        String::new(),
        digits.clone(),
        format!("sha512:{digits}"),
        format!("SHA256:{digits}"),
        format!("sha256:{}", "a".repeat(63)),
        format!("sha256:{}", "a".repeat(65)),
        format!("sha256: {}", "a".repeat(63)),
        format!("sha256:+{}", "a".repeat(63)),
        format!("sha256:{}g", "a".repeat(63)),
        // 64 bytes, some of them of one letter.
        format!("sha256:{}ä", "a".repeat(62)),
    ] {
        assert_eq!(text.parse::<KeyHash>(), Err(InvalidKeyHash), "{text}");
    }
}

#[test]
fn neither_is_shown_by_debug() {
    let key = ApiKey::generate().unwrap();
    let shown = format!("{key:?} {:?}", key.hash());
    assert!(!shown.contains(&key.expose()[PREFIX.len()..]), "{shown}");
    assert!(!shown.contains(&key.hash().to_string()["sha256:".len()..]), "{shown}");
}
