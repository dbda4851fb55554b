//! Whether the hosts of a connection respond and are trusted, and whether the clocks agree.

use std::time::Duration;

use bytes::Bytes;
use http::header::DATE;
use http::{StatusCode, Uri};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use super::{Check, Finding};
use crate::network::Client;

/// The largest difference between two clocks. Entra allows five minutes.
const MAX_SKEW: Duration = Duration::from_secs(5 * 60);

/// The statuses that only a proxy or the portal of a network returns.
const INTERMEDIARY: [StatusCode; 2] =
    [StatusCode::PROXY_AUTHENTICATION_REQUIRED, StatusCode::NETWORK_AUTHENTICATION_REQUIRED];

/// The response of a host.
#[derive(Debug)]
pub struct Answered {
    /// Whether it responded.
    pub finding: Finding,
    /// The host name.
    pub host: String,
    /// The host's time, if it was in the response, and this machine's.
    pub clocks: Option<(Timestamp, Timestamp)>,
}

/// Sends a request to a host. Every response shows that it is reachable and trusted.
pub async fn reach(client: &Client, url: &Uri, check: Check) -> Answered {
    let host = url.host().unwrap_or_default().to_owned();
    let mut request = http::Request::new(Bytes::new());
    *request.uri_mut() = url.clone();
    match client.send(request).await {
        Ok(response) if INTERMEDIARY.contains(&response.status()) => {
            let status = response.status().as_u16();
            let message = format!("Something between here and {host} answered {status}.");
            let fix = "Sign in to this network in a browser, or write the name and the password that the proxy asks for into HTTPS_PROXY.";
            Answered { finding: Finding::failed(check, message, fix), host, clocks: None }
        }
        Ok(response) => {
            let secured = match url.scheme_str() {
                Some("https") => "its certificate is trusted",
                _ => "without TLS, which only a test should use",
            };
            let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
            let theirs = date.and_then(|date| DateTimeParser::new().parse_timestamp(date).ok());
            let finding = Finding::passed(check, format!("{host} answers; {secured}."));
            let clocks = theirs.map(|theirs| (theirs, Timestamp::now()));
            Answered { finding, host, clocks }
        }
        Err(fault) => {
            let fix = fault.fix.unwrap_or_else(|| {
                format!("Check the network, the proxy, and that {host} is the right host.")
            });
            let message = format!("{host} cannot be reached: {}.", fault.message);
            Answered { finding: Finding::failed(check, message, fix), host, clocks: None }
        }
    }
}

/// Compares this machine's clock with those of the hosts.
pub fn clock(answers: &[Answered]) -> Finding {
    let differences = answers.iter().filter_map(|answer| {
        let (theirs, ours) = answer.clocks?;
        Some((ours.duration_since(theirs).unsigned_abs(), &answer.host))
    });
    let Some((difference, host)) = differences.max() else {
        let message = "No host told its time, so this machine's clock was not compared.";
        return Finding::warning(Check::Clock, message, "Compare this machine's clock yourself.");
    };
    let seconds = difference.as_secs();
    let message = format!("This machine's clock and that of {host} differ by {seconds} s.");
    if difference <= MAX_SKEW {
        return Finding::passed(Check::Clock, message);
    }
    let fix = "Set this machine's clock, by NTP as a rule: tokens are judged by the time.";
    Finding::warning(Check::Clock, message, fix)
}
