//! Runs in the sandbox beside the same actions without one, as ratios:
//! `cargo bench --bench ratios`, or `cargo bench --bench ratios -- NAME` for the groups whose
//! names contain it.

#![allow(clippy::restriction, reason = "a benchmark prints, and may fail loudly")]

use std::hint::black_box;

use bench::answers::{Answers, USERS};
use bench::compare::{Case, compare};
use bench::instances::{self, Instances};
use bench::jco::Jco;
use bench::native::Native;
use bench::pin;
use bench::sandboxed::{OnPlatform, Sandboxed, component};
use component::actions::{accounts, data_sets, reports};
use component::bindings::exports::connector::office365::accounts::{CreateUserInput, LicenseInput};
use component::bindings::exports::connector::office365::data_sets::CountryCodesInput;
use component::bindings::exports::connector::office365::reports::{ReportInput, ReportPageInput};
use serde_json::{Map, Value, json};
use support::Fixture;

type Group = (&'static str, fn());

fn main() {
    pin();
    let wanted: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    let groups: [Group; 6] = [
        ("instances", instances),
        ("is-license-available", seats),
        ("create-user", creation),
        ("country-codes", countries),
        ("report-1000", || report(1_000, 200)),
        ("report-100000", || report(100_000, 10)),
    ];
    for (name, group) in groups {
        if wanted.is_empty() || wanted.iter().any(|it| name.contains(it.as_str())) {
            group();
        }
    }
}

fn instances() {
    let connector = Instances::of(&component());
    let empty = Instances::of(&instances::empty(connector.memory()));
    compare(
        "an instance that does nothing",
        20_000,
        vec![
            Case::new("of an empty component", || empty.make()),
            Case::new("of the connector", || connector.make()),
        ],
    );
}

fn text(input: &Map<String, Value>, key: &str) -> String {
    input[key].as_str().unwrap().to_owned()
}

fn seats() {
    let fixture = Fixture::named("is-license-available", "some-seats");
    let input = fixture.input();
    let answers = Answers::recorded(&fixture);
    let server = answers.serve();
    let native_input = || LicenseInput {
        connection_id: text(&input, "connectionId"),
        service_id: text(&input, "serviceId"),
    };
    let mut pooled = Native::pooled(server);
    let mut memory = Native::from_memory(&answers);
    let directory = tempfile::tempdir().unwrap();
    let live = OnPlatform::live(server, directory.path());
    let unpooled = OnPlatform::unpooled(server);
    let given = OnPlatform::given(answers.egress());
    let (sandboxed, egress) = (Sandboxed::new(), answers.egress());
    let action = "is-license-available";
    compare(
        "is-license-available over loopback",
        4_000,
        vec![
            Case::new("native, pooled client", || {
                assert!(
                    accounts::is_license_available::run(pooled.host(), native_input()).unwrap()
                );
            }),
            Case::new("Platform::run, live", || live.run(action, &input)),
            Case::new("Platform::run, a new connection each time", || {
                unpooled.run(action, &input);
            }),
        ],
    );
    if let Some(mut jco) = Jco::start(server, action, &input) {
        compare(
            "is-license-available over loopback, as a host in another language runs it",
            40,
            vec![
                Case::new("Platform::run, live", || live.run(action, &input)),
                Case::new("jco on Node.js, a worker each time", || {
                    assert_eq!(jco.call(), json!(true));
                }),
            ],
        );
    }
    compare(
        "is-license-available from memory",
        4_000,
        vec![
            Case::new("Host::run", || _ = black_box(sandboxed.run(action, &input, &egress))),
            Case::new("Platform::run", || given.run(action, &input)),
            Case::new("native", || {
                assert!(
                    accounts::is_license_available::run(memory.host(), native_input()).unwrap()
                );
            }),
        ],
    );
}

fn creation() {
    let fixture = Fixture::named("create-user", "created-and-licensed");
    let mut input = fixture.input();
    input["password"] = json!("Correct horse 7");
    let answers = Answers::recorded(&fixture);
    let server = answers.serve();
    let native_input = || CreateUserInput {
        connection_id: text(&input, "connectionId"),
        service_id: text(&input, "serviceId"),
        display_name: text(&input, "displayName"),
        mail_nickname: text(&input, "mailNickname"),
        password: text(&input, "password"),
        usage_location: text(&input, "usageLocation"),
    };
    let mut pooled = Native::pooled(server);
    let directory = tempfile::tempdir().unwrap();
    let live = OnPlatform::live(server, directory.path());
    compare(
        "create-user over loopback",
        2_000,
        vec![
            Case::new("native, pooled client", || {
                accounts::create_user::run(pooled.host(), native_input()).unwrap();
            }),
            Case::new("Platform::run, live", || live.run("create-user", &input)),
        ],
    );
}

fn countries() {
    let given = OnPlatform::given(runner::egress::nowhere());
    let (sandboxed, egress) = (Sandboxed::new(), runner::egress::nowhere());
    let input = Map::new();
    compare(
        "country-codes, which calls nobody",
        2_000,
        vec![
            Case::new("native", || {
                _ = black_box(data_sets::country_codes::run(&CountryCodesInput { search: None }));
            }),
            Case::new("Host::run", || _ = sandboxed.run("country-codes", &input, &egress)),
            Case::new("Platform::run", || given.run("country-codes", &input)),
        ],
    );
}

fn report(users: usize, samples: usize) {
    let answers = Answers::users(users, USERS);
    let mut native = Native::from_memory(&answers);
    let (sandboxed, egress) = (Sandboxed::new(), answers.egress());
    let Value::Object(input) = json!({ "connectionId": "contoso" }) else { return };
    let id = || "contoso".to_owned();
    let mut memory = 0;
    compare(
        &format!("a whole report on {users} users, from memory"),
        samples,
        vec![
            Case::new("native", || {
                let input = ReportInput { connection_id: id() };
                reports::users_with_licenses_report::run(native.host(), input).unwrap();
            }),
            Case::new("Host::run", || {
                memory = sandboxed.run("users-with-licenses-report", &input, &egress).memory;
            }),
        ],
    );
    println!("  {:.1} MiB of guest memory", memory as f64 / f64::from(1 << 20));
    let mut native = Native::from_memory(&answers);
    compare(
        &format!("the first page of a report on {users} users, from memory"),
        samples * 10,
        vec![
            Case::new("native", || {
                let input = ReportPageInput { connection_id: id(), cursor: None, page_size: None };
                reports::users_with_licenses_page::run(native.host(), input).unwrap();
            }),
            Case::new("Host::run", || {
                _ = sandboxed.run("users-with-licenses-page", &input, &egress);
            }),
        ],
    );
}
