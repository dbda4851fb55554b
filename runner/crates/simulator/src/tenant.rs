//! What a simulated tenant consists of, as it is in memory and in its file.

use super::shared_str::SharedStr;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::guid::Guid;
use super::lag::Lagging;
use super::plans::Plans;
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
    /// The name that is shown.
    pub display_name: String,
    /// The mailbox that a simulated connection sends from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// What the tenant's clock shows; it goes on by the clocks of the runs.
    pub time: Time,
    /// How many ids were made: the next one follows from it.
    #[serde(default)]
    pub ids_made: u64,
    /// For how many reads after a write the directory still answers with what was before.
    #[serde(default)]
    pub lag: u32,
    /// Other limits than Microsoft's documented ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// The domains, the default one among them.
    pub domains: Vec<Domain>,
    /// The subscriptions.
    pub skus: Vec<Sku>,
    /// Groups of service plans of which a user can have one at a time.
    #[serde(default)]
    pub exclusive_plans: Vec<Vec<Guid>>,
    /// The users.
    pub users: Users,
    /// The users that were deleted and could be restored.
    #[serde(default)]
    pub deleted_users: Vec<DeletedUser>,
    /// The mail that was sent, in its order.
    #[serde(default)]
    pub mail: Vec<Mail>,
    /// The writes that are not visible everywhere yet, by user.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lagging: BTreeMap<Guid, Lagging>,
}

/// A domain of the tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Domain {
    /// Its name.
    pub name: String,
    /// Whether new users get it where nothing else is said.
    #[serde(default)]
    pub is_default: bool,
    /// Whether it came with the tenant.
    #[serde(default)]
    pub is_initial: bool,
    /// Whether the tenant has proved to own it; only then users can be in it.
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
    /// How many units are assigned.
    #[serde(default)]
    pub consumed_units: u32,
    /// How many units there are.
    pub prepaid_units: Units,
    /// What the licence brings.
    #[serde(default)]
    pub service_plans: Vec<ServicePlan>,
}

/// Whom a licence is for.
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
    /// Whether what has this status can be used.
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
    /// The service that it is a plan of, such as `exchange`.
    pub service: SharedStr,
    /// Whom it is for.
    #[serde(default)]
    pub applies_to: Target,
    /// How far setting it up in the tenant has come; none once it has succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisioning_status: Option<SharedStr>,
}

impl Sku {
    /// How many licences can still be assigned: units that are active or in their grace
    /// period, less those in use.
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
    /// The name to sign in with.
    pub user_principal_name: SharedStr,
    /// The name that is shown.
    pub display_name: SharedStr,
    /// The part of the mail address before the `@`.
    pub mail_nickname: SharedStr,
    /// The mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<SharedStr>,
    /// Where the user is, ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_location: Option<SharedStr>,
    /// Whether the user can sign in.
    #[serde(default = "yes")]
    pub account_enabled: bool,
    /// Whether the user is a guest of another tenant.
    #[serde(default, skip_serializing_if = "is_no")]
    pub guest: bool,
    /// Whether there is a mailbox without any licence.
    #[serde(default, skip_serializing_if = "is_no")]
    pub shared_mailbox: bool,
    /// When the user was created.
    pub created_date_time: Time,
    /// The licences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licenses: Vec<License>,
    /// The service plans, where they are not just what the licences bring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plans: Option<Box<Plans>>,
    /// Further properties under Graph's names, such as `jobTitle`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<Box<BTreeMap<String, Value>>>,
}

/// A licence of a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct License {
    /// The SKU.
    pub sku_id: Guid,
    /// The service plans that are switched off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disabled_plans: Vec<Guid>,
    /// When it was assigned or last changed.
    pub assigned_date_time: Time,
}

/// A user that was deleted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeletedUser {
    /// When.
    pub deleted_date_time: Time,
    /// The user as it was.
    pub user: User,
}

/// A mail that was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mail {
    /// When.
    pub sent_date_time: Time,
    /// Whose mailbox it came from.
    pub from: SharedStr,
    /// The addresses that it went to, those of copies too.
    pub to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// `text` or `html`.
    pub content_type: String,
    /// The text.
    pub content: String,
    /// The files that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Whether the sender's mailbox keeps a copy.
    pub saved_to_sent_items: bool,
}

/// A file that came with a mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attachment {
    /// The file's name.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// Its bytes, in base64.
    pub content_bytes: String,
}

impl Tenant {
    /// The subscription of `sku_id`.
    pub fn sku(&self, sku_id: Guid) -> Option<&Sku> {
        self.skus.iter().find(|sku| sku.sku_id == sku_id)
    }

    /// The domain that came with the tenant, such as `contoso.onmicrosoft.com`.
    pub fn initial_domain(&self) -> &str {
        let initial = self.domains.iter().find(|domain| domain.is_initial);
        initial.or(self.domains.first()).map(|domain| domain.name.as_str()).unwrap_or_default()
    }

    /// Whether users can be in the domain `name`.
    pub fn has_verified(&self, name: &str) -> bool {
        let is = |domain: &&Domain| domain.name.eq_ignore_ascii_case(name);
        self.domains.iter().find(is).is_some_and(|domain| domain.is_verified)
    }

    /// An id that no object has yet.
    pub fn new_id(&mut self) -> Guid {
        self.ids_made = self.ids_made.saturating_add(1);
        Guid::of(&[b"object", self.id.to_string().as_bytes(), &self.ids_made.to_le_bytes()])
    }

    /// What contradicts itself in the tenant, if anything does.
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
