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
        let expected = [(key, None), ("one", Some(end)), ("third", Some(end))];
        let expected =
            expected.map(|(key, expires)| AcceptedKey { hash: KeyHash::of(key), expires });
        assert_eq!(keys(&place), expected);
        let shown = format!(
            "keys = [\n  \"{}\",\n  {{ key = \"{one}\", expires = {end} }}, # since March\n  \
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
        let result = rotate(&place, &["fabrikam"]);
        assert_eq!(result["otherKeysExpire"], Value::Null);
        assert!(self::keys(&place)[0].matches(result["key"].as_str().unwrap()));
    }
}

/// A key that has expired, as an item of a list.
fn expired(key: &str) -> String {
    format!("{{ key = \"{}\", expires = 2020-01-01T00:00:00Z }}", hash(key))
}

/// A key that expires long after any grace, as an item of a list.
fn long(key: &str) -> String {
    format!("{{ key = \"{}\", expires = 2131-01-01T00:00:00Z }}", hash(key))
}

#[test]
fn expired_keys_are_removed_wherever_they_are() {
    let (a, b, kept) = (expired("a"), expired("b"), long("kept"));
    for (list, after) in [
        (format!("[{a}, {kept}, {b}]"), "[NEW, KEPT]"),
        (format!("[{a}, {b}, {kept},]"), "[NEW, KEPT,]"),
        (format!("[{kept}, {a}, {b}]"), "[NEW, KEPT]"),
        (format!("[{kept} , {a} , ]"), "[NEW, KEPT , ]"),
        (
            format!("[\n  {a}, # old\n  {kept}, # new\n  {b} # old\n]"),
            "[\n  NEW,\n  KEPT, # new\n]",
        ),
        (format!("[\n\t{a},\n  {kept}\n]"), "[\n  NEW,\n  KEPT\n]"),
        (format!("[\n  {a}, {kept}, # both\n]"), "[\n  NEW,\n  KEPT, # both\n]"),
        (format!("[\n  {kept}, {b} # both\n]"), "[\n  NEW,\n  KEPT # both\n]"),
        (format!("[ {kept} # new\n, {a} # old\n, {b}\n]"), "[ NEW, KEPT # new\n, \n]"),
        (format!("[\r\n  {a}, # old\r\n  {kept},\r\n]"), "[\r\n  NEW,\n  KEPT,\r\n]"),
        (format!("[{a}, {b}]"), "[NEW]"),
        (format!("[ # all\n  {a}, # old\n]"), "[NEW]"),
    ] {
        let place = place(&list);
        let result = rotate(&place, &["fabrikam"]);
        let new = format!("\"{}\"", hash(result["key"].as_str().unwrap()));
        let end = result["otherKeysExpire"].as_str().unwrap_or("2131-01-01T00:00:00Z");
        let shown = after.replace("NEW", &new);
        let shown = shown.replace("KEPT", &kept.replace("2131-01-01T00:00:00Z", end));
        let text = place.text();
        assert!(text.contains(&format!("\nkeys = {shown} # all\n")), "{list}: {text}");
        assert_eq!(result["otherKeysExpire"].is_null(), !after.contains("KEPT"), "{result}");
    }
}

#[test]
fn the_end_of_the_other_keys_is_the_latest_of_those_that_are_valid() {
    let soon = Timestamp::from_second(Timestamp::now().as_second() + 3600).unwrap();
    let soon = format!("{{ key = \"{}\", expires = {soon} }}", hash("soon"));
    // The key ends before the grace.
    let only = place(&format!("[{soon}, {}]", expired("other")));
    let result = rotate(&only, &["fabrikam"]);
    assert!(soon.contains(result["otherKeysExpire"].as_str().unwrap()), "{result}");
    // Another one ends with it.
    let both = place(&format!("[{soon}, {}]", long("other")));
    let end = rotate(&both, &["fabrikam"])["otherKeysExpire"].as_str().unwrap().to_owned();
    let ends: Vec<String> =
        keys(&both).iter().filter_map(|key| key.expires.map(|end| end.to_string())).collect();
    assert!(ends.len() == 2 && ends[1] == end && soon.contains(&ends[0]), "{ends:?}, {end}");
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

#[test]
fn wrong_usage_is_told_with_what_is_meant() {
    let place = place("[]");
    let form = "expected a duration such as 24h or 90d; for none, give --now in place of --grace";
    let short = "expected at least a second; for less, give --now in place of --grace";
    let future = "it must be in the future, by at least a second";
    let date = "expected a date such as 2027-01-31, or a duration such as 90d";
    let long = "it is too long";
    for (option, value, message) in [
        ("--grace", "0", form),
        ("--grace", "soon", form),
        ("--grace", "1y", form),
        ("--grace", "0s", short),
        ("--grace", "999999999d", long),
        ("--expires", "0s", future),
        ("--expires", "0d", future),
        ("--expires", "999999999d", long),
        ("--expires", "99999999999999999999999999 hours", long),
        ("--expires", "7000000d", long),
        ("--expires", "soon", date),
        ("--expires", "2020-01-01", "2020-01-01T00:00:00Z is in the past"),
    ] {
        let error = place.tenant(&["rotate", "fabrikam", option, value]).run().error();
        let told = error["message"].as_str().unwrap();
        assert!(told.contains(&format!("': {message} For more")), "{option} {value}: {told}");
    }
    for command in ["add", "rotate"] {
        let error = place.tenant(&[command]).run().error();
        let expected = "the following required arguments were not provided: <ID|--operator>";
        assert!(error["message"].as_str().unwrap().starts_with(expected), "{error}");
    }
}
