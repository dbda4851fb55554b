//! A case with the faults that it meets, and how it is written.

use std::fs;
use std::path::PathBuf;

use runner::egress::faults::{Fault, Rule, Script, Target};
use serde_json::json;

use crate::cases::Case;

/// More seconds than a run may last, and more calls than one makes.
const LONG: u32 = 200;

/// Every fault, as it is and, where it has a number, with one that no run can wait out.
pub fn faults() -> Vec<(Fault, Option<u32>)> {
    let long = |fault: &Fault| fault.default_value().map(|_| (*fault, Some(LONG)));
    let plain = Fault::ALL.iter().map(|fault| (*fault, None));
    plain.chain(Fault::ALL.iter().filter_map(long)).collect()
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
/// does not have the built-in one is copied first, since a run changes it.
pub fn line(case: &Case, rules: &[Rule]) -> String {
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
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.json"));
    let state = json!({"format": "o365-simulated-tenant/1", "tenant": case.scenario.tenant});
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
