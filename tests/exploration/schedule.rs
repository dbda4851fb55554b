//! A case with the faults that it meets, and how it is written.

use std::fs;
use std::path::PathBuf;

use runner::egress::faults::{Fault, Number, Rule, Script, Target};
use serde_json::json;

use crate::cases::Case;

/// More seconds than a run may last, and more calls than one makes.
const LONG: u32 = 200;

/// The numbers of faults that have a few, with which they meet others in pairs: the rest of
/// them differ in the status only, and are put in alone. For each call that can meet them
/// there is one of `empty-2xx`; of the pages, one that Graph's own refusals have too, and one
/// that nobody but a proxy sends.
const IN_PAIRS: &[u32] = &[200, 403, 407];

/// Every fault: where it has a few numbers, with each of them; else as it is and, where it
/// has a number, with one that no run can wait out.
pub fn faults() -> Vec<(Fault, Option<u32>)> {
    let with_numbers = |fault: &Fault| {
        let numbers: Vec<Option<u32>> = match fault.number() {
            Number::None => vec![None],
            Number::From1(_) => vec![None, Some(LONG)],
            Number::OneOf(numbers) => numbers.iter().copied().map(Some).collect(),
        };
        let fault = *fault;
        numbers.into_iter().map(move |number| (fault, number))
    };
    Fault::ALL.iter().flat_map(with_numbers).collect()
}

/// Whether a fault with this number meets others.
pub fn is_in_pairs(fault: Fault, number: Option<u32>) -> bool {
    let is_one = number.is_some_and(|number| IN_PAIRS.contains(&number));
    is_one || !matches!(fault.number(), Number::OneOf(_))
}

/// Whether a rule is one that no run can wait out.
pub fn is_long(rule: &Rule) -> bool {
    rule.value == Some(LONG) || matches!(rule.target, Target::Every(_))
}

/// A script of these faults.
pub fn script(rules: &[Rule]) -> Script {
    Script { seed: 0, rules: rules.to_vec() }
}

/// The faults as `--faults` takes them.
pub fn in_words(rules: &[Rule]) -> String {
    rules.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// The command that runs a case under these faults, on one line. The tenant of a case that
/// does not have the built-in one is copied first, since a run changes it. `--simulate` has no
/// signed-in users, so that the line of a case with one is a comment.
pub fn line(case: &Case, rules: &[Rule]) -> String {
    let line = line_of_application(case, rules);
    if case.is_signed_in() { format!("# as a signed-in user: {line}") } else { line }
}

fn line_of_application(case: &Case, rules: &[Rule]) -> String {
    let action = &case.scenario.action;
    let inputs = case.scenario.input.iter().map(|(name, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!(" {}", quoted(&format!("{name}={text}")))
    });
    let inputs: String = inputs.collect();
    let faults = match rules {
        [] => String::new(),
        rules => format!(" --faults {}", quoted(&in_words(rules))),
    };
    if case.built_in {
        return format!("o365 run {action} --simulate{faults}{inputs}");
    }
    let state = state(case);
    let state = state.display();
    format!("cp {state} tenant.json && o365 run {action} --simulate tenant.json{faults}{inputs}")
}

/// The file of the case's tenant.
fn state(case: &Case) -> PathBuf {
    let name: String =
        case.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let path = support::scratch().join(format!("{name}.json"));
    let state = json!({"format": "o365-simulated-tenant/2", "tenant": case.scenario.tenant});
    fs::write(&path, serde_json::to_vec_pretty(&state).unwrap()).unwrap();
    path
}

/// A word for bash, on one line whatever is in it.
fn quoted(word: &str) -> String {
    if word.chars().any(|c| c.is_control() || c == '\'') {
        let escaped = word.replace('\\', r"\\").replace('\'', r"\'").replace('\n', r"\n");
        return format!("$'{escaped}'");
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=.@".contains(c);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{word}'") }
}
