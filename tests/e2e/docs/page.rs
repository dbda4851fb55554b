//! A page of the documentation as its blocks of code, its links and its inline commands.

use std::fs;
use std::path::{Path, PathBuf};

/// The languages that a block may have. Only blocks of `sh` hold commands.
const LANGUAGES: [&str; 8] = ["sh", "toml", "text", "json", "rust", "wit", "python", "js"];

/// The folders that a path of the repository begins with.
const ROOTS: [&str; 8] =
    ["component/", "docs/", "findings/", "fixtures/", "packaging/", "runner/", "tests/", "wit/"];

/// A page, read.
pub struct Page {
    /// Its path below the repository's root.
    pub name: String,
    /// Its text.
    pub text: String,
    pub blocks: Vec<Block>,
}

/// A fenced block of code.
#[derive(Clone)]
pub struct Block {
    /// Where it begins: the page and the line.
    pub place: String,
    pub language: String,
    pub text: String,
    pub mark: Mark,
}

/// What the comment before a block says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// There is no comment: the block is run, and succeeds.
    None,
    /// `<!-- not run: REASON -->`
    NotRun,
    /// `<!-- exit: CODE -->`: the last command ends with this exit code.
    Exit(i32),
    /// `<!-- on a terminal -->`: the block is run on a terminal.
    Terminal,
    /// `<!-- server -->`: the block runs until the page ends.
    Server,
    /// `<!-- file: PATH -->`: the file has the block's text, and a test of its own.
    File(PathBuf),
    /// `<!-- output -->`: what the block of `sh` before it printed.
    Output,
}

impl Page {
    pub fn read(root: &Path, path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        let blocks = blocks(&name, &text);
        Self { name, text, blocks }
    }

    /// The text without its blocks of code.
    pub fn prose(&self) -> String {
        let parts = self.text.split("```").step_by(2);
        parts.collect::<Vec<_>>().join("\n")
    }

    /// The anchors of its headings, as GitHub makes them.
    pub fn anchors(&self) -> Vec<String> {
        let prose = self.prose();
        let headings = prose.lines().filter_map(|line| line.strip_prefix('#'));
        headings.map(|heading| anchor(heading.trim_start_matches('#').trim())).collect()
    }

    /// The targets of its links, without those to other sites.
    pub fn links(&self) -> Vec<String> {
        let prose = self.prose();
        let targets = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        targets.filter(|target| !target.contains("://")).map(ToOwned::to_owned).collect()
    }

    /// The paths of the repository in its running text, such as `docs/shell.md`.
    pub fn paths(&self) -> Vec<String> {
        let prose = self.prose();
        let is_path = |span: &&str| {
            ROOTS.iter().any(|folder| span.starts_with(folder)) && !span.contains(['<', ' ', '*'])
        };
        prose.split('`').skip(1).step_by(2).filter(is_path).map(ToOwned::to_owned).collect()
    }

    /// The commands of `o365` in its running text, such as `o365 run --simulate`.
    pub fn inline_commands(&self) -> Vec<String> {
        let prose = self.prose().replace('\n', " ");
        let spans = prose.split('`').skip(1).step_by(2);
        spans.filter(|span| span.starts_with("o365 ")).map(ToOwned::to_owned).collect()
    }
}

fn blocks(name: &str, text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut before = "";
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let place = format!("{name}:{}", number + 1);
            assert!(LANGUAGES.contains(&language), "{place}: the language {language:?}");
            let body: Vec<&str> =
                lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            let text = body.iter().flat_map(|line| [*line, "\n"]).collect();
            let block =
                Block { mark: mark(&place, before), place, language: language.into(), text };
            block.check();
            blocks.push(block);
        } else {
            assert!(!line.contains("```"), "{name}:{}: an indented block", number + 1);
        }
        before = line;
    }
    blocks
}

fn mark(place: &str, line: &str) -> Mark {
    let comment = line.strip_prefix("<!-- ").and_then(|line| line.strip_suffix(" -->"));
    let Some(comment) = comment else { return Mark::None };
    match comment.split_once(": ").unwrap_or((comment, "")) {
        ("not run", reason) if reason.len() >= 10 => Mark::NotRun,
        ("exit", code) => Mark::Exit(code.parse().unwrap()),
        ("on a terminal", "") => Mark::Terminal,
        ("server", "") => Mark::Server,
        ("file", path) => Mark::File(path.into()),
        ("output", "") => Mark::Output,
        _ => panic!("{place}: the comment {comment:?}"),
    }
}

impl Block {
    /// Whether a file has its lines, all of them further to the right by the same.
    pub fn is_in(&self, file: &str) -> bool {
        let moved = |spaces: usize| {
            let line = |line: &str| match line.is_empty() {
                true => "\n".to_owned(),
                false => format!("{}{line}\n", " ".repeat(spaces)),
            };
            self.text.lines().map(line).collect::<String>()
        };
        (0..=8).step_by(2).any(|spaces| file.contains(&moved(spaces)))
    }

    /// Commands are in blocks of `sh`, where they are run.
    fn check(&self) {
        let Self { place, language, mark, .. } = self;
        let is_command = |line: &str| {
            ["$ ", "o365 ", "cargo ", "curl "].iter().any(|begin| line.starts_with(begin))
        };
        let is_hidden = language != "sh" && self.text.lines().any(is_command);
        assert!(!is_hidden, "{place}: a command outside of a block of sh");
        let is_odd = match mark {
            Mark::None | Mark::NotRun | Mark::File(_) => false,
            Mark::Output => language == "sh",
            _ => language != "sh",
        };
        assert!(!is_odd, "{place}: {mark:?} before a block of {language}");
    }
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}
