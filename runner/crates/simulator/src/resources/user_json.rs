//! Users in Graph's JSON.

use serde_json::{Value, json};

use crate::tenant::{License, Tenant, User};
use graph::properties::{self, PropertyKind, USER};

impl Tenant {
    /// Returns a property of `user`.
    pub(super) fn user_property(&self, user: &User, name: &str) -> Value {
        match name {
            "id" => json!(user.id),
            "userPrincipalName" => json!(user.user_principal_name),
            "displayName" => json!(user.display_name),
            "mailNickname" => json!(user.mail_nickname),
            "mail" => json!(user.mail),
            "proxyAddresses" => {
                user.mail.iter().map(|mail| Value::from(format!("SMTP:{mail}"))).collect()
            }
            "usageLocation" => json!(user.usage_location),
            "accountEnabled" => json!(user.account_enabled),
            "userType" => json!(user.user_type()),
            "createdDateTime" => json!(user.created_date_time),
            "assignedLicenses" => user.assigned().iter().map(assigned).collect(),
            "licenseAssignmentStates" => user.licenses.iter().map(state).collect(),
            "assignedPlans" => json!(self.plans(user).assigned),
            "provisionedPlans" => json!(self.plans(user).provisioned),
            // A password that nobody has changed is as old as the account.
            "lastPasswordChangeDateTime" | "signInSessionsValidFromDateTime"
                if !user.has_further(name) =>
            {
                json!(user.created_date_time)
            }
            "securityIdentifier" => json!(user.id.security_identifier()),
            other => further(user, other),
        }
    }
}

fn assigned(license: &License) -> Value {
    json!({ "disabledPlans": license.disabled_plans, "skuId": license.sku_id })
}

fn state(license: &License) -> Value {
    json!({
        "skuId": license.sku_id,
        "assignedByGroup": license.assigned_by_group,
        "disabledPlans": license.disabled_plans,
        "state": if license.error.is_some() { "Error" } else { "Active" },
        "error": license.error.map_or_else(|| "None".into(), |error| json!(error)),
        "lastUpdatedDateTime": license.assigned_date_time,
    })
}

impl User {
    fn has_further(&self, name: &str) -> bool {
        self.other.as_ref().is_some_and(|other| other.contains_key(name))
    }
}

fn further(user: &User, name: &str) -> Value {
    if let Some(value) = user.other.as_ref().and_then(|other| other.get(name)) {
        return value.clone();
    }
    match properties::find(USER, name).map(|own| own.kind) {
        Some(PropertyKind::Texts | PropertyKind::FixedList | PropertyKind::UnwrittenList) => {
            Value::Array(Vec::new())
        }
        _ => Value::Null,
    }
}
