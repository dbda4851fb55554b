"""`Office365-REST-Python-Client`, unchanged and with its defaults."""

from urllib.parse import parse_qs, urlsplit

import office365.directory.groups
import office365.outlook.mail
from calls import CLIENT_ID, TENANT, USER, absent, serve
from office365.directory.groups.profile import GroupProfile
from office365.directory.users.password_profile import PasswordProfile
from office365.directory.users.profile import UserProfile
from office365.graph_client import GraphClient

graph = GraphClient(tenant=TENANT).with_client_secret(CLIENT_ID, "any-secret")


def ids(items):
    return [item.id for item in items]


def user(about):
    return graph.users[about["user"]]


def group(about):
    return graph.groups[about["group"]]


def create_user(about):
    profile = UserProfile(
        about["userPrincipalName"],
        PasswordProfile("Any-passw0rd"),
        about["mailNickname"],
        about["displayName"],
        accountEnabled=True,
    )
    return graph.users.add(profile).execute_query().id


def update_user(about):
    user(about).set_property("jobTitle", about["jobTitle"]).update().execute_query()


def delta(about):
    """Its `delta_token` is always None: findings/office365-delta-token.sh."""
    pages = []
    graph.pending_request().afterExecute += pages.append
    first = graph.users.delta.get_all().execute_query()
    link = pages[-1].json()["@odata.deltaLink"]
    (token,) = parse_qs(urlsplit(link).query)["$deltatoken"]
    update_user(about)
    changed = graph.users.delta
    changed.query_options.custom["$deltatoken"] = token
    return {"all": ids(first), "changed": ids(read(changed))}


def with_eventual(**custom):
    """The users, by an advanced query."""
    found = graph.users.consistency_level("eventual")
    found.query_options.custom.update(custom)
    return found


def search_users(about):
    return ids(read(with_eventual(**{"$search": f'"displayName:{about["word"]}"'})))


def order_users(_):
    """Its `order_by` asks for `$order_by`: findings/office365-order-by.sh."""
    return ids(read(with_eventual(**{"$orderby": "displayName"})))


def search_groups(about):
    found = graph.groups.consistency_level("eventual")
    found.query_options.custom["$search"] = f'"displayName:{about["word"]}"'
    return ids(read(found))


def expand_manager(about):
    return read(user(about).expand(["manager"])).manager.id


def assign_license(about):
    done(user(about).assign_license([about["sku"]]))


def remove_license(about):
    done(user(about).assign_license([], [about["sku"]]))


def license_states(about):
    states = read(user(about).select(["licenseAssignmentStates"])).license_assignment_states
    return [state.assignedByGroup for state in states]


def revoke_sessions(about):
    return user(about).revoke_signin_sessions().execute_query().value


def change_password(about):
    signed_in = GraphClient(tenant=TENANT).with_username_and_password(
        CLIENT_ID, USER, about["current"]
    )
    done(signed_in.me.change_password(about["current"], about["next"]))


def invite(about):
    invitation = graph.invitations.create(about["mail"], "https://contoso.com").execute_query()
    return invitation.invited_user.id


def create_group(about):
    profile = GroupProfile(about["mailNickname"], about["displayName"])
    return graph.groups.add(profile).execute_query().id


def update_group(about):
    done(group(about).set_property("description", about["description"]).update())


def add(collection, about):
    collection.add(graph.users[about["user"]])
    graph.execute_query()


def set_manager(about):
    user(about).assign_manager(about["manager"])
    graph.execute_query()


def send_mail(about):
    done(user(about).send_mail(about["subject"], "Welcome", [about["to"]]))


def batch(about):
    for user_id in about["users"]:
        graph.directory.deleted_users[user_id].delete_object()
    graph.execute_batch()


def read(item):
    return item.get().execute_query()


def done(item):
    item.execute_query()


GROUPS = office365.directory.groups

serve(
    {
        "create-user": create_user,
        "read-user": lambda about: read(user(about)).display_name,
        "update-user": update_user,
        "delete-user": lambda about: done(user(about).delete_object()),
        "deleted-users": lambda _: ids(read(graph.directory.deleted_users)),
        "restore-user": lambda about: done(graph.directory.deleted_users[about["user"]].restore()),
        "purge-user": lambda about: done(
            graph.directory.deleted_users[about["user"]].delete_object()
        ),
        "list-users": lambda about: ids(graph.users.get_all(about["top"]).execute_query()),
        "filter-users": lambda about: ids(
            read(graph.users.filter(f"startsWith(displayName,'{about['start']}')"))
        ),
        "count-users": lambda _: graph.users.count().execute_query().value,
        "search-users": search_users,
        "order-users": order_users,
        "delta": delta,
        "revoke-sessions": revoke_sessions,
        "change-password": change_password,
        "invite": invite,
        "photo": lambda about: done(user(about).photo.get()),
        "skus": lambda _: [sku.sku_id for sku in read(graph.subscribed_skus)],
        "assign-license": assign_license,
        "remove-license": remove_license,
        "license-details": lambda about: [
            one.sku_id for one in read(user(about).license_details)
        ],
        "license-states": license_states,
        "assign-group-license": absent(GROUPS, "assignLicense"),
        "remove-group-license": absent(GROUPS, "assignLicense"),
        "organization": lambda _: [one.display_name for one in read(graph.organization)],
        "create-group": create_group,
        "list-groups": lambda _: ids(graph.groups.get_all().execute_query()),
        "search-groups": search_groups,
        "read-group": lambda about: read(group(about)).display_name,
        "update-group": update_group,
        "delete-group": lambda about: done(group(about).delete_object()),
        "add-member": lambda about: add(group(about).members, about),
        "members": lambda about: ids(read(group(about).members)),
        "remove-member": lambda about: done(group(about).members.remove(about["user"])),
        "add-owner": lambda about: add(group(about).owners, about),
        "owners": lambda about: ids(read(group(about).owners)),
        "member-of": lambda about: ids(read(user(about).member_of)),
        "transitive-member-of": lambda about: ids(read(user(about).transitive_member_of)),
        "member-groups": lambda about: list(
            user(about).get_member_groups(False).execute_query().value
        ),
        "set-manager": set_manager,
        "manager": lambda about: read(user(about).manager).id,
        "expand-manager": expand_manager,
        "remove-manager": lambda about: done(user(about).remove_manager()),
        "direct-reports": lambda about: ids(read(user(about).direct_reports)),
        "send-mail": send_mail,
        "send-mime": absent(office365.outlook.mail, "text/plain"),
        "batch": batch,
    }
)
