//! How reports read users: as `serde_json::Value` has them, though no tree is made.

use crate::reports::{LIST, listed, with, without};
use crate::support::*;
use component::bindings::connector::office365::types::Error;
use component::bindings::exports::connector::office365::reports::{Report, ReportedUser};
use component::graph::Body;
use serde_json::{Value, json};

/// A page with a user that is `user`.
fn page_of(user: &[u8]) -> Vec<u8> {
    [br#"{"value": ["#, user, b"]}"].concat()
}

/// The reports with and without licences, of a tenant whose page comes in `parts`.
fn reports(parts: &[&[u8]]) -> [Result<Report, Error>; 2] {
    [with, without].map(|report| {
        let reply = answer(200, Value::Null).map(|mut response| {
            response.body = Body::default();
            parts.iter().for_each(|part| response.body.push(part.to_vec()));
            response
        });
        report(Run::new([on(LIST, reply)])).0
    })
}

/// The user with this text, as one of the two reports shows it.
fn shown(user: &str) -> ReportedUser {
    let reports = reports(&[&page_of(user.as_bytes())]);
    let mut users: Vec<ReportedUser> =
        reports.into_iter().flat_map(|report| report.unwrap().users).collect();
    assert_eq!(users.len(), 1, "{user}");
    users.remove(0)
}

/// A licensed user with a further member `note`, which has this text.
fn noted(note: &[u8]) -> Vec<u8> {
    let user = listed("anna", None, true).to_string();
    [b"{\"note\": ", note, b",", &user.as_bytes()[1..]].concat()
}

/// What is passed over must be JSON all the same, wherever it is.
#[test]
fn a_page_is_readable_when_serde_json_reads_it() {
    let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
    let notes: [&[u8]; 34] = [
        b"null",
        b"true",
        b"-0",
        b"1e5",
        b"0.1",
        b"18446744073709551616",
        b"1e999",
        b"-1e999",
        b"01",
        b"1.",
        b".5",
        b"+1",
        b"nul",
        b"NaN",
        b"'a'",
        br#""a""#,
        br#""\u00e9""#,
        br#""\ud83d\ude00""#,
        br#""\ud83d""#,
        br#""\ude00""#,
        br#""\x""#,
        b"\"a\nb\"",
        b"\"\xff\"",
        b"\"\xc3\"",
        "\"é\"".as_bytes(),
        b"[1,]",
        b"[1 2]",
        br#"{"a" 1}"#,
        br#"{"a":1,}"#,
        br#"{1:2}"#,
        br#"{"\ud83d":1}"#,
        b"{\"\xff\":1}",
        b"[\xff]",
        br#"{"a":{"a":[{}]},"a":2}"#,
    ];
    let nested = [nested(120), nested(126), nested(127), nested(200)];
    for note in notes.into_iter().chain(nested.iter().map(Vec::as_slice)) {
        let user = noted(note);
        let readable = serde_json::from_slice::<Value>(&user).is_ok();
        let shown = String::from_utf8_lossy(note);
        for report in reports(&[&page_of(&user)]) {
            assert_eq!(report.is_ok(), readable, "{shown}: {:?}", report.err());
        }
        let licences =
            [br#"{"id":"1","assignedLicenses":[{"skuId":"2","note":"#, note, b"}]}"].concat();
        let readable = serde_json::from_slice::<Value>(&licences).is_ok();
        for report in reports(&[&page_of(&licences)]) {
            assert_eq!(report.is_ok(), readable, "in a licence, {shown}");
        }
    }
}

#[test]
fn the_last_of_several_members_with_a_name_counts() {
    let user = r#"{"id": "0", "id": "1", "assignedLicenses": null, "assignedLicenses": [{"skuId": "2", "skuId": "3"}],
        "mail": "a@contoso.com", "mail": 5, "displayName": "Anna", "displayName": null,
        "userPrincipalName": 1, "userPrincipalName": "b@contoso.com",
        "assignedPlans": [{"service": "x"}], "assignedPlans": [{"service": "a", "service": "b"}, {"service": "c", "service": 1}],
        "provisionedPlans": [{"service": "x"}], "provisionedPlans": {}}"#;
    let user = shown(user);
    assert_eq!((user.display_name, user.email.as_str()), (None, "b@contoso.com"));
    let plans: Vec<_> =
        user.assigned_service_plans.iter().map(|plan| plan.name.as_deref()).collect();
    assert_eq!(plans, [Some("b"), None]);
    assert_eq!(user.provisioned_service_plans.len(), 0);
}

#[test]
fn what_has_another_type_than_documented_is_missing() {
    for other in ["null", "1", "-1", "0.5", "true", "[[]]", r#"{"service": "x"}"#] {
        let user = format!(
            r#"{{"id": "1", "assignedLicenses": [], "displayName": {other}, "mail": {other},
            "userPrincipalName": {other}, "licenseAssignmentStates": [{other}, {{"skuId": {other}}}],
            "assignedPlans": [{{"service": {other}}}, 1], "provisionedPlans": "x"}}"#
        );
        let user = shown(&user);
        assert_eq!((user.display_name, user.email.as_str()), (None, "1"), "{other}");
        let [first, second] = user.assigned_service_plans.as_slice() else { panic!("{other}") };
        assert_eq!((&first.name, &second.name, &second.status), (&None, &None, &None), "{other}");
        assert!(user.provisioned_service_plans.is_empty() && user.license_errors.is_none());
    }
}

#[test]
fn a_user_without_an_id_or_with_an_unreadable_licence_is_no_user() {
    for user in [
        json!(1),
        json!("x"),
        json!([]),
        Value::Null,
        json!({"id": "", "assignedLicenses": []}),
        json!({"id": 1, "assignedLicenses": []}),
        json!({"id": "1", "assignedLicenses": {}}),
        json!({"id": "1", "assignedLicenses": "x"}),
        json!({"id": "1", "assignedLicenses": [{"skuId": "2"}, {}]}),
        json!({"id": "1", "assignedLicenses": [{"skuId": null}]}),
        json!({"id": "1", "assignedLicenses": [1]}),
    ] {
        for report in reports(&[&page_of(user.to_string().as_bytes())]) {
            assert_eq!(facts(report).kind, "transport", "{user}");
        }
    }
}

/// Users who share texts and lists with others, and users who share none.
#[test]
fn each_user_has_the_plans_of_its_own() {
    let user = |number: usize| {
        let mut user = listed(&format!("person{number}"), None, true);
        let service = format!("service {}", number % 7);
        let plan = json!({"service": service, "capabilityStatus": "Enabled"});
        user["assignedPlans"] = vec![plan; number % 5].into();
        user["provisionedPlans"] = json!([{"service": "Enabled", "provisioningStatus": service}]);
        user
    };
    // More than are kept together.
    let users: Vec<Value> = (0..1200).map(user).collect();
    let body = json!({"value": users}).to_string();
    let [report, _] = reports(&[body.as_bytes()]);
    let report = report.unwrap();
    assert_eq!(report.users.len(), users.len());
    for (number, user) in report.users.iter().enumerate() {
        let service = format!("service {}", number % 7);
        assert_eq!(user.display_name, Some(format!("person{number}")));
        assert_eq!(user.email, format!("person{number}@contoso.onmicrosoft.com"));
        assert_eq!(user.assigned_service_plans.len(), number % 5);
        for plan in &user.assigned_service_plans {
            assert_eq!(
                (plan.name.as_deref(), plan.status.as_deref()),
                (Some(&*service), Some("Enabled"))
            );
        }
        let [plan] = user.provisioned_service_plans.as_slice() else { panic!("{number}") };
        assert_eq!(plan.service.as_deref(), Some("Enabled"));
        assert_eq!(plan.provisioning_status.as_deref(), Some(&*service));
        assert_eq!(plan.capability_status, None);
    }
}

/// `text` with another letter in the place of each of its letters.
fn misspelt(text: &str) -> impl Iterator<Item = String> {
    (0..text.len()).map(move |at| [&text[..at], "_", &text[at + 1..]].concat())
}

#[test]
fn a_member_whose_name_differs_in_one_letter_is_passed_over() {
    let user = json!({
        "id": "1", "displayName": "Anna", "userPrincipalName": "a@contoso.com", "mail": "b@contoso.com",
        "assignedLicenses": [{"skuId": "2"}],
        "assignedPlans": [{"service": "a", "capabilityStatus": "b"}],
        "provisionedPlans": [{"service": "c", "provisioningStatus": "d", "capabilityStatus": "e"}],
        "licenseAssignmentStates": [
            {"skuId": "2", "assignedByGroup": "3", "state": "Error", "error": "CountViolation"},
        ],
    });
    let mut other = user.clone();
    for (name, value) in user.as_object().unwrap() {
        for misspelt_name in misspelt(name) {
            other[misspelt_name] =
                if value.is_array() { json!([{"skuId": 5}]) } else { json!("x") };
        }
        for (inner, _) in value[0].as_object().into_iter().flatten() {
            for misspelt_name in misspelt(inner) {
                other[name][0][misspelt_name] = json!("x");
            }
        }
    }
    let [user, other] = [user, other].map(|user| format!("{:?}", shown(&user.to_string())));
    assert_eq!(other, user);
}

#[test]
fn texts_that_differ_in_one_letter_are_different() {
    let texts: Vec<String> = (0..=33)
        .map(|length| "service plan ".repeat(3)[..length].to_owned())
        .flat_map(|text| misspelt(&text).chain([text.clone()]).collect::<Vec<_>>())
        .collect();
    let mut user = listed("anna", None, true);
    let plan = |text: &String| json!({"service": text});
    // Each of them twice, so that each is looked for among all.
    user["assignedPlans"] = texts.iter().chain(&texts).map(plan).collect();
    let user = shown(&user.to_string());
    let plans = user.assigned_service_plans.iter().map(|plan| plan.name.as_deref());
    assert!(plans.eq(texts.iter().chain(&texts).map(|text| Some(text.as_str()))));
}

/// A text that is cut off within a character is no text, though all before it is read.
#[test]
fn bytes_that_are_no_text_make_a_page_unreadable() {
    let page = page_of(listed("anna", None, true).to_string().as_bytes());
    for odd in [&b"\xff"[..], b"\xc3", b"\xef\xbb\xbf"] {
        for parts in [[&page[..], odd], [odd, &page[..]]] {
            for report in reports(&parts) {
                // A byte order mark before a page is skipped before it is read.
                let is_mark = odd.len() == 3 && parts[0] == odd;
                assert_eq!(report.is_ok(), is_mark, "{odd:?}");
            }
        }
    }
}
