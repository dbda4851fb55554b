//! What single runs take, with criterion's statistics: `cargo bench --bench runs`.

#![allow(clippy::restriction, reason = "a benchmark prints, and may fail loudly")]

use bench::answers::Answers;
use bench::pin;
use bench::sandboxed::{OnPlatform, Sandboxed};
use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::{Map, json};
use support::Fixture;

fn runs(criterion: &mut Criterion) {
    pin();
    for (action, case) in
        [("is-license-available", "some-seats"), ("create-user", "created-and-licensed")]
    {
        let fixture = Fixture::named(action, case);
        let mut input = fixture.input();
        if let Some(password) = input.get_mut("password") {
            *password = json!("Correct horse 7");
        }
        let answers = Answers::recorded(&fixture);
        let directory = tempfile::tempdir().unwrap();
        let live = OnPlatform::live(answers.serve(), directory.path());
        let given = OnPlatform::given(answers.egress());
        let (sandboxed, egress) = (Sandboxed::new(), answers.egress());
        let mut group = criterion.benchmark_group(action);
        group.bench_function("live", |bencher| bencher.iter(|| live.run(action, &input)));
        group.bench_function("platform", |bencher| bencher.iter(|| given.run(action, &input)));
        group.bench_function("host", |bencher| {
            bencher.iter(|| sandboxed.run(action, &input, &egress));
        });
        group.finish();
    }
    let (sandboxed, egress) = (Sandboxed::new(), runner::egress::nowhere());
    criterion.bench_function("country-codes", |bencher| {
        bencher.iter(|| sandboxed.run("country-codes", &Map::new(), &egress));
    });
}

criterion_group!(benches, runs);
criterion_main!(benches);
