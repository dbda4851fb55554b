//! Journals that were changed, or whose run has no place any more: told, and never sent to Graph.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::serve::gate::Gate;
use crate::serve::server::{Place, Server, account, connection, eventually};
use support::simulate;

/// A place in which a server was killed when Graph had the user, and nobody else knew.
pub struct Killed {
    pub place: Place,
    pub key: String,
    pub graph: simulate::Server,
}

impl Killed {
    pub fn new() -> Self {
        let graph = simulate::Server::start(&[]);
        let gate = Gate::to(graph.http());
        let place = Place::with(&connection("main", &gate.url(), graph.http()));
        let key = place.add("contoso", "main", &[]);
        let server = place.serve(&[]);
        let call = create(&server, &key);
        gate.hold_at("POST /v1.0/users ");
        let caller = std::thread::spawn(move || drop(call.try_send()));
        eventually("Graph has the user", || users(&graph) == 1);
        server.signal("KILL");
        server.kill();
        caller.join().unwrap();
        gate.release();
        Self { place, key, graph }
    }

    /// The files with journals.
    fn journals(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.place.path("state/runs")).unwrap();
        let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "journal"));
        files
    }

    /// The file with the journal.
    fn journal(&self) -> PathBuf {
        let mut files = self.journals();
        assert_eq!(files.len(), 1, "{files:?}");
        files.remove(0)
    }

    /// Starts the next server, whose run does not go on; the error.
    fn told(&self) -> Value {
        let before = self.graph.requests().len();
        let server = self.place.serve(&[]);
        let error = create(&server, &self.key).send().problem(504, "outcome-unknown");
        assert_eq!(self.graph.requests().len(), before);
        assert!(error["completed"][0].as_str().unwrap().contains("/users"), "{error}");
        let runs = self.place.audit(&[]);
        assert_eq!((runs.len(), &runs[0]["outcome"]), (1, &"outcome-unknown".into()), "{runs:?}");
        // It is told once, and the recording stays.
        server.kill();
        let server = self.place.serve(&[]);
        create(&server, &self.key).send().problem(504, "outcome-unknown");
        assert_eq!(self.place.audit(&[]).len(), 1);
        error
    }
}

pub fn create(server: &Server, key: &str) -> crate::serve::client::Request {
    let create = server.action(key, "create-user", &account("allen"));
    create.header("Idempotency-Key", "allen")
}

pub fn users(graph: &simulate::Server) -> usize {
    let created = |it: &&Value| it["method"] == "POST" && it["path"] == "/v1.0/users";
    graph.requests().iter().filter(created).count()
}

#[test]
fn a_run_goes_on_after_a_kill_and_its_journal_goes() {
    let killed = Killed::new();
    assert!(fs::metadata(killed.journal()).unwrap().len() > 500);
    let server = killed.place.serve(&[]);
    create(&server, &killed.key).send().done();
    assert_eq!(users(&killed.graph), 1);
    let runs = killed.place.audit(&[]);
    assert_eq!((runs.len(), &runs[0]["resumed"]), (1, &true.into()), "{runs:?}");
    // Nothing of the input stays on the disk, when the server has noted the end of the run: until
    // then there are the file of the server that was killed, and that of the next one.
    eventually("there is one journal, which is empty", || {
        let files = killed.journals();
        files.len() == 1 && fs::read_to_string(&files[0]).unwrap().lines().count() == 1
    });
}

#[test]
fn a_changed_journal_is_told_and_not_sent() {
    let killed = Killed::new();
    let path = killed.journal();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("allen@"), "{text}");
    fs::write(&path, text.replace("allen@", "barry@")).unwrap();
    let error = killed.told();
    assert!(error["message"].as_str().unwrap().contains("altered"), "{error}");
}

#[test]
fn a_cut_journal_is_told_and_not_sent() {
    let killed = Killed::new();
    let path = killed.journal();
    let text = fs::read_to_string(&path).unwrap();
    let lines = text.split_inclusive('\n');
    let kept: String = lines.take_while(|line| !line.contains("\"write\"")).collect();
    assert!(kept.lines().count() > 2 && kept.len() < text.len(), "{text}");
    fs::write(&path, kept).unwrap();
    let server = killed.place.serve(&[]);
    let error = create(&server, &killed.key).send().problem(504, "outcome-unknown");
    assert!(error["message"].as_str().unwrap().contains("not in the journal"), "{error}");
    assert_eq!(users(&killed.graph), 1);
}

#[test]
fn a_run_of_another_directory_is_told_and_not_sent() {
    let killed = Killed::new();
    let text = fs::read_to_string(killed.place.config()).unwrap();
    let other = text.replace("contoso.onmicrosoft.com", "fabrikam.onmicrosoft.com");
    assert_ne!(text, other);
    fs::write(killed.place.config(), other).unwrap();
    let error = killed.told();
    assert!(error["message"].as_str().unwrap().contains("leads elsewhere"), "{error}");
    let har = fs::read_dir(killed.place.path("state/runs")).unwrap();
    let har = har.map(|file| file.unwrap().path());
    let har = har.into_iter().find(|path| path.extension().is_some_and(|it| it == "har")).unwrap();
    let text = fs::read_to_string(har).unwrap();
    assert!(
        text.contains("POST") && !text.contains(account("allen")["password"].as_str().unwrap())
    );
}
