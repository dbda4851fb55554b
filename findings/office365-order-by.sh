#!/usr/bin/env bash
# Software: Office365-REST-Python-Client 3.3.0 of PyPI.
#
# Guess: `users.order_by("displayName")` asks Graph for `$orderby=displayName`.
#
# Behaviour: it asks for `$order_by=displayName`, which OData does not know; `select`, `filter` and
# `top` beside it are right. `query_options.custom["$orderby"]` is sent as it is written.
#
# Why it matters: Graph answers 400, and what ignores an unknown parameter, such as a recording that
# is matched by path, gives the items in any order.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check Office365-REST-Python-Client==3.3.0

cat > run.py <<'PY'
import http.server
import threading
from urllib.parse import parse_qsl, urlsplit

from office365.graph_client import GraphClient

asked = []


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(dict(parse_qsl(urlsplit(self.path).query)))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "12")
        self.end_headers()
        self.wfile.write(b'{"value":[]}')

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()


class Client(GraphClient):
    service_root_url = f"http://127.0.0.1:{server.server_port}/v1.0"


client = Client(lambda: {"access_token": "token", "token_type": "Bearer"})
client.users.select(["id"]).order_by("displayName").top(5).get().execute_query()
custom = client.users.top(5)
custom.query_options.custom["$orderby"] = "displayName"
custom.get().execute_query()
print(f"order_by: {asked[0]}")
print(f"custom:   {asked[1]}")
assert asked[0] == {"$select": "id", "$order_by": "displayName", "$top": "5"}, asked
assert asked[1] == {"$orderby": "displayName", "$top": "5"}, asked
PY
NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 venv/bin/python run.py
