"""Runs the calls of stdin, some at a time, as `docs/embed/embed.py` does it, and writes how each
ended, a line each."""

import json
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from embed import ActionError, Connector


def kebab(fields):
    name = lambda name: re.sub("[A-Z]", lambda letter: "-" + letter[0].lower(), name)
    return {name(key): value for key, value in fields.items()}


def run(number, call):
    start = time.monotonic()
    try:
        ended = {"result": connector.call(call["action"], call["input"], call["limit"])}
    except ActionError as error:
        ended = {"error": error.error}
    except Exception as error:
        ended = {"broken": f"{type(error).__name__}: {error}"}
    line = {"number": number, "seconds": time.monotonic() - start, **ended}
    sys.stdout.write(json.dumps(line) + "\n")


asked = json.load(sys.stdin)
calls = asked["calls"]
connections = {call["connection"]["id"]: kebab(call["connection"]) for call in calls}
connector = Connector(asked["component"], asked["schemas"], connections)
with ThreadPoolExecutor(asked["atOnce"]) as pool:
    list(pool.map(run, range(len(calls)), calls))
