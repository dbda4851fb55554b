//! Runs on a stock host that counts the guest's instructions: the crate `wasmtime` with its own WASI,
//! in which each operator of the guest's code takes one unit of fuel.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use runner::values::from_json;
use serde_json::{Map, Value};
use tokio::runtime::Runtime;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{
    Component, ComponentExportIndex, InstancePre, Linker, ResourceTable, Type, Val,
};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

use crate::answers::{Answer, Answers, runtime};

/// More than any run takes.
const FUEL: u64 = u64::MAX / 2;

/// A component, compiled so that it counts.
pub struct Counted {
    engine: Engine,
    instance: InstancePre<State>,
    runtime: Runtime,
}

/// What an instance knows.
struct State {
    hooks: FromMemory,
    http: WasiHttpCtx,
    table: ResourceTable,
    wasi: WasiCtx,
}

/// Responses from memory.
struct FromMemory(Answers);

impl Counted {
    /// Compiles a component.
    pub fn of(component: &[u8]) -> Self {
        let engine = Engine::new(Config::new().consume_fuel(true)).unwrap();
        let component = Component::from_binary(&engine, component).unwrap();
        let mut linker = Linker::new(&engine);
        wasmtime_wasi_http::p2::add_to_linker_async(&mut linker).unwrap();
        connections(&mut linker);
        let instance = linker.instantiate_pre(&component).unwrap();
        Self { engine, instance, runtime: runtime() }
    }

    /// Runs an action, which has to succeed, in a new instance. Returns how many instructions the
    /// instance and its run took.
    pub fn run(&self, action: &str, input: &Map<String, Value>, answers: &Answers) -> u64 {
        let (export, ty) = self.export(action);
        let input = from_json(&Value::Object(input.clone()), &ty).unwrap();
        let state = State {
            hooks: FromMemory(answers.clone()),
            http: WasiHttpCtx::new(),
            table: ResourceTable::new(),
            wasi: WasiCtx::builder().build(),
        };
        let mut store = Store::new(&self.engine, state);
        store.set_fuel(FUEL).unwrap();
        store.set_hostcall_fuel(usize::MAX);
        let mut results = [Val::Bool(false)];
        self.runtime.block_on(async {
            let instance = self.instance.instantiate_async(&mut store).await.unwrap();
            let function = instance.get_func(&mut store, export).unwrap();
            function.call_async(&mut store, &[input], &mut results).await.unwrap();
        });
        assert!(matches!(results, [Val::Result(Ok(_))]), "{action}: {results:?}");
        FUEL - store.get_fuel().unwrap()
    }

    /// The function of an action, and the type of its input.
    fn export(&self, action: &str) -> (ComponentExportIndex, Type) {
        let component = self.instance.component();
        let exports = component.component_type();
        let found = exports.exports(&self.engine).find_map(|(interface, item)| {
            let ComponentItem::ComponentInstance(functions) = item.ty else { return None };
            let function = functions.get_export(&self.engine, action)?;
            let ComponentItem::ComponentFunc(function) = function.ty else { return None };
            let interface = component.get_export_index(None, interface)?;
            let index = component.get_export_index(Some(&interface), action)?;
            Some((index, function.params().next()?.1))
        });
        found.unwrap_or_else(|| panic!("there is no action {action}"))
    }
}

/// One connection, whatever its id is.
fn connections(linker: &mut Linker<State>) {
    let described = || {
        let field = |name: &str, value| (name.to_owned(), value);
        Val::Record(vec![
            field("graph-url", Val::String(support::library::ROOT.to_owned())),
            field("tenant", Val::String("contoso.onmicrosoft.com".to_owned())),
            field("sender", Val::Option(None)),
            field("access", Val::Enum("app-only".to_owned())),
            field("time-limit-ms", Val::U32(60_000)),
        ])
    };
    let authorization = || Val::Option(Some(Box::new(Val::String("Bearer any-token".to_owned()))));
    let mut instance = linker.instance("connector:office365/connections@1.0.0").unwrap();
    let mut define = |name, value: fn() -> Val| {
        let defined = instance.func_new(name, move |_, _, _, results| {
            results[0] = Val::Result(Ok(Some(Box::new(value()))));
            Ok(())
        });
        defined.unwrap();
    };
    define("describe", described);
    define("authorization", authorization);
}

type Sent = Result<(http::Response<WasiBody>, Io), Error>;
type Io = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl WasiHttpHooks for FromMemory {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        _options: Option<RequestOptions>,
        _written: Io,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let path = request.uri().path_and_query().unwrap().as_str();
        let path = path.strip_prefix("/v1.0").unwrap();
        let Answer { status, body } = self.0.to(request.method().as_str(), path);
        let body = Full::<Bytes>::new(body).map_err(|never| match never {}).boxed_unsync();
        let response = http::Response::builder().status(status).body(body).unwrap();
        Box::new(async { Ok((response, Box::new(async { Ok(()) }) as Io)) })
    }
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
