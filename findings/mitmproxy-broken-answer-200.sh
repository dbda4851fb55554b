#!/usr/bin/env bash
# Software: mitmproxy 11.0.2, its option `hardump`.
#
# Guess: a call whose answer breaks off within its body is exported with an error, as one is
# that gets no answer at all, or with the status that the client got, 502.
#
# Behaviour: it is exported as a success: status 200 with the server's headers, size 0 and an
# empty text, and no `_error`. That the announced content-length is not 0 is the only trace; an
# answer in chunks leaves none. A call with no answer at all has status 0 and `_error`.
#
# Why it matters: a reader that trusts status and text takes a failed call for a success with an
# empty body. It has to compare content-length and body, and cannot tell where there is none.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check mitmproxy==11.0.2

cat > run.py <<'PY'
import http.client
import http.server
import json
import socket
import subprocess
import threading
import time

BODY = json.dumps({"value": "x" * 200}).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.close_connection = True
        if self.path == "/none":
            return
        self.send_response(200)
        self.send_header("content-type", "application/json")
        if self.path == "/chunks":
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"64\r\n" + BODY[:100] + b"\r\n")
        else:
            self.send_header("content-length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY if self.path == "/whole" else BODY[:100])
        # What was sent is there before the connection ends.
        time.sleep(0.2)

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
try:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.1)
    got = {}
    for path in ("/whole", "/cut", "/chunks", "/none"):
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        client.request("GET", path)
        answer = client.getresponse()
        answer.read()
        got[path] = answer.status
        client.close()
finally:
    # It writes the file when it ends.
    proxy.terminate()
    proxy.wait()

seen = {}
for entry in json.load(open("x.har"))["log"]["entries"]:
    response = entry["response"]
    path = "/" + entry["request"]["url"].rsplit("/", 1)[1]
    length = {header["name"]: header["value"] for header in response["headers"]}.get("content-length")
    content = response["content"]
    seen[path] = (response["status"], content.get("size"), content.get("text"), length, response.get("_error"))
    print(f"{path}: the client got {got[path]}; status {response['status']}, size {content.get('size')}, content-length {length}, error {response.get('_error')}")
assert got == {"/whole": 200, "/cut": 502, "/chunks": 502, "/none": 502}, got
assert seen == {
    "/whole": (200, 213, BODY.decode(), "213", None),
    "/cut": (200, 0, "", "213", None),
    "/chunks": (200, 0, "", None, None),
    "/none": (0, None, None, None, "server closed connection"),
}, seen
PY
venv/bin/python run.py
