#!/usr/bin/env bash
# Software: msgraph-core 1.5.2 of PyPI, the core of msgraph-sdk 1.65.0, with
# microsoft-kiota-serialization-json 1.16.0.
#
# Guess: with msgraph-sdk installed, `client.batch.post` sends a `$batch`, and
# `get_response_by_id(id, User)` gives the user in the answer.
#
# Behaviour: the classes of a batch cannot be imported, since they need the package `deprecated`,
# which no package of the SDK asks for. With it, each answer has its status and its headers, but a
# body that is a JSON object is None, and asking for it by its type is a ValueError.
#
# Why it matters: a batch can be written and not read. A program that takes the missing body for
# "no such user" goes wrong on a perfect answer; only the status can be relied on.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check msgraph-core==1.5.2 \
  microsoft-kiota-serialization-json==1.16.0

if venv/bin/python -c 'import msgraph_core.requests.batch_request_content' 2> refused; then
  echo "the batch can be imported" && exit 1
fi
tail -n 1 refused
grep -q "No module named 'deprecated'" refused
venv/bin/pip install --quiet --disable-pip-version-check deprecated==1.3.1

cat > run.py <<'PY'
import asyncio
import http.server
import json
import threading
from dataclasses import dataclass

from kiota_abstractions.authentication import AnonymousAuthenticationProvider
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from kiota_abstractions.serialization import Parsable, ParseNodeFactoryRegistry
from kiota_abstractions.serialization import SerializationWriterFactoryRegistry
from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
from kiota_serialization_json.json_serialization_writer_factory import JsonSerializationWriterFactory
from msgraph_core import BaseGraphRequestAdapter
from msgraph_core.requests.batch_request_builder import BatchRequestBuilder
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem

JSON = "application/json"
ParseNodeFactoryRegistry().CONTENT_TYPE_ASSOCIATED_FACTORIES[JSON] = JsonParseNodeFactory()
writers = SerializationWriterFactoryRegistry().CONTENT_TYPE_ASSOCIATED_FACTORIES
writers[JSON] = JsonSerializationWriterFactory()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))["requests"]
        body = {"id": "1", "displayName": "Allen Allbrook"}
        answers = [
            {"id": one["id"], "status": 200, "headers": {"Content-Type": JSON}, "body": body}
            for one in asked
        ]
        sent = json.dumps({"responses": answers}).encode()
        self.send_response(200)
        self.send_header("content-type", JSON)
        self.send_header("content-length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_):
        pass


@dataclass
class User(Parsable):
    display_name: str = ""

    @staticmethod
    def create_from_discriminator_value(parse_node):
        return User()

    def get_field_deserializers(self):
        return {"displayName": lambda node: setattr(self, "display_name", node.get_str_value())}

    def serialize(self, writer):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
ROOT = f"http://127.0.0.1:{server.server_port}/v1.0"


async def run():
    adapter = BaseGraphRequestAdapter(AnonymousAuthenticationProvider())
    adapter.base_url = ROOT
    request = RequestInformation(Method.GET, f"{ROOT}/users/1", {})
    content = BatchRequestContent({"a": BatchRequestItem(request, id="a")})
    answers = await BatchRequestBuilder(adapter).post(content)
    answer = answers.get_response_by_id("a")
    print(f"status {answer.status}, {answer.content_type}, body {answer.body}")
    try:
        typed = answers.get_response_by_id("a", User)
    except ValueError as error:
        typed = error
    print(f"by its type: {typed!r}")
    assert (answer.status, answer.content_type, answer.body) == (200, JSON, None)
    assert isinstance(typed, ValueError), typed


asyncio.run(run())
PY
NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 venv/bin/python run.py
