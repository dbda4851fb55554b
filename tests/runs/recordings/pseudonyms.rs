//! `--pseudonymise`: nobody can be told from the file, everybody stays one person, and the
//! recording still replays.

use std::collections::BTreeSet;
use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::recordings::{directory, json, names, recorded_with};
use support::{Fixture, fixtures, o365};

/// The fields of the fixtures in which somebody is named.
const NAMING: [&str; 9] = [
    "displayName",
    "email",
    "mail",
    "mailNickname",
    "recipient",
    "sender",
    "tenant",
    "userEmail",
    "userPrincipalName",
];

/// Every text in a document, those in JSON and base64 within it too.
fn texts(value: &Value, field: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| texts(value, name, found));
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, field, found)),
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner) if inner.is_object() => texts(&inner, field, found),
            _ => {
                found.push((field.to_owned(), text.clone()));
                for word in text.split(|c: char| !c.is_ascii_alphanumeric() && !"+/=-_".contains(c))
                {
                    let word = word.rsplit_once("token=").map_or(word, |(_, token)| token);
                    let bytes = STANDARD.decode(word).or_else(|_| URL_SAFE_NO_PAD.decode(word));
                    if let (Ok(bytes), true) = (bytes, word.len() >= 16) {
                        found
                            .push((field.to_owned(), String::from_utf8_lossy(&bytes).into_owned()));
                    }
                }
            }
        },
        _ => {}
    }
}

fn all_texts(path: &std::path::Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    texts(&json(path)["log"], "", &mut found);
    found
}

#[test]
fn every_fixture_replays_with_pseudonyms_and_names_nobody() {
    let directory = directory("pseudonyms");
    for fixture in fixtures() {
        let case = fixture.path.file_stem().unwrap().to_str().unwrap();
        let path = directory.join(format!("{}--{case}.har", fixture.action));
        let ended = recorded_with(&fixture, &path, &["--pseudonymise"]);
        // What the user sees is not changed.
        let mut outcome = if ended.code == 0 { ended.result() } else { ended.error() };
        if let (true, Some(error)) = (ended.code != 0, outcome.as_object_mut()) {
            assert_eq!(error.remove("recording").unwrap(), path.to_str().unwrap());
        }
        assert!(
            Some(&outcome) == fixture.run.get("result")
                || Some(&outcome) == fixture.run.get("error"),
            "{case}: {}",
            ended.stderr
        );
        let originals: BTreeSet<String> = all_texts(&fixture.path)
            .into_iter()
            .filter(|(field, text)| NAMING.contains(&field.as_str()) && text.len() > 1)
            .map(|(_, text)| text.to_lowercase())
            .collect();
        for (field, text) in all_texts(&path) {
            let text = text.to_lowercase();
            let told = originals.iter().find(|original| match original.contains(['@', '.', ' ']) {
                true => text.contains(*original),
                false => text == **original,
            });
            assert_eq!(told, None, "{}: {field}: {text}", path.display());
            // A search for a country knows no tenant.
            let public = fixture.run["input"]["connectionId"].is_null()
                || text.contains("contoso_preview")
                || field == "skuPartNumber"
                || field == "name";
            assert!(public || !text.contains("contoso"), "{}: {field}: {text}", path.display());
        }
    }
    let replayed = o365(["replay", directory.to_str().unwrap(), "--json"]).run();
    let reports: Value = serde_json::from_str(&replayed.stdout).unwrap();
    assert_eq!(reports.as_array().unwrap().len(), names(&directory).len());
    for report in reports.as_array().unwrap() {
        assert_eq!(report["same"], true, "{report:#}");
    }
}

#[test]
fn the_same_person_is_the_same_pseudonym_everywhere() {
    let path = directory("person").join("run.har");
    let fixture = Fixture::named("create-user", "created-and-licensed").changed("person", |log| {
        // A body that says more of the person, in other cases and wrappings.
        let entry = log["entries"].as_array_mut().unwrap().last_mut().unwrap();
        let text = entry["response"]["content"]["text"].as_str().unwrap().to_owned();
        let mut user: Value = serde_json::from_str(&text).unwrap();
        let id = user["id"].as_str().unwrap().to_uppercase();
        user["givenName"] = "Allen".into();
        user["surname"] = "Allbrook".into();
        user["mail"] = "allen.allbrook@contoso.com".into();
        user["mobilePhone"] = "+374 10 555 123".into();
        user["aboutMe"] = format!(
            "ALLEN@contoso.onmicrosoft.com ({id}), {}; call +374 10 555 123 <b>Allen Allbrook</b>",
            STANDARD.encode("I am Allen Allbrook")
        )
        .into();
        entry["response"]["content"]["text"] = user.to_string().into();
    });
    let ended = recorded_with(&fixture, &path, &["--pseudonymise"]);
    ended.result();
    let log = &json(&path)["log"];
    let input = &log["_o365"]["input"];
    assert_eq!(input["displayName"], "Person 1");
    assert_eq!(input["mailNickname"], "user1");
    let text = log["entries"].as_array().unwrap().last().unwrap()["response"]["content"]["text"]
        .as_str()
        .unwrap();
    let user: Value = serde_json::from_str(text).unwrap();
    let id = user["id"].as_str().unwrap();
    assert_eq!(user["userPrincipalName"], "user1@tenant1.example");
    assert_eq!(user["displayName"], "Person 1");
    assert_eq!((&user["givenName"], &user["surname"]), (&json!("Given1"), &json!("Surname1")));
    assert_eq!(user["mail"], "user1@tenant2.example");
    assert_eq!(user["mobilePhone"], "+1 555 0000001");
    assert_eq!(
        user["aboutMe"],
        format!(
            "user1@tenant1.example ({id}), {}; call +1 555 0000001 <b>Person 1</b>",
            STANDARD.encode("I am Person 1")
        )
    );
    let result = &log["_o365"]["result"];
    assert_eq!(result["objectId"], id);
    assert_eq!(result["userPrincipalName"], "user1@tenant1.example");
    let url =
        log["entries"].as_array().unwrap().last().unwrap()["request"]["url"].as_str().unwrap();
    assert!(url.contains(id) || url.contains("user1@tenant1.example"), "{url}");
    // What is everybody's stays.
    assert_eq!(input["serviceId"], fixture.run["input"]["serviceId"]);
    assert_eq!(result["assignedPlans"], fixture.run["result"]["assignedPlans"]);
}

#[test]
fn the_same_run_gets_the_same_pseudonyms() {
    let directory = directory("stable");
    let fixture = Fixture::named("users-with-licenses-report", "two-pages");
    let files = ["1.har", "2.har"].map(|name| directory.join(name));
    for file in &files {
        recorded_with(&fixture, file, &["--pseudonymise"]).result();
    }
    assert_eq!(fs::read(&files[0]).unwrap(), fs::read(&files[1]).unwrap());
}

#[test]
fn a_name_without_which_the_run_is_another_keeps_the_file_from_being_written() {
    let path = directory("word").join("run.har");
    // A tenant that is called like a part of Graph's own addresses.
    let fixture = Fixture::named("users-with-licenses-report", "two-pages");
    let text = fs::read_to_string(&fixture.path).unwrap();
    let changed = fixture.path.file_name().unwrap();
    let changed = path.with_file_name(changed);
    fs::write(&changed, text.replace("contoso", "displayName")).unwrap();
    let ended = recorded_with(&Fixture::read(&changed), &path, &["--pseudonymise"]);
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    assert!(ended.stderr.contains("does not replay to the same"), "{}", ended.stderr);
    assert!(!path.exists());
    assert!(serde_json::from_str::<Value>(&ended.stdout).unwrap().is_object());
}

#[test]
fn pseudonyms_need_a_recording() {
    let fixture = Fixture::named("is-license-available", "some-seats");
    let path = fixture.path.to_str().unwrap();
    let arguments = ["run", "is-license-available", "--replay", path, "--pseudonymise", "--json"];
    let ended = o365(arguments.into_iter().chain(["serviceId=x"])).run();
    assert_eq!(ended.code, 2);
    assert_eq!(ended.error()["kind"], "usage");
}
