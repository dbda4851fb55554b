"""Microsoft's own `msgraph-sdk` and `azure-identity`, unchanged, on a simulated tenant.

GRAPH is Graph's version root, LOGIN the sign-in host, TENANT the tenant's domain. The one
argument names what is done.
"""

import asyncio
import json
import os
import sys
from uuid import UUID

from azure.identity import ClientSecretCredential
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.assigned_license import AssignedLicense
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.message import Message
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.password_profile import PasswordProfile
from msgraph.generated.models.recipient import Recipient
from msgraph.generated.models.user import User
from msgraph.generated.users.item.assign_license.assign_license_post_request_body import (
    AssignLicensePostRequestBody,
)
from msgraph.generated.users.item.send_mail.send_mail_post_request_body import (
    SendMailPostRequestBody,
)
from msgraph.generated.users.item.user_item_request_builder import UserItemRequestBuilder
from msgraph.generated.users.users_request_builder import UsersRequestBuilder
from msgraph_core import GraphClientFactory

GRAPH = os.environ["GRAPH"]
LOGIN = os.environ["LOGIN"]
TENANT = os.environ["TENANT"]
SPE_E5 = UUID("06ebc4ee-1bb5-47dd-8120-11324bc54e06")


def client():
    credential = ClientSecretCredential(
        TENANT,
        "11111111-2222-3333-4444-555555555555",
        "any-secret",
        authority=LOGIN,
        disable_instance_discovery=True,
    )
    provider = AzureIdentityAuthenticationProvider(
        credential,
        scopes=["https://graph.microsoft.com/.default"],
        allowed_hosts=["localhost", "127.0.0.1"],
    )
    adapter = GraphRequestAdapter(
        provider, GraphClientFactory.create_with_default_middleware(host=GRAPH)
    )
    adapter.base_url = GRAPH
    return GraphServiceClient(request_adapter=adapter)


def new_user(nickname):
    return User(
        account_enabled=True,
        display_name="Allen Allbrook",
        mail_nickname=nickname,
        user_principal_name=f"{nickname}@{TENANT}",
        usage_location="AM",
        password_profile=PasswordProfile(
            password="Any-passw0rd", force_change_password_next_sign_in=True
        ),
    )


async def refused(call):
    try:
        await call
    except ODataError as error:
        return error
    raise AssertionError("it was not refused")


def selecting(*names, **options):
    query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(
        select=list(names), **options
    )
    configuration = RequestConfiguration(query_parameters=query)
    if "filter" in options:
        configuration.headers.add("ConsistencyLevel", "eventual")
    return configuration


async def actions(graph):
    """Creates, licenses, reads, mails and deletes a user."""
    skus = await graph.subscribed_skus.get()
    sku = next(sku for sku in skus.value if sku.sku_id == SPE_E5)
    assert sku.sku_part_number == "SPE_E5", sku.sku_part_number
    assert sku.prepaid_units.enabled > sku.consumed_units, sku.consumed_units

    created = await graph.users.post(new_user("allen"))
    assert created.user_principal_name == f"allen@{TENANT}", created.user_principal_name
    conflict = await refused(graph.users.post(new_user("allen")))
    assert conflict.response_status_code == 400, conflict.response_status_code
    assert conflict.error.code == "Request_BadRequest", conflict.error.code
    assert conflict.error.details[0].code == "ObjectConflict", conflict.error.details
    assert conflict.error.inner_error.request_id, conflict.error.inner_error

    user = graph.users.by_user_id(created.id)
    plan = sku.service_plans[0].service_plan_id
    licensed = await user.assign_license.post(
        AssignLicensePostRequestBody(
            add_licenses=[AssignedLicense(sku_id=SPE_E5, disabled_plans=[plan])],
            remove_licenses=[],
        )
    )
    assert licensed.id == created.id
    query = UserItemRequestBuilder.UserItemRequestBuilderGetQueryParameters(
        select=["assignedLicenses", "usageLocation", "accountEnabled"]
    )
    read = await graph.users.by_user_id(f"allen@{TENANT}").get(
        RequestConfiguration(query_parameters=query)
    )
    assert read.usage_location == "AM" and read.account_enabled, read
    (license,) = read.assigned_licenses
    assert license.sku_id == SPE_E5 and license.disabled_plans == [plan], license
    details = await user.license_details.get()
    assert details.value[0].sku_part_number == "SPE_E5", details.value

    found = await graph.users.get(
        selecting(
            "id",
            "displayName",
            filter=f"assignedLicenses/$count ne 0 and startswith(userPrincipalName,'allen@')",
            count=True,
        )
    )
    assert found.odata_count == 1 and found.value[0].id == created.id, found.odata_count

    sender = graph.users.by_user_id(os.environ["SENDER"])
    message = Message(
        subject="Your account",
        body=ItemBody(content_type=BodyType.Html, content="<p>Welcome</p>"),
        to_recipients=[Recipient(email_address=EmailAddress(address=f"allen@{TENANT}"))],
    )
    await sender.send_mail.post(SendMailPostRequestBody(message=message, save_to_sent_items=False))

    await user.delete()
    absent = await refused(user.get())
    assert absent.response_status_code == 404, absent.response_status_code
    assert absent.error.code == "Request_ResourceNotFound", absent.error.code


async def pages(graph):
    """Walks all pages of a large tenant, and counts those with licences."""
    page = await graph.users.get(selecting("id", "userPrincipalName", top=500))
    names = {user.user_principal_name for user in page.value}
    while page.odata_next_link:
        page = await graph.users.with_url(page.odata_next_link).get()
        names.update(user.user_principal_name for user in page.value)
    licensed = await graph.users.get(
        selecting("id", filter="assignedLicenses/$count ne 0", count=True, top=1)
    )
    print(json.dumps({"users": len(names), "licensed": licensed.odata_count}))


async def throttled(graph):
    """Reads until the tenant has throttled the client, whose retry handler waits."""
    for _ in range(6):
        await graph.users.by_user_id(os.environ["SENDER"]).get()


WHAT = {"actions": actions, "pages": pages, "throttled": throttled}

asyncio.run(WHAT[sys.argv[1]](client()))
