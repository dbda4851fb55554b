//! What a plan reads, and what it says of what it could not read.

use http::{Method, Uri};
use runner::context::Clock;
use runner::contract::Policy;
use runner::egress::plan::{LOOKUPS, Plan, known_writes, lookups};
use runner::egress::{EgressError, EgressStack, Request, simulated, whole};
use runner::simulator::{Caller, Simulator, Tenant};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tower::util::BoxCloneSyncService;
use tower::{Layer, service_fn};

use crate::plans::ran::{Log, ROOT};
use crate::plans::requests::send;

/// A user of the built-in tenant, with licences; its other mail address; and nobody.
const ANNA: &str = "anna@contoso.onmicrosoft.com";
const ANNAS_ADDRESS: &str = "anna.berg@contoso.com";
const NOBODY: &str = "nobody@contoso.onmicrosoft.com";

/// A licence of the built-in tenant with free seats.
const FREE: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";

/// A group, by its id.
const GROUP: &str = "a1b2c3d4-0001-4a5b-8c6d-7e8f9a0b1c2d";

/// A plan on a stack.
struct Planned {
    plan: Plan,
    stack: EgressStack,
}

/// A plan on a stack, and what reaches that.
fn plan_on(egress: EgressStack) -> (Planned, Log) {
    let log = Log::default();
    let plan = Plan::new(&Uri::from_static(ROOT));
    let stack = plan.layer(log.watch(egress));
    (Planned { plan, stack }, log)
}

fn simulated(tenant: Tenant, caller: Caller) -> EgressStack {
    simulated::egress(&Simulator::new(tenant), caller, Clock::simulated())
}

fn built_in() -> EgressStack {
    simulated(Tenant::built_in().unwrap(), Caller::application())
}

/// A tenant that gives every read the same answer.
fn silent(status: u16, answer: &'static str) -> EgressStack {
    BoxCloneSyncService::new(service_fn(move |_: Request| {
        let mut response = http::Response::new(whole(answer));
        *response.status_mut() = status.try_into().unwrap();
        std::future::ready(Ok::<_, EgressError>(response))
    }))
}

fn ask(plan: &Planned, method: Method, path: &str, body: Value) -> (u16, Value) {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(send(plan.stack.clone(), method, format!("{ROOT}{path}"), body))
}

fn create(plan: &Planned, name: &str) -> (u16, Value) {
    let body = json!({"accountEnabled": true, "displayName": "Allen Allbrook",
        "mailNickname": "allen", "userPrincipalName": name, "usageLocation": "AM",
        "passwordProfile": {"password": "Any-passw0rd"}});
    ask(plan, Method::POST, "/users", body)
}

fn assign(plan: &Planned, name: &str) -> (u16, Value) {
    let body = json!({"addLicenses": [{"skuId": FREE, "disabledPlans": []}], "removeLicenses": []});
    ask(plan, Method::POST, &format!("/users/{name}/assignLicense"), body)
}

fn delete(plan: &Planned, name: &str) -> (u16, Value) {
    ask(plan, Method::DELETE, &format!("/users/{name}"), Value::Null)
}

fn mail(plan: &Planned, path: &str) -> (u16, Value) {
    let to = json!([{"emailAddress": {"address": "anna@fabrikam.com"}}]);
    let body = json!({"message": {"subject": "Hello", "toRecipients": to}});
    ask(plan, Method::POST, path, body)
}

fn changes(plan: &Planned) -> Vec<String> {
    plan.plan.writes().into_iter().map(|write| write.changes).collect()
}

fn reasons(plan: &Planned) -> Vec<String> {
    plan.plan.refused().into_iter().map(|refused| refused.reason).collect()
}

/// Whether a sentence on what is not checked begins so.
fn leaves_open(plan: &Planned, begin: &str) -> bool {
    plan.plan.not_checked().iter().any(|sentence| sentence.starts_with(begin))
}

#[test]
fn what_graph_would_refuse_is_no_write_and_says_why() {
    let (plan, _) = plan_on(built_in());
    assert_eq!(delete(&plan, NOBODY).0, 404);
    assert_eq!(create(&plan, ANNA).0, 400);
    assert_eq!(create(&plan, ANNAS_ADDRESS).0, 400);
    assert_eq!(create(&plan, "allen@contoso.net").0, 400);
    assert_eq!(assign(&plan, NOBODY).0, 404);
    assert_eq!(mail(&plan, &format!("/users/{NOBODY}/sendMail")).0, 404);
    assert_eq!(mail(&plan, "/users/mona@contoso.onmicrosoft.com/sendMail").0, 404);
    assert_eq!(changes(&plan), [""; 0]);
    assert_eq!(
        reasons(&plan),
        [
            "deletes nobody: there is no user nobody@contoso.onmicrosoft.com",
            "creates no user: anna@contoso.onmicrosoft.com is the name of a user already (object id a0000001-1a2b-4c3d-8e4f-5a6b7c8d9e0f)",
            "creates no user: anna.berg@contoso.com is a mail address of anna@contoso.onmicrosoft.com (object id a0000001-1a2b-4c3d-8e4f-5a6b7c8d9e0f)",
            "creates no user: contoso.net is no verified domain of the tenant",
            "changes no licence: there is no user nobody@contoso.onmicrosoft.com",
            "sends no mail: there is no user nobody@contoso.onmicrosoft.com",
            "sends no mail: the sender mona@contoso.onmicrosoft.com has no mailbox",
        ]
    );
    assert_eq!(plan.plan.not_checked(), [""; 0], "a write that is refused leaves nothing open");
}

#[test]
fn a_licence_that_the_user_has_stays() {
    let (plan, _) = plan_on(built_in());
    assert_eq!(assign(&plan, ANNA).0, 200);
    let gita = "gita@contoso.onmicrosoft.com";
    assert_eq!(assign(&plan, gita).0, 200);
    let changes = changes(&plan);
    assert_eq!(
        changes[0],
        format!(
            "leaves the licence SPE_E5 ({FREE}) of the user {ANNA} as it is: it takes no new seat"
        )
    );
    assert!(
        changes[1].starts_with(&format!("changes the licence SPE_E5 ({FREE}) of the user {gita}"))
    );
    assert!(changes[1].contains("switched off: 0, switched on: "), "{}", changes[1]);
}

#[test]
fn whoever_is_deleted_has_no_name_and_no_seat_any_more() {
    let (plan, log) = plan_on(built_in());
    assert_eq!(delete(&plan, ANNA).0, 204);
    assert_eq!(log.taken().len(), 1, "one look is enough");
    assert_eq!(delete(&plan, ANNA).0, 404);
    assert_eq!(create(&plan, ANNA).0, 201);
    assert_eq!(create(&plan, ANNAS_ADDRESS).0, 201);
    let (_, skus) = ask(&plan, Method::GET, "/subscribedSkus", Value::Null);
    let sku = skus["value"].as_array().unwrap().iter().find(|sku| sku["skuId"] == FREE).unwrap();
    assert_eq!(sku["consumedUnits"], 3, "one less than there are");
}

/// The name and the addresses of a deleted user are free. Source: "Restore deleted item
/// (directory object)", which restores under another name who has lost its own.
#[test]
fn a_deleted_user_who_loses_its_name_is_named() {
    let simulator = Simulator::new(Tenant::built_in().unwrap());
    let runtime = Builder::new_current_thread().build().unwrap();
    let way = simulated::egress(&simulator, Caller::application(), Clock::simulated());
    let address = format!("{ROOT}/users/{ANNA}");
    assert_eq!(runtime.block_on(send(way.clone(), Method::DELETE, address, Value::Null)).0, 204);
    let (plan, _) = plan_on(way);
    assert_eq!(create(&plan, ANNA).0, 201);
    let changes = changes(&plan);
    assert!(changes[0].contains("; the deleted user a0000001"), "{changes:?}");
    assert!(changes[0].ends_with(" had that name, and loses it"), "{changes:?}");
}

#[test]
fn what_the_action_has_read_is_not_read_again() {
    let (plan, log) = plan_on(built_in());
    let select =
        "$select=id,userPrincipalName,usageLocation,assignedLicenses,licenseAssignmentStates";
    ask(&plan, Method::GET, &format!("/users/{ANNA}?{select}"), Value::Null);
    ask(&plan, Method::GET, "/subscribedSkus", Value::Null);
    log.taken();
    assert_eq!(assign(&plan, ANNA).0, 200);
    let asked: Vec<String> = log.taken().into_iter().map(|asked| asked.target).collect();
    assert_eq!(asked, [""; 0]);
}

/// A tenant whose user has the licence by a group.
fn with_a_group() -> EgressStack {
    let user = json!({
        "id": "b0000001-1a2b-4c3d-8e4f-5a6b7c8d9e0f", "userPrincipalName": ANNA,
        "usageLocation": "DE", "assignedLicenses": [{"skuId": FREE, "disabledPlans": []}],
        "licenseAssignmentStates": [{"skuId": FREE, "assignedByGroup": GROUP, "error": "None",
            "disabledPlans": [], "state": "Active"}],
    });
    let skus = json!({"value": [{"skuId": FREE, "skuPartNumber": "SPE_E5", "appliesTo": "User",
        "capabilityStatus": "Enabled", "consumedUnits": 1,
        "prepaidUnits": {"enabled": 1, "warning": 0}, "servicePlans": []}]});
    BoxCloneSyncService::new(service_fn(move |request: Request| {
        let is_user = request.uri().path().contains("/users/");
        let body = if is_user { user.to_string() } else { skus.to_string() };
        std::future::ready(Ok::<_, EgressError>(http::Response::new(whole(body))))
    }))
}

/// An assignment beside that of a group changes the tenant, and a second one does not.
#[test]
fn a_licence_that_a_group_gives_is_assigned_beside_it() {
    let (plan, _) = plan_on(with_a_group());
    assert_eq!(assign(&plan, ANNA).0, 200);
    assert_eq!(assign(&plan, ANNA).0, 200);
    assert_eq!(
        changes(&plan),
        [
            format!(
                "assigns the licence SPE_E5 ({FREE}) directly to the user {ANNA}, who has it by the group {GROUP}: it takes no new seat"
            ),
            format!(
                "leaves the licence SPE_E5 ({FREE}) of the user {ANNA} as it is: it takes no new seat"
            ),
        ]
    );
    let states = "/users/anna@contoso.onmicrosoft.com?$select=id,licenseAssignmentStates";
    let (_, user) = ask(&plan, Method::GET, states, Value::Null);
    let groups: Vec<&Value> = user["licenseAssignmentStates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|state| &state["assignedByGroup"])
        .collect();
    assert_eq!(groups, [&json!(GROUP), &Value::Null]);
}

#[test]
fn every_look_selects_what_it_needs_and_is_a_get() {
    let (plan, log) = plan_on(built_in());
    create(&plan, "o'neil@contoso.onmicrosoft.com");
    assign(&plan, ANNA);
    mail(&plan, "/users/noreply@contoso.onmicrosoft.com/sendMail");
    delete(&plan, ANNA);
    let asked = log.taken();
    assert_eq!(asked.len(), 7, "{asked:#?}");
    for asked in asked {
        assert_eq!((asked.method, asked.body), (Method::GET, Value::Null));
        assert!(asked.target.contains("$select=") && asked.status < 500, "{}", asked.target);
        assert!(!asked.target.contains(' ') && asked.status != 400, "{}", asked.target);
    }
}

/// A connection may write what it may not read.
#[test]
fn a_look_that_is_refused_is_named_and_the_plan_goes_on() {
    let tenant = Tenant::built_in().unwrap();
    let policy = Policy::embedded().unwrap();
    let caller = Caller::application().granted(policy, ["Mail.Send", "User.DeleteRestore.All"]);
    goes_on(simulated(tenant, caller), "the tenant answered 403 Authorization_RequestDenied");
}

#[test]
fn a_look_that_somebody_else_answers_is_named_and_the_plan_goes_on() {
    goes_on(silent(200, "<html>"), "the tenant answered 200");
    goes_on(silent(404, "<html>"), "the tenant answered 404");
    let error = r#"{"error": {"code": "ServiceNotAvailable", "message": "Later."}}"#;
    goes_on(silent(503, error), "the tenant answered 503 ServiceNotAvailable");
    goes_on(silent(200, error), "the tenant answered 200 ServiceNotAvailable");
    let denied = r#"{"error": {"code": "UnknownError", "message": ""}}"#;
    goes_on(silent(404, denied), "the tenant answered 404 UnknownError");
    goes_on(runner::egress::nowhere(), "the tenant did not answer");
}

/// Without looks a plan is as good as it can be, and says what it lacks.
fn goes_on(tenant: EgressStack, reason: &str) {
    let (plan, _) = plan_on(tenant);
    assert_eq!(create(&plan, "allen@contoso.onmicrosoft.com").0, 201);
    assert_eq!(assign(&plan, ANNA).0, 200);
    assert_eq!(mail(&plan, "/users/noreply@contoso.onmicrosoft.com/sendMail").0, 202);
    assert_eq!(delete(&plan, ANNA).0, 204);
    assert_eq!(plan.plan.writes().len(), 4);
    for begin in [
        "Whether contoso.onmicrosoft.com is a verified domain",
        "Whether the tenant has the user allen@contoso.onmicrosoft.com",
        "Whether another user has the mail address allen@contoso.onmicrosoft.com",
        "Whether a deleted user had the name allen@contoso.onmicrosoft.com",
        "Whether the tenant has the user anna@contoso.onmicrosoft.com",
        "Whether the tenant has the licence",
        "Whether the tenant has the user noreply@contoso.onmicrosoft.com",
    ] {
        let begins = |sentence: &String| sentence.starts_with(begin) && sentence.contains(reason);
        assert!(
            plan.plan.not_checked().iter().any(begins),
            "{begin}: {:#?}",
            plan.plan.not_checked()
        );
    }
}

#[test]
fn what_no_read_tells_is_named() {
    let (plan, _) = plan_on(built_in());
    create(&plan, "allen@contoso.onmicrosoft.com");
    assert!(leaves_open(&plan, "Whether Entra takes the password"));
    assert!(leaves_open(&plan, "Whether a group or a contact has the mail address allen@"));
    assert!(leaves_open(&plan, "Whether the connection has the permissions for the writes"));
    assign(&plan, ANNA);
    assert!(leaves_open(&plan, "Whether the service plans exclude, or depend on, others"));
    delete(&plan, ANNA);
    assert!(leaves_open(&plan, "Whether the connection may delete the user anna@"));
    mail(&plan, "/users/noreply@contoso.onmicrosoft.com/sendMail");
    assert!(leaves_open(&plan, "Whether the mail arrives"));
    let all = plan.plan.not_checked();
    mail(&plan, "/users/noreply@contoso.onmicrosoft.com/sendMail");
    assert_eq!(plan.plan.not_checked(), all, "each is said once");
}

/// Users of a federated domain are not created without what ties them to the directory that
/// they come from.
#[test]
fn a_federated_domain_takes_no_new_user() {
    let organization = r#"{"value": [{"id": "0d5e1c0a-3f5b-4d55-9a52-9d6f4b1f0c11",
        "verifiedDomains": [{"name": "fabrikam.com", "type": "Federated"}]}]}"#;
    let (plan, _) = plan_on(silent(200, organization));
    let (status, answer) = create(&plan, "allen@fabrikam.com");
    assert_eq!(status, 400);
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("SourceAnchor is a required property"), "{message}");
}

#[test]
fn every_lookup_has_a_name_for_the_log() {
    assert_eq!(lookups().count(), LOOKUPS.len());
}

#[test]
fn every_write_of_an_action_is_a_known_one() {
    let policy = Policy::embedded().unwrap();
    let declared = policy.names().flat_map(|name| policy.action(name).unwrap().calls.to_vec());
    let mut writes: Vec<String> =
        declared.map(|call| call.to_string()).filter(|call| !call.starts_with("GET ")).collect();
    writes.sort();
    writes.dedup();
    let mut known: Vec<&str> = known_writes().collect();
    known.sort_unstable();
    assert_eq!(known, writes);
}
