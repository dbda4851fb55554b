//! What a whole report takes as the tenant grows: guest memory and time.
//!
//! `cargo bench --bench reports`

#![allow(clippy::restriction, reason = "a benchmark prints, and may fail loudly")]

use std::time::Instant;

use bench::sandboxed::Sandboxed;
use serde_json::{Map, Value};
use support::large_tenant;

const SIZES: [usize; 4] = [12_500, 25_000, 50_000, 100_000];

fn main() {
    let host = Sandboxed::new();
    let input = Map::from_iter([("connectionId".to_owned(), Value::from("contoso"))]);
    println!(
        "{:>8}  {:>10}  {:>9}  {:>12}  {:>10}",
        "users", "memory MiB", "time ms", "bytes a user", "us a user"
    );
    for users in SIZES {
        let tenant = large_tenant::tenant(users);
        let begun = Instant::now();
        let ended = host.run("users-with-licenses-report", &input, &tenant);
        let took = begun.elapsed();
        let report = ended.outcome.unwrap().into_value();
        assert_eq!(
            report["users"].as_array().unwrap().len(),
            users - users / large_tenant::UNLICENSED
        );
        println!(
            "{users:>8}  {:>10.1}  {:>9}  {:>12}  {:>10.1}",
            ended.memory as f64 / f64::from(1 << 20),
            took.as_millis(),
            ended.memory / users,
            took.as_secs_f64() * 1e6 / users as f64,
        );
    }
}
