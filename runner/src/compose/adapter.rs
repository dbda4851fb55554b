//! The adapters that were built with this runner.

use std::fmt;
use std::str::FromStr;

use super::ComposeError;

/// Defines the adapters from their names, which are those of their folders in
/// `component/adapters/`.
macro_rules! adapters {
    ($($(#[$doc:meta])+ $variant:ident $name:literal;)+) => {
        /// A small component to compose the connector with.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Adapter {
            $($(#[$doc])+ $variant,)+
        }

        impl Adapter {
            /// All adapters.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns the name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Returns the component.
            ///
            /// # Errors
            /// Fails in a runner that was built around a component from elsewhere.
            pub fn component(self) -> Result<&'static [u8], ComposeError> {
                let component: &[u8] = match self {
                    $(Self::$variant => {
                        include_bytes!(concat!(env!("OUT_DIR"), "/adapters/", $name, ".wasm"))
                    })+
                };
                if component.is_empty() { Err(ComposeError::NotBuilt) } else { Ok(component) }
            }
        }
    };
}

adapters! {
    /// Exports `wasi:config/store` from environment variables.
    Environment "environment";
    /// Exports one connection, which signs in by itself.
    Connections "connections";
    /// Exports one connection with a token from the host, or none.
    ConnectionsStatic "connections-static";
    /// Exports `wasi:http/incoming-handler` over the actions.
    Http "http";
}

impl Adapter {
    /// The adapters that the connector can import from, in the order of their own imports.
    pub(super) const BEFORE: &[Self] =
        &[Self::Environment, Self::Connections, Self::ConnectionsStatic];

    /// The adapters that import from the connector.
    pub(super) const AFTER: &[Self] = &[Self::Http];
}

impl fmt::Display for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Adapter {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().copied();
        known.clone().find(|adapter| adapter.name() == name).ok_or_else(|| {
            let names: Vec<_> = known.map(Self::name).collect();
            format!("there is no such adapter; expected {}", names.join(", "))
        })
    }
}
