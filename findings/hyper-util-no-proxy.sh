#!/usr/bin/env bash
# Software: hyper-util 0.1.21 (`client::proxy::matcher`), beside libcurl 8.23.0 of pycurl 7.49.0.
#
# Guess: the matcher follows curl's NO_PROXY, as its documentation has it, so one list sends the
# same calls around the proxy in both.
#
# Behaviour: they differ both ways. `other.test,*` sends everything around the proxy in
# hyper-util and nothing in curl, which knows `*` only alone; `0.0.0.0/0` and `::/0` match each
# address in hyper-util and none in curl. `contoso.localhost.`, with the dot of a full name,
# matches in curl and not in hyper-util. Blanks separate names in neither of the two, and the
# address in brackets matches in neither.
#
# Why it matters: beside a Rust client, curl is what one tries a proxy's settings with. A list
# that works there may send the client's calls past the proxy that was to record them.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --only-binary :all: pycurl==7.49.0
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "routes"
version = "0.0.0"
edition = "2024"

[dependencies]
http = "=1.3.1"
hyper-util = { version = "=0.1.21", features = ["client-proxy"] }
TOML
cat > src/main.rs <<'RUST'
//! Prints how the matcher routes each pair of an address and a list.
use hyper_util::client::proxy::matcher::Matcher;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    for pair in arguments.chunks(2) {
        let matcher = Matcher::builder().http("http://127.0.0.1:3128").no(pair[1].as_str()).build();
        let address: http::Uri = pair[0].parse().unwrap();
        println!("{}", if matcher.intercept(&address).is_some() { "proxy" } else { "direct" });
    }
}
RUST
CARGO_TARGET_DIR="$place/target" cargo build --quiet

cat > run.py <<'PY'
import http.server
import io
import socket
import subprocess
import threading

import pycurl


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        # Only a proxy is asked with a whole address.
        body = b"proxy" if self.path.startswith("http://") else b"direct"
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Six(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6


def serving(kind, host):
    server = kind((host, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


four, six = serving(http.server.ThreadingHTTPServer, "127.0.0.1"), serving(Six, "::1")


def curl(address, around):
    answer = io.BytesIO()
    call = pycurl.Curl()
    call.setopt(pycurl.URL, address)
    call.setopt(pycurl.RESOLVE, [f"contoso.localhost:{four}:127.0.0.1"])
    call.setopt(pycurl.PROXY, f"http://127.0.0.1:{four}")
    call.setopt(pycurl.NOPROXY, around)
    call.setopt(pycurl.TIMEOUT, 20)
    call.setopt(pycurl.WRITEDATA, answer)
    call.perform()
    call.close()
    return answer.getvalue().decode()


NAME, FOUR, SIX = f"http://contoso.localhost:{four}/", f"http://127.0.0.1:{four}/", f"http://[::1]:{six}/"
# The address, the list, and how hyper-util and curl route it.
EXPECTED = [
    (NAME, "contoso.localhost", "direct", "direct"),
    (NAME, "*", "direct", "direct"),
    (NAME, "other.test,*", "direct", "proxy"),
    (NAME, "contoso.localhost.", "proxy", "direct"),
    (NAME, "other.test contoso.localhost", "proxy", "proxy"),
    (FOUR, "127.0.0.0/8", "direct", "direct"),
    (FOUR, "0.0.0.0/0", "direct", "proxy"),
    (SIX, "::1/128", "direct", "direct"),
    (SIX, "::/0", "direct", "proxy"),
    (SIX, "[::1]", "proxy", "proxy"),
]
arguments = [text for address, around, *_ in EXPECTED for text in (address, around)]
rust = subprocess.run(["target/debug/routes", *arguments], check=True, capture_output=True, text=True)
seen = []
for (address, around, *_), way in zip(EXPECTED, rust.stdout.split(), strict=True):
    seen.append((address, around, way, curl(address, around)))
    print(f"{around}: hyper-util {way}, curl {seen[-1][3]}")
assert pycurl.version_info()[1] == "8.23.0", pycurl.version
assert seen == EXPECTED, seen
PY
venv/bin/python run.py
