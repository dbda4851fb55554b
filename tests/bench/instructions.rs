//! How many instructions the guest executes: `cargo bench --bench instructions`. The count of a build
//! is the same on every machine, at every moment.

#![allow(clippy::restriction, reason = "a benchmark prints, and may fail loudly")]

use bench::answers::{Answers, USERS};
use bench::counted::Counted;
use bench::sandboxed::component;
use serde_json::{Map, Value, json};
use support::Fixture;

fn main() {
    let counted = Counted::of(&component());
    let seats = Fixture::named("is-license-available", "some-seats");
    let creation = Fixture::named("create-user", "created-and-licensed");
    let mut user = creation.input();
    user.insert("password".to_owned(), json!("Correct horse 7"));
    let none = Answers::default();
    let mut connection = Map::new();
    connection.insert("connectionId".to_owned(), json!("contoso"));
    show(&counted, "country-codes", &Map::new(), &none, "");
    show(&counted, "is-license-available", &seats.input(), &Answers::recorded(&seats), "");
    show(&counted, "create-user", &user, &Answers::recorded(&creation), "");
    for users in [1_000, 100_000] {
        let answers = Answers::users(users, USERS);
        let of = format!(" on {users} users");
        show(&counted, "users-with-licenses-page", &connection, &answers, &of);
        show(&counted, "users-with-licenses-report", &connection, &answers, &of);
    }
}

/// Counts a run twice: what differs is no count of this build.
fn show(counted: &Counted, action: &str, input: &Map<String, Value>, answers: &Answers, of: &str) {
    let [first, second] = [(); 2].map(|()| counted.run(action, input, answers));
    assert_eq!(first, second, "{action}: the counts of two runs");
    println!("{first:>16}  {action}{of}");
}
