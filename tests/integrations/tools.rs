//! The tools, installed as they are pinned.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::Value;
use support::install::{Project, debian};
use support::root;

const NODE: Project = Project::node(
    "integrations/node",
    &[
        "package.json",
        "tsconfig.json",
        "orval.config.mjs",
        "spectral.yaml",
        "spec-parser.mjs",
        "typescript-fetch.ts",
        "openapi-typescript.ts",
        "orval.ts",
    ],
);

const PYTHON: Project = Project::python(
    "integrations/python",
    &["openapi_generator.py", "openapi_python_client.py", "langchain_loader.py"],
);

/// Where a package is from, with its name there.
#[derive(Clone, Copy)]
pub enum Package {
    Npm(&'static str),
    PyPi(&'static str),
}

impl Package {
    /// Its registry, name and version, as the table has them.
    pub fn text(self) -> String {
        match self {
            Self::Npm(name) => format!("npm `{name}` {}", npm(name)),
            Self::PyPi(name) => format!("PyPI `{name}` {}", pypi(name)),
        }
    }
}

fn pins(file: &str) -> String {
    fs::read_to_string(root().join("tests/integrations").join(file)).unwrap()
}

/// The version of a package of npm.
pub fn npm(name: &str) -> String {
    let pins: Value = serde_json::from_str(&pins("node/package.json")).unwrap();
    pins["dependencies"][name].as_str().unwrap().to_owned()
}

fn pypi(name: &str) -> String {
    let pins = pins("python/requirements.txt");
    let pin = pins.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix("=="));
    pin.unwrap_or_else(|| panic!("{name} is not pinned")).to_owned()
}

/// The tools of npm; none where they cannot be installed.
pub fn node() -> Option<&'static Path> {
    static INSTALLED: LazyLock<Option<PathBuf>> = LazyLock::new(|| NODE.installed());
    INSTALLED.as_deref()
}

/// The tools of PyPI; none where they cannot be installed.
pub fn python() -> Option<&'static Path> {
    static INSTALLED: LazyLock<Option<PathBuf>> = LazyLock::new(|| PYTHON.installed());
    INSTALLED.as_deref()
}

/// Java's compiler, with which the program `java` comes; none where it is not there.
pub fn javac() -> Option<PathBuf> {
    debian("javac", "default-jdk-headless")
}

/// A tool of npm.
pub fn npm_tool(name: &str) -> Option<Command> {
    Some(Command::new(node()?.join("node_modules/.bin").join(name)))
}

/// A tool of PyPI, or `python`. The tools find each other.
pub fn python_tool(name: &str) -> Option<Command> {
    let programs = python()?.join("venv/bin");
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(programs.join(name));
    command.env("PATH", format!("{}:{path}", programs.display()));
    Some(command)
}

/// openapi-generator, which is a program of Java's.
pub fn openapi_generator() -> Option<PathBuf> {
    javac()?;
    let library = fs::read_dir(python()?.join("venv/lib")).unwrap().next().unwrap().unwrap();
    let jar = "site-packages/openapi_generator_cli/openapi-generator.jar";
    Some(library.path().join(jar))
}

/// How a tool ended: whether well, and everything that it said.
pub fn ended(command: &mut Command) -> (bool, String) {
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr);
    (status.success(), text)
}

/// Runs a tool that must end well: what it said.
#[track_caller]
pub fn run(command: &mut Command) -> String {
    let (well, text) = ended(command);
    assert!(well, "{command:?}: {text}");
    text
}

/// Runs a program of ours that must end well: the JSON that it printed.
#[track_caller]
pub fn printed(command: &mut Command) -> Value {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?}: {stderr} {stdout}");
    serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout} {stderr}"))
}
