//! What is refused before anything is sent.

use crate::support::*;
use component::bindings::connector::office365::connections::Connection;
use component::bindings::exports::connector::office365::accounts::CreateUserInput;
use component::country_codes::{COUNTRIES, by_code};
use serde_json::json;

fn refused(input: CreateUserInput) -> Vec<(String, String)> {
    // An empty script: a request would fail the test.
    let error = facts(Run::new([]).create(input).0);
    assert_eq!(error.kind, "invalid-input");
    error.problems.into_iter().map(|problem| (problem.pointer, problem.message)).collect()
}

fn accepted(input: CreateUserInput) {
    let (result, _) = Run::new([on(GET_SKUS, skus(0, 0))]).create(input);
    assert_eq!(facts(result).kind, "license-unavailable");
}

#[test]
fn all_problems_are_found_at_once() {
    let problems = refused(CreateUserInput {
        connection_id: "fabrikam".into(),
        service_id: "E5".into(),
        display_name: " ".into(),
        mail_nickname: "a b".into(),
        password: "short".into(),
        usage_location: "Armenia".into(),
    });
    let pointers: Vec<_> = problems.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/connectionId",
            "/serviceId",
            "/displayName",
            "/mailNickname",
            "/password",
            "/password",
            "/usageLocation"
        ]
    );
    assert_eq!(problems[0].1, "There is no connection fabrikam.");
}

#[test]
fn a_connection_that_a_host_describes_wrongly_is_refused() {
    type Change = fn(&mut Connection);
    let cases: &[(&str, Change)] = &[
        ("its Graph address is ''", |connection| connection.graph_url = String::new()),
        ("its Graph address is 'graph.microsoft.com/v1.0'", |connection| {
            connection.graph_url = "graph.microsoft.com/v1.0".into();
        }),
        ("without a slash at the end", |connection| connection.graph_url.push('/')),
        ("without a slash at the end", |connection| connection.graph_url.push_str("?a=b")),
        ("its tenant is ''", |connection| connection.tenant = String::new()),
        ("expected the tenant's domain or id", |connection| {
            connection.tenant = "admin@contoso.onmicrosoft.com".into();
        }),
        // What jco makes of `undefined` and of -1.
        ("its time limit is 0 ms", |connection| connection.time_limit_ms = 0),
        ("its time limit is 4294967295 ms", |connection| connection.time_limit_ms = u32::MAX),
    ];
    for (expected, change) in cases {
        let mut run = Run::new([]);
        change(&mut run.connection);
        let error = facts(run.create(create_input()).0);
        let [problem] = error.problems.try_into().unwrap();
        assert_eq!(problem.pointer, "/connectionId");
        assert!(problem.message.contains(expected), "{expected}: {}", problem.message);
    }
    let mut run = Run::new([]);
    (run.connection.tenant, run.connection.time_limit_ms) = (String::new(), 0);
    assert_eq!(facts(run.create(create_input()).0).problems.len(), 2, "all at once");
}

#[test]
fn a_sign_in_that_is_no_header_value_is_refused() {
    let long = format!("Bearer {}", "a".repeat(40_000));
    for value in ["", "eyJ0.eyJ0.sig", "Bearer ", "Bearer a\nb", "Bearer t\u{f6}ken", &long] {
        let mut run = Run::new([]);
        run.authorization = Ok(Some(value.to_owned()));
        let (result, _) = run.create(create_input());
        let error = facts(result);
        assert_eq!(error.kind, "unauthorized", "{value:?}");
        assert!(error.message.contains("no value of that header"), "{}", error.message);
        let token = value.trim_start_matches("Bearer ");
        assert!(token.is_empty() || !error.message.contains(token), "{}", error.message);
    }
}

#[test]
fn passwords() {
    let long = "aB".repeat(128);
    let longer = format!("{long}c");
    let cases = [
        ("lower and upper", "aaaaAAAA", true),
        ("lower and digit", "aaaa1111", true),
        ("upper and symbol", "AAAA!!!!", true),
        ("digit and blank", "1111 111", true),
        ("256 characters", long.as_str(), true),
        ("257 characters", longer.as_str(), false),
        ("seven characters", "aA1!aA1", false),
        ("empty", "", false),
        ("lower only", "aaaaaaaa", false),
        ("symbols only", "!!!!  ??", false),
        ("not ASCII", "aaaaÄÄÄÄ1", false),
        ("a line break", "aaaaAAAA\n", false),
        ("a tab", "aaaa\tAAAA", false),
    ];
    for (what, password, good) in cases {
        let input = CreateUserInput { password: password.into(), ..create_input() };
        if good {
            accepted(input);
            continue;
        }
        let problems = refused(input);
        assert!(problems.iter().all(|(pointer, _)| pointer == "/password"), "{what}: {problems:?}");
        let repeated =
            |(_, message): &(String, String)| password.len() > 3 && message.contains(password);
        assert!(!problems.iter().any(repeated), "{what} is repeated in {problems:?}");
    }
}

#[test]
fn names_of_new_users() {
    let (long, longer) = ("x".repeat(64), "x".repeat(65));
    let nicknames = [
        ("allen", true),
        ("A.l-l_e!n#^~'1", true),
        (&long, true),
        (&longer, false),
        ("", false),
        (".allen", false),
        ("allen.", false),
        ("al len", false),
        ("al@len", false),
        ("ällen", false),
        ("al/len", false),
        ("al%len", false),
    ];
    for (nickname, good) in nicknames {
        let input = CreateUserInput { mail_nickname: nickname.into(), ..create_input() };
        if good {
            accepted(input);
        } else {
            assert_eq!(refused(input)[0].0, "/mailNickname", "{nickname}");
        }
    }
    let (long, longer) = ("ö".repeat(256), "ö".repeat(257));
    for (name, good) in [
        ("Allen", true),
        (&long, true),
        (&longer, false),
        ("", false),
        ("\u{3000}", false),
        ("a\nb", false),
    ] {
        let input = CreateUserInput { display_name: name.into(), ..create_input() };
        if good {
            accepted(input);
        } else {
            assert_eq!(refused(input)[0].0, "/displayName", "{name:?}");
        }
    }
}

#[test]
fn a_tenant_domain_that_no_name_can_have_is_the_connections_fault() {
    let mut run = Run::new([]);
    run.connection.tenant = format!("{}.com", "x".repeat(45));
    let error = facts(run.create_user().0);
    assert_eq!(error.problems[0].pointer, "/connectionId");
    let mut run = Run::new([on(GET_SKUS, skus(0, 0))]);
    run.connection.tenant = format!("{}.com", "x".repeat(44));
    let input = CreateUserInput { mail_nickname: "x".repeat(64), ..create_input() };
    assert_eq!(facts(run.create(input).0).kind, "license-unavailable", "113 characters fit");
}

#[test]
fn a_tenant_that_is_named_by_its_id_has_no_domain_for_new_users() {
    for tenant in ["0b5f9d1c-3a7e-4c52-9e64-8a1f2d3c4b5a", "0B5F9D1C-3A7E-4C52-9E64-8A1F2D3C4B5A"] {
        let mut run = Run::new([]);
        run.connection.tenant = tenant.to_owned();
        let error = facts(run.create_user().0);
        assert_eq!((error.kind, error.problems.len()), ("invalid-input", 1));
        assert_eq!(error.problems[0].pointer, "/connectionId");
        assert!(error.message.contains("`tenant` to be a verified domain"), "{}", error.message);
    }
}

#[test]
fn usage_locations_are_refused_with_the_right_code() {
    let cases = [
        ("am", "AM for Armenia"),
        ("Armenia", "AM for Armenia"),
        (" armenia ", "AM for Armenia"),
        ("UK", "GB for United Kingdom"),
        ("USA", "US for United States of America"),
        ("DEU", "perhaps DE for Germany"),
        (" che\t", "perhaps CH for Switzerland"),
        ("GER", "perhaps DE for Germany"),
        ("el", "perhaps GR for Greece"),
        ("UAE", "perhaps AE for United Arab Emirates"),
        ("XKX", "such as AM"),
        (
            "united states",
            "UM for United States Minor Outlying Islands or US for United States of America",
        ),
        ("Russia", "RU for Russian Federation"),
        ("XX", "such as AM"),
        ("", "such as AM"),
        ("AMx", "such as AM"),
    ];
    for (given, hint) in cases {
        let problems = refused(CreateUserInput { usage_location: given.into(), ..create_input() });
        assert_eq!(problems[0].0, "/usageLocation");
        assert!(problems[0].1.contains(hint), "{given}: {}", problems[0].1);
    }
}

#[test]
fn the_country_codes_are_those_of_the_standard() {
    let mut codes: Vec<_> = COUNTRIES.iter().map(|country| country.code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), 249);
    assert!(
        codes.iter().all(|code| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()))
    );
    let mut alpha_3: Vec<_> = COUNTRIES.iter().map(|country| country.alpha_3).collect();
    alpha_3.sort_unstable();
    alpha_3.dedup();
    assert_eq!(alpha_3.len(), 249);
    assert!(alpha_3.iter().flatten().all(u8::is_ascii_uppercase));
    for (code, alpha_3) in [("AT", b"AUT"), ("AU", b"AUS"), ("SK", b"SVK"), ("SI", b"SVN")] {
        assert_eq!(&by_code(code).unwrap().alpha_3, alpha_3);
    }
    let plain = |name: &str| {
        let accents = [('å', 'a'), ('ç', 'c'), ('é', 'e'), ('ô', 'o'), ('ü', 'u')];
        let fold =
            |c| accents.iter().find(|(accent, _)| *accent == c).map_or(c, |(_, plain)| *plain);
        name.to_lowercase().chars().map(fold).collect::<String>()
    };
    assert!(COUNTRIES.is_sorted_by_key(|country| plain(country.name)));
    for (code, name) in
        [("AX", "Åland Islands"), ("CI", "Côte d'Ivoire"), ("TR", "Türkiye"), ("XK", "")]
    {
        let found = COUNTRIES
            .iter()
            .find(|country| country.code == code)
            .map_or("", |country| country.name);
        assert_eq!(found, name);
    }
}

#[test]
fn service_ids() {
    let (id, e5) = ("6fd2c87f-b296-42f0-b197-1e91e994b900", "06ebc4ee-1bb5-47dd-8120-11324bc54e06");
    let of_sku = format!("84841066-274d-4ec0-a5c1-276be684bdd3_{id}");
    let bad = [
        ("", None),
        ("E5", Some(e5)),
        ("6fd2c87fb29642f0b1971e91e994b900", Some(id)),
        ("{6FD2C87F-b296-42f0-b197-1e91e994b900}", Some(id)),
        (" 6fd2c87f-b296-42f0-b197-1e91e994b900", Some(id)),
        (&of_sku, Some(id)),
        ("6fd2c87f-b296-42f0-b197-1e91e994b90g", None),
        ("6fd2c87f-b296-42f0-b197-1e91e994b90", None),
        ("6fd2c87f-b296-42f0-b197-1e91e994b90é", None),
        ("Microsoft 365 E5", Some(e5)),
        ("microsoft 365 e5", Some(e5)),
        ("Intune", Some("061f9ace-7d42-4136-88ac-31dc755f143f")),
        ("Office 365 of Contoso", None),
        ("SPE_E5 ", None),
        ("SPE-E5", None),
        ("SPE_E5;drop", None),
    ];
    for (id, meant) in bad {
        let problems = refused(CreateUserInput { service_id: id.into(), ..create_input() });
        assert_eq!(problems[0].0, "/serviceId", "{id}");
        let said = &problems[0].1;
        assert_eq!(said.contains("perhaps"), meant.is_some(), "{id}: {said}");
        assert!(meant.is_none_or(|meant| said.contains(meant)), "{id}: {said}");
    }
}

/// A part number is looked for in the tenant's own subscriptions.
#[test]
fn a_service_id_may_be_a_part_number() {
    for (typed, own) in [
        ("ENTERPRISEPACK", "ENTERPRISEPACK"),
        ("enterprisepack", "ENTERPRISEPACK"),
        ("EMS", "EMS"),
        ("O365_w/o Teams Bundle_M3", "O365_w/o\u{a0}Teams\u{a0}Bundle_M3"),
        ("Microsoft_365_Business_Basic_(no Teams)", "Microsoft_365_Business_Basic_(no Teams)"),
    ] {
        let mut owned = sku(25, 11);
        owned["skuPartNumber"] = json!(own);
        let listed = || on(GET_SKUS, answer(200, json!({"value": [owned.clone()]})));
        let mut input = license_input();
        input.service_id = typed.into();
        assert_eq!(Run::new([listed()]).count_of(input).0.unwrap(), 14, "{typed}");

        let input = CreateUserInput { service_id: typed.into(), ..create_input() };
        let script =
            [listed(), on(CREATE, created()), on(ASSIGN, assigned()), on(GET_BY_ID, shown(true))];
        let (result, seen) = Run::new(script).create(input);
        assert_eq!(result.unwrap().assigned_licenses[0].sku_id, SKU);
        let sent = String::from_utf8(seen.requests[2].body.clone()).unwrap();
        assert!(sent.contains(SKU), "the id is sent, and not the part number: {sent}");
    }
    let mut input = license_input();
    input.service_id = "SPE_E5".into();
    let error = facts(Run::new([on(GET_SKUS, skus(25, 11))]).count_of(input).0);
    assert_eq!(error.kind, "not-found");
    assert!(error.message.contains("SPE_E5 is not among"), "{}", error.message);
    assert!(error.message.contains("it has ENTERPRISEPACK"), "{}", error.message);
}

#[test]
fn names_of_existing_users() {
    let (local, domain) = ("x".repeat(64), "y".repeat(48));
    let whole = format!("{local}@{domain}");
    let (long_local, long) = (format!("x{whole}"), format!("{whole}y"));
    for bad in [
        "",
        "allen",
        "@contoso.com",
        "allen@",
        "a@b@contoso.com",
        "al len@contoso.com",
        "al/len@contoso.com",
        "al?len@contoso.com",
        "al%20len@contoso.com",
        "al\\len@contoso.com",
        "allen@contoso.com\n",
        &long_local,
        &long,
    ] {
        let error = facts(Run::new([]).delete(bad).0);
        assert_eq!(error.problems[0].pointer, "/userPrincipalName", "{bad:?}");
    }
    let good = Run::new([on(&format!("DELETE /users/{whole}"), no_content())]);
    good.delete(&whole).0.unwrap();
}

#[test]
fn a_password_in_no_error() {
    let reply = answer(
        400,
        json!({"error": {"code": "Request_BadRequest", "message": "The specified password does not comply with password complexity requirements."}}),
    );
    let (result, _) = Run::new([on(GET_SKUS, skus(1, 0)), on(CREATE, reply)]).create_user();
    let error = facts(result);
    assert!(!format!("{error:?}").contains(PASSWORD));
    assert_eq!(error.problems[0].pointer, "/password");
}
