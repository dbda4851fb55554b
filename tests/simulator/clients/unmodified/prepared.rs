//! The tenant that each client finds: each call has a user or a group of its own.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use support::simulate::{Server, state};

/// Who signs in where a client does so as a user.
pub const ADMIN: &str = "anna@contoso.onmicrosoft.com";

/// More users than a page has by default, which is 100.
const STAFF: usize = 110;

/// Licences with free seats.
pub const SPE_E5: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";
pub const VISIO: &str = "c5928f49-12ba-48f7-ada3-0d743a3601d5";

/// The tenant as it is before a client comes.
pub struct Prepared {
    _directory: TempDir,
    file: PathBuf,
    /// The ids of users and groups by what they are there for.
    ids: Value,
}

impl Prepared {
    /// The same for all clients.
    pub fn get() -> &'static Self {
        static PREPARED: OnceLock<Prepared> = OnceLock::new();
        PREPARED.get_or_init(|| tokio::runtime::Runtime::new().unwrap().block_on(Self::make()))
    }

    /// A copy of its file.
    pub fn copy(&self) -> (TempDir, PathBuf) {
        let (directory, file) = state();
        fs::copy(&self.file, &file).unwrap();
        (directory, file)
    }

    /// The id of a user or a group.
    #[track_caller]
    pub fn id(&self, name: &str) -> &str {
        self.ids[name].as_str().unwrap_or_else(|| panic!("there is no {name}"))
    }

    async fn make() -> Self {
        let (directory, file) = state();
        let server = Server::start(&[file.to_str().unwrap()]);
        let token = server.token().await;
        let mut making = Making { server: &server, token, ids: json!({}) };
        making.users().await;
        making.groups().await;
        let ids = making.ids;
        assert_eq!(server.interrupt(), 0);
        Self { _directory: directory, file, ids }
    }
}

struct Making<'a> {
    server: &'a Server,
    token: String,
    ids: Value,
}

impl Making<'_> {
    async fn send(&self, method: Method, path: &str, body: Value) -> Value {
        let answer = self.server.graph(method, path, &self.token, body).await;
        assert!(answer.status.is_success(), "{path}: {answer:?}");
        if answer.status == StatusCode::NO_CONTENT { Value::Null } else { answer.json() }
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.send(Method::POST, path, body).await
    }

    fn id(&self, name: &str) -> String {
        self.ids[name].as_str().unwrap().to_owned()
    }

    async fn user(&mut self, name: &str) {
        let created = self.server.create(name, &self.token).await.json();
        self.ids[name] = created["id"].clone();
    }

    async fn license(&self, path: &str, sku: &str) {
        let body =
            json!({ "addLicenses": [{ "skuId": sku, "disabledPlans": [] }], "removeLicenses": [] });
        self.post(&format!("{path}/assignLicense"), body).await;
    }

    async fn users(&mut self) {
        let me = self.send(Method::GET, &format!("/users/{ADMIN}"), Value::Null).await;
        self.ids["admin"] = me["id"].clone();
        for number in 0..STAFF {
            self.user(&format!("staff{number}")).await;
        }
        for name in [
            "reader",
            "changed",
            "deleted",
            "restored",
            "purged",
            "revoked",
            "unlicensed",
            "licensed",
            "bygroup",
            "member",
            "joining",
            "leaving",
            "owner",
            "first",
            "second",
            "boss",
            "managed",
            "unmanaged",
            "promoted",
            "followed",
        ] {
            self.user(name).await;
        }
        for name in ["restored", "purged", "first", "second"] {
            self.send(Method::DELETE, &format!("/users/{}", self.id(name)), Value::Null).await;
        }
        self.license(&format!("/users/{}", self.id("licensed")), VISIO).await;
        for name in ["managed", "unmanaged"] {
            let path = format!("/users/{}/manager/$ref", self.id(name));
            self.send(Method::PUT, &path, self.reference("boss")).await;
        }
    }

    fn reference(&self, name: &str) -> Value {
        let id = self.id(name);
        json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}") })
    }

    async fn group(&mut self, name: &str, members: &[&str]) {
        let body = json!({
            "displayName": name,
            "mailNickname": name,
            "mailEnabled": false,
            "securityEnabled": true,
        });
        self.add_group(name, body).await;
        for member in members {
            let path = format!("/groups/{}/members/$ref", self.id(name));
            self.post(&path, self.reference(member)).await;
        }
    }

    async fn add_group(&mut self, name: &str, body: Value) {
        self.ids[name] = self.post("/groups", body).await["id"].clone();
    }

    async fn groups(&mut self) {
        self.group("team", &["member", "leaving"]).await;
        let path = format!("/groups/{}/owners/$ref", self.id("team"));
        self.post(&path, self.reference("boss")).await;
        self.group("division", &["team"]).await;
        self.group("doomed", &[]).await;
        self.group("granting", &["bygroup"]).await;
        self.group("plain", &[]).await;
        self.group("losing", &[]).await;
        for name in ["granting", "losing"] {
            self.license(&format!("/groups/{}", self.id(name)), VISIO).await;
        }
        let circle = json!({
            "displayName": "Circle",
            "mailNickname": "circle",
            "mailEnabled": true,
            "securityEnabled": false,
            "groupTypes": ["Unified"],
        });
        self.add_group("circle", circle).await;
        let path = format!("/groups/{}?$select=mail", self.id("circle"));
        self.ids["circle's mail"] =
            self.send(Method::GET, &path, Value::Null).await["mail"].clone();
    }
}
