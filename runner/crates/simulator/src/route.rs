//! The operation of a method and a path.

use http::Method;
use percent_encoding::percent_decode_str;

use super::objects::Type;
use super::permissions;
use super::refusal::Refusal;
use super::relations::Relation;
use graph::names;

/// The target of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// All objects of a type: `/users`, `/groups`.
    All(Type),
    /// `/users/$count` and `/groups/$count`.
    Count(Type),
    /// `/users/delta`.
    UserDelta,
    /// `/users/{id}` and what is below it.
    User(Key, UserPart),
    /// `/groups/{id}` and what is below it.
    Group(String, GroupPart),
    /// The objects to which an object refers.
    Related(Owner, Relation, View),
    /// `/directoryObjects/{id}`.
    Object(String),
    /// `/directoryObjects/getByIds`.
    ObjectsByIds,
    /// `getMemberGroups` and its like on an object.
    Memberships(Owner, MembershipQuery),
    /// `/subscribedSkus`.
    Skus,
    /// `/subscribedSkus/{id}`.
    Sku(String),
    /// `/organization`.
    Organizations,
    /// `/organization/{id}`.
    Organization(String),
    /// `/domains`.
    Domains,
    /// `/domains/{id}`.
    Domain(String),
    /// `/directory/deletedItems/microsoft.graph.user` and its like.
    DeletedItems(Type),
    /// `/directory/deletedItems/{id}`.
    DeletedItem(String),
    /// `/directory/deletedItems/{id}/restore`.
    Restore(String),
    /// `/invitations`.
    Invitations,
    /// `/$batch`.
    Batch,
}

/// The user of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// `/me`: the signed-in user.
    Me,
    /// The user with this object id or user principal name.
    Of(String),
}

/// The object of a path that refers to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A user.
    User(Key),
    /// The group with this id.
    Group(String),
    /// The object with this id.
    Any(String),
}

/// What is below a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserPart {
    /// The user.
    Itself,
    /// `assignLicense`.
    AssignLicense,
    /// `reprocessLicenseAssignment`.
    ReprocessLicenses,
    /// `licenseDetails`.
    LicenseDetails,
    /// `licenseDetails/{id}`.
    LicenseDetail(String),
    /// `sendMail`.
    SendMail,
    /// `revokeSignInSessions`.
    RevokeSessions,
    /// `changePassword`.
    ChangePassword,
}

/// What is below a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupPart {
    /// The group.
    Itself,
    /// `assignLicense`.
    AssignLicense,
}

/// How related objects are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// As objects, all or those of a type.
    Objects(Type),
    /// `$count`.
    Count(Type),
    /// `$ref`: as references.
    References,
    /// `{id}/$ref`: one reference.
    Reference(String),
}

/// A question about the groups of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MembershipQuery {
    /// `getMemberGroups` and `getMemberObjects`: all groups.
    All,
    /// `checkMemberGroups` and `checkMemberObjects`: those of the request.
    Among,
}

/// A method on a target.
#[derive(Clone, Debug)]
pub struct Operation {
    pub target: Target,
    /// The call in the notation of `actions.toml`; empty for a batch.
    pub template: &'static str,
}

impl Operation {
    /// Finds the operation of a method and a path below the version root.
    pub fn find(method: &Method, path: &str) -> Result<Self, Refusal> {
        let target = target(&segments(path))?;
        let template = permissions::template(method, &target)?;
        Ok(Self { target, template })
    }

    /// Returns whether Exchange executes the operation, in place of the directory.
    pub fn is_mail(&self) -> bool {
        matches!(self.target, Target::User(_, UserPart::SendMail))
    }

    /// Returns whether the operation is on the signed-in user.
    pub fn is_me(&self) -> bool {
        matches!(self.target, Target::User(Key::Me, _))
    }
}

/// Returns the decoded segments of a path. Empty ones are ignored, as Graph does, and
/// `users('key')` means `users/key`, and `delta()` means `delta`.
fn segments(path: &str) -> Vec<String> {
    let mut segments = Vec::new();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        let segment = percent_decode_str(segment).decode_utf8_lossy().into_owned();
        let keyed = segment.split_once("('").and_then(|(name, key)| {
            Some((name.to_owned(), key.strip_suffix("')")?.replace("''", "'")))
        });
        match keyed {
            Some((name, key)) => segments.extend([name, key]),
            None => segments.push(segment.strip_suffix("()").unwrap_or(&segment).to_owned()),
        }
    }
    segments
}

/// Finds the target of a path, whose names may have any case.
fn target(segments: &[String]) -> Result<Target, Refusal> {
    let named: Vec<String> = segments.iter().map(|segment| name(segment)).collect();
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    let id = || segments.get(1).cloned().unwrap_or_default();
    let third = || segments.get(2).cloned().unwrap_or_default();
    Ok(match *named.as_slice() {
        ["directoryobjects" | "users" | "groups", "getbyids"] => Target::ObjectsByIds,
        ["users"] => Target::All(Type::User),
        ["users", "$count"] => Target::Count(Type::User),
        ["users", "delta"] => Target::UserDelta,
        ["me", ref below @ ..] => of_user(Key::Me, below, segments.get(1..))?,
        ["users", _, ref below @ ..] => of_user(Key::Of(id()), below, segments.get(2..))?,
        ["groups"] => Target::All(Type::Group),
        ["groups", "$count"] => Target::Count(Type::Group),
        ["groups", "delta"] => return Err(Refusal::not_simulated("groups/delta")),
        ["groups", _, ref below @ ..] => of_group(id(), below, segments.get(2..))?,
        ["directoryobjects", _] => Target::Object(id()),
        ["directoryobjects", _, ref below @ ..] => {
            related(Owner::Any(id()), Type::Any, below, segments.get(2..))?
        }
        ["subscribedskus"] => Target::Skus,
        ["subscribedskus", _] => Target::Sku(id()),
        ["organization"] => Target::Organizations,
        ["organization", _] => Target::Organization(id()),
        ["domains"] => Target::Domains,
        ["domains", _] => Target::Domain(id()),
        ["directory", "deleteditems", "user"] => Target::DeletedItems(Type::User),
        ["directory", "deleteditems", "group"] => Target::DeletedItems(Type::Group),
        ["directory", "deleteditems", _, "restore"] => Target::Restore(third()),
        ["directory", "deleteditems", "user" | "group", _, "restore"] => {
            Target::Restore(segments.get(3).cloned().unwrap_or_default())
        }
        ["directory", "deleteditems", "user" | "group", _] => {
            Target::DeletedItem(segments.get(3).cloned().unwrap_or_default())
        }
        ["directory", "deleteditems", _, ..] if is_cast(&third()) => {
            return Err(Refusal::not_simulated(&third()));
        }
        ["directory", "deleteditems", _] => Target::DeletedItem(third()),
        ["invitations"] => Target::Invitations,
        ["$batch"] => Target::Batch,
        _ => return Err(missing(segments)),
    })
}

fn of_user(key: Key, below: &[&str], segments: Option<&[String]>) -> Result<Target, Refusal> {
    let part = match *below {
        [] => UserPart::Itself,
        ["assignlicense"] => UserPart::AssignLicense,
        ["reprocesslicenseassignment"] => UserPart::ReprocessLicenses,
        ["licensedetails"] => UserPart::LicenseDetails,
        ["licensedetails", _] => {
            let id = segments.and_then(|own| own.get(1)).cloned();
            UserPart::LicenseDetail(id.unwrap_or_default())
        }
        ["sendmail"] => UserPart::SendMail,
        ["revokesigninsessions"] => UserPart::RevokeSessions,
        ["changepassword"] => UserPart::ChangePassword,
        _ => return related(Owner::User(key), Type::User, below, segments),
    };
    Ok(Target::User(key, part))
}

fn of_group(id: String, below: &[&str], segments: Option<&[String]>) -> Result<Target, Refusal> {
    Ok(match *below {
        [] => Target::Group(id, GroupPart::Itself),
        ["assignlicense"] => Target::Group(id, GroupPart::AssignLicense),
        _ => return related(Owner::Group(id), Type::Group, below, segments),
    })
}

/// Finds a relation or a question about groups of an object of the type `kind`.
fn related(
    owner: Owner,
    kind: Type,
    below: &[&str],
    segments: Option<&[String]>,
) -> Result<Target, Refusal> {
    let written = |index: usize| segments.and_then(|own| own.get(index)).cloned();
    let first = below.first().copied().unwrap_or_default();
    let query = match below {
        ["getmembergroups" | "getmemberobjects"] => Some(MembershipQuery::All),
        ["checkmembergroups" | "checkmemberobjects"] => Some(MembershipQuery::Among),
        _ => None,
    };
    if let Some(query) = query {
        return Ok(Target::Memberships(owner, query));
    }
    let no_relation = || missing_part(kind, &written(0).unwrap_or_default());
    let relation = Relation::find(kind, first).ok_or_else(no_relation)?;
    let view = match below.get(1..).unwrap_or_default() {
        [] => View::Objects(Type::Any),
        ["$ref"] => View::References,
        ["$count"] => View::Count(Type::Any),
        [cast, "$count"] => View::Count(cast_of(cast)?),
        [_, "$ref"] => View::Reference(written(1).unwrap_or_default()),
        [cast] => View::Objects(cast_of(cast)?),
        _ => return Err(Refusal::not_simulated(&segments.unwrap_or_default().join("/"))),
    };
    Ok(Target::Related(owner, relation, view))
}

/// The other types of objects in the directory. Source: the metadata of Graph v1.0.
const OTHER_TYPES: &str = "administrativeUnit application appRoleAssignment contract device \
    directoryRole orgContact servicePrincipal";

/// Returns the type of a cast.
fn cast_of(name: &str) -> Result<Type, Refusal> {
    match name {
        "user" => Ok(Type::User),
        "group" => Ok(Type::Group),
        other => Err(named(OTHER_TYPES, other)),
    }
}

/// Returns a segment in lower case, without the optional namespace or its alias in the metadata.
fn name(segment: &str) -> String {
    let lower = segment.to_ascii_lowercase();
    let plain = ["microsoft.graph.", "graph."].iter().find_map(|space| lower.strip_prefix(space));
    plain.map(ToOwned::to_owned).unwrap_or(lower)
}

/// Returns whether a segment is the name of a type with its namespace.
fn is_cast(segment: &str) -> bool {
    name(segment).len() < segment.len()
}

/// Tells what Graph has from what it has not.
fn missing(segments: &[String]) -> Refusal {
    let first = segments.first().map_or("", String::as_str);
    let below = |index: usize| segments.get(index).map_or("", String::as_str);
    let (names, part) = match first.to_ascii_lowercase().as_str() {
        "organization" => (names::ORGANIZATION, below(2)),
        "domains" => (names::DOMAIN, below(2)),
        "directory" => (names::DIRECTORY, below(1)),
        "directoryobjects" => (names::COLLECTION, below(1)),
        "subscribedskus" | "invitations" => ("", below(1)),
        _ => (names::ROOT, first),
    };
    named(names, part)
}

fn missing_part(kind: Type, part: &str) -> Refusal {
    if kind.property(part).is_some() {
        return Refusal::not_simulated(part);
    }
    let names = match kind {
        Type::User => names::USER,
        Type::Group => names::GROUP,
        Type::Any => names::DIRECTORY_OBJECT,
    };
    named(names, part)
}

fn named(names: &str, part: &str) -> Refusal {
    let part = part.split('(').next().unwrap_or(part);
    match names::has(names, &name(part)) {
        true => Refusal::not_simulated(part),
        false => Refusal::no_segment(part),
    }
}
