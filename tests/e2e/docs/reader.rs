//! A reader of one page, who runs what the page shows in the order of the page.
//!
//! The reader has a directory with a copy of `fixtures/` and with `o365.toml`, to which each
//! block of `toml` is added. `cargo run --` and `cargo run --release --` are the binary of this build. A
//! server listens on a free port, which takes the place of the page's in everything that follows, and
//! the variable `KEY` has the key that it printed.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use support::program;
use tempfile::TempDir;

use super::page::{Block, Mark};

/// What the pages' servers listen on, and the options for a free port.
const SERVERS: [(&str, &str, &str); 2] = [
    ("127.0.0.1:8000", "--port 8000", "--port 0"),
    ("127.0.0.1:8365", " serve", " serve --address 127.0.0.1:0"),
];

/// What a block that reads its stdin is given.
const STDIN: &[u8] = br#"{"password": "Any-passw0rd"}"#;

pub struct Reader {
    place: TempDir,
    /// What the page calls a server's address, and the address.
    addresses: Vec<(&'static str, String)>,
    key: String,
    /// How many hashes of keys there are in `o365.toml`, none of them twice.
    hashes: u32,
    servers: Vec<Server>,
}

/// A server; it and its shell are killed with this value.
struct Server(Child);

/// What a block printed.
#[derive(Default)]
pub struct Printed {
    pub stdout: String,
    pub stderr: String,
}

impl Reader {
    pub fn new(root: &Path) -> Self {
        let place = TempDir::new().unwrap();
        copy(&root.join("fixtures"), &place.path().join("fixtures"));
        let bin = place.path().join("bin");
        fs::create_dir(&bin).unwrap();
        let cargo = bin.join("cargo");
        let script = format!(
            "#!/bin/sh\ncase \"$*\" in 'run -- '*) shift 2;; 'run --release -- '*) shift 3;; *) exit 99;; esac\n\
             exec '{}' \"$@\"\n",
            program().display()
        );
        fs::write(&cargo, script).unwrap();
        fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
        Self { place, addresses: Vec::new(), key: String::new(), hashes: 0, servers: Vec::new() }
    }

    /// Adds a block to `o365.toml`, which then can be read.
    pub fn configure(&mut self, block: &Block) {
        let path = self.place.path().join("o365.toml");
        let mut text = fs::read_to_string(&path).unwrap_or_default() + &self.here(&block.text);
        while let Some((before, after)) = text.split_once("\"sha256:...\"") {
            self.hashes += 1;
            text = format!("{before}\"sha256:{:064x}\"{after}", self.hashes);
        }
        fs::write(&path, text).unwrap();
        self.shell(&block.place, "o365 tenant list && o365 connection list", 0);
    }

    /// Runs a block.
    pub fn run(&mut self, block: &Block) -> Printed {
        let text = self.here(&block.text);
        match block.mark {
            Mark::Server => self.serve(&text),
            Mark::Terminal => return self.on_a_terminal(&block.place, &text),
            Mark::Exit(code) => return self.shell(&block.place, &text, code),
            _ => return self.shell(&block.place, &text, 0),
        }
        Printed::default()
    }

    /// The text with the addresses of the servers that there are.
    fn here(&self, text: &str) -> String {
        let replace = |text: String, (page, real): &(&str, String)| text.replace(page, real);
        self.addresses.iter().fold(text.to_owned(), replace)
    }

    fn shell(&self, place: &str, text: &str, code: i32) -> Printed {
        let mut child = self.command("sh").args(["-euc", text]).spawn().unwrap();
        // A command that does not read its input closes the pipe.
        let _ = child.stdin.take().unwrap().write_all(STDIN);
        let output = child.wait_with_output().unwrap();
        printed(place, output, code)
    }

    fn on_a_terminal(&self, place: &str, text: &str) -> Printed {
        let mut command = self.command("script");
        command.args(["--quiet", "--return", "--command", text, "/dev/null"]);
        let output = command.env("TERM", "xterm").env("NO_COLOR", "1").output().unwrap();
        printed(place, output, 0)
    }

    /// Starts a server, and reads where it listens.
    fn serve(&mut self, text: &str) {
        let (page, fixed, free) =
            SERVERS.into_iter().find(|(_, fixed, _)| text.contains(fixed)).unwrap();
        let text = text.replace(fixed, free);
        let mut child = self.command("sh").args(["-euc", &text]).process_group(0).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.servers.push(Server(child));
        let member = |name: &str| {
            line.split_once(&format!("\"{name}\":\"")).and_then(|(_, rest)| rest.split('"').next())
        };
        let url = member("url").or(member("http")).unwrap_or_else(|| panic!("it said {line:?}"));
        self.addresses.push((page, url.trim_start_matches("http://").to_owned()));
        self.key = member("key").unwrap_or_default().to_owned();
    }

    fn command(&self, program: &str) -> Command {
        let here = self.place.path();
        let built = support::program().parent().unwrap();
        let system = std::env::var("PATH").unwrap();
        let mut command = Command::new(program);
        for (name, _) in std::env::vars() {
            if name.starts_with("O365_") || name.to_lowercase().ends_with("_proxy") {
                command.env_remove(name);
            }
        }
        command
            .current_dir(here)
            .env("PATH", format!("{}:{}:{system}", here.join("bin").display(), built.display()))
            .env("HOME", here)
            .env("XDG_CONFIG_HOME", here.join("config"))
            .env("O365_STATE_DIR", here.join("state"))
            .env("O365_CACHE_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
            .env("KEY", &self.key)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg("-9").arg("--").arg(format!("-{}", self.0.id())).status();
        let _ = self.0.wait();
    }
}

#[track_caller]
fn printed(place: &str, output: Output, code: i32) -> Printed {
    let [stdout, stderr] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(output.status.code(), Some(code), "{place}:\n{stdout}\n{stderr}");
    Printed { stdout: stdout.replace('\r', ""), stderr }
}

/// Copies a directory, so that a command that writes into it leaves the repository alone.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, to) = entry.map(|entry| (entry.path(), to.join(entry.file_name()))).unwrap();
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).unwrap();
        }
    }
}
