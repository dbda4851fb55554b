//! The users of a report, in little memory: texts and lists of texts are kept once, however
//! many users have them.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::group::Group;
use crate::graph::decode::Json;
use crate::graph::listed_user::ListedUser;
use crate::graph::page::{Items, Untaken};
use crate::graph::texts::{List, Lists, Text, Texts};

/// How many users a part has, so that no memory moves as their number grows.
const PART: usize = 512;

/// The users of a report, in the order in which Graph listed them.
pub struct Users {
    group: Group,
    read: ListedUser,
    kept: Kept,
    /// The last users, which are no whole part yet.
    last: Last,
    parts: Vec<Part>,
}

/// What users share.
#[derive(Default)]
pub struct Kept {
    /// The texts.
    pub texts: Texts,
    /// Of each assigned plan, the service's name and the status.
    pub assigned_plans: Lists,
    /// Of each provisioned plan, the statuses of use and of provisioning, and the service's name.
    pub provisioned_plans: Lists,
    /// Of each licence by a group, the group's id and the SKU's.
    pub by_group: Lists,
    /// Of each licence's error, what is wrong, the group's id, the SKU's id and the state.
    pub errors: Lists,
}

/// A user, without the texts that are of this user alone.
#[derive(Clone, Copy)]
pub struct Row {
    /// The length of the shown name, in bytes; none without one.
    display_name: Option<usize>,
    /// The length of the address, in bytes.
    email: usize,
    /// The assigned plans.
    pub assigned_plans: List,
    /// The provisioned plans.
    pub provisioned_plans: List,
    /// The licences by groups; empty where the contract has none.
    pub by_group: List,
    /// The licences' errors; empty where the contract has none.
    pub errors: List,
}

/// Some users one after the other.
pub struct Part {
    /// The shown name and the address of each user, one after the other.
    pub texts: Box<str>,
    rows: Box<[Row]>,
}

#[derive(Default)]
struct Last {
    texts: String,
    rows: Vec<Row>,
    /// Room to put a list together.
    list: Vec<Option<Text>>,
}

/// A user with the texts that are of this user alone.
pub struct Reported<'a> {
    /// The shown name.
    pub display_name: Option<&'a str>,
    /// The mail address, or what stands in for it.
    pub email: &'a str,
    /// The rest.
    pub row: Row,
}

impl Part {
    /// How many users there are.
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// The users.
    pub fn users(&self) -> impl Iterator<Item = Reported<'_>> {
        let mut rest = &*self.texts;
        let mut next = move |length: usize| {
            let (text, after) = rest.split_at_checked(length).unwrap_or_default();
            rest = after;
            text
        };
        self.rows.iter().map(move |row| Reported {
            display_name: row.display_name.map(&mut next),
            email: next(row.email),
            row: *row,
        })
    }
}

impl Users {
    /// Those of `group`, none of them yet.
    pub fn new(group: Group) -> Self {
        Users {
            group,
            read: ListedUser::default(),
            kept: Kept::default(),
            last: Last::default(),
            parts: Vec::new(),
        }
    }

    /// The users, and what they share.
    pub fn into_parts(mut self) -> (Vec<Part>, Kept) {
        self.parts.extend(self.last.part());
        (self.parts, self.kept)
    }
}

impl Items for Users {
    fn take(&mut self, json: &mut Json<'_>) -> Result<(), Untaken> {
        self.read.read(json, &mut self.kept.texts)?;
        self.read.check()?;
        if self.group.has(&self.read) {
            self.last.push(&self.read, &mut self.kept);
            if self.last.rows.len() >= PART {
                self.parts.extend(self.last.part());
            }
        }
        Ok(())
    }

    fn clear(&mut self) {
        self.parts.clear();
        self.last = Last::default();
    }
}

impl Last {
    /// Adds `user`. A user has a user principal name, so that the object id stands in for a
    /// mail address only where Graph left both out.
    fn push(&mut self, user: &ListedUser, kept: &mut Kept) {
        let email = user.mail().or(user.user_principal_name()).unwrap_or(user.id());
        self.texts.push_str(user.display_name().unwrap_or_default());
        self.texts.push_str(email);
        let row = Row {
            display_name: user.display_name().map(str::len),
            email: email.len(),
            assigned_plans: kept.assigned_plans.keep(user.assigned_plans()),
            provisioned_plans: kept.provisioned_plans.keep(user.provisioned_plans()),
            by_group: self.by_group(user, kept),
            errors: self.errors(user, kept),
        };
        self.rows.push(row);
    }

    fn by_group(&mut self, user: &ListedUser, kept: &mut Kept) -> List {
        let licenses = user.licenses_of_groups(&kept.texts);
        self.list.clear();
        self.list.extend(licenses.flat_map(|(sku_id, group_id)| [Some(group_id), Some(sku_id)]));
        kept.by_group.keep(&self.list)
    }

    fn errors(&mut self, user: &ListedUser, kept: &mut Kept) -> List {
        let texts = &kept.texts;
        let errors = user.license_states(texts).filter(|state| state.is_error(texts));
        self.list.clear();
        self.list.extend(
            errors.flat_map(|state| [state.error, state.group_id, Some(state.sku_id), state.state]),
        );
        kept.errors.keep(&self.list)
    }

    /// Its users as a part, without them afterwards.
    fn part(&mut self) -> Option<Part> {
        if self.rows.is_empty() {
            return None;
        }
        // Copies of just the size; the room is used again.
        let part = Part { texts: self.texts.as_str().into(), rows: self.rows.as_slice().into() };
        self.texts.clear();
        self.rows.clear();
        Some(part)
    }
}
