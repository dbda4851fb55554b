//! The call of an operation, and the permissions for it.

use http::Method;

use super::objects::Type;
use super::refusal::Refusal;
use super::relations::Relation;
use super::route::{GroupPart, Key, Owner, Target, UserPart, View};

const READ_USERS: &[&str] =
    &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];

const WRITE_USERS: &[&str] = &["User.ReadWrite.All", "Directory.ReadWrite.All"];

const READ_GROUPS: &[&str] = &[
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

const WRITE_GROUPS: &[&str] = &["Group.ReadWrite.All", "Directory.ReadWrite.All"];

const WRITE_MEMBERS: &[&str] =
    &["GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"];

const WRITE_LICENSES: &[&str] = &[
    "LicenseAssignment.ReadWrite.All",
    "User.ReadWrite.All",
    "Group.ReadWrite.All",
    "Directory.ReadWrite.All",
];

const READ_OBJECTS: &[&str] =
    &["Directory.Read.All", "Directory.ReadWrite.All", "User.Read.All", "Group.Read.All"];

/// The permissions for calls that no action makes and `actions.toml` therefore lacks: one of them is
/// needed. Source: the permissions sections of each call in "Microsoft Graph REST API v1.0
/// reference".
pub const OTHERS: &[(&str, &[&str])] = &[
    ("PATCH /users/{id}", WRITE_USERS),
    ("GET /users/delta", READ_USERS),
    ("GET /domains", &["Domain.Read.All", "Domain.ReadWrite.All", "Directory.Read.All"]),
    (
        "GET /users/{id}/licenseDetails",
        &["LicenseAssignment.Read.All", "User.Read.All", "Directory.Read.All"],
    ),
    ("POST /users/{id}/reprocessLicenseAssignment", WRITE_LICENSES),
    (
        "POST /users/{id}/revokeSignInSessions",
        &["User.RevokeSessions.All", "User.ReadWrite.All", "Directory.ReadWrite.All"],
    ),
    ("POST /users/{id}/changePassword", &["Directory.AccessAsUser.All", "User.ReadWrite.All"]),
    ("GET /users/{id}/manager", READ_USERS),
    ("PUT /users/{id}/manager/$ref", WRITE_USERS),
    ("GET /users/{id}/directReports", READ_USERS),
    ("GET /users/{id}/ownedObjects", READ_USERS),
    (
        "GET /users/{id}/memberOf",
        &[
            "User.Read",
            "User.Read.All",
            "GroupMember.Read.All",
            "Group.Read.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
    ),
    ("GET /groups", READ_GROUPS),
    ("POST /groups", &["Group.Create", "Group.ReadWrite.All", "Directory.ReadWrite.All"]),
    ("PATCH /groups/{id}", WRITE_GROUPS),
    ("DELETE /groups/{id}", WRITE_GROUPS),
    ("POST /groups/{id}/assignLicense", WRITE_LICENSES),
    ("GET /groups/{id}/members", READ_GROUPS),
    ("POST /groups/{id}/members/$ref", WRITE_MEMBERS),
    ("POST /groups/{id}/owners/$ref", WRITE_GROUPS),
    ("GET /directoryObjects/{id}", READ_OBJECTS),
    ("POST /directoryObjects/getByIds", READ_OBJECTS),
    ("POST /directoryObjects/{id}/getMemberGroups", READ_GROUPS),
    ("GET /directory/deletedItems/microsoft.graph.user", READ_OBJECTS),
    (
        "POST /directory/deletedItems/{id}/restore",
        &["User.DeleteRestore.All", "User.ReadWrite.All", "Group.ReadWrite.All"],
    ),
    (
        "DELETE /directory/deletedItems/{id}",
        &["User.DeleteRestore.All", "User.ReadWrite.All", "Group.ReadWrite.All"],
    ),
    ("POST /invitations", &["User.Invite.All", "User.ReadWrite.All", "Directory.ReadWrite.All"]),
];

/// Returns the call of a method on a target, in the notation of `actions.toml`; empty for a batch.
pub fn template(method: &Method, target: &Target) -> Result<&'static str, Refusal> {
    let method = method.as_str();
    let found = match target {
        Target::User(key, part) => of_user(method, *key == Key::Me, part),
        Target::Group(_, part) => of_group(method, *part),
        Target::Related(owner, relation, view) => related(method, owner, *relation, view),
        target => of_rest(method, target),
    };
    found.ok_or_else(|| match (method, target) {
        ("PATCH", Target::Organization(_) | Target::Domain(_))
        | ("POST", Target::Domains)
        | ("DELETE", Target::Domain(_)) => Refusal::not_simulated(method),
        _ => Refusal::method(),
    })
}

fn of_user(method: &str, me: bool, part: &UserPart) -> Option<&'static str> {
    Some(match (method, part, me) {
        ("GET", UserPart::Itself, true) => "GET /me",
        ("GET", UserPart::Itself, false) => "GET /users/{id}",
        ("PATCH", UserPart::Itself, _) => "PATCH /users/{id}",
        ("DELETE", UserPart::Itself, _) => "DELETE /users/{id}",
        ("POST", UserPart::AssignLicense, _) => "POST /users/{id}/assignLicense",
        ("POST", UserPart::ReprocessLicenses, _) => "POST /users/{id}/reprocessLicenseAssignment",
        ("GET", UserPart::LicenseDetails | UserPart::LicenseDetail(_), _) => {
            "GET /users/{id}/licenseDetails"
        }
        ("POST", UserPart::SendMail, true) => "POST /me/sendMail",
        ("POST", UserPart::SendMail, false) => "POST /users/{id}/sendMail",
        ("POST", UserPart::RevokeSessions, _) => "POST /users/{id}/revokeSignInSessions",
        ("POST", UserPart::ChangePassword, _) => "POST /users/{id}/changePassword",
        _ => return None,
    })
}

fn of_group(method: &str, part: GroupPart) -> Option<&'static str> {
    Some(match (method, part) {
        ("GET", GroupPart::Itself) => "GET /groups",
        ("PATCH", GroupPart::Itself) => "PATCH /groups/{id}",
        ("DELETE", GroupPart::Itself) => "DELETE /groups/{id}",
        ("POST", GroupPart::AssignLicense) => "POST /groups/{id}/assignLicense",
        _ => return None,
    })
}

fn related(method: &str, owner: &Owner, relation: Relation, view: &View) -> Option<&'static str> {
    let adds = (method, view) == ("POST", &View::References);
    let removes = method == "DELETE" && matches!(view, View::Reference(_));
    Some(match (relation, adds || removes) {
        (Relation::Members, true) => "POST /groups/{id}/members/$ref",
        (Relation::Owners, true) => "POST /groups/{id}/owners/$ref",
        (Relation::Manager, _)
            if *view == View::References && matches!(method, "PUT" | "DELETE") =>
        {
            "PUT /users/{id}/manager/$ref"
        }
        _ if method != "GET" || matches!(view, View::Reference(_)) => return None,
        (Relation::Manager, _) => "GET /users/{id}/manager",
        (Relation::DirectReports, _) => "GET /users/{id}/directReports",
        (Relation::OwnedObjects, _) => "GET /users/{id}/ownedObjects",
        (Relation::MemberOf | Relation::TransitiveMemberOf, _)
            if matches!(owner, Owner::User(_)) =>
        {
            "GET /users/{id}/memberOf"
        }
        _ => "GET /groups/{id}/members",
    })
}

fn of_rest(method: &str, target: &Target) -> Option<&'static str> {
    Some(match (method, target) {
        ("GET", Target::All(Type::Group) | Target::Count(Type::Group)) => "GET /groups",
        ("POST", Target::All(Type::Group)) => "POST /groups",
        ("GET", Target::All(_) | Target::Count(_)) => "GET /users",
        ("POST", Target::All(_)) => "POST /users",
        ("GET", Target::UserDelta) => "GET /users/delta",
        ("GET", Target::Object(_)) => "GET /directoryObjects/{id}",
        ("POST", Target::ObjectsByIds) => "POST /directoryObjects/getByIds",
        ("POST", Target::Memberships(..)) => "POST /directoryObjects/{id}/getMemberGroups",
        ("GET", Target::Skus | Target::Sku(_)) => "GET /subscribedSkus",
        ("GET", Target::Organizations | Target::Organization(_)) => "GET /organization",
        ("GET", Target::Domains | Target::Domain(_)) => "GET /domains",
        ("GET", Target::DeletedItems(_) | Target::DeletedItem(_)) => {
            "GET /directory/deletedItems/microsoft.graph.user"
        }
        ("DELETE", Target::DeletedItem(_)) => "DELETE /directory/deletedItems/{id}",
        ("POST", Target::Restore(_)) => "POST /directory/deletedItems/{id}/restore",
        ("POST", Target::Invitations) => "POST /invitations",
        ("POST", Target::Batch) => "",
        _ => return None,
    })
}
