//! The cases of `error-code` by their names in WIT.

use runner::recording::error_code::{name, named, with_words, words};

#[test]
fn every_name_of_wit_leads_to_its_case_and_back() {
    let wit = include_str!("../../../../wit/deps/http/types.wit");
    let (_, cases) = wit.split_once("variant error-code {").unwrap();
    let (cases, _) = cases.split_once('}').unwrap();
    let cases: Vec<&str> = cases
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .filter_map(|line| line.split(['(', ',']).next())
        .collect();
    assert!(cases.len() > 30, "{cases:?}");
    for case in cases {
        assert_eq!(name(&named(case).unwrap()), case);
    }
}

#[test]
fn words_stay_with_their_case() {
    let code = with_words("internal-error", Some("no route")).unwrap();
    assert_eq!((name(&code), words(&code)), ("internal-error", Some("no route")));
    let code = with_words("TLS-alert-received", Some("unknown ca")).unwrap();
    assert_eq!(words(&code), Some("unknown ca"));
    assert!(with_words("net::ERR_FAILED", None).is_none());
}
