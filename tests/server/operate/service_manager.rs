//! `sd_notify(3)`: what the server tells the service manager that started it.

use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::serve::server::{Place, Server, connection, eventually};
use support::program;

/// A place with a tenant, and the socket of a service manager.
struct Managed {
    place: Place,
    socket: UnixDatagram,
}

impl Managed {
    fn new() -> Self {
        let place = Place::with(&connection("main", "http://127.0.0.1:9", "http://127.0.0.1:9"));
        place.add("contoso", "main", &[]);
        place.set("tenants.contoso", "actions = [\"country-codes\"]");
        let socket = UnixDatagram::bind(place.path("notify")).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self { place, socket }
    }

    /// A server that is told of the socket, with these further variables.
    fn start(&self, variables: &[(&str, &str)]) -> Server {
        let mut command = Command::new(program());
        command.env("NOTIFY_SOCKET", self.place.path("notify"));
        command.envs(variables.iter().copied());
        self.place.serve_by(command, &[])
    }

    /// The lines of the next message.
    fn told(&self) -> Vec<String> {
        let mut message = [0; 4096];
        let length = self.socket.recv(&mut message).unwrap();
        let text = std::str::from_utf8(&message[..length]).unwrap();
        text.lines().map(ToOwned::to_owned).collect()
    }
}

/// The time since the machine started, in microseconds, as the service manager counts it.
fn monotonic() -> u128 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    u128::try_from(now.tv_sec).unwrap() * 1_000_000 + u128::try_from(now.tv_nsec).unwrap() / 1000
}

#[test]
fn it_is_told_of_the_start_a_reload_and_the_end() {
    let managed = Managed::new();
    let server = managed.start(&[]);
    assert_eq!(managed.told(), ["READY=1"]);
    // It is: the next request is answered.
    server.ask("GET", "/readyz").send().done();
    let before = monotonic();
    server.signal("HUP");
    let reloading = managed.told();
    let [first, second] = reloading.as_slice() else { panic!("{reloading:?}") };
    assert_eq!(first, "RELOADING=1");
    let at: u128 = second.strip_prefix("MONOTONIC_USEC=").unwrap().parse().unwrap();
    assert!((before..=monotonic()).contains(&at), "{at} is not after {before}");
    assert_eq!(managed.told(), ["READY=1"]);
    // The log is written by a thread of its own.
    eventually("the reload is over when it says so", || server.said().contains("read again"));
    // One that fails is over too.
    std::fs::write(managed.place.config(), "[tenants").unwrap();
    server.signal("HUP");
    assert_eq!(managed.told()[0], "RELOADING=1");
    assert_eq!(managed.told(), ["READY=1"]);
    server.signal("TERM");
    let stopping = managed.told();
    // The grace of 30 seconds is more than what a manager may wait.
    assert_eq!(stopping[0], "STOPPING=1");
    let extended = stopping[1].strip_prefix("EXTEND_TIMEOUT_USEC=").unwrap();
    assert!(extended.parse::<u64>().unwrap() > 30_000_000, "{extended}");
    assert_eq!(server.ended_within(Duration::from_secs(10)), 0);
}

#[test]
fn its_watchdog_is_fed_and_no_other_one() {
    let managed = Managed::new();
    let server = managed.start(&[("WATCHDOG_USEC", "400000")]);
    assert_eq!(managed.told(), ["READY=1"]);
    let began = Instant::now();
    for _ in 0..5 {
        assert_eq!(managed.told(), ["WATCHDOG=1"]);
    }
    let rate = began.elapsed() / 5;
    assert!(rate < Duration::from_millis(400), "once in {rate:?}");
    // One that is stopped is silent.
    server.signal("STOP");
    managed.socket.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let mut message = [0; 64];
    let mut count = 0;
    while managed.socket.recv(&mut message).is_ok() {
        count += 1;
        assert!(count < 4, "it goes on while it cannot serve");
    }
    server.signal("CONT");
    assert_eq!(managed.told(), ["WATCHDOG=1"]);
    drop(server);
    while managed.socket.recv(&mut message).is_ok() {}
    // That of another process is not fed, nor one without a time.
    for variables in [
        &[("WATCHDOG_USEC", "200000"), ("WATCHDOG_PID", "1")][..],
        &[("WATCHDOG_USEC", "0")],
        &[("WATCHDOG_USEC", "soon")],
    ] {
        let _server = managed.start(variables);
        assert_eq!(managed.told(), ["READY=1"]);
        assert!(managed.socket.recv(&mut message).is_err(), "{variables:?}");
    }
}

#[test]
fn without_a_manager_or_with_one_that_is_gone_it_serves() {
    let managed = Managed::new();
    let server = managed.place.serve(&[]);
    server.ask("GET", "/readyz").send().done();
    drop(server);
    std::fs::remove_file(managed.place.path("notify")).unwrap();
    let server = managed.start(&[]);
    server.ask("GET", "/readyz").send().done();
    eventually("it says so", || server.said().contains("the service manager could not be told"));
}
