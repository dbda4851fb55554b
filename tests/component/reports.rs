//! Whole reports: which users are in them, and how the pages are followed.

use crate::support::*;
use component::actions::reports::output::copied;
use component::actions::reports::{users_with_licenses_report, users_without_licenses_report};
use component::bindings::connector::office365::types::Error;
use component::bindings::exports::connector::office365::reports::{Report, ReportInput};
use component::graph::{Body, Clock, Host, Request, Transport};
use serde_json::{Value, json};
use std::time::Duration;

pub const LIST: &str = "GET /users?$select=id,displayName,mail,userPrincipalName,assignedLicenses,assignedPlans,provisionedPlans,licenseAssignmentStates&$top=999";

fn input() -> ReportInput {
    ReportInput { connection_id: "contoso".into() }
}

pub fn with(run: Run) -> (Result<Report, Error>, Seen) {
    run.act(|host| users_with_licenses_report::run(host, input()).map(|report| report.with(copied)))
}

pub fn without(run: Run) -> (Result<Report, Error>, Seen) {
    run.act(|host| {
        users_without_licenses_report::run(host, input()).map(|report| report.with(copied))
    })
}

/// A user of a listing.
pub fn listed(name: &str, mail: Option<&str>, licensed: bool) -> Value {
    let mut user = user(licensed);
    user["displayName"] = name.into();
    user["userPrincipalName"] = format!("{name}@contoso.onmicrosoft.com").into();
    user["mail"] = mail.into();
    user
}

pub fn page(users: &[Value], next: Option<&str>) -> Reply {
    let mut page = json!({"@odata.context": "x", "value": users});
    if let Some(next) = next {
        page["@odata.nextLink"] = format!("{ROOT}{next}").into();
    }
    answer(200, page)
}

pub fn expired() -> Reply {
    refusal(
        400,
        "Directory_ExpiredPageToken",
        "The specified page token value has expired and can no longer be included in your request.",
    )
}

fn emails(report: &Report) -> Vec<&str> {
    report.users.iter().map(|user| user.email.as_str()).collect()
}

#[test]
fn every_user_is_in_one_of_the_two_reports() {
    let users = [
        listed("anna", Some("anna@contoso.com"), true),
        listed("bela", None, false),
        listed("carl", None, true),
        listed("dora", Some(""), false),
        listed("guest_fabrikam.com#EXT#", None, false),
    ];
    let listing = || Run::new([on(LIST, page(&users, None))]);
    let report = with(listing()).0.unwrap();
    assert_eq!(report.title, "Users with licenses");
    assert_eq!(
        report.description,
        "Shows all users in tenant that have at least one assigned license."
    );
    assert_eq!(emails(&report), ["anna@contoso.com", "carl@contoso.onmicrosoft.com"]);

    let report = without(listing()).0.unwrap();
    assert_eq!(report.title, "Users without licenses");
    assert_eq!(report.description, "Shows all users in tenant that have no assigned licenses.");
    assert_eq!(
        emails(&report),
        [
            "bela@contoso.onmicrosoft.com",
            "dora@contoso.onmicrosoft.com",
            "guest_fabrikam.com#EXT#@contoso.onmicrosoft.com"
        ]
    );
}

#[test]
fn plans_are_reported_as_often_as_they_are_assigned() {
    let mut user = listed("anna", None, true);
    user["displayName"] = Value::Null;
    let plan =
        json!({"service": "SharePoint", "capabilityStatus": "Enabled", "servicePlanId": OTHER_SKU});
    user["assignedPlans"] = json!([plan, {"service": null, "capabilityStatus": "Deleted"}, plan]);
    let report = with(Run::new([on(LIST, page(&[user], None))])).0.unwrap();
    let [user] = report.users.as_slice() else { panic!("{report:?}") };
    assert_eq!(user.display_name, None);
    let plans: Vec<_> = user
        .assigned_service_plans
        .iter()
        .map(|plan| (plan.name.as_deref(), plan.status.as_deref()))
        .collect();
    let share_point = (Some("SharePoint"), Some("Enabled"));
    assert_eq!(plans, [share_point, (None, Some("Deleted")), share_point]);
    let [plan] = user.provisioned_service_plans.as_slice() else { panic!("{user:?}") };
    assert_eq!(plan.provisioning_status.as_deref(), Some("Success"));
    assert_eq!(plan.service.as_deref(), Some("exchange"));
}

#[test]
fn links_are_followed_verbatim_and_over_empty_pages() {
    let (result, seen) = with(Run::new([
        on(LIST, page(&[listed("anna", None, true)], Some("/users?$skiptoken=a%2Fb+c=&x"))),
        on("GET /users?$skiptoken=a%2Fb+c=&x", page(&[], Some("/users?$skiptoken=2"))),
        on("GET /users?$skiptoken=2", page(&[listed("bela", None, true)], None)),
    ]));
    assert_eq!(result.unwrap().users.len(), 2);
    assert_eq!(seen.waits, []);
}

#[test]
fn a_link_to_another_place_is_named_and_not_followed() {
    let cases = [
        ("https://fabrikam.com/v1.0/users?$skiptoken=secret", "fabrikam.com/v1.0/users"),
        ("https://graph.microsoft.com@fabrikam.com/v1.0/users", "fabrikam.com/v1.0/users"),
        ("https://graph.microsoft.com.fabrikam.com/v1.0/users", ".fabrikam.com/v1.0/users"),
        ("https://graph.microsoft.com/beta/users?$skiptoken=1", "graph.microsoft.com/beta/users"),
        ("http://graph.microsoft.com/v1.0/users", "graph.microsoft.com/v1.0/users"),
    ];
    for (link, place) in cases {
        let reply = answer(200, json!({"value": [], "@odata.nextLink": link}));
        let error = facts(with(Run::new([on(LIST, reply)])).0);
        assert_eq!(error.kind, "transport", "{link}");
        assert!(error.message.contains(place), "{}", error.message);
        assert!(!error.message.contains("secret"), "{}", error.message);
    }
}

#[test]
fn links_in_a_circle_end() {
    let (result, seen) = with(Run::new([
        on(LIST, page(&[], Some("/users?$skiptoken=1"))),
        on("GET /users?$skiptoken=1", page(&[], Some("/users?$skiptoken=2"))),
        on("GET /users?$skiptoken=2", page(&[], Some("/users?$skiptoken=1"))),
    ]));
    let error = facts(result);
    assert_eq!(error.kind, "transport");
    assert!(error.message.contains("not one that was read before"), "{}", error.message);
    assert_eq!(seen.requests.len(), 3);
}

#[test]
fn an_unknown_connection_is_refused() {
    let input = ReportInput { connection_id: String::new() };
    let run = Run::new([]);
    let error = facts(run.act(|host| users_with_licenses_report::run(host, input).map(drop)).0);
    assert_eq!(
        (error.kind, error.problems[0].pointer.as_str()),
        ("invalid-input", "/connectionId")
    );
}

/// Answers every request with a page that links to one more.
struct Endless(usize);

impl Transport for Endless {
    fn send(&mut self, _: &Request) -> Reply {
        self.0 += 1;
        page(&[], Some(&format!("/users?$skiptoken={}", self.0)))
    }
}

/// A clock that stands still.
struct Still;

impl Clock for Still {
    fn now(&mut self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&mut self, _: Duration) {}
}

#[test]
fn a_listing_without_end_is_cut() {
    let mut graph = Endless(0);
    let mut clock = Still;
    let (result, _) = Run::new([]).act(|Host { connections, .. }| {
        let host = Host { transport: &mut graph, clock: &mut clock, connections };
        users_with_licenses_report::run(host, input()).map(drop)
    });
    let error = facts(result);
    assert_eq!((error.kind, graph.0), ("transport", 10_000));
    assert!(error.message.contains("at most 10000 pages"), "{}", error.message);
}

#[test]
fn an_expired_link_starts_the_report_over_once() {
    let first = || on(LIST, page(&[listed("anna", None, true)], Some("/users?$skiptoken=1")));
    let expiry = || on("GET /users?$skiptoken=1", expired());
    let last = on("GET /users?$skiptoken=1", page(&[listed("bela", None, true)], None));
    let report = with(Run::new([first(), expiry(), first(), last])).0.unwrap();
    assert_eq!(report.users.len(), 2, "nobody is there twice");

    let error = facts(with(Run::new([first(), expiry(), first(), expiry()])).0);
    assert_eq!((error.kind, error.retry_safe), ("graph", true));
    assert!(error.fix.contains("users-with-licenses-page"), "{}", error.fix);
    assert_eq!(error.graph.unwrap().code, "Directory_ExpiredPageToken");
}

#[test]
fn a_listing_that_cannot_be_read_is_no_report() {
    let cut =
        json!({"value": [user(true), {"displayName": "without an id", "assignedLicenses": []}]});
    for body in [json!([]), json!({"value": {}}), json!({"users": []}), json!("x"), cut] {
        let error = facts(with(Run::new([on(LIST, answer(200, body))])).0);
        assert_eq!(error.kind, "transport");
        assert!(error.message.contains("a page of a collection"), "{}", error.message);
    }
    let reply = answer(200, Value::Null).map(|mut response| {
        response.body = br#"{"value": []} trailing"#.to_vec().into();
        response
    });
    assert_eq!(facts(with(Run::new([on(LIST, reply)])).0).kind, "transport");
}

/// A user without the property is no user without licences.
#[test]
fn licences_that_are_not_shown_are_a_missing_permission() {
    for hidden in [json!({"id": ID, "assignedLicenses": null}), json!({"id": ID})] {
        let page = json!({"value": [user(true), hidden]});
        let error = facts(without(Run::new([on(LIST, answer(200, page))])).0);
        assert_eq!(error.kind, "forbidden");
        assert!(error.message.contains("assignedLicenses"), "{}", error.message);
        assert!(error.fix.contains("User.Read.All"), "{}", error.fix);
    }
}

#[test]
fn a_report_that_takes_too_long_names_the_one_by_page() {
    let mut run = Run::new([on(LIST, page(&[], Some("/users?p=1")))]).limit(10);
    run.slowness = Duration::from_secs(11);
    let error = facts(without(run).0);
    assert_eq!(error.kind, "throttled");
    assert!(error.fix.contains("users-without-licenses-page"), "{}", error.fix);
    let told = "time limit of 10 seconds was used up before it could list the tenant's users, after 1 page with 0 users.";
    assert!(error.message.contains(told), "{}", error.message);
}

/// The same page, cut in two everywhere: between two items, within a text, a number, an
/// escape or a letter of several bytes.
#[test]
fn a_page_may_come_in_any_parts() {
    let mut odd = listed("a\"],}\\ü€", None, true);
    odd["note"] = json!([-12.5e3, null, true]);
    let users = [odd, listed("bela", Some("bela@contoso.com"), true)];
    let body = json!({"@odata.count": 1234, "value": users, "@odata.nextLink": null, "n": 5});
    let whole = serde_json::to_vec_pretty(&body).unwrap();
    let report = |cut: usize| {
        let reply = answer(200, Value::Null).map(|mut response| {
            response.body = Body::default();
            // So many blanks that the second part comes only when the first has been read.
            response.body.push([&[b' '; 70_000], &whole[..cut]].concat());
            response.body.push(whole[cut..].to_vec());
            response
        });
        format!("{:?}", with(Run::new([on(LIST, reply)])).0.unwrap())
    };
    let expected = report(whole.len());
    assert!(expected.contains("ü€") && expected.contains("bela@contoso.com"), "{expected}");
    for cut in 0..whole.len() {
        assert_eq!(report(cut), expected, "cut at byte {cut}");
    }
}

#[test]
fn a_page_that_breaks_off_is_no_page() {
    let whole = br#"{"value": [{"id": "1", "assignedLicenses": [{"skuId": "2"}]}], "n": 12}"#;
    for length in 0..whole.len() {
        let reply = answer(200, Value::Null).map(|mut response| {
            response.body = whole[..length].to_vec().into();
            response
        });
        assert_eq!(facts(with(Run::new([on(LIST, reply)])).0).kind, "transport", "{length}");
    }
}
