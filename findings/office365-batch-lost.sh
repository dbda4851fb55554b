#!/usr/bin/env bash
# Software: Office365-REST-Python-Client 3.3.0 of PyPI.
#
# Guess: `group.members.add(user)` followed by `execute_batch()` adds the member in a `$batch`, or
# raises an error, as it does with `execute_query()`.
#
# Behaviour: for a user that was not read before, the batch reads its id and no more; for one that
# was, it has a GET of an empty address. The write is never sent, neither by this call nor by a
# later one, and no call raises an error. `execute_query` sends the read and the write.
#
# Why it matters: a program has added nobody and was told nothing. A recording of it has a `$batch`
# that only reads, and looks as if the rest were missing.
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

received = []


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        received.append(f"GET {self.path.split('?')[0]}")
        self.answer({"id": "allen"})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if not self.path.endswith("/$batch"):
            received.append(f"POST {self.path}")
            return self.answer({})
        received.extend(f"$batch: {one['method']} {one['url'].split('?')[0]}" for one in body["requests"])
        kind = {"Content-Type": "application/json"}
        answers = [{"id": one["id"], "status": 200, "headers": kind, "body": {"id": "allen"}} for one in body["requests"]]
        self.answer({"responses": answers})

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()


class Client(GraphClient):
    service_root_url = f"http://127.0.0.1:{server.server_port}/v1.0"


client = Client(lambda: {"access_token": "token", "token_type": "Bearer"})


def seen(step):
    found = list(received)
    received.clear()
    print(f"{step}: {found}")
    return found


def members():
    return client.groups["readers"].members


members().add(client.users["allen"])
client.execute_batch()
batched = seen("execute_batch")
client.execute_query()
client.execute_batch()
client.users["other"].get().execute_query()
later = seen("later calls")
members().add(client.users["allen"])
client.execute_query()
at_once = seen("execute_query")
members().add(client.users["allen"].get().execute_query())
client.execute_batch()
known = seen("execute_batch, of a user that was read")
write = "POST /v1.0/groups/readers/members/$ref"
assert batched == ["$batch: GET /users/allen"], batched
assert later == ["GET /v1.0/users/other"], later
assert at_once == ["GET /v1.0/users/allen", write], at_once
assert known == ["GET /v1.0/users/allen", "$batch: GET "], known
PY
NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 venv/bin/python run.py
