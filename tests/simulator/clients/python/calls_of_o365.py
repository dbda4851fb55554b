"""`O365`, unchanged and with its defaults."""

import O365.directory
import O365.groups
from O365 import Account, FileSystemTokenBackend
from O365.utils import QueryBuilder
from calls import CLIENT_ID, TENANT, absent, serve

account = Account(
    (CLIENT_ID, "any-secret"),
    auth_flow_type="credentials",
    tenant_id=TENANT,
    token_backend=FileSystemTokenBackend(token_filename="o365.token"),
    # What `$search` needs, and the client does not add by itself.
    default_headers={"ConsistencyLevel": "eventual"},
)
assert account.authenticate()
directory = account.directory(resource="users")
groups = account.groups()
query = QueryBuilder(protocol=account.protocol)


def ids(items):
    return [item.object_id for item in items]


def group(about):
    return groups.get_group_by_id(about["group"])


def send_mail(about):
    message = account.mailbox(resource=about["user"]).new_message()
    message.to.add(about["to"])
    message.subject = about["subject"]
    message.body = "Welcome"
    assert message.send(save_to_sent_folder=False)


def photo(about):
    """The client takes every refusal for a user without a photo, and logs it."""
    return directory.get_user(about["user"]).get_profile_photo() is not None


WRITES = r"con\.(patch|put|delete)\("


def no_write(name):
    """Of users, the client invites guests and changes photos."""
    return absent(O365.directory, rf"def {name}")


serve(
    {
        "create-user": no_write("(create|add|new)_user"),
        "read-user": lambda about: directory.get_user(about["user"]).display_name,
        "update-user": no_write("update_user"),
        "delete-user": no_write("delete"),
        "deleted-users": absent(O365, "deletedItems.*user"),
        "restore-user": absent(O365.directory, "restore"),
        "purge-user": absent(O365.directory, "(?i)permanent|purge|deletedItems"),
        "list-users": lambda about: ids(directory.get_users(limit=999, batch=about["top"])),
        "filter-users": lambda about: ids(
            directory.get_users(query=query.startswith("displayName", about["start"]))
        ),
        "count-users": absent(O365.directory, r"\$count"),
        "search-users": lambda about: ids(
            directory.get_users(query=query.search(about["word"], "displayName"))
        ),
        "order-users": lambda _: ids(directory.get_users(order_by="displayName")),
        "delta": absent(O365.directory, "delta"),
        "revoke-sessions": absent(O365, "revokeSignInSessions"),
        "change-password": absent(O365, "changePassword"),
        "invite": lambda about: directory.invite_user(about["mail"], "https://contoso.com")[
            "invitedUser"
        ]["id"],
        "photo": photo,
        "skus": absent(O365, "subscribedSkus"),
        "assign-license": absent(O365, "assignLicense"),
        "remove-license": absent(O365, "assignLicense"),
        "license-details": absent(O365, "licenseDetails"),
        "license-states": lambda about: [
            state["assignedByGroup"]
            for state in directory.get_user(
                about["user"], query=query.select("licenseAssignmentStates")
            ).license_assignment_states
        ],
        "assign-group-license": absent(O365, "assignLicense"),
        "remove-group-license": absent(O365, "assignLicense"),
        "organization": absent(O365, "/organization"),
        "create-group": absent(O365.groups, r"con\.post\("),
        "list-groups": lambda _: ids(groups.list_groups()),
        "search-groups": lambda about: ids([groups.get_group_by_mail(about["mail"])]),
        "read-group": lambda about: group(about).display_name,
        "update-group": absent(O365.groups, WRITES),
        "delete-group": absent(O365.groups, WRITES),
        "add-member": absent(O365.groups, r"con\.post\("),
        "members": lambda about: ids(group(about).get_group_members()),
        "remove-member": absent(O365.groups, WRITES),
        "add-owner": absent(O365.groups, r"con\.post\("),
        "owners": lambda about: ids(group(about).get_group_owners()),
        "member-of": lambda about: ids(groups.get_user_groups(about["user"], limit=999)),
        "transitive-member-of": absent(O365, "transitiveMemberOf"),
        "member-groups": absent(O365, "getMemberGroups"),
        "set-manager": absent(O365, r"manager/\$ref"),
        "manager": lambda about: directory.get_user_manager(about["user"]).object_id,
        "expand-manager": absent(O365.directory, "expand"),
        "remove-manager": absent(O365, r"manager/\$ref"),
        "direct-reports": lambda about: ids(directory.get_user_direct_reports(about["user"])),
        "send-mail": send_mail,
        "send-mime": absent(O365.message, "text/plain"),
        "batch": absent(O365, r"\$batch"),
    }
)
