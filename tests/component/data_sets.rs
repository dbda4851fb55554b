//! The data set of countries.

use component::actions::data_sets::country_codes;
use component::bindings::exports::connector::office365::data_sets::{Country, CountryCodesInput};
use component::country_codes::{COUNTRIES, by_code};

fn found(search: Option<&str>) -> Vec<Country> {
    country_codes::run(&CountryCodesInput { search: search.map(str::to_owned) })
}

fn codes(search: &str) -> Vec<String> {
    found(Some(search)).into_iter().map(|country| country.code).collect()
}

#[test]
fn all_countries_are_there_sorted_by_name() {
    let all = found(None);
    assert_eq!(all.len(), 249);
    assert_eq!(all.len(), COUNTRIES.len(), "the table of create-user");
    assert!(all.iter().all(|country| by_code(&country.code).is_some()));
    // Sorted as if accents were not there.
    let plain = |name: &str| {
        name.replace('Å', "A")
            .replace('ç', "c")
            .replace('é', "e")
            .replace('ô', "o")
            .replace('ü', "u")
    };
    assert!(all.is_sorted_by(|a, b| plain(&a.name) < plain(&b.name)));
    for (code, name) in [
        ("AF", "Afghanistan"),
        ("AX", "Åland Islands"),
        ("AM", "Armenia"),
        ("DE", "Germany"),
        ("US", "United States of America"),
        ("ZW", "Zimbabwe"),
    ] {
        assert!(all.iter().any(|country| country.code == code && country.name == name), "{code}");
    }
}

#[test]
fn a_search_looks_in_codes_and_names() {
    assert_eq!(codes("armenia"), ["AM"]);
    assert_eq!(codes(" ARMENIA\n"), ["AM"]);
    let am = codes("am");
    for code in ["AM", "JM", "VN", "CM"] {
        assert!(am.contains(&code.to_owned()), "{code} in {am:?}");
    }
    assert!(!am.contains(&"DE".to_owned()));
    assert_eq!(codes("ZW"), ["ZW"]);
}

#[test]
fn accents_do_not_matter() {
    for (search, code) in [
        ("aland is", "AX"),
        ("ÅLAND IS", "AX"),
        ("curacao", "CW"),
        ("CURAÇAO", "CW"),
        ("Côte", "CI"),
        ("cote d", "CI"),
        ("türkiye", "TR"),
        ("TURKIYE", "TR"),
        ("Reunion", "RE"),
        ("RÉUNION", "RE"),
    ] {
        assert_eq!(codes(search), [code], "{search}");
    }
}

#[test]
fn an_empty_search_finds_all_and_a_strange_one_nothing() {
    for all in ["", " ", "\t\n"] {
        assert_eq!(codes(all).len(), 249, "{all:?}");
    }
    for nothing in ["contoso", "<b>", "%", "AMX", &"x".repeat(10_000)] {
        assert_eq!(codes(nothing).len(), 0, "{nothing}");
    }
}
