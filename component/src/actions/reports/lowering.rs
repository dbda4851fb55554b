//! The users of a report as the canonical ABI has them: what users share is there once, and
//! each user points to it. A host reads a result and changes nothing of it, so lists and texts
//! may be the same memory.
//!
//! The generated code gives each user copies, since its types own their texts: a report on
//! 100,000 users took 79 MiB with them, and takes 13 MiB without. It still lowers all but the
//! users: it makes a result without users, and [`fill`] puts them in.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering::Relaxed};

use super::users::{Kept, Part, Reported, Users};
use crate::bindings::exports::connector::office365::reports::ReportedUser;
use crate::graph::texts::{List, Lists, Text};

/// A user, in words: the optional name, the address, the two lists of plans, the optional
/// lists of licences by groups and of errors.
const USER: usize = 15;

/// A field of an item in a list.
#[derive(Clone, Copy)]
enum Field {
    /// A text that is always there: its address and length.
    Text,
    /// A text that may be missing: 1 or 0 in the first byte before the same.
    OptionalText,
}

use Field::{OptionalText, Text as PlainText};

/// The fields of the contract's records, in their order.
const ASSIGNED_PLAN: &[Field] = &[OptionalText; 2];
const PROVISIONED_PLAN: &[Field] = &[OptionalText; 3];
const GROUP_LICENSE: &[Field] = &[PlainText; 2];
const LICENSE_ERROR: &[Field] = &[OptionalText, OptionalText, PlainText, OptionalText];

/// The users of a result in the canonical ABI, and all that they point to. A host has at most
/// one result of an instance at a time.
struct Lowered {
    /// The users one after the other.
    users: Vec<usize>,
    /// The lists that the users point to.
    _lists: [Vec<LoweredList>; 4],
    /// The texts that the lists point to.
    _shared: Vec<Box<str>>,
    /// The texts that the users point to.
    _own: Vec<Box<str>>,
}

/// A list in the canonical ABI.
struct LoweredList {
    items: Box<[usize]>,
    length: usize,
}

/// The users of the result that the host has.
static HELD: AtomicPtr<Lowered> = AtomicPtr::new(ptr::null_mut());

/// Lowers `users` and holds them for the result that is made next. That has no other users.
pub fn hold(users: Users) -> Vec<ReportedUser> {
    let (parts, kept) = users.into_parts();
    exchange(Box::into_raw(Box::new(lowered(parts, kept))));
    Vec::new()
}

/// Holds `lowered` in the place of what is held, which is freed.
fn exchange(lowered: *mut Lowered) {
    let before = HELD.swap(lowered, Relaxed);
    if !before.is_null() {
        // SAFETY: What is in `HELD` comes from `Box::into_raw` in `hold`, and is there no more.
        drop(unsafe { Box::from_raw(before) });
    }
}

/// Puts the users that are held into `result`, at its word `at`, if it is a success.
///
/// # Safety
/// `result` is what the generated code made of a result, and at its word `at` a success has
/// the list of its users.
pub unsafe fn fill(result: *mut u8, at: usize) {
    // SAFETY: The pointer in `HELD` is null or comes from `hold`. Nothing else refers to it.
    let held = unsafe { HELD.load(Relaxed).as_ref() };
    if let Some(Lowered { users, .. }) = held {
        // SAFETY: The caller says so; see below for the length.
        unsafe { set(result, at, users.as_ptr().expose_provenance(), users.len() / USER) };
    }
}

/// Frees the users of `result`, which has none afterwards. See [`fill`].
///
/// # Safety
/// As for [`fill`].
pub unsafe fn free(result: *mut u8, at: usize) {
    // SAFETY: The caller says so.
    unsafe { set(result, at, ptr::NonNull::<usize>::dangling().as_ptr().addr(), 0) };
    exchange(ptr::null_mut());
}

/// Sets the address and the length of the list at the word `at` of `result`, if it is a success.
///
/// # Safety
/// As for [`fill`].
unsafe fn set(result: *mut u8, at: usize, address: usize, length: usize) {
    // SAFETY: A result begins with a byte that is 0 for a success. It is aligned to words, and
    // the two words of the list are in it, as the caller says.
    unsafe {
        if *result == 0 {
            let list = result.cast::<usize>().add(at);
            list.write(address);
            list.add(1).write(length);
        }
    }
}

fn lowered(parts: Vec<Part>, kept: Kept) -> Lowered {
    let Kept { texts, assigned_plans, provisioned_plans, by_group, errors } = kept;
    let shared = texts.into_all();
    let lists = [
        lists(assigned_plans, ASSIGNED_PLAN, &shared),
        lists(provisioned_plans, PROVISIONED_PLAN, &shared),
        lists(by_group, GROUP_LICENSE, &shared),
        lists(errors, LICENSE_ERROR, &shared),
    ];
    let count: usize = parts.iter().map(Part::count).sum();
    let mut words = Vec::with_capacity(count.saturating_mul(USER));
    let own = parts.into_iter().map(|part| {
        for user in part.users() {
            add_user(&mut words, &user, &lists);
        }
        part.texts
    });
    let own = own.collect();
    Lowered { users: words, _lists: lists, _shared: shared, _own: own }
}

fn add_user(words: &mut Vec<usize>, user: &Reported<'_>, lists: &[Vec<LoweredList>; 4]) {
    let [assigned_plans, provisioned_plans, by_group, errors] = lists;
    words.extend(optional(user.display_name.map(text)));
    words.extend(text(user.email));
    words.extend(list(assigned_plans, user.row.assigned_plans));
    words.extend(list(provisioned_plans, user.row.provisioned_plans));
    words.extend(optional_list(by_group, user.row.by_group));
    words.extend(optional_list(errors, user.row.errors));
}

/// All of `lists`, whose items have the fields `fields`.
fn lists(lists: Lists, fields: &[Field], texts: &[Box<str>]) -> Vec<LoweredList> {
    let all = lists.into_all().into_iter();
    all.map(|list| lowered_list(&list, fields, texts)).collect()
}

fn lowered_list(list: &[Option<Text>], fields: &[Field], texts: &[Box<str>]) -> LoweredList {
    let words = list.iter().zip(fields.iter().cycle()).flat_map(|(field_text, field)| {
        let lowered = field_text.and_then(|text| texts.get(text.number())).map(|it| text(it));
        match field {
            PlainText => {
                let [address, length] = lowered.unwrap_or_else(|| text(""));
                [None, Some(address), Some(length)]
            }
            OptionalText => optional(lowered).map(Some),
        }
    });
    let length = list.len().checked_div(fields.len()).unwrap_or_default();
    LoweredList { items: words.flatten().collect(), length }
}

fn text(text: &str) -> [usize; 2] {
    [text.as_ptr().expose_provenance(), text.len()]
}

/// A value of two words that may be missing.
fn optional(value: Option<[usize; 2]>) -> [usize; 3] {
    // The words are in little-endian order, so the first byte of a word is its lowest.
    value.map_or([0; 3], |[first, second]| [1, first, second])
}

fn list(lists: &[LoweredList], list: List) -> [usize; 2] {
    lists.get(list.number()).map_or([align_of::<usize>(), 0], |list| {
        [list.items.as_ptr().expose_provenance(), list.length]
    })
}

/// A list that is missing where it is empty.
fn optional_list(lists: &[LoweredList], number: List) -> [usize; 3] {
    optional(Some(list(lists, number)).filter(|[_, length]| *length > 0))
}
