#!/usr/bin/env bash
# Software: haralyzer 2.4.0 of PyPI.
#
# Guess: `text` of a response is None or empty where the file has no `content.text`, which HAR 1.2 makes
# optional, as `text` of a request is None where it has no `postData`.
#
# Behaviour: it raises a KeyError, and a look for a word in all responses ends at the first 204. A body in
# base64 is returned as it is in the file, without a sign.
#
# Why it matters: a writer of HAR files that wants to be read gives an empty body as `"text": ""`.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install --quiet haralyzer==2.4.0

cat > read.py <<'PY'
from haralyzer import HarParser


def entry(method, status, content):
    return {
        "startedDateTime": "2026-01-15T09:30:01.000Z",
        "time": 1,
        "request": {
            "method": method, "url": "https://graph.microsoft.com/v1.0/users/1",
            "httpVersion": "HTTP/1.1", "cookies": [], "headers": [], "queryString": [],
            "headersSize": -1, "bodySize": 0,
        },
        "response": {
            "status": status, "statusText": "", "httpVersion": "HTTP/1.1", "cookies": [],
            "headers": [], "content": content, "redirectURL": "", "headersSize": -1, "bodySize": 0,
        },
        "cache": {},
        "timings": {"send": 0, "wait": 1, "receive": 0},
    }


def text(message):
    try:
        return message.text
    except KeyError as error:
        return f"KeyError: {error}"


entries = [
    entry("DELETE", 204, {"size": 0, "mimeType": ""}),
    entry("DELETE", 204, {"size": 0, "mimeType": "", "text": ""}),
    entry("GET", 200, {"size": 2, "mimeType": "text/plain", "encoding": "base64", "text": "b2s="}),
]
log = {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": entries}
(page,) = HarParser({"log": log}).pages
seen = [(text(entry.request), text(entry.response)) for entry in page.entries]
print("texts of request and response:", *seen)
assert seen == [(None, "KeyError: 'text'"), (None, ""), (None, "b2s=")], seen
PY
venv/bin/python read.py
