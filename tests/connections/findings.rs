//! What the checks of a connection find in clocks and tokens.

use jiff::Timestamp;
use runner::connections::verification::{
    Answered, Check, Finding, Verdict, clock, permissions, tenant,
};
use runner::contract::{Access, Policy};

#[test]
fn clocks_that_are_far_apart_are_a_warning_in_both_directions() {
    let at = |seconds: i64| Timestamp::from_second(1_800_000_000 + seconds).unwrap();
    let answer = |theirs| Answered {
        finding: Finding::passed(Check::GraphHost, ""),
        host: "graph.contoso.com".to_owned(),
        clocks: Some((theirs, at(0))),
    };
    for (seconds, verdict) in [
        (0, Verdict::Passed),
        (300, Verdict::Passed),
        (301, Verdict::Warning),
        (-300, Verdict::Passed),
        (-301, Verdict::Warning),
    ] {
        let finding = clock(&[answer(at(0)), answer(at(seconds))]);
        assert_eq!(finding.verdict, verdict, "{seconds}: {}", finding.message);
    }
    assert_eq!(clock(&[]).verdict, Verdict::Warning);
}

fn judge(claims: &str, access: Access) -> Finding {
    let claims = serde_json::from_str(claims).unwrap();
    permissions(Some(&claims), access, &Policy::embedded().unwrap())
}

#[test]
fn missing_and_excess_permissions_are_named() {
    let all = r#"{"roles": ["User.ReadWrite.All", "Organization.Read.All", "Mail.Send"]}"#;
    assert_eq!(judge(all, Access::AppOnly).verdict, Verdict::Passed);
    let few = judge(r#"{"roles": ["User.ReadWrite.All", "Files.Read.All"]}"#, Access::AppOnly);
    assert_eq!(few.verdict, Verdict::Warning);
    for part in ["Mail.Send (for send-", "Organization.Read.All (for ", "Files.Read.All."] {
        assert!(few.message.contains(part), "{part}: {}", few.message);
    }
    let user = r#"{"scp": "openid User.ReadWrite.All Organization.Read.All Mail.Send"}"#;
    assert_eq!(judge(user, Access::Delegated).verdict, Verdict::Passed);
}

#[test]
fn a_token_that_shows_nothing_is_told_as_such() {
    let opaque = permissions(None, Access::AppOnly, &Policy::embedded().unwrap());
    assert_eq!(opaque.message, "The token does not show its permissions.");
    // An application's token without the claim has no permission at all.
    let none = judge(r#"{"tid": "t"}"#, Access::AppOnly);
    assert!(none.message.starts_with("The token lacks "), "{}", none.message);
    assert_eq!(tenant(None, "contoso.com").verdict, Verdict::Warning);
}
