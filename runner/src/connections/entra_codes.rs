//! What Entra's error codes mean to whoever configured a connection, and what to do.
//!
//! Source: Microsoft Learn, "Microsoft Entra authentication and authorization error
//! codes". Microsoft says that the numbers are for diagnosis and may change: they choose
//! a sentence here, and which refusals are worth another try, and nothing else.

use super::entra_error::Who;

/// One meaning, and the codes that have it.
pub struct Explanation {
    /// The numbers behind `AADSTS`.
    pub codes: &'static [u64],
    /// What happened.
    pub message: &'static str,
    /// What to do; `{id}` stands for the connection's id.
    pub fix: &'static str,
    /// Who can do it.
    pub who: Who,
}

/// The explanation of a code, if it is a known one.
pub fn explanation(code: u64) -> Option<&'static Explanation> {
    EXPLANATIONS.iter().find(|explanation| explanation.codes.contains(&code))
}

/// Codes of failures that pass: another try is worth while.
pub fn is_transient(code: u64) -> bool {
    TRANSIENT.contains(&code)
}

const TRANSIENT: &[u64] = &[50033, 90006, 90012, 90024, 90033, 90090, 90055];

const EXPLANATIONS: &[Explanation] = &[
    Explanation {
        codes: &[50126],
        message: "the user name or the password is wrong",
        fix: "Correct `username` and the secret behind `password` of connection {id}; repeated failures lock the account.",
        who: Who::Caller,
    },
    Explanation {
        codes: &[50034],
        message: "the tenant has no such user",
        fix: "Correct `username` of connection {id}, or its `tenant`.",
        who: Who::Caller,
    },
    Explanation {
        codes: &[50053],
        message: "the account is locked after too many failed sign-ins, or this address is blocked",
        fix: "Stop signing in and wait until the lock ends, or have an administrator unlock the account; then check the password.",
        who: Who::TenantAdmin,
    },
    Explanation {
        codes: &[50055],
        message: "the user's password has expired",
        fix: "Have the user change the password in a browser, then update the secret behind `password` of connection {id}.",
        who: Who::Caller,
    },
    Explanation {
        codes: &[50056],
        message: "the user has no password in this tenant",
        fix: "Set a password for the user, or sign in with `o365 connection login {id}`.",
        who: Who::TenantAdmin,
    },
    Explanation {
        codes: &[50057],
        message: "the user's account is disabled",
        fix: "Enable the account, or configure another user for connection {id}.",
        who: Who::TenantAdmin,
    },
    Explanation {
        codes: &[50072, 50074, 50076, 50079],
        message: "the user must pass multi-factor authentication, which a user name and password cannot",
        fix: "Sign in with `o365 connection login {id}`.",
        who: Who::Caller,
    },
    Explanation {
        codes: &[53003, 530032, 530035],
        message: "conditional access or the tenant's security defaults block this sign-in",
        fix: "Have an administrator allow this application or this address, or sign in with `o365 connection login {id}` from a device that meets the policy.",
        who: Who::TenantAdmin,
    },
    Explanation {
        codes: &[65001, 650056, 90094],
        message: "nobody has consented to the permissions that the application asks for",
        fix: "Have an administrator grant admin consent to the permissions that `o365 permissions` lists, or sign in with `o365 connection login {id}` and consent.",
        who: Who::TenantAdmin,
    },
    Explanation {
        codes: &[7000215],
        message: "the application's secret is wrong",
        fix: "Put the secret's value behind `client-secret` of connection {id}; the secret's ID, which the portal shows beside it, is not the secret.",
        who: Who::Caller,
    },
    Explanation {
        codes: &[7000222],
        message: "the application's secret has expired",
        fix: "Make a new client secret in the app registration and put its value behind `client-secret` of connection {id}.",
        who: Who::TenantAdmin,
    },
    Explanation {
        codes: &[7000218],
        message: "the application must send a secret, and connection {id} has none",
        fix: "Configure `client-secret` for connection {id}, or set \"Allow public client flows\" to Yes in the app registration.",
        who: Who::Caller,
    },
    Explanation {
        codes: &[700025],
        message: "the application is a public client, which must not send a secret",
        fix: "Remove `client-secret` from connection {id}.",
        who: Who::Caller,
    },
    Explanation {
        codes: &[700016, 700011],
        message: "the tenant does not know the application",
        fix: "Correct `client-id` or `tenant` of connection {id}, or have an administrator consent to the application in that tenant.",
        who: Who::Caller,
    },
    Explanation {
        codes: &[90002],
        message: "there is no such tenant in this cloud",
        fix: "Correct `tenant` of connection {id}, or its `cloud`.",
        who: Who::Caller,
    },
    Explanation {
        codes: &[9001023],
        message: "a user name and password need the tenant's own name",
        fix: "Write the tenant's domain or id as `tenant` of connection {id}, not `common` or `consumers`.",
        who: Who::Caller,
    },
    Explanation {
        codes: &[50011],
        message: "the redirect URL is not one of the application's",
        fix: "Add `redirect-url` of connection {id} to the app registration, letter by letter; `http://localhost` there allows `o365 connection login` every port.",
        who: Who::Caller,
    },
    Explanation {
        codes: &[70008, 700082, 70043, 50173],
        message: "the code or the refresh token has expired or was revoked",
        fix: "Sign in again with `o365 connection login {id}`, or configure a new `authentication-code`.",
        who: Who::Caller,
    },
    Explanation {
        codes: &[54005],
        message: "the authentication code was used before, and a code is good once",
        fix: "Configure a new `authentication-code` for connection {id}, or sign in with `o365 connection login {id}`.",
        who: Who::Caller,
    },
    Explanation {
        codes: &[700005],
        message: "the authentication code is of another tenant",
        fix: "Correct `tenant` of connection {id}, or configure a code of that tenant.",
        who: Who::Caller,
    },
    Explanation {
        codes: &[70011, 28002],
        message: "the tenant does not accept the permissions that are asked for",
        fix: "Check that `cloud` of connection {id} is the tenant's, and that the app registration has the permissions that `o365 permissions` lists.",
        who: Who::Caller,
    },
    Explanation {
        codes: &[90055],
        message: "the tenant gets more requests than Entra takes",
        fix: "Wait some minutes, then run again.",
        who: Who::Wait,
    },
    Explanation {
        codes: &[50033, 90006, 90012, 90024, 90033, 90090],
        message: "Entra cannot answer at the moment",
        fix: "Wait a minute, then run again.",
        who: Who::Wait,
    },
];
