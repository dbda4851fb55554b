//! The component itself: what it imports and how large it is.

use std::fs;

use wasmparser::{Parser, Payload};

use support::o365;

/// The largest component, in bytes.
const MAX_BYTES: usize = 450_000;

/// Everything that the component may import. A new line here is a new power.
const IMPORTS: [&str; 8] = [
    "connector:office365/connections@1.0.0",
    "connector:office365/types@1.0.0",
    "wasi:clocks/monotonic-clock@0.2.3",
    "wasi:http/outgoing-handler@0.2.3",
    "wasi:http/types@0.2.3",
    "wasi:io/error@0.2.3",
    "wasi:io/poll@0.2.3",
    "wasi:io/streams@0.2.3",
];

fn component() -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("o365.wasm");
    let ended = o365(["component", "-o", file.to_str().unwrap()]).run();
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{}", ended.stderr);
    fs::read(file).unwrap()
}

#[test]
fn the_component_imports_what_its_world_says_and_nothing_else() {
    let component = component();
    let mut imports = Vec::new();
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(&component) {
        match payload.unwrap() {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 0 => {
                imports
                    .extend(section.into_iter().map(|import| import.unwrap().name.name.to_owned()));
            }
            _ => {}
        }
    }
    imports.sort();
    assert_eq!(imports, IMPORTS);
}

#[test]
fn the_component_is_small() {
    let size = component().len();
    assert!(size <= MAX_BYTES, "{size} bytes, more than {MAX_BYTES}");
}

#[test]
fn the_component_holds_no_path_of_the_machine_that_built_it() {
    let component = component();
    let text = String::from_utf8_lossy(&component);
    let root = support::root();
    assert!(!text.contains(root.to_str().unwrap()));
    if let Some(home) = std::env::home_dir() {
        assert!(!text.contains(&format!("{}/.cargo", home.display())));
    }
}
