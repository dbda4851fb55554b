#!/usr/bin/env bash
# Software: mitmproxy 11.0.2, its option `hardump`.
#
# Guess: `content.size` is the length of the content after unpacking, as HAR 1.2 has it, and
# `compression` what packing saved: `size` less `compression` is `bodySize`.
#
# Behaviour: of a gzip answer, `size` is the packed length, the same as `bodySize`, beside the
# unpacked text. `compression` is right. The sum is therefore off: `size` less `compression` is
# negative.
#
# Why it matters: a reader that holds the text to `size`, to see whether it was cut short,
# refuses each packed answer; one that reserves or reads `size` bytes cuts the text off.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check mitmproxy==11.0.2

cat > run.py <<'PY'
import gzip
import http.server
import json
import socket
import subprocess
import threading
import time
import urllib.request

BODY = json.dumps({"value": "x" * 200}).encode()
PACKED = gzip.compress(BODY)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = PACKED if self.path == "/gzip" else BODY
        self.send_response(200)
        self.send_header("content-type", "application/json")
        if self.path == "/gzip":
            self.send_header("content-encoding", "gzip")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
proxy = subprocess.Popen(
    ["venv/bin/mitmdump", "--quiet", "--listen-host", "127.0.0.1", "--listen-port", str(port)]
    + ["--mode", f"reverse:http://127.0.0.1:{server.server_port}"]
    + ["--set", "hardump=x.har", "--set", "confdir=settings", "--set", "connection_strategy=lazy"],
    stderr=subprocess.DEVNULL,
)
# The proxy is the server's front here; none that the environment names may be before it.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
try:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.1)
    assert opener.open(f"http://127.0.0.1:{port}/plain", timeout=20).read() == BODY
    assert opener.open(f"http://127.0.0.1:{port}/gzip", timeout=20).read() == PACKED
finally:
    # It writes the file when it ends.
    proxy.terminate()
    proxy.wait()

sizes = {}
for entry in json.load(open("x.har"))["log"]["entries"]:
    response, content = entry["response"], entry["response"]["content"]
    assert content["text"] == BODY.decode()
    path = "/" + entry["request"]["url"].rsplit("/", 1)[1]
    sizes[path] = (len(content["text"]), content["size"], content["compression"], response["bodySize"])
    print(path + ": text {}, size {}, compression {}, bodySize {}".format(*sizes[path]))
whole, packed = len(BODY), len(PACKED)
assert sizes == {"/plain": (whole, whole, 0, whole), "/gzip": (whole, packed, whole - packed, packed)}, sizes
PY
venv/bin/python run.py
