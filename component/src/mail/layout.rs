//! The HTML that all mails share: what happened, the facts, what to do, and who sent it.
//!
//! Styles stand on the elements, since mail programs drop sheets, and nothing is loaded
//! from elsewhere. Every block ends its line and every label has its colon, so that the
//! mail reads well as plain text too, when a program takes the tags away.

use alloc::string::String;

use maud::{DOCTYPE, Markup, html};

use super::message::{Fact, Mail};

const PAGE: &str = "margin:0;padding:16px 8px;background:#f3f4f6;color:#1f2328;font-family:'Segoe UI',system-ui,-apple-system,Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5";
const SHEET: &str = "max-width:560px;margin:0 auto;padding:24px 20px;background:#ffffff;border:1px solid #d8dee4;border-radius:8px";
const HEADING: &str =
    "margin:0 0 12px;font-size:20px;line-height:1.3;font-weight:600;overflow-wrap:anywhere";
const TEXT: &str = "margin:0 0 16px";
const FACTS: &str = "margin:0 0 16px;padding:4px 0 16px;border-top:1px solid #d8dee4;border-bottom:1px solid #d8dee4";
const LABEL: &str = "margin:12px 0 0;font-size:14px;color:#57606a";
const VALUE: &str = "margin:0;min-height:1.5em;overflow-wrap:anywhere;font-family:Consolas,Menlo,'Liberation Mono',monospace;font-size:15px;white-space:pre-wrap";
const CLOSING: &str = "margin:0;font-size:13px;color:#57606a;overflow-wrap:anywhere";

/// The mail as HTML; `tenant` is the domain of the connection that sends it. There is no
/// `title`: the subject is one.
pub fn page(mail: &Mail<'_>, tenant: &str) -> String {
    let html = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                meta name="color-scheme" content="light";
            }
            body style=(PAGE) {
                div style=(SHEET) {
                    "\n"
                    h1 style=(HEADING) { (mail.subject) } "\n"
                    p style=(TEXT) { (mail.opening) } "\n"
                    dl style=(FACTS) {
                        "\n"
                        @for fact in mail.facts { (definition(fact)) }
                    }
                    "\n"
                    p style=(TEXT) { (mail.advice) } "\n"
                    p style=(CLOSING) { "Sent by the Office 365 connector of " (tenant) "." } "\n"
                }
            }
        }
    };
    html.into_string()
}

/// A fact, with a line for each of its value's.
fn definition(fact: &Fact<'_>) -> Markup {
    html! {
        dt style=(LABEL) { (fact.label) ":" } " "
        @for line in fact.value.lines() {
            dd style=(VALUE) { (line) } "\n"
        }
    }
}
