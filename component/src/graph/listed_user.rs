//! A user of the listing: what reports want of one, read without a tree between.

use serde::de::{DeserializeSeed, MapAccess};

use super::decode::{Json, Kind, Name, Nothing, Objects, Place, Read, Reader};
use super::json::Unread;
use super::texts::{Text, Texts};
use super::users;

/// The members that are wanted, in the order of [`ListedUser::member`].
const MEMBERS: [&str; 8] = [
    "id",
    "displayName",
    "userPrincipalName",
    "mail",
    "assignedLicenses",
    "assignedPlans",
    "provisionedPlans",
    "licenseAssignmentStates",
];

/// A user as far as reports show one, and the room to read the next one.
pub struct ListedUser {
    is_object: bool,
    id: Place,
    display_name: Place,
    user_principal_name: Place,
    mail: Place,
    licenses: Objects,
    assigned_plans: Objects,
    provisioned_plans: Objects,
    license_states: Objects,
}

/// The assignment of a licence; see [`users::LicenseState`].
#[derive(Clone, Copy)]
pub struct State {
    /// The SKU's id.
    pub sku_id: Text,
    /// The group's object id.
    pub group_id: Option<Text>,
    /// The state's name.
    pub state: Option<Text>,
    /// What is wrong.
    pub error: Option<Text>,
}

impl Default for ListedUser {
    fn default() -> Self {
        ListedUser {
            is_object: false,
            id: Place::default(),
            display_name: Place::default(),
            user_principal_name: Place::default(),
            mail: Place::default(),
            licenses: Objects::new(&["skuId"]),
            assigned_plans: Objects::new(&["service", "capabilityStatus"]),
            provisioned_plans: Objects::new(&["capabilityStatus", "provisioningStatus", "service"]),
            license_states: Objects::new(&["skuId", "assignedByGroup", "state", "error"]),
        }
    }
}

impl ListedUser {
    /// Reads the next user from `json` into the place of the one before. Texts that are the
    /// same for many users are kept in `texts`.
    ///
    /// # Errors
    /// It is no JSON.
    pub fn read(&mut self, json: &mut Json<'_>, texts: &mut Texts) -> serde_json::Result<()> {
        self.clear();
        Read(User { user: self, texts }).deserialize(json)
    }

    fn clear(&mut self) {
        self.is_object = false;
        for place in
            [&mut self.id, &mut self.display_name, &mut self.user_principal_name, &mut self.mail]
        {
            place.emptied();
        }
        for objects in [
            &mut self.licenses,
            &mut self.assigned_plans,
            &mut self.provisioned_plans,
            &mut self.license_states,
        ] {
            objects.clear();
        }
    }

    /// Whether it is a user with an id and readable licences, as [`users::User::with_licenses`]
    /// expects one.
    ///
    /// # Errors
    /// The licences are not there, or it is no user with an id.
    pub fn check(&self) -> Result<(), Unread> {
        match self.licenses.kind() {
            Kind::Missing if self.is_object => return Err(Unread::Hidden("assignedLicenses")),
            Kind::List => {}
            _ => return Err(Unread::Malformed),
        }
        let is_whole = !self.id().is_empty() && !self.licenses.texts().contains(&None);
        if is_whole { Ok(()) } else { Err(Unread::Malformed) }
    }

    /// The object id.
    pub fn id(&self) -> &str {
        self.id.get().unwrap_or_default()
    }

    /// The name that is shown.
    pub fn display_name(&self) -> Option<&str> {
        self.display_name.get()
    }

    /// The name to sign in with.
    pub fn user_principal_name(&self) -> Option<&str> {
        self.user_principal_name.get()
    }

    /// The mail address.
    pub fn mail(&self) -> Option<&str> {
        self.mail.get().filter(|mail| !mail.is_empty())
    }

    /// Whether the user has a licence.
    pub fn has_license(&self) -> bool {
        !self.licenses.texts().is_empty()
    }

    /// Of each assigned plan, the service's name and whether it can be used.
    pub fn assigned_plans(&self) -> &[Option<Text>] {
        self.assigned_plans.texts()
    }

    /// Of each plan that is set up, whether it can be used, how far setting it up has come, and
    /// the service's name.
    pub fn provisioned_plans(&self) -> &[Option<Text>] {
        self.provisioned_plans.texts()
    }

    /// The assignments of licences that the licences do not tell of by themselves.
    pub fn license_states<'a>(&'a self, texts: &'a Texts) -> impl Iterator<Item = State> + 'a {
        let (states, _) = self.license_states.texts().as_chunks();
        let read = states.iter().filter_map(|&[sku_id, group_id, state, error]| {
            let error = error.filter(|error| users::is_an_error(texts.get(*error)));
            Some(State { sku_id: sku_id?, group_id, state, error })
        });
        read.filter(|state| state.group_id.is_some() || state.is_error(texts))
    }

    /// The licences that the user has by a group: pairs of the SKU's id and the group's. See
    /// [`users::User::licenses_of_groups`].
    pub fn licenses_of_groups<'a>(
        &'a self,
        texts: &'a Texts,
    ) -> impl Iterator<Item = (Text, Text)> + 'a {
        self.license_states(texts)
            .filter(|state| users::is_active(state.state.map(|state| texts.get(state))))
            .filter(|state| self.has_license_of(state.sku_id, texts))
            .filter_map(|state| Some((state.sku_id, state.group_id?)))
    }

    /// Whether the user has a licence of the SKU `sku_id`.
    fn has_license_of(&self, sku_id: Text, texts: &Texts) -> bool {
        self.licenses.texts().iter().flatten().any(|license| {
            *license == sku_id || texts.get(*license).eq_ignore_ascii_case(texts.get(sku_id))
        })
    }
}

impl State {
    /// Whether the licence could not be assigned, or only in part.
    pub fn is_error(self, texts: &Texts) -> bool {
        self.error.is_some() || users::is_failed(self.state.map(|state| texts.get(state)))
    }
}

struct User<'a> {
    user: &'a mut ListedUser,
    texts: &'a mut Texts,
}

impl User<'_> {
    /// Reads the value of one of [`MEMBERS`], or passes over another one.
    fn member<'de, A: MapAccess<'de>>(
        &mut self,
        member: Option<usize>,
        members: &mut A,
    ) -> Result<(), A::Error> {
        let User { user, texts } = self;
        match member {
            Some(0) => members.next_value_seed(Read(user.id.emptied())),
            Some(1) => members.next_value_seed(Read(user.display_name.emptied())),
            Some(2) => members.next_value_seed(Read(user.user_principal_name.emptied())),
            Some(3) => members.next_value_seed(Read(user.mail.emptied())),
            Some(4) => members.next_value_seed(Read(user.licenses.reader(texts))),
            Some(5) => members.next_value_seed(Read(user.assigned_plans.reader(texts))),
            Some(6) => members.next_value_seed(Read(user.provisioned_plans.reader(texts))),
            Some(7) => members.next_value_seed(Read(user.license_states.reader(texts))),
            _ => members.next_value_seed(Read(Nothing)),
        }
    }
}

impl Reader for User<'_> {
    fn object<'de, A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        self.user.is_object = true;
        loop {
            let mut member = None;
            let name = Name { names: &MEMBERS, found: &mut member };
            if members.next_key_seed(Read(name))?.is_none() {
                return Ok(());
            }
            self.member(member, &mut members)?;
        }
    }
}
