//! Entries that are no calls of the action are no reason to refuse a file, whatever is in them.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Shape, exchanges, replayed};

/// Entries that a parser takes.
const ODD: &str = r#"
null, 7, "x", [], {},
{"request":null,"response":null},
{"request":{"method":null,"url":null,"headers":null},"response":{"status":null,"content":null}},
{"request":{"method":7,"url":["x"]},"response":[]},
{"request":{"method":"GET","url":"https://x.example/","headers":{"a":["b"]}},"response":{"status":0}},
{"request":{"method":"GET","url":"https://x.example/","headers":[{"name":"a"}]},"response":{"status":-1,"_failureText":"net::ERR_FAILED"}},
{"time":"87.2","request":{"method":"GET","url":"https://x.example/"},"response":{"status":-999,"headers":[{"name":"a","value":null}]}},
{"time":-1,"request":{"method":"GET","url":"https://x.example/"},"response":{"status":"(canceled)","bodySize":"12"}},
{"time":1e300,"request":{"method":"GET","url":"https://x.example/"},"response":{"status":99999,"content":{"size":-7.5}}},
{"_resourceType":"websocket","request":{"method":"GET","url":"wss://x.example/socket"},"response":{"status":101,"content":{"mimeType":"x-unknown"}},"_webSocketMessages":[{"type":"send","time":1,"opcode":1,"data":"x"}]},
{"request":{"method":"POST","url":"https://x.example/","postData":{"type":"Buffer","data":[1,2]}},"response":{"status":200,"content":{"text":{"type":"Buffer","data":[300,"x"]}}}},
{"request":{"method":"POST","url":"https://x.example/","postData":null},"response":{"status":200,"content":{"encoding":"base64","text":"%"}}},
{"request":{"method":"POST","url":"https://x.example/","postData":{"_file":"../../../etc/hostname"}},"response":{"status":200,"content":{"_file":"nowhere.bin","encoding":"x"}}},
{"request":{"method":"GET","url":"https://x.example/\ufffd"},"response":{"status":204}},
{"request":{"method":"GET","url":"https://graph.microsoft.com/v1.0/me/photo"},"response":{"status":200,"content":{"size":900}}},
{"request":{"method":"OPTIONS","url":"https://graph.microsoft.com/v1.0/users"},"response":{"status":200,"content":{"size":-1}}},
{"request":{"method":"GET","url":"about:blank"},"response":{"status":200}},
{"request":{"method":"GET","url":"/v1.0/users"},"response":{"status":200}}
"#;

/// Entries that none takes: halves of surrogate pairs, and numbers that JSON does not have.
const UNREADABLE: &str = r#"
{"request":{"method":"POST","url":"https://x.example/","postData":{"text":"\udc80\udcff"}},"response":{"status":200,"content":{"text":"\ud83d"}}},
{"time":NaN,"request":{"method":"GET","url":"https://x.example/"},"response":{"status":-Infinity,"content":{"size":1e999}}}
"#;

/// The run among other entries, before, between and behind.
fn among(shape: &Shape, others: &str) -> String {
    let entries: Vec<String> = shape.entries.iter().map(ToString::to_string).collect();
    let all: Vec<&str> =
        entries.iter().flat_map(|entry| [others, entry.as_str()]).chain([others]).collect();
    format!(r#"{{"log":{{"version":null,"creator":7,"entries":[{}]}}}}"#, all.join(","))
}

#[test]
fn what_is_no_call_of_the_action_is_no_reason_to_refuse_a_file() {
    for (name, others) in [("odd", ODD), ("unreadable", UNREADABLE)] {
        let shape = Shape::new(name);
        let made = shape.taken_as(among(&shape, others).as_bytes());
        assert_eq!(exchanges(&made).len(), shape.entries.len(), "{name}");
    }
    let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(300), "]".repeat(300));
    let shape = Shape::new("deep");
    shape.taken_as(among(&shape, &deep).as_bytes());
    // Bytes that are no UTF-8.
    let shape = Shape::new("latin-1");
    let text = among(&shape, r#"{"request":{"method":"GET","url":"https://x.example/?"}}"#);
    let mut bytes = text.into_bytes();
    let place = bytes.iter().position(|byte| *byte == b'?').unwrap();
    bytes[place] = 0xe9;
    shape.taken_as(&bytes);
}

#[test]
fn what_editors_and_shells_make_of_a_file_is_undone_or_told() {
    let shape = Shape::new("mark");
    shape.taken_as(&[b"\xef\xbb\xbf", shape.text().as_bytes()].concat());
    let shape = Shape::new("filled-up");
    shape.taken_as(&[shape.text().as_bytes(), b"\r\n\0\0\0\0"].concat());
    let wide = |text: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    };
    let shape = Shape::new("utf-16");
    let marked = format!("\u{feff}{}", shape.text());
    for bytes in [
        wide(&marked, u16::to_le_bytes),
        wide(&marked, u16::to_be_bytes),
        wide(&shape.text(), u16::to_le_bytes),
        wide(&shape.text(), u16::to_be_bytes),
    ] {
        shape.refused_as(&bytes, "is in UTF-16; save it as UTF-8");
    }
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(shape.text().as_bytes()).unwrap();
    shape.refused_as(&packed.finish().unwrap(), "is packed with gzip; unpack it with `gunzip`");
    for bytes in [&b"{}"[..], b"", b"{\"log\":{\"entries\":null}}", b"<html>"] {
        shape.refused_as(bytes, "is not a HAR 1.2 file");
    }
}

#[test]
fn a_replay_of_a_file_of_another_program_is_told_what_makes_a_fixture_of_it() {
    let shape = Shape::new("replayed");
    for (name, bytes) in [
        ("plain.har", shape.text()),
        ("odd.har", among(&shape, ODD)),
        ("nan.har", among(&shape, UNREADABLE)),
    ] {
        shape.beside(name, bytes);
        let path = shape.path(name);
        let ended = replayed(&path);
        assert_eq!(ended.code, 4, "{name}");
        let told = format!("`o365 fixtures add {} --action ACTION --case CASE`", path.display());
        assert!(ended.stderr.contains(&told), "{name}: {}", ended.stderr);
    }
}
