#!/usr/bin/env bash
# Software: msal 1.31.1 for Python.
#
# Guess: `acquire_token_for_client` keeps tokens; an error is not kept, so a program that got
# "no such application yet" right after it was registered can ask again until it works.
#
# Behaviour: each answer 400 of the token endpoint is kept for 60 seconds, in the client object,
# by all its parameters. With a client secret these do not change, so each further call gives the
# same dictionary, `trace_id` and all, and sends nothing. A new client object asks at once.
#
# Why it matters: a loop that retries for less than a minute waits in vain, while a recording of
# it has one call. Equal trace ids in a log mean one answer, and not a server that repeats itself.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check msal==1.31.1
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout key.pem -out certificate.pem 2> /dev/null

cat > run.py <<'PY'
import http.server
import json
import ssl
import threading
import time

import msal

asked = 0


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        endpoints = ("authorization_endpoint", "token_endpoint")
        self.answer(200, {"issuer": AUTHORITY, **{name: f"{AUTHORITY}/{name}" for name in endpoints}})

    def do_POST(self):
        global asked
        self.rfile.read(int(self.headers["content-length"]))
        asked += 1
        if asked == 1:
            self.answer(400, {"error": "unauthorized_client", "error_description": "not found", "trace_id": "first"})
        else:
            self.answer(200, {"access_token": "token", "token_type": "Bearer", "expires_in": 3599})

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("certificate.pem", "key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
AUTHORITY = f"https://localhost:{server.server_port}/tenant"
threading.Thread(target=server.serve_forever, daemon=True).start()


def application():
    return msal.ConfidentialClientApplication(
        "client", client_credential="secret", authority=AUTHORITY, instance_discovery=False, verify="certificate.pem"
    )


def sign_in(name, client):
    answer = client.acquire_token_for_client(["https://graph.microsoft.com/.default"])
    outcome = answer.get("access_token") or (answer["error"], answer["trace_id"])
    print(f"{name}: {outcome}; requests so far: {asked}")
    return outcome, asked


clock = time.time


def later(seconds):
    """Sets the client's clock, so that nobody has to wait."""
    time.time = lambda: clock() + seconds


first = application()
seen = [sign_in("at once      ", first)]
later(58)
seen.append(sign_in("58 seconds on", first))
seen.append(sign_in("a new client ", application()))
later(62)
seen.append(sign_in("62 seconds on", first))
refused = ("unauthorized_client", "first")
assert seen == [(refused, 1), (refused, 1), ("token", 2), ("token", 3)], seen
PY
# Either variable would take the place of the certificate that the script names.
unset REQUESTS_CA_BUNDLE CURL_CA_BUNDLE
NO_PROXY=localhost no_proxy=localhost venv/bin/python run.py
