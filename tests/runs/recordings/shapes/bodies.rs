//! Bodies in wrappings, in files beside the recording and in archives. Each is unwrapped before
//! secrets are looked for.

use std::fmt::Write as _;
use std::io::{Cursor, Write};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{PASSWORD, Shape, TOKEN, exchanges};

/// What a program writes in place of a body's text.
type Wrapping = fn(&str) -> Value;

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

fn lines(text: &str) -> String {
    STANDARD.encode(text).as_bytes().chunks(76).fold(String::new(), |mut all, line| {
        write!(all, "{}\r\n", std::str::from_utf8(line).unwrap()).unwrap();
        all
    })
}

/// As Polly writes them.
fn pieces(bytes: &[u8]) -> String {
    json!(bytes.chunks(100).map(|piece| STANDARD.encode(piece)).collect::<Vec<_>>()).to_string()
}

const WRAPPINGS: [(&str, Wrapping); 9] = [
    // Playwright, for the media type that Graph sends.
    ("base64", |text| json!({ "text": STANDARD.encode(text), "encoding": "base64" })),
    ("lines", |text| json!({ "text": lines(text), "encoding": "base64" })),
    ("url-safe", |text| json!({ "text": URL_SAFE_NO_PAD.encode(text), "encoding": "Base64" })),
    ("gzip", |text| json!({ "text": STANDARD.encode(gzip(text)), "encoding": "base64" })),
    ("pieces", |text| json!({ "text": pieces(text.as_bytes()), "encoding": "base64" })),
    ("gzip-in-pieces", |text| json!({ "text": pieces(&gzip(text)), "encoding": "base64" })),
    // axios-har-tracker.
    (
        "buffer",
        |text| json!({ "text": json!({ "type": "Buffer", "data": text.as_bytes() }).to_string() }),
    ),
    ("buffer-itself", |text| json!({ "text": { "type": "Buffer", "data": text.as_bytes() } })),
    ("buffer-of-gzip", |text| json!({ "text": { "type": "Buffer", "data": gzip(text) } })),
];

/// Wraps the bodies of all answers.
fn wrapped(shape: &mut Shape, wrapping: Wrapping) {
    for index in 0..shape.entries.len() {
        let answer = shape.answer(index);
        shape.entries[index]["response"]["content"] = wrapping(&answer);
    }
}

#[test]
fn wrapped_bodies_are_what_is_in_them() {
    for (name, wrapping) in WRAPPINGS {
        let mut shape = Shape::new(&format!("wrapped-{name}"));
        let answers: Vec<String> = (0..4).map(|index| shape.answer(index)).collect();
        wrapped(&mut shape, wrapping);
        let made = shape.taken();
        for (entry, answer) in exchanges(&made).iter().zip(answers) {
            assert_eq!(entry["response"]["content"]["text"], answer, "{name}");
            assert!(entry["response"]["content"].get("encoding").is_none(), "{name}");
        }
    }
}

#[test]
fn a_secret_in_a_wrapping_is_found_and_one_of_the_run_is_taken_out() {
    for (name, wrapping) in WRAPPINGS {
        let mut shape = Shape::new(&format!("token-{name}"));
        let body = shape.answer(0).replacen('{', &format!(r#"{{"hint":"{TOKEN}","#), 1);
        shape.entries[0]["response"]["content"] = wrapping(&body);
        shape.refused("/log/entries/0/response/content/text > /hint: it holds a token");
        // A server that repeats the run's own secret.
        let mut shape = Shape::new(&format!("password-{name}"));
        let body = shape.answer(0).replacen('{', &format!(r#"{{"hint":"{PASSWORD}","#), 1);
        shape.entries[0]["response"]["content"] = wrapping(&body);
        let made = shape.taken();
        let text = exchanges(&made)[0]["response"]["content"]["text"].as_str().unwrap();
        assert!(text.contains(r#"{\"$secret\":\"password\"}"#), "{name}: {text}");
        // A request's body is wrapped the same way, with the password in it.
        let mut shape = Shape::new(&format!("request-{name}"));
        let request = &mut shape.entries[1]["request"];
        let body = request["postData"]["text"].as_str().unwrap().to_owned();
        assert!(body.contains(PASSWORD));
        request["postData"] = wrapping(&body);
        shape.taken();
        let mut shape = Shape::new(&format!("other-password-{name}"));
        shape.entries[1]["request"]["postData"] = wrapping(&body.replace(PASSWORD, "An0ther Word"));
        shape.refused("/passwordProfile/password: its name says that it is a secret");
    }
}

/// Puts the bodies in files; what they are called, and what is in them.
fn attached(shape: &mut Shape, change: fn(&str) -> String) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for (index, entry) in shape.entries.iter_mut().enumerate() {
        for (part, name) in [("response", "content"), ("request", "postData")] {
            let Some(text) = entry[part][name]["text"].as_str() else { continue };
            let file = format!("{part}{index}.json");
            files.push((file.clone(), change(text)));
            entry[part][name]["_file"] = file.into();
            // Playwright leaves it out, and writes an empty one for a request.
            entry[part][name]["text"] = "".into();
        }
    }
    files
}

fn same(text: &str) -> String {
    text.to_owned()
}

fn with_token(text: &str) -> String {
    text.replacen('{', &format!(r#"{{"hint":"{TOKEN}","#), 1)
}

fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file(name.as_str(), options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// An archive with the recording as `har` and the bodies in the same folder.
fn packed(shape: &Shape, har: &str, bodies: &[(String, String)]) -> Vec<u8> {
    let folder = har.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let mut files: Vec<(String, Vec<u8>)> = bodies
        .iter()
        .map(|(name, text)| (format!("{folder}{name}"), text.clone().into()))
        .collect();
    files.push((har.to_owned(), shape.text().into_bytes()));
    archive(&files)
}

#[test]
fn bodies_in_files_beside_and_in_archives_are_read() {
    let mut shape = Shape::new("attached");
    for (name, text) in attached(&mut shape, same) {
        shape.beside(&name, text);
    }
    shape.taken();
    for har in ["har.har", "recordings/run.HAR"] {
        let mut shape = Shape::new(&format!("zip-{}", har.replace('/', "-")));
        let bodies = attached(&mut shape, same);
        shape.taken_as(&packed(&shape, har, &bodies));
    }
}

#[test]
fn a_secret_in_a_file_beside_or_in_an_archive_is_found() {
    let words = "/log/entries/0/response/content/text > /hint: it holds a token";
    let mut shape = Shape::new("attached-token");
    for (name, text) in attached(&mut shape, with_token) {
        shape.beside(&name, text);
    }
    shape.refused(words);
    let mut shape = Shape::new("zip-token");
    let bodies = attached(&mut shape, with_token);
    shape.refused_as(&packed(&shape, "har.har", &bodies), words);
}

#[test]
fn a_recording_names_no_file_elsewhere() {
    let shape = Shape::new("elsewhere");
    shape.beside("answer.json", shape.answer(0));
    let absolute = shape.path("answer.json");
    let folder = absolute.parent().unwrap().file_name().unwrap().to_str().unwrap();
    for name in [
        format!("../{folder}/answer.json"),
        "./answer.json".to_owned(),
        "fixtures/answer.json".to_owned(),
        absolute.to_str().unwrap().to_owned(),
        "..".to_owned(),
        "x\\answer.json".to_owned(),
        "C:answer.json".to_owned(),
    ] {
        let mut shape = Shape::new("elsewhere-named");
        shape.beside("answer.json", shape.answer(0));
        shape.entries[0]["response"]["content"] = json!({ "size": 585, "_file": name });
        shape.refused("and only a file beside the recording is read");
        // In an archive a name leads nowhere either.
        let bodies = [("answer.json".to_owned(), shape.answer(1))];
        shape.refused_as(&packed(&shape, "har.har", &bodies), "and only a file beside");
    }
    let mut shape = Shape::new("absent");
    shape.entries[0]["response"]["content"] = json!({ "size": 585, "_file": "absent.json" });
    shape.refused("entry 1: the body of its response is in the file \"absent.json\" beside it");
}

#[cfg(unix)]
#[test]
fn a_link_is_no_file_beside() {
    let mut shape = Shape::new("link");
    std::os::unix::fs::symlink("/etc/hostname", shape.path("link.json")).unwrap();
    shape.entries[0]["response"]["content"] = json!({ "size": 585, "_file": "link.json" });
    shape.refused("it is no plain file");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("har.har", SimpleFileOptions::default()).unwrap();
    zip.write_all(shape.text().as_bytes()).unwrap();
    zip.add_symlink("link.json", "/etc/hostname", SimpleFileOptions::default()).unwrap();
    shape.refused_as(&zip.finish().unwrap().into_inner(), "it is no plain file");
}

#[test]
fn what_unpacks_without_end_is_refused() {
    const MOST: &str = "unpack to more than 256 MiB, the most that is read";
    // As many times a million of zeros as make more than 256 MiB.
    let million = gzip(&"\0".repeat(1 << 20));
    let mut shape = Shape::new("bomb-gzip");
    shape.entries[0]["response"]["content"] =
        json!({ "encoding": "base64", "text": STANDARD.encode(million.repeat(257)) });
    shape.refused(MOST);
    // No body of them is too large by itself.
    let mut shape = Shape::new("bomb-gzips");
    for entry in &mut shape.entries {
        entry["response"]["content"] =
            json!({ "encoding": "base64", "text": STANDARD.encode(million.repeat(100)) });
    }
    shape.refused(MOST);
    let mut shape = Shape::new("bomb-zip");
    shape.entries[0]["response"]["content"] = json!({ "size": 585, "_file": "zeros" });
    let files = [
        ("har.har".to_owned(), shape.text().into_bytes()),
        ("zeros".to_owned(), vec![0; 257 << 20]),
    ];
    shape.refused_as(&archive(&files), MOST);
}

#[test]
fn an_archive_without_one_recording_is_refused() {
    let shape = Shape::new("archives");
    let file = |name: &str| (name.to_owned(), shape.text().into_bytes());
    for (files, words) in [
        (vec![], "there is no .har file in it"),
        (vec![file("x.txt")], "there is no .har file in it"),
        (vec![file("a.har"), file("b.har")], "there is more than one .har file in it"),
    ] {
        shape.refused_as(&archive(&files), words);
    }
    let whole = archive(&[file("har.har")]);
    shape.refused_as(&whole[..whole.len() / 2], "is an unusable zip archive");
    shape.taken_as(&whole);
}
