//! A loaded component and the actions that it exports.

use std::sync::{Arc, OnceLock};

use thiserror::Error;
use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{Component, ComponentExportIndex, InstancePre, Type};

use super::Sandbox;
use super::state::RunState;
use crate::recording::OwnWords;
use crate::values::{self, Form, Unsupported};

/// A compiled component with its actions.
pub struct Guest {
    pub(super) instance: InstancePre<RunState>,
    actions: Vec<Arc<Action>>,
    own_words: OwnWords,
    warning: Option<String>,
}

/// An exported action.
pub struct Action {
    /// The name, in kebab-case.
    pub name: String,
    /// The type of the only parameter.
    pub input: Type,
    /// The type of the result, if there is one.
    pub output: Option<Type>,
    /// The type of the error.
    pub error: Option<Type>,
    pub(super) export: ComponentExportIndex,
    forms: Forms,
}

/// The JSON forms of what an action returns, which its first run works out.
#[derive(Default)]
struct Forms {
    output: OnceLock<Option<Form>>,
    error: OnceLock<Option<Form>>,
}

impl Action {
    /// Returns the JSON form of the result, if there is one.
    pub(super) fn output_form(&self) -> Option<&Form> {
        self.forms.output.get_or_init(|| self.output.as_ref().map(Form::of)).as_ref()
    }

    /// Returns the JSON form of the error, if there is one.
    pub(super) fn error_form(&self) -> Option<&Form> {
        self.forms.error.get_or_init(|| self.error.as_ref().map(Form::of)).as_ref()
    }
}

/// Why a component cannot be loaded.
#[derive(Debug, Error)]
pub enum GuestError {
    /// The component does not compile.
    #[error("the component cannot be loaded: {}", first_line(.0))]
    Load(wasmtime::Error),
    /// The component exports no functions.
    #[error("the component exports no actions")]
    NoActions,
    /// The component has imports that the world lacks.
    #[error("the component has imports that the world office365 lacks: {0:#}")]
    Imports(wasmtime::Error),
    /// An exported function does not have the form of an action.
    #[error(
        "the export {name} of the component is not an action: it must take one record and return a result"
    )]
    NotAnAction {
        /// The function.
        name: String,
    },
    /// A type of an action has no JSON form.
    #[error("the action {name} of the component cannot be called with JSON: {reason}")]
    Unsupported {
        /// The action.
        name: String,
        /// The unsupported part of the type.
        reason: Unsupported,
    },
}

impl Guest {
    /// Compiles a component, or loads its compiled code from the cache.
    pub fn load(sandbox: &Sandbox, bytes: &[u8]) -> Result<Self, GuestError> {
        let (component, warning) = sandbox.compile(bytes).map_err(GuestError::Load)?;
        let instance = sandbox.linker().instantiate_pre(&component).map_err(GuestError::Imports)?;
        let actions = actions(&component)?;
        if actions.is_empty() {
            return Err(GuestError::NoActions);
        }
        Ok(Self { actions, instance, own_words: OwnWords::of(bytes), warning })
    }

    /// Returns the exported actions, in the component's order.
    pub fn actions(&self) -> &[Arc<Action>] {
        &self.actions
    }

    /// Returns the action with this name.
    pub fn action(&self, name: &str) -> Option<&Arc<Action>> {
        self.actions.iter().find(|action| action.name == name)
    }

    /// Returns the texts that the component contains.
    pub fn own_words(&self) -> &OwnWords {
        &self.own_words
    }

    /// Returns the reason why the compiled code could not be cached, if it could not.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }
}

fn actions(component: &Component) -> Result<Vec<Arc<Action>>, GuestError> {
    let engine = component.engine();
    let mut actions = Vec::new();
    for (interface_name, interface) in component.component_type().exports(engine) {
        let ComponentItem::ComponentInstance(interface) = interface.ty else { continue };
        let Some(index) = component.get_export_index(None, interface_name) else { continue };
        for (name, item) in interface.exports(engine) {
            let ComponentItem::ComponentFunc(function) = item.ty else { continue };
            let not_an_action = || GuestError::NotAnAction { name: name.to_owned() };
            let export =
                component.get_export_index(Some(&index), name).ok_or_else(not_an_action)?;
            actions.push(Arc::new(action(name, &function, export).ok_or_else(not_an_action)??));
        }
    }
    Ok(actions)
}

/// Returns the function as an action; `None` if it does not have the form of one.
fn action(
    name: &str,
    function: &ComponentFunc,
    export: ComponentExportIndex,
) -> Option<Result<Action, GuestError>> {
    let mut params = function.params();
    let mut results = function.results();
    let (Some((_, input @ Type::Record(_))), None) = (params.next(), params.next()) else {
        return None;
    };
    let (Some(Type::Result(result)), None) = (results.next(), results.next()) else { return None };
    let action = Action {
        name: name.to_owned(),
        input,
        output: result.ok(),
        error: result.err(),
        export,
        forms: Forms::default(),
    };
    let types = [Some(&action.input), action.output.as_ref(), action.error.as_ref()];
    let checked = types.into_iter().flatten().try_for_each(values::check_type);
    let unsupported = |reason| GuestError::Unsupported { name: name.to_owned(), reason };
    Some(checked.map(|()| action).map_err(unsupported))
}

/// Returns the first line of an error: the following ones only quote the input.
fn first_line(error: &wasmtime::Error) -> String {
    format!("{error:#}").lines().next().unwrap_or_default().trim_end_matches(": ").to_owned()
}
