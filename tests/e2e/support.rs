//! Running the binary, reading fixtures, building the hostile guest.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use runner::recording::stand_ins;
use serde_json::{Map, Value};

#[expect(dead_code, reason = "shared with the build script, which uses the rest")]
#[path = "../../runner/build/guest.rs"]
mod guest;

/// The workspace's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Where the tests keep what they make, below the target directory.
fn scratch() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// A call of the binary.
pub struct Call {
    command: Command,
    stdin: Vec<u8>,
}

/// How a call ended.
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Every variable that names a proxy, or who goes around it.
const PROXY_VARIABLES: [&str; 8] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// `o365` with these arguments.
pub fn o365<S: AsRef<str>>(arguments: impl IntoIterator<Item = S>) -> Call {
    let mut command = Command::new(env!("CARGO_BIN_EXE_o365"));
    for variable in PROXY_VARIABLES {
        command.env_remove(variable);
    }
    command
        .args(arguments.into_iter().map(|argument| argument.as_ref().to_owned()))
        .current_dir(root())
        // Away from the user's own.
        .env("O365_CACHE_DIR", scratch().join("cache"))
        .env("O365_STATE_DIR", scratch().join("state"))
        .env("XDG_CONFIG_HOME", scratch().join("config"))
        .env_remove("O365_CONFIG")
        .env_remove("O365_LOG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Call { command, stdin: Vec::new() }
}

impl Call {
    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = text.into();
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it in another working directory than the workspace's root.
    pub fn directory(mut self, path: &Path) -> Self {
        self.command.current_dir(path);
        self
    }

    /// Sends stderr to a device that is always full.
    #[cfg(target_os = "linux")]
    pub fn without_stderr(mut self) -> Self {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        self.command.stderr(full);
        self
    }

    /// Kills it (with `SIGKILL`) after so long, and says whether it was still running.
    pub fn killed_after(mut self, time: Duration) -> bool {
        let mut child = self.command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(time);
        let running = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        running
    }

    pub fn run(mut self) -> Ended {
        let mut child = self.command.spawn().unwrap();
        // A command that does not read its input closes the pipe.
        let _ = child.stdin.take().unwrap().write_all(&self.stdin);
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        Ended {
            code: status.code().unwrap(),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }
}

impl Ended {
    /// The result, which must be all of stdout.
    #[track_caller]
    pub fn result(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.stderr);
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// The error of a call with `--json`, which must be all of stderr.
    #[track_caller]
    pub fn error(&self) -> Value {
        assert_ne!(self.code, 0, "{}", self.stdout);
        assert_eq!(self.stdout, "", "nothing but a result goes to stdout");
        let mut error: Value = serde_json::from_str(&self.stderr)
            .unwrap_or_else(|error| panic!("{error}: {}", self.stderr));
        error["error"].take()
    }
}

/// A recorded run.
pub struct Fixture {
    pub path: PathBuf,
    pub action: String,
    pub run: Value,
    pub entries: Vec<Value>,
}

impl Fixture {
    pub fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let har: Value = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let run = har["log"]["_o365"].clone();
        Self {
            path: path.to_owned(),
            action: run["action"].as_str().unwrap().to_owned(),
            entries: har["log"]["entries"].as_array().unwrap().clone(),
            run,
        }
    }

    /// A fixture by action and case.
    pub fn named(action: &str, case: &str) -> Self {
        Self::read(&root().join("fixtures").join(action).join(format!("{case}.har")))
    }

    /// The input, with a stand-in for every secret.
    pub fn input(&self) -> Map<String, Value> {
        stand_ins::input(&self.run["input"]).unwrap()
    }

    /// Writes it, changed, beside the tests' other files.
    pub fn changed(&self, name: &str, change: impl FnOnce(&mut Value)) -> Self {
        let mut har: Value =
            serde_json::from_str(&fs::read_to_string(&self.path).unwrap()).unwrap();
        change(&mut har["log"]);
        let path = scratch().join(format!("{name}.har"));
        fs::write(&path, serde_json::to_vec(&har).unwrap()).unwrap();
        Self { path, ..Self::read(&self.path) }
    }

    /// The call that replays it.
    pub fn replayed(&self) -> Call {
        let path = self.path.to_str().unwrap();
        o365(["run", &self.action, "--replay", path, "--input", "-", "--json"])
            .stdin(serde_json::to_vec(&self.input()).unwrap())
    }
}

/// All fixtures, in the order of their paths.
pub fn fixtures() -> Vec<Fixture> {
    let mut paths: Vec<PathBuf> = directories(&root().join("fixtures"))
        .iter()
        .flat_map(|directory| files(directory))
        .filter(|path| path.extension().is_some_and(|extension| extension == "har"))
        .collect();
    paths.sort();
    paths.iter().map(|path| Fixture::read(path)).collect()
}

fn directories(path: &Path) -> Vec<PathBuf> {
    files(path).into_iter().filter(|path| path.is_dir()).collect()
}

fn files(path: &Path) -> Vec<PathBuf> {
    fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// The file of a component that misbehaves; built from `tests/src`.
pub fn hostile_guest() -> &'static Path {
    static BUILT: LazyLock<PathBuf> = LazyLock::new(|| {
        let target = scratch().join("guest");
        let guest = guest::build(&root(), "hostile-guest", &target)
            .unwrap_or_else(|error| panic!("{error}"));
        let file = scratch().join("hostile.wasm");
        fs::write(&file, guest.component).unwrap();
        file
    });
    &BUILT
}
