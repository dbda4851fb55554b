//! A tenant of any size, for load: the same people each time.

use super::shared_str::SharedStr;

use super::guid::Guid;
use super::seed::SeedError;
use super::tenant::{License, Tenant, User};

/// One user in this many has no licence.
const UNLICENSED: u32 = 4;

/// Given names and surnames; a person's number chooses.
const GIVEN: [&str; 16] = [
    "Anna", "Bela", "Carl", "Dora", "Elif", "Femi", "Gita", "Hugo", "Ines", "Juan", "Kaya", "Lena",
    "Mona", "Nils", "Olga", "Paul",
];
const SURNAMES: [&str; 13] = [
    "Adler", "Berg", "Costa", "Diaz", "Ekwall", "Fischer", "Greco", "Holm", "Ivanov", "Jansen",
    "Kaya", "Lopez", "Moreau",
];

impl Tenant {
    /// The built-in tenant's subscriptions with `count` users, three in four of whom have
    /// a licence of the first SKU.
    pub fn generated(count: u32) -> Result<Self, SeedError> {
        let mut tenant = Self::built_in()?;
        tenant.users = super::users::Users::default();
        for sku in &mut tenant.skus {
            sku.consumed_units = 0;
        }
        let domain = tenant.initial_domain().to_owned();
        let location: SharedStr = "AM".into();
        let sender = tenant.sender.clone().unwrap_or_default();
        let mut licenses: u32 = 0;
        for number in 0..count {
            let license = tenant.skus.first().filter(|_| !number.is_multiple_of(UNLICENSED));
            let licensed = license.map(|sku| License {
                sku_id: sku.sku_id,
                disabled_plans: Vec::new(),
                assigned_date_time: tenant.time,
            });
            licenses += u32::from(licensed.is_some());
            let name = nickname(number);
            let user = User {
                id: Guid::of(&[b"generated", &number.to_le_bytes()]),
                user_principal_name: format!("{name}@{domain}").into(),
                display_name: display_name(number).into(),
                mail: licensed.as_ref().map(|_| format!("{name}@{domain}").into()),
                mail_nickname: name.into(),
                usage_location: Some(location.clone()),
                account_enabled: true,
                guest: false,
                shared_mailbox: false,
                created_date_time: tenant.time,
                licenses: licensed.into_iter().collect(),
                plans: None,
                other: None,
            };
            // Numbers make names and ids differ.
            let _ = tenant.users.insert(user);
        }
        if let Some(sku) = tenant.skus.first_mut() {
            sku.consumed_units = licenses;
            sku.prepaid_units.enabled = licenses.saturating_add(1_000);
        }
        tenant.add_sender(&sender);
        Ok(tenant)
    }

    /// Adds the shared mailbox that mail is sent from.
    fn add_sender(&mut self, name: &str) {
        let user = User {
            id: Guid::of(&[b"generated", name.as_bytes()]),
            user_principal_name: name.into(),
            display_name: "No Reply".into(),
            mail: Some(name.into()),
            mail_nickname: name.split('@').next().unwrap_or_default().into(),
            usage_location: None,
            account_enabled: true,
            guest: false,
            shared_mailbox: true,
            created_date_time: self.time,
            licenses: Vec::new(),
            plans: None,
            other: None,
        };
        let _ = self.users.insert(user);
    }
}

fn pick(names: &'static [&'static str], number: u32) -> &'static str {
    let index = usize::try_from(number).unwrap_or_default().checked_rem(names.len());
    index.and_then(|index| names.get(index)).copied().unwrap_or_default()
}

fn display_name(number: u32) -> String {
    format!("{} {} {number}", pick(&GIVEN, number), pick(&SURNAMES, number))
}

fn nickname(number: u32) -> String {
    format!("{}{number}", pick(&GIVEN, number).to_ascii_lowercase())
}
