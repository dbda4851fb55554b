//! Graph's error responses: status, code and message.
//!
//! The messages are documented by Microsoft or published of real responses. A comment states
//! where no source was found.

use std::borrow::Cow;
use std::fmt;

use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::guid::Guid;

/// An error response of Graph.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The HTTP status.
    pub status: StatusCode,
    /// Graph's code.
    pub code: &'static str,
    /// Graph's message.
    pub message: Cow<'static, str>,
    /// Graph's details.
    pub details: Vec<Detail>,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
}

/// One of the details of a refusal.
#[derive(Clone, Debug, Serialize)]
pub struct Detail {
    code: &'static str,
    message: Cow<'static, str>,
    target: &'static str,
}

impl Refusal {
    /// Creates a refusal.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        let message = message.into();
        Self { status, code, message, details: Vec::new(), headers: Vec::new() }
    }

    /// Adds a detail about `target`, with the same message.
    pub fn about(mut self, code: &'static str, target: &'static str) -> Self {
        self.details.push(Detail { code, message: self.message.clone(), target });
        self
    }

    /// Adds a header.
    pub fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// A bad request to the directory.
    pub fn bad(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_BadRequest", message)
    }

    /// A request that Graph refuses before the directory.
    pub fn malformed(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// A query that the directory does not support.
    pub fn unsupported(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_UnsupportedQuery", message)
    }

    /// A query that needs the advanced query parameters.
    pub fn needs_eventual(operator: &str) -> Self {
        Self::unsupported(format!(
            "Operator '{operator}' is not supported because the 'ConsistencyLevel:eventual' header is missing. Refer to https://aka.ms/graph-docs/advanced-queries for more information"
        ))
    }

    /// An invalid value of a property of a user.
    pub fn invalid_value(property: &'static str) -> Self {
        Self::invalid_value_of(property, "User")
    }

    /// An invalid value of a property of a `resource`, such as `Group`.
    pub fn invalid_value_of(property: &'static str, resource: &str) -> Self {
        Self::bad(format!(
            "Invalid value specified for property '{property}' of resource '{resource}'."
        ))
        .about("InvalidValue", property)
    }

    /// A property of a new `resource` is missing.
    pub fn required(property: &'static str, resource: &str) -> Self {
        Self::bad(format!(
            "A value is required for property '{property}' of resource '{resource}'."
        ))
        .about("PropertyRequired", property)
    }

    /// A property that the type does not have.
    pub fn unknown_property(property: &str, type_name: &str) -> Self {
        Self::malformed(format!(
            "The property '{property}' does not exist on type 'microsoft.graph.{type_name}'. Make sure to only use property names that are defined by the type."
        ))
    }

    /// A resource, an operation or a property that Graph has and the simulator has not.
    pub fn not_simulated(name: &str) -> Self {
        Self::new(
            StatusCode::NOT_IMPLEMENTED,
            "NotSimulated",
            format!(
                "Microsoft Graph has '{name}', and the simulated tenant does not. The request is no fault of its client: test it against a real tenant."
            ),
        )
    }

    /// A property that a client cannot write.
    pub fn read_only(property: &str) -> Self {
        Self::bad(format!("Property '{property}' is read-only and cannot be set."))
    }

    /// Another object has the user principal name.
    pub fn name_taken() -> Self {
        Self::bad(
            "Another object with the same value for property userPrincipalName already exists.",
        )
        .about("ObjectConflict", "userPrincipalName")
    }

    /// Another object has the mail address.
    pub fn address_taken() -> Self {
        Self::bad("Another object with the same value for property proxyAddresses already exists.")
            .about("ObjectConflict", "proxyAddresses")
            .about("ConflictingObjects", "proxyAddresses")
    }

    /// Another object has the mail alias.
    pub fn alias_taken() -> Self {
        Self::bad("Another object with the same value for property mailNickname already exists.")
            .about("ObjectConflict", "mailNickname")
    }

    /// Another user has the anchor of the on-premises directory.
    pub fn anchor_taken() -> Self {
        Self::bad(
            "Another object with the same value for property onPremisesImmutableId already exists.",
        )
        .about("ObjectConflict", "onPremisesImmutableId")
    }

    /// An object of a type to which a relation cannot lead. Published of a real response.
    pub fn invalid_target(id: Guid, type_name: &str, relation: &str) -> Self {
        Self::bad(format!(
            "The reference target '{type_name}_{id}' of type '{type_name}' is invalid for the '{relation}' reference."
        ))
    }

    /// The last owner of a group. Source: "Remove group owner"; the message was published.
    pub fn last_owner() -> Self {
        Self::bad("The group must have at least one owner, hence this owner cannot be removed.")
    }

    /// A parameter that an operation does not have. Published of real responses.
    pub fn unknown_parameter(name: &str, operation: &str) -> Self {
        Self::bad(format!(
            "The parameter '{name}' in the request payload is not a valid parameter for the operation '{operation}'."
        ))
    }

    /// The domain of a user principal name is not verified.
    pub fn unverified_domain() -> Self {
        Self::bad(
            "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.",
        )
        .about("InvalidValue", "userPrincipalName")
    }

    /// A user of a federated domain is created elsewhere. Published of a real response.
    pub fn federated_domain() -> Self {
        Self::bad("SourceAnchor is a required property for creation of a federated user.")
    }

    /// The directory has as many objects as it may have. Sources: for the status "Error codes and
    /// error handling" of Azure AD Graph, which Graph has in front of it, and for the message
    /// Azure-Samples/active-directory-dotnet-graphapi-console#45.
    pub fn directory_full() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "Directory_QuotaExceeded",
            "The directory object quota limit for the Tenant has been exceeded. Please ask your administrator to increase the quota limit or delete objects to reduce the used quota.",
        )
    }

    /// The user has no usage location.
    pub fn invalid_location() -> Self {
        Self::bad("License assignment cannot be done for user with invalid usage location.")
    }

    /// The tenant does not have the licence. From memory; no source was found.
    pub fn not_owned(sku_id: Guid) -> Self {
        Self::bad(format!("License {sku_id} does not correspond to a valid company License."))
    }

    /// The licence is not assigned to users.
    pub fn for_company(sku_id: Guid) -> Self {
        Self::bad(format!("License {sku_id} cannot be assigned to a user."))
    }

    /// The licence does not have the service plan. From memory; no source was found.
    pub fn no_such_plan(plan: Guid, sku_id: Guid) -> Self {
        Self::bad(format!(
            "The service plan {plan} does not correspond to a plan of the license {sku_id}."
        ))
    }

    /// The licence has no free seat.
    pub fn no_seats(sku_id: impl fmt::Display) -> Self {
        Self::bad(format!("Subscription with SKU {sku_id} does not have any available licenses."))
    }

    /// The user does not have the licence to remove.
    pub fn no_license() -> Self {
        Self::bad("User does not have a corresponding license.")
    }

    /// The licence comes from a group. Published of a real response.
    pub fn inherited_license() -> Self {
        Self::bad(
            "User license is inherited from a group membership and it cannot be removed directly from the user.",
        )
    }

    /// The group assigns licences. The message is not documented; that such a group cannot be
    /// deleted is, in "Scenarios, limitations, and known issues using groups to manage licensing".
    pub fn group_has_licenses() -> Self {
        Self::bad(
            "The group cannot be deleted because it has licenses assigned. Remove them first.",
        )
    }

    /// The group does not have the licence to remove. From memory; no source was found.
    pub fn group_without_license() -> Self {
        Self::bad("Group does not have a corresponding license.")
    }

    /// The reference is there already. Published of a real response.
    pub fn already_referenced(relation: &str) -> Self {
        Self::bad(format!(
            "One or more added object references already exist for the following modified properties: '{relation}'."
        ))
    }

    /// A search without the header of advanced queries. Source: "Advanced query capabilities on
    /// Microsoft Entra ID objects".
    pub fn search_needs_eventual() -> Self {
        Self::unsupported(
            "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
        )
    }

    /// A property of a premium plan, in a tenant without one. Published of real responses.
    pub fn not_premium() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
            "Neither tenant is B2C or tenant doesn't have premium license",
        )
    }

    /// Exchange does not know the user.
    pub fn invalid_user(name: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "ErrorInvalidUser",
            format!("The requested user '{name}' is invalid."),
        )
    }

    /// The mailbox has sent as many mails as it may for now. Published of real responses, which
    /// had no `Retry-After`.
    pub fn message_limit() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "ErrorExceededMessageLimit",
            "Cannot send mail. Daily Message/Recipient limit exceeded. Follow the instructions in your Inbox to verify your account.",
        )
    }

    /// Exchange keeps the mailbox from sending. The code and the message are published of real
    /// responses; the status is the one of other refusals to send and is not documented.
    pub fn sending_blocked() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "ErrorMessageSubmissionBlocked",
            "Cannot send mail. Follow the instructions in your Inbox to verify your account.",
        )
    }

    /// The user has no mailbox.
    pub fn no_mailbox() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "MailboxNotEnabledForRESTAPI",
            "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
        )
    }

    /// The object does not exist.
    pub fn absent(key: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Request_ResourceNotFound",
            format!(
                "Resource '{key}' does not exist or one of its queried reference-property objects are not present."
            ),
        )
    }

    /// The request has no valid token.
    pub fn unauthenticated(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message)
    }

    /// The body is too large. The message is not documented.
    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "BadRequest", "Maximum request length exceeded.")
    }

    /// The caller lacks a permission of the directory.
    pub fn denied() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )
    }

    /// The caller lacks a permission of Exchange.
    pub fn access_denied() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "ErrorAccessDenied",
            "Access is denied. Check credentials and try again.",
        )
    }

    /// The path does not exist.
    pub fn no_segment(segment: &str) -> Self {
        Self::malformed(format!("Resource not found for the segment '{segment}'."))
    }

    /// The path does not have this method.
    pub fn method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "Request_BadRequest",
            "Specified HTTP method is not allowed for the request target.",
        )
    }

    /// Returns the error object, without the ids of the exchange.
    pub fn error(&self) -> Map<String, Value> {
        let mut error = Map::new();
        error.insert("code".to_owned(), self.code.into());
        error.insert("message".to_owned(), (*self.message).into());
        if !self.details.is_empty() {
            error.insert("details".to_owned(), json!(self.details));
        }
        error
    }

    /// Returns the body, with the ids of the exchange.
    pub fn body(&self, date: &str, request_id: &str, client_request_id: &str) -> Value {
        let mut error = self.error();
        let inner = json!({
            "date": date, "request-id": request_id, "client-request-id": client_request_id,
        });
        error.insert("innerError".to_owned(), inner);
        json!({ "error": error })
    }
}
