//! Tools in other languages, installed below the target directory as a file of theirs pins
//! them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::json;

use crate::{root, say, scratch};

/// With this set to 1, a test whose tools are missing fails; otherwise it is skipped.
const CLIENTS: &str = "O365_REQUIRE_CLIENTS";

/// The same for the tests that need Node.js alone.
pub const NODE: &str = "O365_REQUIRE_NODE";

/// What keeps it from doing anything by itself.
const FLAGS: [&str; 7] = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// The language of a project.
#[derive(Clone, Copy)]
enum Language {
    Node,
    Python,
}

impl Language {
    fn name(self) -> &'static str {
        match self {
            Self::Node => "Node.js with npm",
            Self::Python => "Python",
        }
    }

    fn commands(self) -> &'static [&'static str] {
        match self {
            Self::Node => &["node", "npm"],
            Self::Python => &["python3"],
        }
    }

    /// The file that says what is installed.
    fn pins(self) -> &'static str {
        match self {
            Self::Node => "package-lock.json",
            Self::Python => "requirements.txt",
        }
    }

    /// The commands that install what is pinned in a directory there.
    fn install(self, target: &Path) -> Vec<Command> {
        match self {
            Self::Node => {
                let mut npm = Command::new("npm");
                npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
                vec![npm]
            }
            Self::Python => {
                let mut venv = Command::new("python3");
                venv.args(["-m", "venv", "--clear", "venv"]);
                let mut pip = Command::new(target.join("venv/bin/pip"));
                // A test imports few of the modules, which Python compiles then.
                pip.args(["install", "--quiet", "--no-compile"]);
                pip.args(["--requirement", "requirements.txt"]);
                vec![venv, pip]
            }
        }
    }
}

/// A tool, and what it needs.
pub struct Project {
    language: Language,
    /// Where its files are, below `tests/`, and where it is installed.
    directory: &'static str,
    files: &'static [&'static str],
    required: &'static str,
}

impl Project {
    /// A project with a `package-lock.json` and these other files.
    pub const fn node(directory: &'static str, files: &'static [&'static str]) -> Self {
        Self { language: Language::Node, directory, files, required: CLIENTS }
    }

    /// A project with a `requirements.txt`, installed into `venv`, and these other files.
    pub const fn python(directory: &'static str, files: &'static [&'static str]) -> Self {
        Self { language: Language::Python, directory, files, required: CLIENTS }
    }

    /// The same, whose tests are required by another variable.
    pub const fn required_by(self, required: &'static str) -> Self {
        Self { required, ..self }
    }

    /// Where it is installed; none where it cannot be.
    pub fn installed(&self) -> Option<PathBuf> {
        if !self.language.commands().iter().all(|command| runs(command)) {
            skipped(self.required, self.language.name());
            return None;
        }
        let (files, target) =
            (root().join("tests").join(self.directory), scratch().join(self.directory));
        fs::create_dir_all(&target).unwrap();
        let pins = self.language.pins();
        for file in self.files.iter().chain([&pins]) {
            fs::copy(files.join(file), target.join(file)).unwrap();
        }
        // Written when all is there.
        let done = target.join("installed");
        let pinned = fs::read(files.join(pins)).unwrap();
        if fs::read(&done).is_ok_and(|before| before == pinned) {
            return Some(target);
        }
        for mut command in self.language.install(&target) {
            let Output { status, stderr, .. } = command.current_dir(&target).output().unwrap();
            assert!(status.success(), "{command:?}: {}", String::from_utf8_lossy(&stderr));
        }
        fs::write(done, pinned).unwrap();
        Some(target)
    }
}

/// The browser, as the options of Playwright's `launch`; none where it is not there.
pub fn chromium() -> Option<String> {
    let browser = debian("chromium", "chromium")?;
    Some(json!({ "executablePath": browser, "args": FLAGS }).to_string())
}

/// A program of a package of Debian's; none where it is not there.
pub fn debian(program: &str, package: &str) -> Option<PathBuf> {
    let places = ["/usr/bin", "/usr/sbin"].map(|place| Path::new(place).join(program));
    let found = places.into_iter().find(|path| path.exists());
    if found.is_none() {
        skipped(CLIENTS, &format!("{program}, in Debian the package {package}"));
    }
    found
}

/// Whether this user may make namespaces and mount file systems in them, as root may on a machine
/// of its own; a test that needs it is skipped elsewhere.
pub fn may_mount() -> bool {
    let script = "mount --make-rprivate / && mount -t tmpfs tmpfs /mnt";
    let mounted = Command::new("unshare")
        .args(["--mount", "--pid", "--fork", "--cgroup", "sh", "-c", script])
        .output()
        .is_ok_and(|output| output.status.success());
    if !mounted {
        say("SKIPPED: a test that mounts file systems; run it as root, not in a container");
    }
    mounted
}

fn runs(command: &str) -> bool {
    Command::new(command).arg("--version").output().is_ok_and(|version| version.status.success())
}

/// Says that a test is skipped for lack of a network namespace, or fails where clients are
/// required and root is, who may make one.
#[cfg(target_os = "linux")]
pub fn without_namespace() {
    use std::os::unix::fs::MetadataExt;

    let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    assert!(
        !is_root || !is_required(CLIENTS),
        "{CLIENTS}=1, and root may make no network namespace"
    );
    say("SKIPPED: a test in a network namespace; run it as root, or where users may make them");
}

/// Says that a test is skipped, or fails where the variable requires it.
fn skipped(required: &str, missing: &str) {
    assert!(!is_required(required), "{required}=1, and there is no {missing}");
    say(&format!("SKIPPED: a test with the clients or tools of others; install {missing}"));
}

fn is_required(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| value == "1")
}
