//! `/mcp` of a server.

use serde_json::{Value, json};

use crate::mcp::session::{LEGACY, STATELESS, user};
use crate::serve::client::{Answer, Request};
use crate::serve::killed::graph;
use crate::serve::server::{House, Place, Server, connected};

/// A message to the tools, as a client sends it that takes both kinds of responses.
pub fn message(server: &Server, key: &str, method: &str, params: Value) -> Request {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    bare(server, key).header("accept", "application/json, text/event-stream").json(&body)
}

fn bare(server: &Server, key: &str) -> Request {
    server.ask("POST", "/mcp").key(key)
}

pub fn call(server: &Server, key: &str, tool: &str, arguments: Value) -> Answer {
    let params = json!({ "name": tool, "arguments": arguments });
    message(server, key, "tools/call", params).header("mcp-protocol-version", LEGACY).send()
}

pub fn result(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert!(body["result"].is_object(), "{body}");
    body["result"].take()
}

#[test]
fn a_request_is_complete_by_itself() {
    let house = House::new();
    let client = json!({ "name": "tests", "version": "1" });
    let begin = json!({ "protocolVersion": LEGACY, "capabilities": {}, "clientInfo": client });
    let begun = message(&house, house.key(), "initialize", begin).send();
    assert_eq!(result(&begun)["serverInfo"]["name"], "o365");
    assert!(begun.headers.get("mcp-session-id").is_none(), "no session to lose");
    let listed = message(&house, house.key(), "tools/list", json!({})).send();
    assert_eq!(result(&listed)["tools"].as_array().unwrap().len(), 19);
    let created = result(&call(&house, house.key(), "create-user", user("allen")));
    let again = result(&call(&house, house.key(), "create-user", user("allen")));
    assert_eq!(again["structuredContent"]["run"], created["structuredContent"]["run"]);
    assert_eq!(again["structuredContent"]["replayed"], true);
    // The runs of the tools are runs as any.
    let audited = house.place.audit(&[]);
    assert_eq!(audited[0]["run"], created["structuredContent"]["run"], "{audited:?}");
    for method in ["GET", "DELETE"] {
        let answer = house.ask(method, "/mcp").key(house.key());
        let answer = answer.header("accept", "text/event-stream").send();
        answer.problem(405, "method-not-allowed");
        assert_eq!(answer.header("allow"), "POST");
    }
}

#[test]
fn the_stateless_revision_is_there_too() {
    let house = House::new();
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": STATELESS,
        "io.modelcontextprotocol/clientInfo": { "name": "tests", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let params = json!({ "name": "country-codes", "arguments": {}, "_meta": meta });
    let called = message(&house, house.key(), "tools/call", params)
        .header("mcp-protocol-version", STATELESS)
        .header("mcp-method", "tools/call")
        .header("mcp-name", "country-codes")
        .send();
    let result = result(&called);
    assert_eq!(result["resultType"], "complete", "{result}");
    assert!(result["structuredContent"]["result"].as_array().unwrap().len() > 200);
}

#[test]
fn progress_comes_as_it_is_made() {
    let house = House::new();
    let params = json!({
        "name": "create-user", "arguments": user("allen"), "_meta": { "progressToken": 7 },
    });
    let request = message(&house, house.key(), "tools/call", params);
    let answer = request.header("accept-encoding", "gzip").send();
    assert_eq!(answer.header("content-type"), "text/event-stream");
    // A compressor would keep events back.
    assert!(answer.headers.get("content-encoding").is_none(), "{answer:?}");
    let text = String::from_utf8(answer.body).unwrap();
    let events: Vec<Value> = text
        .lines()
        .filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok())
        .collect();
    let (last, steps) = events.split_last().unwrap();
    assert!(steps.iter().all(|it| it["method"] == "notifications/progress"), "{text}");
    assert!(steps.len() >= 6, "{text}");
    assert_eq!(last["result"]["isError"], false, "{text}");
}

#[test]
fn a_tenant_has_its_own_tools_and_directory() {
    let place = Place::new();
    let places = [Place::new(), Place::new()];
    let [one, two] = places.each_ref().map(graph);
    let connections = connected("one", &one) + &connected("two", &two);
    std::fs::write(place.config(), connections).unwrap();
    let contoso = place.add("contoso", "one", &[]);
    let fabrikam =
        place.add("fabrikam", "two", &["--action", "import-catalog", "--action", "delete-user"]);
    let server = place.serve(&[]);
    let names = |key: &str| -> Vec<String> {
        let listed = result(&message(&server, key, "tools/list", json!({})).send());
        let tools = listed["tools"].as_array().unwrap().clone();
        tools.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&contoso).len(), 19);
    assert_eq!(names(&fabrikam), ["delete-user", "import-catalog"]);
    result(&call(&server, &contoso, "create-user", user("allen")));
    let refused = result(&call(&server, &fabrikam, "create-user", user("allen")));
    assert!(refused["content"][0]["text"].as_str().unwrap().contains("not-allowed"), "{refused}");
    // The connection of another tenant is not there.
    let input = json!({ "connectionId": "one" });
    let refused = result(&call(&server, &fabrikam, "import-catalog", input));
    let text = refused["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("the tenant has no such connection; it has two"), "{text}");
}

#[test]
fn who_has_no_key_of_a_tenant_gets_no_tools() {
    let house = House::new();
    let unknown = message(&house, "o365_unknown", "tools/list", json!({})).send();
    assert_eq!(unknown.status, 401);
    assert_eq!(unknown.header("www-authenticate"), "Bearer realm=\"o365\"");
    assert_eq!(house.ask("POST", "/mcp").send().status, 401);
    // A page of another origin.
    let listed = message(&house, house.key(), "tools/list", json!({}));
    assert_eq!(listed.header("origin", "https://fabrikam.com").send().status, 403);
    let long = bare(&house, house.key())
        .header("accept", "application/json, text/event-stream")
        .header("content-type", "application/json")
        .body(vec![b' '; (1 << 20) + 1]);
    assert_eq!(long.send().status, 413);
    // Of two members with one name, no party may read another one than the next.
    let twice = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete-user",
        "arguments":{"plan":true,"userPrincipalName":"anna@contoso.onmicrosoft.com","plan":false}}}"#;
    for body in ["{", "[]", "null", "{\"jsonrpc\":\"2.0\"}", twice] {
        let answer = bare(&house, house.key())
            .header("accept", "application/json, text/event-stream")
            .header("content-type", "application/json")
            .body(body)
            .send();
        assert!((400..500).contains(&answer.status), "{body}: {answer:?}");
    }
}
