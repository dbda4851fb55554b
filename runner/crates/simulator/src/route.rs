//! The operation of a method and a path.

use http::Method;
use percent_encoding::percent_decode_str;

use super::refusal::Refusal;

/// The target of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Users,
    UserCount,
    /// `/users/{id}`.
    User(Key),
    /// `/users/{id}/assignLicense`.
    AssignLicense(Key),
    /// `/users/{id}/licenseDetails`.
    LicenseDetails(Key),
    /// `/users/{id}/sendMail`.
    SendMail(Key),
    /// `/subscribedSkus`.
    Skus,
    Organization,
    Domains,
    /// `/directory/deletedItems/microsoft.graph.user`.
    DeletedUsers,
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
        let template = template(method, &target).ok_or_else(Refusal::method)?;
        Ok(Self { target, template })
    }

    /// Returns whether Exchange executes the operation, in place of the directory.
    pub fn is_mail(&self) -> bool {
        matches!(self.target, Target::SendMail(_))
    }

    /// Returns whether the operation is on the signed-in user.
    pub fn is_me(&self) -> bool {
        matches!(
            self.target,
            Target::User(Key::Me)
                | Target::AssignLicense(Key::Me)
                | Target::LicenseDetails(Key::Me)
                | Target::SendMail(Key::Me)
        )
    }
}

/// Returns the decoded segments of a path. Empty ones are ignored, as Graph does, and
/// `users('key')` means `users/key`.
fn segments(path: &str) -> Vec<String> {
    let mut segments = Vec::new();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        let segment = percent_decode_str(segment).decode_utf8_lossy().into_owned();
        let keyed = segment.split_once("('").and_then(|(name, key)| {
            Some((name.to_owned(), key.strip_suffix("')")?.replace("''", "'")))
        });
        match keyed {
            Some((name, key)) => segments.extend([name, key]),
            None => segments.push(segment),
        }
    }
    segments
}

fn target(segments: &[String]) -> Result<Target, Refusal> {
    let names: Vec<String> = segments.iter().map(|segment| name(segment)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let key = || segments.get(1).cloned().map_or(Key::Me, Key::Of);
    Ok(match *names.as_slice() {
        ["users"] => Target::Users,
        ["users", "$count"] => Target::UserCount,
        ["me"] => Target::User(Key::Me),
        ["users", _] => Target::User(key()),
        ["me", action] => of_user(action, Key::Me)?,
        ["users", _, action] => of_user(action, key())?,
        ["subscribedskus"] => Target::Skus,
        ["organization"] => Target::Organization,
        ["domains"] => Target::Domains,
        ["directory", "deleteditems", "user"] => Target::DeletedUsers,
        ["$batch"] => Target::Batch,
        _ => return Err(Refusal::no_segment(segments.last().map_or("", String::as_str))),
    })
}

fn of_user(action: &str, key: Key) -> Result<Target, Refusal> {
    match action {
        "assignlicense" => Ok(Target::AssignLicense(key)),
        "licensedetails" => Ok(Target::LicenseDetails(key)),
        "sendmail" => Ok(Target::SendMail(key)),
        other => Err(Refusal::no_segment(other)),
    }
}

/// Returns a segment in lower case, without the optional namespace or its alias in the metadata.
fn name(segment: &str) -> String {
    let lower = segment.to_ascii_lowercase();
    let plain = ["microsoft.graph.", "graph."].iter().find_map(|space| lower.strip_prefix(space));
    plain.map(ToOwned::to_owned).unwrap_or(lower)
}

fn template(method: &Method, target: &Target) -> Option<&'static str> {
    let me = matches!(
        target,
        Target::User(Key::Me) | Target::LicenseDetails(Key::Me) | Target::SendMail(Key::Me)
    );
    Some(match (method.as_str(), target, me) {
        ("GET", Target::Users | Target::UserCount, _) => "GET /users",
        ("POST", Target::Users, _) => "POST /users",
        ("GET", Target::User(_), true) => "GET /me",
        ("GET", Target::User(_), false) => "GET /users/{id}",
        ("PATCH", Target::User(_), _) => "PATCH /users/{id}",
        ("DELETE", Target::User(_), _) => "DELETE /users/{id}",
        ("POST", Target::AssignLicense(_), _) => "POST /users/{id}/assignLicense",
        ("GET", Target::LicenseDetails(_), _) => "GET /users/{id}/licenseDetails",
        ("POST", Target::SendMail(_), true) => "POST /me/sendMail",
        ("POST", Target::SendMail(_), false) => "POST /users/{id}/sendMail",
        ("GET", Target::Skus, _) => "GET /subscribedSkus",
        ("GET", Target::Organization, _) => "GET /organization",
        ("GET", Target::Domains, _) => "GET /domains",
        ("GET", Target::DeletedUsers, _) => "GET /directory/deletedItems/microsoft.graph.user",
        ("POST", Target::Batch, _) => "",
        _ => return None,
    })
}
