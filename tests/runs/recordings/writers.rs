//! Six programs that write HAR record the same run against the simulated tenant, in the modes
//! that they have: what becomes of each file is the table `writers/table.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::recordings::{directory, json as read_json};
use support::install::{Project, chromium};
use support::simulate::Server;
use support::{Ended, o365, root};

const NODE: Project = Project::node(
    "runs/recordings/writers",
    &[
        "chromium.mjs",
        "clients.mjs",
        "front.mjs",
        "mitmproxy.mjs",
        "package.json",
        "playwright.mjs",
        "record.mjs",
        "steps.mjs",
    ],
);

const PYTHON: Project = Project::python("runs/recordings/mitmproxy", &[]);

const SKU: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";
const PASSWORD: &str = "A Real Passw0rd";

/// The run whose answers break off: of each two, the first one.
const CUT: &str = "cut";

/// As many users as there may be recordings, with a seat for each.
const USERS: usize = 20;

/// What the runs send: by the run's name, the calls that the component makes. A user's id is
/// known when it was created.
fn steps(place: &Path) -> Value {
    let recording = place.join("run.har");
    let arguments = ["run", "create-user", "--simulate", "-i", "-", "--record"];
    let call = o365(arguments.into_iter().chain([recording.to_str().unwrap()]));
    let id = call.stdin(input("user").to_string()).run().result()["objectId"].clone();
    let entries = read_json(&recording)["log"]["entries"].take();
    let steps: Vec<Value> =
        entries.as_array().unwrap().iter().map(|entry| step(entry, &id)).collect();
    let seats = &steps[0];
    let cut = (CUT.to_owned(), json!([seats, seats]));
    let users = (0..USERS).map(|user| {
        let name = format!("user{user}");
        let text = json!(steps).to_string();
        let named =
            text.replace("\"user\"", &format!("\"{name}\"")).replace("user@", &format!("{name}@"));
        (name, serde_json::from_str(&named).unwrap())
    });
    Value::Object(users.chain([cut]).collect())
}

fn step(entry: &Value, id: &Value) -> Value {
    let request = &entry["request"];
    let (_, path) = request["url"].as_str().unwrap().split_once("/v1.0").unwrap();
    let body = request["postData"]["text"].as_str().map(|text| {
        let text = text.replace(r#"{"$secret":"password"}"#, &json!(PASSWORD).to_string());
        serde_json::from_str::<Value>(&text).unwrap()
    });
    json!({ "method": request["method"], "path": path.replace(id.as_str().unwrap(), "{id}"), "body": body })
}

fn input(user: &str) -> Value {
    json!({ "serviceId": SKU, "displayName": "Allen Allbrook", "mailNickname": user,
        "password": PASSWORD, "usageLocation": "AM" })
}

/// What a writer wrote.
struct Recording {
    run: String,
    path: PathBuf,
    place: PathBuf,
}

impl Recording {
    fn action(&self) -> &'static str {
        if self.run == CUT { "get-available-license-count" } else { "create-user" }
    }

    fn added(&self) -> Ended {
        let input = if self.run == CUT { json!({ "serviceId": SKU }) } else { input(&self.run) };
        let (file, fixtures) = (self.path.to_str().unwrap(), self.place.to_str().unwrap());
        let arguments = ["fixtures", "add", file, "--action", self.action(), "--case", "x"];
        let more =
            ["--directory", fixtures, "--tenant", support::simulate::TENANT, "--json", "-i", "-"];
        o365(arguments.into_iter().chain(more)).stdin(input.to_string()).run()
    }

    /// What becomes of it, in a line. A fixture of it replays, says what happened and holds no
    /// secret.
    fn told(&self, token: &str) -> String {
        let ended = self.added();
        for secret in [token, PASSWORD] {
            assert!(!ended.stderr.contains(secret), "{}: {}", self.path.display(), ended.stderr);
        }
        if ended.code != 0 {
            let message = ended.error()["message"].as_str().unwrap().to_owned();
            let words = message.split_once(self.path.to_str().unwrap()).unwrap().1;
            // Which entry it is depends on what a page asks for beside it, and a length on the
            // server's port, which stands in the answer.
            return match words.strip_prefix(": entry ") {
                Some(words) => {
                    let words = words.split_once(": ").unwrap().1;
                    format!("refused: {}", words.replace(|c: char| c.is_ascii_digit(), "0"))
                }
                None => format!("refused: {}", words.trim_start()),
            };
        }
        let path = self.place.join(self.action()).join("x.har");
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains(token) && !text.contains(PASSWORD), "{}", path.display());
        let replayed = o365(["replay", path.to_str().unwrap(), "--json"]).run().result();
        assert_eq!(replayed[0]["same"], true, "{replayed}");
        let made = read_json(&path)["log"].take();
        let result = &made["_o365"]["result"];
        if self.run == CUT {
            assert!(result.as_u64().is_some(), "{result}");
        } else {
            assert_eq!(
                result["userPrincipalName"],
                format!("{}@{}", self.run, support::simulate::TENANT)
            );
            assert_eq!(result["assignedLicenses"][0]["skuId"], SKU);
        }
        let entries = made["entries"].as_array().unwrap();
        let broken =
            entries.iter().filter(|entry| entry["response"].get("_error").is_some()).count();
        match (entries.len(), broken) {
            (1, 0) => "taken: 1 call".to_owned(),
            (calls, 0) => format!("taken: {calls} calls"),
            (calls, broken) => format!("taken: {calls} calls, of which {broken} broke off"),
        }
    }
}

/// The file that a writer wrote, which Polly puts into a directory of its own.
fn file(path: &Path) -> PathBuf {
    if !path.is_dir() {
        return path.to_owned();
    }
    let within = fs::read_dir(path).unwrap().next().unwrap().unwrap().path();
    file(&within)
}

/// Has every writer record; its recordings by writer and mode.
fn recorded(
    node: &Path,
    python: &Path,
    server: &Server,
    token: &str,
    chromium: &str,
) -> BTreeMap<(String, String), Recording> {
    let place = directory("written");
    let Output { status, stdout, stderr } = Command::new("node")
        .arg(node.join("record.mjs"))
        .env("CHROMIUM", chromium)
        .env("ROOT", server.http())
        .env("STEPS", steps(&place).to_string())
        .env("TOKEN", token)
        .env("MITMDUMP", python.join("venv/bin/mitmdump"))
        .env("DIRECTORY", &place)
        .output()
        .unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    let written: Vec<Value> = serde_json::from_slice(&stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let recording = |written: &Value| {
        let (writer, mode) = (text(&written["writer"]), text(&written["mode"]));
        let path = file(Path::new(written["path"].as_str().unwrap()));
        let place = place.join("fixtures").join(format!("{writer}-{mode}"));
        ((writer, mode), Recording { run: text(&written["run"]), path, place })
    };
    written.iter().map(recording).collect()
}

#[tokio::test]
async fn six_writers_write_what_is_taken_or_refused_in_words() {
    let Some(chromium) = chromium() else { return };
    let (Some(node), Some(python)) = (NODE.installed(), PYTHON.installed()) else { return };
    let server = Server::start(&[]);
    let token = server.token().await;
    let mut table = String::from("| writer | mode | `o365 fixtures add` |\n| --- | --- | --- |\n");
    for ((writer, mode), recording) in recorded(&node, &python, &server, &token, &chromium) {
        writeln!(table, "| {writer} | {mode} | {} |", recording.told(&token)).unwrap();
    }
    let path = root().join("tests/runs/recordings/writers/table.md");
    let expected = fs::read_to_string(&path).unwrap();
    let (_, expected) = expected.split_once("\n\n").unwrap();
    assert_eq!(expected, table, "\n{} says otherwise; measured:\n{table}", path.display());
}
