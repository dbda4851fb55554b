//! Groups in Graph's JSON.

use serde_json::{Value, json};

use crate::tenant::{Group, GroupLicense, Tenant};
use graph::properties::{self, GROUP, PropertyKind};

impl Tenant {
    /// Returns a property of `group`.
    pub(super) fn group_property(&self, group: &Group, name: &str) -> Value {
        match name {
            "id" => json!(group.id),
            "displayName" => json!(group.display_name),
            "mailNickname" => json!(group.mail_nickname),
            "mail" => json!(group.mail),
            "proxyAddresses" => {
                group.mail.iter().map(|mail| Value::from(format!("SMTP:{mail}"))).collect()
            }
            "mailEnabled" => json!(group.unified),
            "securityEnabled" => json!(group.security_enabled),
            "groupTypes" => group.unified.then_some("Unified").into_iter().collect(),
            "visibility" => json!(group.visibility),
            "createdDateTime" | "renewedDateTime" => json!(group.created_date_time),
            "securityIdentifier" => json!(group.id.security_identifier()),
            "assignedLicenses" => group.licenses.iter().map(assigned).collect(),
            "licenseProcessingState" if group.licenses.is_empty() => Value::Null,
            "licenseProcessingState" => json!({ "state": "ProcessingComplete" }),
            "hasMembersWithLicenseErrors" => match self.has_license_errors(group.id) {
                true => Value::Bool(true),
                false => Value::Null,
            },
            other => further(group, other),
        }
    }
}

fn assigned(license: &GroupLicense) -> Value {
    json!({ "disabledPlans": license.disabled_plans, "skuId": license.sku_id })
}

fn further(group: &Group, name: &str) -> Value {
    if let Some(value) = group.other.get(name) {
        return value.clone();
    }
    match properties::find(GROUP, name).map(|own| own.kind) {
        Some(PropertyKind::Texts | PropertyKind::FixedList | PropertyKind::UnwrittenList) => {
            Value::Array(Vec::new())
        }
        _ => Value::Null,
    }
}
