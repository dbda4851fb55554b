//! Builds of `o365` as processes.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use support::platform::resident_of;
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

/// The release build of this source, which is made if need be, and the one of
/// `O365_BENCH_BASELINE`, which names a file and comes first.
pub fn programs() -> Vec<Program> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--release", "--bin", "o365"]).current_dir(support::root());
    assert!(build.status().unwrap().success());
    let own = std::env::current_exe().unwrap();
    let own = own.ancestors().nth(2).unwrap().join("o365");
    let program = |name, path| Program { name, path, cache: tempfile::tempdir().unwrap() };
    let baseline = std::env::var_os("O365_BENCH_BASELINE").map(PathBuf::from);
    let baseline = baseline.map(|path| program("the baseline", path));
    baseline.into_iter().chain([program("this build", own)]).collect()
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
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
        let table = throttling::connection("main", &format!("http://{graph}"));
        let config = text(&throttling::configure(directory.path(), &[&table]));
        let add = ["tenant", "add", "contoso", "--connection", "main", "--json"];
        let added = self.run(&[&add[..], &["--config", &config]].concat());
        let added: Value = serde_json::from_str(&added).unwrap();
        let table = "[tenants.contoso]\n";
        let written = fs::read_to_string(&config).unwrap();
        assert!(written.contains(table), "{written}");
        let limits = format!("{table}concurrent-runs = 512\nqueue-length = 1000\n");
        let more = written.replace(table, &limits) + "\n[serve]\nmax-runs = 512\n";
        fs::write(&config, more).unwrap();
        let mut command = self.command(["serve", "--json", "--address", "127.0.0.1:0"]);
        command.args(["--audit-log", &text(&throttling::log(directory.path()))]);
        command.args(["--config", &config]).env("O365_STATE_DIR", directory.path().join("state"));
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
        resident_of(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
