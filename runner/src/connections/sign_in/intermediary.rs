//! A response that the sign-in host did not write, but a proxy, a firewall or the portal of a
//! guest network. All responses of Entra are JSON with an OAuth error or a token.

use std::fmt;

use serde_json::Value;

use crate::report::{Kind, Report, Who};

/// The statuses that only a proxy or a portal returns, whatever the body. Sources: RFC 9110,
/// section 15.5.8, and RFC 6585, section 6.
const PROXY: u16 = 407;
const PORTAL: u16 = 511;

/// The temporary statuses: the server behind a gateway does not respond.
const PASSING: [u16; 4] = [500, 502, 503, 504];

/// The part of a page that is searched for its title, in bytes.
const HEAD: usize = 16 * 1024;

/// The longest title that is shown, in characters.
const MAX_TITLE: usize = 80;

/// The response of another server than the sign-in host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intermediary {
    status: u16,
    form: Form,
}

/// The form of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    Nothing,
    Html { title: Option<String> },
    Json,
    Other,
}

impl Intermediary {
    /// Returns whether a status is one that no sign-in host returns.
    pub fn has_status(status: u16) -> bool {
        [PROXY, PORTAL].contains(&status)
    }

    /// Reads a response, without a title that `shows_secret`.
    pub fn read(status: u16, body: &[u8], shows_secret: impl Fn(&str) -> bool) -> Self {
        let text = String::from_utf8_lossy(body.get(..HEAD).unwrap_or(body));
        let form = if text.trim().is_empty() {
            Form::Nothing
        } else if serde_json::from_slice::<Value>(body).is_ok() {
            Form::Json
        } else if is_html(&text) {
            Form::Html { title: title(&text).filter(|title| !shows_secret(title)) }
        } else {
            Form::Other
        };
        Self { status, form }
    }

    /// Returns whether a retry may succeed.
    pub fn is_transient(&self) -> bool {
        PASSING.contains(&self.status)
    }

    /// Explains the response, for the connection `id`.
    pub fn explain(&self, id: &str) -> Report {
        let check = format!(
            "heck the proxy and the firewall of this network, and `login-url` of connection {id}."
        );
        let (fix, who) = match self.status {
            PROXY => (
                "Write the name and the password that the proxy asks for into HTTPS_PROXY: http://NAME:PASSWORD@HOST:PORT.".to_owned(),
                Who::Caller,
            ),
            PORTAL => (
                "Sign in to this network in a browser, then run again.".to_owned(),
                Who::Caller,
            ),
            _ if self.is_transient() => {
                (format!("Wait a minute, then run again; if that does not help, c{check}"), Who::Wait)
            }
            _ => (format!("C{check}"), Who::Caller),
        };
        Report { who, ..Report::new(Kind::Transport, self.to_string(), fix) }
    }
}

impl fmt::Display for Intermediary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, form } = self;
        write!(f, "something between here and the sign-in host answered {status} (")?;
        match form {
            Form::Nothing => write!(f, "with nothing in it"),
            Form::Html { title: None } => write!(f, "HTML"),
            Form::Html { title: Some(title) } => write!(f, "HTML, title \"{title}\""),
            Form::Json => write!(f, "JSON without an OAuth error"),
            Form::Other => write!(f, "no JSON"),
        }?;
        write!(f, ")")
    }
}

/// Returns whether a text is HTML, or a part of it.
fn is_html(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["<!doctype html", "<html", "<head", "<body", "<title"].iter().any(|tag| text.contains(tag))
}

/// Returns the title of a page, in one line and without markup.
fn title(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let tag = lower.find("<title")?;
    let start = tag + lower.get(tag..)?.find('>')? + 1;
    let end = start + lower.get(start..)?.find("</title").unwrap_or(MAX_TITLE * 4);
    let title = plain(text.get(start..end).or_else(|| text.get(start..))?);
    (!title.is_empty()).then_some(title)
}

fn plain(text: &str) -> String {
    let mut inside = false;
    let shown: String = text
        .chars()
        .filter(|c| {
            inside = *c == '<' || (inside && *c != '>');
            !inside && !matches!(c, '>' | '"')
        })
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let words: Vec<&str> = shown.split_whitespace().collect();
    words.join(" ").chars().take(MAX_TITLE).collect()
}
