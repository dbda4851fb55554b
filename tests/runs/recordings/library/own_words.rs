//! The sentences of a component, which a redaction keeps.

use runner::recording::OwnWords;

#[test]
fn a_word_is_the_components_own_with_the_sentence_around_it() {
    let words = OwnWords::of(b"\0\x01the new user \xffexpected a password such as this/password\0");
    let have = |text: &str, word: &str| {
        let start = text.find(word).unwrap();
        words.have(text, start..start + word.len())
    };
    assert!(have("the new user ann is left", "user"));
    assert!(have("so: expected a password such", "password"));
    assert!(have("/password", "password"));
    for (text, word) in [
        ("user", "user"),
        ("the value 'user' is", "user"),
        ("is that user your own", "user"),
        ("password", "password"),
        ("/password", "/password"),
        ("/passwords", "password"),
        ("(password", "password"),
        ("no password such", "passw0rd"),
        ("the new user ann", "user ann"),
    ] {
        assert!(!text.contains(word) || !have(text, word), "{text}: {word}");
    }
    assert!(!OwnWords::default().have("the new user ann", 8..12));
}
