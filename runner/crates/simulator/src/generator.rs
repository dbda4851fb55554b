//! Reproducible tenants of any size.

use std::collections::BTreeSet;

use super::guid::Guid;
use super::seed::SeedError;
use super::shared_str::SharedStr;
use super::tenant::{Group, Groups, License, Tenant, User};
use super::users::Users;

/// The number of members of a group.
const MEMBERS: u32 = 200;

/// The period of users without a licence.
const UNLICENSED: u32 = 4;

/// Given names and surnames, selected by the number of a user.
const GIVEN: [&str; 16] = [
    "Anna", "Bela", "Carl", "Dora", "Elif", "Femi", "Gita", "Hugo", "Ines", "Juan", "Kaya", "Lena",
    "Mona", "Nils", "Olga", "Paul",
];
const SURNAMES: [&str; 13] = [
    "Adler", "Berg", "Costa", "Diaz", "Ekwall", "Fischer", "Greco", "Holm", "Ivanov", "Jansen",
    "Kaya", "Lopez", "Moreau",
];

impl Tenant {
    /// Returns a tenant with the subscriptions of the built-in one and `count` users, three quarters
    /// of whom have a licence of the first SKU. Every 200 of them are a group.
    pub fn generated(count: u32) -> Result<Self, SeedError> {
        let mut tenant = Self::built_in()?;
        tenant.users = Users::default();
        tenant.groups = Groups::default();
        for sku in &mut tenant.skus {
            sku.consumed_units = 0;
        }
        let domain = tenant.initial_domain().to_owned();
        let location: SharedStr = "AM".into();
        let sender = tenant.sender.clone().unwrap_or_default();
        let mut licenses: u32 = 0;
        for number in 0..count {
            let license = tenant.skus.first().filter(|_| !number.is_multiple_of(UNLICENSED));
            let licensed = license.map(|sku| License::direct(sku.sku_id, Vec::new(), tenant.time));
            licenses += u32::from(licensed.is_some());
            let (given, surname) = (pick(&GIVEN, number), pick(&SURNAMES, number));
            let nickname = format!("{}{number}", given.to_ascii_lowercase());
            let address = format!("{nickname}@{domain}");
            let id = Guid::of(&[b"generated", &number.to_le_bytes()]);
            let display_name = format!("{given} {surname} {number}");
            let mail = licensed.as_ref().map(|_| address.as_str().into());
            let user = User {
                mail,
                usage_location: Some(location.clone()),
                licenses: licensed.into_iter().collect(),
                ..User::new(id, address, display_name, nickname, tenant.time)
            };
            // The number makes the name and the id unique.
            let _ = tenant.users.insert(user);
        }
        if let Some(sku) = tenant.skus.first_mut() {
            sku.consumed_units = licenses;
            sku.prepaid_units.enabled = licenses.saturating_add(1_000);
        }
        tenant.add_groups(count.div_ceil(MEMBERS));
        tenant.add_sender(&sender);
        Ok(tenant)
    }

    /// Adds `count` groups, among which the users are divided. The first member owns its group.
    fn add_groups(&mut self, count: u32) {
        let mut ids = self.users.iter().map(|user| user.id);
        let mut groups = Groups::default();
        for number in 0..count {
            let id = Guid::of(&[b"generated group", &number.to_le_bytes()]);
            let size = usize::try_from(MEMBERS).unwrap_or_default();
            let members: BTreeSet<Guid> = ids.by_ref().take(size).collect();
            let group = Group {
                owners: members.first().copied().into_iter().collect(),
                members,
                ..Group::new(id, format!("Team {number}"), format!("team{number}"), self.time)
            };
            // The number makes the id unique.
            let _ = groups.insert(group);
        }
        self.groups = groups;
    }

    /// Adds the shared mailbox from which mail is sent.
    fn add_sender(&mut self, name: &str) {
        let id = Guid::of(&[b"generated", name.as_bytes()]);
        let nickname = name.split('@').next().unwrap_or_default();
        let user = User {
            mail: Some(name.into()),
            shared_mailbox: true,
            ..User::new(id, name, "No Reply", nickname, self.time)
        };
        let _ = self.users.insert(user);
    }
}

fn pick(names: &'static [&'static str], number: u32) -> &'static str {
    let index = usize::try_from(number).unwrap_or_default().checked_rem(names.len());
    index.and_then(|index| names.get(index)).copied().unwrap_or_default()
}
