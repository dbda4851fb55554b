"""MSAL for Python, unchanged and with its defaults, where Microsoft's hosts are simulated.

TENANT is the tenant's domain. The one argument names how to sign in. Each prints the names of the
users that Graph lists.
"""

import json
import os
import sys

import msal
import requests

TENANT = os.environ["TENANT"]
CLIENT_ID = "11111111-2222-3333-4444-555555555555"
AUTHORITY = f"https://login.microsoftonline.com/{TENANT}"
DEFAULT = ["https://graph.microsoft.com/.default"]


def secret():
    application = msal.ConfidentialClientApplication(
        CLIENT_ID, authority=AUTHORITY, client_credential="any-secret"
    )
    return application.acquire_token_for_client(DEFAULT)


FLOWS = {"secret": secret}

result = FLOWS[sys.argv[1]]()
assert "access_token" in result, result
answer = requests.get(
    "https://graph.microsoft.com/v1.0/users?$top=2",
    headers={"Authorization": f"Bearer {result['access_token']}"},
    timeout=60,
)
answer.raise_for_status()
print(json.dumps(answer.json()))
