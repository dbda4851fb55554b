//! The calls to Graph that the actions make: what each does to the tenant, and the one
//! response that says that it is done.
//!
//! Nothing else counts as success, whatever its status: a captive portal responds 200 to
//! everything, an inspecting proxy puts its page in the place of Graph's response, and a
//! gateway passes an `error` on with the status of a success.

use alloc::string::String;

use serde_json::Value;

use super::json;
use super::transport::Response;

/// What a call does to the tenant, which decides what to do when its response is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    Read,
    /// A change that leaves the same state when it is made twice.
    Repeatable,
    /// A change that must not be sent again before its outcome is known.
    Once,
    /// A message: whether it went out cannot be looked up, so it is not sent again unless
    /// Graph has said for sure that it did not take it.
    Message,
}

impl Effect {
    /// Whether the change may be sent again without looking whether it was made.
    pub fn is_repeatable(self) -> bool {
        matches!(self, Effect::Read | Effect::Repeatable)
    }
}

/// What the body of a success holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Nothing.
    Empty,
    /// A user with an id.
    User,
    /// A page of a collection of what the text says. It may be megabytes, so `page` looks at
    /// the rest of it while it reads it.
    Collection(&'static str),
}

/// A call to Graph.
#[derive(Debug)]
pub struct Operation {
    /// The call's name in `wit/actions.toml`.
    pub name: &'static str,
    /// What it does to the tenant.
    pub effect: Effect,
    /// The least of Entra's roles that allows it to a signed-in user; `None` where that is not a
    /// matter of roles.
    pub role: Option<&'static str>,
    /// The statuses of a success.
    statuses: &'static [u16],
    /// The body of a success.
    shape: Shape,
}

const fn operation(
    name: &'static str,
    effect: Effect,
    role: Option<&'static str>,
    statuses: &'static [u16],
    shape: Shape,
) -> Operation {
    Operation { name, effect, role, statuses, shape }
}

// Sources: the pages of the calls in the Graph v1.0 reference, under "Response". That of
// assignLicense says 200, the one of a group's 202, and descriptions of the one for users
// repeat that; the user in the body decides. The roles: "Permissions" there, and "Least
// privileged roles by task in Microsoft Entra ID".

/// Lists the users.
pub static LIST_USERS: Operation = operation(
    "GET /users",
    Effect::Read,
    Some("Directory Readers"),
    &[200],
    Shape::Collection("users"),
);
/// Reads a user.
pub static GET_USER: Operation =
    operation("GET /users/{id}", Effect::Read, Some("Directory Readers"), &[200], Shape::User);
/// Reads the signed-in user.
pub static GET_ME: Operation = operation("GET /me", Effect::Read, None, &[200], Shape::User);
/// Lists the tenant's subscriptions.
pub static LIST_SKUS: Operation = operation(
    "GET /subscribedSkus",
    Effect::Read,
    Some("Directory Readers"),
    &[200],
    Shape::Collection("subscriptions"),
);
/// Reads the tenant, which comes as a collection of one.
pub static GET_ORGANIZATION: Operation = operation(
    "GET /organization",
    Effect::Read,
    Some("Directory Readers"),
    &[200],
    Shape::Collection("tenants"),
);
/// Creates a user.
pub static CREATE_USER: Operation =
    operation("POST /users", Effect::Once, Some("User Administrator"), &[201], Shape::User);
/// Changes a user's licences.
pub static ASSIGN_LICENSE: Operation = operation(
    "POST /users/{id}/assignLicense",
    Effect::Repeatable,
    Some("License Administrator"),
    &[200, 202],
    Shape::User,
);
/// Deletes a user. Deleting what is gone changes nothing.
pub static DELETE_USER: Operation = operation(
    "DELETE /users/{id}",
    Effect::Repeatable,
    Some("User Administrator"),
    &[204],
    Shape::Empty,
);
/// Sends a mail from the signed-in user's mailbox.
pub static SEND_MAIL_AS_USER: Operation =
    operation("POST /me/sendMail", Effect::Message, None, &[202], Shape::Empty);
/// Sends a mail from a mailbox that an application may use.
pub static SEND_MAIL_AS_APP: Operation =
    operation("POST /users/{id}/sendMail", Effect::Message, None, &[202], Shape::Empty);

/// Every operation, for the test that compares them with `wit/actions.toml`.
pub static ALL: [&Operation; 10] = [
    &LIST_USERS,
    &GET_USER,
    &GET_ME,
    &LIST_SKUS,
    &GET_ORGANIZATION,
    &CREATE_USER,
    &ASSIGN_LICENSE,
    &DELETE_USER,
    &SEND_MAIL_AS_USER,
    &SEND_MAIL_AS_APP,
];

impl Operation {
    /// Whether `response` says that the call is done.
    pub fn is_done(&self, response: &Response) -> bool {
        self.statuses.contains(&response.status)
            && match self.shape {
                Shape::Empty => response.body.is_blank(),
                Shape::User => json::object(response).is_some_and(|user| has_id(&user)),
                Shape::Collection(_) => response.body.is_object(),
            }
    }

    /// What [`Operation::is_done`] expects, in words.
    pub fn expected(&self) -> String {
        let status = self.statuses.first().copied().unwrap_or_default();
        let body = match self.shape {
            Shape::Empty => "without a body",
            Shape::User => "with a user",
            Shape::Collection(_) => "with a page of a collection",
        };
        format!("{status} {body}")
    }

    /// The type of the items in the response.
    pub fn items(&self) -> &'static str {
        match self.shape {
            Shape::Collection(items) => items,
            Shape::User | Shape::Empty => "items",
        }
    }
}

fn has_id(user: &Value) -> bool {
    json::error_in(user).is_none() && json::text(user, "id").is_some_and(|id| !id.is_empty())
}
