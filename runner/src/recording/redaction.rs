//! Taking secrets out of what a run says, wherever a server repeated what it was sent.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use wasmtime::component::Val;

use super::secrets::{Secrets, html};

/// A secret, or a line of one, that is shorter is not looked for: it occurs by chance.
const SHORTEST: usize = 4;

/// A line of a secret must be this long to be looked for by itself.
const SHORTEST_LINE: usize = 16;

/// So much of a longer secret is enough to tell it, where a server cut it off.
const TELLING: usize = 12;

/// What to look for, in every form in which it may have been sent, the longest first.
pub struct Redaction {
    needles: Vec<Needle>,
}

struct Needle {
    text: String,
    name: String,
}

impl Redaction {
    /// Looks for these secrets.
    pub fn new(secrets: &Secrets) -> Self {
        let mut seen = BTreeSet::new();
        let mut needles: Vec<Needle> = secrets
            .iter()
            .flat_map(|(name, secret)| forms(secret).into_iter().map(move |text| (name, text)))
            .filter(|(_, text)| text.len() >= SHORTEST && seen.insert(text.clone()))
            .map(|(name, text)| Needle { text, name: name.clone() })
            .collect();
        // One secret may begin with another.
        needles.sort_by_key(|needle| std::cmp::Reverse(needle.text.len()));
        Self { needles }
    }

    /// Takes the secrets out of every text in `value`. Names of cases are left alone: they
    /// are the component's, and what a caller branches on.
    pub fn apply(&self, value: &mut Val) {
        match value {
            Val::String(text) => self.clean(text),
            Val::List(items) | Val::Tuple(items) => {
                items.iter_mut().for_each(|item| self.apply(item));
            }
            Val::Record(fields) => fields.iter_mut().for_each(|(_, field)| self.apply(field)),
            Val::Variant(_, Some(payload))
            | Val::Option(Some(payload))
            | Val::Result(Ok(Some(payload)) | Err(Some(payload))) => self.apply(payload),
            _ => {}
        }
    }

    /// Takes the secrets out of one text.
    pub fn clean(&self, text: &mut String) {
        for needle in &self.needles {
            if let Some(clean) = needle.removed_from(text) {
                *text = clean;
            }
        }
    }
}

impl Needle {
    /// How much of it must be there.
    fn telling(&self) -> usize {
        let three_quarters = self.text.len() / 4 * 3;
        let enough = TELLING.min(three_quarters.max(SHORTEST));
        (enough..=self.text.len())
            .find(|length| self.text.is_char_boundary(*length))
            .unwrap_or(self.text.len())
    }

    /// `text` with a reference in place of it and of its beginnings; none when it is not there.
    fn removed_from(&self, text: &str) -> Option<String> {
        let beginning = self.text.get(..self.telling())?;
        let mut parts = text.split(beginning);
        let mut clean = parts.next()?.to_owned();
        let rest_of_needle = self.text.get(beginning.len()..)?;
        let mut found = false;
        for part in parts {
            found = true;
            let same: usize = part
                .chars()
                .zip(rest_of_needle.chars())
                .take_while(|(given, secret)| given == secret)
                .map(|(same, _)| same.len_utf8())
                .sum();
            clean.push_str("{\"$secret\":\"");
            clean.push_str(&self.name);
            clean.push_str("\"}");
            clean.push_str(part.get(same..).unwrap_or_default());
        }
        found.then_some(clean)
    }
}

/// A secret as it may be written: as it is, in HTML, in JSON, percent-encoded, in base64,
/// with its line breaks as blanks or changed, and its long lines each by itself.
fn forms(secret: &str) -> Vec<String> {
    let json = serde_json::to_string(secret).unwrap_or_default();
    let mut forms = vec![
        secret.to_owned(),
        html(secret),
        json.trim_matches('"').to_owned(),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        STANDARD.encode(secret),
    ];
    if secret.trim_end().contains('\n') {
        let unix = secret.replace("\r\n", "\n");
        let windows = unix.replace('\n', "\r\n");
        forms.push(unix.replace('\n', " "));
        forms.push(windows.replace(['\r', '\n'], " "));
        forms.extend([unix, windows]);
        let lines = secret.lines().filter(|line| line.len() >= SHORTEST_LINE);
        forms.extend(lines.filter(|line| !line.starts_with("-----")).map(ToOwned::to_owned));
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(secrets: &[(&str, &str)], text: &str) -> String {
        let secrets =
            secrets.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let mut value = Val::Record(vec![("message".into(), Val::String(text.into()))]);
        Redaction::new(&secrets).apply(&mut value);
        let Val::Record(fields) = value else { panic!("still a record") };
        let Some((_, Val::String(text))) = fields.into_iter().next() else { panic!("its field") };
        text
    }

    #[test]
    fn a_secret_is_taken_out_in_every_form() {
        let secret = "S3cr<e>t&\"word\" 1";
        let json = serde_json::to_string(secret).unwrap();
        for form in [
            secret.to_owned(),
            html(secret),
            json.trim_matches('"').to_owned(),
            utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
            STANDARD.encode(secret),
        ] {
            let text = format!("before {form} after {form}");
            let expected = r#"before {"$secret":"password"} after {"$secret":"password"}"#;
            assert_eq!(cleaned(&[("password", secret)], &text), expected, "{form}");
        }
    }

    #[test]
    fn a_key_of_many_lines_is_taken_out_however_it_is_broken() {
        let line = "MIIEpAIBAAKCAQEAbm8ga2V5IGF0IGFsbCwgb25seSBhIHRlc3Q";
        let pem =
            format!("-----BEGIN PRIVATE KEY-----\n{line}\n{line}A\n-----END PRIVATE KEY-----\n");
        for text in
            [pem.clone(), pem.replace('\n', "\r\n"), pem.replace('\n', " "), line.to_owned()]
        {
            let clean = cleaned(&[("privateKey", &pem)], &text);
            assert!(!clean.contains("MIIE"), "{clean}");
        }
    }

    #[test]
    fn what_is_cut_off_is_taken_out_too() {
        let clean = cleaned(&[("password", "S3cretPassword-99")], "request was S3cretPasswor");
        assert_eq!(clean, r#"request was {"$secret":"password"}"#);
    }

    #[test]
    fn a_secret_that_begins_with_another_is_taken_out_whole() {
        let secrets = [("key1", "abcd"), ("key2", "abcdEFGHsecret")];
        assert_eq!(cleaned(&secrets, "x abcdEFGHsecret y"), r#"x {"$secret":"key2"} y"#);
    }

    #[test]
    fn what_is_no_secret_stays() {
        let text = "The specified Password does not comply: abc";
        assert_eq!(cleaned(&[("password", "Passw0rd!"), ("key1", "abc")], text), text);
        let mut kind = Val::Enum("forbidden".into());
        let secrets = [("password".to_owned(), "forbidden".to_owned())].into();
        Redaction::new(&secrets).apply(&mut kind);
        assert_eq!(kind, Val::Enum("forbidden".into()));
    }
}
