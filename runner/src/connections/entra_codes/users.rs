//! What is wrong with a user's own credentials, code by code: the first part of the table, with
//! the same source.

use super::Explanation as Row;
use crate::report::Who::{Caller, TenantAdmin};

const LOGIN: &str = "Sign in with `o365 connection login {id}`.";

const LOGIN_AGAIN: &str = "Sign in again with `o365 connection login {id}`.";

/// The user's name and password.
pub const USERS: &[Row] = &[
    Row::new(
        &[50126, 50064],
        Caller,
        "the user name or the password is wrong",
        "Correct `username` and the secret behind `password` of connection {id}; repeated failures lock the account.",
    )
    .without_password("Entra does not take the user's credentials", LOGIN_AGAIN),
    Row::new(
        &[50034, 50014, 51004, 16003],
        Caller,
        "the tenant has no such user",
        "Correct `username` of connection {id}, or its `tenant`.",
    )
    .without_password(
        "the tenant has no such user",
        "Sign in with `o365 connection login {id}` as a user of the tenant, or correct `tenant` of the connection.",
    ),
    Row::new(
        &[50020, 90072, 16000, 500208],
        Caller,
        "the user's account is a personal one or of another tenant, and no guest in this one",
        "Let connection {id} sign in as a user of its `tenant`, or have an administrator invite the account as a guest.",
    ),
    Row::new(
        &[50053],
        TenantAdmin,
        "the account is locked after too many failed sign-ins, or this address is blocked",
        "Stop signing in and wait until the lock ends, or have an administrator unlock the account; then check the password.",
    )
    .without_password(
        "the account is locked after too many failed sign-ins, or this address is blocked",
        "Stop signing in and wait until the lock ends, or have an administrator unlock the account.",
    ),
    Row::new(
        &[50055],
        Caller,
        "the user's password has expired",
        "Have the user change the password in a browser, then update the secret behind `password` of connection {id}.",
    )
    .without_password("the user's credentials have expired", RENEW),
    Row::new(
        &[50144],
        Caller,
        "the user's password in the on-premises Active Directory has expired",
        "Have the user change the password there, then update the secret behind `password` of connection {id}.",
    )
    .without_password(
        "the user's credentials in the on-premises Active Directory have expired",
        RENEW,
    ),
    Row::new(
        &[50125, 50135, 50142],
        Caller,
        "the user must change the password first",
        "Have the user change the password in a browser, then update the secret behind `password` of connection {id}.",
    )
    .without_password("the user must renew the credentials first", RENEW),
    Row::new(
        &[50056],
        TenantAdmin,
        "the user has no password in this tenant",
        "Set a password for the user, or sign in with `o365 connection login {id}`.",
    )
    .without_password("the user has no credentials in this tenant", LOGIN_AGAIN),
    Row::new(
        &[50057],
        TenantAdmin,
        "the user's account is disabled",
        "Have an administrator enable the account, or let connection {id} sign in as another user.",
    ),
];

const RENEW: &str =
    "Have the user renew them in a browser, then sign in again with `o365 connection login {id}`.";

/// More than a password.
pub const CHALLENGES: &[Row] = &[
    Row::new(
        &[50072, 50074, 50076, 50079],
        Caller,
        "the user must pass multi-factor authentication, which a user name and password cannot",
        LOGIN,
    )
    .without_password("the user must pass multi-factor authentication", LOGIN),
    Row::new(&[50078], Caller, "the user must pass multi-factor authentication again", LOGIN),
    // Entra: "Authentication failed during strong authentication request."
    Row::new(
        &[500_121],
        Caller,
        "the user did not pass multi-factor authentication: the request was declined or not answered in time",
        "Sign in again with `o365 connection login {id}`, and approve the request that the user gets.",
    ),
    Row::new(
        &[50158],
        Caller,
        "the user must pass a check by another service than Entra, which conditional access asks for",
        LOGIN,
    ),
    Row::new(
        &[53004],
        TenantAdmin,
        "the user must register for multi-factor authentication, and is kept from it because of a risk",
        "Have an administrator clear the user's risk, and have the user register in a browser; then sign in with `o365 connection login {id}`.",
    ),
    Row::new(
        &[53010],
        TenantAdmin,
        "the user must register for multi-factor authentication, which the tenant allows from some places and devices alone",
        "Have the user register in a browser at such a place or device; then sign in with `o365 connection login {id}`.",
    ),
    Row::new(&[50058], Caller, "the user is not signed in any more", LOGIN),
];
