//! What each caller sees, and that nobody else sees anything.

use std::sync::Arc;

use serde_json::Value;

use crate::serve::server::{Place, Server, Shared, connection, seats};

/// Two tenants and an operator, on simulated directories.
struct House {
    server: Server,
    contoso: String,
    fabrikam: String,
    operator: String,
    _place: Place,
}

/// The paths that want a key.
const KEYED: [&str; 9] = [
    "/v1/actions",
    "/v1/runs",
    "/v1/runs/01890a5d-ac96-774b-bcce-b302099a8057",
    "/v1/actions/country-codes",
    "/v1/actions/no-such-action",
    "/openapi.json",
    "/docs/assets/swagger-ui.css",
    "/metrics",
    "/no/such/path",
];

/// One for all tests: none of them changes what another one sees.
fn house() -> Arc<House> {
    static SHARED: Shared<House> = Shared::new();
    SHARED.get(House::new)
}

impl House {
    fn new() -> Self {
        let graph = "https://graph.microsoft.com";
        let login = "https://login.microsoftonline.com";
        let place = Place::with(
            &["main", "other", "third"].map(|id| connection(id, graph, login)).concat(),
        );
        let contoso = place.add("contoso", "main", &[]);
        let allowed = ["--action", "country-codes", "--action", "is-license-available"];
        let fabrikam =
            place.add("fabrikam", "other", &[&allowed[..], &["--connection", "third"]].concat());
        place.set(
            "tenants.contoso",
            "callback = \"https://contoso.com\"\ncallback-secret = { file = \"secret\" }",
        );
        let operator = place.o365(&["tenant", "add", "--operator"]).result();
        let operator = operator["key"].as_str().unwrap().to_owned();
        let server = place.serve(&["--simulate"]);
        House { server, contoso, fabrikam, operator, _place: place }
    }
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

/// The metrics that the server has, without their common beginning.
const METRICS: [&str; 22] = [
    "audit_log_healthy",
    "build",
    "callbacks",
    "cpu_seconds",
    "free_places",
    "graph_received_bytes",
    "graph_requests",
    "graph_retries",
    "graph_sent_bytes",
    "http_request_duration_seconds",
    "http_requests",
    "log_lines_dropped",
    "open_connections",
    "refused_keys",
    "resident_memory_bytes",
    "response_store_healthy",
    "responses_dropped",
    "run_duration_seconds",
    "running",
    "runs",
    "waiting",
    "waits_seconds",
];

#[test]
fn without_a_key_nothing_but_health_answers() {
    let house = house();
    let House { server, .. } = &*house;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(server.ask("GET", path).send().done().as_object().unwrap().len(), 1, "{path}");
    }
    for path in KEYED {
        for method in ["GET", "POST", "DELETE", "OPTIONS", "BREW"] {
            let answer = server.ask(method, path).send();
            answer.problem(401, "unauthenticated");
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{method} {path}");
        }
    }
    // Before the body is looked at, or whether there is such an action.
    for action in ["get-available-license-count", "no-such-action"] {
        let call = server.ask("POST", &format!("/v1/actions/{action}"));
        call.json(&seats()).send().problem(401, "unauthenticated");
    }
    // A browser has no key to send: the page asks for it, and has nothing of a tenant in it.
    let page = server.ask("GET", "/docs").send();
    assert_eq!(page.status, 401);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(!page.text().contains("contoso") && !page.text().contains("create-user"));
    server.ask("POST", "/docs").send().problem(401, "unauthenticated");
}

#[test]
fn a_key_is_a_bearers_and_there_is_one() {
    let house = house();
    let House { server, contoso, fabrikam, .. } = &*house;
    let with = |values: &[&str]| {
        let ask = server.ask("GET", "/v1/actions");
        values.iter().fold(ask, |ask, value| ask.header("Authorization", value)).send()
    };
    for good in [
        format!("Bearer {contoso}"),
        format!("bearer {contoso}"),
        format!("BEARER {contoso}"),
        format!("Bearer   {contoso}"),
    ] {
        with(&[&good]).done();
    }
    let last = contoso.len() - 1;
    for bad in [
        contoso.clone(),
        format!("Basic {contoso}"),
        "Basic Y29udG9zbzo=".to_owned(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Bearer {contoso} {contoso}"),
        format!("Bearer {} {}", &contoso[..9], &contoso[9..]),
        format!("Bearer {contoso}, Bearer {contoso}"),
        format!("Bearer \"{contoso}\""),
        format!("Bearer {}", &contoso[..last]),
        format!("Bearer {contoso}A"),
        format!("Bearer {}", contoso.to_uppercase()),
        format!("Bearer\t{contoso}"),
        "Bearer \u{e4}\u{f6}".to_owned(),
    ] {
        let answer = with(&[&bad]);
        answer.problem(401, "unauthenticated");
        assert!(!answer.text().contains(&contoso[5..]), "{answer:?}");
    }
    let (one, other) = (format!("Bearer {contoso}"), format!("Bearer {fabrikam}"));
    with(&[&one, &one]).problem(401, "unauthenticated");
    with(&[&one, &other]).problem(401, "unauthenticated");
    with(&[&one, "Basic Y29udG9zbzo="]).problem(401, "unauthenticated");
    // Nowhere else is a key taken.
    for target in
        [format!("/v1/actions?key={contoso}"), format!("/v1/actions?access_token={contoso}")]
    {
        server.ask("GET", &target).send().problem(401, "unauthenticated");
    }
    let elsewhere = server.ask("GET", "/v1/actions").header("Cookie", &format!("key={contoso}"));
    elsewhere.send().problem(401, "unauthenticated");
}

#[test]
fn a_bare_key_has_a_header_of_its_own() {
    let house = house();
    let House { server, contoso, fabrikam, .. } = &*house;
    let bare = |key: &str| server.ask("GET", "/v1/actions").header("X-API-Key", key);
    bare(contoso).send().done();
    bare(contoso).key(contoso).send().done();
    for bad in ["", "x", &format!("Bearer {contoso}"), &format!("{contoso}, {contoso}")] {
        bare(bad).send().problem(401, "unauthenticated");
    }
    // A request with two keys is nobody's.
    bare(contoso).key(fabrikam).send().problem(401, "unauthenticated");
    bare(contoso).header("X-API-Key", contoso).send().problem(401, "unauthenticated");
    let other = bare(contoso).header("Authorization", "Basic Y29udG9zbzo=");
    other.send().problem(401, "unauthenticated");
}

#[test]
fn a_tenant_sees_its_own_actions_and_connections() {
    let house = house();
    let House { server, contoso, fabrikam, .. } = &*house;
    let all = server.get(contoso, "/v1/actions").done();
    assert!(names(&all).len() > 15, "{all}");
    let few = server.get(fabrikam, "/v1/actions").done();
    assert_eq!(names(&few), ["is-license-available", "country-codes"]);

    server.get(contoso, "/v1/actions/create-user").done();
    server.get(fabrikam, "/v1/actions/country-codes").done();
    server.get(fabrikam, "/v1/actions/create-user").problem(403, "not-allowed");
    server.get(fabrikam, "/v1/actions/no-such-action").problem(404, "no-such-action");
    let near = server.get(contoso, "/v1/actions/create-users").problem(404, "no-such-action");
    assert!(near["fix"].as_str().unwrap().contains("create-user"), "{near}");
    // It is not told what it may not have.
    let near = server.get(fabrikam, "/v1/actions/create-users").problem(404, "no-such-action");
    assert!(!near["fix"].as_str().unwrap().contains("create-user"), "{near}");

    let document = |key: &str| server.get(key, "/openapi.json").done();
    let input = |document: &Value, action: &str| {
        let path = format!(
            "/paths/~1v1~1actions~1{action}/post/requestBody/content/application~1json/schema"
        );
        let reference = document.pointer(&path)?["$ref"].as_str().unwrap();
        document.pointer(reference.strip_prefix('#').unwrap()).cloned()
    };
    let (ours, theirs) = (document(contoso), document(fabrikam));
    assert!(input(&ours, "create-user").is_some());
    assert!(input(&theirs, "create-user").is_none());
    // The only connection need not be named, by the document and by the action's own schema.
    let available = "is-license-available";
    for (document, key, connections, is_required) in
        [(&ours, contoso, &["main"][..], false), (&theirs, fabrikam, &["other", "third"], true)]
    {
        let described = server.get(key, "/v1/actions/is-license-available").done();
        for input in [&input(document, available).unwrap(), &described["input"]] {
            assert_eq!(input["properties"]["connectionId"]["enum"], serde_json::json!(connections));
            let required = input["required"].as_array().unwrap();
            assert_eq!(required.iter().any(|name| name == "connectionId"), is_required, "{input}");
        }
    }
    assert!(!ours.to_string().contains("fabrikam"));
    assert!(!theirs.to_string().contains("main\""));
}

#[test]
fn a_tenant_calls_what_it_may_over_its_own_connections() {
    let house = house();
    let House { server, contoso, fabrikam, .. } = &*house;
    let available = "is-license-available";
    assert_eq!(server.action(contoso, available, &seats()).send().done(), true);
    let call = |connection: &str| {
        let mut input = seats();
        input["connectionId"] = connection.into();
        server.action(fabrikam, available, &input).send()
    };
    assert_eq!(call("other").done(), true);
    // Another tenant's connection is one that there is not.
    for connection in ["main", "no-such-connection", ""] {
        let error = call(connection).problem(400, "invalid-input");
        assert_eq!(error["problems"][0]["pointer"], "/connectionId", "{error}");
        assert!(error.to_string().contains("other, third"), "{error}");
    }
    let missing = server.action(fabrikam, available, &seats()).send();
    assert_eq!(missing.problem(400, "invalid-input")["problems"][0]["pointer"], "/connectionId");
    let deletion = serde_json::json!({ "userPrincipalName": "anna@contoso.onmicrosoft.com" });
    server.action(fabrikam, "delete-user", &deletion).send().problem(403, "not-allowed");
}

#[test]
fn metrics_are_ones_own_and_an_operators_are_all() {
    let house = house();
    let House { server, contoso, fabrikam, operator, .. } = &*house;
    let codes = serde_json::json!({});
    server.action(contoso, "country-codes", &codes).send().done();
    server.action(fabrikam, "country-codes", &codes).send().done();
    // A name that is no action's is nobody's metric.
    server.action(contoso, "made-up", &codes).send().problem(404, "no-such-action");
    let metrics = |key: &str| {
        let get = server.ask("GET", "/metrics").key(key);
        let answer = get.header("accept", "application/openmetrics-text").send();
        assert_eq!(answer.status, 200);
        assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
        answer.text()
    };
    let (ours, theirs, all) = (metrics(contoso), metrics(fabrikam), metrics(operator));
    assert!(ours.contains("tenant=\"contoso\"") && !ours.contains("fabrikam"), "{ours}");
    assert!(theirs.contains("tenant=\"fabrikam\"") && !theirs.contains("contoso"), "{theirs}");
    assert!(all.contains("tenant=\"contoso\"") && all.contains("tenant=\"fabrikam\""), "{all}");
    assert!(!all.contains("made-up"), "{all}");
    // How much the process has is the operator's to know.
    assert!(all.contains("o365_resident_memory_bytes") && !ours.contains("resident_memory"));
    // Dashboards and alerts know them by name.
    let names = all.lines().filter_map(|line| line.strip_prefix("# TYPE o365_")?.split(' ').next());
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    assert_eq!(names, METRICS);
}

#[test]
fn an_operator_sees_metrics_and_nothing_else() {
    let house = house();
    let House { server, operator, .. } = &*house;
    for path in ["/v1/actions", "/v1/actions/country-codes", "/openapi.json"] {
        server.get(operator, path).problem(403, "not-allowed");
    }
    let call = server.action(operator, "country-codes", &serde_json::json!({}));
    call.send().problem(403, "not-allowed");
    server.get(operator, "/no/such/path").problem(404, "no-such-path");
}

#[test]
fn every_answer_is_of_its_kind_and_nobody_keeps_it() {
    let house = house();
    let House { server, contoso, .. } = &*house;
    for path in KEYED.into_iter().chain(["/healthz", "/readyz", "/docs"]) {
        for ask in [server.ask("GET", path), server.ask("GET", path).key(contoso)] {
            let answer = ask.send();
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            // The explorer's own files are the same for everybody.
            let kept = path.starts_with("/docs/assets/") && answer.status == 200;
            assert!(kept || answer.header("cache-control") == "no-store", "{path} {answer:?}");
        }
        let (head, get) = (server.ask("HEAD", path).key(contoso).send(), server.get(contoso, path));
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
    }
    for (method, path, allowed) in [
        ("POST", "/v1/actions", "GET, HEAD"),
        ("DELETE", "/v1/actions/create-user", "GET, HEAD, POST"),
        ("OPTIONS", "/openapi.json", "GET, HEAD"),
        ("TRACE", "/metrics", "GET, HEAD"),
        ("BREW", "/healthz", "GET, HEAD"),
    ] {
        let answer = server.ask(method, path).key(contoso).send();
        answer.problem(405, "method-not-allowed");
        assert_eq!(answer.header("allow"), allowed, "{method} {path}");
    }
}
