//! `POST /invitations`: guests of other tenants. Source: "Create invitation".

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::single;
use crate::exchange::{Exchange, ResponseOrRefusal, member, text};
use crate::guid::Guid;
use crate::refusal::Refusal;
use crate::tenant::{Mail, Tenant, User};
use graph::accounts::{self, UserType};

/// The sender of invitations. Source: "Elements of the B2B collaboration invitation email".
const SENDER: &str = "invites@microsoft.com";

/// What a client may write.
const WRITABLE: [&str; 7] = [
    "invitedUserMessageInfo",
    "invitedUserDisplayName",
    "invitedUserEmailAddress",
    "invitedUserType",
    "inviteRedirectUrl",
    "sendInvitationMessage",
    "resetRedemption",
];

/// Creates a guest, who has not accepted yet: 201.
pub fn create(tenant: &mut Tenant, exchange: &Exchange<'_>) -> ResponseOrRefusal {
    let body = exchange.object()?;
    check_names(&body)?;
    let address = required(&body, "invitedUserEmailAddress")?;
    let redirect = required(&body, "inviteRedirectUrl")?;
    accounts::mail(&Map::from_iter([("mail".to_owned(), address.into())]))
        .map_err(|_| Refusal::invalid_value_of("invitedUserEmailAddress", "Invitation"))?;
    let kind = text(&body, "invitedUserType").unwrap_or("Guest");
    let user_type = match kind.to_ascii_lowercase().as_str() {
        "guest" => UserType::Guest,
        "member" => UserType::Member,
        _ => return Err(Refusal::invalid_value_of("invitedUserType", "Invitation")),
    };
    let is_sent = member(&body, "sendInvitationMessage").and_then(Value::as_bool) == Some(true);
    let information = Information::read(&body)?;
    let display_name = text(&body, "invitedUserDisplayName")
        .unwrap_or(address.split('@').next().unwrap_or(address));
    let id = match tenant.users.addressed(address) {
        // A guest may be invited again.
        Some(user) if user.guest => user.id,
        Some(user) => return Err(exists(&user.id.to_string())),
        None if tenant.has_verified(accounts::domain(address)) => return Err(exists(address)),
        None => invite(tenant, exchange, (address, display_name), user_type)?,
    };
    if is_sent {
        tenant.mail.push(message(exchange, address, redirect, &information));
    }
    let invitation = json!({
        "id": tenant.new_id(),
        "inviteRedeemUrl": format!("https://login.microsoftonline.com/redeem?rd={id}"),
        "invitedUserDisplayName": member(&body, "invitedUserDisplayName"),
        "invitedUserType": kind,
        "invitedUserEmailAddress": address,
        "sendInvitationMessage": is_sent,
        "resetRedemption": false,
        "inviteRedirectUrl": redirect,
        "status": "PendingAcceptance",
        "invitedUserMessageInfo": {
            "messageLanguage": information.language,
            "customizedMessageBody": information.text,
            "ccRecipients": information.copies,
        },
        "invitedUser": { "id": id },
    });
    let mut response = single(exchange, "invitations", invitation, None);
    response.status = StatusCode::CREATED;
    Ok(response)
}

/// Published of a real response.
fn exists(key: &str) -> Refusal {
    Refusal::bad(format!(
        "The invited user already exists in the directory as object ID: {key}. They can use that account to sign in to shared apps and resources."
    ))
}

/// Creates the user. Returns its id.
fn invite(
    tenant: &mut Tenant,
    exchange: &Exchange<'_>,
    (address, display_name): (&str, &str),
    user_type: UserType,
) -> Result<Guid, Refusal> {
    let id = tenant.new_id();
    let nickname = format!("{}#EXT#", address.replace('@', "_"));
    let name = format!("{nickname}@{}", tenant.initial_domain());
    let mut user = User::new(id, name, display_name, nickname, exchange.at);
    user.mail = Some(address.into());
    user.set_type(Some(user_type));
    let other = user.other.get_or_insert_default();
    other.insert("externalUserState".to_owned(), "PendingAcceptance".into());
    let at = exchange.at.to_string();
    other.insert("externalUserStateChangeDateTime".to_owned(), at.into());
    other.insert("creationType".to_owned(), "Invitation".into());
    tenant.users.insert(user).map_err(|_| Refusal::name_taken())?;
    tenant.wrote(id, None);
    Ok(id)
}

fn check_names(body: &Map<String, Value>) -> Result<(), Refusal> {
    let known = |name: &&String| WRITABLE.iter().any(|own| own.eq_ignore_ascii_case(name));
    let unknown = body.keys().find(|name| !name.contains('@') && !known(name));
    match unknown {
        None => Ok(()),
        Some(name) if name.eq_ignore_ascii_case("invitedUser") => Err(Refusal::not_simulated(name)),
        Some(name) => Err(Refusal::unknown_property(name, "invitation")),
    }?;
    match member(body, "resetRedemption").and_then(Value::as_bool) {
        Some(true) => Err(Refusal::not_simulated("resetRedemption")),
        _ => Ok(()),
    }
}

fn required<'a>(body: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, Refusal> {
    let value = text(body, name).filter(|value| !value.is_empty());
    value.ok_or_else(|| Refusal::required(name, "Invitation"))
}

/// What an invitation says of its mail: `invitedUserMessageInfo`.
struct Information {
    language: Value,
    text: Option<String>,
    copies: Vec<Value>,
}

impl Information {
    fn read(body: &Map<String, Value>) -> Result<Self, Refusal> {
        let invalid = || Refusal::invalid_value_of("invitedUserMessageInfo", "Invitation");
        let nothing = Map::new();
        let object = match member(body, "invitedUserMessageInfo") {
            None | Some(Value::Null) => &nothing,
            Some(value) => value.as_object().ok_or_else(invalid)?,
        };
        let language = member(object, "messageLanguage").cloned().unwrap_or_default();
        let copies = match member(object, "ccRecipients") {
            None | Some(Value::Null) => Vec::new(),
            Some(list) => list.as_array().cloned().ok_or_else(invalid)?,
        };
        let own = text(object, "customizedMessageBody").map(ToOwned::to_owned);
        let fits = (language.is_null() || language.is_string())
            && copies.iter().all(|copy| address_of(copy).is_some());
        fits.then_some(Self { language, text: own, copies }).ok_or_else(invalid)
    }
}

fn address_of(recipient: &Value) -> Option<&str> {
    recipient.pointer("/emailAddress/address").and_then(Value::as_str)
}

/// The mail to the invited user.
fn message(
    exchange: &Exchange<'_>,
    address: &str,
    redirect: &str,
    information: &Information,
) -> Mail {
    let copies = information.copies.iter().filter_map(address_of).map(ToOwned::to_owned);
    Mail {
        sent_date_time: exchange.at,
        from: SENDER.into(),
        to: [address.to_owned()].into_iter().chain(copies).collect(),
        subject: "You have been invited".to_owned(),
        content_type: "text".to_owned(),
        content: information.text.clone().unwrap_or_else(|| redirect.to_owned()),
        attachments: Vec::new(),
        other: Map::new(),
        saved_to_sent_items: false,
    }
}
