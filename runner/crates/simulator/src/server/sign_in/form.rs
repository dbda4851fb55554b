//! The parameters of a form or a query.

use url::form_urlencoded;

use super::error::SignInError;

/// The parameters by name; the first one of duplicates counts.
#[derive(Debug)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Parses `application/x-www-form-urlencoded`.
    pub fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// Returns a parameter that is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Returns a required parameter.
    pub fn need(&self, name: &str) -> Result<&str, SignInError> {
        self.get(name).ok_or_else(|| SignInError::missing(name))
    }

    /// Returns the parameters as a query, with an additional one.
    pub fn with(&self, name: &str, value: &str) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.0)
            .append_pair(name, value)
            .finish()
    }
}
