//! Texts that several versions have.

use serde_json::{Value, json};

use crate::base_url::BaseUrl;

/// The query parameter that names a connection.
pub const CONNECTION: &str = crate::serve::choices::CONNECTION;

/// What it is for.
pub const CONNECTION_TEXT: &str = "The connection to the tenant.";

/// What an idempotency key is for.
pub const IDEMPOTENCY_KEY_TEXT: &str = "Identifies this call, in visible ASCII. A repeat with the \
    same key and the same body receives the first response; another body is rejected.";

/// What preferring not to wait is for.
pub const PREFER_TEXT: &str = "With `respond-async` the response comes before the result, which is \
    then at the `Location`; with `respond-async, wait=20` only if the result takes longer than 20 \
    seconds.";

/// The text of the id of a run.
pub const RUN_TEXT: &str = "The id of the run.";

/// The text of the size of a part of a list.
pub const LIMIT_TEXT: &str = "The number of items in this part of the list.";

/// The text of the place at which a part of a list begins.
pub const CONTINUATION_TEXT: &str = "The `continuation` of the part before.";

/// A plain idempotency key, or one in quotes with a backslash before each quote and backslash.
pub const KEY_PATTERN: &str = r#"^([!#-~][!-~]*|"([!#-\[\]-~]|\\["\\])+")$"#;

/// The licence of the API.
pub const LICENSE: &str = env!("CARGO_PKG_LICENSE");

/// Returns the page with the text of the licence.
pub fn license_url() -> String {
    format!("https://spdx.org/licenses/{LICENSE}.html")
}

/// Returns whom to ask about the server at this URL.
pub fn contact(url: &BaseUrl) -> Value {
    json!({ "name": "Operator of the server", "url": format!("{url}/docs") })
}
