//! Values that the bindings of a language take although they are wrong: the hosts of the guides, or
//! the component itself, refuse them before anything is sent.

use serde_json::{Value, json};

use crate::cases::CASES;
use crate::hosts::driven::{Driver, NODE_20, PYTHON_50, connection, driven};
use crate::hosts::{Ended, Job};
use crate::proxy::Proxy;

/// Makes a call wrong.
type Change = fn(&mut Value);

/// What is wrong, and words of the refusal.
const WRONG: [(Change, &str); 5] = [
    (|call| call["input"]["serviceID"] = json!("SPE_E5"), "additional"),
    (|call| call["input"]["serviceId"] = json!(5), "string"),
    (|call| call["input"]["connectionId"] = json!("fabrikam"), "there is no connection"),
    (|call| call["connection"]["timeLimitMs"] = json!(-1), "time limit is"),
    (|call| call["connection"]["timeLimitMs"] = json!(1_u64 << 32), "time limit is"),
];

async fn are_refused(driver: Driver) {
    for (change, words) in WRONG {
        let Some(command) = driver() else { return };
        let case = &CASES[0];
        let proxy = Proxy::start(case).await;
        let (id, login_url) = ("contoso".to_owned(), String::new());
        let job = Job { case, connection: id, graph_url: proxy.graph_url(), login_url };
        let (input, connection) = (job.input(), connection(&job));
        let name = case.action.name();
        let mut call =
            json!({ "action": name, "input": input, "connection": connection, "limit": 10 });
        change(&mut call);
        let running = tokio::task::spawn_blocking(move || driven(command, &[call]).remove(0));
        let said = match running.await.unwrap().ended {
            Ended::Error(error) => error["message"].to_string(),
            Ended::Broken(why) => why,
            Ended::Result(result) => panic!("{words}: {result}"),
        };
        assert!(said.to_lowercase().contains(words), "{words}: {said}");
        assert!(proxy.seen.arrived.lock().unwrap().is_empty(), "{words}: something was sent");
    }
}

#[tokio::test]
async fn wrong_values_are_refused_in_python() {
    are_refused(PYTHON_50).await;
}

#[tokio::test]
async fn wrong_values_are_refused_in_javascript() {
    are_refused(NODE_20).await;
}
