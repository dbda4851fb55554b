//! What Graph's error codes mean: the cause by code and details, never by guess.

use crate::notifications::STATUS;
use crate::notifications_refusals::refused;
use crate::support::*;
use component::bindings::connector::office365::connections::Access;
use component::bindings::connector::office365::types::Who;
use serde_json::{Value, json};

fn count(reply: Reply) -> Facts {
    facts(Run::new([on(GET_SKUS, reply)]).count().0)
}

/// What `create-user` says when Graph refuses the user with `error`.
fn create(status: u16, error: Value) -> Facts {
    let refusal = answer(status, json!({"error": error}));
    facts(Run::new([on(GET_SKUS, skus(2, 1)), on(CREATE, refusal)]).create_user().0)
}

#[test]
fn a_sign_in_that_is_not_accepted_has_its_cause() {
    let cases = [
        (
            "NoPermissionsInAccessToken",
            "The token contains no permissions.",
            "forbidden",
            "LicenseAssignment.Read.All",
        ),
        (
            "Authorization_IdentityNotFound",
            "The identity is not found.",
            "unauthorized",
            "consent to the application",
        ),
        (
            "InvalidAuthenticationToken",
            "Access token validation failure. Invalid audience.",
            "unauthorized",
            "`cloud`",
        ),
        (
            "InvalidAuthenticationToken",
            "Lifetime validation failed, the token is expired.",
            "unauthorized",
            "app registration and its secret",
        ),
        (
            "InvalidAuthenticationToken",
            "CompactToken parsing failed.",
            "unauthorized",
            "app registration and its secret",
        ),
    ];
    for (code, message, kind, fix) in cases {
        for status in [401, 403] {
            let error = count(refusal(status, code, message));
            if status == 401 || code != "InvalidAuthenticationToken" {
                assert_eq!(error.kind, kind, "{code}");
                assert!(error.fix.contains(fix), "{code}: {}", error.fix);
            }
            assert!(error.message.contains(message), "{}", error.message);
            assert_eq!(error.who, Who::TenantAdmin);
            assert_eq!(error.graph.unwrap().code, code);
        }
    }
}

/// Where the host says that the token has the permission, a role is what is missing.
#[test]
fn a_role_comes_first_where_the_permission_is_granted() {
    let denied = || refusal(403, "Authorization_RequestDenied", "Insufficient privileges.");
    let granted = || with(denied(), "o365-permission", "granted");
    for (access, whom) in [
        (Access::Delegated, "the signed-in user a role"),
        (Access::AppOnly, "the application a role"),
    ] {
        let delete = |reply| {
            let mut run = Run::new([on(DELETE_BY_NAME, reply)]);
            run.connection.access = access;
            facts(run.delete(ALLEN).0)
        };
        let (missing, role) = (delete(denied()), delete(granted()));
        assert_eq!((missing.kind, role.kind), ("forbidden", "forbidden"));
        assert!(missing.fix.starts_with("Grant the app registration"), "{}", missing.fix);
        assert!(role.fix.starts_with(&format!("Give {whom}")), "{}", role.fix);
        assert!(role.fix.contains("User Administrator"), "{}", role.fix);
        let mail = refused(STATUS, access, granted());
        assert!(mail.fix.contains("access policy"), "{}", mail.fix);
    }
}

#[test]
fn the_details_lead_to_the_input() {
    let cases = [
        ("mailNickname", "/mailNickname", Who::Caller),
        ("userPrincipalName", "/mailNickname", Who::Caller),
        ("proxyAddresses", "/mailNickname", Who::Caller),
        ("displayName", "/displayName", Who::Caller),
        ("passwordProfile.password", "/password", Who::Caller),
        ("password", "/password", Who::Caller),
        ("usageLocation", "/usageLocation", Who::Caller),
        ("onPremisesImmutableId", "/connectionId", Who::TenantAdmin),
    ];
    for (target, pointer, who) in cases {
        let details = json!([{"code": "InvalidValue", "target": target}]);
        let in_details = json!({"code": "Request_BadRequest", "message": "Invalid value specified.", "details": details});
        let beside =
            json!({"code": "Request_BadRequest", "message": "Invalid value.", "target": target});
        for error in [in_details, beside] {
            let error = create(400, error);
            assert_eq!((error.kind, error.who), ("invalid-input", who), "{target}");
            assert_eq!(error.problems[0].pointer, pointer, "{target}");
        }
    }
    // The details tell more than the message, which speaks of something else.
    let error = create(
        400,
        json!({"code": "Request_BadRequest", "message": "See the rules for a password.",
        "details": [{"code": "InvalidLength", "target": "displayName"}]}),
    );
    assert_eq!(error.problems[0].pointer, "/displayName");
    let error = create(
        400,
        json!({"code": "Request_BadRequest", "message": "No.",
        "details": [{"code": "InvalidValue", "target": "somethingNew"}]}),
    );
    assert_eq!(error.kind, "graph");
}

#[test]
fn a_name_that_is_taken_says_what_has_it() {
    let conflict = |target: &str| {
        json!({"code": "Request_BadRequest", "message": "No.",
        "details": [{"code": "ObjectConflict", "target": target}]})
    };
    let both = json!({"code": "Request_BadRequest", "message": "No.", "details": [
        {"code": "ConflictingObjects", "target": "proxyAddresses"},
        {"code": "ConflictingObjects", "target": "userPrincipalName"}]});
    let text = |message: &str| json!({"code": "Request_BadRequest", "message": message});
    let by_user = [
        conflict("userPrincipalName"),
        conflict(""),
        both,
        text("Another object with the same value for property userPrincipalName already exists."),
    ];
    for error in by_user {
        for status in [400, 409] {
            let error = create(status, error.clone());
            assert_eq!((error.kind, error.who), ("already-exists", Who::Caller));
            assert!(error.message.starts_with("A user with the name"), "{}", error.message);
            assert!(error.fix.contains("assign-license-to-existing-user"));
        }
    }
    let by_anything = [
        conflict("proxyAddresses"),
        conflict("mailNickname"),
        text("Another object with the same value for property proxyAddresses already exists."),
        text(
            "A conflicting object with one or more of the specified property values is present in the directory.",
        ),
    ];
    for error in by_anything {
        let error = create(400, error);
        assert_eq!((error.kind, error.who), ("already-exists", Who::Caller));
        assert!(
            error.message.contains("a group, a contact or a deleted user"),
            "{}",
            error.message
        );
        assert!(!error.fix.contains("assign-license"), "{}", error.fix);
    }
    // Another property's conflict is no name that is taken, nor is one of another status.
    let other = create(
        400,
        json!({"code": "Request_BadRequest", "message": "No.",
        "details": [{"code": "ObjectConflict", "target": "onPremisesImmutableId"}]}),
    );
    assert_eq!(other.kind, "invalid-input");
    assert_ne!(create(403, conflict("userPrincipalName")).kind, "already-exists");
}

/// Entra creates users of a federated domain only with an id from the other side.
#[test]
fn a_federated_domain_is_the_connections_fault() {
    for message in [
        "Property SourceAnchor is required for federated domains.",
        "The source anchor is missing.",
        "Property immutableId is invalid.",
    ] {
        let error = create(400, json!({"code": "Request_BadRequest", "message": message}));
        assert_eq!((error.kind, error.who), ("invalid-input", Who::TenantAdmin));
        assert_eq!(error.problems[0].pointer, "/connectionId");
        assert!(error.fix.contains("managed domain"), "{}", error.fix);
    }
}

/// 503 with a time in it is Graph's own way to throttle, and so is 509.
#[test]
fn what_never_stops_asking_to_wait_is_throttled() {
    let asked = |status| with(refusal(status, "ServiceUnavailable", "Busy."), "Retry-After", "5");
    for status in [429, 503, 509] {
        let (result, seen) = Run::new([times(4, GET_SKUS, asked(status))]).count();
        assert_eq!(seen.whole_waits(), [5, 5, 5], "{status}");
        let error = facts(result);
        assert_eq!((error.kind, error.who), ("throttled", Who::Wait), "{status}");
        assert_eq!(error.retry_after, Some(5));
        assert_eq!(error.graph.unwrap().status, status);
    }
    let script = [on(GET_SKUS, refusal(509, "", "Bandwidth.")), on(GET_SKUS, skus(25, 11))];
    assert_eq!(Run::new(script).count().0.unwrap(), 14);
    let untimed = facts(Run::new([times(4, GET_SKUS, refusal(503, "", "Busy."))]).count().0);
    assert_eq!(untimed.kind, "transport");
}

#[test]
fn a_run_that_ends_at_its_own_limit_says_so() {
    let mut run = Run::new([on(GET_SKUS, lost())]).limit(30);
    run.slowness = std::time::Duration::from_secs(30);
    let error = facts(run.count().0);
    assert_eq!(error.kind, "throttled");
    assert!(error.message.contains("time limit of 30 seconds was used up"), "{}", error.message);
    assert!(!error.fix.contains("network"), "{}", error.fix);
    // A network that fails within the limit is one.
    let mut run = Run::new([on(GET_SKUS, lost())]).limit(30);
    run.slowness = std::time::Duration::from_secs(28);
    assert_eq!(facts(run.count().0).kind, "transport");
}

/// Exchange's codes, of which some come with statuses that would mean a lost answer.
#[test]
fn exchange_says_why_a_mailbox_does_not_send() {
    let cases = [
        ("ErrorExceededMessageLimit", "throttled", "24 hours"),
        ("ErrorMessageSubmissionBlocked", "forbidden", "restricted entities"),
        ("ErrorAccountSuspend", "forbidden", "Sign in to the account"),
        ("ErrorQuotaExceeded", "graph", "raise its quota"),
        ("ErrorMessageSizeExceeded", "invalid-input", "Shorten"),
        ("ErrorSendAsDenied", "forbidden", "send as the mailbox"),
    ];
    for (code, kind, fix) in cases {
        for status in [400, 403, 507] {
            for access in [Access::AppOnly, Access::Delegated] {
                let error = refused(STATUS, access, refusal(status, code, "No."));
                assert_eq!(error.kind, kind, "{status} {code}");
                assert!(error.fix.contains(fix), "{}", error.fix);
                assert!(error.retry_safe, "it was refused");
                assert_eq!(error.graph.unwrap().code, code);
            }
        }
    }
    let large = refused(STATUS, Access::AppOnly, refusal(413, "", ""));
    let told = "too large: Graph answered 413 with an error: status 413 without a message";
    assert!(large.message.contains(told), "{}", large.message);
    let error = refused(STATUS, Access::AppOnly, refusal(507, "InsufficientStorage", "Full."));
    assert_eq!((error.kind, error.retry_safe), ("graph", true));
}
