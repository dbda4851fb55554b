//! What `tenant add` makes, prints and refuses.

use serde_json::json;

use crate::tenants::place::{Place, connection, hash};
use support::o365;

#[test]
fn a_key_is_printed_once_and_its_hash_is_kept() {
    let place = Place::new(&connection("contoso"));
    let ended = place.tenant(&["add", "fabrikam"]).run();
    assert_eq!(ended.stderr, "");
    let result = ended.result();
    let key = result["key"].as_str().unwrap();
    assert_eq!(result, json!({ "tenant": "fabrikam", "key": key }));
    assert!(key.starts_with("o365_") && key.len() == 48, "{}", key.len());
    let text = place.text();
    assert!(!text.contains(key) && text.contains(&hash(key)));
    let configuration = place.read();
    let tenant = configuration.tenants().next().unwrap();
    assert!(tenant.keys[0].matches(key));
    assert!(!tenant.keys[0].matches(&key[1..]));
    // A pipe is no terminal.
    let piped = o365(["tenant", "add", "woodgrove"]).directory(place.path()).run().result();
    assert_eq!(piped["tenant"], "woodgrove");
    let list = place.tenant(&["list"]).run();
    assert_eq!(list.result()[0]["keys"], 1);
    assert!(!list.stdout.contains(&hash(key)[7..]), "{}", list.stdout);
}

#[test]
fn both_keys_of_a_tenant_are_good() {
    let place = Place::new(&connection("contoso"));
    let keys = [place.add(&["fabrikam"]), place.add(&["fabrikam", "--another-key"])];
    let configuration = place.read();
    let tenant = configuration.tenants().next().unwrap();
    for key in keys {
        assert_eq!(tenant.keys.iter().filter(|hash| hash.matches(&key)).count(), 1);
    }
    assert_eq!(place.tenant(&["list"]).run().result()[0]["keys"], 2);
}

#[test]
fn an_operators_key_is_no_tenants() {
    let place = Place::new("");
    let ended = place.tenant(&["add", "--operator"]).run().result();
    assert_eq!(ended["operator"], true);
    let configuration = place.read();
    assert!(configuration.serve().operator_keys[0].matches(ended["key"].as_str().unwrap()));
    assert_eq!(configuration.tenants().count(), 0);
}

#[test]
fn connections_and_actions_are_those_that_are_named() {
    let place = Place::new(&(connection("contoso") + &connection("woodgrove")));
    place.add(&[
        "fabrikam",
        "--connection",
        "woodgrove",
        "--connection",
        "contoso",
        "--connection",
        "woodgrove",
        "--action",
        "delete-user",
        "--action",
        "create-user",
        "--action",
        "delete-user",
    ]);
    let list = place.tenant(&["list"]).run().result();
    assert_eq!(list[0]["connections"], json!(["woodgrove", "contoso"]));
    assert_eq!(list[0]["actions"], json!(["create-user", "delete-user"]));
}

#[test]
fn wrong_usage_changes_nothing_and_says_what_to_do() {
    let one = connection("contoso");
    let two = format!("{one}{}", connection("woodgrove"));
    let with_tenant = format!(
        "{one}[tenants.fabrikam]\nkeys = [\"{}\"]\nconnections = [\"contoso\"]\n",
        hash("one")
    );
    let id = "Use an id of letters, digits, dots, hyphens and underscores, at most 64.";
    for (text, arguments, message, fix) in [
        (
            &two,
            &["fabrikam"][..],
            "no connection is named for fabrikam",
            "Add --connection ID for each connection that it may use, of: contoso, woodgrove.",
        ),
        (
            &two,
            &["fabrikam", "--connection", "contosso"],
            "there is no connection \"contosso\" in o365.toml",
            "Did you mean contoso? Run o365 connection list to see all connections.",
        ),
        (
            &String::new(),
            &["fabrikam"],
            "there is no connection in o365.toml",
            "Add one as [connections.ID] first, as the README shows.",
        ),
        (
            &one,
            &["fabrikam", "--action", "create-usr"],
            "there is no action \"create-usr\"",
            "Did you mean create-user? Run o365 actions to see all actions.",
        ),
        (&one, &["fab rikam"], "\"fab rikam\" is not a valid id of a tenant", id),
        (&one, &[""], "\"\" is not a valid id of a tenant", id),
        (&one, &["../x"], "\"../x\" is not a valid id of a tenant", id),
        (
            &with_tenant,
            &["fabrikam"],
            "the tenant fabrikam already exists in o365.toml",
            "To add another key, run o365 tenant add fabrikam --another-key.",
        ),
        (
            &with_tenant,
            &["fabrikan", "--another-key"],
            "there is no tenant \"fabrikan\" in o365.toml",
            "Did you mean fabrikam? Run o365 tenant list to see all tenants, or omit --another-key to add this one.",
        ),
        (
            &one,
            &["woodgrove", "--another-key"],
            "there is no tenant \"woodgrove\" in o365.toml",
            "Run o365 tenant list to see all tenants, or omit --another-key to add this one.",
        ),
    ] {
        let ended = Place::new(text).refused(arguments);
        assert_eq!(ended.code, 2, "{arguments:?}");
        let error = ended.error();
        assert_eq!(error["kind"], "usage");
        assert_eq!(error["message"], message);
        assert_eq!(error["fix"], fix);
    }
    for arguments in [
        &[][..],
        &["fabrikam", "--operator"],
        &["--operator", "--connection", "contoso"],
        &["fabrikam", "--another-key", "--action", "create-user"],
        &["--another-key"],
    ] {
        let ended = Place::new(&one).refused(arguments);
        assert_eq!(
            (ended.code, ended.error()["kind"].as_str()),
            (2, Some("usage")),
            "{arguments:?}"
        );
    }
}

#[test]
fn without_a_file_it_says_how_to_begin() {
    let empty = tempfile::tempdir().unwrap();
    for arguments in [&["tenant", "add", "fabrikam", "--json"][..], &["tenant", "list", "--json"]] {
        let ended = o365(arguments).directory(empty.path()).run();
        assert_eq!(ended.code, 4);
        let error = ended.error();
        assert_eq!(error["kind"], "configuration");
        assert!(error["fix"].as_str().unwrap().starts_with("Write o365.toml as the README shows"));
    }
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0);
}

#[test]
fn a_file_with_something_wrong_is_left_alone() {
    let ended = Place::new("[connections.contoso]\ncloud = \"mars\"\n").refused(&["fabrikam"]);
    assert_eq!(ended.code, 4);
    assert_eq!(ended.error()["problems"].as_array().unwrap().len(), 3);
    let ended = Place::new("no toml").refused(&["--operator"]);
    assert_eq!(ended.code, 4);
}

#[test]
fn a_file_does_not_grow_beyond_what_is_read() {
    let contoso = connection("contoso");
    let comment = format!("#{}\n", "x".repeat((1 << 20) - contoso.len() - 60));
    let ended = Place::new(&format!("{contoso}{comment}")).refused(&["fabrikam"]);
    assert_eq!(ended.code, 4);
    let message = "the configuration o365.toml cannot be changed by a command as it is written";
    assert_eq!(ended.error()["message"], message);
}

#[test]
#[cfg(target_os = "linux")]
fn a_key_that_cannot_be_shown_is_told_as_lost() {
    let place = Place::new(&connection("contoso"));
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = std::process::Command::new(support::program())
        .args(["tenant", "add", "fabrikam", "--json"])
        .current_dir(place.path())
        .stdout(full)
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{told}");
    assert!(told.contains("the key is in the configuration, but lost"), "{told}");
    assert!(!told.contains("o365_") && !told.contains("sha256:"), "{told}");
    place.add(&["fabrikam", "--another-key"]);
}

#[test]
fn neither_key_nor_hash_is_in_a_log() {
    let place = Place::new(&connection("contoso"));
    for arguments in [&["add", "fabrikam"][..], &["add", "fabrikam", "--another-key"]] {
        let call = place.tenant(arguments).env("O365_LOG", "trace").env("RUST_LOG", "trace");
        let ended = call.run();
        let key = ended.result()["key"].as_str().unwrap().to_owned();
        for secret in [&key["o365_".len()..], &hash(&key)["sha256:".len()..]] {
            assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
        }
    }
    let log = place.tenant(&["list"]).env("O365_LOG", "trace").run().stderr;
    assert!(!log.contains("sha256:"), "{log}");
}
