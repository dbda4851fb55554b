//! Two servers on one store do the work of two, and one tenant does not slow another in either.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::cluster::Cluster;
use crate::serve::server::{Server, connection, seats};
use support::platform::percentile;
use support::simulate;

/// How long Graph takes for each response.
const LATENCY: Duration = Duration::from_millis(200);

/// The runs that one server has at a time.
const PLACES: usize = 6;

/// How long calls are counted.
const TIME: Duration = Duration::from_secs(5);

/// A way to Graph on which each response takes its time; its URL.
fn slow(upstream: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let upstream = upstream.trim_start_matches("http://").to_owned();
    thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.unwrap();
            let Ok(server) = TcpStream::connect(&upstream) else { continue };
            let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || copy(from, to, Duration::ZERO));
            thread::spawn(move || copy(server, client, LATENCY));
        }
    });
    url
}

fn copy(mut from: TcpStream, mut to: TcpStream, latency: Duration) {
    let mut buffer = [0; 64 << 10];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        thread::sleep(latency);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
}

/// How many calls these servers complete in the time.
fn completed(servers: &[&Server], key: &str) -> usize {
    let done = AtomicUsize::new(0);
    let end = Instant::now() + TIME;
    thread::scope(|scope| {
        for number in 0..2 * PLACES * servers.len() {
            let (server, done) = (servers[number % servers.len()], &done);
            scope.spawn(move || {
                while Instant::now() < end {
                    server.action(key, "get-available-license-count", &seats()).send().done();
                    if Instant::now() < end {
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    done.into_inner()
}

#[test]
fn two_servers_serve_almost_twice_as_much_as_one_that_is_full() {
    let graph = simulate::Server::start(&[]);
    let connection = connection("main", &slow(graph.http()), graph.http());
    let Some(cluster) = Cluster::new(&[connection.clone(), connection]) else { return };
    cluster.set("serve", &format!("max-runs = {PLACES}"));
    cluster.set("tenants.contoso", "concurrent-runs = 50");
    let (one, other) = (cluster.serve(0), cluster.serve(1));
    // Each signs in first.
    for server in [&one, &other] {
        server.action(&cluster.key, "get-available-license-count", &seats()).send().done();
    }
    let alone = completed(&[&one], &cluster.key);
    let both = completed(&[&one, &other], &cluster.key);
    println!(
        "{alone} calls by one server in {TIME:?}, {both} by two: {:.2}x",
        both as f64 / alone as f64
    );
    assert!(both * 10 >= alone * 17, "{alone} by one, {both} by two");
}

/// How long calls in a row take, each to another server.
fn in_a_row(servers: &[&Server], key: &str, count: usize) -> Vec<Duration> {
    let mut times = Vec::new();
    for server in servers.iter().cycle().take(count) {
        let began = Instant::now();
        server.action(key, "get-available-license-count", &seats()).send().done();
        times.push(began.elapsed());
    }
    times
}

/// Calls a server until the end, and a little later again when it is busy; how often it was.
fn flood(server: &Server, key: &str, is_over: &AtomicBool) -> usize {
    let mut refused = 0;
    while !is_over.load(Ordering::Relaxed) {
        let answer = server.action(key, "get-available-license-count", &seats()).send();
        if answer.status == 429 {
            refused += 1;
            thread::sleep(Duration::from_millis(500));
        } else {
            answer.done();
        }
    }
    refused
}

/// What becomes of the p99 of a tenant while another floods both servers: the ratio.
fn slowed(both: &[&Server; 2], quiet: &str, flooding: &str) -> f64 {
    let mut alone = in_a_row(both, quiet, 40);
    let (is_over, refused) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut beside = thread::scope(|scope| {
        for number in 0..72 {
            let (server, is_over, refused) = (both[number % 2], &is_over, &refused);
            scope.spawn(move || {
                refused.fetch_add(flood(server, flooding, is_over), Ordering::Relaxed);
            });
        }
        thread::sleep(Duration::from_secs(1));
        let beside = in_a_row(both, quiet, 40);
        is_over.store(true, Ordering::Relaxed);
        beside
    });
    assert!(refused.load(Ordering::Relaxed) > 50, "there was no flood: {refused:?}");
    let (alone, beside) = (percentile(&mut alone, 99), percentile(&mut beside, 99));
    let ratio = beside.as_secs_f64() / alone.as_secs_f64();
    println!("p99 alone {alone:?}, beside a flood on two servers {beside:?}: {ratio:.2}");
    ratio
}

#[test]
fn a_tenant_that_floods_two_servers_does_not_slow_another() {
    let graph = simulate::Server::start(&[]);
    let connection = connection("main", &slow(graph.http()), graph.http());
    let Some(cluster) = Cluster::new(&[connection.clone(), connection]) else { return };
    cluster.set("serve", "max-runs = 16");
    let flooding = cluster.add("flooding");
    cluster.set("tenants.flooding", "concurrent-runs = 16\nqueue-length = 8");
    let (one, other) = (cluster.serve(0), cluster.serve(1));
    let both = [&one, &other];
    // Whatever is slow the first time.
    in_a_row(&both, &cluster.key, 6);
    // Other tests slow it sometimes; a flood does always.
    let ratios = (0..3).map(|_| slowed(&both, &cluster.key, &flooding));
    assert!(ratios.into_iter().any(|ratio| ratio < 1.2));
}
