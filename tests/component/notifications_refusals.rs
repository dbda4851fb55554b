//! What becomes of a mail that Graph does not take, or may have taken: sent again only
//! when it was not taken for certain, and told without a secret.

use component::bindings::connector::office365::connections::Access;
use component::bindings::connector::office365::types::Who;
use component::graph::Reach;

use crate::notifications::*;
use crate::support::*;

/// The error of a mail by `access` that Graph answers with `reply`, once.
pub fn refused(action: &'static str, access: Access, reply: Reply) -> Facts {
    let line = match access {
        Access::AppOnly => SEND_AS_APP,
        Access::Delegated => SEND_AS_USER,
    };
    let mailing = mailing(action);
    let error = facts(mailing.act(run(access, [on(line, reply)])).0);
    for secret in mailing.secrets() {
        assert!(!format!("{error:?}").contains(secret), "a secret is told: {error:?}");
    }
    assert!(error.completed.is_empty());
    error
}

#[test]
fn a_mail_whose_answer_is_lost_is_never_sent_again() {
    let replies = [
        lost(),
        cut(Reach::TooLarge),
        refusal(504, "", ""),
        refusal(502, "", ""),
        refusal(500, "InternalServerError", "Something failed."),
        refusal(501, "NotImplemented", ""),
        // Without a Retry-After it need not be Graph's own.
        refusal(503, "", ""),
        page(507, "Full"),
        refusal(520, "", ""),
        refusal(408, "", ""),
        refusal(499, "", ""),
        // A success of another kind than Graph's comes from somebody else.
        answer(200, serde_json::json!({})),
        no_content(),
    ];
    for action in ALL {
        for reply in &replies {
            let error = refused(action, Access::AppOnly, reply.clone());
            assert_eq!((error.kind, error.retry_safe), ("outcome-unknown", false));
            assert_eq!(error.who, Who::Caller);
            assert!(error.fix.starts_with("Ask anna@fabrikam.com whether the mail came"));
            let kept = error.fix.contains("look among the sent items of the sender noreply@");
            let not_kept = error.fix.contains("has no copy among the sent items");
            let secret = !mailing(action).secrets().is_empty();
            assert_eq!((kept, not_kept), (!secret, secret), "{action}: {}", error.fix);
        }
    }
    let by_user = refused(STATUS, Access::Delegated, lost());
    assert!(by_user.fix.contains("sent items of the signed-in user"), "{}", by_user.fix);
}

#[test]
fn what_was_lost_stays_lost_after_a_wait() {
    let script =
        [on(SEND_AS_APP, refusal(429, "ApplicationThrottled", "")), on(SEND_AS_APP, lost())];
    let (result, seen) = mailing(MACHINE).run(script);
    assert_eq!(facts(result).kind, "outcome-unknown");
    assert_eq!(seen.whole_waits(), [3]);
}

#[test]
fn a_mail_that_was_not_taken_is_sent_again() {
    let replies = [
        with(refusal(429, "ApplicationThrottled", "Over its limit."), "Retry-After", "3"),
        with(refusal(503, "ServiceUnavailable", ""), "Retry-After", "2.5"),
        cut(Reach::NeverSent),
    ];
    for reply in replies {
        let (result, seen) =
            mailing(AWS).run([on(SEND_AS_APP, reply), on(SEND_AS_APP, accepted())]);
        result.unwrap();
        assert_eq!(seen.whole_waits(), [3]);
        assert_eq!(seen.requests[0].body, seen.requests[1].body);
        assert!(seen.requests[1].headers.contains(&("retry-attempt", "1".to_owned())));
    }
    let busy = refusal(429, "ApplicationThrottled", "Over its limit.");
    let error = facts(mailing(AWS).run([times(4, SEND_AS_APP, busy)]).0);
    assert_eq!((error.kind, error.retry_safe, error.who), ("throttled", true, Who::Wait));
}

/// The limit is one of a day, for which no run waits.
#[test]
fn a_mailbox_that_has_sent_all_that_it_may_is_told_at_once() {
    let limit = || refusal(429, "ErrorExceededMessageLimit", "Cannot send mail.");
    for (reply, retry_after) in
        [(limit(), None), (with(limit(), "Retry-After", "3600"), Some(3_600))]
    {
        let error = refused(STATUS, Access::AppOnly, reply);
        assert_eq!((error.kind, error.who), ("throttled", Who::Wait));
        assert_eq!((error.retry_after, error.retry_safe), (retry_after, true));
        assert!(error.message.contains("reached its limit of messages"), "{}", error.message);
        assert!(error.fix.contains("another mailbox"), "{}", error.fix);
    }
}

#[test]
fn a_missing_permission_is_named_by_its_kind() {
    let denied = || refusal(403, "ErrorAccessDenied", "Access is denied. Check credentials.");
    for action in ALL {
        let error = refused(action, Access::AppOnly, denied());
        assert_eq!((error.kind, error.who), ("forbidden", Who::TenantAdmin));
        assert!(error.fix.contains("the application permission Mail.Send"), "{}", error.fix);
        assert!(error.fix.contains("application access policy"), "{}", error.fix);
        assert!(error.message.contains("Access is denied."), "{}", error.message);
        let error = refused(action, Access::Delegated, denied());
        assert_eq!((error.kind, error.who), ("forbidden", Who::TenantAdmin));
        assert!(error.fix.contains("the delegated permission Mail.Send"), "{}", error.fix);
    }
    let claims = with(denied(), "WWW-Authenticate", "Bearer error=\"insufficient_claims\"");
    let error = refused(STATUS, Access::Delegated, claims);
    assert_eq!(error.kind, "forbidden");
    assert!(error.fix.contains("conditional access"), "{}", error.fix);
}

#[test]
fn a_sender_that_may_not_send_as_the_mailbox_is_told_so() {
    for status in [400, 403] {
        let denied = refusal(status, "ErrorSendAsDenied", "No right to send.");
        let error = refused(STATUS, Access::AppOnly, denied);
        assert_eq!((error.kind, error.who), ("forbidden", Who::TenantAdmin));
        assert!(error.fix.contains("permission to send as the mailbox"), "{}", error.fix);
        assert_eq!(error.graph.unwrap().code, "ErrorSendAsDenied");
    }
}

#[test]
fn a_sender_without_a_mailbox_is_named() {
    let replies = [
        refusal(404, "MailboxNotEnabledForRESTAPI", "REST API is not yet supported."),
        refusal(404, "ResourceNotFound", "Resource could not be discovered."),
        refusal(404, "Request_ResourceNotFound", "Resource does not exist."),
        refusal(404, "ErrorInvalidUser", "The requested user is invalid."),
        refusal(400, "ErrorInvalidUser", "The requested user is invalid."),
        refusal(403, "ErrorInvalidUser", "The requested user is invalid."),
    ];
    for reply in replies {
        let error = refused(KEYS, Access::AppOnly, reply.clone());
        assert_eq!((error.kind, error.who), ("not-found", Who::TenantAdmin));
        assert!(error.message.contains("sender noreply@contoso.onmicrosoft.com is not usable"));
        for advice in ["licence", "15 minutes", "`sender`", "on premises"] {
            assert!(error.fix.contains(advice), "{advice}: {}", error.fix);
        }
        let error = refused(KEYS, Access::Delegated, reply);
        assert!(error.fix.contains("sign the connection in as a user who has one"));
    }
}

#[test]
fn a_recipient_that_graph_refuses_is_wrong_input() {
    let reply = refusal(400, "ErrorInvalidRecipients", "At least one recipient is not valid.");
    for action in ALL {
        let error = refused(action, Access::AppOnly, reply.clone());
        assert_eq!((error.kind, error.who), ("invalid-input", Who::Caller));
        assert_eq!(error.problems.len(), 1);
        assert_eq!(error.problems[0].pointer, "/recipient");
        assert_eq!(error.graph.unwrap().status, 400);
    }
}

#[test]
fn a_mail_that_is_too_large_for_graph_is_wrong_input() {
    let error = refused(AWS, Access::AppOnly, refusal(413, "", "Too large."));
    assert_eq!((error.kind, error.who), ("invalid-input", Who::Caller));
    assert!(error.message.contains("is too large"), "{}", error.message);
}

#[test]
fn other_refusals_are_those_of_any_action() {
    let cases = [
        (401, "InvalidAuthenticationToken", "unauthorized"),
        (400, "ErrorSomethingElse", "graph"),
        (302, "", "transport"),
    ];
    for (status, code, kind) in cases {
        let error = refused(STATUS, Access::AppOnly, refusal(status, code, "No."));
        assert_eq!(error.kind, kind, "{status}");
        assert!(error.message.contains("send the mail to anna@fabrikam.com"));
    }
}

#[test]
fn a_secret_leaves_no_trace_in_the_waits() {
    let waits = |password: &str| {
        let busy = on(SEND_AS_APP, refusal(429, "", ""));
        let script = [busy, on(SEND_AS_APP, accepted())];
        mailing(MACHINE).with("password", password).run(script).1.waits
    };
    assert_eq!(waits("Tr4il mix"), waits("an0ther Mix"));
}
