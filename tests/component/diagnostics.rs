//! Checking a connection.

use crate::support::*;
use component::actions::diagnostics::verify_connection;
use component::bindings::connector::office365::connections::Access;
use component::bindings::connector::office365::types::{Error, Who};
use component::bindings::exports::connector::office365::diagnostics::{
    Check, Finding, Verdict, Verification, VerifyConnectionInput,
};
use component::graph::Reach;
use serde_json::{Value, json};

const ORGANIZATION: &str = "GET /organization?$select=id,displayName,verifiedDomains";
const ME: &str =
    "GET /me?$select=id,displayName,mail,userPrincipalName,accountEnabled,assignedPlans";
const SENDER: &str = "GET /users/allen@contoso.onmicrosoft.com?$select=id,displayName,mail,userPrincipalName,accountEnabled,assignedPlans";
const SKUS: &str = "GET /subscribedSkus?$select=skuId,skuPartNumber,appliesTo,capabilityStatus,consumedUnits,prepaidUnits";

fn verify(run: Run) -> (Result<Verification, Error>, Seen) {
    let input = VerifyConnectionInput { connection_id: "contoso".into() };
    run.act(|host| verify_connection::run(host, input))
}

/// The findings, which are one for each check in order.
fn findings(run: Run) -> [Finding; 4] {
    let verification = verify(run).0.unwrap();
    let checks: Vec<Check> = verification.findings.iter().map(|finding| finding.check).collect();
    assert_eq!(checks, [Check::Tenant, Check::Domain, Check::Sender, Check::Seats]);
    let failed = verification.findings.iter().any(|finding| finding.verdict == Verdict::Failed);
    assert_eq!(verification.usable, !failed);
    for finding in &verification.findings {
        let passed = finding.verdict == Verdict::Passed;
        assert_eq!(finding.fix.is_none(), passed, "{finding:?}");
        assert_eq!(finding.who.is_none(), passed, "{finding:?}");
    }
    verification.findings.try_into().unwrap()
}

fn verdicts(findings: &[Finding; 4]) -> [Verdict; 4] {
    findings.each_ref().map(|finding| finding.verdict)
}

fn organization(domains: &[&str]) -> Reply {
    let domains: Vec<Value> = domains.iter().map(|name| json!({"name": name})).collect();
    answer(
        200,
        json!({"value": [{"id": ID, "displayName": "Contoso", "verifiedDomains": domains}]}),
    )
}

fn contoso() -> Step {
    on(ORGANIZATION, organization(&["contoso.com", "Contoso.onmicrosoft.com"]))
}

/// An application's connection that sends as Allen.
fn as_allen(steps: impl IntoIterator<Item = Step>) -> Run {
    let mut run = Run::new(steps);
    run.connection.sender = Some(ALLEN.to_owned());
    run
}

fn owner(mail: Value, plans: Value) -> Reply {
    answer(200, json!({"id": ID, "userPrincipalName": ALLEN, "mail": mail, "assignedPlans": plans}))
}

fn mailbox() -> Reply {
    owner(json!("allen@contoso.com"), json!([]))
}

fn denied() -> Reply {
    refusal(403, "Authorization_RequestDenied", "Insufficient privileges.")
}

#[test]
fn a_connection_in_order_passes_all_checks() {
    let findings = findings(as_allen([contoso(), on(SENDER, mailbox()), on(SKUS, skus(25, 10))]));
    assert_eq!(verdicts(&findings), [Verdict::Passed; 4]);
    let [tenant, domain, sender, seats] = findings.map(|finding| finding.message);
    assert!(tenant.contains("Contoso") && tenant.contains(ID), "{tenant}");
    assert!(domain.contains("contoso.onmicrosoft.com"), "{domain}");
    assert!(sender.contains(ALLEN), "{sender}");
    assert!(seats.ends_with(": 1 of 1."), "{seats}");
}

#[test]
fn the_sender_is_the_signed_in_user_or_the_one_that_is_named_for_an_application() {
    let mut run = Run::new([contoso(), on(ME, mailbox()), on(SKUS, skus(1, 0))]);
    run.connection.access = Access::Delegated;
    assert_eq!(findings(run)[2].verdict, Verdict::Passed);

    let mut run = as_allen([contoso(), on(ME, mailbox()), on(SKUS, skus(1, 0))]);
    run.connection.access = Access::Delegated;
    assert_eq!(findings(run)[2].verdict, Verdict::Passed, "a user's mails are not sent by sender");

    for nobody in [None, Some(String::new()), Some(" ".to_owned())] {
        let mut run = Run::new([contoso(), on(SKUS, skus(1, 0))]);
        run.connection.sender = nobody;
        let [_, _, sender, _] = findings(run);
        assert_eq!(sender.verdict, Verdict::Warning, "an application has no mailbox");
        assert!(sender.message.contains("notifications will not work"), "{}", sender.message);
    }

    let mut run = Run::new([contoso(), on(SKUS, skus(1, 0))]);
    run.connection.sender = Some("noreply/../me".to_owned());
    assert_eq!(findings(run)[2].verdict, Verdict::Failed);
}

#[test]
fn a_mailbox_is_a_plan_of_exchange_or_a_mail_address() {
    let plan = |service: &str, status: &str| json!([{"service": "SharePoint", "capabilityStatus": "Enabled"}, {"service": service, "capabilityStatus": status}]);
    let cases = [
        (json!(null), plan("exchange", "Enabled"), true),
        (json!(null), plan("Exchange", "enabled"), true),
        (json!("info@contoso.com"), json!([]), true),
        (json!(null), plan("exchange", "Warning"), true),
        (
            json!(null),
            json!([{"service": "exchange", "capabilityStatus": "Enabled",
                "servicePlanId": "113feb6c-3fe4-4440-bddc-54d774bf0318"}]),
            false,
        ),
        (json!(null), plan("exchange", "Deleted"), false),
        (json!(null), plan("exchange", "Suspended"), false),
        (json!(""), json!(null), false),
    ];
    for (mail, plans, usable) in cases {
        let reply = owner(mail.clone(), plans.clone());
        let [_, _, sender, _] =
            findings(as_allen([contoso(), on(SENDER, reply), on(SKUS, skus(1, 0))]));
        let verdict = if usable { Verdict::Passed } else { Verdict::Failed };
        assert_eq!(sender.verdict, verdict, "{mail} {plans}");
        if !usable {
            assert_eq!(sender.who, Some(Who::LicenseAdmin));
            assert!(sender.fix.unwrap().contains("15 minutes"));
        }
    }
}

#[test]
fn a_sender_that_is_not_there_fails_its_check_only() {
    let run = as_allen([contoso(), on(SENDER, missing()), on(SKUS, skus(1, 0))]);
    let findings = findings(run);
    assert_eq!(
        verdicts(&findings),
        [Verdict::Passed, Verdict::Passed, Verdict::Failed, Verdict::Passed]
    );
    let sender = &findings[2];
    assert_eq!(sender.message, format!("The sender {ALLEN} is not in the tenant."));
    assert_eq!(sender.graph.as_ref().unwrap().status, 404);
}

#[test]
fn a_tenant_may_be_named_by_its_id() {
    let check = |tenant: &str| {
        let mut run = as_allen([contoso(), on(SENDER, mailbox()), on(SKUS, skus(1, 0))]);
        run.connection.tenant = tenant.to_owned();
        let [_, domain, ..] = findings(run);
        domain
    };
    for tenant in [ID.to_owned(), ID.to_uppercase()] {
        let domain = check(&tenant);
        assert_eq!(domain.verdict, Verdict::Warning, "usable, save for create-user");
        assert!(domain.message.contains("create-user"), "{}", domain.message);
    }
    let other = check(OTHER_SKU);
    assert_eq!(other.verdict, Verdict::Failed);
    assert!(other.message.contains(OTHER_SKU) && other.message.contains(ID), "{}", other.message);
}

#[test]
fn another_domain_is_named_with_the_verified_ones() {
    let check = |domains: &[&str]| {
        let steps =
            [on(ORGANIZATION, organization(domains)), on(SENDER, mailbox()), on(SKUS, skus(1, 0))];
        let [tenant, domain, ..] = findings(as_allen(steps));
        assert_eq!((tenant.verdict, domain.verdict), (Verdict::Passed, Verdict::Failed));
        domain.message
    };
    let message = check(&["fabrikam.com", "fabrikam.onmicrosoft.com"]);
    assert!(message.contains("those are fabrikam.com, fabrikam.onmicrosoft.com."), "{message}");
    let message = check(&["a.com", "b.com", "c.com", "d.com", "e.com", "f.com", "g.com"]);
    assert!(message.contains("e.com and 2 more.") && !message.contains("f.com"), "{message}");
    assert!(check(&[]).contains("none"));
}

#[test]
fn a_tenant_that_may_not_be_read_leaves_the_other_checks() {
    let run = as_allen([on(ORGANIZATION, denied()), on(SENDER, mailbox()), on(SKUS, skus(1, 0))]);
    let findings = findings(run);
    assert_eq!(
        verdicts(&findings),
        [Verdict::Failed, Verdict::Failed, Verdict::Passed, Verdict::Passed]
    );
    let [tenant, domain, ..] = findings;
    assert!(tenant.fix.unwrap().contains("Organization.Read.All"));
    assert_eq!(tenant.who, Some(Who::TenantAdmin));
    assert_eq!(tenant.graph.unwrap().status, 403);
    assert!(domain.message.starts_with("It was not checked."), "{}", domain.message);
}

#[test]
fn every_check_that_is_forbidden_names_its_permission() {
    let run = as_allen([on(ORGANIZATION, denied()), on(SENDER, denied()), on(SKUS, denied())]);
    let findings = findings(run);
    assert_eq!(verdicts(&findings), [Verdict::Failed; 4]);
    let fixes = findings.map(|finding| finding.fix.unwrap());
    let least = [
        "Organization.Read.All",
        "Organization.Read.All",
        "User.Read.All",
        "LicenseAssignment.Read.All",
    ];
    for (fix, permission) in fixes.iter().zip(least) {
        assert!(fix.contains(&format!("application permission {permission}")), "{fix}");
    }
}

#[test]
fn nothing_else_is_asked_of_a_tenant_that_does_not_answer() {
    let silences = [
        vec![on(ORGANIZATION, refusal(401, "InvalidAuthenticationToken", "Expired."))],
        vec![on(ORGANIZATION, cut(Reach::Refused))],
        vec![times(4, ORGANIZATION, cut(Reach::NeverSent))],
        vec![times(4, ORGANIZATION, refusal(429, "TooManyRequests", "Too many."))],
        vec![on(ORGANIZATION, answer(200, json!({"value": []})))],
    ];
    for steps in silences {
        let [tenant, others @ ..] = findings(as_allen(steps));
        assert_eq!(tenant.verdict, Verdict::Failed);
        for other in others {
            assert_eq!(other.verdict, Verdict::Failed);
            assert!(other.message.contains(&tenant.message), "{}", other.message);
        }
    }
}

#[test]
fn a_connection_without_a_sign_in_is_a_finding() {
    let mut run = Run::new([]);
    run.authorization = Err("the refresh token has expired".to_owned());
    let [tenant, ..] = findings(run);
    assert!(tenant.message.contains("the refresh token has expired"), "{}", tenant.message);
}

#[test]
fn a_tenant_without_free_seats_is_a_warning() {
    let company = || {
        let mut sku = sku(25, 0);
        sku["appliesTo"] = json!("Company");
        answer(200, json!({"value": [sku]}))
    };
    for (reply, text) in [
        (skus(3, 3), "No seat is free in any of the tenant's 1 licences"),
        (company(), "no licences that can be assigned to users"),
        (answer(200, json!({"value": []})), "no licences that can be assigned to users"),
    ] {
        let verification =
            verify(as_allen([contoso(), on(SENDER, mailbox()), on(SKUS, reply)])).0.unwrap();
        assert!(verification.usable, "a warning does not stop other actions");
        let seats = &verification.findings[3];
        assert_eq!((seats.verdict, seats.who), (Verdict::Warning, Some(Who::LicenseAdmin)));
        assert!(seats.message.contains(text), "{}", seats.message);
    }
}

#[test]
fn only_wrong_input_is_an_error() {
    let input = VerifyConnectionInput { connection_id: "fabrikam".into() };
    let (result, _) = Run::new([]).act(|host| verify_connection::run(host, input));
    let error = facts(result);
    assert_eq!(
        (error.kind, error.problems[0].pointer.as_str()),
        ("invalid-input", "/connectionId")
    );
}
