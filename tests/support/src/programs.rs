//! The programs of PyPI that host components: wasmtime's command line, wassette and wash.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use crate::install::Project;

/// Where the C library of a newer Debian is, for a program that needs one.
const GLIBC: &str = "glibc/usr/lib/x86_64-linux-gnu";

static DIRECTORY: LazyLock<Option<PathBuf>> =
    LazyLock::new(|| Project::python("programs", &["glibc.sh"]).installed());

/// A program, as it is started; none where it is not there.
pub struct Program {
    words: Vec<PathBuf>,
}

impl Program {
    /// The program `name`, which may need a newer C library than the machine has.
    pub fn find(name: &str) -> Option<Self> {
        let directory = DIRECTORY.as_ref()?;
        let python = fs::read_dir(directory.join("venv/lib")).unwrap().next().unwrap().unwrap();
        let program = python.path().join(format!("site-packages/{name}_cli/{name}"));
        // pip lets nobody execute a file whose entry in the wheel has no type.
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let own = Self { words: vec![program.clone()] };
        if own.runs() {
            return Some(own);
        }
        if !directory.join(GLIBC).exists() {
            let mut script = Command::new("bash");
            let output = script.arg("glibc.sh").current_dir(directory).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let library = directory.join(GLIBC);
        let loader = library.join("ld-linux-x86-64.so.2");
        let other = Self { words: vec![loader, "--library-path".into(), library, program] };
        assert!(other.runs(), "{name} does not run");
        Some(other)
    }

    /// A command that runs the program.
    pub fn command(&self) -> Command {
        let (first, others) = self.words.split_first().unwrap();
        let mut command = Command::new(first);
        command.args(others);
        command
    }

    fn runs(&self) -> bool {
        self.command().arg("--version").output().is_ok_and(|output| output.status.success())
    }
}
