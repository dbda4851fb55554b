//! Reports by page: cursors and page sizes.

use crate::reports::{expired, listed, page};
use crate::support::*;
use component::actions::reports::output::copied;
use component::actions::reports::{users_with_licenses_page, users_without_licenses_page};
use component::bindings::connector::office365::types::Error;
use component::bindings::exports::connector::office365::reports::{ReportPage, ReportPageInput};

const LIST: &str = "GET /users?$select=id,displayName,mail,userPrincipalName,assignedLicenses,assignedPlans,provisionedPlans,licenseAssignmentStates&$top=";
const SECOND: &str = "GET /users?$top=2&$skiptoken=m~1";

fn input(cursor: Option<&str>, page_size: Option<u16>) -> ReportPageInput {
    ReportPageInput {
        connection_id: "contoso".into(),
        cursor: cursor.map(str::to_owned),
        page_size,
    }
}

fn with(run: Run, input: ReportPageInput) -> Result<ReportPage, Error> {
    run.act(|host| users_with_licenses_page::run(host, input).map(|page| page.with(copied))).0
}

/// A cursor for the second page.
fn cursor() -> String {
    let users = [listed("anna", None, true), listed("bela", None, false)];
    let run =
        Run::new([on(&format!("{LIST}2"), page(&users, Some("/users?$top=2&$skiptoken=m~1")))]);
    let first = with(run, input(None, Some(2))).unwrap();
    assert_eq!(first.users.len(), 1);
    first.next_cursor.unwrap()
}

/// Where and why `input` is refused, before anything is sent.
fn refused(run: Run, input: ReportPageInput) -> (String, String) {
    let error = facts(with(run, input));
    assert_eq!(error.kind, "invalid-input");
    let [problem] = error.problems.as_slice() else { panic!("{error:?}") };
    (problem.pointer.clone(), problem.message.clone())
}

#[test]
fn a_cursor_continues_the_listing() {
    let cursor = cursor();
    let users = [listed("carl", None, false)];
    let run = Run::new([on(SECOND, page(&users, Some("/users?$skiptoken=3")))]);
    let second = with(run, input(Some(&cursor), None)).unwrap();
    assert_eq!(second.users.len(), 0, "a page may be empty");
    let run = Run::new([on("GET /users?$skiptoken=3", page(&[listed("dora", None, true)], None))]);
    let last = with(run, input(second.next_cursor.as_deref(), None)).unwrap();
    assert_eq!((last.users.len(), last.next_cursor), (1, None));
}

#[test]
fn the_page_size_is_graphs_and_999_when_absent() {
    for (size, top) in [(None, 999), (Some(1), 1), (Some(999), 999)] {
        let run = Run::new([on(&format!("{LIST}{top}"), page(&[], None))]);
        assert_eq!(with(run, input(None, size)).unwrap().next_cursor, None);
    }
    for size in [0, 1000, u16::MAX] {
        let (pointer, message) = refused(Run::new([]), input(None, Some(size)));
        assert_eq!(pointer, "/pageSize");
        assert!(message.contains("expected 1 to 999"), "{message}");
    }
}

#[test]
fn a_cursor_that_was_altered_is_refused() {
    let good = cursor();
    let mut altered: Vec<String> = (0..good.len())
        .map(|index| {
            let mut bytes = good.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            String::from_utf8(bytes).unwrap()
        })
        .collect();
    altered.extend((0..good.len()).map(|length| good[..length].to_owned()));
    altered.extend(["", " ", "A", "!", "ä", "A===", "///"].map(str::to_owned));
    altered.extend([format!("{good}A"), format!("{good}="), format!(" {good}"), good.repeat(2)]);
    for cursor in altered {
        let (pointer, message) = refused(Run::new([]), input(Some(&cursor), None));
        assert_eq!(pointer, "/cursor");
        assert!(message.contains("no cursor of this action and connection"), "{message}");
    }
}

#[test]
fn a_cursor_is_of_one_connection_and_one_action() {
    let cursor = cursor();
    let mut elsewhere = Run::new([]);
    elsewhere.connection.graph_url = "https://graph.microsoft.us/v1.0".to_owned();
    refused(elsewhere, input(Some(&cursor), None));
    let mut other_tenant = Run::new([]);
    other_tenant.connection.tenant = "fabrikam.onmicrosoft.com".to_owned();
    refused(other_tenant, input(Some(&cursor), None));
    let (result, _) = Run::new([])
        .act(|host| users_without_licenses_page::run(host, input(Some(&cursor), None)).map(drop));
    assert_eq!(facts(result).problems[0].pointer, "/cursor");
    // The same connection under another time limit or sender is the same.
    let mut same = Run::new([on(SECOND, page(&[], None))]).limit(7);
    same.connection.sender = Some(ALLEN.to_owned());
    with(same, input(Some(&cursor), None)).unwrap();
}

#[test]
fn all_problems_are_found_at_once() {
    let input = ReportPageInput { connection_id: "fabrikam".into(), ..input(Some("x"), Some(0)) };
    let error = facts(with(Run::new([]), input));
    let pointers: Vec<_> = error.problems.iter().map(|problem| problem.pointer.as_str()).collect();
    // Whether the cursor is right cannot be told without its connection.
    assert_eq!(pointers, ["/connectionId", "/pageSize"]);
}

#[test]
fn an_expired_cursor_is_not_followed_and_says_what_to_do() {
    let error = facts(with(Run::new([on(SECOND, expired())]), input(Some(&cursor()), None)));
    assert_eq!((error.kind, error.retry_safe), ("graph", true));
    assert_eq!(error.fix, "Start the report again without a cursor.");
    assert_eq!(error.graph.unwrap().status, 400);
}

#[test]
fn a_next_page_must_be_another_one_of_the_same_listing() {
    for next in ["/users/delta?$skiptoken=1", "/groups?$skiptoken=1", "/users", SECOND] {
        let next = next.strip_prefix("GET ").unwrap_or(next);
        let run = Run::new([on(SECOND, page(&[], Some(next)))]);
        let error = facts(with(run, input(Some(&cursor()), None)));
        assert_eq!(error.kind, "transport", "{next}");
    }
}
