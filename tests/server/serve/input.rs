//! Calls that are wrong before anything runs: each is told as problem details, and whether
//! something ran can be seen in the audit log.

use std::io::{Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::serve::client::{Answer, Request, connect};
use crate::serve::server::{House, SKU, Shared, account, seats};

const SEATS: &str = "get-available-license-count";

/// One for all tests: nothing that they send changes anything.
fn server() -> Arc<House> {
    static SHARED: Shared<House> = Shared::new();
    SHARED.get(House::new)
}

/// A call of an action with a body of these bytes.
fn call(body: impl Into<Vec<u8>>) -> Request {
    let ask = server().ask("POST", &format!("/v1/actions/{SEATS}")).key(server().key());
    ask.header("content-type", "application/json").body(body)
}

#[track_caller]
fn pointers(answer: &Answer) -> Vec<String> {
    let error = answer.problem(400, "invalid-input");
    let problems = error["problems"].as_array().unwrap();
    assert!(problems.iter().all(|problem| problem["message"].is_string()), "{error}");
    problems.iter().map(|problem| problem["pointer"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_wrong_with_an_input_is_told_at_its_place() {
    let _house = server();
    for (input, places) in [
        (json!({}), &["/serviceId"][..]),
        (json!({ "serviceId": 5 }), &["/serviceId"]),
        (json!({ "serviceId": null }), &["/serviceId"]),
        (json!({ "serviceId": SKU, "color": "red" }), &["/color"]),
        (json!({ "serviceId": SKU, "connectionId": 5 }), &["/connectionId"]),
        (json!({ "serviceId": SKU, "connectionId": "nobody" }), &["/connectionId"]),
        (json!([]), &[""]),
        (json!("text"), &[""]),
        (json!(null), &[""]),
    ] {
        assert_eq!(pointers(&call(input.to_string()).send()), places, "{input}");
    }
    // All at once.
    let mut many = account("allen");
    many["usageLocation"] = json!(5);
    many["extra"] = json!(true);
    many.as_object_mut().unwrap().remove("displayName");
    let answer = server().action(server().key(), "create-user", &many).send();
    let mut told = pointers(&answer);
    told.sort();
    assert_eq!(told, ["/displayName", "/extra", "/usageLocation"]);
    assert!(!answer.text().contains("Any-passw0rd"), "{}", answer.text());
    // What the action itself refuses has its own error, in the same form.
    let mut weak = account("allen");
    weak["password"] = json!("weak-canary");
    let answer = server().action(server().key(), "create-user", &weak).send();
    answer.problem(400, "invalid-input");
    assert!(!answer.text().contains("weak-canary"), "{}", answer.text());
}

#[test]
fn what_is_no_json_is_told_so() {
    let _house = server();
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let abyss = "{\"a\":".repeat(100_000);
    for body in [
        "",
        " ",
        "{",
        "{\"serviceId\":",
        "{'serviceId': 1}",
        "{\"serviceId\": \"a\"} {}",
        "serviceId=1",
        "\u{feff}{}",
        "NaN",
        "{\"serviceId\": \"\\ud800\"}",
        "{\"serviceId\": \"a\nb\"}",
        &deep,
        &abyss,
    ] {
        let error = call(body).send().problem(400, "invalid-input");
        assert!(error.to_string().len() < 2_000, "{error}");
    }
    for bytes in [&b"{\"serviceId\": \"\xff\"}"[..], b"\xff\xfe{\x00}\x00", b"\x00", b"\xc3\x28"] {
        call(bytes).send().problem(400, "invalid-input");
    }
    // The same name twice: nobody knows which was meant.
    let twice = format!("{{\"serviceId\": \"{SKU}\", \"serviceId\": \"{SKU}\"}}");
    call(twice).send().problem(400, "invalid-input");
    let escaped = format!("{{\"serviceId\": \"{SKU}\", \"service\\u0049d\": \"{SKU}\"}}");
    call(escaped).send().problem(400, "invalid-input");
}

#[test]
fn a_body_says_that_it_is_json() {
    let _house = server();
    let input = seats().to_string();
    let with = |kinds: &[&str]| {
        let ask = server().ask("POST", &format!("/v1/actions/{SEATS}")).key(server().key());
        let ask = kinds.iter().fold(ask, |ask, kind| ask.header("Content-Type", kind));
        ask.body(input.as_str()).send()
    };
    for good in [
        "application/json",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json ; charset=\"utf-8\"",
        // JSON has no such parameter, and is read as ever (RFC 8259, section 11).
        "application/json; charset=iso-8859-1",
    ] {
        with(&[good]).done();
    }
    for bad in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=a",
        "application/jsonx",
        "application/json-patch+json",
        "application/problem+json",
        "json",
        "",
        "*/*",
    ] {
        with(&[bad]).problem(415, "unsupported-media-type");
    }
    with(&[]).problem(415, "unsupported-media-type");
    with(&["application/json", "text/plain"]).problem(415, "unsupported-media-type");
    // A body that would have to be unpacked first.
    let packed = call(input.as_str()).header("Content-Encoding", "gzip").send();
    packed.problem(415, "unsupported-media-type");
    call(input.as_str()).header("Content-Encoding", "identity").send().done();
}

#[test]
fn a_body_has_a_size() {
    let _house = server();
    let padded = |length: usize| {
        let input = seats().to_string();
        format!("{input}{}", " ".repeat(length - input.len()))
    };
    call(padded(1 << 20)).send().done();
    call(padded((1 << 20) + 1)).send().problem(413, "too-large");
    call(padded(20 << 20)).send().problem(413, "too-large");
    // One that is said to be large is not waited for.
    let mut stream = connect(&server().address()).unwrap();
    let head = head("Content-Length: 999999999999\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let began = Instant::now();
    let answer = read(&mut stream);
    answer.problem(413, "too-large");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    // And one that does not say so ends where it is too large.
    let mut stream = connect(&server().address()).unwrap();
    stream.write_all(self::head("Transfer-Encoding: chunked\r\n").as_bytes()).unwrap();
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x1_0000));
    while stream.write_all(chunk.as_bytes()).is_ok() {}
    assert!(began.elapsed() < Duration::from_secs(10));
}

/// The head of a call, with more headers.
fn head(headers: &str) -> String {
    format!(
        "POST /v1/actions/{SEATS} HTTP/1.1\r\nHost: o365\r\nConnection: close\r\n\
         Authorization: Bearer {}\r\nContent-Type: application/json\r\n{headers}\r\n",
        server().key()
    )
}

fn read(stream: &mut std::net::TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let parsed = Answer::parse(&bytes, "POST");
    parsed.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&bytes))).0
}

#[test]
fn a_body_that_breaks_off_runs_nothing() {
    let _house = server();
    let mut stream = connect(&server().address()).unwrap();
    let length = format!("Content-Length: {}\r\n", seats().to_string().len() + 1);
    stream.write_all(format!("{}{}", head(&length), seats()).as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    // Who went away needs no answer; who only stopped sending gets one.
    if let Some((answer, _)) = Answer::parse(&bytes, "POST") {
        answer.problem(400, "invalid-input");
    }
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    let _house = server();
    let mut stream = connect(&server().address()).unwrap();
    stream.write_all(format!("{}{{", head("Content-Length: 100\r\n")).as_bytes()).unwrap();
    let began = Instant::now();
    read(&mut stream).problem(408, "timeout");
    let took = began.elapsed();
    assert!((25..40).contains(&took.as_secs()), "{took:?}");
}

#[test]
fn a_query_asks_for_a_plan_and_nothing_else() {
    let _house = server();
    let ask = |action: &str, query: &str, input: &Value| {
        let ask = server().ask("POST", &format!("/v1/actions/{action}{query}"));
        ask.key(server().key()).json(input).send()
    };
    let plan = ask("create-user", "?plan=true", &account("planned")).done();
    assert_eq!(plan["action"], "create-user");
    assert_eq!(plan["writes"][0]["method"], "POST", "{plan}");
    assert!(!plan.to_string().contains("Any-passw0rd"), "{plan}");
    assert!(plan["notChecked"][0].is_string(), "{plan}");
    let taken = ask("create-user", "?plan=true", &account("anna")).done();
    assert_eq!(taken["writes"], json!([]));
    assert_eq!(taken["refused"][0]["graph"]["status"], 400, "{taken}");
    assert_eq!(taken["error"]["kind"], "already-exists");
    // Nothing was changed.
    let deletion = json!({ "userPrincipalName": "planned@contoso.onmicrosoft.com" });
    let found = ask(
        "assign-license-to-existing-user",
        "",
        &json!({
            "userPrincipalName": deletion["userPrincipalName"], "serviceId": SKU,
        }),
    );
    found.problem(404, "not-found");
    for nothing in ["", "?", "?plan=false"] {
        assert!(ask(SEATS, nothing, &seats()).done().is_number(), "{nothing}");
    }
    for wrong in [
        "?plan=maybe",
        "?plan=",
        "?plan",
        "?plan=TRUE",
        "?plan=1",
        "?Plan=true",
        "?plan=true&plan=true",
        "?plan=true&plan=false",
        "?dry=true",
        "?plan=true&verbose=1",
        "?%ff=1",
    ] {
        ask(SEATS, wrong, &seats()).problem(400, "invalid-input");
    }
    // `+` and percent-encoding are those of a form.
    assert!(ask(SEATS, "?%70lan=tru%65", &seats()).done()["action"] == SEATS);
}

#[test]
fn an_idempotency_key_is_one() {
    let _house = server();
    let with = |keys: &[&str]| {
        let ask = call(seats().to_string());
        keys.iter().fold(ask, |ask, key| ask.header("Idempotency-Key", key)).send()
    };
    for bad in ["", "a b", "\"open", "\"a\"b", "\u{e4}", &"a".repeat(256)] {
        with(&[bad]).problem(400, "invalid-input");
    }
    with(&["one", "two"]).problem(400, "invalid-input");
    with(&[&"a".repeat(255)]).done();
}

#[test]
fn what_was_refused_before_it_ran_is_no_run() {
    let house = server();
    let before = house.place.audit(&["--failed"]);
    call("{").send().problem(400, "invalid-input");
    call(json!({}).to_string()).send().problem(400, "invalid-input");
    assert!(before.iter().all(|run| run["action"] != SEATS), "{before:?}");
    assert_eq!(house.place.audit(&["--failed", "--action", SEATS]), Vec::<Value>::new());
}
