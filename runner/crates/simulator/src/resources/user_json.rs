//! Users in Graph's JSON.

use serde_json::{Map, Value, json};

use crate::odata::select::{PropertyKind, USER, USER_DEFAULT};
use crate::tenant::{License, Tenant, User};

impl User {
    /// Returns `Member` or `Guest`.
    pub fn user_type(&self) -> &'static str {
        if self.guest { "Guest" } else { "Member" }
    }
}

impl Tenant {
    /// Returns the selected properties of `user`; `None` selects the default ones.
    pub(super) fn user_json(&self, user: &User, selected: Option<&[&str]>) -> Value {
        let names = selected.unwrap_or(USER_DEFAULT);
        let object: Map<String, Value> =
            names.iter().map(|name| ((*name).to_owned(), self.property(user, name))).collect();
        object.into()
    }

    fn property(&self, user: &User, name: &str) -> Value {
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
            "assignedLicenses" => user.licenses.iter().map(assigned).collect(),
            "licenseAssignmentStates" => user.licenses.iter().map(state).collect(),
            "assignedPlans" => json!(self.plans(user).assigned),
            "provisionedPlans" => json!(self.plans(user).provisioned),
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
        "assignedByGroup": null,
        "disabledPlans": license.disabled_plans,
        "state": "Active",
        "error": "None",
        "lastUpdatedDateTime": license.assigned_date_time,
    })
}

fn further(user: &User, name: &str) -> Value {
    if let Some(value) = user.other.as_ref().and_then(|other| other.get(name)) {
        return value.clone();
    }
    let kind = USER.iter().find(|(own, _)| *own == name).map(|(_, kind)| *kind);
    match kind {
        Some(PropertyKind::Texts | PropertyKind::FixedList) => Value::Array(Vec::new()),
        _ => Value::Null,
    }
}
