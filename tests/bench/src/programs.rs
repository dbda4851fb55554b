//! Builds of `o365` as processes.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use support::throttling;
use tempfile::TempDir;

/// A build of `o365`.
pub struct Program {
    /// What is printed.
    pub name: &'static str,
    path: PathBuf,
    /// Its compiled components.
    cache: TempDir,
}

/// A server, which is killed with this value.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// The key of its tenant.
    pub key: String,
    _directory: TempDir,
}

/// The build beside this benchmark, and the one of `O365_BENCH_BASELINE`, which names a file and
/// comes first.
pub fn programs() -> Vec<Program> {
    let own = std::env::current_exe().unwrap();
    let own = own.ancestors().nth(2).unwrap().join("o365");
    assert!(own.exists(), "there is no {}: run `cargo build --release` first", own.display());
    let program = |name, path| Program { name, path, cache: tempfile::tempdir().unwrap() };
    let baseline = std::env::var_os("O365_BENCH_BASELINE").map(PathBuf::from);
    let baseline = baseline.map(|path| program("the baseline", path));
    baseline.into_iter().chain([program("this build", own)]).collect()
}

impl Program {
    /// Runs it to its end, and returns what it wrote.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The same, as if it was never run before.
    pub fn run_first(&self, arguments: &[&str]) {
        let cache = tempfile::tempdir().unwrap();
        let ended = self
            .command(arguments)
            .env("O365_CACHE_DIR", cache.path().join("cache"))
            .output()
            .unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    }

    fn command(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(&self.path);
        // A directory that the program makes itself, with the permissions that it wants.
        let cache = self.cache.path().join("cache");
        command.args(arguments).env("O365_CACHE_DIR", cache).env_remove("O365_CONFIG");
        command
    }

    /// Serves a tenant with a connection to the Graph at this address, with an audit log.
    pub fn serve(&self, graph: SocketAddr) -> Server {
        let directory = tempfile::tempdir().unwrap();
        let file = |name| directory.path().join(name).to_str().unwrap().to_owned();
        let (secret, config, log) = (file("secret"), file("o365.toml"), file("audit.jsonl"));
        fs::write(&secret, "anything").unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&config, throttling::connection("main", &format!("http://{graph}"))).unwrap();
        let add = ["tenant", "add", "contoso", "--connection", "main", "--json"];
        let added = self.run(&[&add[..], &["--config", &config]].concat());
        let added: Value = serde_json::from_str(&added).unwrap();
        let table = "[tenants.contoso]\n";
        let text = fs::read_to_string(&config).unwrap();
        assert!(text.contains(table), "{text}");
        let limits = format!("{table}concurrent-runs = 512\nqueue-length = 1000\n");
        let text = text.replace(table, &limits) + "\n[serve]\nmax-runs = 512\n";
        fs::write(&config, text).unwrap();
        let mut command =
            self.command(["serve", "--json", "--address", "127.0.0.1:0", "--audit-log", &log]);
        command.args(["--config", &config]).env("O365_STATE_DIR", file("state"));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let started: Value = serde_json::from_str(&line).unwrap();
        let address = started["url"].as_str().unwrap().strip_prefix("http://").unwrap();
        let address = address.parse().unwrap();
        let key = added["key"].as_str().unwrap().to_owned();
        Server { child, address, key, _directory: directory }
    }
}

impl Server {
    /// Its resident memory, in bytes.
    pub fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
