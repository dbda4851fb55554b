"""`msgraph-sdk` and `azure-identity`, unchanged and with their defaults."""

import asyncio
import base64
from uuid import UUID

from azure.identity import ClientSecretCredential, UsernamePasswordCredential
from calls import CLIENT_ID, TENANT, USER, serve
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphServiceClient
from msgraph.generated.models.assigned_license import AssignedLicense
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.group import Group
from msgraph.generated.models.invitation import Invitation
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.message import Message
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.password_profile import PasswordProfile
from msgraph.generated.models.recipient import Recipient
from msgraph.generated.models.reference_create import ReferenceCreate
from msgraph.generated.models.reference_update import ReferenceUpdate
from msgraph.generated.models.user import User
from msgraph.generated.users.item.assign_license import (
    assign_license_post_request_body as license_of_user,
)
from msgraph.generated.groups.item.assign_license import (
    assign_license_post_request_body as license_of_group,
)
from msgraph.generated.users.item.change_password.change_password_post_request_body import (
    ChangePasswordPostRequestBody,
)
from msgraph.generated.users.item.get_member_groups.get_member_groups_post_request_body import (
    GetMemberGroupsPostRequestBody,
)
from msgraph.generated.users.item.send_mail.send_mail_post_request_body import (
    SendMailPostRequestBody,
)
from msgraph_core import PageIterator
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem

ROOT = "https://graph.microsoft.com/v1.0"
EVENTUAL = {"ConsistencyLevel": "eventual"}

graph = GraphServiceClient(ClientSecretCredential(TENANT, CLIENT_ID, "any-secret"))
running = asyncio.new_event_loop()


def asking(builder, headers=(), **parameters):
    """The query of a GET."""
    kind = getattr(type(builder), f"{type(builder).__name__}GetQueryParameters")
    configuration = RequestConfiguration(query_parameters=kind(**parameters))
    for name, value in dict(headers).items():
        configuration.headers.add(name, value)
    return configuration


def ids(page):
    return [item.id for item in page.value]


def user(about):
    return graph.users.by_user_id(about["user"])


def group(about):
    return graph.groups.by_group_id(about["group"])


async def users(headers=(), **parameters):
    return await graph.users.get(asking(graph.users, headers, **parameters))


async def pages(first):
    found = []
    await PageIterator(first, graph.request_adapter).iterate(
        lambda item: found.append(item.id) or True
    )
    return found


async def create_user(about):
    created = await graph.users.post(
        User(
            account_enabled=True,
            display_name=about["displayName"],
            mail_nickname=about["mailNickname"],
            user_principal_name=about["userPrincipalName"],
            usage_location="AM",
            password_profile=PasswordProfile(password="Any-passw0rd"),
        )
    )
    return created.id


async def read_user(about):
    return (await user(about).get()).display_name


async def update_user(about):
    await user(about).patch(User(job_title=about["jobTitle"]))


async def delete_user(about):
    await user(about).delete()


async def deleted_users(_):
    return ids(await graph.directory.deleted_items.graph_user.get())


async def restore_user(about):
    await graph.directory.deleted_items.by_directory_object_id(about["user"]).restore.post()


async def purge_user(about):
    await graph.directory.deleted_items.by_directory_object_id(about["user"]).delete()


async def list_users(about):
    return await pages(await users(top=about["top"], select=["id"]))


async def filter_users(about):
    return ids(await users(filter=f"startsWith(displayName,'{about['start']}')"))


async def count_users(_):
    return await graph.users.count.get(asking(graph.users.count, EVENTUAL))


async def search_users(about):
    return ids(await users(EVENTUAL, search=f'"displayName:{about["word"]}"', count=True))


async def order_users(_):
    return ids(await users(EVENTUAL, orderby=["displayName"], count=True))


async def delta(about):
    page = await graph.users.delta.get(asking(graph.users.delta, select=["jobTitle"]))
    found = ids(page)
    while page.odata_next_link:
        page = await graph.users.delta.with_url(page.odata_next_link).get()
        found += ids(page)
    await update_user(about)
    changed = await graph.users.delta.with_url(page.odata_delta_link).get()
    return {"all": found, "changed": ids(changed)}


async def revoke_sessions(about):
    return (await user(about).revoke_sign_in_sessions.post()).value


async def change_password(about):
    credential = UsernamePasswordCredential(CLIENT_ID, USER, about["current"], tenant_id=TENANT)
    await GraphServiceClient(credential).me.change_password.post(
        ChangePasswordPostRequestBody(
            current_password=about["current"], new_password=about["next"]
        )
    )


async def invite(about):
    invitation = Invitation(
        invited_user_email_address=about["mail"], invite_redirect_url="https://contoso.com"
    )
    return (await graph.invitations.post(invitation)).invited_user.id


async def photo(about):
    await user(about).photo.get()


async def skus(_):
    return [str(sku.sku_id) for sku in (await graph.subscribed_skus.get()).value]


async def license_details(about):
    return [str(one.sku_id) for one in (await user(about).license_details.get()).value]


async def license_states(about):
    read = await user(about).get(asking(user(about), select=["licenseAssignmentStates"]))
    return [state.assigned_by_group for state in read.license_assignment_states]


async def assign_license(about):
    await user(about).assign_license.post(
        license_of_user.AssignLicensePostRequestBody(
            add_licenses=[AssignedLicense(sku_id=UUID(about["sku"]), disabled_plans=[])],
            remove_licenses=[],
        )
    )


async def remove_license(about):
    await user(about).assign_license.post(
        license_of_user.AssignLicensePostRequestBody(
            add_licenses=[], remove_licenses=[UUID(about["sku"])]
        )
    )


async def assign_group_license(about):
    await group(about).assign_license.post(
        license_of_group.AssignLicensePostRequestBody(
            add_licenses=[AssignedLicense(sku_id=UUID(about["sku"]), disabled_plans=[])],
            remove_licenses=[],
        )
    )


async def remove_group_license(about):
    await group(about).assign_license.post(
        license_of_group.AssignLicensePostRequestBody(
            add_licenses=[], remove_licenses=[UUID(about["sku"])]
        )
    )


async def organization(_):
    return [one.display_name for one in (await graph.organization.get()).value]


async def create_group(about):
    created = await graph.groups.post(
        Group(
            display_name=about["displayName"],
            mail_nickname=about["mailNickname"],
            mail_enabled=False,
            security_enabled=True,
        )
    )
    return created.id


async def list_groups(_):
    return await pages(await graph.groups.get())


async def search_groups(about):
    query = asking(graph.groups, EVENTUAL, search=f'"displayName:{about["word"]}"')
    return ids(await graph.groups.get(query))


async def read_group(about):
    return (await group(about).get()).display_name


async def update_group(about):
    await group(about).patch(Group(description=about["description"]))


async def delete_group(about):
    await group(about).delete()


async def add_member(about):
    reference = ReferenceCreate(odata_id=f"{ROOT}/directoryObjects/{about['user']}")
    await group(about).members.ref.post(reference)


async def members(about):
    return ids(await group(about).members.get())


async def remove_member(about):
    await group(about).members.by_directory_object_id(about["user"]).ref.delete()


async def add_owner(about):
    reference = ReferenceCreate(odata_id=f"{ROOT}/users/{about['user']}")
    await group(about).owners.ref.post(reference)


async def owners(about):
    return ids(await group(about).owners.get())


async def member_of(about):
    return ids(await user(about).member_of.graph_group.get())


async def transitive_member_of(about):
    return ids(await user(about).transitive_member_of.get())


async def member_groups(about):
    body = GetMemberGroupsPostRequestBody(security_enabled_only=False)
    return (await user(about).get_member_groups.post(body)).value


async def set_manager(about):
    reference = ReferenceUpdate(odata_id=f"{ROOT}/users/{about['manager']}")
    await user(about).manager.ref.put(reference)


async def manager(about):
    return (await user(about).manager.get()).id


async def expand_manager(about):
    query = asking(user(about), expand=["manager($select=id,displayName)"])
    return (await user(about).get(query)).manager.id


async def remove_manager(about):
    await user(about).manager.ref.delete()


async def direct_reports(about):
    return ids(await user(about).direct_reports.get())


def mail(about):
    message = Message(
        subject=about["subject"],
        body=ItemBody(content_type=BodyType.Html, content="<p>Welcome</p>"),
        to_recipients=[Recipient(email_address=EmailAddress(address=about["to"]))],
    )
    return SendMailPostRequestBody(message=message, save_to_sent_items=False)


async def send_mail(about):
    await user(about).send_mail.post(mail(about))


async def send_mime(about):
    builder = user(about).send_mail
    request = builder.to_post_request_information(SendMailPostRequestBody())
    request.headers.remove("Content-Type")
    content = base64.b64encode(about["mime"].encode())
    request.set_stream_content(content, "text/plain")
    await graph.request_adapter.send_no_response_content_async(request, {"XXX": ODataError})


async def batch(about):
    """Of each response msgraph-core 1.5.2 keeps the status alone: findings/msgraph-batch-bodies.sh."""
    requests = {}
    for user_id in about["users"]:
        deleted = graph.directory.deleted_items.by_directory_object_id(user_id)
        request = BatchRequestItem(deleted.to_delete_request_information(), id=user_id)
        # It has the host, too, once the client has asked for anything.
        request.set_url(f"/directory/deletedItems/{user_id}")
        requests[user_id] = request
    answers = await graph.batch.post(BatchRequestContent(requests))
    statuses = answers.get_response_status_codes()
    assert set(statuses.values()) == {204}, statuses


def made(call):
    return lambda about: running.run_until_complete(call(about))


serve(
    {
        call.__name__.replace("_", "-"): made(call)
        for call in list(globals().values())
        if asyncio.iscoroutinefunction(call) and call.__module__ == __name__
        and call not in (users, pages)
    }
)
