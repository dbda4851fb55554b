//! What `tenant rotate` makes of the keys that there are.

use jiff::Timestamp;
use runner::api_key::{AcceptedKey, KeyHash};
use serde_json::Value;

use crate::tenants::place::{Place, connection, hash};

/// A place with a tenant and these keys.
fn place(keys: &str) -> Place {
    let contoso = connection("contoso");
    Place::new(&format!(
        "{contoso}[tenants.fabrikam] # ours\nkeys = {keys} # all\nconnections = [\"contoso\"]\n"
    ))
}

fn rotate(place: &Place, arguments: &[&str]) -> Value {
    let ended = place.tenant(&[&["rotate"], arguments].concat()).run();
    assert_eq!(ended.stderr, "");
    ended.result()
}

fn keys(place: &Place) -> Vec<AcceptedKey> {
    place.read().tenants().next().unwrap().keys.clone()
}

#[test]
fn the_old_keys_end_after_the_grace() {
    let (one, other, third) = (hash("one"), hash("other"), hash("third"));
    for (options, hours) in [(&[][..], 24), (&["--grace", "2h"][..], 2)] {
        let place = place(&format!(
            "[\n  \"{one}\", # since March\n  {{ key = \"{other}\", expires = 2020-01-01T00:00:00Z }},\n  \
             {{ key = \"{third}\", expires = 2131-01-01T00:00:00Z }}, # long\n]"
        ));
        let before = Timestamp::now();
        let result = rotate(&place, &[&["fabrikam"], options].concat());
        let end: Timestamp = result["otherKeysExpire"].as_str().unwrap().parse().unwrap();
        let seconds = end.duration_since(before).as_secs();
        assert!((hours * 3600..hours * 3600 + 60).contains(&seconds), "{seconds}");
        let key = result["key"].as_str().unwrap();
        let past = "2020-01-01T00:00:00Z".parse().unwrap();
        let expected =
            [(key, None), ("one", Some(end)), ("other", Some(past)), ("third", Some(end))];
        let expected =
            expected.map(|(key, expires)| AcceptedKey { hash: KeyHash::of(key), expires });
        assert_eq!(keys(&place), expected);
        let shown = format!(
            "keys = [\n  \"{}\",\n  {{ key = \"{one}\", expires = {end} }}, # since March\n  \
             {{ key = \"{other}\", expires = 2020-01-01T00:00:00Z }},\n  \
             {{ key = \"{third}\", expires = {end} }}, # long\n] # all\n",
            hash(key)
        );
        assert!(place.text().contains(&shown), "{}", place.text());
        assert!(!place.text().contains(key));
    }
}

#[test]
fn the_old_keys_end_now() {
    let place = place(&format!("[\"{}\", \"{}\"]", hash("one"), hash("other")));
    let result = rotate(&place, &["fabrikam", "--now", "--expires", "2131-01-31"]);
    assert_eq!(result["otherKeysExpire"], Value::Null);
    let [key] = keys(&place).try_into().unwrap();
    assert!(key.matches(result["key"].as_str().unwrap()));
    assert_eq!(key.expires.unwrap().to_string(), "2131-01-31T00:00:00Z");
    assert!(place.text().contains("[tenants.fabrikam] # ours\n"), "{}", place.text());
}

#[test]
fn a_tenant_without_keys_gets_one() {
    for keys in ["[]", "[ # none\n]"] {
        let place = place(keys);
        let key = rotate(&place, &["fabrikam"])["key"].as_str().unwrap().to_owned();
        assert!(place.read().tenants().next().unwrap().keys[0].matches(&key));
    }
}

#[test]
fn the_operators_keys_are_replaced_too() {
    let place = Place::new("");
    let error = place.tenant(&["rotate", "--operator"]).run().error();
    assert_eq!(error["fix"], "Make one with o365 tenant add --operator.");
    let first = place.add(&["--operator"]);
    let second = rotate(&place, &["--operator"])["key"].as_str().unwrap().to_owned();
    let keys = || place.read().serve().operator_keys.clone();
    assert!(keys()[0].matches(&second) && keys()[1].matches(&first));
    assert!(keys()[1].expires.is_some());
    let third = rotate(&place, &["--operator", "--now"])["key"].as_str().unwrap().to_owned();
    assert!(keys().len() == 1 && keys()[0].matches(&third));
}

#[test]
fn wrong_usage_changes_nothing() {
    let place = place(&format!("[\"{}\"]", hash("one")));
    let text = place.text();
    for arguments in [
        &["rotate"][..],
        &["rotate", "fabrikan"],
        &["rotate", "fabrikam", "--operator"],
        &["rotate", "fabrikam", "--now", "--grace", "1h"],
        &["rotate", "fabrikam", "--grace", "0s"],
        &["rotate", "fabrikam", "--grace", "999999999h"],
        &["rotate", "fabrikam", "--expires", "2020-01-01"],
    ] {
        let ended = place.tenant(arguments).run();
        assert_eq!(ended.code, 2, "{arguments:?}: {}{}", ended.stdout, ended.stderr);
        assert_eq!(place.text(), text);
    }
}
