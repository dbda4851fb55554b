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
fn a_rotation_tells_what_becomes_of_the_other_keys() {
    let expired = format!("{{ key = \"{}\", expires = 2020-01-01T00:00:00Z }}", hash("one"));
    let place = Place::new(&format!(
        "{}[tenants.fabrikam]\nkeys = [{expired}]\nconnections = [\"contoso\"]\n",
        connection("contoso")
    ));
    let rotate = |options: &str| {
        let (text, code) = on_a_terminal(&place, &format!("tenant rotate fabrikam{options}"));
        assert_eq!(code, 0, "{text}");
        text.lines().find(|line| line.starts_with("This is the key")).unwrap().to_owned()
    };
    let alone = "This is the key of fabrikam. It is shown only now: keep it like a password.";
    assert_eq!(rotate(""), alone);
    let told = rotate(" --grace 2h");
    let end = place.read().tenants().next().unwrap().keys[1].expires.unwrap();
    assert_eq!(told, format!("{alone} No other key is valid after {end}."));
    assert_eq!(rotate(" --now"), format!("{alone} The other keys are removed."));
}

#[test]
fn the_call_goes_to_the_public_url() {
    let place = Place::new(&format!(
        "[serve]\npublic-url = \"https://o365.contoso.com/api/\"\n{}",
        connection("contoso")
    ));
    for (arguments, path) in [
        ("add fabrikam", "/v1/actions"),
        ("rotate fabrikam", "/v1/actions"),
        ("add --operator", "/metrics"),
    ] {
        let (text, _) = on_a_terminal(&place, &format!("tenant {arguments}"));
        let curl = format!("\"Authorization: Bearer $KEY\" https://o365.contoso.com/api{path}\n");
        assert!(text.contains(&curl), "{text}");
    }
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
