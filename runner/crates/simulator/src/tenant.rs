//! The simulated tenant, in memory and in its file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::guid::Guid;
use super::lag::Lagging;
use super::plans::Plans;
use super::shared_str::SharedStr;
use super::throttling::Limits;
use super::time::Time;
use super::users::Users;
use graph::licensing;

/// An Entra tenant with its users, licences, domains and mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tenant {
    /// The tenant's id.
    pub id: Guid,
    /// The display name.
    pub display_name: String,
    /// The mailbox from which a simulated connection sends mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// The time of the tenant, which advances with the clocks of the runs.
    pub time: Time,
    /// The number of created ids, from which the next one derives.
    #[serde(default)]
    pub ids_made: u64,
    /// The number of reads after a write that still see the previous state.
    #[serde(default)]
    pub lag: u32,
    /// The throttling limits, in place of Microsoft's documented ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// The domains, the default one among them.
    pub domains: Vec<Domain>,
    /// The subscriptions.
    pub skus: Vec<Sku>,
    /// Groups of mutually exclusive service plans.
    #[serde(default)]
    pub exclusive_plans: Vec<Vec<Guid>>,
    /// The users.
    pub users: Users,
    /// The deleted users.
    #[serde(default)]
    pub deleted_users: Vec<DeletedUser>,
    /// The sent mail, in order.
    #[serde(default)]
    pub mail: Vec<Mail>,
    /// The writes that are not yet replicated, by user.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lagging: BTreeMap<Guid, Lagging>,
}

/// A domain of the tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Domain {
    /// The name.
    pub name: String,
    /// Whether it is the default domain of new users.
    #[serde(default)]
    pub is_default: bool,
    /// Whether it is the initial domain of the tenant.
    #[serde(default)]
    pub is_initial: bool,
    /// Whether the ownership is verified, without which the domain has no users.
    #[serde(default = "yes")]
    pub is_verified: bool,
}

/// A subscription: Graph's `subscribedSku`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sku {
    /// The SKU's id.
    pub sku_id: Guid,
    /// The SKU's part number, such as `SPE_E5`.
    pub sku_part_number: SharedStr,
    /// `User` or `Company`.
    #[serde(default)]
    pub applies_to: Target,
    /// Whether the subscription is active.
    #[serde(default)]
    pub capability_status: CapabilityStatus,
    /// The number of assigned units.
    #[serde(default)]
    pub consumed_units: u32,
    /// The number of units.
    pub prepaid_units: Units,
    /// The service plans of the licence.
    #[serde(default)]
    pub service_plans: Vec<ServicePlan>,
}

/// The assignee of a licence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// A single user.
    #[default]
    User,
    /// The tenant as a whole.
    Company,
}

/// The state of a subscription or of a service plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CapabilityStatus {
    /// Active.
    #[default]
    Enabled,
    /// Expired, in its grace period, still usable.
    Warning,
    /// Cancelled.
    Suspended,
    /// Gone.
    Deleted,
    /// Cancelled by the customer.
    LockedOut,
}

impl CapabilityStatus {
    /// Returns whether a subscription or plan with this status is usable.
    pub fn is_usable(self) -> bool {
        matches!(self, Self::Enabled | Self::Warning)
    }
}

/// Units of a subscription by state: Graph's `licenseUnitsDetail`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Units {
    /// Active.
    pub enabled: u32,
    /// Cancelled.
    pub suspended: u32,
    /// In their grace period.
    pub warning: u32,
    /// Cancelled by the customer.
    pub locked_out: u32,
}

/// A service plan of a SKU.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServicePlan {
    /// The plan's id.
    pub service_plan_id: Guid,
    /// The plan's name, such as `EXCHANGE_S_ENTERPRISE`.
    pub service_plan_name: SharedStr,
    /// The service, such as `exchange`.
    pub service: SharedStr,
    /// The assignee.
    #[serde(default)]
    pub applies_to: Target,
    /// The provisioning status in the tenant; `None` for success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisioning_status: Option<SharedStr>,
}

impl Sku {
    /// Returns the number of free licences: units that are active or in their grace period, less
    /// the assigned ones.
    pub fn free(&self) -> u32 {
        let Units { enabled, warning, .. } = self.prepaid_units;
        let is_usable = self.capability_status.is_usable();
        licensing::free_seats(is_usable, enabled, warning, self.consumed_units)
    }
}

/// A user of the tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct User {
    /// The object id.
    pub id: Guid,
    /// The user principal name.
    pub user_principal_name: SharedStr,
    /// The display name.
    pub display_name: SharedStr,
    /// The mail alias.
    pub mail_nickname: SharedStr,
    /// The mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<SharedStr>,
    /// The usage location, ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_location: Option<SharedStr>,
    /// Whether the user can sign in.
    #[serde(default = "yes")]
    pub account_enabled: bool,
    /// Whether the user is a guest of another tenant.
    #[serde(default, skip_serializing_if = "is_no")]
    pub guest: bool,
    /// Whether there is a shared mailbox, which needs no licence.
    #[serde(default, skip_serializing_if = "is_no")]
    pub shared_mailbox: bool,
    /// The creation time.
    pub created_date_time: Time,
    /// The licences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licenses: Vec<License>,
    /// The service plans, if they differ from those of the licences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plans: Option<Box<Plans>>,
    /// Other properties by Graph's names, such as `jobTitle`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<Box<BTreeMap<String, Value>>>,
}

impl User {
    /// Creates an enabled member without licences or a mailbox.
    pub fn new(
        id: Guid,
        user_principal_name: impl Into<SharedStr>,
        display_name: impl Into<SharedStr>,
        mail_nickname: impl Into<SharedStr>,
        created_date_time: Time,
    ) -> Self {
        Self {
            id,
            user_principal_name: user_principal_name.into(),
            display_name: display_name.into(),
            mail_nickname: mail_nickname.into(),
            mail: None,
            usage_location: None,
            account_enabled: true,
            guest: false,
            shared_mailbox: false,
            created_date_time,
            licenses: Vec::new(),
            plans: None,
            other: None,
        }
    }
}

/// A licence of a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct License {
    /// The SKU.
    pub sku_id: Guid,
    /// The disabled service plans.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disabled_plans: Vec<Guid>,
    /// The time of the assignment or its last change.
    pub assigned_date_time: Time,
}

/// A deleted user.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeletedUser {
    /// The time of the deletion.
    pub deleted_date_time: Time,
    /// The user before the deletion.
    pub user: User,
}

/// A sent mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mail {
    /// The time of sending.
    pub sent_date_time: Time,
    /// The address of the sender.
    pub from: SharedStr,
    /// The addresses of all recipients.
    pub to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// `text` or `html`.
    pub content_type: String,
    /// The text.
    pub content: String,
    /// The attached files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Whether the sender's mailbox keeps a copy.
    pub saved_to_sent_items: bool,
}

/// A file attached to a mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attachment {
    /// The file's name.
    pub name: String,
    /// The media type.
    pub content_type: String,
    /// The content, in base64.
    pub content_bytes: String,
}

impl Tenant {
    /// Returns the subscription of `sku_id`.
    pub fn sku(&self, sku_id: Guid) -> Option<&Sku> {
        self.skus.iter().find(|sku| sku.sku_id == sku_id)
    }

    /// Returns the initial domain, such as `contoso.onmicrosoft.com`.
    pub fn initial_domain(&self) -> &str {
        let initial = self.domains.iter().find(|domain| domain.is_initial);
        initial.or(self.domains.first()).map(|domain| domain.name.as_str()).unwrap_or_default()
    }

    /// Returns whether the domain `name` is verified.
    pub fn has_verified(&self, name: &str) -> bool {
        let is = |domain: &&Domain| domain.name.eq_ignore_ascii_case(name);
        self.domains.iter().find(is).is_some_and(|domain| domain.is_verified)
    }

    /// Creates an id for a new object.
    pub fn new_id(&mut self) -> Guid {
        self.ids_made = self.ids_made.saturating_add(1);
        Guid::of(&[b"object", self.id.to_string().as_bytes(), &self.ids_made.to_le_bytes()])
    }

    /// Returns an inconsistency of the tenant, if there is one.
    pub fn contradiction(&self) -> Option<String> {
        let mut licences: BTreeMap<Guid, u32> = BTreeMap::new();
        for user in self.users.iter() {
            for license in &user.licenses {
                *licences.entry(license.sku_id).or_default() += 1;
                if self.sku(license.sku_id).is_none() {
                    return Some(format!(
                        "the user {} has a licence of {}, which is not among the skus",
                        user.user_principal_name, license.sku_id
                    ));
                }
            }
        }
        let short = |sku: &&Sku| licences.get(&sku.sku_id).is_some_and(|n| sku.consumed_units < *n);
        if let Some(sku) = self.skus.iter().find(short) {
            return Some(format!(
                "consumedUnits of {} is {}, but more users have a licence of it",
                sku.sku_part_number, sku.consumed_units
            ));
        }
        self.domains.is_empty().then(|| "it has no domain".to_owned())
    }
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_no(flag: &bool) -> bool {
    !*flag
}
