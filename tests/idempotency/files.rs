//! A file that is damaged, shared, in use or full.

use std::fs;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition};
use runner::serve::idempotency::{Begun, StoreError};

use super::store::{Expect, Place, answer};

type Entry = (&'static [u8; 32], u128, u64, Option<(u64, u16)>);
type Stored = (Vec<(&'static str, &'static [u8])>, &'static [u8]);

const ABOUT: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("about");
const ENTRIES: TableDefinition<'_, (&str, &str), Entry> = TableDefinition::new("entries");
const AGES: TableDefinition<'_, (u64, &str, &str), ()> = TableDefinition::new("ages");
const ANSWERED: TableDefinition<'_, (&str, u64), &str> = TableDefinition::new("answered");
const ANSWERS: TableDefinition<'_, (&str, u64), Stored> = TableDefinition::new("answers");
const USAGE: TableDefinition<'_, &str, (u64, u64)> = TableDefinition::new("usage");

/// The keys in a file that nobody has open.
pub fn keys(place: &Place) -> Vec<String> {
    let database = Database::open(place.file()).unwrap();
    let table = database.begin_read().unwrap().open_table(ENTRIES).unwrap();
    table.iter().unwrap().map(|row| row.unwrap().0.value().1.to_owned()).collect()
}

/// What a tenant's keys count for in it.
pub fn usage(place: &Place, tenant: &str) -> (u64, u64) {
    let database = Database::open(place.file()).unwrap();
    let table = database.begin_read().unwrap().open_table(USAGE).unwrap();
    table.get(tenant).unwrap().unwrap().value()
}

/// The digest of the one request in it.
pub fn digest(place: &Place) -> [u8; 32] {
    let database = Database::open(place.file()).unwrap();
    let table = database.begin_read().unwrap().open_table(ENTRIES).unwrap();
    *table.first().unwrap().unwrap().1.value().0
}

/// How many rows it has that are about keys.
pub fn rows(place: &Place) -> u64 {
    let database = Database::open(place.file()).unwrap();
    let read = database.begin_read().unwrap();
    read.open_table(ENTRIES).unwrap().len().unwrap()
        + read.open_table(AGES).unwrap().len().unwrap()
        + read.open_table(ANSWERED).unwrap().len().unwrap()
        + read.open_table(ANSWERS).unwrap().len().unwrap()
        + read.open_table(USAGE).unwrap().len().unwrap()
}

pub fn only_ours(directory: &Path) {
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn the_file_is_for_this_user_alone() {
    let place = Place::new();
    drop(place.open());
    assert_eq!((mode(&place.directory()), mode(&place.file())), (0o700, 0o600));
    fs::set_permissions(place.file(), fs::Permissions::from_mode(0o644)).unwrap();
    drop(place.open());
    assert_eq!(mode(&place.file()), 0o600);

    fs::set_permissions(place.directory(), fs::Permissions::from_mode(0o755)).unwrap();
    let error = place.refused();
    assert!(matches!(error, StoreError::Directory(_)), "{error}");
    assert!(error.fix().starts_with("Run chmod 700 "), "{}", error.fix());
}

#[tokio::test]
async fn one_has_it_at_a_time() {
    let place = Place::new();
    let store = place.open();
    let error = place.refused();
    assert!(matches!(error, StoreError::InUse { .. }), "{error}");
    assert!(error.fix().contains("a directory of its own"), "{}", error.fix());
    store.answer("key", "body", &answer("done")).await;
    drop(store);
    place.open();
}

#[tokio::test]
async fn what_is_no_file_is_refused() {
    let place = Place::new();
    fs::create_dir(place.directory()).unwrap();
    only_ours(&place.directory());
    fs::create_dir(place.file()).unwrap();
    let error = place.refused();
    assert!(error.to_string().contains("is a directory"), "{error}");
    assert!(error.fix().starts_with("Remove "), "{}", error.fix());

    fs::remove_dir(place.file()).unwrap();
    assert!(Command::new("mkfifo").arg(place.file()).status().unwrap().success());
    let error = place.refused();
    assert!(error.to_string().contains("a pipe"), "{error}");
}

/// A file of something else stays as it is.
#[tokio::test]
async fn what_is_no_store_is_refused() {
    let place = Place::new();
    fs::create_dir(place.directory()).unwrap();
    only_ours(&place.directory());
    for text in ["x", "no database", &"no database at all ".repeat(10_000)] {
        fs::write(place.file(), text).unwrap();
        let error = place.refused();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
        assert!(error.fix().contains("move"), "{}", error.fix());
        assert_eq!(fs::read_to_string(place.file()).unwrap(), text);
    }
    // An empty one is what a crash leaves before anything was written.
    fs::write(place.file(), "").unwrap();
    drop(place.open());
}

#[tokio::test]
async fn a_database_of_something_else_or_another_version_is_refused() {
    let place = Place::new();
    fs::create_dir(place.directory()).unwrap();
    only_ours(&place.directory());
    write(&place, |database| drop(database.open_table(USAGE).unwrap()));
    let error = place.refused();
    assert!(error.to_string().contains("a database of something else"), "{error}");

    write(&place, |database| {
        database.open_table(ABOUT).unwrap().insert("version", [7].as_slice()).unwrap();
    });
    let error = place.refused();
    assert!(matches!(error, StoreError::OtherVersion { found: 7, .. }), "{error}");
    assert!(error.fix().contains("version of the runner"), "{}", error.fix());

    write(&place, |database| {
        database.open_table(ABOUT).unwrap().insert("version", [1].as_slice()).unwrap();
    });
    let error = place.refused();
    assert!(error.to_string().contains("the key of its digests is missing"), "{error}");
}

fn write(place: &Place, change: impl FnOnce(&redb::WriteTransaction)) {
    let database = Database::create(place.file()).unwrap();
    let transaction = database.begin_write().unwrap();
    change(&transaction);
    transaction.commit().unwrap();
}

/// Wherever a byte is wrong, the file is refused or nothing of it is lost: never is an
/// answered key new again.
#[tokio::test]
async fn damage_is_found_or_does_no_harm() {
    let place = Place::new();
    let store = place.open();
    for turn in 0..20 {
        let key = format!("key-{turn}");
        store.answer(&key, &key, &answer(vec![b'x'; 3000])).await;
    }
    drop(store);
    let whole = fs::read(place.file()).unwrap();
    let mut refused = 0;
    for at in (0..whole.len()).step_by(509) {
        fs::write(place.file(), &whole).unwrap();
        let file = fs::OpenOptions::new().write(true).open(place.file()).unwrap();
        file.write_all_at(&[!whole[at]], at as u64).unwrap();
        refused += usize::from(refused_or_whole(&place, at).await);
    }
    for length in [1, 100, 4096, whole.len() / 2, whole.len() - 1] {
        fs::write(place.file(), &whole[..length]).unwrap();
        refused += usize::from(refused_or_whole(&place, length).await);
    }
    assert!(refused > 5, "only {refused} of the damages were found");
    println!("{refused} refused");
}

/// Whether it was refused.
async fn refused_or_whole(place: &Place, at: usize) -> bool {
    match super::store::Store::open(&place.directory(), Default::default()) {
        Err(StoreError::Damaged { .. } | StoreError::OtherVersion { .. }) => true,
        Err(error) => panic!("{at}: {error:?}"),
        Ok(store) => {
            for turn in 0..20 {
                let key = format!("key-{turn}");
                let begun = store.begin(&key, &key).await;
                assert!(!matches!(begun, Begun::First(_)), "{at}: {key} is new again");
            }
            false
        }
    }
}
