#!/usr/bin/env bash
# Software: mitmproxy 11.0.2, its option `hardump`.
#
# Guess: text in a HAR file is Unicode, so a CSV file that a server sends in UTF-8 is there as it
# reads; a body that is taken for binary is base64.
#
# Behaviour: without `charset` in the content type, a body that is mostly printable is decoded as
# Latin-1, also of `application/octet-stream`, and stored as text without `encoding`. A report of
# Microsoft 365, UTF-8 with a byte order mark, begins with three odd characters, and "Zoë" is
# "ZoÃ«". JSON is decoded as UTF-8. Nothing in the file says which of them it was.
#
# Why it matters: a reader that turns the text into bytes as UTF-8 gets other bytes than were
# sent, and more than `size` says. Names with accents do not match those of JSON answers in the
# same file, so a redaction that looks for the name leaves it in the report.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check mitmproxy==11.0.2

cat > run.py <<'PY'
import http.server
import json
import socket
import subprocess
import threading
import time
import urllib.request

CSV = "\ufeffDisplay Name,License\r\nZoë,E3\r\n".encode()
ANSWERS = {
    "/json": ("application/json", '{"displayName":"Zoë"}'.encode()),
    "/utf8": ("text/csv; charset=utf-8", CSV),
    "/csv": ("text/csv", CSV),
    "/octets": ("application/octet-stream", CSV),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        kind, body = ANSWERS[self.path]
        self.send_response(200)
        self.send_header("content-type", kind)
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
    for path, (_, body) in ANSWERS.items():
        assert opener.open(f"http://127.0.0.1:{port}{path}", timeout=20).read() == body
finally:
    # It writes the file when it ends.
    proxy.terminate()
    proxy.wait()

for entry in json.load(open("x.har"))["log"]["entries"]:
    kind, body = ANSWERS["/" + entry["request"]["url"].rsplit("/", 1)[1]]
    content = entry["response"]["content"]
    print(f"{kind}: {json.dumps(content['text'], ensure_ascii=False)}")
    known = "json" in kind or "charset" in kind
    assert content["text"] == body.decode("utf-8" if known else "latin-1"), content
    assert "encoding" not in content and content["size"] == len(body), content
    assert (len(content["text"].encode()) == content["size"]) == known
PY
venv/bin/python run.py
