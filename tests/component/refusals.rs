//! From Graph's refusals to the contract's errors.

use crate::support::*;
use component::bindings::connector::office365::connections::Access;
use component::bindings::connector::office365::types::Who;
use serde_json::json;

#[test]
fn a_status_becomes_a_case() {
    let cases = [
        (400, "Request_BadRequest", "graph", Who::Caller),
        (401, "InvalidAuthenticationToken", "unauthorized", Who::TenantAdmin),
        (403, "Authorization_RequestDenied", "forbidden", Who::TenantAdmin),
        (403, "Directory_QuotaExceeded", "graph", Who::TenantAdmin),
        (404, "Request_ResourceNotFound", "not-found", Who::Caller),
        (404, "UnknownError", "graph", Who::Caller),
        (409, "Conflict", "graph", Who::Wait),
        (423, "Locked", "graph", Who::Wait),
        (500, "InternalServerError", "graph", Who::Wait),
        (502, "BadGateway", "transport", Who::Wait),
        (307, "", "transport", Who::Wait),
    ];
    for (status, code, kind, who) in cases {
        let reply = with(refusal(status, code, "Graph's own words."), "request-id", "r-1");
        let error = facts(Run::new([on(GET_BY_NAME, reply)]).assign().0);
        assert_eq!((error.kind, error.who), (kind, who), "{status} {code}");
        assert!(error.message.contains("Graph's own words."), "{}", error.message);
        assert!(error.message.contains(ALLEN), "{}", error.message);
        let graph = error.graph.unwrap();
        assert_eq!((graph.status, graph.code.as_str()), (status, code));
        assert_eq!(graph.message, "Graph's own words.");
        assert_eq!(graph.request_id.as_deref(), Some("r-1"));
    }
}

#[test]
fn a_missing_permission_is_named() {
    let denied = || refusal(403, "Authorization_RequestDenied", "Insufficient privileges.");
    let found = || on(GET_BY_NAME, shown(false));
    let listed = || on(GET_SKUS, skus(2, 1));
    for (access, kind) in [(Access::Delegated, "delegated"), (Access::AppOnly, "application")] {
        let fix = |steps: Vec<Step>, delete: bool, create: bool| {
            let mut run = Run::new(steps);
            run.connection.access = access;
            let error = if delete {
                facts(run.delete(ALLEN).0)
            } else if create {
                facts(run.create_user().0)
            } else {
                facts(run.assign().0)
            };
            assert_eq!(error.kind, "forbidden");
            error.fix
        };
        let cases = [
            (fix(vec![on(GET_BY_NAME, denied())], false, false), "User.Read.All"),
            (
                fix(vec![found(), on(GET_SKUS, denied())], false, false),
                "LicenseAssignment.Read.All",
            ),
            (
                fix(vec![found(), listed(), on(ASSIGN, denied())], false, false),
                "LicenseAssignment.ReadWrite.All",
            ),
            (fix(vec![listed(), on(CREATE, denied())], false, true), "User.ReadWrite.All"),
            (fix(vec![on(DELETE_BY_NAME, denied())], true, false), "User.DeleteRestore.All"),
        ];
        for (fix, permission) in cases {
            assert!(fix.contains(&format!("{kind} permission {permission}")), "{fix}");
        }
    }
}

#[test]
fn conditional_access_is_named() {
    let challenge = "Bearer error=\"insufficient_claims\", claims=\"e30=\"";
    let denied = with(refusal(403, "AccessDenied", "No."), "WWW-Authenticate", challenge);
    let error = facts(Run::new([on(GET_SKUS, denied)]).count().0);
    assert_eq!(error.kind, "forbidden");
    assert!(error.fix.contains("conditional access"), "{}", error.fix);
    let denied =
        with(refusal(401, "InvalidAuthenticationToken", "No."), "WWW-Authenticate", challenge);
    let error = facts(Run::new([on(GET_SKUS, denied)]).count().0);
    assert!(
        error.kind == "unauthorized" && error.fix.contains("conditional access"),
        "{}",
        error.fix
    );
}

#[test]
fn nobody_is_sent_to_sign_in_where_the_application_does() {
    let challenge = "Bearer error=\"insufficient_claims\", claims=\"e30=\"";
    let refused = || refusal(401, "InvalidAuthenticationToken", "No.");
    for (access, again) in [(Access::Delegated, true), (Access::AppOnly, false)] {
        for reply in [refused(), with(refused(), "WWW-Authenticate", challenge)] {
            let mut run = Run::new([on(GET_SKUS, reply)]);
            run.connection.access = access;
            let fix = facts(run.count().0).fix;
            assert_eq!(fix.contains("Sign the connection in again"), again, "{access:?}: {fix}");
        }
        let mut run = Run::new([on(GET_SKUS, refused())]);
        run.connection.access = access;
        let fix = facts(run.count().0).fix;
        assert_eq!(fix.contains("app registration and its secret"), !again, "{access:?}: {fix}");
    }
}

#[test]
fn error_bodies_of_every_shape_are_read() {
    let nested = json!({"error": {"code": "Request_BadRequest", "message": "m",
        "innerError": {"code": "x", "request-id": "outer",
            "innererror": {"code": "Request_ResourceNotFound", "request-id": "inner"}}}});
    let error = facts(Run::new([on(GET_BY_NAME, answer(404, nested))]).assign().0);
    assert_eq!(error.kind, "not-found", "the innermost code that is understood counts");
    let graph = error.graph.unwrap();
    assert_eq!(graph.code, "Request_BadRequest", "the record has the outer code");
    assert_eq!(graph.request_id.as_deref(), Some("inner"));

    let known_twice = json!({"error": {"code": "Directory_ObjectNotFound", "message": "m",
        "innerError": {"code": "Request_ResourceNotFound"}}});
    let error = facts(Run::new([on(GET_BY_NAME, answer(404, known_twice))]).assign().0);
    assert_eq!(error.kind, "not-found", "the inner one, when both are understood");

    let unknown_inside = json!({"error": {"code": "Request_ResourceNotFound", "message": "m",
        "innererror": {"code": "SomethingNew"}}});
    assert_eq!(
        facts(Run::new([on(GET_BY_NAME, answer(404, unknown_inside))]).assign().0).kind,
        "not-found"
    );

    let bare = refusal(400, "", "");
    let graph = facts(Run::new([on(GET_BY_NAME, bare)]).assign().0).graph.unwrap();
    assert_eq!((graph.status, graph.code.as_str(), graph.message.as_str()), (400, "", ""));
}

#[test]
fn refusals_to_assign_become_cases() {
    let cases = [
        (
            "License assignment cannot be done for user with invalid usage location.",
            "license-unavailable",
            Who::TenantAdmin,
            "usage location",
        ),
        (
            "Subscription with SKU x does not have any available licenses.",
            "license-unavailable",
            Who::LicenseAdmin,
            "Buy more seats",
        ),
        (
            "License assignment failed because service plans a, b are MUTUALLY EXCLUSIVE.",
            "license-unavailable",
            Who::LicenseAdmin,
            "conflicting",
        ),
        (
            "License assignment failed because service plan a depends on the service plan b.",
            "license-unavailable",
            Who::LicenseAdmin,
            "depends",
        ),
        (
            "License x cannot be assigned to a user.",
            "license-unavailable",
            Who::Caller,
            "for users",
        ),
        (
            "License x does not correspond to a valid company License.",
            "not-found",
            Who::Caller,
            "import the catalog",
        ),
        ("Something that nobody has seen yet.", "graph", Who::Caller, ""),
    ];
    for (text, kind, who, fix) in cases {
        let run = Run::new([
            on(GET_BY_NAME, shown(false)),
            on(GET_SKUS, skus(2, 1)),
            on(ASSIGN, refusal(400, "Request_BadRequest", text)),
        ]);
        let (result, seen) = run.assign();
        assert_eq!(seen.waits, [], "no replication for a user that existed before");
        let error = facts(result);
        assert_eq!((error.kind, error.who), (kind, who), "{text}");
        assert!(error.fix.contains(fix), "{}", error.fix);
        assert_eq!(error.graph.unwrap().message, text);
    }
}

#[test]
fn refusals_to_create_become_cases() {
    let detail = |code: &str, target: &str| {
        json!({"error": {"code": "Request_BadRequest", "message": "Another object.",
            "details": [{"code": code, "target": target}]}})
    };
    let text = |message: &str| json!({"error": {"code": "Request_BadRequest", "message": message}});
    let cases = [
        (detail("ObjectConflict", "userPrincipalName"), "already-exists", ""),
        (detail("ConflictingObjects", "proxyAddresses"), "already-exists", ""),
        (
            text(
                "Another object with the same value for property userPrincipalName already exists.",
            ),
            "already-exists",
            "",
        ),
        (detail("InvalidValue", "jobTitle"), "graph", ""),
        (
            text("The domain portion of the userPrincipalName property is invalid."),
            "invalid-input",
            "/connectionId",
        ),
        (
            text("The specified password does not comply with password complexity requirements."),
            "invalid-input",
            "/password",
        ),
        (
            text("Invalid value specified for property 'usageLocation' of resource 'User'."),
            "invalid-input",
            "/usageLocation",
        ),
    ];
    for (body, kind, pointer) in cases {
        let reply = answer(400, body.clone());
        let error = facts(Run::new([on(GET_SKUS, skus(2, 1)), on(CREATE, reply)]).create_user().0);
        assert_eq!(error.kind, kind, "{body}");
        let pointers: Vec<_> =
            error.problems.iter().map(|problem| problem.pointer.as_str()).collect();
        assert_eq!(pointers.concat(), pointer);
        if pointer == "/connectionId" {
            assert_eq!(error.who, Who::TenantAdmin);
        }
        assert_eq!(error.completed, Vec::<String>::new());
        assert_eq!(error.graph.unwrap().status, 400);
    }
}

#[test]
fn an_application_is_told_to_check_its_registration() {
    for (access, fix) in
        [(Access::Delegated, "Sign the connection in again."), (Access::AppOnly, "its secret")]
    {
        let expired = refusal(401, "InvalidAuthenticationToken", "No.");
        let mut run = Run::new([on(GET_SKUS, expired)]);
        run.connection.access = access;
        let error = facts(run.count().0);
        assert_eq!(error.kind, "unauthorized");
        assert!(error.fix.contains(fix), "{}", error.fix);
    }
}
