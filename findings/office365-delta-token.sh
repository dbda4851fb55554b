#!/usr/bin/env bash
# Software: Office365-REST-Python-Client 3.3.0 of PyPI.
#
# Guess: after `users.delta.get()`, `delta_token` has the token of the answer's `@odata.deltaLink`,
# and `users.delta.token(delta_token)` asks for the changes since.
#
# Behaviour: `delta_token` is always None, since the link is dropped where an answer is read. Then
# `token(None)` asks for `token=None`, as text.
#
# Why it matters: Graph knows neither the parameter nor the token, and what ignores both gives all
# users again: a program that follows changes takes everybody for changed, each time.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check Office365-REST-Python-Client==3.3.0

cat > run.py <<'PY'
import http.server
import json
import threading

from office365.graph_client import GraphClient

asked = []


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        link = f"{ROOT}/users/delta?$deltatoken=first"
        body = json.dumps({"@odata.deltaLink": link, "value": [{"id": "allen"}]}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
ROOT = f"http://127.0.0.1:{server.server_port}/v1.0"


class Client(GraphClient):
    service_root_url = ROOT


client = Client(lambda: {"access_token": "token", "token_type": "Bearer"})
users = client.users.delta.get().execute_query()
print(f"delta_token: {users.delta_token}, of {[user.id for user in users]}")
client.users.delta.token(users.delta_token).get().execute_query()
print(f"asked for: {asked}")
assert users.delta_token is None, users.delta_token
assert asked == ["/v1.0/users/delta", "/v1.0/users/delta?token=None"], asked
PY
NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 venv/bin/python run.py
