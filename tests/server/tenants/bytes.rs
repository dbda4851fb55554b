//! What `tenant add` leaves as it is in the file.

use runner::api_key::{AcceptedKey, KeyHash};

use crate::tenants::place::{Place, connection, hash};

/// Adds to a file with this text, and gives the hash of the key and what became of the text,
/// with `KEY` in the hash's place.
#[track_caller]
fn added(text: &str, arguments: &[&str]) -> (Place, String, String) {
    let place = Place::new(text);
    let key = place.add(arguments);
    place.read();
    let new = place.text().replace(&hash(&key), "KEY");
    (place, key, new)
}

#[test]
fn a_tenant_goes_to_the_end_and_the_rest_stays() {
    let block = "[tenants.fabrikam]\nkeys = [\"KEY\"]\nconnections = [\"contoso\"]\n";
    let contoso = connection("contoso");
    let odd = format!("# Ours\n\n\t{contoso}  sender = 'a@contoso.com'   # who sends\n\n\n");
    let bare = contoso.trim_end();
    for (text, between) in [
        (contoso.as_str(), "\n"),
        (odd.as_str(), "\n"),
        (bare, "\n\n"),
        (&format!("{contoso}# no line break after this"), "\n\n"),
        (&format!("\u{feff}{contoso}"), "\n"),
        (&format!("[tenants]\n{contoso}"), "\n"),
        (&format!("{contoso}[serve]\nmax-runs = 3\n"), "\n"),
    ] {
        let (_, _, new) = added(text, &["fabrikam"]);
        assert_eq!(new, format!("{text}{between}{block}"));
    }
}

#[test]
fn a_file_with_other_line_breaks_keeps_them() {
    let text = format!("# Ours\n{}", connection("contoso")).replace('\n', "\r\n");
    let (place, _, new) = added(&text, &["fabrikam"]);
    let block = "\r\n[tenants.fabrikam]\r\nkeys = [\"KEY\"]\r\nconnections = [\"contoso\"]\r\n";
    assert_eq!(new, format!("{text}{block}"));
    place.add(&["--operator"]);
    place.add(&["--operator"]);
    place.add(&["fabrikam", "--another-key"]);
    let new = place.text();
    assert_eq!(new.matches('\n').count(), new.matches("\r\n").count());
    // Those of the file, not those of its first line alone.
    let mixed = format!("{}# a\r\n# b", connection("contoso"));
    let (_, _, new) = added(&mixed, &["fabrikam"]);
    assert!(new.starts_with(&mixed), "{new:?}");
}

#[test]
fn a_second_tenant_follows_however_the_first_is_written() {
    let one = hash("one");
    let own = format!("keys = [\"{one}\"], connections = [\"contoso\"]");
    let new = "fabrikam = { keys = [\"KEY\"], connections = [\"contoso\"] }";
    let contoso = connection("contoso");
    for (line, expected) in [
        ("tenants = {}".to_owned(), format!("tenants = {{ {new} }}")),
        ("tenants = { } # none".to_owned(), format!("tenants = {{ {new} }} # none")),
        (
            format!("tenants = {{ a = {{ {own} }} }}"),
            format!("tenants = {{ {new}, a = {{ {own} }} }}"),
        ),
        (format!("tenants = {{a={{ {own} }}}}"), format!("tenants = {{ {new},a={{ {own} }}}}")),
    ] {
        let (place, _, text) = added(&format!("{line}\n{contoso}"), &["fabrikam"]);
        assert_eq!(text, format!("{expected}\n{contoso}"));
        assert!(place.read().tenants().any(|tenant| tenant.id == "fabrikam"));
    }
    let block = "\n[tenants.fabrikam]\nkeys = [\"KEY\"]\nconnections = [\"contoso\"]\n";
    for head in [
        format!("tenants.a = {{ {own} }}\n{contoso}"),
        format!("tenants.a.keys = [\"{one}\"]\ntenants.a.connections = [\"contoso\"]\n{contoso}"),
        format!(
            "{contoso}[tenants.\"a\"] # first\nkeys = [\"{one}\"]\nconnections = [\"contoso\"]\n"
        ),
        format!("{contoso}[ tenants ]\na = {{ {own} }}\n"),
    ] {
        let (place, _, text) = added(&head, &["fabrikam"]);
        assert_eq!(text, format!("{head}{block}"));
        assert_eq!(place.read().tenants().count(), 2);
    }
}

#[test]
fn one_more_key_takes_no_comment_from_another() {
    let one = hash("one");
    let contoso = connection("contoso");
    for (keys, expected) in [
        (format!("[\"{one}\"]"), format!("[\"KEY\", \"{one}\"]")),
        (format!("[ '{one}', ] # old"), format!("[ \"KEY\", '{one}', ] # old")),
        (
            format!("[\n    \"{one}\", # since March\n]"),
            format!("[\n    \"KEY\",\n    \"{one}\", # since March\n]"),
        ),
        (
            format!("[ # which\n  # since March\n  \"{one}\"\n  ]"),
            format!("[ # which\n  \"KEY\",\n  # since March\n  \"{one}\"\n  ]"),
        ),
    ] {
        for (before, after) in [
            ("[tenants.fabrikam]\nkeys = ", "\nconnections = [\"contoso\"] # all\n"),
            ("tenants.fabrikam.connections = [\"contoso\"]\ntenants.fabrikam.keys = ", "\n"),
            ("tenants = { fabrikam = { connections = [\"contoso\"], keys = ", "\n}}\n"),
        ] {
            let text = format!("{before}{keys}{after}{contoso}");
            let (place, key, new) = added(&text, &["fabrikam", "--another-key"]);
            assert_eq!(new, format!("{before}{expected}{after}{contoso}"));
            let configuration = place.read();
            let keys = &configuration.tenants().next().unwrap().keys;
            assert_eq!(*keys, [KeyHash::of(&key), KeyHash::of("one")].map(AcceptedKey::from));
        }
    }
}

#[test]
fn an_operators_key_goes_into_the_server_however_it_is_written() {
    let one = hash("one");
    for (text, expected) in [
        ("".to_owned(), "[serve]\noperator-keys = [\"KEY\"]\n".to_owned()),
        ("\u{feff}".to_owned(), "\u{feff}[serve]\noperator-keys = [\"KEY\"]\n".to_owned()),
        ("# a".to_owned(), "# a\n\n[serve]\noperator-keys = [\"KEY\"]\n".to_owned()),
        ("[serve]".to_owned(), "[serve]\noperator-keys = [\"KEY\"]\n".to_owned()),
        (
            "[ \"serve\" ] # [x]\ngrace = 1 # s".to_owned(),
            "[ \"serve\" ] # [x]\noperator-keys = [\"KEY\"]\ngrace = 1 # s".to_owned(),
        ),
        ("serve = {}".to_owned(), "serve = { operator-keys = [\"KEY\"] }".to_owned()),
        (
            "serve = { grace = 1 }\n".to_owned(),
            "serve = { operator-keys = [\"KEY\"], grace = 1 }\n".to_owned(),
        ),
        (
            "# a\n  serve.grace = 1\nserve.max-runs = 2\n".to_owned(),
            "# a\n  serve.operator-keys = [\"KEY\"]\nserve.grace = 1\nserve.max-runs = 2\n"
                .to_owned(),
        ),
        (
            "\u{feff}\"serve\".grace = 1".to_owned(),
            "\u{feff}serve.operator-keys = [\"KEY\"]\n\"serve\".grace = 1".to_owned(),
        ),
        ("[serve]\noperator-keys = []".to_owned(), "[serve]\noperator-keys = [\"KEY\"]".to_owned()),
        (
            "[serve]\noperator-keys = [\n] # none".to_owned(),
            "[serve]\noperator-keys = [\"KEY\"\n] # none".to_owned(),
        ),
        (
            format!("serve.operator-keys = [\"{one}\"]"),
            format!("serve.operator-keys = [\"KEY\", \"{one}\"]"),
        ),
    ] {
        let (place, key, new) = added(&text, &["--operator"]);
        assert_eq!(new, expected);
        assert!(place.read().serve().operator_keys[0].matches(&key));
    }
}

#[test]
fn an_id_that_needs_quotes_has_them() {
    let (place, _, new) = added(&connection("contoso"), &["a.b", "--action", "delete-user"]);
    let block = "\n[tenants.\"a.b\"]\nkeys = [\"KEY\"]\nconnections = [\"contoso\"]\nactions = [\"delete-user\"]\n";
    assert_eq!(new, format!("{}{block}", connection("contoso")));
    place.add(&["a.b", "--another-key"]);
    assert_eq!(place.read().tenants().next().unwrap().keys.len(), 2);
}
