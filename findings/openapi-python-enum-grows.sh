#!/usr/bin/env bash
# Software: openapi-python-client 0.29.1 and openapi-generator 7.26.0 (`python`) of PyPI, on
# Python 3.11 and Java 17.
#
# Guess: where the body of an error has one value that the document does not list, such as a kind of
# error that is newer than the client, the client still tells the status, and gives the rest of the
# body.
#
# Behaviour: openapi-python-client raises a plain ValueError, which has neither the status nor the
# body; a body that is not JSON, as a proxy sends it, does the same with JSONDecodeError. The client
# of openapi-generator raises its exception with the status, but the typed error in it is None.
#
# Why it matters: a server that adds a value to an enum breaks the error handling of the first client,
# and what reads `exception.data.kind` in the second. A caller of the first that wants the status
# has to catch ValueError and cannot know whether the call was carried out.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
PATH=$place/venv/bin:$PATH
pip install --quiet --disable-pip-version-check openapi-python-client==0.29.1 \
  openapi-generator-cli==7.26.0 urllib3==2.8.0 pydantic==2.14.4 python-dateutil==2.9.0.post0

cat > openapi.json <<'JSON'
{
  "openapi": "3.0.3",
  "info": { "title": "Orders", "version": "1" },
  "paths": { "/orders": { "post": {
    "operationId": "order",
    "tags": ["orders"],
    "responses": {
      "200": { "description": "Ordered.", "content": { "application/json": {
        "schema": { "type": "object" } } } },
      "409": { "description": "Refused.", "content": { "application/problem+json": {
        "schema": { "$ref": "#/components/schemas/Problem" } } } }
    }
  } } },
  "components": { "schemas": { "Problem": {
    "type": "object",
    "properties": { "kind": { "type": "string", "enum": ["sold-out", "closed"] } },
    "required": ["kind"]
  } } }
}
JSON
openapi-python-client generate --path openapi.json --meta none --output-path first > /dev/null
openapi-generator-cli generate -g python -i openapi.json -o second \
  --additional-properties packageName=second_client > /dev/null 2>&1

cat > run.py <<'PY'
import http.server
import sys
import threading

sys.path.append("second")
import second_client
from first import Client
from first.api.orders import order


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        kind, body = self.server.answer
        self.send_response(409)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"


def by_the_first():
    try:
        return order.sync_detailed(client=Client(base_url=url)).parsed.kind
    except ValueError as raised:
        return f"{type(raised).__name__}, status {getattr(raised, 'status_code', None)}"


def by_the_second():
    configuration = second_client.Configuration(host=url)
    try:
        second_client.OrdersApi(second_client.ApiClient(configuration)).order()
    except second_client.ApiException as raised:
        return f"{raised.status}, {raised.data and raised.data.kind}"


seen = {}
for name, answer in {
    "listed": ("application/problem+json", b'{"kind": "closed"}'),
    "new": ("application/problem+json", b'{"kind": "moved"}'),
    "proxy": ("text/html", b"<html>"),
}.items():
    server.answer = answer
    seen[name] = by_the_first(), by_the_second()
    print(f"{name}: openapi-python-client: {seen[name][0]}; openapi-generator: {seen[name][1]}")
assert seen == {
    "listed": ("closed", "409, closed"),
    "new": ("ValueError, status None", "409, None"),
    "proxy": ("JSONDecodeError, status None", "409, None"),
}
PY
python run.py
