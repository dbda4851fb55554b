//! Keys with an end, and tenants without a key.

use jiff::Timestamp;
use serde_json::json;

use crate::tenants::place::{Place, connection, hash};
use crate::tenants::problems::{assert_only, fabrikam};

/// A file whose tenant has these keys, in line 5.
fn with_keys(keys: &str) -> String {
    let contoso = connection("contoso");
    format!("{contoso}[tenants.fabrikam]\nkeys = [{keys}]\nconnections = [\"contoso\"]\n")
}

fn ends(place: &Place) -> Vec<Option<String>> {
    let configuration = place.read();
    let tenant = configuration.tenants().next().unwrap();
    tenant.keys.iter().map(|key| key.expires.map(|end| end.to_string())).collect()
}

#[test]
fn a_key_may_have_an_end_in_any_offset() {
    let [one, other, third] = ["one", "other", "third"].map(hash);
    let place = Place::new(&with_keys(&format!(
        "{{ key = \"{one}\", expires = 2031-01-31T00:00:00Z }}, \"{other}\", \
         {{ expires = 2031-01-31 01:30:00+01:00, key = \"{third}\" }}"
    )));
    let expected = [Some("2031-01-31T00:00:00Z"), None, Some("2031-01-31T00:30:00Z")];
    assert_eq!(ends(&place), expected.map(|end| end.map(ToOwned::to_owned)));
    let listed = place.tenant(&["list"]).run().result();
    assert_eq!(listed[0]["keyExpiry"], json!(expected));
    assert_eq!(listed[0]["hasAccess"], true);
}

#[test]
fn what_is_no_end_is_refused() {
    let one = hash("one");
    let key = "tenants.fabrikam.keys";
    let end = "has an item whose expires is not a time with an offset (item 1)";
    for value in ["\"2031-01-31\"", "2031-01-31", "2031-01-31T00:00:00", "00:00:00", "7"] {
        let text = with_keys(&format!("{{ key = \"{one}\", expires = {value} }}"));
        assert_only(&text, 5, key, end, "Write expires = 2031-01-31T00:00:00Z, without quotes.");
    }
    let form =
        "has an item that is not of the form { key = \"sha256:...\", expires = TIME } (item 1)";
    let fix = "Write \"sha256:...\", or { key = \"sha256:...\", expires = 2031-01-31T00:00:00Z }.";
    for item in [
        "{}".to_owned(),
        "{ expires = 2031-01-31T00:00:00Z }".to_owned(),
        "{ key = 7 }".to_owned(),
        format!("{{ key = \"{one}\", expiry = 2031-01-31T00:00:00Z }}"),
    ] {
        assert_only(&with_keys(&item), 5, key, form, fix);
    }
    let twice =
        with_keys(&format!("\"{one}\", {{ key = \"{one}\", expires = 2031-01-31T00:00:00Z }}"));
    assert_only(&twice, 5, key, "has the same twice (item 2)", "Remove one of them.");
    let operators = fabrikam("[serve]\noperator-keys = [{ key = \"s3cret-Marker\" }]");
    assert_only(
        &operators,
        8,
        "serve.operator-keys",
        "has an item that is not the hash of a key, sha256: and 64 hexadecimal digits (item 1)",
        "Remove it, and make a key with o365 tenant add --operator.",
    );
}

#[test]
fn a_tenant_without_a_key_is_one_without_access() {
    let place = Place::new(&with_keys(""));
    assert_eq!(ends(&place), []);
    let expired = format!("{{ key = \"{}\", expires = 2021-01-31T00:00:00Z }}", hash("one"));
    for (place, keys) in [(place, 0), (Place::new(&with_keys(&expired)), 1)] {
        let listed = place.tenant(&["list"]).run().result();
        assert_eq!((&listed[0]["keys"], &listed[0]["hasAccess"]), (&json!(keys), &json!(false)));
        // The next key gives it access again.
        place.add(&["fabrikam", "--another-key"]);
        let listed = place.tenant(&["list"]).run().result();
        assert_eq!(listed[0]["hasAccess"], true);
    }
}

#[test]
fn a_new_key_expires_at_a_date_or_after_a_duration() {
    let place = Place::new(&connection("contoso"));
    let ended = place.tenant(&["add", "fabrikam", "--expires", "2131-01-31"]).run().result();
    assert_eq!(ended["expires"], "2131-01-31T00:00:00Z");
    place.add(&["fabrikam", "--another-key", "--expires", "2131-01-31T09:30:00+01:00"]);
    assert_eq!(place.text().matches("expires = 2131-01-31T0").count(), 2, "{}", place.text());
    let before = Timestamp::now();
    place.add(&["fabrikam", "--another-key", "--expires", "90d"]);
    let end: Timestamp = ends(&place)[0].clone().unwrap().parse().unwrap();
    let days = end.duration_since(before).as_secs_f64() / 86_400.0;
    assert!((90.0..90.01).contains(&days), "{days}");
    assert_eq!(end.subsec_nanosecond(), 0);
    place.add(&["--operator", "--expires", "1w"]);
    assert!(place.read().serve().operator_keys[0].expires.is_some());
}

#[test]
fn an_end_in_the_past_is_refused() {
    for end in ["2020-01-31", "0s", "-3d", "soon", "2131-02-30", "1y", ""] {
        let ended = Place::new(&connection("contoso")).refused(&["fabrikam", "--expires", end]);
        assert_eq!(ended.code, 2, "{end}: {}", ended.stderr);
    }
}
