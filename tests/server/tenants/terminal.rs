//! What a person sees on a terminal.

use crate::tenants::place::{Place, connection, hash};
use support::o365;

/// The output of `o365` on a terminal, stdout and stderr together, and its exit code.
fn on_a_terminal(place: &Place, arguments: &str) -> (String, i32) {
    let call = o365(arguments.split(' ')).directory(place.path());
    let (text, code) = call.on_a_terminal(0);
    (text.replace('\r', ""), code)
}

#[test]
fn a_key_is_shown_with_how_to_use_it() {
    let place = Place::new(&connection("contoso"));
    let (text, code) = on_a_terminal(&place, "tenant add fabrikam");
    assert_eq!(code, 0, "{text}");
    let key = text.lines().next().unwrap();
    assert!(place.read().tenants().next().unwrap().keys[0].matches(key), "{text}");
    let rest = &text[key.len()..];
    assert!(rest.contains("\nThis is the key of fabrikam. It is shown only now"), "{text}");
    let curl = "curl --header \"Authorization: Bearer $KEY\" http://127.0.0.1:8365/v1/actions\n";
    assert!(rest.contains(curl), "{text}");
    assert!(!rest.contains("o365_") && !text.contains("sha256:"), "{text}");

    let (text, _) = on_a_terminal(&place, "tenant add --operator");
    assert!(text.contains("This is the key of the operator."), "{text}");
    assert!(text.contains(" http://127.0.0.1:8365/metrics\n"), "{text}");
}

#[test]
fn the_list_is_a_table_without_hashes() {
    let place = Place::new(&connection("contoso"));
    let key = place.add(&["fabrikam", "--action", "create-user", "--action", "delete-user"]);
    place.add(&["woodgrove"]);
    let (text, code) = on_a_terminal(&place, "tenant list");
    assert_eq!(code, 0, "{text}");
    for part in ["CONNECTIONS", "fabrikam", "create-user", "all", "64 MiB of memory"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("sha256:") && !text.contains(&hash(&key)[7..20]), "{text}");
}
