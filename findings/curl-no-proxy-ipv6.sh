#!/usr/bin/env bash
# Software: libcurl 8.16.0-DEV and 8.23.0, as the wheels of pycurl 7.45.7 and 7.49.0 bundle them.
#
# Guess: curl's list of hosts that go around the proxy has networks since 7.86.0, for IPv4 and
# IPv6 alike: `127.0.0.0/8` and `::1/128` both match, and `[::1]`, as in an address, is `::1`.
#
# Behaviour: in 8.16.0-DEV, only `127.0.0.0/8` and the bare `::1` match; no IPv6 network
# does, nor another spelling of the same address. 8.23.0 knows IPv6 networks and spellings, but
# still not the address in brackets. In both, a network of length 0 matches nothing, neither
# `0.0.0.0/0` nor `::/0`.
#
# Why it matters: with one and the same NO_PROXY, a call is seen by the recording proxy or not,
# depending on curl's version. Whoever follows "what curl does" has to say which curl.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
for package in pycurl==7.45.7 pycurl==7.49.0; do
  version=${package#pycurl==}
  python3 -m venv "$version"
  "$version/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "$package"
done

cat > run.py <<'PY'
import http.server
import io
import socket
import sys
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


def route(address, around):
    answer = io.BytesIO()
    call = pycurl.Curl()
    call.setopt(pycurl.URL, address)
    call.setopt(pycurl.PROXY, f"http://127.0.0.1:{four}")
    call.setopt(pycurl.NOPROXY, around)
    call.setopt(pycurl.TIMEOUT, 20)
    call.setopt(pycurl.WRITEDATA, answer)
    call.perform()
    call.close()
    return answer.getvalue().decode()


FOUR = f"http://127.0.0.1:{four}/"
SIX = f"http://[::1]:{six}/"
new = pycurl.version_info()[1] == "8.23.0"
known = "direct" if new else "proxy"
EXPECTED = [
    (FOUR, "127.0.0.1", "direct"),
    (FOUR, "127.0.0.0/8", "direct"),
    (FOUR, "0.0.0.0/0", "proxy"),
    (SIX, "::1", "direct"),
    (SIX, "::1/128", known),
    (SIX, "::/64", known),
    (SIX, "0:0:0:0:0:0:0:1", known),
    (SIX, "[::1]", "proxy"),
    (SIX, "[::1]/128", "proxy"),
    (SIX, "::/0", "proxy"),
]
assert pycurl.version_info()[1] == ("8.23.0" if sys.argv[1] == "7.49.0" else "8.16.0-DEV"), pycurl.version
seen = [(address, around, route(address, around)) for address, around, _ in EXPECTED]
print(f"pycurl {sys.argv[1]}, libcurl {pycurl.version_info()[1]}:", ", ".join(f"{around} {way}" for _, around, way in seen))
assert seen == EXPECTED, seen
PY
for version in 7.45.7 7.49.0; do
  "$version/bin/python" run.py "$version"
done
