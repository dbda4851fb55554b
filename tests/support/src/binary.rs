//! Running the binary.

#[cfg(target_os = "linux")]
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::{program, root, scratch};

/// A call of the binary.
pub struct Call {
    command: Command,
    stdin: Vec<u8>,
}

/// How a call ended.
pub struct Ended {
    /// Its exit code.
    pub code: i32,
    /// All of its stdout.
    pub stdout: String,
    /// All of its stderr.
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
    let mut command = Command::new(program());
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
    /// Gives it something to read on stdin.
    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = text.into();
        self
    }

    /// Sets a variable of its environment.
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

    /// Runs it on a terminal that is so many columns wide, or of no known width with 0: what it
    /// shows on stdout and stderr together, and its exit code. `script` of util-linux provides
    /// the terminal.
    #[cfg(target_os = "linux")]
    pub fn on_a_terminal(self, columns: u16) -> (String, i32) {
        self.typed(columns, b"")
    }

    /// Runs it on a terminal, on which somebody types this.
    #[cfg(target_os = "linux")]
    pub fn answered(self, typed: &str) -> (String, i32) {
        self.typed(0, typed.as_bytes())
    }

    #[cfg(target_os = "linux")]
    fn typed(self, columns: u16, typed: &[u8]) -> (String, i32) {
        let words = std::iter::once(self.command.get_program()).chain(self.command.get_args());
        let words: Vec<String> = words.map(quoted).collect();
        let shell = format!("stty cols {columns}; {}", words.join(" "));
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--command", &shell, "/dev/null"]);
        for (name, value) in self.command.get_envs() {
            match value {
                Some(value) => script.env(name, value),
                None => script.env_remove(name),
            };
        }
        script.current_dir(self.command.get_current_dir().unwrap());
        script.env("TERM", "xterm-256color").env_remove("NO_COLOR");
        script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = script.spawn().expect("script of util-linux is installed");
        let _ = child.stdin.take().unwrap().write_all(typed);
        let output = child.wait_with_output().unwrap();
        (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
    }

    /// Runs it to its end.
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

/// A word as a shell reads it back.
#[cfg(target_os = "linux")]
fn quoted(word: &std::ffi::OsStr) -> String {
    format!("'{}'", word.to_str().unwrap().replace('\'', r"'\''"))
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
