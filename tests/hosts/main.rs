//! The component on hosts of others: the same cases of what servers do, between the component and
//! a simulated tenant, on each host that can be installed here.
//!
//! - `cases`: the cases
//! - `proxy`: the tenant behind a faulty connection
//! - `hosts`: the hosts, and how each runs an action
//! - `rules`: what must hold on every host in every case
//! - `wrong_values`: what the hosts of the guides refuse
//! - `reuse`: reports of one instance, again and again
//! - `table`: the table of `docs/hosts.md`
//! - `versions`: the versions that the documentation names
//! - `embed`: the host of `docs/embed/rust.md`

#![cfg(unix)]
#![allow(clippy::restriction, reason = "a panic in a test is a failed test")]

mod cases;
mod hosts;
mod proxy;
mod reuse;
mod rules;
mod table;
mod versions;
mod wrong_values;

#[path = "../../docs/embed/embed.rs"]
#[allow(missing_docs, reason = "it is an example")]
mod embed;

use std::sync::Arc;

use tokio::task::JoinSet;

use cases::CASES;
use hosts::{HOSTS, Host, Job};
use proxy::{Proxy, Seen};
use table::Column;

/// Only the hosts whose names contain this.
const ONLY: &str = "O365_HOSTS";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_component_is_right_on_every_host() {
    let only = std::env::var(ONLY).unwrap_or_default();
    let login = Proxy::start(&CASES[0]).await;
    let mut running = JoinSet::new();
    for (number, host) in HOSTS.iter().enumerate().filter(|(_, host)| host.name.contains(&only)) {
        let login_url = login.url();
        running.spawn(async move { (number, measured(host, login_url).await) });
    }
    let mut columns = running.join_all().await;
    columns.sort_by_key(|(number, _)| *number);
    let columns: Vec<Column> = columns.into_iter().filter_map(|(_, column)| column).collect();
    let problems: Vec<&String> = columns.iter().flat_map(|column| &column.problems).collect();
    let told = problems.iter().map(|problem| format!("{problem}\n")).collect::<String>();
    assert!(problems.is_empty(), "\n{told}{}", table::text(&columns));
    table::check(&columns);
}

/// Runs every case on a host.
async fn measured(host: &'static Host, login_url: String) -> Option<Column> {
    let mut proxies = Vec::new();
    for case in CASES {
        proxies.push(Proxy::start(case).await);
    }
    let job = |(number, proxy): (usize, &Proxy)| Job {
        case: &CASES[number],
        connection: format!("case-{number}"),
        graph_url: proxy.graph_url(),
        login_url: login_url.clone(),
    };
    let jobs: Vec<Job> = proxies.iter().enumerate().map(job).collect();
    let ran = (host.run)(jobs.clone()).await?;
    let seen: Vec<Arc<Seen>> = proxies.iter().map(|proxy| Arc::clone(&proxy.seen)).collect();
    let mut column = Column { name: host.name, cells: Vec::new(), problems: Vec::new() };
    for ((job, ran), seen) in jobs.iter().zip(&ran).zip(&seen) {
        let (cell, problems) = rules::judge(job, ran, seen);
        column.cells.push(cell);
        column.problems.extend(problems.into_iter().map(|problem| {
            let case = job.case;
            let place = format!("{}: {} {}", host.name, case.action.name(), case.what);
            format!("{place}: {problem}")
        }));
    }
    Some(column)
}
