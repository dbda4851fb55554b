//! The standard variables that configure the exporter.

use runner::telemetry::environment::{InvalidEnvironment, Settings};

/// Variables with their values.
type Variables = &'static [(&'static str, &'static str)];

fn read(variables: &[(&str, &str)]) -> Result<Option<Settings>, InvalidEnvironment> {
    Settings::read(|name| {
        variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
    })
}

const ALL: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES_ONLY: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

#[test]
fn the_address_is_that_of_traces() {
    let table: [(Variables, Option<&str>); 9] = [
        (&[], None),
        (&[(ALL, "")], None),
        (&[(ALL, "http://localhost:4318")], Some("http://localhost:4318/v1/traces")),
        (&[(ALL, "https://c.fabrikam.com/otlp/")], Some("https://c.fabrikam.com/otlp/v1/traces")),
        (&[(TRACES_ONLY, "http://c:4318/in")], Some("http://c:4318/in")),
        (&[(ALL, "http://a:1"), (TRACES_ONLY, "http://b:2/t")], Some("http://b:2/t")),
        (&[(ALL, "http://a:1"), ("OTEL_SDK_DISABLED", "TRUE")], None),
        (&[(ALL, "http://a:1"), ("OTEL_TRACES_EXPORTER", "none")], None),
        (&[(ALL, "http://a:1"), ("OTEL_SDK_DISABLED", "false")], Some("http://a:1/v1/traces")),
    ];
    for (variables, expected) in table {
        let settings = read(variables).unwrap();
        let address = settings.map(|settings| settings.endpoint.to_string());
        assert_eq!(address.as_deref(), expected, "{variables:?}");
    }
}

#[test]
fn what_cannot_be_followed_is_refused_by_its_name_alone() {
    let table = [
        (ALL, "localhost:4318"),
        (ALL, "ftp://a:1"),
        (ALL, "http://"),
        (ALL, "http://user:canary@a:1"),
        (ALL, "http://a b"),
        (TRACES_ONLY, "http://a:1/?key=canary"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "-1"),
    ];
    for (name, value) in table {
        let error = read(&[(name, value), (ALL, "http://a:1")]).unwrap_err();
        let told = format!("{error} {}", error.fix());
        assert!(told.contains(name), "{told}");
        assert!(!told.contains("canary"), "{told}");
    }
}
