//! `o365 plan`: what would be changed is listed, and nothing is.

use std::sync::{Arc, Mutex};

use http::{HeaderMap, Uri};
use runner::egress::plan::{Plan, ReadOnly};
use runner::egress::{EgressError, EgressStack, Request, whole};
use serde_json::{Value, json};
use tower::util::BoxCloneSyncService;
use tower::{Layer, ServiceExt, service_fn};

use support::{Ended, Fixture, fixtures, hostile_guest, o365};

const ROOT: &str = "https://graph.microsoft.com/v1.0";
const SKU: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";

/// Plans what a fixture's run did.
fn planned(fixture: &Fixture) -> Ended {
    let path = fixture.path.to_str().unwrap();
    o365(["plan", &fixture.action, "--replay", path, "-i", "-", "--json"])
        .stdin(serde_json::to_vec(&fixture.input()).unwrap())
        .run()
}

fn plan(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {}", ended.stderr))
}

#[test]
fn the_creation_of_a_user_is_planned_write_by_write() {
    let ended = planned(&Fixture::named("create-user", "created-and-licensed"));
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let plan = plan(&ended);
    let writes = plan["writes"].as_array().unwrap();
    assert_eq!(writes.len(), 2, "{plan:#}");
    assert_eq!(
        writes[0],
        json!({
            "method": "POST",
            "url": format!("{ROOT}/users"),
            "body": {
                "accountEnabled": true,
                "displayName": "Allen Allbrook",
                "mailNickname": "allen",
                "userPrincipalName": "allen@contoso.onmicrosoft.com",
                "usageLocation": "AM",
                "passwordProfile": {
                    "forceChangePasswordNextSignIn": true,
                    "password": {"$secret": "password"},
                },
            },
            "changes": "creates the user allen@contoso.onmicrosoft.com (Allen Allbrook)",
        })
    );
    let id = plan["result"]["objectId"].as_str().unwrap();
    assert_eq!(writes[1]["url"], format!("{ROOT}/users/{id}/assignLicense"));
    assert_eq!(
        writes[1]["changes"],
        format!("assigns the licence SPE_E5 ({SKU}) to the user allen@contoso.onmicrosoft.com")
    );
    assert_eq!(plan["result"]["assignedLicenses"][0]["skuId"], SKU);
    assert_eq!(plan["result"]["usageLocation"], "AM");
    assert!(plan["note"].as_str().unwrap().starts_with("Nothing was changed"));
    assert!(!ended.stdout.contains(
        Fixture::named("create-user", "created-and-licensed").input()["password"].as_str().unwrap()
    ));
}

#[test]
fn a_plan_is_the_same_every_time() {
    let fixture = Fixture::named("create-user", "created-and-licensed");
    assert_eq!(planned(&fixture).stdout, planned(&fixture).stdout);
}

#[test]
fn a_licence_for_an_existing_user_shows_in_what_is_read_afterwards() {
    let fixture = Fixture::named("assign-license-to-existing-user", "assigned");
    let plan = plan(&planned(&fixture));
    assert_eq!(plan["writes"].as_array().unwrap().len(), 1, "{plan:#}");
    let name = fixture.input()["userPrincipalName"].as_str().unwrap().to_owned();
    let changes = plan["writes"][0]["changes"].as_str().unwrap().to_owned();
    assert!(changes.contains("SPE_E") && changes.contains(&name), "{changes}");
    let assigned = plan["result"]["assignedLicenses"].as_array().unwrap();
    let asked = &plan["writes"][0]["body"]["addLicenses"][0]["skuId"];
    assert!(assigned.iter().any(|license| license["skuId"] == *asked), "{plan:#}");
}

#[test]
fn deletions_and_mails_are_planned() {
    let deleted = plan(&planned(&Fixture::named("delete-user", "deleted")));
    assert_eq!(deleted["writes"][0]["method"], "DELETE");
    assert_eq!(deleted["writes"][0]["body"], Value::Null);
    assert!(deleted["writes"][0]["changes"].as_str().unwrap().starts_with("deletes the user "));
    assert_eq!(deleted["result"], Value::Null);

    let fixture = Fixture::named("send-aws-instance-creation-email", "sent-by-application");
    let ended = planned(&fixture);
    let mail = plan(&ended);
    let changes = mail["writes"][0]["changes"].as_str().unwrap();
    assert!(
        changes.starts_with("sends the mail \"") && changes.ends_with(", with an attachment"),
        "{changes}"
    );
    let attachment = &mail["writes"][0]["body"]["message"]["attachments"][0]["contentBytes"];
    assert_eq!(attachment["$secret"], "privateKey", "{attachment}");
}

#[test]
fn no_plan_shows_a_secret() {
    for fixture in fixtures() {
        let ended = planned(&fixture);
        for (name, value) in fixture.input() {
            let secret = fixture.run["input"][&name].get("$secret").is_some();
            let value = value.as_str().unwrap_or_default();
            assert!(!secret || !ended.stdout.contains(value), "{}: {name}", fixture.path.display());
        }
    }
}

#[test]
fn an_action_that_fails_while_it_is_planned_says_so() {
    let fixture = Fixture::named("create-user", "no-seats-left");
    let ended = planned(&fixture);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let plan = plan(&ended);
    assert_eq!(plan["writes"], json!([]));
    assert_eq!(plan["error"], fixture.run["error"]);
    assert_eq!(plan.get("result"), None);
    let told: Value = serde_json::from_str(&ended.stderr).unwrap();
    assert_eq!(told["error"], fixture.run["error"]);
}

#[test]
fn an_action_that_only_reads_plans_no_writes_and_gives_its_result() {
    let fixture = Fixture::named("get-available-license-count", "some-seats");
    let plan = plan(&planned(&fixture));
    assert_eq!((&plan["writes"], &plan["result"]), (&json!([]), &fixture.run["result"]));
}

#[test]
fn a_plan_on_a_simulated_tenant_changes_nothing_in_it() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("tenant.json");
    let state_option = format!("--simulate={}", state.display());
    let run = |command: &str, more: &[&str]| {
        let arguments = [command, "delete-user", &state_option, "--json"];
        o365(arguments.iter().chain(more)).run()
    };
    let name = "userPrincipalName=mona@contoso.onmicrosoft.com";
    let ended = run("plan", &[name]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stderr.contains("is simulated"), "{}", ended.stderr);
    assert_eq!(plan(&ended)["writes"][0]["method"], "DELETE");
    assert!(!state.exists(), "a plan makes no tenant");

    assert_eq!(run("run", &["userPrincipalName=bela@contoso.onmicrosoft.com"]).code, 0);
    let before = std::fs::read(&state).unwrap();
    assert_eq!(run("plan", &[name]).code, 0);
    assert_eq!(std::fs::read(&state).unwrap(), before);
    assert_eq!(run("run", &[name]).code, 0);
    assert_ne!(std::fs::read(&state).unwrap(), before, "a run does change it");
}

/// On the built-in tenant nobody has the one name, and somebody has the other.
#[test]
fn what_graph_would_refuse_is_told_and_is_no_write() {
    let delete = ["plan", "delete-user", "--simulate", "--json"];
    let name = "userPrincipalName=nobody@contoso.onmicrosoft.com";
    let ended = o365(delete.into_iter().chain([name])).run();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let nobody = plan(&ended);
    let keys: Vec<&String> = nobody.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["action", "writes", "refused", "result", "note"], "{nobody:#}");
    assert_eq!((&nobody["writes"], &nobody["result"]), (&json!([]), &Value::Null));
    assert_eq!(
        nobody["refused"],
        json!([{
            "method": "DELETE",
            "url": format!("{ROOT}/users/nobody@contoso.onmicrosoft.com"),
            "reason": "deletes nobody: there is no user nobody@contoso.onmicrosoft.com",
            "graph": {
                "status": 404,
                "code": "Request_ResourceNotFound",
                "message": "Resource 'nobody@contoso.onmicrosoft.com' does not exist or one of its queried reference-property objects are not present.",
            },
        }])
    );

    let mut input = Fixture::named("create-user", "created-and-licensed").input();
    input.insert("mailNickname".to_owned(), "anna".into());
    let create = |command: &str| {
        let arguments = [command, "create-user", "--simulate", "-i", "-", "--json"];
        o365(arguments).stdin(serde_json::to_vec(&input).unwrap()).run()
    };
    let (planned, ran) = (create("plan"), create("run"));
    assert_eq!((planned.code, ran.code), (1, 1));
    let taken = plan(&planned);
    assert_eq!((&taken["writes"], &taken["error"]["kind"]), (&json!([]), &"already-exists".into()));
    assert_eq!(taken["error"]["message"], ran.error()["message"]);
    assert_eq!(taken["refused"][0]["graph"]["status"], 400);
}

/// The recording of a run has no more than that run asked.
#[test]
fn a_plan_on_a_recording_says_what_it_could_not_look_at() {
    let ended = planned(&Fixture::named("create-user", "created-and-licensed"));
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let plan = plan(&ended);
    assert_eq!(plan.get("refused"), None);
    let sentences = plan["notChecked"].as_array().unwrap();
    for begin in
        ["Whether contoso.onmicrosoft.com is a verified", "Whether the tenant has the user allen@"]
    {
        let is = |sentence: &&Value| sentence.as_str().unwrap().starts_with(begin);
        let sentence = sentences.iter().find(is).unwrap_or_else(|| panic!("{begin}: {plan:#}"));
        let end = ": the recording does not show it.";
        assert!(sentence.as_str().unwrap().ends_with(end), "{sentence}");
    }
}

#[test]
fn a_plan_under_faults_gets_over_them_as_a_run_does() {
    let fixture = Fixture::named("create-user", "created-and-licensed");
    let arguments = [
        "plan",
        "create-user",
        "--simulate",
        "--faults",
        "429@1; slow-body@1",
        "-i",
        "-",
        "--json",
    ];
    let ended = o365(arguments).stdin(serde_json::to_vec(&fixture.input()).unwrap()).run();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(plan(&ended)["writes"].as_array().unwrap().len(), 2);
    assert!(ended.stderr.contains("the fault slow-body@1 did not happen"), "{}", ended.stderr);
}

/// A tenant that notes every method that reaches it.
fn tenant(methods: &Arc<Mutex<Vec<String>>>) -> EgressStack {
    let methods = Arc::clone(methods);
    BoxCloneSyncService::new(service_fn(move |request: Request| {
        methods.lock().unwrap().push(format!("{} {}", request.method(), request.uri().path()));
        assert!(request.body().is_empty(), "a read has no body");
        let user = json!({"id": "0d5e1c0a-3f5b-4d55-9a52-9d6f4b1f0c11",
            "userPrincipalName": "bianca@contoso.onmicrosoft.com", "assignedLicenses": []});
        let response = http::Response::new(whole(user.to_string()));
        std::future::ready(Ok::<_, EgressError>(response))
    }))
}

#[test]
fn nothing_but_a_get_reaches_the_tenant_whatever_the_method() {
    let methods = Arc::default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let plan = Plan::new(&Uri::from_static(ROOT));
    let stack = plan.layer(tenant(&methods));
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FROB"] {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{ROOT}/users/bianca@contoso.onmicrosoft.com"))
            .body("not json, not empty".into())
            .unwrap();
        let answer = runtime.block_on(stack.clone().oneshot(request)).unwrap();
        assert!(answer.status().is_success() || method == "GET", "{method}");
    }
    assert_eq!(*methods.lock().unwrap(), ["GET /v1.0/users/bianca@contoso.onmicrosoft.com"]);
    let changes: Vec<String> = plan.writes().into_iter().map(|write| write.changes).collect();
    assert_eq!(changes.len(), 7, "{changes:?}");
    assert!(changes[0].starts_with("does POST /users/bianca@"), "{changes:?}");
    assert_eq!(
        changes[3],
        "deletes the user bianca@contoso.onmicrosoft.com, who can be restored for 30 days"
    );

    // After the planned deletion the user is gone for the plan, and for nobody else.
    let get = || {
        http::Request::get(format!("{ROOT}/users/BIANCA@contoso.onmicrosoft.com"))
            .body("".into())
            .unwrap()
    };
    let gone = runtime.block_on(stack.clone().oneshot(get())).unwrap();
    assert_eq!(gone.status(), 404);
    let there = ReadOnly::new(tenant(&methods));
    let there = there.get(get().uri().clone(), HeaderMap::new());
    assert_eq!(runtime.block_on(there).unwrap().status(), 200);
}

#[test]
fn a_component_that_may_not_make_a_call_may_not_plan_it() {
    let component = hostile_guest().to_str().unwrap();
    let recording = "fixtures/is-license-available/some-seats.har";
    let arguments =
        ["plan", "is-license-available", "--replay", recording, "--json", "--component", component];
    let ended = o365(arguments.into_iter().chain(["serviceId=undeclared-call"])).run();
    assert_eq!(ended.code, 3, "{}", ended.stderr);
    let error: Value = serde_json::from_str(&ended.stderr).unwrap();
    assert_eq!(
        (&error["error"]["kind"], &error["error"]["completed"]),
        (&"sandbox".into(), &json!([]))
    );
    assert_eq!(plan(&ended)["writes"], json!([]));
}
