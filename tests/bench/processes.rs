//! The program itself: `cargo bench --bench processes`.
//!
//! What a server answers in a second with 1, 8 and 64 connections, how long a process takes from
//! its start to its first answer, and how long a run takes from the shell. With
//! `O365_BENCH_BASELINE=FILE` beside another build, which takes turns with this one.

#![allow(clippy::restriction, reason = "a benchmark prints, and may fail loudly")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bench::answers::{Answers, runtime};
use bench::compare::{Case, compare, median};
use bench::programs::{Program, Server, programs};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use support::Fixture;
use support::platform::percentile;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const CONNECTIONS: [usize; 3] = [1, 8, 64];

/// How long the answers to one set of connections are counted.
const TIME: Duration = Duration::from_secs(2);

/// How often each program has its turn.
const ROUNDS: usize = 5;

const ACTION: &str = "is-license-available";

fn main() {
    let programs = programs();
    let fixture = Fixture::named(ACTION, "some-seats");
    let graph = Answers::recorded(&fixture).serve();
    let mut input = fixture.input();
    // That of the tenant's only connection.
    input.shift_remove("connectionId");
    let input = Value::Object(input).to_string();
    starts(&programs, graph, &input);
    shell(&programs);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(throughput(&programs, graph, &input));
}

/// From the start of a server to its first answer; the compiled component is in the cache.
fn starts(programs: &[Program], graph: SocketAddr, input: &str) {
    let first = |program: &Program| {
        let server = program.serve(graph);
        runtime().block_on(async {
            let mut connection = Connection::open(&server, input).await;
            connection.call().await;
        });
    };
    let cases = programs.iter().map(|program| Case::new(program.name, move || first(program)));
    compare("a tenant is added, the server starts and answers", 20, cases.collect());
}

fn shell(programs: &[Program]) {
    let run = ["run", "country-codes"];
    let warm =
        programs.iter().map(|program| Case::new(program.name, move || _ = program.run(&run)));
    compare("o365 run country-codes", 100, warm.collect());
    let cold =
        programs.iter().map(|program| Case::new(program.name, move || program.run_first(&run)));
    compare("o365 run country-codes, which compiles the component", 5, cold.collect());
}

async fn throughput(programs: &[Program], graph: SocketAddr, input: &str) {
    let servers: Vec<_> = programs.iter().map(|program| (program, program.serve(graph))).collect();
    for connections in CONNECTIONS {
        let mut counted: Vec<_> = servers.iter().map(|_| Counted::default()).collect();
        for round in 0..=ROUNDS {
            for ((_, server), counted) in servers.iter().zip(&mut counted) {
                let times = answers(server, input, connections).await;
                // The first round does not count.
                if round > 0 {
                    counted.add(times);
                }
            }
        }
        println!("\no365 serve with {connections} connections, {ROUNDS} rounds of {TIME:?}");
        let of = counted[0].a_second();
        for ((program, server), counted) in servers.iter().zip(&mut counted) {
            let p99 = percentile(&mut counted.times, 99);
            println!(
                "  {:>6.0} a second  {:>5.2}x  p99 {:>5.1} ms  {:>4} MiB resident  {}",
                counted.a_second(),
                counted.a_second() / of,
                p99.as_secs_f64() * 1e3,
                server.resident() >> 20,
                program.name
            );
        }
    }
}

/// The answers of one server.
#[derive(Default)]
struct Counted {
    /// How many there were in each round.
    rounds: Vec<usize>,
    /// How long each took.
    times: Vec<Duration>,
}

impl Counted {
    fn add(&mut self, times: Vec<Duration>) {
        self.rounds.push(times.len());
        self.times.extend(times);
    }

    fn a_second(&self) -> f64 {
        median(&self.rounds) as f64 / TIME.as_secs_f64()
    }
}

/// How long the answers of a server take while each connection has one call at a time.
async fn answers(server: &Server, input: &str, connections: usize) -> Vec<Duration> {
    let mut tasks = JoinSet::new();
    for _ in 0..connections {
        let mut connection = Connection::open(server, input).await;
        tasks.spawn(async move {
            let end = Instant::now() + TIME;
            let mut times = Vec::new();
            while Instant::now() < end {
                let began = Instant::now();
                connection.call().await;
                times.push(began.elapsed());
            }
            times
        });
    }
    tasks.join_all().await.concat()
}

/// A connection to a server, with the call that it makes.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    request: http::Request<Full<Bytes>>,
}

impl Connection {
    async fn open(server: &Server, input: &str) -> Self {
        let stream = TcpStream::connect(server.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, driver) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(driver);
        let request = http::Request::post(format!("/v1/actions/{ACTION}"))
            .header("host", server.address.to_string())
            .header("authorization", format!("Bearer {}", server.key))
            .header("content-type", "application/json")
            .body(Full::from(input.to_owned()))
            .unwrap();
        Self { sender, request }
    }

    async fn call(&mut self) {
        let response = self.sender.send_request(self.request.clone()).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(status.is_success(), "{status} {body:?}");
    }
}
