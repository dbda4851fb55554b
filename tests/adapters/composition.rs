//! What `o365 component --with` writes.

use std::fs;

use sha2::{Digest, Sha256};
use support::o365;
use wasmparser::{Parser, Payload};
use wit_parser::decoding::{DecodedWasm, decode};

use crate::composed::{composed, file};

/// The most bytes of each adapter. Most of `http` is the JSON of all actions.
const MAX_BYTES: [(&str, usize); 4] = [
    ("connections", 90_000),
    ("http", 235_000),
    ("environment", 13_000),
    ("connections-static", 28_000),
];

/// The imports of every composition that sends requests.
const HTTP: [&str; 7] = [
    "connector:office365/types@1.0.0",
    "wasi:clocks/monotonic-clock@0.2.3",
    "wasi:http/outgoing-handler@0.2.3",
    "wasi:http/types@0.2.3",
    "wasi:io/error@0.2.3",
    "wasi:io/poll@0.2.3",
    "wasi:io/streams@0.2.3",
];

const STORE: &str = "wasi:config/store@0.2.0-rc.1";
const ENVIRONMENT: &str = "wasi:cli/environment@0.2.3";
const HANDLER: &str = "wasi:http/incoming-handler@0.2.3";

/// The names of what a component imports and exports.
fn faces(component: &[u8]) -> (Vec<String>, Vec<String>) {
    let (mut imports, mut exports, mut depth) = (Vec::new(), Vec::new(), 0);
    for payload in Parser::new(0).parse_all(component) {
        match payload.unwrap() {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 0 => {
                imports.extend(section.into_iter().map(|it| it.unwrap().name.name.to_owned()));
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                exports.extend(section.into_iter().map(|it| it.unwrap().name.name.to_owned()));
            }
            _ => {}
        }
    }
    imports.sort();
    (imports, exports)
}

#[test]
fn a_composition_imports_what_its_adapters_need_and_no_connections() {
    let cases = [
        ("connections", Some(STORE)),
        ("connections-static", Some(STORE)),
        ("connections,environment", Some(ENVIRONMENT)),
        ("connections-static,environment", Some(ENVIRONMENT)),
        ("http,connections", Some(STORE)),
        ("http,connections,environment", Some(ENVIRONMENT)),
    ];
    for (adapters, settings) in cases {
        let (imports, exports) = faces(&fs::read(file(adapters, &[])).unwrap());
        let mut expected: Vec<&str> = HTTP.into_iter().chain(settings).collect();
        expected.sort_unstable();
        assert_eq!(imports, expected, "{adapters}");
        match adapters.contains("http") {
            true => assert_eq!(exports, [HANDLER], "{adapters}"),
            false => assert!(exports.contains(&"connector:office365/accounts@1.0.0".to_owned())),
        }
    }
}

#[test]
fn short_names_are_those_of_the_interfaces() {
    let (_, exports) = faces(&fs::read(file("connections", &["--short-names"])).unwrap());
    let expected = ["accounts", "reports", "notifications", "catalog", "data-sets", "diagnostics"];
    assert_eq!(exports, expected);
    // A handler has the name by which hosts look for it.
    let (_, exports) = faces(&fs::read(file("http,connections", &["--short-names"])).unwrap());
    assert_eq!(exports, [HANDLER]);
}

#[test]
fn the_command_says_how_large_each_part_is_and_its_digest() {
    let (path, ended) = composed("connections,environment", &[]);
    let lines: Vec<&str> = ended.stderr.lines().collect();
    let names: Vec<&str> = lines.iter().map(|line| line.split_once(':').unwrap().0).collect();
    assert_eq!(names, ["connector", "connections", "environment", "component"]);
    let bytes = fs::read(path).unwrap();
    let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(lines[3], format!("component: {} bytes, sha256:{digest}", bytes.len()));
}

#[test]
fn the_adapters_are_small() {
    let (_, ended) = composed("connections,http,environment", &[]);
    let (_, other) = composed("connections-static", &[]);
    let lines: Vec<&str> = ended.stderr.lines().chain(other.stderr.lines()).collect();
    for (adapter, most) in MAX_BYTES {
        let of = |line: &&str| {
            Some(
                line.strip_prefix(adapter)?.strip_prefix(": ")?.split_once(' ')?.0.parse().unwrap(),
            )
        };
        let size: usize = lines.iter().find_map(of).unwrap();
        assert!(size <= most, "{adapter}: {size} bytes, more than {most}");
    }
}

#[test]
fn adapters_that_do_not_go_together_are_refused_with_the_reason() {
    let refusals = [
        ("connections,connections-static", "both provide the same interface"),
        ("environment", "nothing uses environment"),
        ("conections", "there is no such adapter"),
        ("http,connections,http", "http is named twice"),
    ];
    for (adapters, reason) in refusals {
        let (_, ended) = composed(adapters, &[]);
        assert_eq!(ended.code, 2, "{adapters}: {}", ended.stderr);
        assert!(ended.stderr.contains(reason), "{adapters}: {}", ended.stderr);
    }
}

#[test]
fn what_is_written_is_a_component_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (text, output) = (path("text.wasm"), path("o365.wasm"));
    fs::write(&text, "no component").unwrap();
    let cases = [
        (vec!["--output", &output, "--wit", &output], 2, "name the same file"),
        (vec!["--output", "-", "--wit", "-"], 2, "name the same file"),
        (vec!["--output", &output, "--component", &text], 4, "component"),
        (vec!["--output", &output, "--wit", folder.path().to_str().unwrap()], 4, "the WIT package"),
    ];
    for (options, code, reason) in cases {
        let ended = o365([vec!["component"], options].concat()).run();
        assert_eq!((ended.code, ended.stdout.as_str()), (code, ""), "{}", ended.stderr);
        assert!(ended.stderr.contains(reason), "{}", ended.stderr);
        assert!(!folder.path().join("o365.wasm").exists());
    }
}

#[test]
fn the_wit_package_is_written_beside_the_component() {
    let folder = tempfile::tempdir().unwrap();
    let (component, wit) = (folder.path().join("o365.wasm"), folder.path().join("wit.wasm"));
    let words =
        ["component", "--output", component.to_str().unwrap(), "--wit", wit.to_str().unwrap()];
    let ended = o365(words).run();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let DecodedWasm::WitPackage(resolve, package) = decode(&fs::read(wit).unwrap()).unwrap() else {
        panic!("it is no WIT package");
    };
    assert_eq!(resolve.packages[package].name.to_string(), "connector:office365@1.0.0");
    let accounts = resolve.packages[package].interfaces["accounts"];
    assert_eq!(
        resolve.interfaces[accounts].docs.contents.as_deref(),
        Some("Actions with accounts.")
    );
}
