//! The calls themselves, as other programs write them down.

use serde_json::{Value, json};

use super::{Shape, exchanges};

type Change = fn(&mut Vec<Value>);

/// Takes something away from a copy of an entry.
type Lessen = fn(&mut Value);

/// Changes the address of every request.
fn addresses(entries: &mut [Value], from: &str, to: &str) {
    for entry in entries {
        let url = entry["request"]["url"].as_str().unwrap();
        assert!(url.contains(from), "{url}");
        entry["request"]["url"] = url.replacen(from, to, 1).into();
    }
}

fn set(entries: &mut [Value], part: &str, name: &str, value: &Value) {
    for entry in entries {
        entry[part][name] = value.clone();
    }
}

/// Each says the same as the fixture.
const ROWS: [(&str, Change); 18] = [
    ("port", |entries| addresses(entries, "microsoft.com", "microsoft.com:443")),
    ("capitals", |entries| {
        addresses(entries, "https://graph.microsoft", "HTTPS://Graph.Microsoft")
    }),
    // As msgraph-sdk for Python sends it.
    ("slashes", |entries| addresses(entries, "/v1.0/", "/v1.0//")),
    ("fragment", |entries| {
        for entry in entries {
            let url = format!("{}#x", entry["request"]["url"].as_str().unwrap());
            entry["request"]["url"] = url.into();
        }
    }),
    ("small-letters", |entries| {
        for entry in entries {
            let method = entry["request"]["method"].as_str().unwrap().to_lowercase();
            entry["request"]["method"] = method.into();
        }
    }),
    ("reversed", |entries| entries.reverse()),
    ("offsets", |entries| {
        entries[1]["startedDateTime"] = "2026-01-15T10:30:00.120+01:00".into();
        entries[2]["startedDateTime"] = "2026-01-15T09:30:00.6".into();
        entries.swap(0, 3);
        entries.swap(1, 2);
    }),
    ("no-times", |entries| {
        for entry in entries {
            entry
                .as_object_mut()
                .unwrap()
                .retain(|name, _| name == "request" || name == "response");
        }
    }),
    ("one-time", |entries| {
        // One without a time stays behind the one before it.
        entries[1]["startedDateTime"] = Value::Null;
        entries[2]["startedDateTime"] = "soon".into();
        let last = entries.remove(3);
        entries.insert(0, last);
    }),
    ("numbers-as-text", |entries| {
        for entry in entries {
            entry["time"] = entry["time"].to_string().into();
            for name in ["status", "bodySize"] {
                entry["response"][name] = entry["response"][name].to_string().into();
            }
            entry["response"]["content"]["size"] = "350.0".into();
        }
    }),
    ("numbers-in-fractions", |entries| {
        for entry in entries {
            let status = entry["response"]["status"].as_f64().unwrap();
            entry["response"]["status"] = json!(status);
        }
    }),
    ("nulls", |entries| {
        for name in ["statusText", "httpVersion", "redirectURL", "headersSize", "bodySize"] {
            set(entries, "response", name, &Value::Null);
        }
        for name in ["httpVersion", "headers", "queryString", "cookies", "headersSize", "bodySize"]
        {
            set(entries, "request", name, &Value::Null);
        }
        set(entries, "response", "_error", &Value::Null);
        set(entries, "response", "_failureText", &Value::Null);
        entries[0]["request"]["postData"] = Value::Null;
    }),
    ("no-media-type", |entries| {
        for entry in entries {
            entry["response"]["content"].as_object_mut().unwrap().remove("mimeType");
        }
    }),
    ("no-headers", |entries| set(entries, "response", "headers", &Value::Null)),
    ("headers-without-values", |entries| {
        let headers = json!([{ "name": "request-id" }, { "name": "date", "value": null }, { "value": "x" }, "x", null,
            { "name": ":status", "value": "200" }, { "name": "content-type", "value": "application/json" }]);
        set(entries, "response", "headers", &headers);
    }),
    ("headers-as-an-object", |entries| {
        let headers = json!({ "content-type": "application/json", "content-length": 7, "set-cookie": ["a=1", "b=2"] });
        set(entries, "response", "headers", &headers);
    }),
    ("bodies-as-objects", |entries| {
        for entry in entries {
            let text = entry["response"]["content"]["text"].as_str().unwrap();
            entry["response"]["content"]["text"] = serde_json::from_str(text).unwrap();
            if let Some(text) = entry["request"]["postData"]["text"].as_str() {
                entry["request"]["postData"]["text"] = serde_json::from_str(text).unwrap();
            }
        }
    }),
    ("lengths-of-something-else", |entries| {
        // JSON that ends is whole: axios keeps the length of what was packed, and counts characters.
        for entry in entries {
            entry["response"]["headers"] = json!([{ "name": "content-length", "value": "99999" }]);
            entry["response"]["content"]["size"] = 99_998.into();
            entry["response"]["bodySize"] = 3.into();
        }
    }),
];

#[test]
fn the_calls_are_understood_however_they_are_written_down() {
    for (name, change) in ROWS {
        let made = Shape::with(name, change).taken();
        let requests: Vec<&Value> =
            exchanges(&made).iter().map(|entry| &entry["request"]).collect();
        assert_eq!(requests.len(), 4, "{name}");
        for request in requests {
            let url = request["url"].as_str().unwrap();
            assert!(url.starts_with("https://graph.microsoft.com/v1.0/"), "{name}: {url}");
            assert!(!url.contains("v1.0//"), "{name}: {url}");
        }
    }
}

#[test]
fn headers_that_came_twice_are_kept_twice() {
    let shape = Shape::with("repeated", |entries| {
        entries[0]["response"]["headers"] = json!([
            { "name": "x-ms-ags-diagnostic", "value": "one\ntwo" },
            { "name": "etag", "value": "three, four" },
            { "name": "Content-Length", "value": "585\n585" },
            { "name": "set-cookie", "value": "session=1\nother=2" },
        ]);
    });
    let made = shape.taken();
    let headers = exchanges(&made)[0]["response"]["headers"].as_array().unwrap();
    let values = |name: &str| -> Vec<&str> {
        let same = headers.iter().filter(|header| header["name"] == name);
        same.map(|header| header["value"].as_str().unwrap()).collect()
    };
    assert_eq!(values("x-ms-ags-diagnostic"), ["one", "two"]);
    assert_eq!(values("etag"), ["three, four"]);
    assert!(values("set-cookie").is_empty() && values("content-length").is_empty());
}

/// A copy of one request, as a program writes it that sees it before and after.
#[test]
fn a_request_that_was_noted_twice_was_sent_once() {
    const COPIES: [(&str, Lessen); 4] = [
        ("without-answer", |copy| copy["response"] = Value::Null),
        ("status-of-none", |copy| {
            copy["response"] = json!({ "status": 0, "headers": [], "content": {} });
        }),
        ("without-content", |copy| {
            copy["response"]["content"] = json!({ "size": 350, "mimeType": "application/json" });
        }),
        ("without-request", |copy| {
            copy["request"].as_object_mut().unwrap().remove("postData");
        }),
    ];
    for (name, lessen) in COPIES {
        for place in [1, 2] {
            let shape = Shape::with(&format!("copy-{name}-{place}"), |entries| {
                let mut copy = entries[1].clone();
                lessen(&mut copy);
                entries.insert(place, copy);
            });
            assert_eq!(exchanges(&shape.taken()).len(), 4, "{name}");
        }
    }
    // A read that was made twice is no copy: the first one's content is missing.
    let shape = Shape::with("twice", |entries| {
        let mut before = entries[3].clone();
        before["response"]["content"] = json!({ "size": 900 });
        before["startedDateTime"] = "2026-01-15T09:30:00.700Z".into();
        entries.insert(3, before);
    });
    shape.refused("entry 4: recorded without content");
    // Nor is one that got another answer.
    let shape = Shape::with("other-answer", |entries| {
        let mut before = entries[3].clone();
        before["response"] = json!({ "status": 404, "content": { "size": 900 } });
        entries.insert(3, before);
    });
    shape.refused("entry 4: recorded without content");
}
