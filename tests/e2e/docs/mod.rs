//! The README, the pages of `docs/`, and that of `packaging/`: what they show is run as a reader would run it, and
//! what they name is there.
//!
//! - `page`: a page as its blocks, links and inline commands; the comments that a block may have
//! - `reader`: running the blocks of a page
//! - `tables`: tables that repeat a table of the code

#![cfg(unix)]

mod page;
mod reader;
mod tables;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::{program, root};

use page::{Mark, Page};
use reader::{Printed, Reader};

/// The most lines that the README may have.
const ONE_SCREEN: usize = 80;

fn pages() -> Vec<Page> {
    let root = root();
    let mut paths = ["docs", "docs/embed"].map(|folder| in_folder(&root.join(folder))).concat();
    paths.sort();
    paths.insert(0, root.join("README.md"));
    paths.push(root.join("packaging/README.md"));
    paths.iter().map(|path| Page::read(&root, path)).collect()
}

/// The pages of a folder.
fn in_folder(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

/// The pages, and what else there is to read.
fn all_pages() -> Vec<Page> {
    let root = root();
    let others = ["CONTRIBUTING.md", "fixtures/README.md", "findings/README.md"];
    pages().into_iter().chain(others.map(|name| Page::read(&root, &root.join(name)))).collect()
}

#[test]
fn every_command_of_the_documentation_does_what_the_page_says() {
    let root = root();
    for page in pages() {
        let mut reader = Reader::new(&root);
        let mut last = Printed::default();
        for block in &page.blocks {
            match (block.language.as_str(), &block.mark) {
                (_, Mark::NotRun) => {}
                (_, Mark::Output) => {
                    let all = [&last.stdout, &last.stderr];
                    assert!(
                        all.iter().any(|text| shows(&block.text, text)),
                        "{} shows\n{}\nand this is printed:\n{}\n{}",
                        block.place,
                        block.text,
                        last.stdout,
                        last.stderr
                    );
                }
                (_, Mark::File(path)) => {
                    let file = fs::read_to_string(root.join(path)).unwrap();
                    assert!(block.is_in(&file), "{}: not in the file", block.place);
                }
                ("sh", _) => last = reader.run(block),
                ("toml", _) => reader.configure(block),
                _ => {}
            }
        }
    }
}

#[test]
fn the_readme_is_one_screen() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let lines = readme.lines().count();
    assert!(lines <= ONE_SCREEN, "{lines} lines");
    let is_below = |page: &&Page| page.name.starts_with("docs/") && !page.name.contains("/embed/");
    for page in pages().iter().filter(is_below) {
        assert!(readme.contains(&format!("({})", page.name)), "no link to {}", page.name);
    }
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let root = root();
    let pages = all_pages();
    let anchors: BTreeMap<PathBuf, Vec<String>> =
        pages.iter().map(|page| (root.join(&page.name), page.anchors())).collect();
    for page in &pages {
        let own = root.join(&page.name);
        for link in page.links() {
            let (file, heading) = link.split_once('#').unwrap_or((&link, ""));
            let path = if file.is_empty() { own.clone() } else { own.with_file_name(file) };
            let path = path.canonicalize().unwrap_or_else(|_| panic!("{}: {link}", page.name));
            let found = heading.is_empty()
                || anchors.get(&path).is_some_and(|there| there.iter().any(|it| it == heading));
            assert!(found, "{}: {link}", page.name);
        }
    }
}

#[test]
fn every_path_in_the_text_exists() {
    let root = root();
    for page in all_pages() {
        for path in page.paths() {
            assert!(root.join(&path).exists(), "{}: `{path}`", page.name);
        }
    }
}

#[test]
fn the_readme_lists_every_action() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let output = Command::new(program()).args(["actions", "--json"]).output().unwrap();
    let actions: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    for name in actions.iter().map(|action| action["name"].as_str().unwrap()) {
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn every_option_in_the_text_exists() {
    let mut helps: BTreeMap<String, String> = BTreeMap::new();
    for page in pages() {
        for command in page.inline_commands() {
            let words: Vec<&str> = command.split_whitespace().skip(1).collect();
            let mut name = words.first().copied().unwrap_or_default().to_owned();
            if let ("connection" | "tenant" | "fixtures", Some(second)) =
                (name.as_str(), words.get(1))
            {
                name = format!("{name} {second}");
            }
            let help = helps.entry(name.clone()).or_insert_with(|| help(&name));
            assert!(help.contains("Usage:"), "{}: `{command}`", page.name);
            for option in words.iter().filter(|word| word.starts_with("--")) {
                let option = option.split('=').next().unwrap();
                let there = help.split([' ', '\n', '[', '=']).any(|word| word == option);
                assert!(there, "{}: `{command}`", page.name);
            }
        }
    }
}

fn help(subcommand: &str) -> String {
    let mut command = Command::new(program());
    let output = command.args(subcommand.split(' ')).arg("--help").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Whether `text` is what `shown` stands for. In `shown`, a line `...` is any lines, and `…` in
/// a line any text.
fn shows(shown: &str, text: &str) -> bool {
    let [shown, text] = [shown, text].map(|it| it.trim_end().lines().collect::<Vec<_>>());
    lines_match(&shown, &text)
}

fn lines_match(shown: &[&str], text: &[&str]) -> bool {
    match shown.split_first() {
        None => text.is_empty(),
        Some((line, rest)) if line.trim() == "..." => {
            (0..=text.len()).any(|skipped| lines_match(rest, &text[skipped..]))
        }
        Some((line, rest)) => text
            .split_first()
            .is_some_and(|(first, others)| line_matches(line, first) && lines_match(rest, others)),
    }
}

fn line_matches(shown: &str, line: &str) -> bool {
    let mut parts = shown.split('…');
    let Some(mut left) = line.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut open = false;
    for part in parts {
        open = part.is_empty();
        let Some((_, rest)) = left.split_once(part) else { return false };
        left = rest;
    }
    open || left.is_empty()
}

#[test]
fn what_is_left_out_is_marked() {
    assert!(shows("{\n  ...\n}", "{\n  1\n  2\n}\n") && shows("a … c …", "a b c d"));
    assert!(!shows("{\n}", "{\n  1\n}") && !shows("a", "ab") && !shows("a …", "b c"));
}
