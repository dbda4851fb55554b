"""Uses the client of openapi-python-client: creates a user, reads the result, and reads the error."""

import json
import os

from o365 import AuthenticatedClient
from o365.api.actions_with_accounts import create_user
from o365.models import Account, CreateUserInput, Problem

INPUT = CreateUserInput(
    service_id=os.environ["SKU"],
    display_name="Allen Allbrook",
    mail_nickname=os.environ["NICKNAME"],
    password="Any-passw0rd",
    usage_location="AM",
)

with AuthenticatedClient(base_url=os.environ["URL"], token=os.environ["KEY"]) as client:
    account = create_user.sync(client=client, body=INPUT)
    assert isinstance(account, Account), account
    refused = create_user.sync_detailed(client=client, body=INPUT)
    problem = refused.parsed
    assert isinstance(problem, Problem), problem

print(json.dumps({
    "created": account.user_principal_name,
    "licenses": len(account.assigned_licenses),
    "status": refused.status_code,
    "kind": problem.error.kind,
}))
