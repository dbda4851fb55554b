"""The calls of one client, which the test asks for one at a time.

The test writes a line of JSON: the name of a call, and what it is about. The answer is a line, too:
what the client learned, the text of its error, or that it has no such call.
"""

import inspect
import json
import os
import pathlib
import re
import sys

TENANT = os.environ["TENANT"]
USER = os.environ["USER"]
CLIENT_ID = "11111111-2222-3333-4444-555555555555"

# A client may print to the standard output, which is the test's.
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


class Absent(Exception):
    """The client has no such call."""


def absent(package, pattern):
    """A call that the client lacks: nothing in its code makes such a request."""

    def look(_):
        path = pathlib.Path(inspect.getfile(package))
        files = path.parent.rglob("*.py") if path.name == "__init__.py" else [path]
        for file in files:
            found = re.search(pattern, file.read_text())
            assert not found, f"{file} has {found and found[0]!r}"
        raise Absent

    return look


def answer(call, about):
    try:
        return {"learned": call(about)}
    except Absent:
        return {"absent": True}
    except Exception as error:  # Whatever a client raises is for the test to judge.
        return {"error": f"{type(error).__name__}: {error}"}


def serve(calls):
    """Makes the calls that the test asks for, until it has no more."""
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(answer(calls[asked["call"]], asked["about"])), file=ANSWERS, flush=True)
