//! Who answered: Graph, or something between here and Graph.

use crate::support::*;
use component::bindings::connector::office365::types::Who;
use serde_json::json;

/// What a page between here and Graph answers is no word of Graph's: not on permissions,
/// sign-ins, names or secrets.
#[test]
fn a_page_is_told_as_one_whatever_its_status() {
    for status in [200, 302, 400, 401, 403, 404, 407, 409, 423, 451, 500, 501, 502, 511] {
        let error = facts(Run::new([on(GET_SKUS, page(status, "Blocked &amp; logged"))]).count().0);
        assert_eq!(error.kind, "transport", "{status}");
        let told = format!(
            "something between here and Graph answered {status} (HTML, title \"Blocked & logged\")"
        );
        assert!(error.message.contains(&told), "{}", error.message);
        assert!(error.graph.is_none() && !error.message.contains('<'));
        for wrong in ["permission", "secret", "Correct what"] {
            assert!(!error.fix.contains(wrong), "{}", error.fix);
        }
    }
    for status in [400, 403, 404] {
        let error = facts(Run::new([on(GET_SKUS, page(status, "x"))]).count().0);
        assert_eq!(error.who, Who::TenantAdmin);
        assert!(error.fix.contains("proxy, the firewall and the connection's `graph-url`"));
    }
}

/// 407 is for proxies, and 511 for networks; the form of the body does not matter.
#[test]
fn two_statuses_are_never_graphs() {
    for (status, fix) in [(407, "credentials"), (511, "Sign in to the network")] {
        for reply in [refusal(status, "Authorization_RequestDenied", "No."), page(status, "x")] {
            for error in [
                facts(Run::new([on(GET_SKUS, reply.clone())]).count().0),
                facts(Run::new([on(DELETE_BY_NAME, reply.clone())]).delete(ALLEN).0),
            ] {
                assert_eq!((error.kind, error.retry_safe), ("transport", true));
                assert!(error.fix.contains(fix), "{}", error.fix);
                assert!(error.graph.is_none());
            }
        }
    }
}

/// Only 404 with Graph's own code means that a user does not exist.
#[test]
fn a_page_does_not_delete_a_user() {
    for status in [401, 403, 404, 410] {
        let error = facts(Run::new([on(DELETE_BY_NAME, page(status, "x"))]).delete(ALLEN).0);
        assert_eq!(error.kind, "transport", "{status}");
    }
}

#[test]
fn a_page_is_described_without_its_markup() {
    let long = format!("<title>{}</title>", "a title ".repeat(60));
    let cases = [
        ("text/html", "<html><body>no title</body>", "HTML without a title"),
        ("text/html", "<TITLE\nlang=en> Sign \n in </TITLE>", "HTML, title \"Sign in\""),
        ("text/html", "<title>a<b>c</title>", "HTML, title \"a\""),
        ("text/html", "<title></title>", "HTML without a title"),
        ("text/html", "<title", "HTML without a title"),
        ("text/html", "<title>&lt;script&gt;x \"y\"", "HTML, title \"scriptx 'y'\""),
        ("application/json", "<title>t</title>", "HTML, title \"t\""),
        ("text/plain", "upstream connect error", "text \"upstream connect error\""),
        ("text/plain", "an <b>odd</b> text", "neither JSON nor text"),
        ("application/json", "{\"message\": \"denied\"}", "JSON that is not Graph's"),
        ("application/json", "{\"error\": {\"message\": \"m\"}}", "JSON that is not Graph's"),
        ("application/json", "{\"error\":7}", "JSON that is not Graph's"),
        ("application/json", "null", "JSON that is not Graph's"),
        ("application/json", "{\"error\":", "JSON that cannot be read"),
        ("", "", "without a body"),
        ("text/html", &long, "HTML, title \"a title a title"),
    ];
    for (kind, body, told) in cases {
        let reply = answer(403, json!(null)).map(|mut response| {
            response.headers.push(("content-type".to_owned(), kind.to_owned()));
            response.body = body.as_bytes().to_vec().into();
            response
        });
        let error = facts(Run::new([on(GET_SKUS, reply)]).count().0);
        assert_eq!(error.kind, "transport", "{body}");
        assert!(error.message.contains(&format!("403 ({told}")), "{}", error.message);
        assert!(error.message.len() < 300 && !error.message.contains(['<', '\n']));
    }
}

/// A gateway's 429, 503 and 504 are waited out as Graph's own are.
#[test]
fn a_busy_gateway_is_waited_for() {
    for status in [429, 503, 504] {
        let script = [on(GET_SKUS, page(status, "busy")), on(GET_SKUS, skus(25, 11))];
        let (result, seen) = Run::new(script).count();
        assert_eq!((result.unwrap(), seen.whole_waits()), (14, vec![3]), "{status}");
    }
    let error = facts(Run::new([times(4, GET_SKUS, page(503, "busy"))]).count().0);
    assert_eq!((error.kind, error.who), ("transport", Who::Wait));
    let error = facts(Run::new([times(4, GET_SKUS, page(429, "busy"))]).count().0);
    assert_eq!((error.kind, error.graph.is_none()), ("throttled", true));
    assert!(error.message.contains("something before it"), "{}", error.message);
}
