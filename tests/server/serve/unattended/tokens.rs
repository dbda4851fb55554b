//! Who may poll.

use super::{House, later, polled, target};
use crate::serve::server::{eventually, seats};

const AVAILABLE: &str = "is-license-available";

#[test]
fn the_token_of_a_run_opens_that_run_and_nothing_else() {
    let house = House::new();
    let server = &house.server;
    let accept = || house.later(AVAILABLE, &seats()).send();
    let (one, other) = (accept(), accept());
    let own = target(server, &one);
    polled(server, &own).done();
    let token = own.split_once("token=").unwrap().1;
    let ask = |method: &str, target: &str| server.ask(method, target).send();
    let at = |run: &str, token: &str| format!("/v1/runs/{run}?token={token}");
    // Not another one, be it there or not.
    let unknown = uuid::Uuid::now_v7().to_string();
    let refused = [&other.run(), &unknown, "x"].map(|run| ask("GET", &at(run, token)));
    for answer in &refused {
        answer.problem(401, "unauthenticated");
        assert_eq!(answer.body, refused[0].body);
    }
    // Nothing of its kind that was made up, changed or cut.
    let (end, rest) = token.split_once('.').unwrap();
    let later_end = end.parse::<i64>().unwrap() + 1;
    for wrong in [
        format!("{later_end}.{rest}"),
        token[..token.len() - 1].to_owned(),
        format!("{token}.x"),
        format!("{end}..{}", rest.split_once('.').unwrap().1),
        String::new(),
        house.key.clone(),
    ] {
        ask("GET", &at(&one.run(), &wrong)).problem(401, "unauthenticated");
    }
    // It polls, and does nothing else.
    ask("DELETE", &own).problem(401, "unauthenticated");
    ask("GET", &format!("/v1/runs?token={token}")).problem(401, "unauthenticated");
    ask("GET", &format!("/v1/actions?token={token}")).problem(401, "unauthenticated");
    // A wrong key is wrong also beside a token.
    server.ask("GET", &own).key("wrong").send().problem(401, "unauthenticated");
    // With the key it is not needed, and what is not there is told.
    server.get(&house.key, &format!("/v1/runs/{}", one.run())).done();
    for run in [&unknown, "x"] {
        server.get(&house.key, &format!("/v1/runs/{run}")).problem(404, "no-such-run");
        let cancel = server.ask("DELETE", &format!("/v1/runs/{run}")).key(&house.key);
        cancel.send().problem(404, "no-such-run");
    }
}

#[test]
fn a_token_expires() {
    // An hour after the time limit of the run.
    let house = House::with("time-limit = 60");
    let accepted = house.later(AVAILABLE, &seats()).send();
    let target = target(&house.server, &accepted);
    let end: i64 =
        target.split_once("token=").unwrap().1.split('.').next().unwrap().parse().unwrap();
    let left = end - jiff::Timestamp::now().as_second();
    assert!((3_600..=3_660).contains(&left), "{left}");
}

#[test]
fn a_run_is_its_tenants_alone() {
    let house = House::new();
    let fabrikam = house.place.add("fabrikam", "other", &[]);
    let house = house.restart();
    let accepted = later(&house.server, &fabrikam, AVAILABLE, &seats()).send();
    let target = target(&house.server, &accepted);
    polled(&house.server, &target).done();
    let path = format!("/v1/runs/{}", accepted.run());
    house.server.get(&fabrikam, &path).done();
    house.server.get(&house.key, &path).problem(404, "no-such-run");
    let cancel = house.server.ask("DELETE", &path).key(&house.key);
    cancel.send().problem(404, "no-such-run");
    let runs = house.server.get(&house.key, "/v1/runs").done();
    assert!(!runs.to_string().contains(&accepted.run()), "{runs}");
    // A tenant that is gone has no runs.
    house.place.o365(&["tenant", "remove", "fabrikam", "--yes"]).result();
    house.server.signal("HUP");
    eventually("the tenant is gone", || house.server.ask("GET", &target).send().status == 401);
}

#[test]
fn no_log_has_a_token() {
    let house = House::new().restart_with(&["--log", "trace"]);
    let accepted = house.later(AVAILABLE, &seats()).send();
    let target = target(&house.server, &accepted);
    polled(&house.server, &target).done();
    house.server.ask("DELETE", &target).send();
    let token = target.split_once("token=").unwrap().1;
    let tag = token.split('.').nth(1).unwrap();
    eventually("the request is logged", || house.server.said().contains("/v1/runs/{run}"));
    let said = house.server.said();
    assert!(!said.contains(tag) && !said.contains("token="), "{said}");
    let audit = std::fs::read_to_string(house.place.audit_log()).unwrap();
    assert!(!audit.contains(tag), "{audit}");
}
