//! `o365 completions` in real shells, and the pages of `o365 man` in real readers of them.

#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use support::install::debian;
use support::{o365, program};
use tempfile::TempDir;

const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

fn completions(shell: &str) -> String {
    let ended = o365(["completions", shell]).run();
    assert_eq!((ended.code, &*ended.stderr), (0, ""));
    ended.stdout
}

/// What a shell prints that runs a script, with `o365` on its path and its completions in the
/// file `$1`.
fn printed(shell: &Path, name: &str, script: &str) -> String {
    let place = TempDir::new().unwrap();
    let file = place.path().join("completions");
    fs::write(&file, completions(name)).unwrap();
    let path = format!("{}:/usr/bin:/bin", program().parent().unwrap().display());
    let mut command = Command::new(shell);
    command.env_clear().env("PATH", path).env("HOME", place.path()).env("TERM", "dumb");
    let output = command.args(["-c", script, "shell"]).arg(&file).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && stderr.is_empty(), "{script}: {stderr}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn each_shell_has_completions_of_every_command() {
    for shell in SHELLS {
        let script = completions(shell);
        for word in ["tenant", "rotate", "grace", "completions", "audit-log"] {
            assert!(script.contains(word), "{shell} has no {word}");
        }
    }
    let error = o365(["completions", "csh", "--json"]).run();
    assert_eq!(error.code, 2);
    assert!(error.stderr.contains("bash, elvish, fish, powershell, zsh"), "{}", error.stderr);
}

#[test]
fn bash_completes_commands_options_and_values() {
    let Some(bash) = debian("bash", "bash") else { return };
    for (words, offered, others) in [
        ("o365 ten", &["tenant"][..], &["serve"][..]),
        ("o365 tenant r", &["rotate", "remove"], &["add", "list"]),
        ("o365 tenant rotate --g", &["--grace"], &["--now"]),
        ("o365 completions f", &["fish"], &["bash"]),
        ("o365 --log w", &["warn"], &["info"]),
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        let last = words.len() - 1;
        let script = format!(
            "source \"$1\"\nCOMP_WORDS=({})\nCOMP_CWORD={last}\nCOMPREPLY=()\n\
             _o365 o365 '{}' '{}'\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.join(" "),
            words[last],
            words[last - 1]
        );
        let printed = printed(&bash, "bash", &script);
        let replies: Vec<&str> = printed.lines().collect();
        assert!(offered.iter().all(|word| replies.contains(word)), "{words:?}: {replies:?}");
        assert!(others.iter().all(|word| !replies.contains(word)), "{words:?}: {replies:?}");
    }
}

#[test]
fn fish_completes_commands_with_what_they_do() {
    let Some(fish) = debian("fish", "fish") else { return };
    let script = "source $argv[2]; complete --do-complete 'o365 tenant r'";
    let printed = printed(&fish, "fish", script);
    let lines: Vec<&str> = printed.lines().collect();
    assert!(lines.iter().any(|line| line.starts_with("rotate\tMake a new key")), "{printed}");
    assert!(lines.iter().any(|line| line.starts_with("remove\t")), "{printed}");
    assert!(!printed.contains("list"), "{printed}");
}

#[test]
fn zsh_takes_the_function() {
    let Some(zsh) = debian("zsh", "zsh") else { return };
    let script = "autoload -U compinit && compinit -D -u && source $1 && print ${_comps[o365]}";
    assert_eq!(printed(&zsh, "zsh", script), "_o365\n");
}

/// The pages of all commands.
fn pages() -> (TempDir, Vec<String>) {
    let place = TempDir::new().unwrap();
    let directory = place.path().join("man1");
    let ended = o365(["man", directory.to_str().unwrap()]).run();
    assert_eq!((ended.code, &*ended.stdout, &*ended.stderr), (0, "", ""));
    let entries = fs::read_dir(&directory).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    (place, names)
}

#[test]
fn every_command_has_a_page() {
    let (place, names) = pages();
    for name in ["o365.1", "o365-run.1", "o365-tenant.1", "o365-tenant-rotate.1", "o365-man.1"] {
        assert!(names.iter().any(|page| page == name), "no {name} in {names:?}");
    }
    // Without a directory, the first one is printed.
    let printed = o365(["man"]).run();
    assert_eq!(printed.code, 0);
    assert!(printed.stdout.contains(".TH o365 1"), "{}", printed.stdout);
    let page = fs::read_to_string(place.path().join("man1/o365-tenant-rotate.1")).unwrap();
    assert!(page.contains("\\-\\-grace") && page.contains("\\-\\-config"), "{page}");
    // A file is in the way.
    let file = place.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(o365(["man", file.to_str().unwrap()]).run().code, 4);
}

/// What mandoc says of every page: of the macros that end a line, which clap writes twice, and of
/// the date, which a page does not have.
const HARMLESS: [&str; 2] = ["skipping paragraph macro: br", "cannot parse date"];

#[test]
fn readers_of_pages_have_nothing_to_say_about_them() {
    let (place, names) = pages();
    for (program, package, options) in [
        ("mandoc", "mandoc", &["-T", "lint", "-W", "warning"][..]),
        ("groff", "groff-base", &["-man", "-ww", "-z", "-Tutf8"]),
    ] {
        let Some(reader) = debian(program, package) else { continue };
        for name in &names {
            let path = place.path().join("man1").join(name);
            let Output { stdout, stderr, .. } =
                Command::new(&reader).args(options).arg(path).output().unwrap();
            let said = [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
            let said = said.concat();
            let bad = said.lines().find(|line| !HARMLESS.iter().any(|text| line.contains(text)));
            assert_eq!(bad, None, "{program} of {name}");
        }
    }
}

#[test]
fn a_page_names_its_command_and_version() {
    let Some(groff) = debian("groff", "groff-base") else { return };
    let (place, _) = pages();
    let page = place.path().join("man1/o365-tenant-rotate.1");
    let output =
        Command::new(groff).args(["-man", "-Tascii", "-P-c", "-P-b", "-P-u"]).arg(page).output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let words = |line: &str| line.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>();
    let (first, last) = (words(lines.next().unwrap()), words(lines.next_back().unwrap()));
    let name = "o365-tenant-rotate(1)";
    assert_eq!(first, [name, "o365", "manual", name], "{text}");
    assert_eq!(last, ["o365", env!("CARGO_PKG_VERSION"), name], "{text}");
}
