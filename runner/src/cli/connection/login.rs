//! `o365 connection login`: signs a user in for later runs.

use std::io::{self, IsTerminal};
use std::time::Duration;

use clap::Args;
use serde_json::json;
use url::Url;

use crate::cli::failure::Failure;
use crate::cli::{Global, job, output, source};
use crate::connections::config::Account;
use crate::connections::sign_in::browser;
use crate::connections::sign_in::device_code::DeviceCode;
use crate::run::{LiveConnection, Shared};

/// How long to wait for the browser: as long as the codes of Entra are valid.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

#[derive(Debug, Args)]
pub struct Options {
    /// The connection's id.
    id: String,
    /// Show a code to enter on another device, instead of opening a browser.
    #[arg(long)]
    device_code: bool,
}

pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let connections = source::connections(global)?;
    let connection = source::connection(&connections, &options.id)?;
    if let Account::Application { key } = connection.grant.account() {
        return Err(Failure::usage(
            format!("the connection {} signs in by itself, with its {key}", connection.id),
            format!("No user has to sign in. Run o365 connection verify {}.", connection.id),
        ));
    }
    source::warn_of_trust(global, connection);
    let live = LiveConnection::new(connection.clone());
    job::block_on(async {
        tokio::select! {
            ended = sign_in(global, options, &live) => ended,
            () = job::interrupted() => Err(Failure::interrupted()),
        }
    })??;
    for warning in live.take_warnings() {
        output::warn(global.json, &warning);
    }
    if !output::for_people(global.json) {
        return output::result(&json!({ "id": connection.id, "tokenStored": true }));
    }
    output::text(&format!("The connection {} is signed in.\n", connection.id))
}

async fn sign_in(global: &Global, options: &Options, live: &LiveConnection) -> Result<(), Failure> {
    let json = global.json;
    let credentials = &live.open(&Shared::default()).await?.credentials;
    let signed_in = if options.device_code || !has_display() {
        credentials.login_by_device_code(|code| show_code(json, code)).await
    } else {
        credentials.login_by_browser(|page| show_page(json, page), PATIENCE).await
    };
    signed_in.map(drop).map_err(Failure::sign_in)
}

/// Returns whether the user of this program can see a browser that it opens.
fn has_display() -> bool {
    let named = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let display =
        !cfg!(all(unix, not(target_os = "macos"))) || named("DISPLAY") || named("WAYLAND_DISPLAY");
    display && io::stderr().is_terminal()
}

fn show_code(json: bool, code: &DeviceCode) {
    let DeviceCode { verification_uri, user_code, expires_in } = code;
    let seconds = expires_in.as_secs();
    if json {
        let shown = json!({ "verificationUri": verification_uri, "userCode": user_code, "expiresInSeconds": seconds });
        output::note(&json!({ "deviceCode": shown }).to_string());
        return;
    }
    let (page, code) = (output::printable(verification_uri), output::printable(user_code));
    output::note(&format!("Open {page} on any device and enter the code {code}"));
    output::note(&match seconds.div_ceil(60) {
        1 => "within 1 minute.".to_owned(),
        minutes => format!("within {minutes} minutes."),
    });
}

fn show_page(json: bool, url: &Url) {
    if json {
        output::note(&json!({ "browser": { "url": url } }).to_string());
    } else {
        output::note(&format!(
            "Sign in with the browser that opens now, or open this address:\n{url}"
        ));
    }
    if let Err(error) = browser::open(url) {
        output::warn(json, &format!("no browser could be opened: {error}"));
    }
}
