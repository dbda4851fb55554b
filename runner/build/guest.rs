//! Builds a guest package of this workspace for WebAssembly and encodes it as a
//! component. Shared by the build script, which embeds the connector, and by the
//! tests, which build guests that misbehave.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The guests' target. It has no standard imports at all, so that a component
/// imports what its world says and nothing else.
const TARGET: &str = "wasm32-unknown-unknown";

/// The profile of the workspace's `Cargo.toml` that makes guests small.
const PROFILE: &str = "guest";

/// A built guest.
pub struct Guest {
    /// The component's bytes.
    pub component: Vec<u8>,
    /// The source files that went into it.
    pub sources: Vec<PathBuf>,
}

/// Why a guest could not be built; each says what to do.
#[derive(Debug)]
pub enum Error {
    /// The target is not installed, and installing it failed.
    NoTarget,
    /// Cargo could not be started, or a file could not be read.
    Io(String, io::Error),
    /// The guest does not compile; the compiler's own words.
    Compile(String),
    /// The compiled module is not a component of the world.
    Encode(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTarget => {
                write!(f, "the WebAssembly target is missing; run: rustup target add {TARGET}")
            }
            Self::Io(what, error) => write!(f, "{what}: {error}"),
            Self::Compile(output) => write!(f, "building the guest failed:\n{output}"),
            Self::Encode(reason) => write!(f, "the guest is no component of its world: {reason}"),
        }
    }
}

/// Builds `package` of the workspace at `root` below `target_dir`, which must not
/// be the target directory of a cargo that is waiting for this build: the two
/// would wait for each other.
pub fn build(root: &Path, package: &str, target_dir: &Path) -> Result<Guest, Error> {
    ensure_target()?;
    let output = cargo(root, package, target_dir)
        .output()
        .map_err(|error| Error::Io("cargo could not be started".to_owned(), error))?;
    if !output.status.success() {
        return Err(Error::Compile(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let stem = target_dir.join(TARGET).join(PROFILE).join(package.replace('-', "_"));
    let module = read(&stem.with_extension("wasm"))?;
    let dependencies = read(&stem.with_extension("d"))?;
    Ok(Guest {
        component: encode(&module)?,
        sources: sources(&String::from_utf8_lossy(&dependencies)),
    })
}

fn encode(module: &[u8]) -> Result<Vec<u8>, Error> {
    wit_component::ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| Error::Encode(format!("{error:#}")))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| Error::Io(path.display().to_string(), error))
}

fn cargo(root: &Path, package: &str, target_dir: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(root)
        .args(["rustc", "--package", package, "--target", TARGET, "--profile", PROFILE])
        // Only this kind: beside a library for Rust there is no link-time optimisation,
        // which is an eighth of the component.
        .args(["--lib", "--crate-type", "cdylib"])
        .arg("--target-dir")
        .arg(target_dir);
    if root.join("Cargo.lock").exists() {
        command.arg("--locked");
    }
    for (name, _) in env::vars_os().filter(|(name, _)| is_for_the_host(name)) {
        command.env_remove(name);
    }
    command.env("CARGO_ENCODED_RUSTFLAGS", remapped_paths(root));
    command
}

/// What the outer cargo says to its build scripts and what its caller says of the
/// host's build: flags, wrappers such as clippy's, profiles, targets. All of it
/// would be taken for the guest's. Where to find crates holds for both.
fn is_for_the_host(name: &OsString) -> bool {
    const FOR_BOTH: [&str; 7] = [
        "CARGO_HOME",
        "CARGO_NET_",
        "CARGO_HTTP_",
        "CARGO_REGISTR",
        "CARGO_SOURCE_",
        "CARGO_MAKEFLAGS",
        "CARGO_TERM_",
    ];
    let name = name.to_string_lossy();
    let of_cargo =
        name.starts_with("CARGO_") && !FOR_BOTH.iter().any(|kept| name.starts_with(kept));
    let of_rustc = ["RUSTFLAGS", "RUSTDOCFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"];
    of_cargo || of_rustc.contains(&&*name) || name == "CLIPPY_ARGS"
}

/// Flags that keep this machine's paths out of the component's panic locations,
/// and so make it the same bytes on every machine.
fn remapped_paths(root: &Path) -> String {
    let mut flags = vec![format!("--remap-path-prefix={}=.", root.display())];
    if let Some(home) = cargo_home() {
        flags.push(format!("--remap-path-prefix={}=cargo", home.display()));
    }
    flags.join("\u{1f}")
}

fn cargo_home() -> Option<PathBuf> {
    env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
}

fn ensure_target() -> Result<(), Error> {
    if target_is_installed() {
        return Ok(());
    }
    let added = Command::new("rustup").args(["target", "add", TARGET]).output();
    match added {
        Ok(output) if output.status.success() && target_is_installed() => Ok(()),
        _ => Err(Error::NoTarget),
    }
}

fn target_is_installed() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).output().is_ok_and(
        |output| {
            let path = String::from_utf8_lossy(&output.stdout);
            output.status.success() && Path::new(path.trim_end()).is_dir()
        },
    )
}

/// The files of a rule `made: file file ...` as cargo writes it, blanks escaped.
fn sources(rule: &str) -> Vec<PathBuf> {
    const ESCAPED_BLANK: &str = "\u{0}";
    rule.lines()
        .filter_map(|line| line.split_once(": "))
        .flat_map(|(_, files)| {
            files
                .replace("\\ ", ESCAPED_BLANK)
                .split_whitespace()
                .map(|file| PathBuf::from(file.replace(ESCAPED_BLANK, " ")))
                .collect::<Vec<_>>()
        })
        .collect()
}
