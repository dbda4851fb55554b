//! The tables of the documentation that repeat a table of the code.

use std::collections::BTreeSet;
use std::fs;

use runner::report::{Http, Kind};
use support::root;

/// The rows of a table whose first cells are as `first` says.
fn rows(page: &str, first: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("docs").join(page)).unwrap();
    let rows = text.lines().filter_map(|line| {
        let (cell, rest) = line.strip_prefix("| ")?.split_once(" |")?;
        first(cell).then(|| (cell.to_owned(), rest.to_owned()))
    });
    rows.collect()
}

/// The kinds that a text names in backticks.
fn kinds(text: &str) -> impl Iterator<Item = Kind> {
    text.split('`').skip(1).step_by(2).filter_map(Kind::named)
}

#[test]
fn every_kind_is_documented_with_its_status() {
    let statuses = rows("serve.md", |cell| cell.starts_with(|c: char| ('4'..='5').contains(&c)));
    let mut documented = BTreeSet::new();
    for (cell, rest) in statuses {
        let statuses: Vec<&str> = cell.split(", ").collect();
        for kind in kinds(&rest) {
            let has =
                |(of, http): &(Kind, Http)| *of == kind && statuses.contains(&http.status.as_str());
            assert!(Kind::over_http().any(|row| has(&row)), "{}: {cell}", kind.name());
            documented.insert(kind.name());
        }
    }
    for (kind, _) in Kind::over_http() {
        assert!(documented.contains(kind.name()), "docs/serve.md lacks {}", kind.name());
    }
    let errors = rows("errors.md", |cell| cell.starts_with('`'));
    documented.extend(errors.iter().flat_map(|(cell, _)| kinds(cell)).map(Kind::name));
    for kind in Kind::ALL.iter().filter(|kind| **kind != Kind::NoSuchTenant) {
        assert!(documented.contains(kind.name()), "docs/errors.md lacks {}", kind.name());
    }
}
