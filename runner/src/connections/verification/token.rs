//! The tenant and the permissions of a token.

use super::{Check, Finding};
use crate::connections::sign_in::claims::Claims;
use crate::contract::Access;
use crate::contract::Policy;
use crate::contract::permissions::{Comparison, Permission};
use crate::report::Who;

/// Reports the tenant of a token, which was checked when the token was issued.
pub fn tenant(claims: Option<&Claims>, tenant: &str) -> Finding {
    match claims.and_then(|claims| claims.tid.as_deref()) {
        Some(id) => {
            let message = format!("The token is of the tenant {id}, which {tenant} names.");
            Finding::passed(Check::TokenTenant, message)
        }
        None => Finding::warning(
            Check::TokenTenant,
            "The token does not show its tenant.",
            format!("See below whether the tenant that answers is {tenant}."),
        ),
    }
}

/// Compares the token's permissions with those that all actions need.
pub fn permissions(claims: Option<&Claims>, access: Access, policy: &Policy) -> Finding {
    let Some(granted) = claims.and_then(|claims| granted(claims, access)) else {
        return Finding::warning(
            Check::Permissions,
            "The token does not show its permissions.",
            "Compare those of the app registration with what o365 permissions prints.",
        );
    };
    let actions: Vec<String> = policy.names().map(ToOwned::to_owned).collect();
    let Comparison { missing, excess } = Comparison::of(policy, &actions, access, &granted);
    let kind = match access {
        Access::Delegated => "delegated",
        Access::AppOnly => "application",
    };
    let mut messages = Vec::new();
    let mut fixes = Vec::new();
    if !missing.is_empty() {
        let parts: Vec<String> = missing.iter().map(in_words).collect();
        messages.push(format!("The token lacks {}.", parts.join("; ")));
        let names: Vec<&str> = missing.iter().map(|missing| missing.name.as_str()).collect();
        fixes.push(format!(
            "Grant the {kind} permissions {} of Microsoft Graph to the app registration, with the consent of an administrator, and sign in again.",
            names.join(", ")
        ));
    }
    if !excess.is_empty() {
        let names = excess.join(", ");
        messages.push(format!("The token allows more than any action needs: {names}."));
        fixes.push(format!("Remove the {kind} permissions {names} if nothing else uses them."));
    }
    if messages.is_empty() {
        let message = format!("The token allows what every action needs: {}.", granted.join(", "));
        return Finding::passed(Check::Permissions, message);
    }
    Finding::warning(Check::Permissions, messages.join(" "), fixes.join(" ")).by(Who::TenantAdmin)
}

fn granted(claims: &Claims, access: Access) -> Option<Vec<String>> {
    match access {
        Access::AppOnly if claims.roles.is_empty() => claims.tid.as_ref().map(|_| Vec::new()),
        Access::AppOnly => Some(claims.roles.clone()),
        Access::Delegated => {
            let scopes = claims.scp.as_deref()?.split_whitespace();
            Some(scopes.map(ToOwned::to_owned).collect())
        }
    }
}

fn in_words(missing: &Permission) -> String {
    format!("{} (for {})", missing.name, missing.actions.join(", "))
}
