//! Reads the tenant before and after a call, by itself.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use support::namespace::Namespace;
use support::simulate::{CLIENT_ID, DEFAULT, TENANT, tenant};

/// The address of the tenant's mail, which Graph does not list.
pub const MAIL: &str = "mail";

/// What is at an address of the tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub status: u64,
    pub body: Value,
}

impl Seen {
    /// The values of `key` in a collection.
    pub fn all(&self, key: &str) -> Vec<&str> {
        let items = self.body["value"].as_array().into_iter().flatten();
        items.map(|item| item[key].as_str().unwrap()).collect()
    }

    pub fn ids(&self) -> Vec<&str> {
        self.all("id")
    }
}

/// Reads a tenant of a namespace.
pub struct Observer<'a> {
    namespace: &'a Namespace,
    file: &'a Path,
    token: String,
    marks: std::cell::Cell<u64>,
}

impl<'a> Observer<'a> {
    pub fn new(namespace: &'a Namespace, file: &'a Path) -> Self {
        let form = [
            format!("client_id={CLIENT_ID}"),
            "client_secret=any&grant_type=client_credentials".to_owned(),
            format!("scope={DEFAULT}"),
        ];
        let url = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token");
        let granted = curl(namespace, &["--data", &form.join("&"), &url]);
        let token = granted.body["access_token"].as_str().unwrap().to_owned();
        Self { namespace, file, token, marks: std::cell::Cell::new(0) }
    }

    /// What is at a path, of a collection all its pages.
    pub fn see(&self, path: &str) -> Seen {
        if path == MAIL {
            return Seen { status: 200, body: json!({ "value": tenant(self.file)[MAIL] }) };
        }
        let mut seen = self.get(&format!("https://graph.microsoft.com/v1.0{path}"));
        while let Some(next) = seen.body["@odata.nextLink"].as_str().map(ToOwned::to_owned) {
            let page = self.get(&next);
            let items = page.body["value"].as_array().unwrap().clone();
            seen.body["value"].as_array_mut().unwrap().extend(items);
            seen.body["@odata.nextLink"] = page.body["@odata.nextLink"].clone();
        }
        seen
    }

    fn get(&self, url: &str) -> Seen {
        let bearer = format!("Authorization: Bearer {}", self.token);
        let url = url.replace(' ', "%20");
        curl(self.namespace, &["--globoff", "--header", &bearer, &url])
    }

    /// The requests that the server answered so far: it logs the one that this sends after them.
    pub fn requests(&self) -> Vec<Value> {
        let mark = format!("/users/mark{}", self.marks.replace(self.marks.get() + 1));
        self.see(&mark);
        let started = Instant::now();
        loop {
            let requests = self.namespace.server().requests();
            let is_mark = |request: &Value| {
                request["path"].as_str().is_some_and(|path| path.ends_with(&mark))
            };
            if requests.iter().any(is_mark) {
                return requests;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "the request is not logged");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn curl(namespace: &Namespace, arguments: &[&str]) -> Seen {
    let mut command = namespace.command("curl");
    command.args(["--silent", "--show-error", "--cacert", namespace.server().certificate()]);
    let ended = command.args(["--write-out", "\n%{http_code}"]).args(arguments).output().unwrap();
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{arguments:?}: {stderr}");
    let output = String::from_utf8(ended.stdout).unwrap();
    let (body, status) = output.rsplit_once('\n').unwrap();
    Seen { status: status.parse().unwrap(), body: serde_json::from_str(body).unwrap_or_default() }
}
