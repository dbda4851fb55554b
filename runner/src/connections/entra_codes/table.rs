//! The meanings, code by code.
//!
//! Source, where a row names no other: Microsoft Learn, "Microsoft Entra authentication and
//! authorization error codes". Codes that it does not list have the meaning of the text that
//! Entra sends with them, which <https://login.microsoftonline.com/error> shows.

use super::{Effect, Explanation, Words};
use crate::report::Who;

const LOGIN: &str = "Sign in with `o365 connection login {id}`.";
const LOGIN_AGAIN: &str = "Sign in again with `o365 connection login {id}`.";
const RENEW: &str =
    "Have the user renew them in a browser, then sign in again with `o365 connection login {id}`.";
const OWN_NAME: &str =
    "Write the tenant's domain or id as `tenant` of connection {id}, not `common` or `consumers`.";
const AGENTS: &str = "Have an administrator check the authentication agents, their clocks and the domain controllers that they ask; then run again.";
const NEW_CODE: &str =
    "Sign in again with `o365 connection login {id}`, or configure a new `authentication-code`.";
const SUPPORT: &str = "Have an administrator open a support request at Microsoft with the trace id, the correlation id and the time.";

/// Defines the table. Each row has the codes, who can act, an effect if there is one, the message
/// and the fix, then those for connections without a password if they differ.
macro_rules! explanations {
    ($([$($code:literal),+] $who:ident $($effect:ident)?: $message:literal, $fix:expr
        $(, without $other_message:literal, $other_fix:expr)?;)+) => {
        /// All rows.
        pub const EXPLANATIONS: &[Explanation] = &[$(Explanation {
            codes: &[$($code),+],
            who: Who::$who,
            words: Words { message: $message, fix: $fix },
            without_password: &[$(Words { message: $other_message, fix: $other_fix })?],
            effects: &[$(Effect::$effect)?],
        },)+];
    };
}

explanations! {
    // The user's name and password.
    [50126, 50064] Caller:
        "the user name or the password is wrong",
        "Correct `username` and the secret behind `password` of connection {id}; repeated failures lock the account.",
        without "Entra does not take the user's credentials", LOGIN_AGAIN;
    [50034, 50014, 51004, 16003] Caller:
        "the tenant has no such user",
        "Correct `username` of connection {id}, or its `tenant`.",
        without "the tenant has no such user",
            "Sign in with `o365 connection login {id}` as a user of the tenant, or correct `tenant` of the connection.";
    [50020, 90072, 16000, 500208] Caller:
        "the user's account is a personal one or of another tenant, and no guest in this one",
        "Let connection {id} sign in as a user of its `tenant`, or have an administrator invite the account as a guest.";
    [50053] TenantAdmin:
        "the account is locked after too many failed sign-ins, or this address is blocked",
        "Stop signing in and wait until the lock ends, or have an administrator unlock the account; then check the password.",
        without "the account is locked after too many failed sign-ins, or this address is blocked",
            "Stop signing in and wait until the lock ends, or have an administrator unlock the account.";
    [50055] Caller:
        "the user's password has expired",
        "Have the user change the password in a browser, then update the secret behind `password` of connection {id}.",
        without "the user's credentials have expired", RENEW;
    [50144] Caller:
        "the user's password in the on-premises Active Directory has expired",
        "Have the user change the password there, then update the secret behind `password` of connection {id}.",
        without "the user's credentials in the on-premises Active Directory have expired", RENEW;
    [50125, 50135, 50142] Caller:
        "the user must change the password first",
        "Have the user change the password in a browser, then update the secret behind `password` of connection {id}.",
        without "the user must renew the credentials first", RENEW;
    [50056] TenantAdmin:
        "the user has no password in this tenant",
        "Set a password for the user, or sign in with `o365 connection login {id}`.",
        without "the user has no credentials in this tenant", LOGIN_AGAIN;
    [50057] TenantAdmin:
        "the user's account is disabled",
        "Have an administrator enable the account, or let connection {id} sign in as another user.";

    // More than a password.
    [50072, 50074, 50076, 50079] Caller:
        "the user must pass multi-factor authentication, which a user name and password cannot", LOGIN,
        without "the user must pass multi-factor authentication", LOGIN;
    [50078] Caller:
        "the user must pass multi-factor authentication again", LOGIN;
    // Entra: "Authentication failed during strong authentication request."
    [500_121] Caller:
        "the user did not pass multi-factor authentication: the request was declined or not answered in time",
        "Sign in again with `o365 connection login {id}`, and approve the request that the user gets.";
    [50158] Caller:
        "the user must pass a check by another service than Entra, which conditional access asks for", LOGIN;
    [53004] TenantAdmin:
        "the user must register for multi-factor authentication, and is kept from it because of a risk",
        "Have an administrator clear the user's risk, and have the user register in a browser; then sign in with `o365 connection login {id}`.";
    [53010] TenantAdmin:
        "the user must register for multi-factor authentication, which the tenant allows from some places and devices alone",
        "Have the user register in a browser at such a place or device; then sign in with `o365 connection login {id}`.";
    [50058] Caller:
        "the user is not signed in any more", LOGIN;

    // Conditional access and other policies.
    [53003, 530_032, 530_035] TenantAdmin:
        "conditional access or the tenant's security defaults block this sign-in",
        "Have an administrator allow this application or this address, or sign in with `o365 connection login {id}` from a device that meets the policy.";
    [50131] TenantAdmin:
        "conditional access refused this sign-in: for the state of the device, for suspicious activity or by another policy",
        "Have an administrator look the sign-in up in the tenant's sign-in logs, which name the policy, and allow it.";
    // Of 530001 to 530003 Entra writes: the browser is not supported for the policy, the device
    // must comply, the device must be managed.
    [53000, 53001, 50097, 50129, 530_001, 530_002, 530_003] TenantAdmin:
        "conditional access asks for a device that the tenant manages and that meets its policy",
        "Sign in with `o365 connection login {id}` in a browser on such a device, or have an administrator exclude this application from the policy.";
    [53002, 50127, 530_021] TenantAdmin:
        "conditional access allows approved applications alone, and this one is none",
        "Have an administrator exclude this application from the policy.";
    [53011, 530_034] TenantAdmin:
        "the account is blocked because of a risk in its home tenant",
        "Have an administrator of the account's home tenant clear the risk.";
    [50002, 500_021, 500_022, 500_212, 500_213] TenantAdmin:
        "restrictions of this network, of the user's home tenant or of this tenant do not allow a sign-in to it",
        "Have an administrator allow the tenant in the tenant restrictions and in the cross-tenant access policies.";
    [50105] TenantAdmin:
        "the user is not assigned to the application, and only assigned users may sign in to it",
        "Have an administrator assign the user to the enterprise application, or set its \"Assignment required\" to No.";
    [65001, 650_056, 90008, 90094, 90095] TenantAdmin:
        "nobody has consented to the permissions that the application asks for",
        "Have an administrator grant admin consent to the permissions that `o365 permissions` lists, or sign in with `o365 connection login {id}` and consent.";
    [65004] Caller:
        "the user declined to consent to the permissions that the application asks for",
        "Sign in again with `o365 connection login {id}` and consent, or have an administrator grant admin consent.";
    [65005, 650_054, 650_057] TenantAdmin:
        "the app registration does not list the permissions that are asked for",
        "Have an administrator add those that `o365 permissions` lists to the app registration, and grant admin consent.";

    // The application and its secret.
    [7_000_215, 70002] Caller:
        "the application's secret is wrong",
        "Put the secret's value behind `client-secret` of connection {id}; the secret's ID, which the portal shows beside it, is not the secret.";
    [7_000_222] TenantAdmin:
        "the application's secret has expired",
        "Make a new client secret in the app registration and put its value behind `client-secret` of connection {id}.";
    [7_000_218] Caller:
        "the application must send a secret, and connection {id} has none",
        "Configure `client-secret` for connection {id}, or set \"Allow public client flows\" to Yes in the app registration.";
    [700_025] Caller:
        "the application is a public client, which must not send a secret",
        "Remove `client-secret` from connection {id}.";
    [700_016, 700_011] Caller:
        "the tenant does not know the application",
        "Correct `client-id` or `tenant` of connection {id}, or have an administrator consent to the application in that tenant.";
    // Entra: "The client application … is missing service principal in the tenant …". Source:
    // Microsoft Learn, "Apps and service principals in Microsoft Entra ID".
    [7_000_229] TenantAdmin:
        "the application has no service principal, that is, no enterprise application, in the tenant",
        "Have an administrator consent to the application in the tenant, or make one: `az ad sp create --id CLIENT-ID`.";
    [7_000_112, 70001] TenantAdmin:
        "the application is disabled",
        "Have an administrator set \"Enabled for users to sign-in\" of the enterprise application to Yes, or configure another `client-id` for connection {id}.";
    [50011, 70004, 900_971] Caller:
        "the redirect URL is not one of the application's",
        "Add `redirect-url` of connection {id} to the app registration, letter by letter; `http://localhost` there allows `o365 connection login` every port.";
    // 1002012: with an application's secret, the scope must end in `/.default`. Source: Microsoft
    // Learn, "OAuth 2.0 client credentials flow".
    [70011, 28002, 28003, 700_022, 700_023, 1_002_012] Caller:
        "the tenant does not accept the permissions that are asked for",
        "Check that `cloud` of connection {id} is the tenant's, and that the app registration has the permissions that `o365 permissions` lists.";

    // The tenant, and Graph in it.
    [90002] Caller:
        "there is no such tenant in this cloud",
        "Correct `tenant` of connection {id}, or its `cloud`.";
    // Entra: "Specified tenant identifier … is neither a valid DNS name, nor a valid external
    // domain."
    [900_023] Caller:
        "the tenant's name is neither a domain nor an id",
        "Write a verified domain of the tenant or its id as `tenant` of connection {id}.";
    [50059, 50128, 90019] Caller:
        "Entra cannot tell which tenant is meant",
        "Write a verified domain of the tenant or its id as `tenant` of connection {id}, and a whole user name where one is configured.";
    [9_001_023] Caller:
        "a user name and password need the tenant's own name", OWN_NAME,
        without "this way to sign in needs the tenant's own name", OWN_NAME;
    // Also said of grants at `common`. Source: Microsoft Learn, "Acquire a token with a user name
    // and password".
    [90010] Caller:
        "the sign-in host does not support this way to sign in at the tenant's address",
        "Write the tenant's domain or id as `tenant` of connection {id}, not `common` or `consumers`, or sign in with `o365 connection login {id}`.";
    [90038, 900_382, 900_432] Caller:
        "the tenant is in another of Microsoft's clouds",
        "Correct `cloud` of connection {id}.";
    [500_011, 50001, 650_052] Caller:
        "the tenant does not have the service that the token is for, Microsoft Graph in this cloud",
        "Correct `cloud` or `tenant` of connection {id}.";
    // Entra: "The service principal for resource … is disabled. This indicate that a subscription
    // within the tenant has lapsed, or that the administrator … has disabled the application."
    [500_014] TenantAdmin:
        "Microsoft Graph is disabled in the tenant, or its subscription has lapsed",
        "Have an administrator enable the enterprise application of Microsoft Graph, and renew the tenant's subscription.";
    // Entra: "We are sorry, this resource is not available." and "This tenant has been blocked due
    // to inactivity." Source: Microsoft Learn, "Tenant inaccessible due to inactivity".
    [5_000_224, 5_000_225] TenantAdmin:
        "the tenant is blocked, because nobody has used it for long, or is deleted",
        "Have an administrator of the tenant ask Microsoft's support to reactivate it, which is possible for 20 days; do not sign in until then.";
    [80001, 80002, 80007, 80010, 80013, 80014] TenantAdmin:
        "the agent that has the on-premises Active Directory check passwords could not do so in time", AGENTS,
        without "the on-premises Active Directory could not be asked in time", AGENTS;
    [80012] TenantAdmin:
        "the on-premises Active Directory does not let the user sign in at this hour",
        "Run in the hours that are allowed, or have an administrator allow this one.";
    // 81016: "Invalid STS request", of seamless single sign-on.
    [81007, 81016] TenantAdmin:
        "the tenant's seamless single sign-on does not take the request",
        "Have an administrator check seamless single sign-on and the synchronisation of the directory, or sign in with `o365 connection login {id}`.";

    // Codes, refresh tokens, and failures of Entra's own.
    // With 70043 conditional access asks for a new sign-in every so often.
    [70008, 70043, 700_082, 700_084, 50173, 50133] Caller EndsToken:
        "the code or the refresh token has expired or was revoked", NEW_CODE;
    [70000, 50089, 50132] Caller:
        "Entra does not take the code or the refresh token", NEW_CODE;
    [54005] Caller:
        "the authentication code was used before, and a code is good once",
        "Configure a new `authentication-code` for connection {id}, or sign in with `o365 connection login {id}`.";
    [700_005] Caller:
        "the authentication code is of another tenant",
        "Correct `tenant` of connection {id}, or configure a code of that tenant.";
    [50196] Wait:
        "Entra has had the same request too often in a short time, and takes it for a loop",
        "Wait some minutes, and find out what else signs in with this `client-id` so often; then run again.";
    [90055] Wait Passes:
        "the tenant gets more requests than Entra takes",
        "Wait some minutes, then run again.";
    [50033, 50087, 70012, 80005, 90006, 90012, 90024, 90033, 90090] Wait Passes:
        "Entra cannot answer at the moment",
        "Wait a minute, then run again.";
    [50000, 50086, 90036, 90092] TenantAdmin:
        "Entra failed in a way that does not pass by itself", SUPPORT;
}
