//! Random tenants: few names, so that they meet.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use runner::simulator::tenant::{
    CapabilityStatus, DeletedUser, License, Sku, Target, Tenant, Units, User,
};
use runner::simulator::{Guid, Users};

/// The parts of names before the `@`.
pub const NAMES: [&str; 4] = ["allen", "bela", "o'carl", "dora"];

/// The domains: two that are verified, and one that is not.
const DOMAINS: [&str; 3] = ["contoso.onmicrosoft.com", "contoso.com", "contoso.net"];

/// The mailbox that sends, where there is one.
pub const SENDER: &str = "noreply@contoso.onmicrosoft.com";

/// The tenant that random ones are made of.
static BUILT_IN: LazyLock<Tenant> = LazyLock::new(|| Tenant::built_in().unwrap());

/// One of the domains.
pub fn domain() -> impl Strategy<Value = &'static str> {
    prop_oneof![8 => Just(DOMAINS[0]), 2 => Just(DOMAINS[1]), 1 => Just(DOMAINS[2])]
}

/// A user name, perhaps of nobody.
pub fn name() -> impl Strategy<Value = String> {
    let capitals = prop_oneof![4 => Just(false), 1 => Just(true)];
    (0..NAMES.len(), domain(), capitals).prop_map(|(name, domain, capitals)| {
        let name = format!("{}@{domain}", NAMES[name]);
        if capitals { name.to_uppercase() } else { name }
    })
}

/// The number of one of the built-in tenant's subscriptions.
pub fn sku() -> impl Strategy<Value = usize> {
    0..7_usize
}

/// The id of that subscription.
pub fn sku_id(number: usize) -> Guid {
    BUILT_IN.skus[number].sku_id
}

/// A licence, with as many of its service plans switched off.
pub fn license() -> impl Strategy<Value = (usize, usize)> {
    (sku(), prop_oneof![3 => Just(0_usize), 1 => 1..4_usize])
}

/// The first `off` service plans of a subscription.
pub fn plans(number: usize, off: usize) -> Vec<Guid> {
    let plans = BUILT_IN.skus[number].service_plans.iter().take(off);
    plans.map(|plan| plan.service_plan_id).collect()
}

/// A tenant, as random choices.
pub fn tenant() -> impl Strategy<Value = Tenant> {
    let users = vec(user(), 0..7);
    let deleted = vec(user(), 0..3);
    let skus = vec(option::weighted(0.8, units()), 7);
    (users, deleted, skus, option::weighted(0.8, user()), any::<bool>(), 0..3_u32).prop_map(
        |(users, deleted, skus, sender, exclusive, lag)| {
            let mut tenant = BUILT_IN.clone();
            tenant.lag = lag;
            if !exclusive {
                tenant.exclusive_plans.clear();
            }
            tenant.users = Users::default();
            tenant.skus = tenant
                .skus
                .into_iter()
                .zip(skus)
                .filter_map(|(sku, units)| Some(Sku { consumed_units: 0, ..units?.of(sku) }))
                .collect();
            let sender = sender.map(|user| Chosen { name: SENDER.to_owned(), ..user });
            for user in sender.into_iter().chain(users) {
                let user = user.make(&mut tenant);
                // Two with one name there are none.
                let _ = tenant.users.insert(user);
            }
            for user in deleted {
                let mut user = user.make(&mut tenant);
                user.user_principal_name =
                    format!("{}{}", user.id.simple(), user.user_principal_name).into();
                let deleted_date_time = tenant.time;
                tenant.deleted_users.push(DeletedUser { deleted_date_time, user });
            }
            count_seats(&mut tenant);
            tenant
        },
    )
}

/// Makes the consumed units those of the users, and so many more or less free ones.
fn count_seats(tenant: &mut Tenant) {
    for sku in &mut tenant.skus {
        let has = |user: &&User| user.licenses.iter().any(|own| own.sku_id == sku.sku_id);
        let used = u32::try_from(tenant.users.iter().filter(has).count()).unwrap();
        sku.consumed_units = used;
        sku.prepaid_units.enabled += used;
    }
}

/// The units of a subscription.
#[derive(Clone, Debug)]
struct ChosenUnits {
    free: u32,
    warning: u32,
    status: CapabilityStatus,
    target: Target,
}

fn units() -> impl Strategy<Value = ChosenUnits> {
    let status = prop_oneof![
        6 => Just(CapabilityStatus::Enabled),
        1 => Just(CapabilityStatus::Warning),
        1 => Just(CapabilityStatus::Suspended),
    ];
    let target = prop_oneof![8 => Just(Target::User), 1 => Just(Target::Company)];
    (0..3_u32, 0..2_u32, status, target).prop_map(|(free, warning, status, target)| ChosenUnits {
        free,
        warning,
        status,
        target,
    })
}

impl ChosenUnits {
    fn of(self, sku: Sku) -> Sku {
        let prepaid_units = Units { enabled: self.free, warning: self.warning, ..Units::default() };
        Sku { prepaid_units, capability_status: self.status, applies_to: self.target, ..sku }
    }
}

/// A user, as random choices.
#[derive(Clone, Debug)]
struct Chosen {
    name: String,
    mail: Option<String>,
    usage_location: Option<&'static str>,
    shared_mailbox: bool,
    licenses: Vec<(usize, usize)>,
}

fn user() -> impl Strategy<Value = Chosen> {
    let location = option::weighted(0.7, prop_oneof![Just("AM"), Just("DE")]);
    let mail = option::weighted(0.5, name());
    let shared = prop::bool::weighted(0.1);
    (name(), mail, location, shared, vec(license(), 0..3)).prop_map(
        |(name, mail, usage_location, shared_mailbox, licenses)| Chosen {
            mail: mail.or_else(|| shared_mailbox.then(|| name.clone())),
            name,
            usage_location,
            shared_mailbox,
            licenses,
        },
    )
}

impl Chosen {
    fn make(self, tenant: &mut Tenant) -> User {
        let mut licenses: Vec<License> = Vec::new();
        for (number, off) in self.licenses {
            let sku_id = sku_id(number);
            let is_new = !licenses.iter().any(|own| own.sku_id == sku_id);
            if tenant.sku(sku_id).is_some() && is_new {
                let disabled_plans = plans(number, off);
                licenses.push(License::direct(sku_id, disabled_plans, tenant.time));
            }
        }
        let name = self.name.as_str();
        let nickname = name.split('@').next().unwrap();
        let id = tenant.new_id();
        User {
            mail: self.mail.map(Into::into),
            usage_location: self.usage_location.map(Into::into),
            shared_mailbox: self.shared_mailbox,
            licenses,
            ..User::new(id, name, name, nickname, tenant.time)
        }
    }
}
