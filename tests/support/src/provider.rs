//! npm's `oidc-provider` as the sign-in host, started by the tests: `tests/connections/node/` has it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use crate::install::{NODE, Project};
use bytes::Bytes;
use http_body_util::BodyExt;
use runner::connections::cloud::Cloud;
use runner::connections::config::{Configured, Grant, TokenStore};
use runner::connections::secret::SecretSource;
use runner::connections::tokens::{Credentials, TokenCache};
use runner::network::Trust;
use runner::network::{Client, ClientOptions};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;

const PROJECT: Project =
    Project::node("connections/node", &["package.json", "provider.mjs", "server.mjs"])
        .required_by(NODE);

/// Where it is installed; none where it cannot be.
static INSTALLED: LazyLock<Option<PathBuf>> = LazyLock::new(|| PROJECT.installed());

/// Starts the provider, or ends the test with the line that it was skipped.
#[macro_export]
macro_rules! provider {
    ($settings:expr) => {
        match $crate::provider::Provider::start($settings) {
            Some(provider) => provider,
            None => return,
        }
    };
}

pub const TENANT: &str = "contoso.onmicrosoft.com";
pub const USER: &str = "svc@contoso.onmicrosoft.com";
/// With what has to be encoded in a form.
pub const SECRET: &str = "app+s3cret &=%/";
pub const PASSWORD: &str = "pass w0rd&+=%ß";

/// The sign-in host; it ends with its stdin, and so with this value or this process.
pub struct Provider {
    child: Child,
    address: String,
    client: Client,
    directory: TempDir,
}

impl Provider {
    /// Starts it; none, with a line that says so, where there is no Node.
    pub fn start(settings: Value) -> Option<Self> {
        let directory = INSTALLED.clone()?;
        let mut all = json!({ "tenant": TENANT, "secret": SECRET, "users": { USER: PASSWORD } });
        all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        let mut child = Command::new("node")
            .arg(directory.join("server.mjs"))
            .arg(all.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let address = format!("http://127.0.0.1:{}", port.trim());
        let options = ClientOptions {
            own_addresses: vec![address.parse().unwrap()],
            ..ClientOptions::default()
        };
        Some(Self {
            child,
            address,
            client: Client::new(&options).unwrap(),
            directory: tempfile::tempdir().unwrap(),
        })
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// A file with this secret, as a configuration names one.
    pub fn secret(&self, name: &str, text: &str) -> SecretSource {
        let path = self.directory.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        SecretSource::File(path)
    }

    /// The connection `contoso`, which signs in so.
    pub fn connection(&self, client_id: &str, grant: Grant) -> Configured {
        Configured {
            id: "contoso".to_owned(),
            tenant: TENANT.to_owned(),
            client_id: client_id.to_owned(),
            grant,
            cloud: Cloud::Global,
            graph_url: "https://graph.microsoft.com/v1.0".parse().unwrap(),
            login_url: self.address.parse().unwrap(),
            own_addresses: vec![self.address.parse().unwrap()],
            sender: None,
            trust: Trust::default(),
            token_store: TokenStore::File,
        }
    }

    /// The state directory that [`Self::credentials`] keeps tokens in.
    pub fn state(&self) -> PathBuf {
        self.directory.path().join("state")
    }

    /// Its credentials in a new process, as it were: nothing in memory, what is kept is kept.
    pub fn credentials(&self, client_id: &str, grant: Grant) -> Credentials {
        TokenCache::kept_in(self.state())
            .credentials(&self.connection(client_id, grant), self.client.clone())
            .unwrap()
    }

    pub fn application(&self) -> Grant {
        Grant::ClientCredentials { client_secret: self.secret("secret", SECRET) }
    }

    pub fn user(&self) -> Grant {
        Grant::Password {
            username: USER.to_owned(),
            password: self.secret("password", PASSWORD),
            client_secret: Some(self.secret("secret", SECRET)),
        }
    }

    pub fn code(&self, code: &str) -> Grant {
        Grant::AuthorizationCode {
            code: self.secret("code", code),
            redirect_url: "http://localhost:8400/".parse().unwrap(),
            client_secret: Some(self.secret("secret", SECRET)),
        }
    }

    /// One of the things that a test can have it do.
    pub async fn tell(&self, what: &str, value: Value) -> Value {
        let request = http::Request::post(format!("{}/test/{what}", self.address))
            .body(Bytes::from(value.to_string()))
            .unwrap();
        let response = self.client.send(request).await.unwrap();
        assert_eq!(response.status(), 200, "{what}");
        serde_json::from_slice(&response.collect().await.unwrap().to_bytes()).unwrap()
    }

    /// What its token endpoint was sent, field by field.
    pub async fn seen(&self) -> Vec<Value> {
        self.tell("seen", json!({})).await.as_array().unwrap().clone()
    }

    /// How many requests its token endpoint got.
    pub async fn requests(&self) -> usize {
        self.seen().await.len()
    }

    /// A browser with a user at it: opens `url`, signs in and consents, and returns where
    /// it would have gone next, off the sign-in host.
    pub async fn browse(&self, url: &str) -> String {
        let mut cookies = BTreeMap::new();
        let mut url = url.to_owned();
        for _ in 0..10 {
            let cookie: Vec<String> =
                cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let request = http::Request::get(&url)
                .header("cookie", cookie.join("; "))
                .body(Bytes::new())
                .unwrap();
            let response = self.client.send(request).await.unwrap();
            for set in response.headers().get_all("set-cookie") {
                let (pair, _) = set.to_str().unwrap().split_once(';').unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                cookies.insert(name.to_owned(), value.to_owned());
            }
            let location = response.headers()["location"].to_str().unwrap();
            url = match location.strip_prefix('/') {
                Some(path) => format!("{}/{path}", self.address),
                None => location.to_owned(),
            };
            if !url.starts_with(&self.address) {
                return url;
            }
        }
        panic!("the browser goes round in circles at {url}");
    }

    /// A code that came back to the connection's redirect URL.
    pub async fn new_code(&self) -> String {
        let url = format!(
            "{}/{TENANT}/oauth2/v2.0/authorize?client_id=confidential&response_type=code&redirect_uri=http%3A%2F%2Flocalhost%3A8400%2F&scope=offline_access%20https%3A%2F%2Fgraph.microsoft.com%2FMail.Send&state=x",
            self.address
        );
        let back: url::Url = self.browse(&url).await.parse().unwrap();
        back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned()
    }

    /// `o365` with the connection `contoso` in its configuration, and this state directory.
    pub fn o365(&self, arguments: &[&str], client_id: &str, lines: &str) -> crate::Call {
        let Self { address, .. } = self;
        let path = self.directory.path().join("o365.toml");
        let text = format!(
            "[connections.contoso]\ntenant = \"{TENANT}\"\nclient-id = \"{client_id}\"\ngraph-url = \"{address}/v1.0\"\nlogin-url = \"{address}\"\n{lines}\n"
        );
        fs::write(&path, text).unwrap();
        crate::o365(arguments).env("O365_CONFIG", path).env("O365_STATE_DIR", self.state())
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// The tokens of runs that ask for them at once.
pub async fn tokens_of(runs: impl IntoIterator<Item = Credentials>) -> BTreeSet<String> {
    let ask = |credentials: Credentials| tokio::spawn(async move { credentials.token().await });
    let runs: Vec<_> = runs.into_iter().map(ask).collect();
    let mut tokens = BTreeSet::new();
    for run in runs {
        tokens.insert(run.await.unwrap().unwrap().secret().expose_secret().to_owned());
    }
    tokens
}
