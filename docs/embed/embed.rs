//! Runs actions of the component in Rust, with the crate `wasmtime`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use wasmtime::component::{Component, HasSelf, Linker, ResourceTable};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    Error as HttpError, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks,
    WasiHttpView,
};

pub use connector::office365::connections::Connection;

wasmtime::component::bindgen!({
    path: "../wit",
    // The world without WASI, whose bindings wasmtime has.
    inline: "package embed:platform; world office365 {
        import connector:office365/connections@1.0.0;
        export connector:office365/accounts@1.0.0;
        export connector:office365/notifications@1.0.0;
        export connector:office365/reports@1.0.0;
    }",
    exports: { default: async },
    additional_derives: [serde::Deserialize, serde::Serialize],
});

/// How often a running instance lets others run, and can be ended.
const TICK: Duration = Duration::from_millis(10);

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

type HttpClient = Client<HttpsConnector<HttpConnector>, WasiBody>;

/// The component, compiled once.
pub struct Connector {
    engine: Engine,
    instance: Office365Pre<State>,
    client: HttpClient,
}

/// What an instance knows.
pub struct State {
    connections: Connections,
    hooks: Hooks,
    http: WasiHttpCtx,
    table: ResourceTable,
    wasi: WasiCtx,
}

impl Connector {
    pub fn new(component: &[u8]) -> wasmtime::Result<Self> {
        let mut config = Config::new();
        config.epoch_interruption(true);
        let engine = Engine::new(&config)?;
        let ticking = engine.weak();
        std::thread::spawn(move || {
            while let Some(engine) = ticking.upgrade() {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(TICK);
            }
        });
        let mut linker = Linker::new(&engine);
        wasmtime_wasi_http::p2::add_to_linker_async(&mut linker)?;
        connector::office365::connections::add_to_linker::<State, HasSelf<Connections>>(
            &mut linker,
            |state| &mut state.connections,
        )?;
        let component = Component::new(&engine, component)?;
        let instance = Office365Pre::new(linker.instantiate_pre(&component)?)?;
        Ok(Self { engine, instance, client: client()? })
    }

    /// Runs an action in an instance of its own, for `limit` at most.
    pub async fn run<T>(
        &self,
        connections: Connections,
        limit: Duration,
        action: impl AsyncFnOnce(&Office365, &mut Store<State>) -> wasmtime::Result<T>,
    ) -> wasmtime::Result<T> {
        let state = State {
            connections,
            hooks: Hooks(self.client.clone()),
            http: WasiHttpCtx::new(),
            table: ResourceTable::new(),
            wasi: WasiCtx::builder().build(),
        };
        let mut store = Store::new(&self.engine, state);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        tokio::time::timeout(limit, async {
            let instance = self.instance.instantiate_async(&mut store).await?;
            action(&instance, &mut store).await
        })
        .await?
    }
}

/// The connections of a run by their ids, each with its access token.
#[derive(Clone, Default)]
pub struct Connections(pub Arc<BTreeMap<String, (Connection, String)>>);

impl Connections {
    fn get(&self, id: &str) -> Result<&(Connection, String), String> {
        self.0.get(id).ok_or_else(|| format!("there is no connection {id:?}"))
    }
}

impl connector::office365::connections::Host for Connections {
    fn describe(&mut self, id: String) -> Result<Connection, String> {
        self.get(&id).map(|(connection, _)| connection.clone())
    }

    fn authorization(&mut self, id: String) -> Result<Option<String>, String> {
        self.get(&id).map(|(_, token)| Some(format!("Bearer {token}")))
    }
}

/// The way out: every request of an instance comes here.
struct Hooks(HttpClient);

type Sent = Result<(http::Response<WasiBody>, Io), HttpError>;
type Io = Box<dyn Future<Output = Result<(), HttpError>> + Send>;

impl WasiHttpHooks for Hooks {
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _written: Io,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let client = self.0.clone();
        let first_byte = options.and_then(|options| options.first_byte_timeout);
        Box::new(async move {
            let sent = client.request(request);
            let response = tokio::time::timeout(first_byte.unwrap_or(Duration::MAX), sent)
                .await
                .map_err(|_| HttpError::ConnectionReadTimeout)?
                .map_err(|error| match error.is_connect() {
                    true => HttpError::ConnectionRefused,
                    false => HttpError::HttpProtocolError,
                })?;
            let body = |body: hyper::body::Incoming| {
                body.map_err(|_| HttpError::HttpProtocolError).boxed_unsync()
            };
            Ok((response.map(body), Box::new(async { Ok(()) }) as Io))
        })
    }
}

/// A client that trusts whom the machine trusts.
fn client() -> wasmtime::Result<HttpClient> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_connect_timeout(Some(CONNECT));
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(connector);
    Ok(Client::builder(TokioExecutor::new()).build(connector))
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.hooks, table: &mut self.table, ctx: &mut self.http }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}
