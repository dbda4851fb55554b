//! A WIT text, as the host meets it: component types, and the documents.
//!
//! The types are those of the text encoded as a WIT package, which is a component that
//! exports its interfaces as types; no code is needed to have them.

use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{Component, Type};
use wasmtime::{Config, Engine};
use wit_parser::{Function, Resolve};

/// The interface `it` of a package.
pub struct Contract {
    resolve: Resolve,
    component: Component,
    engine: Engine,
}

impl Contract {
    /// `items` is what stands in the interface: types and functions.
    pub fn new(items: &str) -> Self {
        let wit = format!("package contoso:values; interface it {{ {items} }}");
        let mut resolve = Resolve::default();
        let package =
            resolve.push_str("it.wit", &wit).unwrap_or_else(|error| panic!("{error}\n{wit}"));
        let encoded = wit_component::encode(&resolve, package).unwrap();
        let mut config = Config::new();
        config.wasm_component_model_map(true).wasm_component_model_fixed_length_lists(true);
        let engine = Engine::new(&config).unwrap();
        let component = Component::new(&engine, &encoded).unwrap();
        Self { resolve, component, engine }
    }

    /// A contract of one function `f` that takes and gives a `ty`.
    pub fn of(types: &str, ty: &str) -> Self {
        Self::new(&format!("{types} f: func(input: {ty}) -> {ty};"))
    }

    /// The documents of the package.
    pub fn resolve(&self) -> &Resolve {
        &self.resolve
    }

    /// The function's document.
    pub fn function(&self, name: &str) -> &Function {
        let (_, interface) =
            self.resolve.interfaces.iter().find(|(_, i)| i.name.as_deref() == Some("it")).unwrap();
        &interface.functions[name]
    }

    /// The type of the first parameter of `f`.
    pub fn ty(&self) -> Type {
        self.func("f").params().next().unwrap().1
    }

    fn func(&self, name: &str) -> ComponentFunc {
        let package = self.component.component_type();
        let it = package.get_export(&self.engine, "it").unwrap();
        let ComponentItem::Component(it) = it.ty else { panic!("the type of a component") };
        let it = it.get_export(&self.engine, "contoso:values/it").unwrap();
        let ComponentItem::ComponentInstance(it) = it.ty else { panic!("an interface") };
        let ComponentItem::ComponentFunc(func) = it.get_export(&self.engine, name).unwrap().ty
        else {
            panic!("a function")
        };
        func
    }
}
