//! The query options of a request.

use url::form_urlencoded;

use crate::refusal::Refusal;

/// The known options.
const KNOWN: [&str; 9] = [
    "$select",
    "$filter",
    "$top",
    "$count",
    "$orderby",
    "$search",
    "$expand",
    "$skiptoken",
    "$deltatoken",
];

/// The options of a request, with names in lower case and with `$`.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pairs: Vec<(String, String)>,
    /// The original query.
    raw: String,
}

impl Query {
    /// Parses the query of a URL.
    pub fn parse(raw: &str) -> Self {
        let pairs = form_urlencoded::parse(raw.as_bytes())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned()))
            .collect();
        Self { pairs, raw: raw.to_owned() }
    }

    /// Returns the value of an option.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Returns whether `$count` is true.
    pub fn counts(&self) -> bool {
        self.get("$count").is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Refuses options other than `usable`, and duplicates. Graph ignores custom options, which have
    /// no `$`.
    pub fn only(&self, usable: &[&str]) -> Result<(), Refusal> {
        let mut seen: Vec<&str> = Vec::new();
        for (name, _) in self.pairs.iter().filter(|(name, _)| name.starts_with('$')) {
            if seen.contains(&name.as_str()) {
                return Err(Refusal::malformed(format!(
                    "Query option '{name}' was specified more than once, but it must be specified at most once."
                )));
            }
            seen.push(name);
            if name == "$skip" {
                return Err(Refusal::bad("'$skip' is not supported by the service."));
            }
            if !KNOWN.contains(&name.as_str()) {
                return Err(Refusal::malformed(format!(
                    "The query parameter '{name}' is not supported."
                )));
            }
            if !usable.contains(&name.as_str()) {
                return Err(Refusal::unsupported(format!(
                    "The query option '{name}' is not supported for this resource."
                )));
            }
        }
        Ok(())
    }

    /// The same for a resource for which Graph has more options than the simulator.
    pub fn only_simulated(&self, usable: &[&str]) -> Result<(), Refusal> {
        let missing =
            |name: &&String| KNOWN.contains(&name.as_str()) && !usable.contains(&name.as_str());
        match self.pairs.iter().map(|(name, _)| name).find(missing) {
            Some(name) => Err(Refusal::not_simulated(name)),
            None => self.only(usable),
        }
    }

    /// Returns the query of another page: the original one with the token `name`.
    pub fn with_token(&self, name: &str, token: &str) -> String {
        let is_token = |part: &&str| {
            let name = part.split('=').next().unwrap_or_default().to_ascii_lowercase();
            matches!(
                name.trim_start_matches("%24").trim_start_matches('$'),
                "skiptoken" | "deltatoken"
            )
        };
        let kept = self.raw.split('&').filter(|part| !part.is_empty() && !is_token(part));
        let token = format!("{name}={token}");
        kept.chain([token.as_str()]).collect::<Vec<_>>().join("&")
    }
}
