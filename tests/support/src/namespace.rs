//! A network of its own, in which `o365 simulate --as-microsoft` is Microsoft: programs that know
//! nothing of it find it under Microsoft's host names, on port 443.
//!
//! The namespace has a loopback interface and a hosts file of its own, and no other way out.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::install;
use crate::simulate::Server;

/// Sets the network and the hosts file up, and becomes the program in the further arguments.
const SET_UP: &str = "ip link set lo up && mount --bind \"$0\" /etc/hosts && exec \"$@\"";

/// The options of `unshare` and of `nsenter` where root is, and where it is not.
const AS_ROOT: [&str; 2] = ["--net", "--mount"];
const AS_USER: [&str; 3] = ["--user", "--net", "--mount"];

/// A server in a network of its own; both end with this value.
pub struct Namespace {
    server: Server,
    /// The home of the clients, with the hosts file.
    home: TempDir,
    options: &'static [&'static str],
}

impl Namespace {
    /// Starts `o365 simulate --port 443 --as-microsoft` with further arguments; none where there
    /// may be no namespaces.
    pub fn start(arguments: &[&str]) -> Option<Self> {
        let arguments = [&["--port", "443", "--as-microsoft"], arguments].concat();
        Self::with(&arguments)
    }

    /// Starts `o365 simulate` with these arguments.
    pub fn with(arguments: &[&str]) -> Option<Self> {
        let options = options()?;
        let home = tempfile::tempdir().unwrap();
        let hosts = home.path().join("hosts");
        fs::write(&hosts, "127.0.0.1 localhost\n").unwrap();
        let mut command = unshare(options, &hosts);
        command.arg(crate::program());
        let server = Server::spawn(command, arguments);
        // The line that it asks for.
        let names = server.started["microsoft"]["hosts"].as_array().into_iter().flatten();
        let names: Vec<&str> = names.map(|name| name.as_str().unwrap()).collect();
        let lines = format!("127.0.0.1 localhost\n127.0.0.1 {}\n", names.join(" "));
        fs::write(&hosts, lines).unwrap();
        Some(Self { server, home, options })
    }

    /// The server, whose addresses are those in the namespace.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The home of its clients.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// A program in the namespace, which trusts the server's certificate in the way of Node.js, of
    /// Python and of OpenSSL. Its arguments are added to the command.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.server.id().to_string()]).args(self.options);
        if self.options == AS_USER {
            command.arg("--preserve-credentials");
        }
        command.arg("--").arg(program);
        for proxy in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env_remove(proxy).env_remove(proxy.to_ascii_lowercase());
        }
        for trust in
            ["NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"]
        {
            command.env(trust, self.server.certificate());
        }
        command.current_dir(self.home()).env("HOME", self.home());
        command
    }
}

/// Whether this user can make a namespace; says so if it cannot.
pub fn is_possible() -> bool {
    options().is_some()
}

/// The options with which this user can make a namespace and change it; none if it cannot.
fn options() -> Option<&'static [&'static str]> {
    let hosts = Path::new("/etc/hosts");
    let can = |options: &&[&str]| {
        unshare(options, hosts).arg("true").output().is_ok_and(|output| output.status.success())
    };
    let found = [&AS_ROOT[..], &AS_USER[..]].into_iter().find(can);
    if found.is_none() {
        install::without_namespace();
    }
    found
}

fn unshare(options: &[&str], hosts: &Path) -> Command {
    let mut command = Command::new("unshare");
    command.args(options);
    if options == AS_USER {
        command.arg("--map-root-user");
    }
    command.args(["sh", "-c", SET_UP]).arg(hosts);
    command
}
