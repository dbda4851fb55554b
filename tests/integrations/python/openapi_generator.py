"""Uses the client of openapi-generator: creates a user, reads the result, and reads the error."""

import json
import os

import o365

INPUT = o365.CreateUserInput(
    service_id=os.environ["SKU"],
    display_name="Allen Allbrook",
    mail_nickname=os.environ["NICKNAME"],
    password="Any-passw0rd",
    usage_location="AM",
)

configuration = o365.Configuration(host=os.environ["URL"], access_token=os.environ["KEY"])
with o365.ApiClient(configuration) as client:
    accounts = o365.ActionsWithAccountsApi(client)
    account = accounts.create_user(INPUT)
    assert isinstance(account, o365.Account), account
    try:
        accounts.create_user(INPUT)
    except o365.ApiException as raised:
        status, problem = raised.status, raised.data
    assert isinstance(problem, o365.Problem), problem
    assert isinstance(problem.error, o365.ActionError), problem

print(json.dumps({
    "created": account.user_principal_name,
    "licenses": len(account.assigned_licenses),
    "status": status,
    "kind": problem.error.kind,
}))
